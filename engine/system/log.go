package system

import (
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/redshiftsim/redshiftsim/engine/catalog"

	"github.com/redshiftsim/redshiftsim/engine/exec"
	"github.com/redshiftsim/redshiftsim/engine/load"
	"github.com/redshiftsim/redshiftsim/engine/plan"
	"github.com/redshiftsim/redshiftsim/engine/spectrum"
	"github.com/redshiftsim/redshiftsim/engine/unload"
	"github.com/redshiftsim/redshiftsim/internal/sqlstate"
	"github.com/redshiftsim/redshiftsim/internal/types"
)

// Record is one statement that ran. It is made once, at the statement's end, and never changed; it becomes rows of STL and SVL tables only when one
// of those is read.
type Record struct {
	Number int64 // sys_query_history.query_id, of Log.Next or else given by Log.Add: the SYS views number all statements, and by themselves
	// Source is the query whose kept result answered, SourceNumber the same in the SYS views; 0 = the statement was run.
	Source, SourceNumber int64

	Query    int64 // stl_query.query; 0 = the statement never reached the compute nodes
	XID      int64
	PID      int
	UserID   int
	User     string
	Database string
	Label    string // query_group
	Slots    int    // wlm_query_slot_count; 0 = 1
	Priority string // of the query, when it ended; "" = it never reached the compute nodes
	Kind     string // leading words in upper case: SELECT, INSERT, CREATE TABLE
	Text     string
	Start    time.Time
	Planned  time.Time // parsed, planned and admitted
	End      time.Time
	Err      *sqlstate.Error
	Rows     int64         // returned or changed
	LockWait time.Duration // for locks of relations
	Begun    time.Time     // the transaction
	Conflict uint32        // table of the error 1023 that ended it
	Block    bool          // it is in a transaction that BEGIN began

	Plan      plan.Node      // nil for statements without one; who reads it asks Root
	Renaming  *plan.Renaming // of a plan, with its program, that was made for other tables; nil = they are the statement's own
	PlanBytes int64          // of a plan that is kept: what PlanBytes says; 0 = not known yet
	// Literals are the values of the plan's $1, $2 ... when they were literals of the text, and the plan is shared by texts with others.
	Literals []types.Datum
	Program  *exec.Program // nil too
	Report   *exec.Report
	Load     *load.Job     // of a COPY
	Unload   *unload.Job   // of an UNLOAD
	External *spectrum.Run // of a query that reads external tables
	// Functions are the messages of external functions; nil = it calls none.
	Functions *Functions
	Tables    []uint32 // read or written

	Users []UserChange
	// Policies are those that were applied to the relations of a query.
	Policies []AppliedPolicy

	Procedure *Call // of a CALL, and of what procedures run; nil elsewhere

	*Maintenance // nil when there was none
}

// AppliedPolicy is a policy that was applied to a relation of a query; "" = none counts for the user, who sees no row.
type AppliedPolicy struct {
	Masking    bool
	Relation   catalog.Key
	Kind       string // of the relation: table, view, late binding view
	Policy     string
	Attachment uint32 // number of a mask's attachment
}

// steps are those of the run, slice by slice; none of a statement without a program.
func (r *Record) steps() []exec.StepReport {
	if r.Report == nil {
		return nil
	}
	return r.Whole().Steps
}

// Root is the plan, in the statement's own tables and names; nil = it has none.
func (r *Record) Root() plan.Node { return r.Renaming.Of(r.Plan) }

// Whole is the report with its steps, which have the statement's own tables; nil = it has none.
func (r *Record) Whole() *exec.Report {
	w := r.Report.Whole()
	if r.Renaming == nil || w == nil {
		return w
	}
	own := *w
	own.Steps = slices.Clone(w.Steps)
	for i := range own.Steps {
		if t := r.Renaming.ByID(own.Steps[i].Table); t != nil {
			own.Steps[i].Table, own.Steps[i].Name = t.ID, t.Name
		}
	}
	return &own
}

// slots is the number of slots that the statement asked for.
func (r *Record) slots() int64 { return int64(max(r.Slots, 1)) }

// Aborted says that the statement did not end well.
func (r *Record) Aborted() bool { return r.Err != nil }

// Log is the query log of a cluster: a ring bounded by bytes, which no transaction rolls back and every session sees at once.
//
//	records [ . . . oldest -> | newest . . ]     Add evicts from the oldest while more than limit bytes are kept
//
// https://docs.aws.amazon.com/redshift/latest/dg/c_intro_STL_tables.html
type Log struct {
	numbers atomic.Int64 // of statements so far

	mu    sync.Mutex
	limit int64
	kept  int64
	ring  []entry // power of two
	head  int     // of the oldest
	n     int

	visits  []Visit
	endings []Ending
	stops   []Stop
}

type entry struct {
	r    *Record
	size int64
}

// DefaultLogLimit is the size of a cluster's log, in bytes.
const DefaultLogLimit = 16 << 20

// NewLog makes a log of at most limit bytes; 0 = DefaultLogLimit, less than 0 keeps nothing.
func NewLog(limit int64) *Log {
	if limit == 0 {
		limit = DefaultLogLimit
	}
	return &Log{limit: limit}
}

// Next numbers a statement that begins.
func (l *Log) Next() int64 { return firstNumber + l.numbers.Add(1) }

// Add appends a record, with a number if it has none; the caller may not change it any more. A record that alone would take much of the log is kept without its plan
// and report, and with the beginning of its text.
func (l *Log) Add(r *Record) {
	if l.limit < 0 {
		return
	}
	size := r.bytes()
	if size > l.limit/8 {
		r = r.slim()
		size = r.bytes()
	}
	if r.Number == 0 {
		r.Number = l.Next()
	}
	r.Text = strings.Clone(r.Text) // it may be a part of a long script, which would stay with it
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.n == len(l.ring) {
		bigger := make([]entry, max(64, 2*len(l.ring)))
		for i := range l.n {
			bigger[i] = l.ring[(l.head+i)&(len(l.ring)-1)]
		}
		l.ring, l.head = bigger, 0
	}
	l.ring[(l.head+l.n)&(len(l.ring)-1)] = entry{r, size}
	l.n++
	l.kept += size
	for l.kept > l.limit && l.n > 1 {
		l.kept -= l.ring[l.head].size
		l.ring[l.head] = entry{}
		l.head = (l.head + 1) & (len(l.ring) - 1)
		l.n--
	}
}

// firstNumber is what the numbers of statements in the SYS views begin after.
const firstNumber = 1000

// Records lists what is kept, oldest first.
func (l *Log) Records() []*Record {
	l.mu.Lock()
	defer l.mu.Unlock()
	out := make([]*Record, l.n)
	for i := range out {
		out[i] = l.ring[(l.head+i)&(len(l.ring)-1)].r
	}
	return out
}

// Bytes is the estimate of what is kept.
func (l *Log) Bytes() int64 {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.kept
}

// keep adds x to a list of at most limit entries: from a full one the oldest quarter goes first.
func keep[T any](list []T, x T, limit int) []T {
	if len(list) == limit {
		list = append(list[:0], list[limit/4:]...)
	}
	return append(list, x)
}
