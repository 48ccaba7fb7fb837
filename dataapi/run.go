package dataapi

import (
	"context"
	"errors"
	"strings"
	"time"

	"github.com/redshiftsim/redshiftsim/engine"
	"github.com/redshiftsim/redshiftsim/internal/sqlstate"
	"github.com/redshiftsim/redshiftsim/internal/types"
)

// run runs a statement to its end, in a goroutine of its own.
func (h *Handler) run(ctx context.Context, st *statement) {
	defer h.work.Done()
	defer st.stop()
	h.change(st, func() { st.status = picked })
	begun := time.Now()
	s, err := h.connect(st)
	if err == nil {
		h.change(st, func() { st.status, st.pid = started, s.PID() })
		err = h.runParts(ctx, s, st)
	}
	lost := s == nil || !s.Alive()
	if s != nil && st.session == nil {
		err = errors.Join(err, s.Close()) // before who waits hears of the end: its temporary tables and locks are gone
	}
	h.finish(st, err, took(begun), lost)
}

// change changes a statement.
func (h *Handler) change(st *statement, f func()) {
	h.mu.Lock()
	defer h.mu.Unlock()
	f()
	st.updated = st.now()
}

// connect opens the session of a statement, or takes the one that was kept.
func (h *Handler) connect(st *statement) (*engine.Session, error) {
	if st.session != nil {
		h.mu.Lock()
		s := st.session.s
		h.mu.Unlock()
		if s != nil {
			return s, nil
		}
	}
	s, err := open(&st.target, st.asked, st.database)
	if err == nil && st.session != nil {
		h.mu.Lock()
		st.session.s = s
		h.mu.Unlock()
	}
	return s, err
}

// open opens a session.
func open(t *target, w who, database string) (*engine.Session, error) {
	return t.cluster.NewSession(engine.SessionOptions{User: w.user, Password: w.password, Proof: w.proof, Database: database})
}

// errPart says that a part has failed, and says so itself.
var errPart = errors.New("part failed")

// runParts runs what a statement has, in its order.
func (h *Handler) runParts(ctx context.Context, s *engine.Session, st *statement) error {
	if !st.batch || st.commits {
		var last error
		for _, p := range st.parts {
			if err := h.runPart(ctx, s, st, p); err != nil {
				last = err
			}
			if err := ctx.Err(); err != nil {
				return errors.Join(last, err)
			}
		}
		return last
	}
	for _, p := range st.parts {
		if s.Status() == 'I' { // at first, and where a part has ended the transaction
			if err := s.Begin(false); err != nil {
				return err
			}
		}
		if err := h.runPart(ctx, s, st, p); err != nil {
			s.Rollback()
			return err
		}
	}
	if s.Status() == 'I' {
		return nil
	}
	return s.Commit()
}

// runPart runs one SQL statement and keeps its rows.
func (h *Handler) runPart(ctx context.Context, s *engine.Session, st *statement, p *part) error {
	h.change(st, func() { p.status, p.updated = started, st.now() })
	begun, before := time.Now(), s.LastQuery()
	out, affected, err := runSQL(ctx, s, p.sql, st)
	h.change(st, func() {
		p.duration, p.updated, p.query = took(begun), st.now(), -1
		if q := s.LastQuery(); q != before {
			p.query = q
		}
		if p.status = finished; err != nil {
			p.status, p.err = st.failure(err)
		} else {
			p.rows, p.size, p.has, p.result = affected, 0, out != nil, out
			if out != nil {
				p.size = out.size
			}
		}
		close(p.done)
	})
	if err != nil {
		return errors.Join(errPart, err)
	}
	return nil
}

// failure is the status and the error of a statement that has failed. st is of who holds Handler.mu.
func (st *statement) failure(err error) (status, string) {
	if st.canceled {
		return aborted, message(err)
	}
	return failed, message(err)
}

// runSQL runs one SQL statement and collects its rows; nil = it has no result set.
func runSQL(ctx context.Context, s *engine.Session, sql string, st *statement) (out *result, affected int64, err error) {
	defer func() {
		if p := recover(); p != nil { // a bug is the statement's end, not the process's
			s.Fail()
			out, err = nil, sqlstate.Internal.Errorf("internal error: %v", p)
		}
	}()
	text, args, err := arguments(sql, st.params)
	if err != nil {
		return nil, 0, err
	}
	prepared, err := s.Prepare(ctx, text)
	if err != nil {
		return nil, 0, err
	}
	if prepared.Statements() > 1 {
		return nil, 0, sqlstate.Syntax.Errorf("cannot insert multiple commands into a prepared statement")
	}
	r, err := prepared.Query(ctx, args)
	if err != nil {
		return nil, 0, err
	}
	if columns := r.Columns(); columns != nil {
		w := newWriter(s, columns, r.Origins(), st.format)
		for {
			b, err := r.Next()
			if err == nil && b != nil {
				err = w.batch(b)
			}
			if err != nil {
				return nil, 0, errors.Join(err, r.Close())
			}
			if b == nil {
				break
			}
		}
		out = w.end()
	}
	if err := r.Close(); err != nil {
		return nil, 0, err
	}
	return out, r.Affected(), nil
}

// arguments numbers the named parameters of a statement and gives their values: texts, which the statement casts.
func arguments(sql string, params []sqlParameter) (string, []types.Datum, error) {
	if len(params) == 0 {
		return sql, nil, nil
	}
	text, names, err := engine.BareParameters(sql)
	if err != nil {
		return "", nil, err
	}
	values := make(map[string]string, len(params))
	for _, p := range params {
		values[*p.Name] = *p.Value
	}
	var args []types.Datum
	for _, n := range names {
		v, ok := values[n]
		if !ok {
			return "", nil, sqlstate.UndefinedParameter.Errorf("there is no value for parameter :%s", n)
		}
		args = append(args, types.Datum{Type: types.TUnknown, Text: v})
	}
	return text, args, nil
}

// finish ends a statement: who waits for it goes on.
func (h *Handler) finish(st *statement, err error, took time.Duration, lost bool) {
	h.mu.Lock()
	now := st.now()
	st.status, st.duration, st.updated = finished, took, now
	if err != nil {
		st.status, st.err = st.failure(err)
		if st.batch && errors.Is(err, errPart) {
			st.err = st.firstError()
		}
	}
	for _, p := range st.parts {
		if p.status.over() {
			continue
		}
		p.status, p.updated = st.status, now // it was not reached
		if st.batch {
			p.status = aborted
		}
		p.err = ""
		close(p.done)
	}
	h.end(st, h.o.ResultBytes, h.o.Statements)
	leftover := h.release(st, lost)
	event := h.o.Event
	if !st.event {
		event = nil
	}
	e := st.told()
	h.mu.Unlock()
	if leftover != nil {
		_ = leftover.Close() // what it had begun is rolled back
	}
	close(st.done)
	if event != nil {
		event(e)
	}
}

// firstError is the error of a batch: that of the part that failed first, by its number.
func (st *statement) firstError() string {
	for i, p := range st.parts {
		if p.err != "" {
			return "Query #" + str(int64(i+1)) + " failed with " + p.err
		}
	}
	return ""
}

// told is what EventBridge gets.
func (st *statement) told() Event {
	e := Event{
		Principal: st.caller.principal, StatementName: st.name, StatementID: st.id, State: string(st.status), Rows: -1,
		ExpireAt: st.updated.Add(retention).Unix(),
	}
	for _, p := range st.parts {
		e.RedshiftQueryID, e.Rows = p.query, sum(e.Rows, p.rows)
	}
	return e
}

// message is an error as the Data API tells it: as the JDBC driver prints what the server says.
//
//	ERROR: relation "sales" does not exist
//	  Position: 15
func message(err error) string {
	e := (*sqlstate.Error)(nil)
	if !errors.As(err, &e) {
		return "ERROR: " + err.Error()
	}
	var b strings.Builder
	b.WriteString(e.Severity + ": " + e.Message)
	if e.Detail != "" {
		b.WriteString("\n  Detail: " + e.Detail)
	}
	if e.Hint != "" {
		b.WriteString("\n  Hint: " + e.Hint)
	}
	if e.Position != 0 {
		b.WriteString("\n  Position: " + str(int64(e.Position)))
	}
	return b.String()
}
