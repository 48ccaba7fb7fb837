package storage

import (
	"cmp"
	"math"
	"slices"
	"strings"
	"sync"
	"sync/atomic"

	"github.com/redshiftsim/redshiftsim/internal/vector"
)

// symbols is a table of up to 254 byte strings by which texts that hardly repeat are kept: a byte for each symbol, literal and a byte for what is none.
//
//	"furiously even deposits" -> [furiously ][even ][deposits]          3 bytes
//
// It is made of a sample of the texts, after the idea of FSST (Boncz, Neumann, Leis: Fast Random Access String Compression, VLDB 2020), with symbols of up to
// 16 bytes: long enough for words. Each text can be read alone, so a scan makes those rows that passed its predicates, and no others.
type symbols struct {
	n     int
	lens  [256]uint8
	bytes [256][maxSymbol]byte
	share float64 // bytes of the codes to those of the texts, of a zone that it was made for

	counted atomic.Bool // a group counts what the table holds
}

// hold is what the table holds in memory for the first who asks, and 0 for others.
func (t *symbols) hold() int {
	if t.counted.Swap(true) {
		return 0
	}
	return symbolBytes
}

const (
	maxSymbol  = 16
	maxSymbols = 254
	literal    = 255 // the next byte is itself
)

// symbolBytes is what a table holds in memory.
const symbolBytes = 256 * (maxSymbol + 1)

// expand appends the text of codes to dst, which has room for it and for maxSymbol bytes more, and gives its end.
func (t *symbols) expand(dst []byte, n int, codes []byte) int {
	for i := 0; i < len(codes); i++ {
		c := codes[i]
		if c == literal {
			i++
			dst[n] = codes[i]
			n++
			continue
		}
		*(*[maxSymbol]byte)(dst[n:]) = t.bytes[c]
		n += int(t.lens[c])
	}
	return n
}

// Training.
const (
	sampleBytes = 32 << 10 // of the texts that a table is made of
	rounds      = 20       // at most: symbols may double in each, to 16 bytes in five; in the others those go that longer ones have made rare
	enough      = 0.997    // a round that leaves so much of the codes is the last
	seldom      = 6        // a pair that comes less often makes no symbol
	alphabet    = 512      // codes of symbols, and 256 + a byte for those that have none
)

// trainer counts symbols and pairs of symbols of a sample.
type trainer struct {
	packer packer
	ones   [alphabet]int
	pairs  [alphabet * alphabet]uint16
	seen   []int32 // pairs that are not 0
}

var trainers = sync.Pool{New: func() any { return new(trainer) }}

// candidate is a byte string that may become a symbol, and the bytes of the sample that it would stand for.
type candidate struct {
	text string
	gain int
}

// train makes a table of a sample of texts: in each round, of what the table so far makes of the sample, the symbols and pairs of symbols that stand for
// the most bytes.
func train(texts []string) *symbols {
	t := trainers.Get().(*trainer)
	defer trainers.Put(t)
	sample := sampleOf(texts)
	best, least := new(symbols), math.MaxInt
	for table, round := best, 0; round < rounds; round++ {
		t.packer.use(table)
		size := t.count(sample)
		if size < least {
			best = table
		}
		if float64(size) > enough*float64(least) {
			break
		}
		least = min(least, size)
		table = t.choose()
	}
	return best
}

// sampleOf takes texts from all over, about sampleBytes.
func sampleOf(texts []string) []string {
	total := 0
	for _, t := range texts {
		total += len(t)
	}
	step := max(1, total/sampleBytes)
	out := make([]string, 0, len(texts)/step+1)
	for i := 0; i < len(texts); i += step {
		out = append(out, texts[i][:min(len(texts[i]), sampleBytes)])
	}
	return out
}

// count counts what the table makes of the sample, and gives the bytes of its codes.
func (t *trainer) count(sample []string) (size int) {
	for _, k := range t.seen {
		t.pairs[k] = 0
	}
	t.seen = t.seen[:0]
	clear(t.ones[:])
	for _, text := range sample {
		last, b := -1, t.packer.padded(text)
		for left := len(text); left > 0; {
			c, n := t.packer.code(b)
			at := int(c)
			if c == literal {
				at = 256 + int(b[0])
			}
			t.ones[at]++
			size++
			if c == literal {
				size++
			}
			if n > 1 { // the byte may do without it
				t.ones[256+int(b[0])]++
			}
			if last >= 0 {
				k := int32(last*alphabet + at)
				if t.pairs[k] == 0 {
					t.seen = append(t.seen, k)
				}
				if t.pairs[k] < 1<<16-1 {
					t.pairs[k]++
				}
			}
			last, b, left = at, b[n:], left-n
		}
	}
	return size
}

// text is the byte string of a code of the alphabet.
func (t *trainer) text(code int) []byte {
	if code >= 256 {
		return []byte{byte(code)}
	}
	return t.packer.table.bytes[code][:t.packer.table.lens[code]]
}

// choose makes the next table. A single byte spares its literal's mark each time, and is there for what no longer symbol serves: it counts more.
func (t *trainer) choose() *symbols {
	gains := map[string]int{}
	for code, n := range t.ones {
		if n > 0 {
			s := t.text(code)
			switch len(s) {
			case 1:
				n *= 3
			case 2: // there are many, and they keep words out
				n = n * 2 / 3
			}
			gains[string(s)] += n * len(s)
		}
	}
	var joined [2 * maxSymbol]byte
	for _, k := range t.seen {
		n := int(t.pairs[k])
		if n < seldom {
			continue
		}
		s := append(append(joined[:0], t.text(int(k)/alphabet)...), t.text(int(k)%alphabet)...)
		if len(s) <= maxSymbol {
			gains[string(s)] += n * len(s)
		}
	}
	list := make([]candidate, 0, len(gains))
	for text, gain := range gains {
		if strings.IndexByte(text, separator) < 0 {
			list = append(list, candidate{text, gain})
		}
	}
	slices.SortFunc(list, func(a, b candidate) int { return cmp.Or(cmp.Compare(b.gain, a.gain), cmp.Compare(a.text, b.text)) })
	next := new(symbols)
	var slots slotCounts
	for _, c := range list {
		if next.n == maxSymbols {
			break
		}
		if !slots.take(c.text) {
			continue
		}
		next.lens[next.n] = uint8(copy(next.bytes[next.n][:], c.text))
		next.n++
	}
	return next
}

// share is the part of its bytes that a zone's codes take under the packer's table.
func (p *packer) share(zone []string) float64 {
	had, raw := len(p.codes), 0
	for _, t := range zone {
		raw += len(t)
	}
	p.codes = p.zone(p.codes, zone)
	n := len(p.codes) - had
	p.codes = p.codes[:had]
	return float64(n) / float64(max(raw, 1))
}

// learnt are the tables of symbols that a writer's slices have made, by column: one slice's are tried by the others before they make their own.
type learnt struct {
	mu     sync.Mutex
	tables map[int]*symbols
}

// worn is how much more than the texts that a table was made of, to those under it, others may take.
const worn = 1.15

// wellPacked says whether a table serves texts of raw bytes, whose codes have size.
func wellPacked(size, raw int, t *symbols) bool { return float64(size) <= worn*t.share*float64(raw) }

// learn gives the packer symbols for a group of texts of a column: last, the writer's latest, or new ones; of those that there are it takes what serves a zone
// about as well as the texts that it was made of.
func (l *learnt) learn(p *packer, last *symbols, column int, vals, zone []string) *symbols {
	serves := func(t *symbols) bool {
		if t == nil {
			return false
		}
		p.use(t)
		return p.share(zone) <= worn*t.share
	}
	if serves(last) {
		return last
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if t := l.tables[column]; t != last && serves(t) {
		return t
	}
	t := train(vals)
	p.use(t)
	t.share = p.share(zone)
	if l.tables == nil {
		l.tables = map[int]*symbols{}
	}
	l.tables[column] = t
	return t
}

// text is the text of one row; for edges, not for hot loops.
func (c *column) text(z, row int) string {
	m := &c.zones[z]
	end := func(r int) int {
		switch {
		case r < 0:
			return 0
		case m.form == packed16:
			return int(c.u16[int(m.off)+r])
		}
		return int(c.u32[int(m.off)+r])
	}
	codes := c.packed[int(m.base)+end(row-1) : int(m.base)+end(row)]
	buf := make([]byte, maxSymbol*(len(codes)+1))
	return string(buf[:c.symbols.expand(buf, 0, codes)])
}

// unpack writes the texts of the rows of a zone (sel; nil = all) to out, which has one for each row of the zone. buf is used for the bytes, and given back; they
// are copied into one string, that lives as long as somebody has one of the texts.
func (c *column) unpack(z, rows int, sel []uint16, out []string, buf []byte) []byte {
	m := &c.zones[z]
	off := int(m.off)
	codes := c.packed[m.base:]
	need := int(m.lo) + maxSymbol
	if 4*len(sel) < rows && sel != nil { // a few rows: as much as their codes can stand for
		need = min(need, maxSymbol*(1+codesOf(c, m.form, off, sel)))
	}
	if cap(buf) < need {
		buf = make([]byte, need)
	}
	buf = buf[:cap(buf)]
	if m.form == packed16 {
		unpackRows(c.symbols, codes, c.u16[off:off+rows], sel, out, buf)
	} else {
		unpackRows(c.symbols, codes, c.u32[off:off+rows], sel, out, buf)
	}
	return buf
}

// codesOf is the number of code bytes of the rows listed of a zone whose ends begin at off.
func codesOf(c *column, f form, off int, sel []uint16) (n int) {
	end := func(i int) int {
		if f == packed16 {
			return int(c.u16[i])
		}
		return int(c.u32[i])
	}
	for _, r := range sel {
		n += end(off + int(r))
		if r > 0 {
			n -= end(off + int(r) - 1)
		}
	}
	return n
}

// unpackAll writes the texts of codes to out, of which ends says where each ends; buf is used for the bytes, and given back.
func unpackAll(t *symbols, codes []byte, ends []uint32, out []string, buf []byte) []byte {
	if need := maxSymbol * (len(codes) + 1); cap(buf) < need {
		buf = make([]byte, need)
	}
	buf = buf[:cap(buf)]
	unpackRows(t, codes, ends, nil, out, buf)
	return buf
}

func unpackRows[E uint16 | uint32](t *symbols, codes []byte, ends []E, sel []uint16, out []string, buf []byte) {
	switch {
	case sel == nil:
		unpackWhole(t, codes, ends, out, buf)
	case len(sel) <= fewTexts: // to clear room for a batch would cost more than to make them
		var few [fewTexts]uint32
		unpackSome(t, codes, ends, sel, out, buf, few[:])
	default:
		var lens [vector.Size]uint32
		unpackSome(t, codes, ends, sel, out, buf, lens[:])
	}
}

// unpackWhole is unpackRows of all rows.
func unpackWhole[E uint16 | uint32](t *symbols, codes []byte, ends []E, out []string, buf []byte) {
	var lens [vector.Size]uint32
	n, from := 0, 0
	for i, e := range ends {
		was := n
		n = t.expand(buf, n, codes[from:e])
		lens[i], from = uint32(n-was), int(e)
	}
	all := string(buf[:n])
	at := uint32(0)
	for i := range ends {
		out[i] = all[at : at+lens[i]]
		at += lens[i]
	}
}

// fewTexts are few texts to unpack at a time.
const fewTexts = 16

// unpackSome is unpackRows of the rows listed; lens is room for the length of each.
func unpackSome[E uint16 | uint32](t *symbols, codes []byte, ends []E, sel []uint16, out []string, buf []byte, lens []uint32) {
	n := 0
	for i, r := range sel {
		from := E(0)
		if r > 0 {
			from = ends[r-1]
		}
		was := n
		n = t.expand(buf, n, codes[from:ends[r]])
		lens[i] = uint32(n - was)
	}
	all := string(buf[:n])
	at := uint32(0)
	for i, r := range sel {
		out[r] = all[at : at+lens[i]]
		at += lens[i]
	}
}
