package bench

import (
	"context"
	"testing"
)

// BenchmarkOLTP is what a statement of one row costs, with its allocations.
func BenchmarkOLTP(b *testing.B) {
	t := engine(b.TempDir())
	db, err := t.Open()
	if err != nil {
		b.Fatal(err)
	}
	defer db.Close()
	w := OLTP{Ops: 1}
	ctx := context.Background()
	if err := w.Prepare(ctx, t, db); err != nil {
		b.Fatal(err)
	}
	for _, q := range w.Queries(t) {
		if q.Measured == nil {
			continue
		}
		b.Run(q.Name, func(b *testing.B) {
			b.ReportAllocs()
			ww := OLTP{Ops: b.N}
			for _, x := range ww.Queries(t) {
				if x.Name == q.Name {
					b.ResetTimer()
					if _, err := x.Measured(ctx, db, b.N%100000); err != nil {
						b.Fatal(err)
					}
				}
			}
		})
	}
}
