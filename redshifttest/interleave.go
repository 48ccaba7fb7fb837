package redshifttest

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/redshiftsim/redshiftsim"
	"github.com/redshiftsim/redshiftsim/engine"
	"github.com/redshiftsim/redshiftsim/internal/bridge"
)

// Interleave runs statements of several sessions in the order in which they are given, and fails the test at the first whose outcome is not the one that is
// expected. Nothing is left to time: a statement has ended, or waits for a lock, before the next one is sent.
//
//	redshifttest.Interleave(t, db,
//		"T1: BEGIN",
//		"T1: UPDATE stock SET n = n - 1",
//		"T2: BEGIN",
//		"T2: SELECT n FROM stock            -- gives 3",
//		"T2: UPDATE stock SET n = n - 1     -- blocks",
//		"T1: COMMIT",
//		"T2:                                -- error 1023",
//		"T2: ROLLBACK",
//	)
//
// A step is the name of a session, a colon, a statement, and what is expected behind two dashes:
//
//	(nothing), ok    it ends well
//	gives 3 a, 4 b   a query that ends well with these rows: cells parted by blanks, rows by commas; NULL is NULL
//	blocks           it waits for a lock that another session holds
//	error 40P01      it fails with this SQLSTATE, or with a message that begins with this number (1023, 1018)
//
// A step without a statement says how the statement ended that the session was waiting in. Each session is a connection of its own; what it leaves open is
// rolled back at the end, when no session may be waiting any more.
// https://docs.aws.amazon.com/redshift/latest/dg/c_serial_isolation.html
func Interleave(t testing.TB, db *sql.DB, steps ...string) {
	t.Helper()
	ctx, stop := context.WithTimeout(context.Background(), interleaveLimit)
	defer stop()
	x := &interleaving{ctx: ctx, db: db, cluster: bridge.Engine(clusterOf(t, db)), waits: make(chan int, len(steps)+1)}
	remove := x.cluster.Hook(&engine.Hook{Waits: func(pid int) { x.waits <- pid }})
	defer remove()
	defer x.close(stop)
	for _, step := range steps {
		if err := x.step(step); err != nil {
			t.Errorf("redshifttest: %s: %v%s", strings.Join(strings.Fields(step), " "), err, x.told())
			return
		}
	}
	for _, p := range x.parties {
		if p.running {
			t.Errorf("redshifttest: %s still waits in %s%s", p.name, p.text, x.told())
		} else if p.kept != nil {
			t.Errorf("redshifttest: no step says how %s in %s ended: %s%s", p.name, p.text, p.kept, x.told())
		}
	}
}

// interleaveLimit is how long an interleaving may take: none should, but a statement may hang.
const interleaveLimit = time.Minute

// interleaving is a call of Interleave.
type interleaving struct {
	ctx     context.Context
	db      *sql.DB
	cluster *engine.Cluster
	waits   chan int // sessions that began to wait
	parties []*party
	done    []string // steps with what came of them
}

// party is a session.
type party struct {
	name    string
	conn    *sql.Conn
	pid     int
	text    string // of the statement that it is in, or was
	ended   chan *outcome
	running bool     // its statement has not ended: it waits
	kept    *outcome // of a statement that waited and has ended, until a step asks for it
}

// outcome is how a statement ended.
type outcome struct {
	rows string
	err  error
}

func (o *outcome) String() string {
	switch {
	case o.err != nil:
		return strings.ReplaceAll(o.err.Error(), "\n", " ")
	case o.rows != "":
		return "gives " + o.rows
	}
	return "ok"
}

// step runs one step.
func (x *interleaving) step(step string) error {
	name, text, ok := strings.Cut(step, ":")
	if name = strings.TrimSpace(name); !ok || name == "" || strings.ContainsAny(name, " \t") {
		return errors.New("a step is NAME: STATEMENT -- OUTCOME")
	}
	text, want := expectation(text)
	p, err := x.party(name)
	if err != nil {
		return err
	}
	if text == "" {
		if p.kept == nil && p.running {
			return fmt.Errorf("%s still waits in %s", name, p.text)
		} else if p.kept == nil {
			return fmt.Errorf("%s does not wait in a statement", name)
		}
		got := p.kept
		p.kept = nil
		return x.judge(p, want, got)
	}
	if p.running || p.kept != nil {
		return fmt.Errorf("no step says how the statement before it ended, %s", p.text)
	}
	p.text = text
	p.running = true
	go p.run(x.ctx, text)
	if err := x.settle(p); err != nil {
		return err
	}
	got := p.kept
	p.kept = nil
	for _, o := range x.parties { // those whose lock it gave back
		if o != p && o.running && !x.cluster.Waiting(o.pid) {
			if err := x.settle(o); err != nil {
				return err
			}
		}
	}
	return x.judge(p, want, got)
}

// expectation cuts the outcome off a step.
func expectation(s string) (text, want string) {
	if i := strings.LastIndex(s, "--"); i >= 0 {
		want = strings.TrimSpace(s[i+2:])
		word, _, _ := strings.Cut(want, " ")
		switch word {
		case "ok", "blocks", "gives", "error":
			return strings.TrimSpace(s[:i]), want
		}
	}
	return strings.TrimSpace(s), "ok"
}

// party gives the session of a name.
func (x *interleaving) party(name string) (*party, error) {
	for _, p := range x.parties {
		if p.name == name {
			return p, nil
		}
	}
	conn, err := x.db.Conn(x.ctx)
	if err != nil {
		return nil, err
	}
	p := &party{name: name, conn: conn, ended: make(chan *outcome, 1)}
	x.parties = append(x.parties, p)
	return p, conn.Raw(func(dc any) error {
		p.pid = bridge.Session(dc).PID()
		return nil
	})
}

// settle waits until a session's statement has ended, or waits for a lock.
func (x *interleaving) settle(p *party) error {
	for {
		select {
		case p.kept = <-p.ended:
			p.running = false
			return nil
		case pid := <-x.waits:
			if pid == p.pid && x.cluster.Waiting(pid) {
				return nil
			}
		case <-x.ctx.Done():
			return fmt.Errorf("it neither ended nor waited for a lock within %s", interleaveLimit)
		}
	}
}

// judge compares what came of a step with what was expected; got nil = it waits.
func (x *interleaving) judge(p *party, want string, got *outcome) error {
	told := "blocks"
	if got != nil {
		told = got.String()
	}
	x.done = append(x.done, fmt.Sprintf("%s: %s -- %s", p.name, p.text, told))
	word, rest, _ := strings.Cut(want, " ")
	rest = strings.TrimSpace(rest)
	ok := false
	switch {
	case got == nil:
		ok = word == "blocks"
	case word == "ok":
		ok = got.err == nil
	case word == "gives":
		ok = got.err == nil && got.rows == rest
	case word == "error":
		var e *redshiftsim.Error
		ok = errors.As(got.err, &e) && (e.SQLState() == rest || strings.HasPrefix(e.Message, rest))
		ok = ok && rest != ""
	}
	if !ok {
		return fmt.Errorf("it %s, which was not expected", verb(told))
	}
	return nil
}

// verb makes an outcome the end of a sentence that begins with "it".
func verb(told string) string {
	switch {
	case told == "ok":
		return "ended well"
	case told == "blocks", strings.HasPrefix(told, "gives "):
		return told
	}
	return "failed: " + told
}

// told lists the steps so far.
func (x *interleaving) told() string {
	if len(x.done) == 0 {
		return ""
	}
	return "\n    " + strings.Join(x.done, "\n    ")
}

// close ends what is running, and the sessions.
func (x *interleaving) close(stop func()) {
	stop()
	for _, p := range x.parties {
		if p.running {
			<-p.ended
		}
		_ = p.conn.Close() // what it has open is rolled back
	}
}

// run runs a statement to its end.
func (p *party) run(ctx context.Context, text string) {
	out := &outcome{}
	out.rows, out.err = allRows(ctx, p.conn, text)
	p.ended <- out
}

// allRows reads a query's rows as a step has them.
func allRows(ctx context.Context, conn *sql.Conn, text string) (string, error) {
	rows, err := conn.QueryContext(ctx, text)
	if err != nil {
		return "", err
	}
	defer rows.Close()
	columns, err := rows.Columns()
	if err != nil {
		return "", err
	}
	values, cells := make([]sql.NullString, len(columns)), make([]any, len(columns))
	for i := range values {
		cells[i] = &values[i]
	}
	var list []string
	for rows.Next() {
		if err := rows.Scan(cells...); err != nil {
			return "", err
		}
		line := make([]string, len(values))
		for i, v := range values {
			if line[i] = v.String; !v.Valid {
				line[i] = "NULL"
			}
		}
		list = append(list, strings.Join(line, " "))
	}
	return strings.Join(list, ", "), rows.Err()
}
