package load

import (
	"math/rand/v2"
	"testing"
)

// TestPlainText compares with a look at byte after byte.
func TestPlainText(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	special := []byte{'"', '\\', 0, 1, 9, 10, 31, 32, 33, 0x21, 0x23, 0x5b, 0x5d, 0x7f, 0x80, 0x9f, 0xa0, 0xa2, 0xdc, 0xff}
	for range 200_000 {
		b := make([]byte, r.IntN(40))
		for i := range b {
			if b[i] = byte(r.IntN(256)); r.IntN(2) == 0 {
				b[i] = special[r.IntN(len(special))]
			}
			if r.IntN(3) > 0 && (b[i] == '"' || b[i] == '\\' || b[i] < ' ') {
				b[i] = 'x'
			}
		}
		from := r.IntN(len(b) + 1)
		want := from
		for want < len(b) && b[want] != '"' && b[want] != '\\' && b[want] >= ' ' {
			want++
		}
		if got := plainText(b, from); got != want {
			t.Fatalf("%q from %d: %d, want %d", b, from, got, want)
		}
	}
}
