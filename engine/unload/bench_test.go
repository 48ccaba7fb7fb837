package unload

import (
	"context"
	"fmt"
	"io"
	"testing"
	"time"

	"github.com/redshiftsim/redshiftsim/engine/load"
	"github.com/redshiftsim/redshiftsim/internal/types"
	"github.com/redshiftsim/redshiftsim/internal/vector"
)

// nowhere is a bucket that keeps nothing.
type nowhere struct{ load.ObjectStore }

func (nowhere) List(context.Context, string) ([]load.Object, error) { return nil, nil }

func (nowhere) Create(context.Context, string) (io.WriteCloser, error) {
	return discard{io.Discard}, nil
}

type discard struct{ io.Writer }

func (discard) Close() error { return nil }

// lineitem is a batch of TPC-H's largest table, as a scan gives it: small numbers as codes, texts of few values as a dictionary.
func lineitem() ([]Column, *vector.Batch) {
	var cols []Column
	b := &vector.Batch{Len: vector.Size}
	add := func(name string, t types.Type, v *vector.Vector) {
		v.Type, v.Len = t, vector.Size
		cols, b.Columns = append(cols, Column{name, t}), append(b.Columns, v)
	}
	number := func(name string, t types.Type, base, step, mod int64) {
		v := &vector.Vector{Form: vector.Narrow, U32: make([]uint32, vector.Size), Base: base}
		for i := range v.U32 {
			v.U32[i] = uint32(int64(i) * step % mod)
		}
		add(name, t, v)
	}
	words := func(name string, t types.Type, list ...string) {
		d := vector.New(t, len(list))
		copy(d.Texts, list)
		v := &vector.Vector{Form: vector.Dict, U8: make([]uint8, vector.Size), Dict: d}
		for i := range v.U8 {
			v.U8[i] = uint8(i * 7 % len(list))
		}
		add(name, t, v)
	}
	number("l_orderkey", types.TInt8, 1000000, 1, 1<<30)
	number("l_partkey", types.TInt4, 1, 7919, 200000)
	number("l_suppkey", types.TInt4, 1, 7919, 10000)
	number("l_linenumber", types.TInt4, 1, 1, 7)
	number("l_quantity", types.TNumeric(12, 2), 100, 100, 5000)
	number("l_extendedprice", types.TNumeric(12, 2), 90000, 791999, 9500000)
	number("l_discount", types.TNumeric(12, 2), 0, 1, 11)
	number("l_tax", types.TNumeric(12, 2), 0, 1, 9)
	words("l_returnflag", types.TChar(1), "A", "N", "R")
	words("l_linestatus", types.TChar(1), "F", "O")
	number("l_shipdate", types.TDate, -2900, 7, 2500)
	number("l_commitdate", types.TDate, -2900, 11, 2500)
	number("l_receiptdate", types.TDate, -2900, 13, 2500)
	words("l_shipinstruct", types.TChar(25), "DELIVER IN PERSON", "COLLECT COD", "NONE", "TAKE BACK RETURN")
	words("l_shipmode", types.TChar(10), "AIR", "FOB", "MAIL", "RAIL", "REG AIR", "SHIP", "TRUCK")
	comment := vector.New(types.TVarchar(44), vector.Size)
	for i := range comment.Texts {
		comment.Texts[i] = "carefully final deposits detect slyly agai"[i%20:]
	}
	add("l_comment", types.TVarchar(44), comment)
	return cols, b
}

// BenchmarkUnload writes lineitem; MB/s are of files before compression, of one slice.
func BenchmarkUnload(b *testing.B) {
	cols, batch := lineitem()
	text := writeAll(b, load.Delimited, func(*Options) {}, cols, batch, 1)
	for _, c := range []struct {
		name string
		f    load.Format
		set  func(o *Options)
	}{
		{"text", load.Delimited, func(*Options) {}},
		{"escape", load.Delimited, func(o *Options) { o.Escape = true }},
		{"csv", load.CSV, func(o *Options) { o.Delimiter = ',' }},
		{"json", load.JSON, func(*Options) {}},
		{"zstd", load.Delimited, func(o *Options) { o.Compression = load.Zstd }},
		{"gzip", load.Delimited, func(o *Options) { o.Compression = load.Gzip }},
		{"parquet", load.Parquet, func(*Options) {}},
	} {
		b.Run(c.name, func(b *testing.B) {
			b.SetBytes(text) // so that formats can be compared
			b.ReportAllocs()
			writeAll(b, c.f, c.set, cols, batch, b.N)
		})
	}
}

// writeAll writes a batch n times and gives the bytes of the files.
func writeAll(t testing.TB, f load.Format, set func(*Options), cols []Column, batch *vector.Batch, n int) (bytes int64) {
	t.Helper()
	o := Defaults()
	o.Format = f
	set(&o)
	j := New(o, "s3://m/x", time.UTC)
	if err := j.Describe(cols, nil); err != nil {
		t.Fatal(err)
	}
	if err := j.Prepare(context.Background(), func(string) (load.ObjectStore, bool) { return nowhere{}, true }); err != nil {
		t.Fatal(err)
	}
	defer j.Abort()
	w, err := j.Open(0)
	if err != nil {
		t.Fatal(err)
	}
	for range n {
		if err := w.Write(batch); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	if j.Rows() != int64(n*batch.Len) {
		t.Fatal(fmt.Sprint(j.Rows(), " rows"))
	}
	for _, f := range j.Files() {
		bytes += f.Bytes
	}
	return bytes
}

// TestNoAllocationPerRow holds the writers to allocations by batch and by file, not by row or value.
func TestNoAllocationPerRow(t *testing.T) {
	cols, batch := lineitem()
	for _, f := range []load.Format{load.Delimited, load.CSV, load.JSON} {
		once := testing.AllocsPerRun(3, func() { writeAll(t, f, func(*Options) {}, cols, batch, 1) })
		often := testing.AllocsPerRun(3, func() { writeAll(t, f, func(*Options) {}, cols, batch, 21) })
		if per := (often - once) / 20; per > 8 {
			t.Errorf("%s: %.0f allocations a batch", f, per)
		}
	}
}
