package ast

import (
	"strings"

	"github.com/redshiftsim/redshiftsim/internal/sqlstate"
)

// Statement is a statement as written.
type Statement interface {
	// Span is where the statement stands in the text: [from, to).
	Span() (from, to int)
	setSpan(from, to int)
}

// Node is what every statement embeds.
type Node struct{ from, to int }

// Span gives the statement's place in the text.
func (n *Node) Span() (from, to int) { return n.from, n.to }
func (n *Node) setSpan(from, to int) { n.from, n.to = from, to }

// SetSpan records where s stands; parse calls it once, before anybody sees s.
func SetSpan(s Statement, from, to int) { s.setSpan(from, to) }

// Name is a possibly qualified name of an object.
type Name struct {
	Pos
	Parts []string // [database.][schema.]name
}

// Object is the last part, Schema the one before it or "".
func (n Name) Object() string { return n.Parts[len(n.Parts)-1] }

// Schema is the part before the object's name, or "".
func (n Name) Schema() string {
	if len(n.Parts) > 1 {
		return n.Parts[len(n.Parts)-2]
	}
	return ""
}

// Foreign refuses a name that says another database than the session's, current.
// https://docs.aws.amazon.com/redshift/latest/dg/cross-database-overview.html
func (n Name) Foreign(current string) error {
	if len(n.Parts) < 3 || n.Parts[len(n.Parts)-3] == current {
		return nil
	}
	return n.abroad()
}

// ForeignSchema is Foreign of the name of a schema, before which its database may stand.
// https://docs.aws.amazon.com/redshift/latest/dg/multi-warehouse-writes-sql-statements.html
func (n Name) ForeignSchema(current string) error {
	switch {
	case len(n.Parts) > 2:
		return sqlstate.Syntax.Errorf("improper qualified name (too many dotted names): %s", strings.Join(n.Parts, ".")).At(n.Offset())
	case len(n.Parts) < 2 || n.Parts[0] == current:
		return nil
	}
	return n.abroad()
}

func (n Name) abroad() error {
	return sqlstate.FeatureNotSupported.Errorf("cross-database references are not implemented: \"%s\"", strings.Join(n.Parts, ".")).At(n.Offset())
}

// Item is one item of a select list.
type Item struct {
	Expr  Expr
	Alias string
}

// CTE is one WITH query.
type CTE struct {
	Pos
	Name    string
	Columns []string
	Query   *Select
}

// Select is a query: a plain one, or a set operation of two (then only With, Left, Op, Right, OrderBy, Limit and Offset are set), or the parenthesised query
// in Paren.
type Select struct {
	Node
	Pos
	With      []CTE
	Recursive bool

	Op          string // "", "union", "union all", "intersect", "except"
	Left, Right *Select

	Distinct  bool
	Items     []Item
	Into      *Name // SELECT INTO
	IntoTemp  bool
	From      []From
	Where     Expr
	GroupBy   []Expr
	Having    Expr
	Qualify   Expr
	StartWith Expr
	ConnectBy Expr
	Prior     bool // PRIOR stands outside of CONNECT BY, too
	OrderBy   []OrderItem
	Limit     Expr
	Offset    Expr
}

// From is an item of FROM.
type From interface{ Offset() int }

type (
	// TableRef is a table, view or CTE by name.
	TableRef struct {
		Pos
		Name    Name
		Written []string // the name's parts in the case in which they were written, when names of attributes keep it; nil = as Name has them
		Alias   string
		Columns []string
	}
	// Derived is (query) alias.
	Derived struct {
		Pos
		Query   *Select
		Alias   string
		Columns []string
	}
	// Join is L kind JOIN R ON .. | USING (..) | natural.
	Join struct {
		Pos
		Kind    string // "inner", "left", "right", "full", "cross"
		L, R    From
		On      Expr
		Using   []string
		Natural bool
	}
	// TableFunc is f(args) in FROM.
	TableFunc struct {
		Pos
		Call    *FuncCall
		Alias   string
		Columns []string
	}
	// Unnest makes rows of a SUPER value of an item before it, in the ways that name no table: c.orders AS o AT i, c.orders[0].lines AS l, UNPIVOT c.obj
	// AS v AT k, UNNEST(c.orders) [WITH OFFSET] AS o (x, i), and JOIN c.orders without a condition. Without an index or AT, c.orders is a TableRef:
	// names in scope tell whether it is a table.
	// https://docs.aws.amazon.com/redshift/latest/dg/query-super.html#unnest
	Unnest struct {
		Pos
		X          Expr     // ColumnRef, Path or FuncCall
		Alias      string   // of the value
		At         string   // of the index or the attribute's name, "" = none
		Object     bool     // UNPIVOT: attributes instead of elements
		Func       bool     // UNNEST(..): Alias is the table's, Columns name the element and the offset
		WithOffset bool     // WITH OFFSET
		Columns    []string // of UNNEST
	}
	// Pivot is source PIVOT (aggregate FOR column IN (values)).
	// https://docs.aws.amazon.com/redshift/latest/dg/r_FROM_clause-pivot-unpivot-examples.html
	Pivot struct {
		Pos
		Source    From
		Aggregate *FuncCall
		As        string // the aggregate's alias
		Column    *ColumnRef
		In        []Item
		Alias     string
		Columns   []string
	}
	// Unpivot is source UNPIVOT [INCLUDE NULLS] (value FOR name IN (columns)).
	Unpivot struct {
		Pos
		Source       From
		IncludeNulls bool
		Value, Name  string // the columns that it makes
		In           []Item // ColumnRef and the alias that Name shows
		Alias        string
		Columns      []string
	}
)

type (
	// Insert is INSERT INTO t (cols) VALUES .. | query | DEFAULT VALUES.
	Insert struct {
		Node
		Table   Name
		Columns []ColumnName
		Rows    [][]Expr
		Query   *Select
		Default bool
	}
	// Update is UPDATE t [alias] SET .. [FROM ..] [WHERE ..].
	Update struct {
		Node
		With      []CTE
		Recursive bool
		Table     Name
		Alias     string
		Set       []Assignment
		From      []From
		Where     Expr
	}
	// Delete is DELETE FROM t [alias] [USING ..] [WHERE ..].
	Delete struct {
		Node
		With      []CTE
		Recursive bool
		Table     Name
		Alias     string
		Using     []From
		Where     Expr
	}
	// Explain is EXPLAIN [VERBOSE] statement.
	Explain struct {
		Node
		Verbose bool
		Stmt    Statement
	}
	// CreateTable is CREATE TABLE with column definitions, or LIKE, or AS query.
	CreateTable struct {
		Node
		Name        Name
		Temp        bool
		IfNotExists bool
		Columns     []ColumnDef
		Constraints []Constraint
		Likes       []LikeTable
		Query       *Select
		QueryText   string
		Names       []string // of CREATE TABLE t (a, b) AS
		Attributes
	}
	// CreateView is CREATE [OR REPLACE] VIEW.
	CreateView struct {
		Node
		Name        Name
		Replace     bool
		Columns     []string
		Query       *Select
		Text        string // of the query
		LateBinding bool
	}
	// CreateSchema is CREATE SCHEMA.
	CreateSchema struct {
		Node
		Database    string // before the name; "" = none
		Name        string
		NamePos     Pos
		IfNotExists bool
		Owner       string
		Quota       *Quota
		Objects     []Statement // CREATE TABLE, CREATE VIEW and GRANT behind the schema's name
	}
	// Drop is DROP of what has a name alone.
	Drop struct {
		Node
		Kind     string // "table", "view", "schema", "materialized view", "database"
		Names    []Name
		IfExists bool
		Cascade  bool
		// ExternalDatabase is DROP SCHEMA s DROP EXTERNAL DATABASE, Force DROP DATABASE d FORCE.
		ExternalDatabase, Force bool
	}
	// Truncate is TRUNCATE [TABLE] t.
	Truncate struct {
		Node
		Table Name
	}
	// Lock is LOCK [TABLE] t, .. The guide knows no mode: the lock is always ACCESS EXCLUSIVE. PostgreSQL's modes are read so that they can be refused.
	// https://docs.aws.amazon.com/redshift/latest/dg/r_LOCK.html
	Lock struct {
		Node
		Tables []Name
		Mode   string // "", or the words before MODE: "share row exclusive"
		NoWait bool
	}
	// AlterTable is one action on a table.
	AlterTable struct {
		Node
		Table  Name
		View   bool   // of a materialized view
		Action string // "add column", "drop column", "rename column", "rename", "owner", "alter diststyle", "alter sortkey", "alter type", "alter encode", "add constraint", ...
		Column ColumnDef
		Old    ColumnName
		To     string
		Casc   bool
		Dist   string
		Sort   string
		Keys   []ColumnName
		Cons   *Constraint
	}
	// Copy is COPY t FROM ..: options in the order written.
	Copy struct {
		Node
		Table   Name
		Columns []ColumnName
		From    string
		FromPos Pos
		Options []Option
	}
	// Unload is UNLOAD ('query') TO ..: Stmt is the query's tree, its offsets are in Query; lex.Place finds them in the text of the statement.
	// https://docs.aws.amazon.com/redshift/latest/dg/r_UNLOAD.html
	Unload struct {
		Node
		Query    string
		QueryPos Pos // of the string
		Stmt     *Select
		To       string
		ToPos    Pos
		Options  []Option
	}
	// Analyze is ANALYZE [VERBOSE] [t [(cols)]] [PREDICATE COLUMNS | ALL COLUMNS].
	Analyze struct {
		Node
		Verbose bool
		Table   *Name
		Columns []ColumnName
		Which   string
	}
	// AnalyzeCompression is ANALYZE COMPRESSION [t [(cols)]] [COMPROWS n].
	AnalyzeCompression struct {
		Node
		Table   *Name
		Columns []ColumnName
		Rows    int64 // 0 = not given
	}
	// Vacuum is VACUUM [FULL | ...] [t [TO n PERCENT] [BOOST]].
	Vacuum struct {
		Node
		Kind    string // "full", "sort only", "delete only", "reindex", "recluster"
		Table   *Name
		Percent int // -1 = not given
		Boost   bool
	}
	// Transaction is BEGIN, COMMIT or ROLLBACK in any of their spellings.
	Transaction struct {
		Node
		Kind      string // "begin", "commit", "rollback"
		Isolation string
		ReadOnly  bool
		ReadWrite bool // said, not only the default
	}
	// Set is SET [SESSION|LOCAL] name TO value; Reset and Show of a parameter ("all" too).
	Set struct {
		Node
		Name   string
		Value  string
		IsNull bool // TO DEFAULT
		Local  bool
	}
	// Reset is RESET name.
	Reset struct {
		Node
		Name string
	}
	// AlterSystem is ALTER SYSTEM SET name TO value.
	// https://docs.aws.amazon.com/redshift/latest/dg/r_ALTER_SYSTEM.html
	AlterSystem struct {
		Node
		Pos         // of Name
		Name, Value string
	}
	// Show is SHOW name.
	Show struct {
		Node
		Name string
	}
	// Prepare is PREPARE name AS statement; Execute and Deallocate use it.
	Prepare struct {
		Node
		Name  string
		Types []*TypeName
		Text  string
		Stmt  Statement
	}
	// Execute is EXECUTE name (args).
	Execute struct {
		Node
		Name string
		Args []Expr
	}
	// Deallocate is DEALLOCATE name or ALL.
	Deallocate struct {
		Node
		Name string
	}
	// Comment is COMMENT ON kind name IS text; Text is nil for NULL.
	// https://docs.aws.amazon.com/redshift/latest/dg/r_COMMENT.html
	Comment struct {
		Node
		Kind    string // "table", "column", "view", "schema", "database", "constraint", "function", "procedure"
		Name    Name
		Args    []RoutineArg // of a function or procedure, where HasArgs
		HasArgs bool
		On      *Name // the table of a constraint
		Text    *string
	}
	// Other is a statement that is recognised by its leading words only (parse.Leading lists them); the engine refuses it by Kind (0A000).
	Other struct {
		Node
		Kind    string // upper-case words: "CREATE MODEL"
		Text    string
		Foreign bool // PostgreSQL's: Redshift has no such statement
	}
)

// LikeTable is LIKE parent [INCLUDING | EXCLUDING DEFAULTS] among the columns of CREATE TABLE.
type LikeTable struct {
	Pos
	Name     Name
	Defaults bool // INCLUDING DEFAULTS
	At       int  // how many of the statement's own columns stand before it
}

// Attributes are those of a table or materialized view as a whole.
type Attributes struct {
	Backup     string // "", "yes", "no"
	DistStyle  string // "", "even", "key", "all", "auto"
	DistKey    *ColumnName
	SortStyle  string // "", "compound", "interleaved", "auto"
	SortKey    []ColumnName
	EncodeAuto bool
}

// ColumnName is a column's name with its place.
type ColumnName struct {
	Pos
	Name string
}

// Assignment is column = value in UPDATE.
type Assignment struct {
	Column ColumnName
	Value  Expr
}

// ColumnDef is a column of CREATE TABLE or ADD COLUMN.
type ColumnDef struct {
	Pos
	Name        string
	Type        *TypeName
	NotNull     bool
	Null        bool // NULL said
	Default     Expr
	DefaultText string
	Identity    *[2]int64 // seed, step
	ByDefault   bool      // GENERATED BY DEFAULT AS IDENTITY
	Encode      string
	DistKey     bool
	SortKey     bool
	Primary     bool
	PrimaryName string // CONSTRAINT name; "" = none
	Unique      bool
	UniqueName  string
	References  *Constraint
	Collate     string
}

// Constraint is a table constraint.
type Constraint struct {
	Pos
	Name       string
	Kind       byte // 'p', 'u', 'f'
	Columns    []ColumnName
	RefTable   Name
	RefColumns []ColumnName
}

// Option is one option of a statement that has many, such as COPY: its words in upper case, and its value.
type Option struct {
	Pos
	Name   string // "DELIMITER", "CSV", "IAM_ROLE", "CONNECTION LIMIT"
	Value  string
	HasVal bool
	Names  []string // of a list of names: IN GROUP, PARTITION BY
}
