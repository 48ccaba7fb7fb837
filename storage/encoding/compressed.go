package encoding

import (
	"fmt"
	"math"
	"sync"

	"github.com/klauspost/compress/s2"
	"github.com/klauspost/compress/zstd"

	"github.com/redshiftsim/redshiftsim/internal/vector"
)

// LZO and ZSTD compress the plain bytes of the values. LZO is written by S2, a codec of the same family (byte-aligned Lempel-Ziv without entropy
// coding): its sizes are estimates. See docs/decisions/0005.
// https://docs.aws.amazon.com/redshift/latest/dg/lzo-encoding.html

// sampleBytes bounds what is compressed to find a ratio: a block's first values stand for the rest.
const sampleBytes = 64 << 10

// compressed counts LZO and ZSTD by the ratio of a sample, taken once per Sizer.
func (s *Sizer) compressed(v *vector.Vector) int64 {
	plain := s.plain(v)
	if s.ratio == 0 {
		s.ratio = s.sample(v)
	}
	return int64(math.Ceil(float64(plain) * s.ratio))
}

// sample compresses the first values.
func (s *Sizer) sample(v *vector.Vector) float64 {
	o := Sizer{kind: Raw, typ: s.typ, fix: s.fix, out: out{keep: true}}
	for i := 0; i < v.Len && len(o.out.sections[0]) < sampleBytes; i++ {
		o.putPlain(0, v, i)
	}
	buf := o.out.sections[0]
	if len(buf) == 0 {
		return 1
	}
	return min(1, max(float64(len(compress(s.kind, buf)))/float64(len(buf)), 0.001))
}

// zstds are the encoder and the decoder of ZSTD, made when first needed; both serve all goroutines.
var zstds = sync.OnceValues(func() (*zstd.Encoder, *zstd.Decoder) {
	e, err := zstd.NewWriter(nil, zstd.WithEncoderConcurrency(1), zstd.WithEncoderLevel(zstd.SpeedFastest), zstd.WithLowerEncoderMem(true))
	if err != nil {
		panic(err) // the options are constants
	}
	d, err := zstd.NewReader(nil, zstd.WithDecoderConcurrency(1), zstd.WithDecoderMaxMemory(maxBlockBytes))
	if err != nil {
		panic(err)
	}
	return e, d
})

// maxBlockBytes bounds what a block may decompress to.
const maxBlockBytes = 1 << 30

// compress compresses bytes by LZO or ZSTD.
func compress(k Kind, plain []byte) []byte {
	if k == LZO {
		return s2.Encode(nil, plain)
	}
	e, _ := zstds()
	return e.EncodeAll(plain, nil)
}

// decompress is the inverse of compress.
func decompress(k Kind, b []byte) ([]byte, error) {
	if k == LZO {
		n, err := s2.DecodedLen(b)
		if err == nil && n > maxBlockBytes {
			err = fmt.Errorf("%d bytes", n)
		}
		if err != nil {
			return nil, err
		}
		return s2.Decode(nil, b)
	}
	_, d := zstds()
	return d.DecodeAll(b, nil)
}
