package diff

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"
	"time"
)

// Target is a database that statements run on.
type Target struct {
	Name string // in messages: "reference", "simulator"
	// Open opens the database for a group of statements. It is closed after the group.
	Open func() (*sql.DB, error)
	// Schema is made for each group, is its search path, and is dropped after it.
	Schema string
	// Timeout ends a statement, which then has failed as cancelled; 0 = none.
	Timeout time.Duration
	// MaxRows is how many rows of a statement are taken; one with more ends the run. 0 = 100,000.
	MaxRows int
	secrets *scrubber
}

// Version asks for the version of the server, in which hosts and the like are scrubbed.
func (t *Target) Version(ctx context.Context) (string, error) {
	db, err := t.Open()
	if err != nil {
		return "", &lost{t.Name, "opening", err}
	}
	defer db.Close()
	var v string
	if err := db.QueryRowContext(ctx, "SELECT version()").Scan(&v); err != nil {
		return "", &lost{t.Name, "asking for the version", err}
	}
	return t.secrets.clean(v), nil
}

// run is a group on its way in one target.
type run struct {
	t    *Target
	db   *sql.DB
	conn *sql.Conn
	pid  string
}

// lost is the error of a target that does not answer; it is not the outcome of a statement.
type lost struct {
	target, doing string
	err           error
}

func (l *lost) Error() string { return fmt.Sprintf("%s: %s: %v", l.target, l.doing, l.err) }
func (l *lost) Unwrap() error { return l.err }

// begin connects and makes the schema.
func (t *Target) begin(ctx context.Context) (*run, error) {
	db, err := t.Open()
	if err != nil {
		return nil, &lost{t.Name, "opening", err}
	}
	r := &run{t: t, db: db}
	if r.conn, err = db.Conn(ctx); err == nil {
		err = r.conn.PingContext(ctx)
	}
	if err != nil {
		return nil, errors.Join(&lost{t.Name, "connecting", err}, r.close())
	}
	setup := []string{"SET timezone TO 'UTC'"}
	if t.Schema != "" {
		setup = append(setup, "CREATE SCHEMA "+t.Schema, "SET search_path TO "+t.Schema)
	}
	for _, q := range setup {
		if _, err := r.conn.ExecContext(ctx, q); err != nil {
			return nil, errors.Join(&lost{t.Name, q, err}, r.close())
		}
	}
	if err := r.conn.QueryRowContext(ctx, "SELECT pg_backend_pid()").Scan(&r.pid); err != nil {
		return nil, errors.Join(&lost{t.Name, "asking for the process", err}, r.close())
	}
	return r, nil
}

// close closes what is open.
func (r *run) close() error {
	var err error
	if r.conn != nil {
		if err = r.conn.Close(); errors.Is(err, sql.ErrConnDone) { // a bad connection is closed already
			err = nil
		}
	}
	return errors.Join(err, r.db.Close())
}

// end drops the schema and closes the target, also when the run was interrupted.
func (r *run) end(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 30*time.Second)
	defer cancel()
	var err error
	if r.t.Schema != "" {
		// Whatever state the statements left: an open or failed transaction, another user.
		_, _ = r.conn.ExecContext(ctx, "ROLLBACK")
		_, _ = r.conn.ExecContext(ctx, "RESET SESSION AUTHORIZATION")
		if _, err = r.conn.ExecContext(ctx, "DROP SCHEMA "+r.t.Schema+" CASCADE"); err != nil {
			err = &lost{r.t.Name, "dropping schema " + r.t.Schema, err}
		}
	}
	return errors.Join(err, r.close())
}

// do runs a statement. The error says that the target is gone, or that ctx has ended.
func (r *run) do(ctx context.Context, st Statement) (*Outcome, error) {
	own := ctx
	if r.t.Timeout > 0 {
		var cancel context.CancelFunc
		own, cancel = context.WithTimeout(ctx, r.t.Timeout)
		defer cancel()
	}
	o, err := r.ask(own, st.SQL)
	if err == nil {
		r.t.secrets.outcome(o, r.pid)
		return o, nil
	}
	var e interface{ SQLState() string }
	switch {
	case ctx.Err() != nil:
		return nil, ctx.Err()
	case errors.As(err, &e):
		o = &Outcome{Error: described(err, e.SQLState())}
	case own.Err() != nil:
		o = &Outcome{Error: &Error{Code: "57014", Message: fmt.Sprintf("no answer within %s", r.t.Timeout)}}
	default:
		return nil, &lost{r.t.Name, fmt.Sprintf("%s:%d", st.File, st.Line), err}
	}
	r.t.secrets.outcome(o, r.pid)
	return o, nil
}

// described takes an error apart.
func described(err error, code string) *Error {
	var parts interface {
		Fields() (message, detail, hint string, position int)
	}
	if errors.As(err, &parts) {
		e := &Error{Code: code}
		e.Message, e.Detail, e.Hint, _ = parts.Fields()
		return e
	}
	return &Error{Code: code, Message: err.Error()}
}

// ask runs a text and reads what comes.
func (r *run) ask(ctx context.Context, text string) (*Outcome, error) {
	if changes(text) {
		res, err := r.conn.ExecContext(ctx, text)
		if err != nil {
			return nil, err
		}
		n, err := res.RowsAffected()
		return &Outcome{Affected: &n}, err
	}
	rows, err := r.conn.QueryContext(ctx, text)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	o := &Outcome{}
	if err := r.read(rows, o); err != nil {
		return nil, err
	}
	return o, rows.Close()
}

// read reads rows to their end.
func (r *run) read(rows *sql.Rows, o *Outcome) error {
	cols, err := rows.ColumnTypes()
	if err != nil {
		return err
	}
	for _, c := range cols {
		o.Columns = append(o.Columns, Column{c.Name(), strings.ToUpper(c.DatabaseTypeName())})
	}
	vals, ptrs := make([]any, len(cols)), make([]any, len(cols))
	for i := range vals {
		ptrs[i] = &vals[i]
	}
	limit := r.t.MaxRows
	if limit <= 0 {
		limit = 100_000
	}
	for rows.Next() {
		if len(o.Rows) == limit {
			return fmt.Errorf("more than %d rows", limit)
		}
		if err := rows.Scan(ptrs...); err != nil {
			return err
		}
		row := make([]*string, len(vals))
		for i, v := range vals {
			row[i] = text(v, o.Columns[i].Type)
		}
		o.Rows = append(o.Rows, row)
	}
	return rows.Err()
}

// Report is what a run found.
type Report struct {
	Statements  int
	Differences []Difference
	Skipped     int
}

// Options change a run.
type Options struct {
	Ignore []Kind // kinds of differences that are none
	// Each is called with each difference as it is found, when set.
	Each func(*Difference)
}

// note compares two outcomes into the report.
func (rep *Report) note(o Options, st Statement, ref, sim *Outcome) {
	rep.Statements++
	for _, d := range Compare(st, ref, sim) {
		ignored := false
		for _, k := range o.Ignore {
			ignored = ignored || k == d.Kind
		}
		if ignored {
			continue
		}
		rep.Differences = append(rep.Differences, d)
		if o.Each != nil {
			o.Each(&d)
		}
	}
}

// Run runs a suite on both databases, a statement on one, then on the other. tape, when set, gets what the reference answered. A target that does not answer
// ends the run with an error, as ctx does; the report then has what came before.
func Run(ctx context.Context, s *Suite, ref, sim *Target, tape *Tape, o Options) (*Report, error) {
	rep := &Report{Skipped: s.Skipped}
	for _, g := range s.Groups {
		if err := both(ctx, g, ref, sim, tape, o, rep); err != nil {
			return rep, err
		}
	}
	return rep, nil
}

func both(ctx context.Context, g Group, ref, sim *Target, tape *Tape, o Options, rep *Report) (err error) {
	a, err := ref.begin(ctx)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, a.end(ctx)) }()
	b, err := sim.begin(ctx)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, b.end(ctx)) }()
	tape.reset()
	for _, st := range g {
		x, err := a.do(ctx, st)
		if err != nil {
			return err
		}
		y, err := b.do(ctx, st)
		if err != nil {
			return err
		}
		if err := tape.add(st, x); err != nil {
			return err
		}
		rep.note(o, st, x, y)
	}
	return nil
}
