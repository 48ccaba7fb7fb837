package ast

type (
	// Merge is MERGE INTO t USING source ON condition, with the WHEN clauses or REMOVE DUPLICATES.
	// https://docs.aws.amazon.com/redshift/latest/dg/r_MERGE.html
	Merge struct {
		Node
		Table            Name
		Alias            string
		Source           From // TableRef or Derived
		On               Expr
		Matched          *MergeAction // WHEN MATCHED
		NotMatched       *MergeAction // WHEN NOT MATCHED: an insert
		RemoveDuplicates bool
	}
	// MergeAction is what one WHEN clause does.
	MergeAction struct {
		Pos
		Kind    string       // "update", "delete", "insert"
		Set     []Assignment // of update
		Columns []ColumnName // of insert, nil = all
		Values  []Expr       // of insert
	}
	// DeclareCursor is DECLARE c CURSOR FOR query. Redshift has none of the other words; they are read so that they can be refused by name.
	// https://docs.aws.amazon.com/redshift/latest/dg/declare.html
	DeclareCursor struct {
		Node
		Name    ColumnName
		Options []Option // BINARY, INSENSITIVE, SCROLL, NO SCROLL, WITH HOLD, WITHOUT HOLD
		Query   *Select
		Text    string // of the query
	}
	// Fetch is FETCH [NEXT | ALL | FORWARD [n | ALL]] FROM c.
	// https://docs.aws.amazon.com/redshift/latest/dg/fetch.html
	Fetch struct {
		Node
		Cursor ColumnName
		Count  int64 // 1 for NEXT and where nothing is said
		All    bool
	}
	// CloseCursor is CLOSE c.
	// https://docs.aws.amazon.com/redshift/latest/dg/close.html
	CloseCursor struct {
		Node
		Cursor ColumnName
	}
	// Call is CALL procedure (arguments).
	// https://docs.aws.amazon.com/redshift/latest/dg/r_CALL_procedure.html
	Call struct {
		Node
		Name Name
		Args []Expr // Named where the name is given
	}
	// CreateMaterializedView is CREATE MATERIALIZED VIEW.
	// https://docs.aws.amazon.com/redshift/latest/dg/materialized-view-create-sql-command.html
	CreateMaterializedView struct {
		Node
		Name        Name
		Columns     []string
		Attributes         // BACKUP, DISTSTYLE, DISTKEY, SORTKEY
		AutoRefresh string // "", "yes", "no"
		Query       *Select
		Text        string // of the query
	}
	// AlterMaterializedView is ALTER MATERIALIZED VIEW v AUTO REFRESH {YES | NO}; its other actions are those of an AlterTable with View set.
	// https://docs.aws.amazon.com/redshift/latest/dg/r_ALTER_MATERIALIZED_VIEW.html
	AlterMaterializedView struct {
		Node
		Name        Name
		AutoRefresh string // "yes", "no"
	}
	// RefreshMaterializedView is REFRESH MATERIALIZED VIEW v [RESTRICT | CASCADE].
	// https://docs.aws.amazon.com/redshift/latest/dg/materialized-view-refresh-sql-command.html
	RefreshMaterializedView struct {
		Node
		Name    Name
		Cascade bool
	}
)
