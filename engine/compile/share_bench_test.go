package compile

import (
	"testing"

	"github.com/redshiftsim/redshiftsim/engine/expr"
	"github.com/redshiftsim/redshiftsim/engine/function"
	"github.com/redshiftsim/redshiftsim/internal/types"
	"github.com/redshiftsim/redshiftsim/internal/vector"
)

// BenchmarkShared measures price * (1 - discount) and price * (1 - discount) * (1 + tax), computed apart and with what they share computed once.
func BenchmarkShared(b *testing.B) {
	price, discount, tax := &expr.Column{ID: 0, Typ: types.TNumeric(8, 2)}, &expr.Column{ID: 1, Typ: types.TNumeric(4, 2)}, &expr.Column{ID: 2, Typ: types.TNumeric(4, 2)}
	op := func(o string, l, r expr.Expr) expr.Expr {
		fn, err := function.FindOperator(o, l.Type(), r.Type())
		if err != nil {
			b.Fatal(err)
		}
		return &expr.Call{Fn: fn, Args: []expr.Expr{l, r}}
	}
	one := &expr.Const{Value: types.Datum{Type: types.TNumeric(1, 0), Int: 1}}
	net := op("*", price, op("-", one, discount))
	es := []expr.Expr{net, op("*", net, op("+", one, tax))}
	batch := &vector.Batch{Len: vector.Size}
	for _, c := range []*expr.Column{price, discount, tax} {
		v := vector.New(c.Typ, vector.Size)
		for i := range v.Int64s {
			v.Int64s[i] = int64(i % 97)
		}
		batch.Columns = append(batch.Columns, v)
	}
	states := func(list []expr.Expr) []*expr.State {
		var out []*expr.State
		for _, e := range list {
			p, err := expr.Compile(e, func(id expr.ColumnID) int {
				if id < 0 {
					return 3 + int(expr.SharedID(0)-id)
				}
				return int(id)
			})
			if err != nil {
				b.Fatal(err)
			}
			out = append(out, p.NewState(&function.Env{}))
		}
		return out
	}
	shared, out, _ := expr.Share(es, nil)
	for _, c := range []struct {
		name        string
		first, then []*expr.State
	}{{"apart", nil, states(es)}, {"shared", states(shared), states(out)}} {
		b.Run(c.name, func(b *testing.B) {
			for b.Loop() {
				in := &vector.Batch{Len: batch.Len, Columns: batch.Columns[:3:3]}
				for _, s := range c.first {
					v, err := s.Eval(in)
					if err != nil {
						b.Fatal(err)
					}
					in.Columns = append(in.Columns, v)
				}
				for _, s := range c.then {
					if _, err := s.Eval(in); err != nil {
						b.Fatal(err)
					}
				}
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/vector.Size, "ns/row")
		})
	}
}
