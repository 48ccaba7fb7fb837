package unload

import (
	"io"
	"time"

	"github.com/dsnet/compress/bzip2"
	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zstd"

	"github.com/redshiftsim/redshiftsim/engine/load"
)

// output is one file on its way into the bucket.
//
//	write -> compressor -> counted -> object
type output struct {
	job    *Job
	object io.WriteCloser
	packer io.WriteCloser // nil = it is not compressed
	bytes  int64          // that the object has
	err    error          // the first of the object
	file   File
}

// zstdWindow is how far Zstandard looks back: the library's 8 MB would hold 18 MB a file.
const zstdWindow = 1 << 20

// packerBytes is what a compressor holds, measured.
func packerBytes(c load.Compression) int64 {
	switch c {
	case load.Gzip:
		return 1 << 20
	case load.Bzip2:
		return 13 << 20
	case load.Zstd:
		return 3 << 20
	case load.None, load.Lzop:
	}
	return 0
}

// create begins a file.
func (j *Job) create(slice int, key string) (*output, error) {
	o := &output{job: j, file: File{Slice: slice, URL: j.url(key), Start: time.Now().UTC()}}
	var err error
	if o.object, err = j.store.Create(j.ctx, key); err != nil {
		return nil, load.StoreError(o.file.URL, err)
	}
	j.mu.Lock()
	j.open[o] = true
	j.mu.Unlock()
	switch j.Options.Compression {
	case load.Gzip:
		o.packer, err = gzip.NewWriterLevel((*counted)(o), gzip.DefaultCompression)
	case load.Bzip2:
		o.packer, err = bzip2.NewWriter((*counted)(o), nil)
	case load.Zstd:
		o.packer, err = zstd.NewWriter((*counted)(o), zstd.WithEncoderConcurrency(1), zstd.WithWindowSize(zstdWindow), zstd.WithLowerEncoderMem(true))
	case load.None, load.Lzop:
	}
	return o, err
}

// counted counts what the object of an output gets, and keeps its error.
type counted output

// Write writes on.
func (c *counted) Write(p []byte) (int, error) {
	if c.err != nil {
		return 0, c.err
	}
	n, err := c.object.Write(p)
	c.bytes += int64(n)
	c.err = err
	return n, err
}

// Write adds to the file, uncompressed.
func (o *output) Write(p []byte) (n int, err error) {
	if o.packer != nil {
		n, err = o.packer.Write(p)
	} else {
		n, err = (*counted)(o).Write(p)
	}
	if err != nil {
		return n, load.StoreError(o.file.URL, err)
	}
	return n, nil
}

// close ends the file: it is there when no error is given.
func (o *output) close() error {
	var err error
	if o.packer != nil {
		err = o.packer.Close()
	}
	if err != nil { // Abort gives the object up
		return load.StoreError(o.file.URL, err)
	}
	j := o.job
	j.mu.Lock()
	delete(j.open, o)
	j.mu.Unlock()
	if err := o.object.Close(); err != nil {
		return load.StoreError(o.file.URL, err)
	}
	o.file.Bytes, o.file.End = o.bytes, time.Now().UTC()
	j.mu.Lock()
	j.files = append(j.files, o.file)
	j.mu.Unlock()
	j.rows.Add(o.file.Rows)
	return nil
}

// slack is how much of a compressed file may still be in the compressor: a block of bzip2 is the largest.
const slack = MB

// room is how many bytes the file may still get.
func (o *output) room() int64 {
	n := o.job.Options.MaxFileSize - o.bytes
	if o.packer != nil {
		n -= slack
	}
	return n
}
