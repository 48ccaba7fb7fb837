package storage

import (
	"encoding/binary"
	"slices"
	"sync"
)

// packer finds the symbols of texts. It belongs to one writer.
//
//	w = the next bytes      four[hash of 4 bytes] -> two heads (symbols of 4 bytes and more, the longer first)
//	                        three[hash of 3]      -> one symbol of 3 bytes
//	                        two[2]                -> a symbol of 2 bytes or 1, literal, textEnd
//
// What comes next is hard to foretell, so the loop over codes has no branch: it looks at all that may come and selects. Two streams of texts are packed at the
// same time, for each step waits for the one before. What has no room in the slots is no symbol.
type packer struct {
	table *symbols
	two   [1 << 16]uint8          // code of a symbol of 2 bytes or 1, literal or textEnd
	steps [256]step               // of these
	three [1 << hashBits]uint32   // a symbol of 3 bytes, and its code
	four  [1 << hashBits]uint8    // place in heads
	heads [maxSymbols + 1][2]head // symbols of 4 bytes and more; the first are none

	// scratch of a text, and of a group
	pad     []byte
	streams [2]stream
	ends    []uint32 // of the zone at hand
	codes   []byte
	short   []uint16
	long    []uint32
}

var packers = sync.Pool{New: func() any { return new(packer) }}

// separator stands behind each text while it is packed: no symbol has it. textEnd is what two has of it.
const (
	separator = 0
	textEnd   = literal - 1
)

// hashBits is the width of hash3.
const hashBits = 12

// hash3 and hash4 are the slots of the first three and four of eight bytes.
func hash3(w uint64) uint32 { return uint32(w) << 8 * 2654435761 >> (32 - hashBits) }
func hash4(w uint64) uint32 { return uint32(w) * 2654435761 >> (32 - hashBits) }

// slotCounts says how many symbols lie in each slot of a packer: one of three bytes, and two of more.
type slotCounts struct{ three, four [1 << hashBits]uint8 }

// take makes room for a symbol; false = there is none.
func (s *slotCounts) take(symbol string) bool {
	var b [8]byte
	copy(b[:], symbol)
	n, most := &s.four[hash4(word(b[:]))], uint8(2)
	switch {
	case len(symbol) < 3:
		return true
	case len(symbol) == 3:
		n, most = &s.three[hash3(word(b[:]))], 1
	}
	if *n == most {
		return false
	}
	*n++
	return true
}

// step is what a symbol adds to the state of a stream: its length, the bytes that are written for it and the texts that end with it, 16 bits each; its code is
// the highest byte.
type step uint64

const (
	emitted  = 16 // bits below the bytes that were written
	finished = 32 // bits below the texts that have finished
	coded    = 56 // bits below the code

	literalStep   step = literal<<coded | 2<<emitted | 1
	separatorStep step = 1<<finished | 1
)

func stepOf(code, length uint8) step { return step(code)<<coded | 1<<emitted | step(length) }

// head is a symbol as two words, and which of their bytes count.
type head struct {
	first, firstMask, last, lastMask uint64
	step                             step
}

func headOf(symbol []byte, code uint8) (h head) {
	var b [maxSymbol]byte
	copy(b[:], symbol)
	h.first, h.last, h.step = word(b[:8]), word(b[8:]), stepOf(code, uint8(len(symbol)))
	h.firstMask = ^uint64(0)
	if n := len(symbol); n < 8 {
		h.firstMask = 1<<(8*n) - 1
	} else {
		h.lastMask = 1<<(8*(n-8)) - 1 // of 16 bytes: a shift by 64 is 0, less 1 all of them
	}
	return h
}

// noHead fits nothing: its first bit is set, and counts for none.
var noHead = head{first: 1}

// differs is 0 when the symbol begins words w and x.
func (h *head) differs(w, x uint64) uint64 {
	return (w&h.firstMask ^ h.first) | (x&h.lastMask ^ h.last)
}

// or is the symbol's step when it begins words w and x, else s; it has no branch.
func (h *head) or(s step, w, x uint64) step {
	d := h.differs(w, x)
	return h.step ^ (h.step^s)&step(int64(d|-d)>>63)
}

// use makes a table the packer's.
func (p *packer) use(t *symbols) {
	if p.table == t {
		return
	}
	p.table = t
	for i := range p.three {
		p.three[i] = textEnd << 24 // three separators
	}
	clear(p.four[:])
	p.heads[0] = [2]head{noHead, noHead}
	var one [256]uint8
	for i := range one {
		one[i] = literal
	}
	one[separator] = textEnd
	p.steps[literal], p.steps[textEnd] = literalStep, separatorStep
	for c := range uint8(t.n) {
		p.steps[c] = stepOf(c, t.lens[c])
		if t.lens[c] == 1 {
			one[t.bytes[c][0]] = c
		}
	}
	for i := range 256 {
		copy(p.two[i<<8:], one[:])
	}
	few := uint8(1)
	for c := range uint8(t.n) {
		w := word(t.bytes[c][:])
		switch h := headOf(t.bytes[c][:t.lens[c]], c); t.lens[c] {
		case 1:
		case 2:
			p.two[uint16(w)] = c
		case 3:
			p.three[hash3(w)] = uint32(w) | uint32(c)<<24
		default:
			at := &p.four[hash4(w)]
			if *at == 0 {
				*at = few
				p.heads[few] = [2]head{h, noHead}
				few++
				continue
			}
			two := &p.heads[*at]
			if two[1] = h; two[0].step&0xFFFF < h.step&0xFFFF {
				two[0], two[1] = two[1], two[0]
			}
		}
	}
}

// next is the longest symbol with which words w and x begin.
func (p *packer) next(w, x uint64) step {
	h := &p.heads[p.four[hash4(w)]]
	return h[0].or(h[1].or(p.upTo3(w), w, x), w, x)
}

// upTo3 is the longest symbol of at most three bytes.
func (p *packer) upTo3(w uint64) step {
	c, e := uint32(p.two[uint16(w)]), p.three[hash3(w)]
	d := (e ^ uint32(w)) << 8
	c ^= (c ^ e>>24) & ^uint32(int32(d|-d)>>31)
	return p.steps[uint8(c)]
}

// stream is some texts, a separator behind each, and what becomes of them.
type stream struct {
	in    [streamBytes + 2*maxSymbol]byte
	out   [2*streamBytes + 2]byte
	ends  [streamTexts]uint32
	size  step // bytes of the texts
	texts int
}

// A stream is so short that it stays in the processor's nearest cache.
const (
	streamBytes = 1 << 12
	streamTexts = 1 << 10
)

// fill takes the first texts that have room, no more when it has share bytes, and gives their number.
func (a *stream) fill(texts []string, share int) int {
	at := 0
	a.texts = 0
	for _, t := range texts {
		if at >= share || len(t) >= streamBytes-at || a.texts == streamTexts {
			break
		}
		at += copy(a.in[at:], t)
		a.in[at] = separator
		at++
		a.texts++
	}
	a.size = step(at)
	clear(a.in[at : at+2*maxSymbol])
	return a.texts
}

// pack packs the streams.
func (p *packer) pack() {
	a, b := &p.streams[0], &p.streams[1]
	s, t := step(0), step(0)
	for s&0xFFFF < a.size && t&0xFFFF < b.size { // what follows is next, twice, which is too large to be inlined
		w1, x1 := a.at(s)
		k1 := p.upTo3(w1)
		hk1 := &p.heads[p.four[hash4(w1)]]
		k1 = hk1[0].or(hk1[1].or(k1, w1, x1), w1, x1)
		w2, x2 := b.at(t)
		k2 := p.upTo3(w2)
		hk2 := &p.heads[p.four[hash4(w2)]]
		k2 = hk2[0].or(hk2[1].or(k2, w2, x2), w2, x2)
		s, t = a.write(s, k1, w1), b.write(t, k2, w2)
	}
	a.size, b.size = p.rest(a, s), p.rest(b, t)
}

// rest packs what is left of a stream.
func (p *packer) rest(a *stream, s step) step {
	for s&0xFFFF < a.size {
		w, x := a.at(s)
		s = a.write(s, p.next(w, x), w)
	}
	return s
}

// at gives the bytes that come next.
func (a *stream) at(s step) (w, x uint64) {
	in := (*[16]byte)(a.in[s%streamBytes : s%streamBytes+16])
	return binary.LittleEndian.Uint64(in[:8]), binary.LittleEndian.Uint64(in[8:])
}

// write writes a symbol, whose text w begins with, and gives the state behind it.
func (a *stream) write(s, symbol step, w uint64) step {
	to := s >> emitted % (2 * streamBytes)
	a.out[to], a.out[to+1] = uint8(symbol>>coded), uint8(w)
	row := s >> finished % streamTexts
	s += symbol & (1<<coded - 1)
	a.ends[row] = uint32(s>>emitted) & 0xFFFF
	return s
}

// zone appends the codes of a zone's texts, and notes in p.ends where each ends.
func (p *packer) zone(codes []byte, texts []string) []byte {
	start := len(codes)
	p.ends = slices.Grow(p.ends[:0], len(texts))
	size := len(texts)
	for _, t := range texts {
		size += len(t)
	}
	share := size/(2*(1+size/(2*streamBytes))) + 1 // so that both streams are as long, the last ones too
	for len(texts) > 0 {
		n := p.streams[0].fill(texts, share)
		m := p.streams[1].fill(texts[n:], share)
		if n == 0 { // it is too long
			codes = p.careful(codes, texts[:1], start)
			texts = texts[1:]
			continue
		}
		p.pack()
		codes = p.take(codes, &p.streams[0], texts[:n], start)
		codes = p.take(codes, &p.streams[1], texts[n:n+m], start)
		texts = texts[n+m:]
	}
	return codes
}

// take appends what became of a stream of texts.
func (p *packer) take(codes []byte, a *stream, texts []string, start int) []byte {
	if int(a.size>>finished) != len(texts) { // separators are in them
		return p.careful(codes, texts, start)
	}
	n := len(codes) - start
	codes = append(codes, a.out[:a.size>>emitted&0xFFFF]...)
	for _, e := range a.ends[:len(texts)] {
		p.ends = append(p.ends, e+uint32(n))
	}
	return codes
}

// careful is zone for texts that are long, or in which separators stand.
func (p *packer) careful(codes []byte, texts []string, start int) []byte {
	for _, t := range texts {
		b := p.padded(t)
		for at := 0; at < len(t); {
			c, n := p.code(b[at:])
			if codes = append(codes, c); c == literal {
				codes = append(codes, b[at])
			}
			at += n
		}
		p.ends = append(p.ends, uint32(len(codes)-start))
	}
	return codes
}

// padded copies a text to where maxSymbol zeros follow, which no symbol has.
func (p *packer) padded(text string) []byte {
	if need := len(text) + maxSymbol; cap(p.pad) < need {
		p.pad = make([]byte, 2*need)
	}
	b := p.pad[:len(text)+maxSymbol]
	clear(b[copy(b, text):])
	return b
}

// code is the longest symbol at the begin of what padded gave; literal when there is none.
func (p *packer) code(b []byte) (c uint8, length int) {
	s := p.next(word(b), word(b[8:]))
	if s == separatorStep {
		s = literalStep
	}
	return uint8(s >> coded), int(s & 0xFFFF)
}

// word is the first eight bytes of b.
func word(b []byte) uint64 { return binary.LittleEndian.Uint64(b) }
