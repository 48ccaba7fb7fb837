package hashtable

import (
	"github.com/redshiftsim/redshiftsim/internal/types"
	"github.com/redshiftsim/redshiftsim/internal/vector"
)

// codes remembers the groups of dictionary codes and other small domains while batches share them:
//
//	flag Dict {A,N,R}, status Dict {F,O}     code = flag + 4*status (one more for NULL)     groups[code] -> group+2
//
// A code's group is looked up once, with the values that it stands for.
type codes struct {
	domains []domain
	size    int      // product of the domains
	groups  []uint32 // by code: 0 = not looked up yet, 1 = Missing, else group+2
	seen    bool     // groups stands for domains; a large domain must come twice before it does
	rows    []uint16
	comb    []uint32 // by row: its code
	fresh   []uint32 // codes that are looked up now, and their groups
	founds  []uint32
}

// domain is what the codes of a key column mean.
type domain struct {
	form vector.Form
	dict *vector.Vector
	base int64
	same types.Datum // of a constant
	size int
}

// Sizes of domains: up to codesCheap a table of codes is made at once; up to codesMost when the same domains come again.
const (
	codesCheap = 1 << 12
	codesMost  = 1 << 18
)

// coded looks rows up by code, when all key columns have codes of small domains; else it is false.
func (l *Lookup) coded(keys []*vector.Vector, sel []uint16, out []uint32, add bool) bool {
	for _, k := range keys {
		if k.Form == vector.Flat || k.Form == vector.Narrow && (k.U8 == nil || len(keys) == 1) {
			return false
		}
	}
	c := &l.codes
	if !c.fits(keys, len(out)) {
		return false
	}
	comb := c.combine(keys, sel, len(out))
	groups := c.groups
	low := uint32(2)
	for i, k := range comb {
		g := groups[k]
		out[i] = g - 2
		low = min(low, g)
	}
	if low == 0 {
		l.learn(keys, sel, comb, add)
		for i, k := range comb {
			out[i] = groups[k] - 2
		}
	}
	return true
}

// fits says whether there is a table for the keys' codes; it makes one when their domains are new.
func (c *codes) fits(keys []*vector.Vector, n int) bool {
	same := len(c.domains) == len(keys)
	size := 1
	if !same {
		c.domains = make([]domain, len(keys))
	}
	for i, k := range keys {
		d := domain{form: k.Form, size: 257}
		switch k.Form {
		case vector.Dict:
			d.dict, d.size = k.Dict, k.Dict.Len+1
		case vector.Narrow:
			d.base = k.Base
		default:
			d.same, d.size = k.Get(0), 1
		}
		same = same && c.domains[i] == d
		c.domains[i] = d
		if size *= d.size; size > codesMost {
			c.domains, c.seen = c.domains[:0], false
			return false
		}
	}
	if same && c.seen {
		return true
	}
	if c.size = size; size > codesCheap && size > 2*n && !same {
		c.seen = false
		return false
	}
	c.seen = true
	if cap(c.groups) < size {
		c.groups = make([]uint32, size)
	}
	c.groups = c.groups[:size]
	clear(c.groups)
	return true
}

// combine gives each row's code over all keys.
func (c *codes) combine(keys []*vector.Vector, sel []uint16, n int) []uint32 {
	comb := room(&c.comb, n)
	factor := uint32(1)
	first := true
	for i, k := range keys {
		size := uint32(c.domains[i].size)
		switch {
		case k.Form == vector.Const:
			continue
		case k.U8 != nil:
			addCodes(comb, k.U8, sel, factor, first)
		case k.U16 != nil:
			addCodes(comb, k.U16, sel, factor, first)
		default:
			addCodes(comb, k.U32, sel, factor, first)
		}
		first = false
		if k.Nulls != nil {
			for j := range comb {
				if r := row(sel, j); k.Null(r) {
					comb[j] += (size - 1 - k.Code(r)) * factor
				}
			}
		}
		factor *= size
	}
	return comb
}

// addCodes adds codes times factor; the first column sets.
func addCodes[C uint8 | uint16 | uint32](comb []uint32, codes []C, sel []uint16, factor uint32, first bool) {
	switch {
	case sel != nil && first:
		sel = sel[:len(comb)]
		for i, r := range sel {
			comb[i] = uint32(codes[r])
		}
	case sel != nil:
		sel = sel[:len(comb)]
		for i, r := range sel {
			comb[i] += uint32(codes[r]) * factor
		}
	case first:
		codes = codes[:len(comb)]
		for i, x := range codes {
			comb[i] = uint32(x)
		}
	default:
		codes = codes[:len(comb)]
		for i, x := range codes {
			comb[i] += uint32(x) * factor
		}
	}
}

// learn looks up the codes that are new, each by one row that has it.
func (l *Lookup) learn(keys []*vector.Vector, sel []uint16, comb []uint32, add bool) {
	c := &l.codes
	rows, fresh := room(&c.rows, len(comb))[:0], room(&c.fresh, len(comb))[:0]
	for i, k := range comb {
		if c.groups[k] == 0 {
			c.groups[k] = 1 // for now: the next row of this code need not be looked at
			rows, fresh = append(rows, uint16(row(sel, i))), append(fresh, k)
		}
	}
	found := room(&c.founds, len(rows))
	l.plain(keys, rows, len(rows), found, add)
	for i, g := range found {
		c.groups[fresh[i]] = g + 2
	}
}
