package expr

import (
	"strconv"
	"strings"
	"time"

	"github.com/redshiftsim/redshiftsim/engine/function"
	"github.com/redshiftsim/redshiftsim/internal/types"
)

// Text prints an expression as EXPLAIN prints conditions: (pricepaid > 30.00), ((eventname)::text ~~ 'A%'::text). name prints a column; nil = its
// bare name, quoted where it must be.
// https://docs.aws.amazon.com/redshift/latest/dg/r_EXPLAIN.html
func Text(e Expr, name func(*Column) string) string {
	if name == nil {
		name = func(c *Column) string { return c.Name }
	}
	p := printer{name: name}
	p.expr(e)
	return p.b.String()
}

type printer struct {
	b    strings.Builder
	name func(*Column) string
}

func (p *printer) list(args []Expr, sep string) {
	for i, a := range args {
		if i > 0 {
			p.b.WriteString(sep)
		}
		p.expr(a)
	}
}

func (p *printer) expr(e Expr) {
	b := &p.b
	switch e := e.(type) {
	case *Column:
		b.WriteString(p.name(e))
	case *Const:
		b.WriteString(constText(&e.Value))
	case *Param:
		b.WriteString("$" + strconv.Itoa(e.N))
	case *Call:
		p.call(e)
	case *Cast:
		p.cast(e)
	case *Compare:
		b.WriteByte('(')
		p.compared(e.Left)
		b.WriteString(" " + e.Op.String() + " ")
		p.compared(e.Right)
		b.WriteByte(')')
	case *And:
		b.WriteByte('(')
		p.list(e.Args, " AND ")
		b.WriteByte(')')
	case *Or:
		b.WriteByte('(')
		p.list(e.Args, " OR ")
		b.WriteByte(')')
	case *Not:
		b.WriteString("(NOT ")
		p.expr(e.Arg)
		b.WriteByte(')')
	case *IsNull:
		b.WriteByte('(')
		p.expr(e.Arg)
		if e.Not {
			b.WriteString(" IS NOT NULL)")
		} else {
			b.WriteString(" IS NULL)")
		}
	case *IsBool:
		b.WriteByte('(')
		p.expr(e.Arg)
		b.WriteString(" IS ")
		if e.Not {
			b.WriteString("NOT ")
		}
		b.WriteString(strings.ToUpper(strconv.FormatBool(e.Value)) + ")")
	case *In:
		p.in(e)
	case *Case:
		b.WriteString("CASE")
		for _, w := range e.Whens {
			b.WriteString(" WHEN ")
			p.expr(w.Cond)
			b.WriteString(" THEN ")
			p.expr(w.Then)
		}
		b.WriteString(" ELSE ")
		if e.Else == nil {
			b.WriteString("NULL::" + typeText(e.Typ))
		} else {
			p.expr(e.Else)
		}
		b.WriteString(" END")
	case *Coalesce:
		b.WriteString("COALESCE(")
		p.list(e.Args, ", ")
		b.WriteByte(')')
	case *Subquery:
		b.WriteString("(subplan)")
	}
}

// call prints an operator between its operands, a function before them.
func (p *printer) call(e *Call) {
	b := &p.b
	switch {
	case e.Op && len(e.Args) == 2:
		b.WriteByte('(')
		p.expr(e.Args[0])
		b.WriteString(" " + e.Fn.Name + " ")
		p.expr(e.Args[1])
		b.WriteByte(')')
	case e.Op && len(e.Args) == 1:
		b.WriteString("(" + e.Fn.Name + " ")
		p.expr(e.Args[0])
		b.WriteByte(')')
	case e.Fn.Path != nil, e.Fn.Part != nil:
		p.expr(e.Args[0])
		b.WriteString(e.Fn.Name)
	default:
		b.WriteString(e.Fn.Name + "(")
		p.list(e.Args, ", ")
		b.WriteByte(')')
	}
}

// compared prints a side of a comparison: a varchar column is compared as text.
func (p *printer) compared(e Expr) {
	if c, ok := e.(*Column); !ok || c.Typ.Kind != types.Varchar {
		p.expr(e)
		return
	}
	p.b.WriteByte('(')
	p.expr(e)
	p.b.WriteString(")::text")
}

// cast prints (a)::type. Casts that PostgreSQL would not have made (between integers, between scales of numerics) are not shown.
func (p *printer) cast(e *Cast) {
	if hiddenCast(e) {
		p.expr(e.Arg)
		return
	}
	if c, ok := e.Arg.(*Const); ok && c.Value.Type.Kind == types.Unknown {
		p.b.WriteString(quoted(&types.Datum{Type: types.TText, Text: c.Value.Text}) + "::" + typeText(e.To))
		return
	}
	p.b.WriteByte('(')
	p.expr(e.Arg)
	p.b.WriteString(")::" + typeText(e.To))
}

// hiddenCast says that a cast is one of ours alone: PostgreSQL has operators across integer widths and across numeric scales.
func hiddenCast(e *Cast) bool {
	if !e.Implicit {
		return false
	}
	f := e.Arg.Type()
	return f.IsInteger() && e.To.IsInteger() || f.Kind == types.Numeric && e.To.Kind == types.Numeric || f.Kind == e.To.Kind && f.IsText()
}

// in prints up to ten values as comparisons, more as an array.
// https://docs.aws.amazon.com/redshift/latest/dg/r_in_condition.html
func (p *printer) in(e *In) {
	b := &p.b
	if len(e.List) <= 10 {
		op, sep := " = ", " OR "
		if e.Not {
			op, sep = " <> ", " AND "
		}
		if len(e.List) > 1 {
			b.WriteByte('(')
		}
		for i, x := range e.List {
			if i > 0 {
				b.WriteString(sep)
			}
			b.WriteByte('(')
			p.expr(e.Arg)
			b.WriteString(op)
			p.expr(x)
			b.WriteByte(')')
		}
		if len(e.List) > 1 {
			b.WriteByte(')')
		}
		return
	}
	b.WriteByte('(')
	p.expr(e.Arg)
	if e.Not {
		b.WriteString(" <> ALL ('{")
	} else {
		b.WriteString(" = ANY ('{")
	}
	for i, x := range e.List {
		if i > 0 {
			b.WriteByte(',')
		}
		c, ok := x.(*Const)
		switch {
		case !ok:
			p.expr(x)
		case c.Value.Null:
			b.WriteString("NULL")
		case c.Value.Type.Lane() == types.LaneText && c.Value.Type.Kind != types.Super:
			b.WriteString(strconv.Quote(c.Value.Text))
		default:
			b.WriteString(types.Format(c.Value, time.UTC))
		}
	}
	b.WriteString("}'::" + typeText(e.List[0].Type()) + "[]))")
}

// typeText is a type's name in a cast: without modifiers, char as bpchar.
func typeText(t types.Type) string {
	if t.Kind == types.Char {
		return "bpchar"
	}
	return types.Type{Kind: t.Kind}.String()
}

// quoted is a value between quotes.
func quoted(d *types.Datum) string {
	s := d.Text
	if d.Type.Lane() != types.LaneText || d.Type.Kind == types.Super || d.Type.IsOpaque() {
		s = types.Format(*d, time.UTC)
	}
	return "'" + strings.ReplaceAll(strings.ReplaceAll(s, "\\", "\\\\"), "'", "''") + "'"
}

// constText prints a constant: numbers and booleans bare, the rest quoted with its type.
func constText(d *types.Datum) string {
	switch {
	case d.Null && d.Type.Kind == types.Unknown:
		return "NULL"
	case d.Null:
		return "NULL::" + typeText(d.Type)
	case d.Type.Kind == types.Bool:
		return strconv.FormatBool(d.Bool)
	case d.Type.Kind == types.Float4 || d.Type.Kind == types.Float8:
		return types.Format(*d, time.UTC) + "::" + typeText(d.Type)
	case d.Type.IsNumber():
		return types.Format(*d, time.UTC)
	case d.Type.Kind == types.Unknown:
		return quoted(&types.Datum{Type: types.TText, Text: d.Text})
	}
	v := *d
	if v.Type.Kind == types.Char {
		v.Type = types.TText
	}
	return quoted(&v) + "::" + typeText(d.Type)
}

// Ops counts what the cost model charges for one evaluation: operators and function calls, casts that call a function among them. AND, OR, NOT and
// IS NULL are free; a list of more than ten values counts ten.
func Ops(e Expr) int {
	n := 0
	Walk(e, func(x Expr) bool {
		switch x := x.(type) {
		case *Call, *Compare:
			n++
		case *Cast:
			if !hiddenCast(x) && !(x.Arg.Type().IsText() && x.To.IsText() && function.Reinterprets(x.Arg.Type(), x.To)) {
				if _, ok := x.Arg.(*Const); !ok {
					n++
				}
			}
		case *In:
			n += min(len(x.List), 10)
			if len(x.List) <= 10 {
				n += Ops(x.Arg) * (len(x.List) - 1) // written out as comparisons
			}
		}
		return true
	})
	return n
}
