package bench

import (
	"context"
	"testing"
)

// BenchmarkOLTP is what a statement of one row costs, with its allocations. Every run is a round of its own: the key of a table is not enforced, and a
// benchmark may run its rounds many times (-count). The rows that a round deletes are put there before its time begins.
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
	round := 0
	run := func(b *testing.B, name string) {
		for _, q := range (OLTP{Ops: b.N}).Queries(t) {
			if q.Name == name {
				if _, err := q.Measured(ctx, db, round); err != nil {
					b.Fatal(err)
				}
			}
		}
	}
	for _, q := range w.Queries(t) {
		if q.Measured == nil { // the updates between
			if err := q.Do(ctx, db, 0); err != nil {
				b.Fatal(err)
			}
			continue
		}
		b.Run(q.Name, func(b *testing.B) {
			b.ReportAllocs()
			round++
			if q.Name == "delete" {
				run(b, "insert")
			}
			b.ResetTimer()
			run(b, q.Name)
		})
	}
}
