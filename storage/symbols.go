package storage

import (
	"cmp"
	"encoding/binary"
	"slices"
	"sync"
	"sync/atomic"

	"github.com/redshiftsim/redshiftsim/internal/vector"
)

// symbols is a table of up to 255 byte strings by which texts that hardly repeat are kept: a byte for each symbol, literal and a byte for what is none.
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
	maxSymbol = 16
	literal   = 255 // the next byte is itself
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

// packer finds the symbols of texts. It belongs to one writer.
//
//	three[hash of 3 bytes] -> the longest symbol that begins so -> next -> ...     two[2 bytes]     one[byte]         literal = none
//	                          (side by side in heads)
type packer struct {
	table *symbols
	three [1 << hashBits]uint16 // place in heads of the first; 0 = none
	heads [257]head
	one   [256]uint8
	two   [1 << 16]uint8

	// scratch of a text, and of a group
	pad   []byte
	ends  []uint32 // of the zone at hand
	codes []byte
	short []uint16
	long  []uint32
}

var packers = sync.Pool{New: func() any { return new(packer) }}

// padBytes are copied at a time to be packed: they stay in the processor's nearest cache.
const padBytes = 4 << 10

// hashBits is the width of hash3.
const hashBits = 12

// hash3 is the slot of the first three of eight bytes.
func hash3(w uint64) uint32 { return uint32(w) << 8 * 2654435761 >> (32 - hashBits) }

// use makes a table the packer's.
func (p *packer) use(t *symbols) {
	p.table = t
	clear(p.three[:])
	for _, list := range [][]uint8{p.one[:], p.two[:]} {
		for i := range list {
			list[i] = literal
		}
	}
	var order [256]uint8 // by slot; in a slot those of most bytes first
	slot := func(c uint8) uint32 { return hash3(word(t.bytes[c][:])) }
	n := 0
	for c := range uint8(t.n) {
		switch s := &t.bytes[c]; t.lens[c] {
		case 1:
			p.one[s[0]] = c
		case 2:
			p.two[uint16(s[0])|uint16(s[1])<<8] = c
		default:
			order[n] = c
			n++
		}
	}
	slices.SortStableFunc(order[:n], func(a, b uint8) int { return cmp.Or(cmp.Compare(slot(a), slot(b)), cmp.Compare(t.lens[b], t.lens[a])) })
	for i, c := range order[:n] {
		at := i + 1
		p.heads[at] = headOf(t.bytes[c][:t.lens[c]])
		p.heads[at].code = c
		p.heads[at].end = i+1 == n || slot(order[i+1]) != slot(c)
		if at == 1 || p.heads[at-1].end {
			p.three[slot(c)] = uint16(at)
		}
	}
}

// padded copies a text to where maxSymbol bytes may be read from each of its bytes on.
func (p *packer) padded(text string) []byte {
	if need := len(text) + maxSymbol; cap(p.pad) < need {
		p.pad = make([]byte, 2*need)
	}
	b := p.pad[:len(text)+maxSymbol]
	copy(b, text)
	return b
}

// code is the longest symbol at the begin of b, of which the first left bytes are text; literal when there is none.
func (p *packer) code(b []byte, left int) (c uint8, length int) {
	w := word(b)
	if at := p.three[hash3(w)]; at != 0 {
		for ; ; at++ {
			h := &p.heads[at]
			if (w^h.first)&h.firstMask == 0 && int(h.length) <= left && (h.lastMask == 0 || (word(b[8:])^h.last)&h.lastMask == 0) {
				return h.code, int(h.length)
			}
			if h.end {
				break
			}
		}
	}
	return p.few(w, left)
}

// few is the symbol of two bytes or one, literal when there is none.
func (p *packer) few(w uint64, left int) (c uint8, length int) {
	if c := p.two[uint16(w)]; c != literal && left > 1 {
		return c, 2
	}
	return p.one[byte(w)], 1
}

// pack appends the codes of the first so many bytes of b, behind which there are maxSymbol more.
func (p *packer) pack(dst, b []byte, end int) []byte {
	n := len(dst)
	dst = slices.Grow(dst, 2*end)
	dst = dst[:n+2*end]
next:
	for at := 0; at < end; {
		w := word(b[at:]) // what follows is code, which is too large to be inlined
		if k := p.three[hash3(w)]; k != 0 {
			for {
				h := &p.heads[k]
				if (w^h.first)&h.firstMask == 0 && (h.lastMask == 0 || (word(b[at+8:])^h.last)&h.lastMask == 0) && int(h.length) <= end-at {
					dst[n] = h.code
					n++
					at += int(h.length)
					continue next
				}
				if h.end {
					break
				}
				k++
			}
		}
		c, k := p.few(w, end-at)
		dst[n] = c
		n++
		if c == literal {
			dst[n] = byte(w)
			n++
		}
		at += k
	}
	return dst[:n]
}

// word is the first eight bytes of b.
func word(b []byte) uint64 { return binary.LittleEndian.Uint64(b) }

// head is a symbol as two words, and which of their bytes count.
type head struct {
	first, firstMask, last, lastMask uint64
	length, code                     uint8
	end                              bool // the last of its slot
}

func headOf(symbol []byte) (h head) {
	var b [maxSymbol]byte
	copy(b[:], symbol)
	h.first, h.last, h.length = word(b[:8]), word(b[8:]), uint8(len(symbol))
	h.firstMask = ^uint64(0)
	if n := len(symbol); n < 8 {
		h.firstMask = 1<<(8*n) - 1
	} else {
		h.lastMask = 1<<(8*(n-8)) - 1 // of 16 bytes: a shift by 64 is 0, less 1 all of them
	}
	return h
}

// Training.
const (
	sampleBytes = 32 << 10 // of the texts that a table is made of
	rounds      = 12       // symbols may double in each, to 16 bytes in five; in the others those go that longer ones have made rare
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
	table := new(symbols)
	for range rounds {
		t.packer.use(table)
		t.count(sample)
		table = t.choose()
	}
	return table
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

// count counts what the table makes of the sample.
func (t *trainer) count(sample []string) {
	for _, k := range t.seen {
		t.pairs[k] = 0
	}
	t.seen = t.seen[:0]
	clear(t.ones[:])
	for _, text := range sample {
		last, b := -1, t.packer.padded(text)
		for left := len(text); left > 0; {
			c, n := t.packer.code(b, left)
			at := int(c)
			if c == literal {
				at = 256 + int(b[0])
			}
			t.ones[at]++
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
		list = append(list, candidate{text, gain})
	}
	slices.SortFunc(list, func(a, b candidate) int { return cmp.Or(cmp.Compare(b.gain, a.gain), cmp.Compare(a.text, b.text)) })
	next := new(symbols)
	for _, c := range list[:min(len(list), literal)] {
		next.lens[next.n] = uint8(copy(next.bytes[next.n][:], c.text))
		next.n++
	}
	return next
}

// zone appends the codes of a zone's texts, and notes in p.ends where each ends. Texts are copied some at a time to where maxSymbol bytes may be read from each
// of their bytes on: one that was copied the moment before would be read slowly.
func (p *packer) zone(codes []byte, texts []string) []byte {
	p.ends = p.ends[:0]
	start := len(codes)
	for len(texts) > 0 {
		some := 0
		b := p.pad[:0]
		for ; some < len(texts) && len(b) < padBytes; some++ {
			b = append(b, texts[some]...)
		}
		p.pad = append(b, make([]byte, maxSymbol)...)
		b = p.pad
		for _, t := range texts[:some] {
			codes = p.pack(codes, b, len(t))
			p.ends = append(p.ends, uint32(len(codes)-start))
			b = b[len(t):]
		}
		texts = texts[some:]
	}
	return codes
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

// learn gives the packer symbols for a group of texts of a column: last, the writer's latest, or new ones; of those that there are it takes what serves a zone
// about as well as the texts that it was made of.
func (l *learnt) learn(p *packer, last *symbols, column int, vals, zone []string) *symbols {
	serves := func(t *symbols) bool {
		if t == nil {
			return false
		}
		p.use(t)
		return p.share(zone) <= 1.15*t.share
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
