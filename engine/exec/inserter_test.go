package exec

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"reflect"
	"strings"
	"testing"

	"github.com/redshiftsim/redshiftsim/internal/sqlstate"
	"github.com/redshiftsim/redshiftsim/internal/types"
	"github.com/redshiftsim/redshiftsim/storage"
)

// valuesInto makes INSERT .. VALUES as it is compiled: the rows are computed on slice 0.
func valuesInto(t testing.TB, topo storage.Topology, rows []row) *Program {
	p := placeFrom(topo, 1, OnOneSlice, literals(t, rows))
	if !p.Inserts() {
		t.Fatal("an Inserter does not run it")
	}
	return p
}

// slicesOf prints the rows of each slice, in the order in which they lie.
func (tb *table) slicesOf(t testing.TB) string {
	t.Helper()
	var b strings.Builder
	for s := range tb.topo.Slices() {
		fmt.Fprintf(&b, "slice %d\n", s)
		scan := tb.view().Scan(s, &storage.ScanSpec{Columns: []int{0, 1, 2, 3, 4, 5}})
		for {
			batch := batchOf(nil, nil)
			ok, err := scan.Next(batch)
			if err != nil {
				t.Fatal(err)
			}
			if !ok {
				break
			}
			for _, r := range rowsOf(batch) {
				fmt.Fprintln(&b, r)
			}
		}
		scan.Close()
	}
	return b.String()
}

// differs says in what two reports differ, times and, since one may guess them from a sample, bytes that a scan read aside; "" = in nothing.
func differs(a, b *Report) string {
	x, y := a.Whole(), b.Whole()
	if len(x.Steps) != len(y.Steps) {
		return fmt.Sprintf("%d steps, %d", len(x.Steps), len(y.Steps))
	}
	for i, s := range x.Steps {
		o := y.Steps[i]
		if s.Label == "scan" && s.Bytes > o.Bytes*9/10 && s.Bytes < o.Bytes*11/10 {
			s.Bytes = o.Bytes
		}
		if s.Start, s.End = o.Start, o.End; s != o {
			return fmt.Sprintf("%+v\n%+v", s, o)
		}
	}
	if !reflect.DeepEqual(x.Moves, y.Moves) {
		return fmt.Sprintf("%+v\n%+v", x.Moves, y.Moves)
	}
	return ""
}

// TestInserter: statement after statement, an Inserter leaves the rows on the slices and in the order, and says in the report, what the general road does.
func TestInserter(t *testing.T) {
	for _, topo := range topologies {
		for _, style := range []storage.DistStyle{storage.Even, storage.Key, storage.All, storage.AutoAll, storage.AutoEven} {
			t.Run(fmt.Sprintf("%dx%d/%v", topo.Nodes, topo.SlicesPerNode, style), func(t *testing.T) {
				budget := storage.NewBudget(1 << 30)
				one, other := newTable(topo, style), newTable(topo, style)
				r := rand.New(rand.NewPCG(3, uint64(style)))
				var ins Inserter
				id := int64(0)
				for _, n := range []int{1, 1, 2, 1, 7, 300, 1, 64, 5000, 1, 3} {
					rows := make([]row, n)
					for i := range rows {
						id++
						rows[i] = randomRow(r, id)
					}
					p := valuesInto(t, topo, rows)
					c := start(t, p, Options{Workers: 1, CollectReport: true, Budget: budget}, one.view())
					all(t, c)
					one.take(c.Deltas()[0])
					k, d, rep, err := ins.Run(context.Background(), p, testEnv, other.view(), Options{CollectReport: true, Budget: budget})
					if err != nil || k != int64(n) || k != c.Affected() {
						t.Fatalf("INSERT 0 %d, %v; %d by the general road", k, err, c.Affected())
					}
					other.take(d)
					if what := differs(c.Report(), rep); what != "" {
						t.Errorf("%d rows: by the general road and by the Inserter the report is\n%s", n, what)
					}
					if rep.PeakMemory <= 0 || rep.End.Before(rep.Start) {
						t.Errorf("%d rows: peak %d, from %v to %v", n, rep.PeakMemory, rep.Start, rep.End)
					}
				}
				if a, b := one.slicesOf(t), other.slicesOf(t); a != b {
					t.Errorf("the rows lie\n%.4000s\nby the general road\n%.4000s", b, a)
				}
				if _, _, granted := budget.Held(); granted != 0 {
					t.Errorf("%d bytes are granted still", granted)
				}
			})
		}
	}
}

// TestInserterFails: an error, of a value, of the budget, of a probe or of a context that has ended, leaves the table as it was, gives back what was
// granted, and the next statement finds the Inserter as new.
func TestInserterFails(t *testing.T) {
	topo := topologies[1]
	r := rand.New(rand.NewPCG(1, 1))
	good := []row{randomRow(r, 1), randomRow(r, 2)}
	bad := []row{good[0], append(row{types.NullOf(types.TInt8)}, good[1][1:]...)}
	broken := errors.New("broken")
	ended, cancel := context.WithCancel(context.Background())
	cancel()
	budget := storage.NewBudget(1 << 30)
	var ins Inserter
	tb := newTable(topo, storage.Even)
	for _, x := range []struct {
		name string
		rows []row
		ctx  context.Context
		o    Options
		code sqlstate.Code
		err  error
	}{
		{"null", bad, context.Background(), Options{}, sqlstate.NotNullViolation, nil},
		{"limit", good, context.Background(), Options{MemoryLimit: 10}, sqlstate.OutOfMemory, nil},
		{"canceled", good, ended, Options{}, sqlstate.QueryCanceled, nil},
		{"batch", good, context.Background(), Options{Probe: &Probe{Batch: func(int) error { return broken }, Write: func(int, int) error { return nil }}}, "", broken},
		{"write", good, context.Background(), Options{Probe: &Probe{Batch: func(int) error { return nil }, Write: func(int, int) error { return broken }}}, "", broken},
	} {
		t.Run(x.name, func(t *testing.T) {
			x.o.Budget = budget
			_, d, _, err := ins.Run(x.ctx, valuesInto(t, topo, x.rows), testEnv, tb.view(), x.o)
			var e *sqlstate.Error
			if d != nil || x.err != nil && err != x.err || x.err == nil && (!errors.As(err, &e) || e.Code != x.code) {
				t.Fatalf("%v, a change %v", err, d != nil)
			}
			if _, _, granted := budget.Held(); granted != 0 {
				t.Errorf("%d bytes are granted still", granted)
			}
			before := len(tb.content(t))
			n, d, _, err := ins.Run(context.Background(), valuesInto(t, topo, good), testEnv, tb.view(), Options{Budget: budget})
			if err != nil || n != 2 {
				t.Fatalf("INSERT 0 %d, %v", n, err)
			}
			tb.take(d)
			if after := len(tb.content(t)); after != before+2 {
				t.Errorf("%d rows, %d before", after, before)
			}
		})
	}
}
