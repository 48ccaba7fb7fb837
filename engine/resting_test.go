package engine

import (
	"fmt"
	"sync"
	"testing"

	"github.com/redshiftsim/redshiftsim/internal/types"
)

// TestResting: sessions that run one plan side by side, with one run of it at rest between them, each get their own rows, also those who leave off in the middle.
func TestResting(t *testing.T) {
	c := New(Config{})
	run(t, connect(t, c, ""), "create table points (id int, v varchar(20)) distkey(id) sortkey(id)")
	writer := connect(t, c, "")
	for i := range 200 {
		run(t, writer, fmt.Sprintf("insert into points values (%d, 'point %d')", i, i))
	}
	var wg sync.WaitGroup
	for k := range 4 {
		s := connect(t, c, "")
		wg.Go(func() {
			for i := range 300 {
				id := (i*7 + k*50) % 200
				want := fmt.Sprintf("point %d", id)
				r, err := s.Query(t.Context(), fmt.Sprintf("select v from points where id = %d", id), nil)
				if err != nil {
					t.Error(err)
					return
				}
				b, err := r.Next()
				if err != nil || b == nil || b.Rows() != 1 {
					t.Errorf("point %d: %v", id, err)
					return
				}
				row := 0
				if b.Sel != nil {
					row = int(b.Sel[0])
				}
				if d := b.Columns[0].Get(row); d.Text != want || d.Type.Kind != types.Varchar {
					t.Errorf("point %d: %q", id, d.Text)
				}
				if i%3 == 0 {
					if b, err = r.Next(); b != nil || err != nil {
						t.Errorf("point %d: more rows, %v", id, err)
					}
				}
				if err := r.Close(); err != nil {
					t.Error(err)
				}
			}
		})
	}
	wg.Go(func() {
		for i := range 100 {
			if n, err := writer.Exec(t.Context(), fmt.Sprintf("update points set v = 'point ' || id where id = %d", i), nil); n != 1 || err != nil {
				t.Errorf("UPDATE %d, %v", n, err)
			}
		}
	})
	wg.Wait()
}
