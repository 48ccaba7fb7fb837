package parse

import (
	"fmt"
	"reflect"
	"strconv"
	"strings"

	"github.com/redshiftsim/redshiftsim/engine/ast"
)

// printer writes trees as text; with places, every node of an expression is followed by @offset.
type printer struct {
	b      strings.Builder
	places bool
}

// show prints statements, one a line.
func show(list []ast.Statement) string {
	out := make([]string, len(list))
	for i, st := range list {
		p := &printer{}
		p.statement(st)
		out[i] = p.b.String()
	}
	return strings.Join(out, "\n")
}

// showExpr prints an expression.
func showExpr(e ast.Expr, places bool) string {
	p := &printer{places: places}
	p.expr(e)
	return p.b.String()
}

func (p *printer) put(format string, args ...any) { fmt.Fprintf(&p.b, format, args...) }

func (p *printer) names(list []string) { p.put("%s", strings.Join(list, ".")) }

func (p *printer) columns(list []ast.ColumnName) {
	p.put("(")
	for i, c := range list {
		if i > 0 {
			p.put(" ")
		}
		p.put("%s", c.Name)
	}
	p.put(")")
}

func (p *printer) exprs(list []ast.Expr) {
	for _, e := range list {
		p.put(" ")
		p.expr(e)
	}
}

func (p *printer) typ(t *ast.TypeName) {
	switch {
	case t.Err != nil:
		p.put("!%s", t.Name)
	case !t.Known:
		p.put("?%s", t.Name)
	default:
		p.put("%s", t.Type)
	}
}

func (p *printer) order(list []ast.OrderItem) {
	for i, o := range list {
		if i > 0 {
			p.put(", ")
		}
		p.expr(o.Expr)
		if o.Desc {
			p.put(" desc")
		}
		if o.Nulls != "" {
			p.put(" nulls %s", o.Nulls)
		}
	}
}

func (p *printer) expr(e ast.Expr) {
	switch e := e.(type) {
	case nil:
		p.put("<nil>")
		return
	case *ast.Literal:
		switch e.Kind {
		case ast.Null:
			p.put("null")
		case ast.Default:
			p.put("default")
		case ast.String:
			p.put("%s", "'"+strings.ReplaceAll(e.Text, "'", "''")+"'")
		default:
			p.put("%s", e.Text)
		}
	case *ast.Param:
		p.put("$%d", e.N)
	case *ast.NamedParam:
		p.put(":%s", e.Name)
	case *ast.ColumnRef:
		p.names(e.Parts)
	case *ast.Path:
		p.put("path(")
		p.expr(e.X)
		for _, s := range e.Steps {
			if s.Index != nil {
				p.put("[")
				p.expr(s.Index)
				p.put("]")
			} else {
				p.put(".%s", s.Name)
			}
		}
		p.put(")")
	case *ast.Named:
		p.put("%s => ", e.Name)
		p.expr(e.X)
	case *ast.OuterMark:
		p.expr(e.X)
		p.put("(+)")
	case *ast.Prior:
		p.put("(prior ")
		p.expr(e.X)
		p.put(")")
	case *ast.Star:
		p.names(append(append([]string(nil), e.Table...), "*"))
		if e.Exclude != nil {
			p.put(" exclude%v", e.Exclude)
		}
	case *ast.Unary:
		p.put("(%s ", e.Op)
		p.expr(e.X)
		p.put(")")
	case *ast.Binary:
		p.put("(")
		p.expr(e.L)
		p.put(" %s ", e.Op)
		p.expr(e.R)
		if e.Third != nil {
			p.put(" escape ")
			p.expr(e.Third)
		}
		p.put(")")
	case *ast.Is:
		p.put("(")
		p.expr(e.X)
		p.put(" is %s%s)", not(e.Not), e.What)
	case *ast.Between:
		p.put("(")
		p.expr(e.X)
		p.put(" %sbetween ", not(e.Not))
		p.expr(e.Lo)
		p.put(" and ")
		p.expr(e.Hi)
		p.put(")")
	case *ast.In:
		p.put("(")
		p.expr(e.X)
		p.put(" %sin", not(e.Not))
		if e.Query != nil {
			p.put(" ")
			p.query(e.Query)
		}
		p.exprs(e.List)
		p.put(")")
	case *ast.Like:
		p.put("(")
		p.expr(e.X)
		word := "like "
		if e.Fold {
			word = "ilike "
		}
		p.put(" %s%s", not(e.Not), word)
		p.expr(e.Pattern)
		if e.Escape != nil {
			p.put(" escape ")
			p.expr(e.Escape)
		}
		p.put(")")
	case *ast.Quantified:
		p.put("(")
		p.expr(e.X)
		p.put(" %s %s ", e.Op, map[bool]string{true: "all", false: "any"}[e.All])
		if e.Query != nil {
			p.query(e.Query)
		} else {
			p.put("(")
			p.expr(e.Array)
			p.put(")")
		}
		p.put(")")
	case *ast.Array:
		p.put("array")
		if e.Query != nil {
			p.query(e.Query)
			break
		}
		p.put("[")
		for i, x := range e.Items {
			if i > 0 {
				p.put(", ")
			}
			p.expr(x)
		}
		p.put("]")
	case *ast.Exists:
		p.put("exists ")
		p.query(e.Query)
	case *ast.Subquery:
		p.query(e.Query)
	case *ast.Cast:
		word := "cast"
		if e.Try {
			word = "try_cast"
		}
		if e.Literal {
			word = "typed"
		}
		p.put("%s(", word)
		p.expr(e.X)
		p.put(" as ")
		p.typ(e.Type)
		p.put(")")
	case *ast.Interval:
		p.put("interval(%q %q)", e.Text, e.Qualifier)
	case *ast.Case:
		p.put("case(")
		if e.Operand != nil {
			p.expr(e.Operand)
		}
		for _, w := range e.Whens {
			p.put(" when ")
			p.expr(w.Cond)
			p.put(" then ")
			p.expr(w.Then)
		}
		if e.Else != nil {
			p.put(" else ")
			p.expr(e.Else)
		}
		p.put(")")
	case *ast.Row:
		p.put("row(")
		p.exprs(e.Items)
		p.put(")")
	case *ast.FuncCall:
		p.call(e)
	case *ast.AtTimeZone:
		p.put("(")
		p.expr(e.X)
		p.put(" zone ")
		p.expr(e.Zone)
		p.put(")")
	case *ast.Collate:
		p.put("(")
		p.expr(e.X)
		p.put(" collate %s)", e.Name)
	case *ast.Grouping:
		p.put("%s[", e.Kind)
		for _, s := range e.Sets {
			p.put("{")
			p.exprs(s)
			p.put("}")
		}
		p.put("]")
	default:
		p.put("<%T>", e)
	}
	if p.places {
		p.put("@%d", e.Offset())
	}
}

func not(b bool) string {
	if b {
		return "not "
	}
	return ""
}

func (p *printer) call(e *ast.FuncCall) {
	if e.Approximate {
		p.put("approximate ")
	}
	p.names(e.Name)
	if e.NoParens {
		return
	}
	p.put("(")
	if e.Distinct {
		p.put("distinct")
	}
	if e.Star {
		p.put("*")
	}
	for i, a := range e.Args {
		if i > 0 || e.Distinct {
			p.put(" ")
		}
		p.expr(a)
	}
	p.put(")")
	if e.WithinGroup != nil {
		p.put(" within(")
		p.order(e.WithinGroup)
		p.put(")")
	}
	if e.IgnoreNulls {
		p.put(" ignore nulls")
	}
	if w := e.Over; w != nil {
		p.put(" over(")
		if w.Partition != nil {
			p.put("partition")
			p.exprs(w.Partition)
		}
		if w.Order != nil {
			p.put(" order ")
			p.order(w.Order)
		}
		if f := w.Frame; f != nil {
			p.put(" rows ")
			p.bound(f.Lo)
			p.put(" and ")
			p.bound(f.Hi)
		}
		p.put(")")
	}
}

func (p *printer) bound(b ast.Bound) {
	if b.N != nil {
		p.expr(b.N)
		p.put(" ")
	}
	p.put("%s", b.Kind)
}

func (p *printer) query(q *ast.Select) {
	p.put("[")
	p.with(q.With, q.Recursive)
	switch {
	case q.Op != "":
		p.query(q.Left)
		p.put(" %s ", q.Op)
		p.query(q.Right)
	case q.Left != nil:
		p.query(q.Left)
	default:
		p.plain(q)
	}
	if q.OrderBy != nil {
		p.put(" order ")
		p.order(q.OrderBy)
	}
	if q.Limit != nil {
		p.put(" limit ")
		p.expr(q.Limit)
	}
	if q.Offset != nil {
		p.put(" offset ")
		p.expr(q.Offset)
	}
	p.put("]")
}

func (p *printer) with(list []ast.CTE, recursive bool) {
	for i, c := range list {
		if i == 0 {
			p.put("with ")
			if recursive {
				p.put("recursive ")
			}
		}
		p.put("%s%v", c.Name, c.Columns)
		p.query(c.Query)
		p.put(" ")
	}
}

func (p *printer) plain(q *ast.Select) {
	p.put("select")
	if q.Distinct {
		p.put(" distinct")
	}
	for i, it := range q.Items {
		if i > 0 {
			p.put(",")
		}
		p.put(" ")
		p.expr(it.Expr)
		if it.Alias != "" {
			p.put(" as %s", it.Alias)
		}
	}
	if q.Into != nil {
		p.put(" into ")
		if q.IntoTemp {
			p.put("temp ")
		}
		p.names(q.Into.Parts)
	}
	p.from(" from ", q.From)
	for _, c := range []struct {
		word string
		e    ast.Expr
	}{{"where", q.Where}} {
		if c.e != nil {
			p.put(" %s ", c.word)
			p.expr(c.e)
		}
	}
	if q.GroupBy != nil {
		p.put(" group")
		p.exprs(q.GroupBy)
	}
	if q.StartWith != nil {
		p.put(" start with ")
		p.expr(q.StartWith)
	}
	if q.ConnectBy != nil {
		p.put(" connect by ")
		p.expr(q.ConnectBy)
	}
	if q.Having != nil {
		p.put(" having ")
		p.expr(q.Having)
	}
	if q.Qualify != nil {
		p.put(" qualify ")
		p.expr(q.Qualify)
	}
}

func (p *printer) from(word string, list []ast.From) {
	for i, f := range list {
		if i == 0 {
			p.put("%s", word)
		} else {
			p.put(", ")
		}
		p.item(f)
	}
}

func (p *printer) alias(name string, cols []string) {
	if name != "" {
		p.put(" %s", name)
	}
	if cols != nil {
		p.put("%v", cols)
	}
}

func (p *printer) item(f ast.From) {
	switch f := f.(type) {
	case *ast.TableRef:
		p.names(f.Name.Parts)
		p.alias(f.Alias, f.Columns)
	case *ast.Derived:
		p.query(f.Query)
		p.alias(f.Alias, f.Columns)
	case *ast.TableFunc:
		p.call(f.Call)
		p.alias(f.Alias, f.Columns)
	case *ast.Join:
		p.put("(")
		p.item(f.L)
		if f.Natural {
			p.put(" natural")
		}
		p.put(" %s ", f.Kind)
		p.item(f.R)
		if f.On != nil {
			p.put(" on ")
			p.expr(f.On)
		}
		if f.Using != nil {
			p.put(" using%v", f.Using)
		}
		p.put(")")
	default:
		p.put("%s{", reflect.TypeOf(f).Elem().Name())
		p.fields(reflect.ValueOf(f).Elem(), true)
		p.put("}")
	}
	if p.places {
		p.put("@%d", f.Offset())
	}
}

func (p *printer) statement(st ast.Statement) {
	switch st := st.(type) {
	case *ast.Select:
		p.query(st)
	case *ast.Insert:
		p.put("insert ")
		p.names(st.Table.Parts)
		if st.Columns != nil {
			p.columns(st.Columns)
		}
		switch {
		case st.Default:
			p.put(" default values")
		case st.Query != nil:
			p.put(" ")
			p.query(st.Query)
		}
		for _, r := range st.Rows {
			p.put(" (")
			p.exprs(r)
			p.put(")")
		}
	case *ast.Update:
		p.with(st.With, st.Recursive)
		p.put("update ")
		p.names(st.Table.Parts)
		p.alias(st.Alias, nil)
		for _, a := range st.Set {
			p.put(" %s=", a.Column.Name)
			p.expr(a.Value)
		}
		p.from(" from ", st.From)
		if st.Where != nil {
			p.put(" where ")
			p.expr(st.Where)
		}
	case *ast.Delete:
		p.with(st.With, st.Recursive)
		p.put("delete ")
		p.names(st.Table.Parts)
		p.alias(st.Alias, nil)
		p.from(" using ", st.Using)
		if st.Where != nil {
			p.put(" where ")
			p.expr(st.Where)
		}
	case *ast.Explain:
		p.put("explain verbose=%t ", st.Verbose)
		p.statement(st.Stmt)
	case *ast.CreateTable:
		p.createTable(st)
	case *ast.CreateView:
		p.put("create view %s%v replace=%t late=%t ", strings.Join(st.Name.Parts, "."), st.Columns, st.Replace, st.LateBinding)
		p.query(st.Query)
		p.put(" text=%q", st.Text)
	case *ast.CreateSchema:
		p.put("create schema %s owner=%q ifnotexists=%t", st.Name, st.Owner, st.IfNotExists)
	case *ast.Drop:
		p.put("drop %s", st.Kind)
		for _, n := range st.Names {
			p.put(" ")
			p.names(n.Parts)
		}
		p.put(" ifexists=%t cascade=%t", st.IfExists, st.Cascade)
	case *ast.Truncate:
		p.put("truncate ")
		p.names(st.Table.Parts)
	case *ast.AlterTable:
		p.alterTable(st)
	case *ast.CopyJob:
		p.put("copyjob %s", st.Verb)
		if st.Name.Name != "" {
			p.put(" %s", st.Name.Name)
		}
		if st.Auto != "" {
			p.put(" auto=%s", st.Auto)
		}
		if st.Copy != nil {
			p.put(" %q ", st.Text)
			p.copy(st.Copy)
		}
	case *ast.Copy:
		p.copy(st)
	case *ast.Template:
		p.put("%s template ", st.Verb)
		p.names(st.Name.Parts)
		if st.Verb == "create" {
			p.put(" replace=%t", st.Replace)
		}
		if st.Change != "" {
			p.put(" %s %s", st.Change, st.RenameTo)
		}
		if st.Owner != nil {
			p.put("%s", st.Owner.Name)
		}
		p.options(st.Options)
	case *ast.Unload:
		p.put("unload %q to %q", st.Query, st.To)
		p.options(st.Options)
	case *ast.Analyze:
		p.put("analyze verbose=%t", st.Verbose)
		p.maybe(st.Table)
		if st.Columns != nil {
			p.columns(st.Columns)
		}
		p.put(" %q", st.Which)
	case *ast.AnalyzeCompression:
		p.put("analyze compression")
		p.maybe(st.Table)
		if st.Columns != nil {
			p.columns(st.Columns)
		}
		p.put(" %d", st.Rows)
	case *ast.Vacuum:
		p.put("vacuum %q", st.Kind)
		p.maybe(st.Table)
		p.put(" %d boost=%t", st.Percent, st.Boost)
	case *ast.Transaction:
		p.put("%s %q readonly=%t", st.Kind, st.Isolation, st.ReadOnly)
	case *ast.Set:
		p.put("set %s=%q default=%t local=%t", st.Name, st.Value, st.IsNull, st.Local)
	case *ast.Reset:
		p.put("reset %s", st.Name)
	case *ast.Show:
		p.put("show %s", st.Name)
	case *ast.Prepare:
		p.put("prepare %s(", st.Name)
		for i, t := range st.Types {
			if i > 0 {
				p.put(" ")
			}
			p.typ(t)
		}
		p.put(") ")
		p.statement(st.Stmt)
		p.put(" text=%q", st.Text)
	case *ast.Execute:
		p.put("execute %s", st.Name)
		p.exprs(st.Args)
	case *ast.Deallocate:
		p.put("deallocate %s", st.Name)
	case *ast.Comment:
		p.put("comment %s ", st.Kind)
		p.names(st.Name.Parts)
		if st.Text == nil {
			p.put(" null")
		} else {
			p.put(" %q", *st.Text)
		}
	case *ast.Other:
		p.put("other %s", st.Kind)
	default:
		p.dump(reflect.ValueOf(st).Elem())
	}
}

func (p *printer) maybe(n *ast.Name) {
	if n != nil {
		p.put(" ")
		p.names(n.Parts)
	}
}

func (p *printer) options(list []ast.Option) {
	for _, o := range list {
		p.put(" %s", o.Name)
		if o.HasVal {
			p.put("=%s", strconv.Quote(o.Value))
		}
		if o.Names != nil {
			p.put("%v", o.Names)
		}
	}
}

func (p *printer) createTable(st *ast.CreateTable) {
	p.put("create table ")
	p.names(st.Name.Parts)
	for _, f := range []struct {
		word string
		on   bool
	}{{"temp", st.Temp}, {"ifnotexists", st.IfNotExists}, {"encodeauto", st.EncodeAuto}} {
		if f.on {
			p.put(" %s", f.word)
		}
	}
	for i := range st.Columns {
		p.put(" | ")
		p.column(&st.Columns[i])
	}
	for i := range st.Constraints {
		p.put(" | ")
		p.constraint(&st.Constraints[i])
	}
	for i := range st.Likes {
		l := &st.Likes[i]
		p.put(" like")
		p.maybe(&l.Name)
		if l.Defaults {
			p.put(" defaults")
		}
		if l.At > 0 {
			p.put(" at %d", l.At)
		}
	}
	if st.Names != nil {
		p.put(" names%v", st.Names)
	}
	for _, f := range [][2]string{{"backup", st.Backup}, {"dist", st.DistStyle}, {"sort", st.SortStyle}} {
		if f[1] != "" {
			p.put(" %s=%s", f[0], f[1])
		}
	}
	if st.DistKey != nil {
		p.put(" distkey(%s)", st.DistKey.Name)
	}
	if st.SortKey != nil {
		p.put(" sortkey")
		p.columns(st.SortKey)
	}
	if st.Query != nil {
		p.put(" as ")
		p.query(st.Query)
	}
}

func (p *printer) column(c *ast.ColumnDef) {
	p.put("%s ", c.Name)
	p.typ(c.Type)
	for _, f := range []struct {
		word string
		on   bool
	}{{"not null", c.NotNull}, {"null", c.Null}, {"bydefault", c.ByDefault}, {"distkey", c.DistKey}, {"sortkey", c.SortKey}, {"primary", c.Primary}, {"unique", c.Unique}} {
		if f.on {
			p.put(" %s", f.word)
		}
	}
	if c.Default != nil {
		p.put(" default ")
		p.expr(c.Default)
		p.put(" %q", c.DefaultText)
	}
	if c.Identity != nil {
		p.put(" identity%v", *c.Identity)
	}
	if c.Encode != "" {
		p.put(" encode %s", c.Encode)
	}
	if c.Collate != "" {
		p.put(" collate %s", c.Collate)
	}
	if c.References != nil {
		p.put(" ")
		p.constraint(c.References)
	}
}

func (p *printer) constraint(c *ast.Constraint) {
	p.put("%s%c", c.Name, c.Kind)
	p.columns(c.Columns)
	if c.Kind == 'f' {
		p.put("->%s", strings.Join(c.RefTable.Parts, "."))
		p.columns(c.RefColumns)
	}
}

func (p *printer) alterTable(st *ast.AlterTable) {
	p.put("alter %s: %s", strings.Join(st.Table.Parts, "."), st.Action)
	if st.Old.Name != "" {
		p.put(" old=%s", st.Old.Name)
	}
	if st.To != "" {
		p.put(" to=%s", st.To)
	}
	if st.Column.Type != nil {
		p.put(" ")
		p.column(&st.Column)
	} else if st.Column.Encode != "" {
		p.put(" encode %s", st.Column.Encode)
	}
	if st.Casc {
		p.put(" cascade")
	}
	if st.Dist != "" {
		p.put(" dist=%s", st.Dist)
	}
	if st.Sort != "" {
		p.put(" sort=%s", st.Sort)
	}
	if st.Keys != nil {
		p.put(" ")
		p.columns(st.Keys)
	}
	if st.Cons != nil {
		p.put(" ")
		p.constraint(st.Cons)
	}
}

func (p *printer) copy(st *ast.Copy) {
	p.put("copy ")
	p.names(st.Table.Parts)
	if st.Columns != nil {
		p.columns(st.Columns)
	}
	p.put(" from %q", st.From)
	p.options(st.Options)
}
