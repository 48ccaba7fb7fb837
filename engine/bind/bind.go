// Package bind turns a statement as written into a logical plan: names become numbered columns, operators and functions become kernels with their
// types, casts that the rules imply are spelled out.
//
//	SELECT genre, avg(year) FROM movies WHERE year > 1980 GROUP BY 1     ast
//	       |                                                             Bind
//	       v
//	Project [genre#1 avg#4]                                              select.go   one Project per select list
//	  Aggregate [genre#1] [avg#4 = avg(year#2)]                          group.go    aggregates are lifted out of the expressions
//	    Filter (year#2 > 1980)                                           select.go
//	      Scan movies [genre#1 year#2]                                   from.go     columns that nobody names are left out
//
//	binder   one statement: next column number, parameters' types, what was read
//	block    one SELECT: its sources, the aggregates and windows met, the block around it (correlation)
//	source   what FROM gives: relations with their columns, and the node that makes the rows
//
// A file a clause: scope.go names, access.go privileges, policy.go what policies hide, from.go FROM, with.go WITH, select.go the block's order of work, group.go, window.go, order.go, setop.go, subquery.go,
// expr.go and call.go expressions, coerce.go implicit casts, literal.go constants, label.go default column names, insert.go and change.go DML.
// The package reads the catalog through Resolver and never sees rows.
package bind

import (
	"slices"
	"strings"

	"github.com/redshiftsim/redshiftsim/engine/ast"
	"github.com/redshiftsim/redshiftsim/engine/catalog"
	"github.com/redshiftsim/redshiftsim/engine/expr"
	"github.com/redshiftsim/redshiftsim/engine/function"
	"github.com/redshiftsim/redshiftsim/engine/plan"
	"github.com/redshiftsim/redshiftsim/engine/principal"
	"github.com/redshiftsim/redshiftsim/internal/nested"
	"github.com/redshiftsim/redshiftsim/internal/sqlstate"
	"github.com/redshiftsim/redshiftsim/internal/types"
)

// Resolver finds relations by name: *catalog.Table, *catalog.View or *catalog.Virtual. schema is "" when the search path decides. The error
// (`relation "x" does not exist`) is the resolver's, which knows the path.
type Resolver interface {
	Relation(schema, name string, pos int) (any, error)
}

// Env is what binding asks of the session.
type Env struct {
	Catalog Resolver
	// Parse reads the text of a view or of "SELECT default"; needed only when a statement meets one.
	Parse func(text string) (ast.Statement, error)
	// ParseNow is Parse for what follows the session's enable_case_sensitive_super_attribute: late-binding views and functions. nil = Parse.
	ParseNow func(text string) (ast.Statement, error)
	// Function is the environment in which constants are folded; its Params, when present, decide LIMIT $1.
	Function *function.Env
	// Params are the parameters' types as far as they are known (types.TUnknown otherwise).
	Params []types.Type
	// CaseSensitive says that names in double quotes keep their case. If they do not, columns whose names have capitals are known by small letters.
	CaseSensitive bool
	// LaxIntervals lets interval literals lose the parts that their type lacks.
	LaxIntervals bool
	// CaseInsensitive says that the database compares texts by their small letters.
	CaseInsensitive bool
	// Functions finds the functions that SQL has made by name: of a schema, or, when it is "", of the search path. nil = there are none.
	Functions func(schema, name string) []*catalog.Functions
	// RoutinesFirst says that they come before the built-in functions: pg_catalog stands behind other schemas in the search path.
	RoutinesFirst bool
	// Guard is what privileges are checked against; nil = nobody checks.
	Guard *Guard
	// TableFunction gives the rows of a function in FROM.
	TableFunction func(name string, args []types.Datum) (*catalog.Virtual, error)
	// Named is told of each relation that the text of a view names, with what the name meant when the view was made; nil = nobody wants to know.
	Named func(in *catalog.View, f *ast.TableRef, ref *catalog.Ref, found any)
	// Maintains is the number of the table of a materialized view that the statement may change: a refresh is at work. 0 = none.
	Maintains uint32
	// JSON is json_serialization_enable: columns of nested types are texts. nil = off.
	JSON *nested.JSON
	// NoPseudoColumns is spectrum_enable_pseudo_columns off.
	NoPseudoColumns bool
	// NoSpectrumOID is enable_spectrum_oid off.
	NoSpectrumOID bool
	// Identity gives the function without arguments that makes the next value of an identity column: dense, or, striped, from the slice's own share.
	Identity func(t *catalog.Table, column int, striped bool) *function.Bound
}

// Kind is the kind of a bound statement.
type Kind uint8

// Kinds.
const (
	Select Kind = iota
	Insert
	Update
	Delete
	Merge
	UnloadFiles
)

// Bound is a statement with its names and types resolved.
type Bound struct {
	Kind    Kind
	Plan    plan.Node
	Columns []plan.Column // of the result; none for changes
	// Attributes are the names of attributes of SUPER values that the statement's own text writes in their case.
	Attributes []Attribute
	// Insensitive says of each column whether its texts compare case insensitively; nil = none does.
	Insensitive []bool
	Params      []types.Type // of $1, $2, ...; none is unknown
	Reads       []*catalog.Table
	Writes      *catalog.Table
	Virtual     []*catalog.Virtual
	External    []*catalog.ExternalTable // that are read
	// Bases are those that the statement's own text names, as it does, and ExternalViews those that it reads: CREATE EXTERNAL VIEW asks.
	Bases         []catalog.ExternalBase
	ExternalViews []*catalog.ExternalView
	Views         []*catalog.View
	// Functions are those that SQL has made and the statement's own text calls; Routines says that there are any, in views and functions too.
	Functions []*catalog.Function
	Routines  bool
	// Refs are the relations that the statement names, outside of the views that it names: CREATE VIEW keeps them.
	Refs []catalog.Ref
	// Late are the same of the late-binding views that the statement names, itself or through one another, by the views' numbers.
	Late map[uint32][]catalog.Ref
	// UsesTables says that rows of the compute nodes are read: user tables or STL, STV, SVL, SVV tables.
	UsesTables bool
	// Volatile says that a function in it may give another result next time (a result cache must not answer).
	Volatile bool
	// PerSlice says that SLICE_NUM is called: each slice needs an environment of its own.
	PerSlice bool
	// Calls says that a Lambda function is called.
	Calls bool
	// ParamsUsed says that the plan depends on the values of parameters (LIMIT $1): it serves these values only.
	ParamsUsed bool
	// Abroad says that relations of other databases are read, or external ones by no schema of this one: names meant the same only when it was bound.
	Abroad bool
	// Policies are those that were applied to what is read; Uncached says that one of them may let other rows and values through next time, Personal that the
	// plan is for one superuser: masks may be attached to some of them.
	Policies   []Applied
	Uncached   bool
	Personal   bool
	leaderRows bool // generate_series is called
	scans      []plan.Node
}

// binder is the state of binding one statement.
type binder struct {
	env      *Env
	next     expr.ColumnID
	used     []bool // by ColumnID: some expression names it
	params   []types.Type
	scans    []plan.Node           // to be pruned
	depth    int                   // of nested views and queries
	striped  bool                  // identity values come from the slices: rows of a query or of files
	within   *catalog.View         // whose text is being bound; nil = the statement's
	inlined  []*catalog.View       // the late-binding views in the bound view that the text is of, or is inside of
	lake     *catalog.ExternalView // whose text is being bound
	base     int                   // of the view or statement that is being bound
	deep     int                   // of the expression being bound
	leader   []string              // leader-only functions met
	bound    bool                  // an array of ANY or ALL comes from a parameter
	compute  bool                  // a compute-only function met
	tables   bool                  // a user's table met
	unnamed  int                   // derived tables without an alias so far
	as       *principal.Reach      // for whom names are bound: the user, or the owner of the view that is being read
	asked    []demand
	granted  *catalog.Catalog // whose privileges count for the table that is changed; nil = nobody is asked
	caseful  bool             // names in double quotes keep their case
	visits   int              // how deep in relations of another database
	policies int              // whose expressions are being bound: their look-up tables are not protected
	shields  []protected      // to be pruned
	folds    bool             // a case-insensitive column, or COLLATE() to that, was met
	nesting

	// columns that are elements of objects, and SUPER columns of recursive queries
	unpivoted, rounds map[expr.ColumnID]bool

	noParams bool // $n stands for nothing: the statement is none that is planned
	out      Bound
}

// Bind binds a query, INSERT, UPDATE or DELETE. A CREATE TABLE AS is bound by its Query.
func Bind(stmt ast.Statement, env *Env) (*Bound, error) {
	b := &binder{env: env, caseful: env.CaseSensitive}
	if env.Guard != nil {
		b.as = env.Guard.User
	}
	b.params = append(b.params, env.Params...)
	var err error
	switch s := stmt.(type) {
	case *ast.Select:
		err = b.bindSelect(s)
	case *ast.Insert:
		err = b.bindInsert(s)
	case *ast.Merge:
		err = b.bindMerge(s)
	case *ast.Update:
		err = b.bindUpdate(s)
	case *ast.Delete:
		err = b.bindDelete(s)
	default:
		return nil, sqlstate.FeatureNotSupported.Errorf("this statement cannot be planned")
	}
	if err != nil {
		return nil, err
	}
	return b.finish()
}

// finish checks what can only be known when all of a statement is bound, and gives it.
func (b *binder) finish() (*Bound, error) {
	if err := b.checkPlaces(); err != nil {
		return nil, err
	}
	if err := b.checkAccess(); err != nil {
		return nil, err
	}
	b.pruneProtected()
	b.prune()
	b.out.scans = b.scans
	if err := b.collate(); err != nil {
		return nil, err
	}
	for i := range b.params {
		if b.params[i].Kind == types.Unknown {
			b.params[i] = types.TVarcharMax
		}
	}
	b.out.Params = b.params
	return b.result(), nil
}

// result is what was bound, apart from the binder: plans are kept for longer than the cluster that made them, and the binder knows that.
func (b *binder) result() *Bound {
	out := b.out
	return &out
}

// Scalar binds an expression without columns: a DEFAULT, an argument of EXECUTE or CALL. to = types.TUnknown leaves the type as it comes. Without Params in
// env it has no parameters (42P02).
func Scalar(e ast.Expr, to types.Type, env *Env) (expr.Expr, error) {
	b := &binder{env: env, caseful: env.CaseSensitive, noParams: env.Params == nil}
	b.params = append(b.params, env.Params...)
	k := &block{b: b, noAgg: "aggregates not allowed here", noWin: "window functions not allowed here"}
	x, err := k.expr(e)
	if err != nil {
		return nil, err
	}
	if to.Kind == types.Unknown {
		to, _ = function.CommonType(x.Type())
	}
	return b.assign(x, to, "", e.Offset())
}

// bindSelect binds a query that is a statement.
func (b *binder) bindSelect(s *ast.Select) error {
	q, err := b.query(s, nil, nil)
	if err != nil {
		return err
	}
	if err := b.settle(&q); err != nil {
		return err
	}
	b.out.Kind, b.out.Plan, b.out.Columns = Select, q.node, q.cols
	return nil
}

// id gives the next column number.
func (b *binder) id() expr.ColumnID {
	b.next++
	return b.next
}

// use notes that a column is named.
func (b *binder) use(id expr.ColumnID) {
	if int(id) >= len(b.used) {
		b.used = append(b.used, make([]bool, max(int(b.next)+1-len(b.used), int(id)+1-len(b.used)))...)
	}
	b.used[id] = true
}

// prune drops the columns of scans that no expression names.
func (b *binder) prune() {
	keep := func(out []plan.Column, attrs []int) ([]plan.Column, []int) {
		n := 0
		for i := range out {
			if id := int(out[i].ID); id < len(b.used) && b.used[id] {
				out[n], attrs[n] = out[i], attrs[i]
				n++
			}
		}
		return out[:n:n], attrs[:n:n]
	}
	for _, p := range b.laterals {
		p.Exprs = slices.DeleteFunc(p.Exprs, func(n plan.Named) bool {
			c, ok := n.Expr.(*expr.Column)
			return ok && c.ID == n.ID && (int(n.ID) >= len(b.used) || !b.used[n.ID])
		})
	}
	for _, s := range b.scans {
		switch s := s.(type) {
		case *plan.Scan:
			s.Output, s.Attrs = keep(s.Output, s.Attrs)
		case *plan.ExternalScan:
			s.Output, s.Attrs = keep(s.Output, s.Attrs)
		case *plan.VirtualScan:
			s.Output, s.Attrs = keep(s.Output, s.Attrs)
		}
	}
}

// checkPlaces refuses functions of the leader over users' tables (the guide itself asks logs WHERE query = pg_last_copy_id()), and functions of the compute nodes without a table.
// https://docs.aws.amazon.com/redshift/latest/dg/c_SQL_functions_leader_node_only.html
func (b *binder) checkPlaces() error {
	if b.tables {
		if err := b.onLeader(); err != nil {
			return err
		}
	}
	b.out.leaderRows = slices.Contains(b.leader, seriesName)
	if b.out.Kind == Insert {
		if err := b.out.Writable(); err != nil {
			return err
		}
	}
	if b.compute && !b.out.UsesTables {
		return sqlstate.FeatureNotSupported.Errorf("One or more of the used functions must be applied on at least one user created tables. " +
			"Examples of user table only functions are LISTAGG, MEDIAN, PERCENTILE_CONT, etc")
	}
	return nil
}

// onLeader refuses what the leader alone has beside tables of the compute nodes: its functions, and columns of the catalog that are no values elsewhere.
// https://docs.aws.amazon.com/redshift/latest/dg/c_join_PG.html
func (b *binder) onLeader() error {
	columns := ""
	for _, n := range b.scans {
		s, ok := n.(*plan.VirtualScan)
		if !ok {
			continue
		}
		for i := range s.Output {
			c := &s.Output[i]
			if t := c.Type; (t.IsArray() || t.IsReg() || t.Kind == types.ACLItem) && int(c.ID) < len(b.used) && b.used[c.ID] {
				columns += "Column \"" + s.Table.Name + "." + c.Name + "\" has unsupported type \"" + t.String() + "\".\n"
			}
		}
	}
	if columns == "" && len(b.leader) == 0 {
		return nil
	}
	if b.bound && columns == "" {
		return errConstantArrays()
	}
	err := onLeaderOnly(b.leader...)
	if e, ok := err.(*sqlstate.Error); ok && columns != "" {
		e.Detail = strings.TrimSuffix(columns+e.Detail, "\n")
	}
	return err
}

// onLeaderOnly refuses functions of the leader beside tables of the compute nodes.
// https://docs.aws.amazon.com/redshift/latest/dg/c_sql-functions-leader-node.html
func onLeaderOnly(names ...string) error {
	detail := ""
	for i, f := range names {
		if f == "substr" {
			return sqlstate.FeatureNotSupported.Errorf("SUBSTR() function is not supported (Hint: use SUBSTRING instead)")
		}
		if i > 0 {
			detail += "\n"
		}
		detail += "Function \"" + f + "()\" not supported."
	}
	return sqlstate.FeatureNotSupported.Errorf("Specified types or functions (one per INFO message) not supported on Amazon Redshift tables.").
		WithDetail("%s", detail)
}

// Writable says that the rows of a query may go to a table: those that a function makes on the leader may not.
func (b *Bound) Writable() error {
	if b.leaderRows {
		return onLeaderOnly(seriesName)
	}
	return nil
}

// placed records where a function runs and whether it is volatile.
func (b *binder) placed(name string, p function.Place, v function.Volatility) {
	switch p {
	case function.LeaderOnly:
		for _, f := range b.leader {
			if f == name {
				return
			}
		}
		b.leader = append(b.leader, name)
	case function.ComputeOnly:
		b.compute = true
	}
	if v != function.Immutable {
		b.out.Volatile = true
	}
	if name == "slice_num" {
		b.out.PerSlice = true
	}
}

// maxDepth bounds how deeply queries and views may nest.
const maxDepth = 200

// enter counts a nested query; leave it with b.depth--.
func (b *binder) enter() error {
	if b.depth++; b.depth > maxDepth {
		return sqlstate.StatementTooComplex.Errorf("stack depth limit exceeded")
	}
	return nil
}

// at gives an error its place, if it has none yet.
func at(err error, pos int) error {
	if e, ok := err.(*sqlstate.Error); ok {
		return e.At(pos)
	}
	return err
}

// unsupported is the refusal of a feature of queries that is not built; what ends in "is".
func unsupported(pos int, what string) error {
	return sqlstate.Unbuilt("SELECT", strings.TrimSuffix(what, " is")).At(pos)
}

// bare is a type's name without its modifiers.
func bare(t types.Type) string { return types.Type{Kind: t.Kind}.String() }
