// Package expr holds typed scalar expressions: what bind makes, what optimize rewrites, and what tasks compute over batches.
//
//	Call{pricepaid * 0.15}          typed tree, names resolved to ColumnIDs, casts spelled out
//	  Column{ID: 7, numeric(8,2)}
//	  Const{0.15, numeric(2,2)}
//	       | Compile(e, layout)
//	       v
//	Program --NewState--> State.Eval(batch) -> *vector.Vector (dense: one row per live row of the batch)
//	                      State.Filter(batch)  narrows batch.Sel to the rows for which the expression is true
//
// Trees are immutable and shared between plans; State belongs to one task.
package expr

import (
	"github.com/redshiftsim/redshiftsim/engine/function"
	"github.com/redshiftsim/redshiftsim/internal/types"
)

// ColumnID numbers a column of a plan: every scanned or computed column of one statement has its own, and keeps it wherever it travels.
type ColumnID int32

// Expr is a node of a typed expression tree.
type Expr interface {
	Type() types.Type
}

// Column is the value of a column of the row.
type Column struct {
	ID    ColumnID
	Typ   types.Type
	Table string // alias, for EXPLAIN
	Name  string
}

// Const is a value known when the statement is bound. Place is where a literal stands in the text, plus 1; 0 = nowhere.
type Const struct {
	Value types.Datum
	Place int
}

// Param is $N, 1-based; its value comes with Env.Params, already cast to Typ.
type Param struct {
	N   int
	Typ types.Type
}

// Call is a function or an arithmetic, text or bit operator ("+", "||", "~~" for LIKE); args are already of the bound types.
type Call struct {
	Fn   *function.Bound
	Args []Expr
	Op   bool // printed as an operator
	Pos  int  // byte offset in the statement, for errors; -1 unknown
}

// Cast converts Arg to To. Implicit ones print as EXPLAIN does, explicit ones truncate text that is too long.
type Cast struct {
	Arg      Expr
	To       types.Type
	Implicit bool
	Try      bool // TRY_CAST: NULL where the conversion fails
	Pos      int
}

// CompareOp is a comparison.
type CompareOp uint8

// Comparisons.
const (
	Eq CompareOp = iota
	Ne
	Lt
	Le
	Gt
	Ge
)

// Compare compares two operands of one comparison family (equal lanes after casts); text ignores trailing blanks.
type Compare struct {
	Op          CompareOp
	Left, Right Expr
}

// And, Or and Not are three-valued.
type (
	// And is true when all Args are.
	And struct{ Args []Expr }
	// Or is true when one of Args is.
	Or struct{ Args []Expr }
	// Not inverts.
	Not struct{ Arg Expr }
)

// IsNull is IS [NOT] NULL; never NULL itself.
type IsNull struct {
	Arg Expr
	Not bool
}

// IsBool is IS [NOT] TRUE / FALSE; never NULL itself.
type IsBool struct {
	Arg   Expr
	Value bool
	Not   bool
}

// In is [NOT] IN a list; operands cast to one type.
type In struct {
	Arg  Expr
	List []Expr
	Not  bool
}

// When is one arm of a Case.
type When struct{ Cond, Then Expr }

// Case is the searched form; results are cast to Typ. Else nil = NULL.
type Case struct {
	Whens []When
	Else  Expr
	Typ   types.Type
}

// Coalesce is the first non-NULL of Args (NVL, COALESCE).
type Coalesce struct {
	Args []Expr
	Typ  types.Type
}

// SubqueryKind says what an Apply-like expression asks of its query.
type SubqueryKind uint8

// Kinds of subqueries.
const (
	Scalar SubqueryKind = iota // one column, at most one row
	Exists
	Any // Left Op ANY (query): IN is Any with Eq
	All // Left Op ALL (query): NOT IN is All with Ne
)

// Subquery is a query inside an expression. Plan is a plan.Node (expr cannot name it); the optimizer replaces every Subquery before compile.
type Subquery struct {
	Kind SubqueryKind
	Plan any
	Left []Expr // Any, All: the row on the left
	Op   CompareOp
	Not  bool // NOT EXISTS, NOT IN
	Typ  types.Type
	// Outer lists the columns of outer queries that the query uses.
	Outer []ColumnID
	Pos   int
}

// Type gives the node's type.
func (e *Column) Type() types.Type   { return e.Typ }
func (e *Const) Type() types.Type    { return e.Value.Type }
func (e *Param) Type() types.Type    { return e.Typ }
func (e *Call) Type() types.Type     { return e.Fn.Returns }
func (e *Cast) Type() types.Type     { return e.To }
func (e *Compare) Type() types.Type  { return types.TBool }
func (e *And) Type() types.Type      { return types.TBool }
func (e *Or) Type() types.Type       { return types.TBool }
func (e *Not) Type() types.Type      { return types.TBool }
func (e *IsNull) Type() types.Type   { return types.TBool }
func (e *IsBool) Type() types.Type   { return types.TBool }
func (e *In) Type() types.Type       { return types.TBool }
func (e *Case) Type() types.Type     { return e.Typ }
func (e *Coalesce) Type() types.Type { return e.Typ }
func (e *Subquery) Type() types.Type { return e.Typ }
