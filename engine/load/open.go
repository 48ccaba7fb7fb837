package load

import (
	"compress/bzip2"
	"compress/gzip"
	"io"

	"github.com/klauspost/compress/zstd"
)

// opened is an object with its decompressor.
type opened struct {
	io.Reader
	close func() error
}

// Close closes the decompressor and the object.
func (o opened) Close() error { return o.close() }

// counted adds what is read to n.
type counted struct {
	io.Reader
	n *int64
}

// Read reads on.
func (c counted) Read(p []byte) (int, error) {
	n, err := c.Reader.Read(p)
	*c.n += int64(n)
	return n, err
}

// open opens an object, undoes its compression and turns its characters into UTF-8. The bytes that are read before that are added to stored.
func (j *Job) open(f *File, stored *int64) (io.ReadCloser, error) {
	rc, err := f.store.Open(j.ctx, f.Name)
	if err != nil {
		return nil, storeError(f.URL(), err)
	}
	o := &j.Options
	packed := j.packed(f)
	if packed == None && o.Encoding == UTF8 {
		return rc, nil
	}
	in, end := io.Reader(counted{rc, stored}), rc.Close
	switch packed {
	case None:
		// as it is
	case Gzip:
		in, err = gzip.NewReader(in)
	case Bzip2:
		in = bzip2.NewReader(in)
	case Lzop:
		in, err = newLzop(in)
	case Zstd:
		var d *zstd.Decoder
		if d, err = zstd.NewReader(in, zstd.WithDecoderConcurrency(1), zstd.WithDecoderMaxMemory(maxZstd)); err == nil {
			in, end = d, func() error {
				d.Close()
				return rc.Close()
			}
		}
	}
	if err != nil {
		_ = rc.Close() // the first error is the one to tell
		return nil, decompressError(f.URL(), err)
	}
	return opened{decoded(in, o.Encoding), end}, nil
}

// maxZstd bounds the window of a ZSTD file.
const maxZstd = 512 << 20

// String names the compression as COPY does.
func (c Compression) String() string {
	return [...]string{"none", "GZIP", "BZIP2", "LZOP", "ZSTD"}[c]
}
