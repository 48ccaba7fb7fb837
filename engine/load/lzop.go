package load

import (
	"bufio"
	"encoding/binary"
	"errors"
	"hash/adler32"
	"hash/crc32"
	"io"
)

// lzopMagic begins each file of lzop.
const lzopMagic = "\x89LZO\x00\r\n\x1a\n"

// Flags of an lzop header: which checksums stand before a block, and what else the header has.
const (
	lzopAdlerPlain  = 0x1
	lzopAdlerPacked = 0x2
	lzopExtra       = 0x40
	lzopCRCPlain    = 0x100
	lzopCRCPacked   = 0x200
	lzopFilter      = 0x800
	lzopCRCHeader   = 0x1000
)

// maxLzopBlock bounds a block; lzop writes 256 KB.
const maxLzopBlock = 64 << 20

var errLzop = errors.New("invalid LZOP data")

// lzop reads what the program lzop writes: a header, then blocks of LZO1X data with their sizes and checksums, the last one empty. Several files may
// stand one behind the other.
type lzop struct {
	in    *bufio.Reader
	flags uint32
	begun bool
	raw   []byte
	plain []byte
	rest  []byte // of plain
}

func newLzop(in io.Reader) (*lzop, error) {
	l := &lzop{in: bufio.NewReaderSize(in, chunk/4)}
	if err := l.header(); err != nil {
		return nil, err
	}
	return l, nil
}

// Read gives decompressed bytes.
func (l *lzop) Read(p []byte) (int, error) {
	for len(l.rest) == 0 {
		if !l.begun {
			if _, err := l.in.Peek(1); err == io.EOF {
				return 0, io.EOF
			}
			if err := l.header(); err != nil {
				return 0, err
			}
		}
		if err := l.block(); err != nil {
			return 0, err
		}
	}
	n := copy(p, l.rest)
	l.rest = l.rest[n:]
	return n, nil
}

// header reads magic, version, library, [needed], method, [level], flags, [filter], mode, time, [time], name, checksum.
func (l *lzop) header() error {
	var magic [len(lzopMagic)]byte
	if _, err := io.ReadFull(l.in, magic[:]); err != nil || string(magic[:]) != lzopMagic {
		return errLzop
	}
	var head []byte
	more := func(n int) []byte {
		at := len(head)
		head = append(head, make([]byte, n)...)
		if _, err := io.ReadFull(l.in, head[at:]); err != nil {
			head = head[:at]
			return nil
		}
		return head[at:]
	}
	b := more(4)
	if b == nil {
		return errLzop
	}
	version := binary.BigEndian.Uint16(b)
	n := 1 // method
	if version >= 0x940 {
		n = 4 // version needed, method, level
	}
	if more(n) == nil {
		return errLzop
	}
	if b = more(4); b == nil {
		return errLzop
	}
	l.flags = binary.BigEndian.Uint32(b)
	n = 8 // mode, time
	if l.flags&lzopFilter != 0 {
		n += 4
	}
	if version >= 0x940 {
		n += 4
	}
	if more(n) == nil {
		return errLzop
	}
	if b = more(1); b == nil {
		return errLzop
	}
	if n = int(b[0]); n > 0 && more(n) == nil {
		return errLzop
	}
	want, err := l.word()
	sum := adler32.Checksum(head)
	if l.flags&lzopCRCHeader != 0 {
		sum = crc32.ChecksumIEEE(head)
	}
	if err != nil || sum != want || l.flags&lzopFilter != 0 {
		return errLzop
	}
	if l.flags&lzopExtra != 0 {
		n, err := l.word()
		if err != nil {
			return errLzop
		}
		if _, err := io.CopyN(io.Discard, l.in, int64(n)+4); err != nil {
			return errLzop
		}
	}
	l.begun = true
	return nil
}

// word reads a number of 32 bits.
func (l *lzop) word() (uint32, error) {
	var b [4]byte
	if _, err := io.ReadFull(l.in, b[:]); err != nil {
		return 0, errLzop
	}
	return binary.BigEndian.Uint32(b[:]), nil
}

// block reads and decompresses the next block.
func (l *lzop) block() error {
	size, err := l.word()
	if err != nil {
		return err
	}
	if size == 0 {
		l.begun = false
		return nil
	}
	packed, err := l.word()
	if err != nil || size > maxLzopBlock || packed > size {
		return errLzop
	}
	var sums [4]uint32
	for i, flag := range []uint32{lzopAdlerPlain, lzopCRCPlain, lzopAdlerPacked, lzopCRCPacked} {
		if l.flags&flag == 0 || i >= 2 && packed == size {
			continue
		}
		if sums[i], err = l.word(); err != nil {
			return err
		}
	}
	if uint32(cap(l.raw)) < packed {
		l.raw = make([]byte, packed)
	}
	l.raw = l.raw[:packed]
	if _, err := io.ReadFull(l.in, l.raw); err != nil {
		return errLzop
	}
	l.rest = l.raw
	if packed < size {
		if uint32(cap(l.plain)) < size {
			l.plain = make([]byte, size)
		}
		l.plain = l.plain[:size]
		if n, ok := lzo1x(l.plain, l.raw); !ok || n != len(l.plain) {
			return errLzop
		}
		l.rest = l.plain
	}
	if l.flags&lzopAdlerPlain != 0 && adler32.Checksum(l.rest) != sums[0] || l.flags&lzopCRCPlain != 0 && crc32.ChecksumIEEE(l.rest) != sums[1] {
		return errLzop
	}
	return nil
}

// lzo1x decompresses src into dst and gives the number of bytes.
//
//	instruction  literals before it      meaning
//	0000LLLL     none                    3+L literals; L = 0: zero bytes follow, each is 255 more
//	0000DDSS     1 to 3                  match of 2 bytes, distance 1..1024
//	0000DDSS     4 and more              match of 3 bytes, distance 2049..3072
//	0001HLLL     any                     match of 2+L bytes, distance 16384..; distance 16384 ends the data
//	001LLLLL     any                     match of 2+L bytes, distance 1..16384
//	LLLDDDSS     any                     match of 1+L bytes, distance 1..2048
//
// S literals follow a match. https://docs.kernel.org/staging/lzo.html
func lzo1x(dst, src []byte) (n int, ok bool) {
	i, before := 0, 0
	literals := func(k int) bool {
		if k > len(src)-i || k > len(dst)-n {
			return false
		}
		n += copy(dst[n:n+k], src[i:i+k])
		i += k
		return true
	}
	// long reads a length whose bits in the instruction were zero.
	long := func(length, base int) (int, bool) {
		if length > 0 {
			return length, true
		}
		for ; i < len(src); i++ {
			if src[i] != 0 {
				i++
				return length + base + int(src[i-1]), true
			}
			if length += 255; length > len(dst) {
				break
			}
		}
		return 0, false
	}
	if len(src) > 0 && src[0] > 17 {
		k := int(src[0]) - 17
		i = 1
		if !literals(k) {
			return n, false
		}
		before = min(k, 4)
	}
	for i < len(src) {
		t := int(src[i])
		i++
		var length, distance, after int
		switch {
		case t < 16 && before == 0:
			if length, ok = long(t, 15); !ok || !literals(length+3) {
				return n, false
			}
			before = 4
			continue
		case t < 16 || t >= 64:
			if i >= len(src) {
				return n, false
			}
			next := int(src[i])
			i++
			after = t & 3
			switch {
			case t >= 64:
				length, distance = t>>5+1, next<<3+t>>2&7+1
			case before == 4:
				length, distance = 3, next<<2+t>>2+2049
			default:
				length, distance = 2, next<<2+t>>2+1
			}
		default:
			mask, far := 31, 1
			if t < 32 {
				mask, far = 7, t&8<<11+16384
			}
			if length, ok = long(t&mask, mask); !ok || i+2 > len(src) {
				return n, false
			}
			v := int(binary.LittleEndian.Uint16(src[i:]))
			i += 2
			length, distance, after = length+2, far+v>>2, v&3
			if t < 32 && distance == 16384 {
				return n, i == len(src)
			}
		}
		if distance > n || length > len(dst)-n {
			return n, false
		}
		for range length {
			dst[n] = dst[n-distance]
			n++
		}
		if !literals(after) {
			return n, false
		}
		before = after
	}
	return n, false
}
