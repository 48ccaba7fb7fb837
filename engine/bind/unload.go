package bind

import (
	"github.com/redshiftsim/redshiftsim/engine/ast"
	"github.com/redshiftsim/redshiftsim/engine/expr"
	"github.com/redshiftsim/redshiftsim/engine/plan"
	"github.com/redshiftsim/redshiftsim/internal/sqlstate"
)

// Unload binds UNLOAD: the rows of a query go to target, which compile hands on. The columns of partition, which must be among the query's, sort the rows
// before its own ORDER BY does, so that a partition's rows come one behind the other. serial = all rows in one stream.
//
//	Unload                       Unload
//	  Sort [price]                 Sort [day, price]      PARTITION BY (day)
//	    ..                           ..
//
// https://docs.aws.amazon.com/redshift/latest/dg/r_UNLOAD.html
func Unload(q *ast.Select, target any, partition []string, serial bool, env *Env) (*Bound, []int, error) {
	if err := unlimited(q); err != nil {
		return nil, nil, err
	}
	b, err := Bind(q, env)
	if err != nil {
		return nil, nil, err
	}
	if len(b.Params) > 0 {
		return nil, nil, sqlstate.UndefinedParameter.Errorf("there is no parameter $1")
	}
	at, err := b.unloads(target, partition, serial)
	return b, at, err
}

// unlimited refuses LIMIT at the end of a query whose rows go to files.
func unlimited(q *ast.Select) error {
	if q.Limit == nil {
		return nil
	}
	return sqlstate.FeatureNotSupported.Errorf("Limit clause is not supported").At(q.Limit.Offset()).
		WithHint("Use a nested LIMIT clause: SELECT .. WHERE id IN (SELECT id .. LIMIT n).")
}

// unloads makes files of a bound query's rows, and numbers the columns of the partition.
func (b *Bound) unloads(target any, partition []string, serial bool) ([]int, error) {
	if err := b.Writable(); err != nil {
		return nil, err
	}
	at := make([]int, len(partition))
	keys := make([]plan.SortKey, len(partition))
	for i, name := range partition {
		if at[i] = columnNamed(b.Columns, name); at[i] < 0 {
			return nil, sqlstate.UndefinedColumn.Errorf("column \"%s\" does not exist", name).
				WithDetail("PARTITION BY names columns of the query's result.")
		}
		keys[i].ID = b.Columns[at[i]].ID
	}
	n := &plan.Unload{Input: b.Plan, Output: b.Columns, Target: target, Serial: serial}
	if len(keys) > 0 {
		n.Input = sortedFirst(n.Input, keys)
	}
	b.Kind, b.Plan, b.Columns = UnloadFiles, n, nil
	return at, nil
}

// columnNamed finds a column of a result by its name; -1 = there is none.
func columnNamed(cols []plan.Column, name string) int {
	for i := range cols {
		if cols[i].Name == name {
			return i
		}
	}
	return -1
}

// sortedFirst sorts a query's rows by keys, then as the query does.
func sortedFirst(n plan.Node, keys []plan.SortKey) plan.Node {
	switch n := n.(type) {
	case *plan.Sort:
		c := *n
		c.Keys = append(keys[:len(keys):len(keys)], n.Keys...)
		return &c
	case *plan.Project:
		if s, ok := n.Input.(*plan.Sort); ok && passes(n, keys) {
			c := *n
			c.Input = sortedFirst(s, keys)
			return &c
		}
	}
	return &plan.Sort{Input: n, Keys: keys}
}

// passes says that a projection lets the keys through as they are.
func passes(p *plan.Project, keys []plan.SortKey) bool {
	for _, k := range keys {
		found := false
		for i := range p.Exprs {
			c, ok := p.Exprs[i].Expr.(*expr.Column)
			found = found || ok && c.ID == k.ID
		}
		if !found {
			return false
		}
	}
	return true
}
