package sqlmatch

import (
	"strings"

	"github.com/redshiftsim/redshiftsim/engine/ast"
)

// bare takes off the parentheses of a query that say nothing.
func bare(q *ast.Select) *ast.Select {
	for q != nil && q.Op == "" && q.Left != nil && q.With == nil && q.OrderBy == nil && q.Limit == nil && q.Offset == nil {
		q = q.Left
	}
	return q
}

// query writes a query of any form.
func (p *printer) query(q *ast.Select) {
	q = bare(q)
	p.with(q.With, q.Recursive)
	switch {
	case q.Op != "":
		p.arm(q.Left, q.Op, false)
		p.put(" ", strings.ToUpper(q.Op), " ")
		p.arm(q.Right, q.Op, true)
	case q.Left != nil:
		p.put("(")
		p.query(q.Left)
		p.put(")")
	default:
		p.plain(q)
	}
	if q.OrderBy != nil {
		p.put(" ORDER BY ")
		p.order(q.OrderBy)
	}
	p.clause(" LIMIT ", q.Limit)
	p.clause(" OFFSET ", q.Offset)
}

// arm writes an operand of a set operation: INTERSECT binds tighter than the others, and all go from left to right.
func (p *printer) arm(q *ast.Select, op string, right bool) {
	q = bare(q)
	ends := q.With != nil || q.OrderBy != nil || q.Limit != nil || q.Offset != nil
	looser := q.Op != "" && (right || op == "intersect") && (right || q.Op != "intersect")
	if ends || looser {
		p.put("(")
		defer p.put(")")
	}
	p.query(q)
}

// clause writes a clause of one expression, when it is there.
func (p *printer) clause(word string, e ast.Expr) {
	if e != nil {
		p.put(word)
		p.expr(e, loosest)
	}
}

func (p *printer) with(list []ast.CTE, recursive bool) {
	if list == nil {
		return
	}
	p.put("WITH ", word(recursive, "RECURSIVE ", ""))
	each(p, list, func(c ast.CTE) {
		p.put(ident(c.Name))
		if c.Columns != nil {
			p.put(" (", idents(c.Columns, ", "), ")")
		}
		p.put(" AS (")
		p.query(c.Query)
		p.put(")")
	})
	p.put(" ")
}

func (p *printer) plain(q *ast.Select) {
	p.put("SELECT ", word(q.Distinct, "DISTINCT ", ""))
	p.items(q.Items)
	if q.Into != nil {
		p.put(" INTO ", word(q.IntoTemp, "TEMP ", ""), idents(q.Into.Parts, "."))
	}
	p.from(" FROM ", q.From)
	p.clause(" WHERE ", q.Where)
	p.clause(" START WITH ", q.StartWith)
	p.clause(" CONNECT BY ", q.ConnectBy)
	if q.GroupBy != nil {
		p.put(" GROUP BY ")
		p.exprs(q.GroupBy)
	}
	p.clause(" HAVING ", q.Having)
	p.clause(" QUALIFY ", q.Qualify)
}

func (p *printer) items(list []ast.Item) {
	each(p, list, func(it ast.Item) {
		p.expr(it.Expr, loosest)
		p.as(itemAlias(it))
	})
}

func (p *printer) as(alias string) {
	if alias != "" {
		p.put(" AS ", ident(alias))
	}
}

func (p *printer) from(word string, list []ast.From) {
	if list != nil {
		p.put(word)
		each(p, list, func(f ast.From) { p.item(f, false) })
	}
}

// named writes the alias of an item of FROM with its columns.
func (p *printer) named(alias string, cols []string) {
	p.as(alias)
	if cols != nil {
		p.put(" (", idents(cols, ", "), ")")
	}
}

// item writes an item of FROM; a join at the right of another stands in parentheses.
func (p *printer) item(f ast.From, right bool) {
	switch f := f.(type) {
	case *ast.TableRef:
		p.put(idents(f.Name.Parts, "."))
		p.named(tableAlias(f.Name, f.Alias, f.Columns), f.Columns)
	case *ast.Derived:
		p.put("(")
		p.query(f.Query)
		p.put(")")
		p.named(f.Alias, f.Columns)
	case *ast.TableFunc:
		p.call(f.Call)
		p.named(f.Alias, f.Columns)
	case *ast.Join:
		if right {
			p.put("(")
			defer p.put(")")
		}
		p.join(f)
	case *ast.Unnest:
		p.unnest(f)
	case *ast.Pivot:
		p.item(f.Source, true)
		p.put(" PIVOT (")
		p.call(f.Aggregate)
		p.as(f.As)
		p.put(" FOR ")
		p.expr(f.Column, primary)
		p.put(" IN (")
		p.items(f.In)
		p.put("))")
		p.named(f.Alias, f.Columns)
	case *ast.Unpivot:
		p.item(f.Source, true)
		p.put(" UNPIVOT ", word(f.IncludeNulls, "INCLUDE NULLS ", ""), "(", ident(f.Value), " FOR ", ident(f.Name), " IN (")
		p.items(f.In)
		p.put("))")
		p.named(f.Alias, f.Columns)
	}
}

func (p *printer) join(f *ast.Join) {
	p.item(f.L, false)
	p.put(" ", word(f.Natural, "NATURAL ", ""), word(f.Kind == "inner", "", strings.ToUpper(f.Kind)+" "), "JOIN ")
	p.item(f.R, true)
	p.clause(" ON ", f.On)
	if f.Using != nil {
		p.put(" USING (", idents(f.Using, ", "), ")")
	}
}

func (p *printer) unnest(f *ast.Unnest) {
	p.put(word(f.Object, "UNPIVOT ", ""), word(f.Func, "UNNEST(", ""))
	p.expr(f.X, loosest)
	p.put(word(f.Func, ")", ""), word(f.WithOffset, " WITH OFFSET", ""))
	p.named(f.Alias, f.Columns)
	if f.At != "" {
		p.put(" AT ", ident(f.At))
	}
}

// statement writes a query or a change; false = the statement is of another kind.
func (p *printer) statement(st ast.Statement) bool {
	switch st := st.(type) {
	case *ast.Select:
		p.query(st)
	case *ast.Insert:
		p.insert(st)
	case *ast.Update:
		p.with(st.With, st.Recursive)
		p.put("UPDATE ", idents(st.Table.Parts, "."))
		p.as(tableAlias(st.Table, st.Alias, nil))
		p.put(" SET ")
		each(p, st.Set, p.assignment)
		p.from(" FROM ", st.From)
		p.clause(" WHERE ", st.Where)
	case *ast.Delete:
		p.with(st.With, st.Recursive)
		p.put("DELETE FROM ", idents(st.Table.Parts, "."))
		p.as(tableAlias(st.Table, st.Alias, nil))
		p.from(" USING ", st.Using)
		p.clause(" WHERE ", st.Where)
	default:
		return false
	}
	return true
}

func (p *printer) assignment(a ast.Assignment) {
	p.put(ident(a.Column.Name), " = ")
	p.expr(a.Value, loosest)
}

func (p *printer) insert(st *ast.Insert) {
	p.put("INSERT INTO ", idents(st.Table.Parts, "."))
	if st.Columns != nil {
		p.put(" (")
		each(p, st.Columns, func(c ast.ColumnName) { p.put(ident(c.Name)) })
		p.put(")")
	}
	switch {
	case st.Default:
		p.put(" DEFAULT VALUES")
	case st.Query != nil:
		p.put(" ")
		p.query(st.Query)
	default:
		p.put(" VALUES ")
		each(p, st.Rows, func(row []ast.Expr) {
			p.put("(")
			p.exprs(row)
			p.put(")")
		})
	}
}
