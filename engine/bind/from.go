package bind

import (
	"slices"
	"strconv"
	"strings"

	"github.com/redshiftsim/redshiftsim/engine/ast"
	"github.com/redshiftsim/redshiftsim/engine/catalog"
	"github.com/redshiftsim/redshiftsim/engine/expr"
	"github.com/redshiftsim/redshiftsim/engine/plan"
	"github.com/redshiftsim/redshiftsim/internal/sqlstate"
	"github.com/redshiftsim/redshiftsim/internal/types"
)

// from binds a FROM list: items separated by commas are a cross join. An empty list is one row without columns.
func (k *block) from(list []ast.From) error {
	if len(list) == 0 {
		k.src.node = &plan.Values{Rows: [][]expr.Expr{{}}}
		return nil
	}
	s, err := k.item(list[0])
	if err != nil {
		return err
	}
	k.parts = append(k.parts, s)
	for _, f := range list[1:] {
		if s, err = k.beside(s, f); err != nil {
			return err
		}
	}
	k.src = s
	return nil
}

// joined puts two sources side by side in a cross join, which a caller may refine.
func joined(l, r source, pos int) (source, error) {
	for i := range r.rels {
		if r.rels[i].value && slices.ContainsFunc(l.rels, func(o relation) bool { return o.value && o.alias == r.rels[i].alias }) {
			return source{}, sqlstate.DuplicateAlias.Errorf("table name \"%s\" specified more than once", r.rels[i].alias).At(pos)
		}
		if o := l.relation("", r.rels[i].alias); o != nil && (o.schema == r.rels[i].schema || o.schema == "" || r.rels[i].schema == "") {
			return source{}, sqlstate.DuplicateAlias.Errorf("table name \"%s\" specified more than once", r.rels[i].alias).At(pos)
		}
	}
	s := source{node: &plan.Join{Kind: plan.Inner, Outer: l.node, Inner: r.node}}
	s.rels = append(l.rels[:len(l.rels):len(l.rels)], r.rels...)
	if l.vis != nil || r.vis != nil {
		s.vis = append(l.columns(), r.columns()...)
	}
	return s, nil
}

// item binds one item of FROM.
func (k *block) item(f ast.From) (source, error) {
	alone := source{node: &plan.Values{Rows: [][]expr.Expr{{}}}}
	if u := k.unnesting(f, &alone); u != nil { // of a query around this one
		s, _, err := k.elements(alone, u)
		return s, err
	}
	switch f := f.(type) {
	case *ast.TableRef:
		return k.table(f)
	case *ast.Derived:
		alias := f.Alias
		if alias == "" { // the guide's examples do without one: https://docs.aws.amazon.com/redshift/latest/dg/r_FROM_clause-pivot-unpivot-examples.html
			alias = k.b.unnamedAlias()
		}
		// a derived table may name columns of the blocks around this one, never of its neighbours
		back := k.b.inside(ofFrom)
		q, err := k.b.query(f.Query, k.outer, k.ctes)
		back()
		if err != nil {
			return source{}, err
		}
		for _, id := range q.outer { // named inside, so named by this block too
			k.outerUsed = addID(k.outerUsed, id)
		}
		return k.b.derived(q, alias, f.Columns, f.Offset())
	case *ast.Join:
		return k.join(f)
	case *ast.Pivot:
		return k.pivot(f)
	case *ast.Unpivot:
		return k.unpivot(f)
	case *ast.TableFunc:
		return k.tableFunc(f)
	}
	return source{}, unsupported(f.Offset(), "this item of FROM is")
}

// unnamedPrefix begins the names that unnamedAlias gives.
const unnamedPrefix = "derived_table"

// unnamedAlias names a derived table that has no alias.
func (b *binder) unnamedAlias() string {
	b.unnamed++
	return unnamedPrefix + strconv.Itoa(b.unnamed)
}

// table binds a name in FROM: a WITH query, a table, a view or a system table.
func (k *block) table(f *ast.TableRef) (source, error) {
	name, schema := f.Name.Object(), f.Name.Schema()
	alias := f.Alias
	if alias == "" {
		alias = name
	}
	if schema == "" {
		if c := k.ctes.find(name); c != nil {
			return k.withQuery(c, f, alias)
		}
	}
	if k.b.lake != nil {
		return k.b.baseOf(f, alias)
	}
	var ref *catalog.Ref
	if v := k.b.within; v != nil {
		if ref = v.Ref(schema, name); ref != nil {
			schema, name = ref.At.Schema, ref.At.Name
		}
	}
	switch database := k.b.abroad(f.Name); database {
	case "":
	case catalog.DataCatalogName:
		return k.b.mounted(f, alias)
	default:
		back, err := k.b.visit(f.Name, database, false)
		if err != nil {
			return source{}, err
		}
		defer back()
	}
	linked, there, err := k.b.linked(schema, int(f.Name.Pos))
	if err != nil {
		return source{}, err
	}
	if linked != "" {
		back, err := k.b.visit(f.Name, linked, true)
		if err != nil {
			return source{}, err
		}
		defer back()
		schema = there
	}
	r, err := k.b.env.Catalog.Relation(schema, name, int(f.Name.Pos))
	if err != nil {
		return source{}, at(err, int(f.Name.Pos))
	}
	if err := k.b.usesSchema(schema, int(f.Name.Pos)); err != nil && !k.b.leads(linked) {
		return source{}, err
	}
	r = k.b.asInlined(r)
	switch v := k.b.within; {
	case v == nil:
		note(&k.b.out.Refs, schema, name, r)
	case v.LateBinding && v.Refs == nil:
		k.b.noteLate(v, schema, name, r)
	}
	if k.b.within != nil && k.b.env.Named != nil {
		k.b.env.Named(k.b.within, f, ref, r)
	}
	switch r := r.(type) {
	case *catalog.Table:
		s := k.b.scan(r, alias, false)
		if r.Maintains != 0 {
			if s, err = k.b.rowsOf(r, s, f.Offset()); err != nil {
				return source{}, err
			}
		}
		if r.Secured {
			if s, err = k.b.protect(r, s, f.Offset()); err != nil {
				return source{}, err
			}
		}
		s.rels[0].shut = k.b.narrow(r)
		if ref != nil {
			asThen(ref, r, &s.rels[0])
			if !k.b.caseful {
				foldColumns(s.rels[0].cols)
			}
		}
		return s, rename(&s.rels[0], f.Columns, f.Offset())
	case *catalog.ExternalTable:
		return k.b.externalTable(r, schema, alias, f)
	case *catalog.ExternalView:
		return k.b.externalView(r, alias, f)
	case *catalog.Virtual:
		s := k.b.virtual(r, alias)
		return s, rename(&s.rels[0], f.Columns, f.Offset())
	case *catalog.View:
		if r.Materialized != nil {
			return k.b.materialized(r, alias, f)
		}
		return k.b.view(r, alias, f)
	}
	return source{}, sqlstate.WrongObjectType.Errorf("\"%s\" is not a table or view", name).At(f.Offset())
}

// rename gives a relation's columns the names of an alias list.
func rename(r *relation, names []string, pos int) error {
	if n := len(r.shown()); len(names) > n {
		return tooManyNames(r.alias, n, len(names), pos)
	}
	for i, n := range names {
		r.cols[i].Name = n
	}
	return nil
}

func tooManyNames(alias string, has, given, pos int) error {
	return sqlstate.InvalidColumnReference.Errorf("table \"%s\" has %d columns available but %d columns specified", alias, has, given).At(pos)
}

// scan makes the scan of a table with all its columns; rowID puts the hidden row id before them (it is not in the relation).
func (b *binder) scan(t *catalog.Table, alias string, rowID bool) source {
	n := len(t.Columns)
	s := &plan.Scan{Table: t, Alias: alias, Output: make([]plan.Column, 0, n+1), Attrs: make([]int, 0, n+1)}
	if rowID {
		id := b.id()
		b.use(id)
		s.Output, s.Attrs = append(s.Output, plan.Column{ID: id, Table: alias, Type: types.TInt8}), append(s.Attrs, -1)
	}
	r := relation{alias: alias, schema: t.Schema, cols: make([]expr.Column, n)}
	if alias != t.Name {
		r.schema = ""
	}
	for i := range t.Columns {
		c := &t.Columns[i]
		id := b.id()
		s.Output, s.Attrs = append(s.Output, plan.Column{ID: id, Name: c.Name, Table: alias, Type: c.Type}), append(s.Attrs, i)
		r.cols[i] = expr.Column{ID: id, Typ: c.Type, Table: alias, Name: c.Name}
		b.folds = b.folds || c.CaseInsensitive
	}
	if !b.caseful {
		foldColumns(r.cols)
	}
	b.scans = append(b.scans, s)
	b.demands(s, rowID)
	b.out.UsesTables, b.tables = true, true
	b.reads(t)
	return source{node: s, rels: []relation{r}}
}

// foldColumns knows columns whose names have capitals by small letters, as a session does without enable_case_sensitive_identifier. Of columns that then
// have one name the first stands for all.
// https://docs.aws.amazon.com/redshift/latest/dg/r_enable_case_sensitive_identifier.html#r_enable_case_sensitive_identifier-usage-notes
func foldColumns(cols []expr.Column) {
	folded := false
	for i := range cols {
		if n := strings.ToLower(cols[i].Name); n != cols[i].Name {
			cols[i].Name, folded = n, true
		}
	}
	for i := 1; folded && i < len(cols); i++ {
		for k := range cols[:i] {
			if cols[k].Name == cols[i].Name {
				cols[i] = cols[k]
				break
			}
		}
	}
}

// reads records a table that the statement reads.
func (b *binder) reads(t *catalog.Table) {
	for _, x := range b.out.Reads {
		if x == t {
			return
		}
	}
	b.out.Reads = append(b.out.Reads, t)
}

// virtual makes the scan of a system table.
func (b *binder) virtual(t *catalog.Virtual, alias string) source {
	n := len(t.Columns)
	s := &plan.VirtualScan{Table: t, Alias: alias, Output: make([]plan.Column, n), Attrs: make([]int, n)}
	r := relation{alias: alias, schema: t.Schema, cols: make([]expr.Column, n)}
	if alias != t.Name {
		r.schema = ""
	}
	for i := range t.Columns {
		c := &t.Columns[i]
		id := b.id()
		s.Output[i], s.Attrs[i] = plan.Column{ID: id, Name: c.Name, Table: alias, Type: c.Type}, i
		r.cols[i] = expr.Column{ID: id, Typ: c.Type, Table: alias, Name: c.Name}
		if c.Hidden {
			r.hidden++
		}
	}
	b.scans = append(b.scans, s)
	b.out.Virtual = append(b.out.Virtual, t)
	b.out.UsesTables = b.out.UsesTables || !t.Leader
	b.out.Volatile = true
	return source{node: s, rels: []relation{r}}
}

// view binds a view's text and gives it the view's column names.
func (b *binder) view(v *catalog.View, alias string, f *ast.TableRef) (source, error) {
	inside := func(err error) error { return inBody(err, f.Offset()) }
	if b.env.Parse == nil {
		return source{}, unsupported(f.Offset(), "a view is")
	}
	read := b.env.Parse
	if v.LateBinding && b.env.ParseNow != nil {
		read = b.env.ParseNow
	}
	stmt, err := read(v.Text)
	if err != nil {
		return source{}, inside(err)
	}
	sel, ok := stmt.(*ast.Select)
	if !ok {
		return source{}, sqlstate.WrongObjectType.Errorf("the text of view \"%s\" is not a query", v.Name).At(f.Offset())
	}
	user, base, caseful, within, inlined := b.actAs(b.owner(v)), b.base, b.caseful, b.within, b.inlined
	b.base, b.caseful, b.within = b.depth, v.CaseSensitive, v
	if !v.LateBinding {
		b.inlined = v.Inlined
	}
	back, out := b.insideOf(v), b.inside(ofFrom)
	q, err := b.query(sel, nil, nil)
	out()
	back()
	user()
	b.base, b.caseful, b.within, b.inlined = base, caseful, within, inlined
	if err != nil {
		return source{}, inside(err)
	}
	b.out.Views = append(b.out.Views, v)
	names := make([]string, 0, max(len(v.Columns), len(v.Names)))
	names = append(names, v.Names...)
	for i := range v.Columns {
		names = append(names, v.Columns[i].Name)
	}
	for i, n := range f.Columns {
		if i < len(names) {
			names[i] = n
		} else {
			names = append(names, n)
		}
	}
	s, err := b.derived(q, alias, names, f.Offset())
	if n, ok := s.node.(*plan.Subquery); ok {
		n.View = v
	}
	if err == nil && v.Secured {
		s, err = b.protect(v, s, f.Offset())
	}
	if err != nil {
		return s, err
	}
	return b.guardView(v, s), nil
}

// derived makes a relation of a query's result.
func (b *binder) derived(q query, alias string, names []string, pos int) (source, error) {
	if err := b.settle(&q); err != nil {
		return source{}, err
	}
	if len(names) > len(q.cols) {
		return source{}, tooManyNames(alias, len(q.cols), len(names), pos)
	}
	n := &plan.Subquery{Input: q.node, Alias: alias, Output: make([]plan.Column, len(q.cols))}
	r := relation{alias: alias, cols: make([]expr.Column, len(q.cols))}
	for i, c := range q.cols {
		if i < len(names) {
			c.Name = names[i]
		}
		c.Table = alias
		n.Output[i] = c
		r.cols[i] = expr.Column{ID: c.ID, Typ: c.Type, Table: alias, Name: c.Name}
	}
	return source{node: n, rels: []relation{r}}, nil
}

// join binds L JOIN R.
func (k *block) join(f *ast.Join) (source, error) {
	l, err := k.item(f.L)
	if err != nil {
		return source{}, err
	}
	return k.joinTo(l, f)
}

// joinTo joins the right side of a join to the left one.
func (k *block) joinTo(l source, f *ast.Join) (source, error) {
	if u := k.unnesting(f.R, &l); u != nil {
		return k.joinElements(l, u, f)
	}
	r, err := k.item(f.R)
	if err != nil {
		return source{}, err
	}
	s, err := joined(l, r, f.R.Offset())
	if err == nil {
		err = nestedJoin(f.Kind, s.rels, f.Offset())
	}
	if err != nil {
		return source{}, err
	}
	if (f.Kind == "right" || f.Kind == "full") && slices.ContainsFunc(s.rels, func(r relation) bool { return r.value }) {
		return source{}, noOuterJoin(f.Offset())
	}
	j := s.node.(*plan.Join)
	switch f.Kind {
	case "left":
		j.Kind = plan.Left
	case "right":
		j.Kind = plan.Right
	case "full":
		j.Kind = plan.Full
	}
	using := f.Using
	if f.Natural {
		using = common(&l, &r)
	}
	if len(using) > 0 {
		return s, k.using(&s, j, &l, &r, using, f.Offset())
	}
	if f.On != nil {
		if j.On, err = k.joinCondition(s, f.On); err != nil {
			return source{}, err
		}
		if (f.Kind == "right" || f.Kind == "full") && slices.ContainsFunc(j.On, readsSuper) {
			return source{}, noOuterJoin(f.On.Offset())
		}
	}
	return s, nil
}

// common lists the names that both sides of a NATURAL JOIN have.
func common(l, r *source) (names []string) {
	right := r.columns()
	for _, c := range l.columns() {
		for i := range right {
			if right[i].name == c.name {
				names = append(names, c.name)
				break
			}
		}
	}
	return names
}

// using joins by columns of the same name, which the result has once, first.
// https://docs.aws.amazon.com/redshift/latest/dg/r_FROM_clause30.html
func (k *block) using(s *source, j *plan.Join, l, r *source, names []string, pos int) error {
	left, right := l.columns(), r.columns()
	var merged []visible
	for _, n := range names {
		a, err := l.find(n, pos)
		if err != nil {
			return sqlstate.AmbiguousColumn.Errorf("common column name \"%s\" appears more than once in left table", n).At(pos)
		}
		b, err := r.find(n, pos)
		if err != nil {
			return sqlstate.AmbiguousColumn.Errorf("common column name \"%s\" appears more than once in right table", n).At(pos)
		}
		if a == nil || b == nil {
			side := "left"
			if a != nil {
				side = "right"
			}
			return sqlstate.UndefinedColumn.Errorf("column \"%s\" specified in USING clause does not exist in %s table", n, side).At(pos)
		}
		for _, e := range []expr.Expr{a, b} {
			for _, id := range expr.Columns(e) {
				k.b.use(id)
			}
		}
		for _, e := range []expr.Expr{a, b} {
			if e.Type().Kind == types.Nested {
				return nestedError(pos, "column \"%s\" of a nested type cannot be joined by USING", n)
			}
		}
		cond, err := k.b.compare(expr.Eq, a, b, pos)
		if err != nil {
			return err
		}
		j.On = append(j.On, cond)
		v := visible{n, a}
		switch j.Kind {
		case plan.Right:
			v.e = b
		case plan.Full:
			if v.e, err = k.b.coalesce([]expr.Expr{a, b}, []int{pos, pos}); err != nil {
				return err
			}
		}
		merged = append(merged, v)
	}
	for _, side := range [][]visible{left, right} {
	next:
		for _, c := range side {
			for _, n := range names {
				if c.name == n {
					continue next
				}
			}
			merged = append(merged, c)
		}
	}
	s.vis = merged
	return nil
}
