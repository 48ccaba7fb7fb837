package engine

import (
	"slices"
	"time"

	"github.com/redshiftsim/redshiftsim/engine/ast"
	"github.com/redshiftsim/redshiftsim/engine/exec"
	"github.com/redshiftsim/redshiftsim/engine/principal"
	"github.com/redshiftsim/redshiftsim/engine/system"
	"github.com/redshiftsim/redshiftsim/internal/sqlstate"
	"github.com/redshiftsim/redshiftsim/internal/types"
	"github.com/redshiftsim/redshiftsim/internal/vector"
)

// cursor is the open cursor of a session. The first FETCH runs the query to its end: the rows wait on the leader.
//
//	at    0            1 ..            rows     rows+1
//	      before the   on the last     ...      behind the last
//	      first        row fetched
//
// https://docs.aws.amazon.com/redshift/latest/dg/declare.html
type cursor struct {
	name    string
	text    string // of the query
	query   ast.Statement
	args    []types.Datum   // a procedure's variables in it
	kept    *embeddedPlan   // nil outside of procedures
	user    *principal.User // who declared it: its policies and privileges count
	start   time.Time
	filled  bool
	columns []exec.ResultColumn
	from    Origins         // of columns
	batches []*vector.Batch // Flat and dense
	rows    int64
	bytes   int64
	at      int64
}

// declare is DECLARE: the query is checked, and runs with the first FETCH. No cursor goes back or outlives its transaction, so NO SCROLL and WITHOUT HOLD,
// which psql and psycopg2 write, ask for nothing.
func (s *Session) declare(c *call, st *ast.DeclareCursor) error {
	unbuilt := slices.IndexFunc(st.Options, func(o ast.Option) bool { return o.Name != "NO SCROLL" && o.Name != "WITHOUT HOLD" })
	switch {
	case !s.block:
		return sqlstate.NoActiveTransaction.Errorf("DECLARE CURSOR may only be used in transaction blocks")
	case unbuilt >= 0:
		o := &st.Options[unbuilt]
		return sqlstate.Unbuilt("DECLARE", o.Name+" of a cursor").At(o.Offset())
	case s.cursor != nil && s.cursor.name == st.Name.Name:
		return sqlstate.DuplicateCursor.Errorf("cursor \"%s\" already exists", st.Name.Name)
	case s.cursor != nil:
		return sqlstate.FeatureNotSupported.Errorf("Only one cursor at a time can be open per session.").WithDetail("Cursor \"%s\" is open.", s.cursor.name).At(st.Name.Offset())
	}
	s.tx.Refresh()
	e, err := s.makePlan(st.Query, c.text, nil)
	if err != nil {
		return err
	}
	inner, err := parseOne(st.Text)
	if err != nil {
		return err
	}
	s.cursor = &cursor{name: st.Name.Name, text: st.Text, query: inner, from: e.from(), user: s.user, start: s.c.cfg.Clock()}
	s.showCursor()
	return nil
}

// open finds the cursor that a statement names.
func (s *Session) open(n ast.ColumnName) (*cursor, error) {
	if s.cursor == nil || s.cursor.name != n.Name {
		return nil, sqlstate.InvalidCursorName.Errorf("cursor \"%s\" does not exist", n.Name)
	}
	return s.cursor, nil
}

// CursorColumns are the columns of the rows of an open cursor of DECLARE; nil = there is none of that name. On the wire a cursor is a portal.
func (s *Session) CursorColumns(name string) ([]exec.ResultColumn, error) {
	if s.cursor == nil || s.cursor.name != name || s.tx == nil {
		return nil, nil
	}
	return s.describe(&ast.Fetch{Cursor: ast.ColumnName{Name: name}}, s.cursor.text)
}

// singleNodeFetch is how many rows one FETCH may ask for on a cluster of one node.
// https://docs.aws.amazon.com/redshift/latest/dg/fetch.html
const singleNodeFetch = 1000

// fetch is FETCH.
// https://docs.aws.amazon.com/redshift/latest/dg/fetch.html
func (s *Session) fetch(c *call, st *ast.Fetch) (*rowset, int64, error) {
	k, err := s.open(st.Cursor)
	if err != nil {
		return nil, 0, err
	}
	switch {
	case st.Count < 0:
		return nil, 0, sqlstate.ObjectNotInPrerequisite.Errorf("cursor can only scan forward")
	case s.c.Topology().Nodes == 1 && st.All:
		return nil, 0, sqlstate.FeatureNotSupported.Errorf("FETCH ALL is not supported for a single node configuration").
			WithHint("FETCH FORWARD n takes up to %d rows.", singleNodeFetch)
	case s.c.Topology().Nodes == 1 && st.Count > singleNodeFetch:
		return nil, 0, sqlstate.FeatureNotSupported.Errorf("Fetch size %d exceeds the limit of %d for a single node configuration.", st.Count, singleNodeFetch).
			WithHint("Reduce the client fetch/cache size or upgrade to a multi node installation.")
	}
	if !k.filled {
		if err := s.fill(c, k); err != nil {
			return nil, 0, err
		}
	}
	from, to := k.at, k.rows // rows from..to-1, counted from 0
	if !st.All {
		to = min(k.rows, k.at+st.Count)
	}
	switch {
	case st.Count == 0 && !st.All: // the row that it stands on
		if from, to = k.at-1, k.at; from < 0 || from >= k.rows {
			from, to = 0, 0
		}
	case st.All || k.at+st.Count > k.rows:
		k.at = k.rows + 1
		from = min(from, to)
	default:
		k.at = to
	}
	s.showCursor()
	return &rowset{s: s, columns: k.columns, from: k.from, batches: k.slice(from, to), rec: c.rec, tx: s.tx}, 0, nil
}

// fill runs the cursor's query and keeps its rows.
func (s *Session) fill(c *call, k *cursor) error {
	if s.user.ID != k.user.ID {
		defer s.act(s.user)
		s.act(current(s.catalog(), k.user))
	}
	inner := *c
	inner.text, inner.plan, inner.shape, inner.args, inner.lits = k.text, k.text, nil, k.args, nil
	if inner.kept = k.kept; k.kept != nil {
		inner.types = typesOf(k.args)
		inner.plan = declaredKey(k.text, inner.types)
	}
	set, _, err := s.query(&inner, k.query)
	if e, ok := err.(*sqlstate.Error); ok && e.Offset() >= 0 { // its place is in another text than the client sent
		n := *e
		err = n.Shift(-(n.Offset() + 1))
	}
	if err != nil {
		return err
	}
	rec := set.rec
	set.rec, set.keep, set.ctx = nil, nil, c.ctx // the FETCH writes its record
	defer set.close(nil)
	for {
		b, err := set.next()
		if err != nil {
			return err
		}
		if b == nil {
			break
		}
		dense := &vector.Batch{Len: b.Rows()}
		for _, v := range b.Columns {
			out := vector.New(v.Type, b.Rows())
			v.Gather(b.Sel, out)
			dense.Columns = append(dense.Columns, out)
			k.bytes += bytesOf(out)
		}
		if limit := s.c.cfg.MemoryLimit; limit > 0 && k.bytes > limit {
			return sqlstate.OutOfMemory.Errorf("out of memory").WithDetail("The rows of cursor \"%s\" need more than the %d bytes that a query may hold.", k.name, limit)
		}
		k.batches, k.rows = append(k.batches, dense), k.rows+int64(dense.Len)
	}
	k.columns, k.from, k.filled = set.columns, set.from, true
	set.close(nil)
	if set.cursor != nil { // not a result that was kept
		rec.Report = set.cursor.Report()
	}
	s.running.Store(runningOf(c.rec))
	return nil
}

// bytesOf is about what a Flat vector holds.
func bytesOf(v *vector.Vector) int64 {
	n := int64(0)
	for _, t := range v.Texts {
		n += int64(len(t)) + 16
	}
	return n + int64(len(v.Bools)+8*len(v.Int64s)+16*len(v.Wides)+8*len(v.Floats))
}

// slice gives rows from..to-1.
func (k *cursor) slice(from, to int64) []*vector.Batch {
	var out []*vector.Batch
	for _, b := range k.batches {
		n := int64(b.Len)
		if lo, hi := max(from, 0), min(to, n); lo < hi {
			part := &vector.Batch{Columns: b.Columns, Len: b.Len}
			if hi-lo < n {
				for r := lo; r < hi; r++ {
					part.Sel = append(part.Sel, uint16(r))
				}
			}
			out = append(out, part)
		}
		from, to = from-n, to-n
	}
	return out
}

// closeStatement is CLOSE.
// https://docs.aws.amazon.com/redshift/latest/dg/close.html
func (s *Session) closeStatement(st *ast.CloseCursor) error {
	if _, err := s.open(st.Cursor); err != nil {
		return err
	}
	s.closeCursor()
	return nil
}

// closeCursor drops the open cursor: CLOSE, and the end of the transaction.
func (s *Session) closeCursor() {
	if s.cursor != nil {
		s.cursor = nil
		s.shown.Store(nil)
	}
}

// showCursor lets other sessions see the cursor in STV_ACTIVE_CURSORS.
// https://docs.aws.amazon.com/redshift/latest/dg/r_STV_ACTIVE_CURSORS.html
func (s *Session) showCursor() {
	k := s.cursor
	s.shown.Store(&system.Cursor{
		Name: k.name, XID: s.tx.ID, Start: k.start, Rows: k.rows, Bytes: k.bytes, Fetched: min(k.at, k.rows),
	})
}
