package engine

import (
	"github.com/redshiftsim/redshiftsim/engine/ast"
	"github.com/redshiftsim/redshiftsim/engine/catalog"
	"github.com/redshiftsim/redshiftsim/internal/vector"
	"github.com/redshiftsim/redshiftsim/storage"
)

// Names in the schema atWork.
const (
	theParts  = "p" // groups of what was inserted
	theWholes = "w" // groups of the view with these
)

// merge adds what inserts into the base tables give to the groups of the view: nothing else of the base tables is read.
//
//	terms -> parts {k=2 sum=40 n=1}    mv_tbl {k=2 sum=50 n=2}, with the same hash
//	              \______________  ______________/
//	                    GROUP BY k: sum(sum), sum(n)
//	                             |
//	     DELETE FROM mv_tbl, INSERT {k=2 sum=90 n=3}
func (r *refreshing) merge(list []changed) error {
	parts, err := r.rows(func(put func(b *vector.Batch) error) error {
		return r.terms(list, func() error { return r.collect(r.source(), put) })
	})
	if err != nil {
		return err
	}
	r.begin()
	r.work(theParts, r.t.Columns, parts)
	kept := &ast.Select{Pos: -1, Items: star(), From: fromName(ast.Name{Pos: -1, Parts: []string{r.t.Schema, r.t.Name}})}
	if len(r.m.Keys) > 0 {
		seen := map[int64]bool{}
		if err := r.collectHashes(&ast.Select{Pos: -1, Items: r.hashItem(), From: fromName(workName(theParts))}, seen); err != nil {
			return err
		}
		hashes, err := r.hashTable(seen)
		if err != nil {
			return err
		}
		r.work(theHashes, hashColumn, hashes)
		kept.Where = among(r.hash(r.keys()))
	}
	wholes, err := r.rows(func(put func(b *vector.Batch) error) error { return r.collect(r.together(kept), put) })
	if err != nil {
		return err
	}
	r.work(theWholes, r.t.Columns, wholes)
	if err := r.change(&ast.Delete{Table: ast.Name{Pos: -1, Parts: []string{r.t.Schema, r.t.Name}}, Where: kept.Where}); err != nil {
		return err
	}
	return r.change(r.insert(&ast.Select{Pos: -1, Items: star(), From: fromName(workName(theWholes))}))
}

// together is the query that puts parts of groups together with those that are kept.
func (r *refreshing) together(kept *ast.Select) *ast.Select {
	both := &ast.Select{Pos: -1, Op: "union all", Left: kept, Right: &ast.Select{Pos: -1, Items: star(), From: fromName(workName(theParts))}}
	q := &ast.Select{Pos: -1, From: []ast.From{&ast.Derived{Pos: -1, Query: both, Alias: "g"}}}
	for i, how := range r.m.Merges {
		name := r.v.Columns[i].Name
		x := column(name)
		switch how {
		case catalog.MergeKey:
			q.GroupBy = append(q.GroupBy, x)
		case catalog.MergeSum:
			x = callOf("sum", x)
		case catalog.MergeMin:
			x = callOf("min", x)
		case catalog.MergeMax:
			x = callOf("max", x)
		}
		x = &ast.Cast{Pos: -1, X: x, Type: &ast.TypeName{Pos: -1, Type: r.v.Columns[i].Type, Known: true}}
		q.Items = append(q.Items, ast.Item{Expr: x, Alias: name})
	}
	return q
}

// rows makes a table, with the view's columns, of the batches that each puts.
func (r *refreshing) rows(each func(put func(b *vector.Batch) error) error) (*storage.Version, error) {
	def := *r.t.Def
	def.Sort = storage.SortKey{}
	return storage.Filled(&def, r.s.c.Topology(), each)
}

// star is the select list *.
func star() []ast.Item { return []ast.Item{{Expr: &ast.Star{Pos: -1}}} }

// fromName is the FROM clause of one table.
func fromName(n ast.Name) []ast.From { return []ast.From{&ast.TableRef{Pos: -1, Name: n}} }
