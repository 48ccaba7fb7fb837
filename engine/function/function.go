// Package function is the book of functions: what each is called, which argument types it takes, what it returns, and the kernels that compute it.
//
//	book.go       the list of chapters
//	string.go ... a chapter: its table of Scalar rows, then their kernels
//	aggregate.go  aggregates: a State of all groups, columnar, with a partial form that travels between slices (sum.go count.go minmax.go ...)
//	window.go     functions that only OVER can call: a partition at a time (rank.go frame.go)
//
//	bind:   Find("lower", [varchar(20)]) -> Bound{Params: [varchar(20)], Returns: varchar(20), Kernel}     FindAggregate("avg", [int4]) -> BoundAggregate
//	expr:   Kernel(env, n, args, out)     args: Flat or Const vectors of n dense rows; out: Flat, n rows
//	exec:   State.Update(groups, n, args) per batch; Partial -> exchange -> Merge; Final
//
// The package knows neither catalog nor sessions: what a function must ask of them comes in Env as plain funcs.
package function

import (
	"time"

	"github.com/redshiftsim/redshiftsim/engine/exfunc"
	"github.com/redshiftsim/redshiftsim/internal/types"
	"github.com/redshiftsim/redshiftsim/internal/vector"
)

// Env is what a running statement's functions may ask for. It is read-only while the statement runs and shared by its tasks.
type Env struct {
	Now      time.Time      // start of the statement: GETDATE
	TxNow    time.Time      // start of the transaction: SYSDATE, CURRENT_DATE
	Location *time.Location // session time zone
	Style    types.Style    // DATESTYLE and extra_float_digits
	Rounding bool           // enable_numeric_rounding: explicit casts of numerics round
	// StrictUpdate is error_on_nondeterministic_update: a row that an UPDATE meets twice is an error.
	StrictUpdate bool
	// StrictCasts is cast_super_null_on_error off, StrictPaths navigate_super_null_on_error off: what gives NULL of a SUPER otherwise is an error.
	StrictCasts, StrictPaths bool
	User                     string // CURRENT_USER
	SessionUser              string
	UserID                   int
	Database                 string
	Folds                    bool // the database is case insensitive: DB_COLLATION
	Superuser                bool
	PID                      int
	Version                  string
	Random                   func() float64                                             // RANDOM(), [0,1); safe for concurrent use
	Setting                  func(name string) (string, bool)                           // CURRENT_SETTING
	SearchPath               func(implicit bool) []string                               // CURRENT_SCHEMAS
	Catalog                  func(name string, args []types.Datum) (types.Datum, error) // leader-only catalog functions (pg_get_userbyid, has_table_privilege, ...) by name
	Slice                    int                                                        // SLICE_NUM, when the statement calls it
	Calls                    *exfunc.Caller                                             // calls external functions; nil = nothing may
	Params                   []types.Datum                                              // $1 is Params[0]
}

// Place says where a function may run.
type Place uint8

// Places.
// https://docs.aws.amazon.com/redshift/latest/dg/c_SQL_functions_leader_node_only.html
const (
	Anywhere Place = iota
	LeaderOnly
	ComputeOnly
)

// Volatility says whether a call with equal arguments gives equal results.
type Volatility uint8

// Volatilities: Immutable calls of constants are folded; Stable ones are constant within a statement; Volatile ones are computed per row.
const (
	Immutable Volatility = iota
	Stable
	Volatile
)

// Kernel computes n rows. args are Flat (dense, n rows) or Const; out is Flat with n rows allocated. For a Strict function the template has already
// merged the argument's NULLs into out.Nulls and the kernel may compute or skip those rows, but must not fail on them (out.Null(i) tells).
type Kernel func(env *Env, n int, args []*vector.Vector, out *vector.Vector) error

// Arg is an argument as the binder knows it.
type Arg struct {
	Type  types.Type
	Const *types.Datum // set when the argument is a constant: date parts, formats, scales decide types
}

// Bound is a scalar function chosen for given argument types.
type Bound struct {
	Name       string       // Redshift's internal name, the default column name: date_add, btrim, dlog10
	Params     []types.Type // what each argument is cast to before the call; types.TUnknown = as it is
	Returns    types.Type
	Kernel     Kernel
	Strict     bool // NULL if any argument is NULL
	Place      Place
	Volatility Volatility
	Path       []SuperStep      // of SuperPath
	Part       *Part            // of NestedPart
	External   *exfunc.Function // a Lambda function; nil = another
}

// State is the running state of one aggregate over many groups, numbered from 0. It belongs to one task.
type State interface {
	// Resize makes room for groups [0, n); new ones start empty.
	Resize(n int)
	// Update adds n rows: row i to group groups[i]; groups nil = all rows to group 0. args may be of any Form (Flat, Const, Narrow, Dict), dense, n rows.
	Update(groups []uint32, n int, args []*vector.Vector) error
	// Partial writes groups [lo,hi) to out (one vector per BoundAggregate.Partial, Reset to hi-lo rows by the callee).
	Partial(lo, hi int, out []*vector.Vector)
	// Merge adds n partial rows as Partial wrote them.
	Merge(groups []uint32, n int, partial []*vector.Vector) error
	// Final writes the results of groups [lo,hi) to out (Reset by the callee).
	Final(lo, hi int, out *vector.Vector) error
	// Bytes is what the state holds, for the memory budget.
	Bytes() int64
}

// BoundAggregate is an aggregate chosen for given argument types.
type BoundAggregate struct {
	Name    string
	Params  []types.Type
	Returns types.Type
	Partial []types.Type // columns of the partial form; nil = cannot be split: all rows of a group must meet first
	New     func() State
	Place   Place
	// Empty is what no rows give, where that is not NULL: 0 of count, a sketch of no values.
	Empty *types.Datum
	// GroupsOnly says that OVER is refused.
	GroupsOnly bool
	// Met is the aggregate to which NULL is a value like others, with one more argument, an integer that is NULL where there is no row; nil = NULLs are passed over.
	Met *BoundAggregate
}

// WindowFunction is a function that only OVER can call (row_number, lag ...): rows of one partition in order, frame bounds given per row.
type WindowFunction struct {
	Name    string
	Params  []types.Type
	Returns types.Type
	// Framed says that the function looks at its frame (first_value, nth_value, aggregates); ranking functions do not.
	Framed bool
	// Compute fills out for one partition of n rows. args are Flat vectors of all n rows (n may exceed vector.Size). peers[i] is the number of row i's
	// peer group, ascending; lo[i], hi[i] bound its frame [lo,hi).
	Compute func(env *Env, n int, args []*vector.Vector, peers, lo, hi []int32, ignoreNulls bool, out *vector.Vector) error
}
