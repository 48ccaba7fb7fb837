package sqlmatch

import (
	"fmt"
	"reflect"
	"slices"
	"strconv"
	"strings"

	"github.com/redshiftsim/redshiftsim/engine/ast"
	"github.com/redshiftsim/redshiftsim/engine/parse/lex"
)

// said are fields that repeat as text what a tree beside them says, or how a thing was written that means the same.
var said = map[reflect.Type][]string{
	reflect.TypeFor[ast.CreateTable]():            {"QueryText"},
	reflect.TypeFor[ast.Policy]():                 {"Text"},
	reflect.TypeFor[ast.CreateExternalTable]():    {"QueryText"},
	reflect.TypeFor[ast.ColumnDef]():              {"DefaultText"},
	reflect.TypeFor[ast.CreateView]():             {"Text"},
	reflect.TypeFor[ast.CreateMaterializedView](): {"Text"},
	reflect.TypeFor[ast.ExternalView]():           {"Text"},
	reflect.TypeFor[ast.DeclareCursor]():          {"Text"},
	reflect.TypeFor[ast.Prepare]():                {"Text"},
	reflect.TypeFor[ast.SQL]():                    {"Text"},
	reflect.TypeFor[ast.Formula]():                {"Text"},
	reflect.TypeFor[ast.Declare]():                {"QueryText"},
	reflect.TypeFor[ast.Loop]():                   {"QueryText"},
	reflect.TypeFor[ast.OpenCursor]():             {"QueryText"},
	reflect.TypeFor[ast.Unload]():                 {"Query"},
	reflect.TypeFor[ast.CopyJob]():                {"Text"},
	reflect.TypeFor[ast.Cast]():                   {"Literal"}, // date '2001-01-01' is '2001-01-01'::date
	reflect.TypeFor[ast.GrantObject]():            {"Named"},   // ON TABLE t is ON t
}

var (
	posType  = reflect.TypeFor[ast.Pos]()
	nodeType = reflect.TypeFor[ast.Node]()
)

// place is a node on one side: what it is, and where it begins in the text.
type place struct {
	node any
	at   int
}

// walk compares two trees from the root and stops at the first difference.
//
//	Select ── Where ── Binary and ── Binary >=        path: "WHERE", "condition 2 of AND", "the right of >="
//	Select ── Where ── Binary and ── Binary >         at:   the pair of Binary nodes
type walk struct {
	o      options
	texts  [2]string
	path   []string
	at     [2]place
	inner  int // in trees whose offsets are in another text
	hidden bool
	top    bool
	scopes [2][]scope
	diff   *Difference
}

// differ records the difference at hand and says false.
func (w *walk) differ(format string, args ...any) bool {
	if w.diff == nil {
		w.diff = &Difference{Path: strings.Join(w.path, ", "), Reason: fmt.Sprintf(format, args...)}
		w.diff.Expected, w.diff.Actual = w.side(0), w.side(1)
	}
	return false
}

// side writes the innermost node of a side: as SQL where it is part of a query or a change, as it stands in the text otherwise.
func (w *walk) side(i int) Side {
	at := w.at[i]
	s := Side{Offset: at.at, SQL: written(at.node)}
	s.Line, s.Column = lineColumn(w.texts[i], at.at)
	if at.node == nil {
		s = Side{}
	} else if s.SQL == "" {
		s.SQL = excerpt(w.texts[i][at.at:])
	}
	return s
}

// written writes a node as SQL, "" when it is of no query.
func written(n any) string {
	p := &printer{}
	switch n := n.(type) {
	case ast.Statement:
		p.statement(n)
	case ast.Item:
		p.items([]ast.Item{n})
	case ast.OrderItem:
		p.order([]ast.OrderItem{n})
	case ast.Assignment:
		p.assignment(n)
	case ast.When:
		p.when(n)
	case []ast.Expr:
		p.put("(")
		p.exprs(n)
		p.put(")")
	case *ast.TypeName:
		p.put(typeName(n))
	case ast.From: // and expressions, which have a place, too
		p.item(n, false)
		p.expr(n, loosest)
	}
	return p.b.String()
}

// step goes one step down the path while f runs.
func (w *walk) step(name string, f func() bool) bool {
	if name == "" {
		return f()
	}
	w.path = append(w.path, name)
	ok := f()
	w.path = w.path[:len(w.path)-1]
	return ok
}

// enter compares with f below a pair of nodes.
func (w *walk) enter(a, b any, f func() bool) bool {
	before := w.at
	for i, n := range [2]any{a, b} {
		w.at[i] = place{n, before[i].at}
		if at := offset(n); at >= 0 && w.inner == 0 {
			w.at[i].at = at
		}
	}
	ok := f()
	w.at = before
	return ok
}

// offset is where a node begins, -1 when it does not say so.
func offset(n any) int {
	switch n := n.(type) {
	case ast.Statement:
		if from, to := n.Span(); to > 0 {
			return from
		}
		if q, ok := n.(*ast.Select); ok {
			return q.Pos.Offset()
		}
	case ast.Item:
		return n.Expr.Offset()
	case ast.OrderItem:
		return n.Expr.Offset()
	case ast.When:
		return n.Cond.Offset()
	case ast.Assignment:
		return n.Column.Offset()
	case interface{ Offset() int }:
		return n.Offset()
	}
	return -1
}

// same compares two values of one static type.
func (w *walk) same(a, b reflect.Value) bool {
	switch a.Kind() {
	case reflect.Interface, reflect.Pointer:
		return w.pointers(a, b)
	case reflect.Slice, reflect.Array:
		return w.lists(a, b)
	case reflect.Struct:
		return w.structs(a, b)
	}
	if a.Interface() != b.Interface() {
		return w.differ("%s is not %s", show(a), show(b))
	}
	return true
}

// show writes a value that is no node.
func show(v reflect.Value) string {
	if v.Kind() == reflect.String {
		return fmt.Sprintf("%q", v.String())
	}
	return fmt.Sprint(v.Interface())
}

// pointers compares what may be absent, and nodes of any type.
func (w *walk) pointers(a, b reflect.Value) bool {
	if a.IsNil() || b.IsNil() {
		if a.IsNil() && b.IsNil() {
			return true
		}
		return w.enter(node(a), node(b), func() bool {
			return w.differ("only the %s statement has it", word(a.IsNil(), "actual", "expected"))
		})
	}
	x, y := a.Interface(), b.Interface()
	if _, ok := x.(interface{ Offset() int }); !ok {
		if _, ok := x.(ast.Statement); !ok && a.Kind() == reflect.Pointer {
			return w.same(a.Elem(), b.Elem())
		}
	}
	if q, ok := x.(*ast.Select); ok {
		x = bare(q)
	}
	if q, ok := y.(*ast.Select); ok {
		y = bare(q)
	}
	return w.enter(x, y, func() bool { return w.nodes(x, y) })
}

// node is the node that a value holds, nil for none.
func node(v reflect.Value) any {
	if v.IsNil() {
		return nil
	}
	return v.Interface()
}

// nodes compares two nodes that are there.
func (w *walk) nodes(x, y any) bool {
	if op, p := chain(x), chain(y); (op != "" || p != "") && (op == p || op == "" || p == "") {
		op = max(op, p)
		return w.chains(op, flat(x.(ast.Expr), op, nil), flat(y.(ast.Expr), op, nil))
	}
	a, b := reflect.ValueOf(x), reflect.ValueOf(y)
	if a.Type() != b.Type() {
		return w.differ("%s is not %s", kind(x), kind(y))
	}
	switch n := x.(type) {
	case *ast.Binary:
		m := y.(*ast.Binary)
		if n.Op != m.Op {
			return w.differ("%s is not %s", strings.ToUpper(n.Op), strings.ToUpper(m.Op))
		}
		return w.step("the left of "+strings.ToUpper(n.Op), func() bool { return w.exprs(n.L, m.L) }) &&
			w.step("the right of "+strings.ToUpper(n.Op), func() bool { return w.exprs(n.R, m.R) }) &&
			w.step("ESCAPE", func() bool { return w.exprs(n.Third, m.Third) })
	case *ast.Literal:
		m := y.(*ast.Literal)
		if n.Kind != m.Kind || n.Text != m.Text {
			return w.differ("%s", word(n.Kind == m.Kind, "another literal", literalKinds[n.Kind]+" is not "+literalKinds[m.Kind]))
		}
		return true
	case *ast.ColumnRef:
		if !w.names(n.Parts, y.(*ast.ColumnRef).Parts, true) {
			return w.differ("another name")
		}
		return true
	case *ast.TypeName:
		return w.types(n, y.(*ast.TypeName))
	case *ast.Select:
		return w.selects(n, y.(*ast.Select))
	case *ast.Update, *ast.Delete, *ast.Merge:
		return w.inScope(scopeOf(x), scopeOf(y), func() bool { return w.structs(a.Elem(), b.Elem()) })
	case *ast.Other:
		return w.others(n, y.(*ast.Other))
	case *ast.CreateRoutine:
		m := y.(*ast.CreateRoutine)
		if n.Block == nil && n.Query == nil || m.Block == nil && m.Query == nil {
			return w.structs(a.Elem(), b.Elem()) && (n.Body == m.Body || w.step("the body", func() bool { return w.differ("another text") }))
		}
	}
	if a.Kind() != reflect.Pointer {
		return w.same(a, b)
	}
	return w.same(a.Elem(), b.Elem())
}

// exprs compares two expressions, either of which may be missing.
func (w *walk) exprs(a, b ast.Expr) bool {
	return w.same(reflect.ValueOf(&a).Elem(), reflect.ValueOf(&b).Elem())
}

// chain is the operator of a node that joins conditions, AND or OR; "" = it is none.
func chain(n any) string {
	if b, ok := n.(*ast.Binary); ok && (b.Op == "and" || b.Op == "or") {
		return b.Op
	}
	return ""
}

// flat gives the conditions that one operator, AND or OR, joins: how they are grouped does not matter.
func flat(e ast.Expr, op string, out []ast.Expr) []ast.Expr {
	if b, ok := e.(*ast.Binary); ok && b.Op == op {
		return flat(b.R, op, flat(b.L, op, out))
	}
	return append(out, e)
}

// chains compares the conditions of AND or OR.
func (w *walk) chains(op string, a, b []ast.Expr) bool {
	return w.elements(len(a), len(b), "condition %d of "+strings.ToUpper(op),
		func(i int) bool { return w.exprs(a[i], b[i]) },
		func(i int) any { return a[i] }, func(i int) any { return b[i] })
}

// elements compares lists element by element; the first that differs, or that one side lacks, is the difference.
func (w *walk) elements(n, m int, name string, same func(int) bool, left, right func(int) any) bool {
	for i := range min(n, m) {
		if !w.step(numbered(name, i), func() bool { return same(i) }) {
			return false
		}
	}
	if n == m {
		return true
	}
	i := min(n, m)
	return w.step(numbered(name, i), func() bool {
		var a, b any
		if n > m {
			a = left(i)
		} else {
			b = right(i)
		}
		return w.enter(a, b, func() bool { return w.differ("only the %s statement has it", word(n > m, "expected", "actual")) })
	})
}

// numbered fills in the number of an element, where its name has room for one.
func numbered(name string, i int) string {
	return strings.Replace(name, "%d", strconv.Itoa(i+1), 1)
}

// lists compares slices and arrays.
func (w *walk) lists(a, b reflect.Value) bool {
	at := func(v reflect.Value) func(int) any {
		return func(i int) any { return v.Index(i).Interface() }
	}
	return w.elements(a.Len(), b.Len(), "item %d", func(i int) bool {
		x, y := a.Index(i), b.Index(i)
		if x.Kind() != reflect.Struct {
			return w.same(x, y)
		}
		return w.enter(x.Interface(), y.Interface(), func() bool { return w.same(x, y) })
	}, at(a), at(b))
}

// structs compares the fields that mean something.
func (w *walk) structs(a, b reflect.Value) bool {
	t := a.Type()
	switch x := a.Interface().(type) {
	case ast.Name:
		if !w.names(x.Parts, b.Interface().(ast.Name).Parts, false) {
			return w.differ("another name")
		}
		return true
	case ast.Item:
		y := b.Interface().(ast.Item)
		return w.exprs(x.Expr, y.Expr) && (itemAlias(x) == itemAlias(y) || w.o.aliases && w.hidden || w.step("AS", func() bool { return w.differ("another alias") }))
	}
	for i := range t.NumField() {
		f := t.Field(i)
		if f.Type == posType || f.Type == nodeType || slices.Contains(said[t], f.Name) || !f.IsExported() {
			continue
		}
		if f.Name == "Alias" && scoped(t) && (w.o.aliases || alias(a.Interface()) == alias(b.Interface())) {
			continue
		}
		if !w.step(phrase(f), func() bool { return w.field(t, f, a.Field(i), b.Field(i)) }) {
			return false
		}
	}
	return true
}

// field compares one field, with what it means for the trees below.
func (w *walk) field(t reflect.Type, f reflect.StructField, a, b reflect.Value) bool {
	before := *w
	defer func() { w.inner, w.hidden, w.top = before.inner, before.hidden, before.top }()
	if t == reflect.TypeFor[ast.CreateRoutine]() {
		switch f.Name {
		case "Body":
			return true // compared as a tree, or by nodes
		case "Block", "Query":
			w.inner++
		}
	}
	if t == reflect.TypeFor[ast.Unload]() && f.Name == "Stmt" {
		w.inner++
	}
	if f.Type == reflect.TypeFor[*ast.Select]() && t != reflect.TypeFor[ast.Select]() {
		w.hidden, w.top = concealed[t], false
	}
	if f.Type.Kind() == reflect.Bool && a.Bool() != b.Bool() {
		return w.differ("only the %s statement has it", word(a.Bool(), "expected", "actual"))
	}
	return w.same(a, b)
}

// types compares types by what they mean, and by name where they are not Redshift's.
func (w *walk) types(a, b *ast.TypeName) bool {
	switch {
	case a.Known != b.Known, a.Known && a.Type != b.Type, !a.Known && typeName(a) != typeName(b), (a.Err == nil) != (b.Err == nil), a.Err != nil && a.Err.Error() != b.Err.Error():
		return w.differ("%s is not %s", typeName(a), typeName(b))
	}
	return true
}

// others compares statements that have no tree, word by word.
func (w *walk) others(a, b *ast.Other) bool {
	if a.Kind != b.Kind {
		return w.differ("%s is not %s", a.Kind, b.Kind)
	}
	if !sameWords(a.Text, b.Text, w.o.lex) {
		return w.differ("the words of %s differ, which has no tree", a.Kind)
	}
	return true
}

// sameWords compares texts token by token: blanks and comments do not count, nor does the case of words.
func sameWords(a, b string, o lex.Options) bool {
	x, err := lex.Scan(a, o)
	y, err2 := lex.Scan(b, o)
	if err != nil || err2 != nil {
		return strings.Join(strings.Fields(a), " ") == strings.Join(strings.Fields(b), " ")
	}
	return slices.EqualFunc(x, y, func(s, t lex.Token) bool { return s.Kind == t.Kind && s.Text == t.Text })
}
