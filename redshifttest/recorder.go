package redshifttest

import (
	"database/sql"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/redshiftsim/redshiftsim/engine"
	"github.com/redshiftsim/redshiftsim/internal/bridge"
)

// Statement is a statement that was sent to a cluster, as the cluster got it. BEGIN, COMMIT and ROLLBACK are statements, whoever began the transaction.
type Statement struct {
	Text        string
	Args        []any         // int64, float64, bool, string or nil: what else there is goes as text
	Rows        int64         // returned or changed
	Err         error         // nil = it went well, its COMMIT too when it is a transaction of its own
	Duration    time.Duration // until its last row was read, or dropped
	PID         int           // of the session
	Transaction int64         // 0 = there was none
	User        string
}

// String is the statement on one line, with its arguments and its error.
func (s *Statement) String() string {
	out := strings.Join(strings.Fields(s.Text), " ")
	if len(s.Args) > 0 {
		out += fmt.Sprintf(" %v", s.Args)
	}
	if s.Err != nil {
		return out + ": " + strings.ReplaceAll(s.Err.Error(), "\n", " ")
	}
	return fmt.Sprintf("%s: %d rows", out, s.Rows)
}

// Recorder keeps the statements of all sessions of a cluster, in the order in which they ended: what a mock is asked for, from an engine that has run them.
//
//	spy := redshifttest.NewRecorder()
//	db := redshifttest.New(t, redshifttest.SQL(schema), spy)
//	...
//	spy.Sent(t, "INSERT INTO orders")
//	spy.NotSent(t, "SELECT *")
//	spy.InOrder(t, "BEGIN", "UPDATE stock", "INSERT INTO orders", "COMMIT")
//
// A Recorder is an Option of New and Clone; fixtures are loaded before it listens. A pattern is a part of a statement's text, without regard to case and to how
// many blanks there are.
type Recorder struct {
	mu   sync.Mutex
	list []Statement
}

// NewRecorder makes an empty recorder.
func NewRecorder() *Recorder { return &Recorder{} }

func (r *Recorder) apply(o *options) { o.hooks = append(o.hooks, r.hook()) }

// Listen has the recorder listen to the cluster of a database that is there already, until the test ends.
func (r *Recorder) Listen(t testing.TB, db *sql.DB) {
	t.Helper()
	t.Cleanup(bridge.Engine(clusterOf(t, db)).Hook(r.hook()))
}

// hook hears what ends.
func (r *Recorder) hook() *engine.Hook {
	return &engine.Hook{End: func(s *engine.Sent) {
		r.mu.Lock()
		defer r.mu.Unlock()
		r.list = append(r.list, Statement{
			Text: s.Text, Args: s.Args, Rows: s.Rows, Err: s.Err, Duration: s.Took, PID: s.PID, Transaction: s.Transaction, User: s.User,
		})
	}}
}

// Statements lists what was sent so far.
func (r *Recorder) Statements() []Statement {
	r.mu.Lock()
	defer r.mu.Unlock()
	return append([]Statement(nil), r.list...)
}

// Reset forgets what was sent so far.
func (r *Recorder) Reset() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.list = nil
}

// Find lists the statements that a pattern is part of.
func (r *Recorder) Find(pattern string) []Statement {
	var out []Statement
	for _, s := range r.Statements() {
		if matches(s.Text, pattern) {
			out = append(out, s)
		}
	}
	return out
}

// Sent gives the last statement that a pattern is part of. Without one the test fails, and its log has what was sent.
func (r *Recorder) Sent(t testing.TB, pattern string) Statement {
	t.Helper()
	found := r.Find(pattern)
	if len(found) == 0 {
		t.Fatalf("redshifttest: nothing like %q was sent:%s", pattern, r.told())
	}
	return found[len(found)-1]
}

// NotSent fails the test when a statement was sent that a pattern is part of.
func (r *Recorder) NotSent(t testing.TB, pattern string) {
	t.Helper()
	if found := r.Find(pattern); len(found) > 0 {
		t.Errorf("redshifttest: %q was sent: %s", pattern, &found[0])
	}
}

// InOrder fails the test unless statements were sent that these patterns are part of, in this order; there may be others between them.
func (r *Recorder) InOrder(t testing.TB, patterns ...string) {
	t.Helper()
	list := r.Statements()
	at := 0
	for i, p := range patterns {
		for at < len(list) && !matches(list[at].Text, p) {
			at++
		}
		if at == len(list) {
			t.Errorf("redshifttest: after %q nothing like %q was sent:%s", patterns[:i], p, r.told())
			return
		}
		at++
	}
}

// told lists what was sent, a line each.
func (r *Recorder) told() string {
	var b strings.Builder
	for _, s := range r.Statements() {
		fmt.Fprintf(&b, "\n    %s", clip(s.String(), dumpText))
	}
	if b.Len() == 0 {
		return " nothing was sent at all"
	}
	return b.String()
}

// matches says whether a pattern is part of a text.
func matches(text, pattern string) bool { return strings.Contains(plainText(text), plainText(pattern)) }

func plainText(s string) string { return strings.ToLower(strings.Join(strings.Fields(s), " ")) }
