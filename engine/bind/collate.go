package bind

import (
	"github.com/redshiftsim/redshiftsim/engine/expr"
	"github.com/redshiftsim/redshiftsim/engine/function"
	"github.com/redshiftsim/redshiftsim/engine/plan"
	"github.com/redshiftsim/redshiftsim/internal/sqlstate"
)

// Texts compare byte by byte. Where one is case insensitive, by its column, its database or COLLATE(), the bound plan is rewritten so that its small
// letters are compared: nothing below bind knows of collations.
//
//	name = 'JOHN'        casefold(name) = casefold('JOHN')
//	GROUP BY name        Project [name := any]                     the first name that a group met stands for it
//	                       Aggregate [f] [any := any_value(name)]
//	                         Project [name, f := casefold(name)]
//	ORDER BY name        Project [..] Sort [f] Project [.., f := casefold(name)]
//
// https://docs.aws.amazon.com/redshift/latest/dg/r_COLLATE.html
// https://docs.aws.amazon.com/redshift/latest/dg/r_CREATE_TABLE_NEW.html
type collator struct {
	b    *binder
	cols map[expr.ColumnID]collation
	work map[*plan.Worktable][]collation
	done map[plan.Node]plan.Node
	err  error
}

// collation is how a text compares. Literals and parameters have none: they take the other side's.
type collation uint8

const (
	uncollated collation = iota
	sensitive
	insensitive
	clashing // of texts of both kinds; it may not be compared
)

// join is the collation of what two texts make together.
func (c collation) join(o collation) collation {
	switch {
	case c == uncollated || c == o:
		return o
	case o == uncollated:
		return c
	}
	return clashing
}

// collate rewrites the bound plan if a text in it may be case insensitive.
func (b *binder) collate() error {
	if !b.folds && !b.env.CaseInsensitive || b.out.Plan == nil {
		return nil
	}
	c := &collator{b: b, cols: map[expr.ColumnID]collation{}, work: map[*plan.Worktable][]collation{}, done: map[plan.Node]plan.Node{}}
	b.out.Plan = c.node(b.out.Plan)
	for i := range b.out.Columns {
		b.out.Insensitive = append(b.out.Insensitive, c.cols[b.out.Columns[i].ID] == insensitive)
	}
	return c.err
}

// fail keeps the first error.
func (c *collator) fail(err error) {
	if c.err == nil {
		c.err = err
	}
}

// refuse is what is not built for case-insensitive texts.
func (c *collator) refuse(what string) {
	c.fail(sqlstate.FeatureNotSupported.Errorf("%s of case-insensitive text is not supported", what))
}

// folded says that texts of a collation are compared by their small letters.
func (c *collator) folded(k collation) bool {
	if k == clashing {
		c.fail(sqlstate.FeatureNotSupported.Errorf("Query with different collations is not supported yet."))
	}
	return k == insensitive || k == uncollated && c.b.env.CaseInsensitive
}

// fold is the call that gives a text's small letters.
func fold(e expr.Expr) expr.Expr {
	fn := function.CaseFold(e.Type())
	return &expr.Call{Fn: fn, Args: []expr.Expr{e}, Pos: -1}
}

// isText says that an expression is compared as a text.
func isText(e expr.Expr) bool { return e.Type().IsText() }

// of is the collation of an expression. COLLATE() decides for itself; what is made of several texts has theirs.
func (c *collator) of(e expr.Expr) collation {
	if !isText(e) {
		return uncollated
	}
	k := uncollated
	switch e := e.(type) {
	case *expr.Column:
		return c.cols[e.ID]
	case *expr.Cast:
		return c.of(e.Arg)
	case *expr.Case:
		for _, w := range e.Whens {
			k = k.join(c.of(w.Then))
		}
		if e.Else != nil {
			k = k.join(c.of(e.Else))
		}
	case *expr.Coalesce:
		for _, a := range e.Args {
			k = k.join(c.of(a))
		}
	case *expr.Call:
		if e.Fn.Name == "collate" {
			if name, ok := expr.Bare(e.Args[1]).(*expr.Const); ok && function.FoldsCase(name.Value.Text) {
				return insensitive
			}
			return sensitive
		}
		for _, a := range e.Args {
			k = k.join(c.of(a))
		}
	case *expr.Subquery:
		if p, ok := e.Plan.(plan.Node); ok && e.Kind == expr.Scalar {
			return c.cols[p.Columns()[0].ID]
		}
	}
	return k
}

// searching are the functions and operators that look for a text in another, or compare texts, in ways that do not fold.
var searching = map[string]string{
	"~": "~", "!~": "!~", "similar to": "SIMILAR TO", "not similar to": "NOT SIMILAR TO", "strpos": "STRPOS", "position": "POSITION",
	"charindex": "CHARINDEX", "octetindex": "OCTETINDEX", "replace": "REPLACE", "translate": "TRANSLATE", "split_part": "SPLIT_PART",
	"regexp_count": "REGEXP_COUNT", "regexp_instr": "REGEXP_INSTR", "regexp_replace": "REGEXP_REPLACE", "regexp_substr": "REGEXP_SUBSTR",
	"greatest": "GREATEST", "least": "LEAST", "bpcharcmp": "BPCHARCMP", "bttext_pattern_cmp": "BTTEXT_PATTERN_CMP",
}

// trims take a set of characters as their second argument.
var trims = map[string]bool{"btrim": true, "ltrim": true, "rtrim": true, "trim": true}

// likes are LIKE, ILIKE and their negations.
var likes = map[string]bool{"~~": true, "!~~": true, "~~*": true, "!~~*": true}

// expr rewrites the comparisons in an expression.
func (c *collator) expr(e expr.Expr) expr.Expr {
	return expr.Rewrite(e, func(e expr.Expr) expr.Expr {
		switch x := e.(type) {
		case *expr.Compare:
			if isText(x.Left) && c.folded(c.of(x.Left).join(c.of(x.Right))) {
				return &expr.Compare{Op: x.Op, Left: fold(x.Left), Right: fold(x.Right)}
			}
		case *expr.In:
			k := c.of(x.Arg)
			for _, y := range x.List {
				k = k.join(c.of(y))
			}
			if isText(x.Arg) && c.folded(k) {
				n := &expr.In{Arg: fold(x.Arg), Not: x.Not, List: make([]expr.Expr, len(x.List))}
				for i, y := range x.List {
					n.List[i] = fold(y)
				}
				return n
			}
		case *expr.Call:
			return c.call(x)
		case *expr.Subquery:
			return c.subquery(x)
		}
		return e
	})
}

// call rewrites LIKE, and refuses searches that do not fold.
func (c *collator) call(x *expr.Call) expr.Expr {
	k := uncollated
	text := false
	for _, a := range x.Args {
		text = text || isText(a)
		k = k.join(c.of(a))
	}
	switch name := x.Fn.Name; {
	case !text:
	case likes[name]:
		if c.folded(k) {
			n := *x
			n.Args = append([]expr.Expr(nil), x.Args...)
			n.Args[0], n.Args[1] = fold(n.Args[0]), fold(n.Args[1])
			return &n
		}
	case searching[name] != "" && c.folded(k):
		c.refuse(searching[name])
	case trims[name] && len(x.Args) > 1 && c.folded(k):
		c.refuse("trimming by characters")
	}
	return x
}

// subquery rewrites a query in an expression, and the comparison of IN, ANY and ALL.
func (c *collator) subquery(x *expr.Subquery) expr.Expr {
	p, ok := x.Plan.(plan.Node)
	if !ok {
		return x
	}
	n := *x
	p = c.node(p)
	cols := p.Columns()
	f := &folding{c: c, in: p}
	out := make([]plan.Column, len(cols))
	copy(out, cols)
	n.Left = append([]expr.Expr(nil), x.Left...)
	for i, l := range x.Left {
		if isText(l) && c.folded(c.of(l).join(c.cols[cols[i].ID])) {
			n.Left[i] = fold(l)
			out[i] = f.column(cols[i])
		}
	}
	if len(f.made) > 0 {
		p = passing(f.node(), out)
	}
	n.Plan = p
	return &n
}

// folding is a Project that adds small letters to its input's columns.
type folding struct {
	c    *collator
	in   plan.Node
	made []plan.Named
	from []expr.ColumnID
}

// column is the column of a column's small letters.
func (f *folding) column(col plan.Column) plan.Column {
	for i, id := range f.from {
		if id == col.ID {
			return f.made[i].Column
		}
	}
	id := f.c.b.id()
	f.made = append(f.made, plan.Named{Column: plan.Column{ID: id, Name: col.Name, Type: col.Type}, Expr: fold(columnOf(col))})
	f.from = append(f.from, col.ID)
	f.c.cols[id] = sensitive
	return f.made[len(f.made)-1].Column
}

// of gives the column to compare by in the place of a column: its small letters, or itself.
func (f *folding) of(id expr.ColumnID) (expr.ColumnID, bool) {
	for _, col := range f.in.Columns() {
		if col.ID == id && col.Type.IsText() && f.c.folded(f.c.cols[id]) {
			return f.column(col).ID, true
		}
	}
	return id, false
}

// keys replaces the columns of a sort order.
func (f *folding) keys(keys []plan.SortKey) {
	for i := range keys {
		keys[i].ID, _ = f.of(keys[i].ID)
	}
}

// node is the input with what was made.
func (f *folding) node() plan.Node {
	if len(f.made) == 0 {
		return f.in
	}
	p := passing(f.in, f.in.Columns())
	p.Exprs = append(p.Exprs, f.made...)
	return p
}

// node rewrites a node and what is below it; it may write into nodes, which are the statement's own.
func (c *collator) node(n plan.Node) plan.Node {
	if d, ok := c.done[n]; ok {
		return d
	}
	out := c.rewritten(n)
	c.done[n] = out
	return out
}

// plain notes columns whose texts compare as they are.
func (c *collator) plain(cols []plan.Column) {
	for i := range cols {
		if cols[i].Type.IsText() {
			c.cols[cols[i].ID] = sensitive
		}
	}
}

func (c *collator) rewritten(n plan.Node) plan.Node {
	switch n := n.(type) {
	case *plan.Scan:
		for i, a := range n.Attrs {
			if a >= 0 && n.Output[i].Type.IsText() {
				c.cols[n.Output[i].ID] = sensitive
				if n.Table.Columns[a].CaseInsensitive {
					c.cols[n.Output[i].ID] = insensitive
				}
			}
		}
		c.exprs(n.Filter)
	case *plan.VirtualScan:
		c.plain(n.Output)
		c.exprs(n.Filter)
	case *plan.ExternalScan:
		c.plain(n.Output)
		c.exprs(n.Filter)
	case *plan.Values:
		for _, r := range n.Rows {
			c.exprs(r)
		}
	case *plan.Filter:
		n.Input = c.node(n.Input)
		c.exprs(n.Conds)
	case *plan.Project:
		n.Input = c.node(n.Input)
		for i := range n.Exprs {
			e := &n.Exprs[i]
			e.Expr = c.expr(e.Expr)
			c.cols[e.ID] = c.of(e.Expr)
		}
	case *plan.Join:
		n.Outer, n.Inner = c.node(n.Outer), c.node(n.Inner)
		c.exprs(n.On)
	case *plan.Aggregate:
		return c.aggregate(n)
	case *plan.Distinct:
		return c.distinct(n)
	case *plan.Sort:
		return c.sort(n, nil)
	case *plan.Limit:
		if s, ok := n.Input.(*plan.Sort); ok {
			return c.sort(s, n)
		}
		n.Input = c.node(n.Input)
	case *plan.Window:
		return c.window(n)
	case *plan.Append:
		c.append(n)
	case *plan.SetOp:
		n.Left, n.Right = c.node(n.Left), c.node(n.Right)
		l, r := n.Left.Columns(), n.Right.Columns()
		for i := range n.Output {
			if k := c.cols[l[i].ID].join(c.cols[r[i].ID]); n.Output[i].Type.IsText() && c.folded(k) {
				c.refuse(map[bool]string{true: "EXCEPT", false: "INTERSECT"}[n.Except])
			}
			c.cols[n.Output[i].ID] = c.cols[l[i].ID]
		}
	case *plan.Expand:
		n.Input = c.node(n.Input)
	case *plan.Unnest:
		n.Input = c.node(n.Input)
		n.Value = c.expr(n.Value)
		if n.Object {
			c.cols[n.At.ID] = sensitive
		}
		c.exprs(n.On)
	case *plan.Subquery:
		n.Input = c.node(n.Input)
	case *plan.Recursive:
		n.Seed = c.node(n.Seed)
		c.work[n.Work] = c.collations(n.Seed)
		n.Step = c.node(n.Step)
		step := c.collations(n.Step)
		for i, k := range c.work[n.Work] {
			if k = k.join(step[i]); k == clashing {
				c.folded(k)
			}
			c.cols[n.Output[i].ID] = k
		}
	case *plan.WorkScan:
		for i, k := range c.work[n.Table] {
			c.cols[n.Output[i].ID] = k
		}
	case *plan.With:
		n.Query = c.node(n.Query)
		c.work[n.Table] = c.collations(n.Query)
		n.Input = c.node(n.Input)
	case *plan.Insert:
		n.Input = c.node(n.Input)
	case *plan.Update:
		n.Input = c.node(n.Input)
	case *plan.Delete:
		n.Input = c.node(n.Input)
	case *plan.Changes:
		for i := range n.Parts {
			n.Parts[i] = c.node(n.Parts[i])
		}
	}
	return n
}

// collations are those of a node's columns.
func (c *collator) collations(n plan.Node) []collation {
	cols := n.Columns()
	out := make([]collation, len(cols))
	for i := range cols {
		out[i] = c.cols[cols[i].ID]
	}
	return out
}

func (c *collator) exprs(list []expr.Expr) {
	for i, e := range list {
		if e != nil {
			list[i] = c.expr(e)
		}
	}
}

// append gives each column the collation of all inputs.
func (c *collator) append(n *plan.Append) {
	for i := range n.Inputs {
		n.Inputs[i] = c.node(n.Inputs[i])
	}
	for i := range n.Output {
		k := uncollated
		for _, in := range n.Inputs {
			k = k.join(c.cols[in.Columns()[i].ID])
		}
		c.cols[n.Output[i].ID] = k
	}
}

// sort orders by small letters. What was added for it goes again, above the LIMIT if there is one.
func (c *collator) sort(n *plan.Sort, limit *plan.Limit) plan.Node {
	n.Input = c.node(n.Input)
	f := &folding{c: c, in: n.Input}
	f.keys(n.Keys)
	cols := n.Input.Columns()
	n.Input = f.node()
	var out plan.Node = n
	if limit != nil {
		limit.Input, out = n, limit
	}
	if len(f.made) > 0 {
		out = passing(out, cols)
	}
	return out
}

// window cuts partitions and orders them by small letters.
func (c *collator) window(n *plan.Window) plan.Node {
	n.Input = c.node(n.Input)
	cols := n.Columns()
	f := &folding{c: c, in: n.Input}
	for i, id := range n.Partition {
		n.Partition[i], _ = f.of(id)
	}
	f.keys(n.Order)
	for i := range n.Funcs {
		w := &n.Funcs[i]
		c.exprs(w.Args)
		k := uncollated
		for _, a := range w.Args {
			k = k.join(c.of(a))
		}
		if w.Agg != nil {
			w.Agg = c.compares(w.Agg, k, w.Distinct, w.Args)
		}
		if w.Type.IsText() {
			c.cols[w.ID] = k
		}
	}
	n.Input = f.node()
	if len(f.made) == 0 {
		return n
	}
	return passing(n, cols)
}

// compares gives an aggregate that compares case-insensitive texts its form that folds, or refuses it.
func (c *collator) compares(fn *function.BoundAggregate, k collation, distinct bool, args []expr.Expr) *function.BoundAggregate {
	if len(args) == 0 || !isText(args[0]) || !c.folded(k) {
		return fn
	}
	switch {
	case fn.Name == "min" || fn.Name == "max":
		return function.CaseFoldMinMax(fn)
	case fn.Name == "listagg" && distinct:
		c.refuse("LISTAGG(DISTINCT)")
	}
	return fn
}

// aggregate groups by small letters; a group shows one of its texts as it is written.
func (c *collator) aggregate(n *plan.Aggregate) plan.Node {
	n.Input = c.node(n.Input)
	cols := n.Columns()
	f := &folding{c: c, in: n.Input}
	for i := range n.Aggs {
		a := &n.Aggs[i]
		c.exprs(a.Args)
		k := uncollated
		for _, x := range a.Args {
			k = k.join(c.of(x))
		}
		a.Fn = c.compares(a.Fn, k, a.Distinct, a.Args)
		if function.CountsValues(a.Fn.Name) && len(a.Args) == 1 && isText(a.Args[0]) && c.folded(k) {
			a.Args = []expr.Expr{fold(a.Args[0])}
		}
		f.keys(a.Order)
		if a.Type.IsText() {
			c.cols[a.ID] = k
		}
	}
	shown := map[expr.ColumnID]plan.Column{}
	for i, id := range n.Groups {
		small, ok := f.of(id)
		if !ok {
			continue
		}
		n.Groups[i] = small
		for _, col := range cols {
			if col.ID == id {
				shown[id] = c.anyOf(n, col)
				break
			}
		}
	}
	n.Input = f.node()
	c.exprs(n.Having)
	if len(shown) == 0 {
		return n
	}
	top := &plan.Project{Input: n, Exprs: make([]plan.Named, len(cols))}
	for i, col := range cols {
		from := col
		if s, ok := shown[col.ID]; ok {
			from = s
		}
		top.Exprs[i] = plan.Named{Column: col, Expr: columnOf(from)}
	}
	if len(n.Having) == 0 {
		return top
	}
	having := n.Having
	n.Having = nil
	return &plan.Filter{Input: top, Conds: having}
}

// anyOf adds an aggregate that gives one of a group's texts.
func (c *collator) anyOf(n *plan.Aggregate, col plan.Column) plan.Column {
	fn, err := function.FindAggregate("any_value", []function.Arg{{Type: col.Type}}, false)
	if err != nil {
		c.fail(err)
		return col
	}
	a := plan.Agg{Column: plan.Column{ID: c.b.id(), Name: col.Name, Table: col.Table, Type: col.Type}, Fn: fn, Args: []expr.Expr{columnOf(col)}}
	n.Aggs = append(n.Aggs, a)
	return a.Column
}

// distinct keeps one of the rows that differ in the case of letters alone.
func (c *collator) distinct(n *plan.Distinct) plan.Node {
	n.Input = c.node(n.Input)
	any := false
	for _, col := range n.Input.Columns() {
		any = any || col.Type.IsText() && c.folded(c.cols[col.ID])
	}
	if !any {
		return n
	}
	a := &plan.Aggregate{Input: n.Input}
	for _, col := range n.Input.Columns() {
		a.Groups = append(a.Groups, col.ID)
	}
	c.done[n.Input] = n.Input // it has been rewritten
	return c.aggregate(a)
}
