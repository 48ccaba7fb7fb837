package ast

import "slices"

// Rename gives a query, a change, CREATE TABLE or DROP in which names are others: to says what each name of a table, a column or an alias becomes, which may be what it is. What
// does not change is shared with st, which stays as it is. n is how many names became others; ok is false when st holds a node that Rename does not know, in
// which names may be left.
func Rename(st Statement, to func(string) string) (out Statement, n int, ok bool) {
	r := renamer{to: to}
	switch st := st.(type) {
	case *Select:
		out = r.query(st)
	case *Insert:
		c := *st
		c.Table, c.Query = r.object(st.Table), r.query(st.Query)
		c.Columns = each(&r, st.Columns, r.column)
		c.Rows = each(&r, st.Rows, r.exprs)
		out = &c
	case *Update:
		c := *st
		c.With, c.Table, c.Alias = each(&r, st.With, r.cte), r.object(st.Table), r.name(st.Alias)
		c.Set = each(&r, st.Set, func(a Assignment) Assignment { return Assignment{r.column(a.Column), r.expr(a.Value)} })
		c.From, c.Where = each(&r, st.From, r.from), r.expr(st.Where)
		out = &c
	case *Delete:
		c := *st
		c.With, c.Table, c.Alias = each(&r, st.With, r.cte), r.object(st.Table), r.name(st.Alias)
		c.Using, c.Where = each(&r, st.Using, r.from), r.expr(st.Where)
		out = &c
	case *CreateTable:
		out = r.createTable(st)
	case *Drop:
		c := *st
		c.Names = each(&r, st.Names, r.object)
		out = &c
	default:
		return st, 0, false
	}
	return out, r.n, !r.lost
}

// renamer is one Rename on its way.
type renamer struct {
	to   func(string) string
	n    int
	lost bool // a node was met that is not known
}

// createTable renames in CREATE TABLE with columns. A default is kept as the text that it has, which is not looked into.
func (r *renamer) createTable(st *CreateTable) Statement {
	r.lost = r.lost || st.Query != nil
	c := *st
	c.Name, c.Constraints, c.Names = r.object(st.Name), each(r, st.Constraints, r.constraint), r.names(st.Names)
	c.Columns = each(r, st.Columns, func(d ColumnDef) ColumnDef {
		r.lost = r.lost || d.Default != nil
		d.Name, d.PrimaryName, d.UniqueName = r.name(d.Name), r.name(d.PrimaryName), r.name(d.UniqueName)
		if d.References != nil {
			k := r.constraint(*d.References)
			d.References = &k
		}
		return d
	})
	c.Likes = each(r, st.Likes, func(l LikeTable) LikeTable {
		l.Name = r.object(l.Name)
		return l
	})
	c.SortKey = each(r, st.SortKey, r.column)
	if st.DistKey != nil {
		k := r.column(*st.DistKey)
		c.DistKey = &k
	}
	return &c
}

func (r *renamer) constraint(k Constraint) Constraint {
	k.Name, k.Columns, k.RefTable, k.RefColumns = r.name(k.Name), each(r, k.Columns, r.column), r.object(k.RefTable), each(r, k.RefColumns, r.column)
	return k
}

// each gives list with f applied to its items: list itself when no name in it became another.
func each[T any](r *renamer, list []T, f func(T) T) []T {
	var out []T
	for i, x := range list {
		before := r.n
		y := f(x)
		if r.n == before {
			continue
		}
		if out == nil {
			out = slices.Clone(list)
		}
		out[i] = y
	}
	if out == nil {
		return list
	}
	return out
}

func (r *renamer) name(s string) string {
	if s == "" {
		return s
	}
	t := r.to(s)
	if t != s {
		r.n++
	}
	return t
}

func (r *renamer) names(list []string) []string { return each(r, list, r.name) }
func (r *renamer) exprs(list []Expr) []Expr     { return each(r, list, r.expr) }

func (r *renamer) object(n Name) Name {
	n.Parts = r.names(n.Parts)
	return n
}

func (r *renamer) column(c ColumnName) ColumnName {
	c.Name = r.name(c.Name)
	return c
}

func (r *renamer) cte(c CTE) CTE {
	c.Name, c.Columns, c.Query = r.name(c.Name), r.names(c.Columns), r.query(c.Query)
	return c
}

func (r *renamer) item(i Item) Item { return Item{r.expr(i.Expr), r.name(i.Alias)} }

func (r *renamer) order(o OrderItem) OrderItem {
	o.Expr = r.expr(o.Expr)
	return o
}

// query renames in a query, nil = none.
func (r *renamer) query(q *Select) *Select {
	if q == nil {
		return nil
	}
	before := r.n
	c := *q
	c.With, c.Left, c.Right = each(r, q.With, r.cte), r.query(q.Left), r.query(q.Right)
	c.Items, c.From = each(r, q.Items, r.item), each(r, q.From, r.from)
	if q.Into != nil {
		into := r.object(*q.Into)
		c.Into = &into
	}
	c.Where, c.GroupBy, c.Having, c.Qualify = r.expr(q.Where), r.exprs(q.GroupBy), r.expr(q.Having), r.expr(q.Qualify)
	c.StartWith, c.ConnectBy = r.expr(q.StartWith), r.expr(q.ConnectBy)
	c.OrderBy, c.Limit, c.Offset = each(r, q.OrderBy, r.order), r.expr(q.Limit), r.expr(q.Offset)
	if r.n == before {
		return q
	}
	return &c
}

// from renames in an item of FROM.
func (r *renamer) from(f From) From {
	switch f := f.(type) {
	case *TableRef:
		c := *f
		c.Name, c.Alias, c.Columns = r.object(f.Name), r.name(f.Alias), r.names(f.Columns)
		return &c
	case *Derived:
		c := *f
		c.Query, c.Alias, c.Columns = r.query(f.Query), r.name(f.Alias), r.names(f.Columns)
		return &c
	case *Join:
		c := *f
		c.L, c.R, c.On, c.Using = r.from(f.L), r.from(f.R), r.expr(f.On), r.names(f.Using)
		return &c
	}
	r.lost = true
	return f
}

// expr renames in an expression, nil = none. Which nodes are copied does not matter where nothing in them is another: the list that holds them keeps the one
// that it had.
func (r *renamer) expr(e Expr) Expr {
	switch e := e.(type) {
	case nil, *Literal, *Param:
		return e
	case *ColumnRef:
		if parts := r.names(e.Parts); len(parts) > 0 && &parts[0] != &e.Parts[0] {
			r.lost = r.lost || e.Written != nil
			return &ColumnRef{Pos: e.Pos, Parts: parts}
		}
		return e
	case *Star:
		return &Star{e.Pos, r.names(e.Table), r.names(e.Exclude)}
	case *Unary:
		return &Unary{e.Pos, e.Op, r.expr(e.X)}
	case *Binary:
		return &Binary{e.Pos, e.Op, r.expr(e.L), r.expr(e.R), r.expr(e.Third)}
	case *Is:
		return &Is{e.Pos, r.expr(e.X), e.What, e.Not}
	case *Between:
		return &Between{e.Pos, r.expr(e.X), r.expr(e.Lo), r.expr(e.Hi), e.Not}
	case *In:
		return &In{e.Pos, r.expr(e.X), r.exprs(e.List), r.query(e.Query), e.Not}
	case *Like:
		return &Like{e.Pos, r.expr(e.X), r.expr(e.Pattern), r.expr(e.Escape), e.Not, e.Fold}
	case *Exists:
		return &Exists{e.Pos, r.query(e.Query)}
	case *Subquery:
		return &Subquery{e.Pos, r.query(e.Query)}
	case *Cast:
		c := *e
		c.X = r.expr(e.X)
		return &c
	case *Case:
		when := func(w When) When { return When{r.expr(w.Cond), r.expr(w.Then)} }
		return &Case{e.Pos, r.expr(e.Operand), each(r, e.Whens, when), r.expr(e.Else)}
	case *FuncCall:
		if e.Over != nil {
			break
		}
		c := *e
		c.Args, c.WithinGroup = r.exprs(e.Args), each(r, e.WithinGroup, r.order)
		return &c
	}
	r.lost = true
	return e
}
