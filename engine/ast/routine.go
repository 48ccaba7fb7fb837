package ast

// RoutineArg is an argument of a function or procedure.
type RoutineArg struct {
	Pos
	Mode string // "", "in", "out", "inout"
	Name string
	Type *TypeName
}

type (
	// CreateRoutine is CREATE FUNCTION, CREATE EXTERNAL FUNCTION or CREATE PROCEDURE. The body is text with the tree of it: Block of PL/pgSQL, Query of
	// SQL; offsets of nodes in the trees are offsets in Body. Other languages have no tree.
	// https://docs.aws.amazon.com/redshift/latest/dg/r_CREATE_PROCEDURE.html
	// https://docs.aws.amazon.com/redshift/latest/dg/r_CREATE_FUNCTION.html
	// https://docs.aws.amazon.com/redshift/latest/dg/r_CREATE_EXTERNAL_FUNCTION.html
	CreateRoutine struct {
		Node
		Procedure  bool
		External   bool // a Lambda function
		Replace    bool
		Name       Name
		Args       []RoutineArg
		Returns    *TypeName // of a function
		Volatility string    // "", "volatile", "stable", "immutable"
		NonAtomic  bool
		Language   string // "plpgsql", "sql", "plpythonu"
		Definer    bool   // SECURITY DEFINER
		Set        []*Set
		Body       string
		BodyPos    Pos // of the body's first byte in the text
		Block      *Block
		Query      *Select
		Options    []Option // of an external function: LAMBDA, SAGEMAKER, IAM_ROLE, RETRY_TIMEOUT, MAX_BATCH_ROWS, MAX_BATCH_SIZE
	}
	// DropRoutine is DROP FUNCTION or DROP PROCEDURE.
	// https://docs.aws.amazon.com/redshift/latest/dg/r_DROP_PROCEDURE.html
	DropRoutine struct {
		Node
		Procedure bool
		IfExists  bool
		Routines  []Routine
		Cascade   bool
	}
	// AlterRoutine is ALTER FUNCTION or ALTER PROCEDURE: RENAME TO or OWNER TO.
	// https://docs.aws.amazon.com/redshift/latest/dg/r_ALTER_PROCEDURE.html
	AlterRoutine struct {
		Node
		Procedure bool
		Routine   Routine
		RenameTo  string
		Owner     *Principal // Kind "current_user" or "session_user" for these words
	}
)

// Formula is an expression of PL/pgSQL, and its text: variables in it are found by name when the procedure is compiled.
type Formula struct {
	Pos
	X    Expr
	Text string
}

// Action is a statement of PL/pgSQL.
// https://docs.aws.amazon.com/redshift/latest/dg/c_PLpgSQL-statements.html
type Action interface{ Offset() int }

type (
	// Block is [DECLARE ..] BEGIN .. [EXCEPTION ..] END.
	// https://docs.aws.amazon.com/redshift/latest/dg/c_PLpgSQL-structure.html
	Block struct {
		Pos
		Label    string
		Declare  []Declare
		Body     []Action
		Handlers []Handler
	}
	// Declare is a variable, an alias of a parameter (name ALIAS FOR $1), or a cursor.
	Declare struct {
		Pos
		Name      string
		Constant  bool
		Type      *TypeName // "record", "refcursor" and the like are names that are not Known
		RowType   *Name     // t%ROWTYPE
		TypeOf    *Name     // t.c%TYPE, variable%TYPE
		NotNull   bool
		Default   *Formula
		AliasFor  string // "$1" or a name
		Cursor    bool   // name CURSOR [(args)] FOR query
		Args      []RoutineArg
		Query     *Select
		QueryText string
	}
	// Handler is WHEN conditions THEN actions of EXCEPTION. Kind is "continue" or "exit" where CONTINUE_HANDLER or EXIT_HANDLER stands before it.
	Handler struct {
		Pos
		Kind       string
		Conditions []string // "others"
		Body       []Action
	}
	// Target is a variable, or a field of a record, that gets a value.
	Target struct {
		Pos
		Parts []string
	}
	// Assign is target := value.
	Assign struct {
		Pos
		To    Target
		Value *Formula
	}
	// If is IF .. THEN .. [ELSIF ..] [ELSE ..] END IF.
	If struct {
		Pos
		Arms []Arm // IF, then ELSIFs
		Else []Action
	}
	// CaseAction is CASE [operand] WHEN .. THEN .. [ELSE ..] END CASE.
	CaseAction struct {
		Pos
		Operand *Formula
		Arms    []Arm
		Else    []Action
		HasElse bool
	}
	// Arm is one arm of If or CaseAction; the CASE with an operand may name several values.
	Arm struct {
		Pos
		Conds []*Formula
		Body  []Action
	}
	// Loop is LOOP .., WHILE cond LOOP .., FOR i IN [REVERSE] from .. to LOOP .., or FOR r IN query LOOP ..
	Loop struct {
		Pos
		Label     string
		While     *Formula
		Var       []Target // of FOR; several where a row goes to several variables
		From      *Formula // of FOR over integers
		To        *Formula
		Reverse   bool
		Query     *Select // of FOR over a query
		QueryText string
		Execute   *Formula // of FOR r IN EXECUTE text
		Body      []Action
	}
	// Exit is EXIT or CONTINUE [label] [WHEN cond].
	Exit struct {
		Pos
		Continue bool
		Label    string
		When     *Formula
	}
	// Return is RETURN [value].
	Return struct {
		Pos
		Value *Formula
	}
	// Raise is RAISE [level] 'format' [, value ..].
	Raise struct {
		Pos
		Level  string // "debug", "log", "info", "notice", "warning", "exception" (also where none is written)
		Format string
		Bare   bool // RAISE alone: the error that is being handled
		Args   []*Formula
	}
	// Dynamic is EXECUTE text [INTO target].
	Dynamic struct {
		Pos
		Text *Formula
		Into []Target
	}
	// SQL is a statement of SQL; a query gives its first row to Into, which Text is without. Perform is PERFORM, a query whose rows nobody wants: SELECT stands
	// in Text instead.
	SQL struct {
		Pos
		Stmt    Statement
		Text    string
		Into    []Target
		Strict  bool // INTO STRICT
		Perform bool
	}
	// OpenCursor is OPEN c [(args)], OPEN c FOR query or OPEN c FOR EXECUTE text.
	OpenCursor struct {
		Pos
		Cursor    string
		Args      []*Formula
		Query     *Select
		QueryText string
		Execute   *Formula
	}
	// FetchInto is FETCH c INTO targets; Move is MOVE c.
	FetchInto struct {
		Pos
		Cursor string
		Into   []Target
		Move   bool
	}
	// CloseAction is CLOSE c.
	CloseAction struct {
		Pos
		Cursor string
	}
	// Diagnostics is GET DIAGNOSTICS target = item, ..
	Diagnostics struct {
		Pos
		To    []Target
		Items []string // "row_count", "result_oid"
	}
	// Nothing is NULL.
	Nothing struct{ Pos }
)
