// Package ast holds statements and expressions as written: no types but those spelled out, no names resolved.
//
//	SELECT avg(year) FROM movies WHERE year > 1980
//
//	*Select{Items: [FuncCall avg [ColumnRef year]], From: [TableRef movies], Where: Binary{">", ColumnRef year, Literal 1980}}
//
// Every node carries the byte offset of its first token in the text given to parse.Parse. Trees are immutable: they are shared through caches.
package ast

import "github.com/redshiftsim/redshiftsim/internal/types"

// Expr is an expression as written.
type Expr interface {
	// Offset is the byte offset of the expression in the statement's text.
	Offset() int
}

// Pos is the byte offset that every node embeds.
type Pos int

// Offset gives it.
func (p Pos) Offset() int { return int(p) }

// LiteralKind tells literals apart.
type LiteralKind uint8

// Kinds of literals.
const (
	Null LiteralKind = iota
	Bool
	Number // digits, with a point or an exponent
	String
	Default // the word DEFAULT in VALUES and SET
)

// TypeName is a type as written, resolved to Type when the name is one of Redshift's; otherwise Type is unknown and Name says what was written.
type TypeName struct {
	Pos
	Name string // as written, lower case, without modifiers: "uuid"
	Type types.Type
	Err  error // modifiers out of range
	// Known says that Type is meant.
	Known bool
	// Bare is a VARCHAR or TEXT without a length.
	Bare bool
	// Parts are those of struct<..>, whose parts have names, array<..>, which has one, and map<..>, which has two. Name then is all of it.
	Parts []TypePart
}

// TypePart is a part of a nested type of an external table.
type TypePart struct {
	Pos
	Name string
	Type *TypeName
}

type (
	// Literal is a constant. Text is decoded (escapes, doubled quotes) for strings, the digits for numbers, "true" or "false" for booleans.
	Literal struct {
		Pos
		Kind LiteralKind
		Text string
	}
	// Param is $N.
	Param struct {
		Pos
		N int
	}
	// NamedParam is :name.
	NamedParam struct {
		Pos
		Name string
	}
	// ColumnRef is a name as written: [[database.]schema.]table.column, or a path into a SUPER column, c.orders.total. Which it is only names in scope
	// tell; a path with an index is a Path.
	ColumnRef struct {
		Pos
		Parts   []string
		Written []string // the parts in the case in which they were written, when names of attributes keep it; nil = as Parts
	}
	// Path navigates a SUPER value: c.orders[0].total is ColumnRef c.orders, [0], .total; X may be any expression: f(x).a.
	// https://docs.aws.amazon.com/redshift/latest/dg/query-super.html#navigation
	Path struct {
		Pos
		X     Expr
		Steps []Step
	}
	// Star is * or t.* with EXCLUDE; it stands only in select lists and count(*).
	Star struct {
		Pos
		Table   []string
		Exclude []string
	}
	// Unary is a prefix operator: - + @ |/ ||/ ~ NOT.
	Unary struct {
		Pos
		Op string
		X  Expr
	}
	// Binary is an infix operator: arithmetic, comparison, AND, OR, ||, ~, SIMILAR TO ("similar", "not similar").
	Binary struct {
		Pos   // of the operator
		Op    string
		L, R  Expr
		Third Expr // ESCAPE
	}
	// Is is X IS [NOT] NULL, TRUE, FALSE, UNKNOWN.
	Is struct {
		Pos
		X    Expr
		What string // "null", "true", "false", "unknown"
		Not  bool
	}
	// Between is X [NOT] BETWEEN Lo AND Hi.
	Between struct {
		Pos
		X, Lo, Hi Expr
		Not       bool
	}
	// In is X [NOT] IN (list) or (query).
	In struct {
		Pos
		X     Expr
		List  []Expr
		Query *Select
		Not   bool
	}
	// Like is X [NOT] LIKE or ILIKE pattern [ESCAPE c].
	Like struct {
		Pos
		X, Pattern Expr
		Escape     Expr
		Not        bool
		Fold       bool // ILIKE
	}
	// Quantified is X op ANY|ALL (query or array).
	Quantified struct {
		Pos
		Op    string
		X     Expr
		All   bool
		Query *Select // nil = Array
		Array Expr
	}
	// Array is ARRAY[items], or ARRAY(query).
	Array struct {
		Pos
		Items []Expr
		Query *Select // nil = Items
	}
	// Exists is EXISTS (query).
	Exists struct {
		Pos
		Query *Select
	}
	// Subquery is a scalar subquery.
	Subquery struct {
		Pos
		Query *Select
	}
	// Cast is x::t, CAST(x AS t), CONVERT(t, x), TRY_CAST, or a typed literal (date '2001-01-01').
	Cast struct {
		Pos
		X       Expr
		Type    *TypeName
		Try     bool
		Literal bool
	}
	// Interval is interval '1 day' with its optional qualifier.
	Interval struct {
		Pos
		Text, Qualifier string
	}
	// Case is CASE [operand] WHEN .. THEN .. [ELSE ..] END.
	Case struct {
		Pos
		Operand Expr
		Whens   []When
		Else    Expr
	}
	// Row is (a, b, ...).
	Row struct {
		Pos
		Items []Expr
	}
	// FuncCall is a function call as written, name in lower case.
	FuncCall struct {
		Pos
		Name        []string // [schema.]name
		Args        []Expr
		Star        bool // count(*)
		Distinct    bool
		Approximate bool
		WithinGroup []OrderItem
		IgnoreNulls bool
		Over        *Window
		NoParens    bool // current_date
	}
	// AtTimeZone is x AT TIME ZONE z.
	AtTimeZone struct {
		Pos
		X, Zone Expr
	}
	// Collate is x COLLATE c.
	Collate struct {
		Pos
		X    Expr
		Name string
	}
	// OuterMark is col(+).
	OuterMark struct {
		Pos
		X Expr
	}
	// Named is a named argument a => x.
	Named struct {
		Pos
		Name string
		X    Expr
	}
	// Grouping is ROLLUP, CUBE or GROUPING SETS in GROUP BY; Kind "all" is GROUP BY ALL. A Grouping inside GROUPING SETS is a set of one Grouping.
	Grouping struct {
		Pos
		Kind string // "rollup", "cube", "sets", "all"
		Sets [][]Expr
	}
	// Prior is PRIOR x in CONNECT BY.
	Prior struct {
		Pos
		X Expr
	}
)

// Step is one step of a Path: .name, or [index] when Index is there.
type Step struct {
	Pos
	Name    string
	Written string // the name in the case in which it was written, when names of attributes keep it
	Index   Expr
}

// When is one arm of a Case.
type When struct{ Cond, Then Expr }

// OrderItem is one item of ORDER BY.
type OrderItem struct {
	Expr  Expr
	Desc  bool
	Nulls string // "", "first", "last"
}

// Window is what stands behind OVER.
type Window struct {
	Pos
	Partition []Expr
	Order     []OrderItem
	Frame     *Frame
}

// Frame is ROWS BETWEEN Lo AND Hi.
type Frame struct {
	Pos
	Lo, Hi Bound
}

// Bound is an end of a frame.
type Bound struct {
	Kind string // "unbounded preceding", "preceding", "current row", "following", "unbounded following"
	N    Expr
}
