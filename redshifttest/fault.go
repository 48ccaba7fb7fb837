package redshifttest

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/redshiftsim/redshiftsim"
	"github.com/redshiftsim/redshiftsim/engine"
	"github.com/redshiftsim/redshiftsim/internal/bridge"
	"github.com/redshiftsim/redshiftsim/internal/sqlstate"
)

// Fault is something that goes wrong on a cluster: an error where there would be none, or a wait. What a statement that fails has done is undone, as
// after any other error. It is an Option of New and Clone, for what comes after the fixtures, and Inject adds it to a database that is there.
//
//	db := redshifttest.New(t, redshifttest.SQL(schema), redshifttest.Conflict().Nth(2))         the second COMMIT fails with 1023, once
//	redshifttest.Inject(t, db, redshifttest.DiskFull(100).On("INSERT INTO orders").Times(3))
//
// A fault strikes the first statement that comes to where it lies, once, unless Nth and Times say otherwise. The test fails when one never struck: it would have tested nothing.
type Fault struct {
	name  string
	hooks func(*Fault) *engine.Hook

	mu         sync.Mutex
	on         string
	from       string // where it was made: file.go:12
	nth, times int    // times 0 = always
	heard      int    // statements, requests or invocations that On takes
	turns      int    // so far
	struck     int
	touched    map[int]bool // of Conflict: sessions whose transaction has sent what On says
	removes    []func()
}

func newFault(name string, times int, hooks func(*Fault) *engine.Hook) *Fault {
	return &Fault{name: name, hooks: hooks, from: caller(), nth: 1, times: times}
}

// On restricts the fault to statements that a pattern is part of, as a Recorder's patterns are; a Conflict to transactions with such a statement; a SlowDown to
// requests whose address, bucket/key, it is part of.
func (f *Fault) On(pattern string) *Fault {
	f.on = pattern
	return f
}

// Nth has the fault strike the n-th statement, counted from 1, that comes to where it lies, or the n-th COMMIT of a Conflict, or the n-th request of a SlowDown.
func (f *Fault) Nth(n int) *Fault {
	f.nth = n
	return f
}

// Times has the fault strike n times in a row; 0 = always from then on.
func (f *Fault) Times(n int) *Fault {
	f.times = n
	return f
}

// Struck is how often it has struck. Of a SlowSlice it counts batches that waited.
func (f *Fault) Struck() int {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.struck
}

// Lift ends the fault, on all databases.
func (f *Fault) Lift() {
	f.mu.Lock()
	removes := f.removes
	f.removes = nil
	f.mu.Unlock()
	for _, remove := range removes {
		remove()
	}
}

func (f *Fault) apply(o *options) { o.faults = append(o.faults, f) }

// Inject adds faults to the cluster of a database until the test ends.
func Inject(t testing.TB, db *sql.DB, faults ...*Fault) {
	t.Helper()
	inject(t, bridge.Engine(clusterOf(t, db)), faults)
}

func inject(t testing.TB, c *engine.Cluster, faults []*Fault) {
	for _, f := range faults {
		remove := c.Hook(f.hooks(f))
		f.mu.Lock()
		f.removes = append(f.removes, remove)
		f.mu.Unlock()
	}
	t.Cleanup(func() {
		failed := t.Failed() // why is the test's own business
		for _, f := range faults {
			f.Lift()
			if why := f.missed(); why != "" && !failed {
				t.Errorf("redshifttest: the fault %s of %s never struck: %s", f.name, f.from, why)
			}
		}
	})
}

// missed says why the fault has not struck, "" when it has.
func (f *Fault) missed() string {
	f.mu.Lock()
	defer f.mu.Unlock()
	switch {
	case f.struck > 0:
		return ""
	case f.heard == 0 && f.on != "":
		return fmt.Sprintf("nothing came that has %q in it", f.on)
	case f.heard == 0:
		return "nothing came that it could disturb"
	case f.turns == 0:
		return fmt.Sprintf("%d came, and in none the moment that it waits for", f.heard)
	}
	return fmt.Sprintf("it could have struck %d times, and was to strike from time %d on", f.turns, f.nth)
}

// takes says whether On lets the fault disturb a statement, a request or an invocation.
func (f *Fault) takes(text string) bool {
	if !matches(text, f.on) {
		return false
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	f.heard++
	return true
}

// turn counts a chance to strike, and says whether the fault takes it.
func (f *Fault) turn() bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.turns++
	return f.turns >= f.nth && (f.times == 0 || f.turns < f.nth+f.times)
}

// strikes counts a strike and gives err.
func (f *Fault) strikes(err error) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.struck++
	return err
}

// during is a fault of statements: run makes what disturbs one. mine says whether the fault takes this statement; it is asked when the moment has come to
// strike, and answers the same from then on, so that a statement in which that moment never comes is no chance.
func (f *Fault) during(run func(mine func() bool) *engine.Run) *engine.Hook {
	return &engine.Hook{Begin: func(_ context.Context, st *engine.Sent) (*engine.Run, error) {
		if !f.takes(st.Text) {
			return nil, nil
		}
		return run(sync.OnceValue(f.turn)), nil
	}}
}

// Conflict has a COMMIT fail as though another transaction were in its way: with error 1023, whatever the isolation level, or, where only definitions changed,
// "could not complete because of conflict with concurrent transaction". Only transactions that changed something count; a statement outside of a transaction is
// one of its own.
// https://docs.aws.amazon.com/redshift/latest/dg/c_serial_isolation-serializable-isolation-troubleshooting.html
func Conflict() *Fault {
	return newFault("Conflict", 1, func(f *Fault) *engine.Hook {
		return &engine.Hook{
			Begin: func(_ context.Context, st *engine.Sent) (*engine.Run, error) {
				f.mu.Lock()
				defer f.mu.Unlock()
				if f.touched == nil {
					f.touched = map[int]bool{}
				}
				switch {
				case matches(st.Text, f.on):
					f.touched[st.PID] = true
					f.heard++
				case st.Transaction == 0 || plainText(st.Text) == "rollback":
					delete(f.touched, st.PID)
				}
				return nil, nil
			},
			Commit: func(k *engine.Committing) error {
				f.mu.Lock()
				mine := f.touched[k.PID]
				delete(f.touched, k.PID)
				f.mu.Unlock()
				if !mine || !f.turn() {
					return nil
				}
				return f.strikes(k.Conflict())
			},
		}
	})
}

// SlowSlice has a slice wait before each batch of rows (up to 2,048) that it works on, in all statements from then on: skew that can be seen.
func SlowSlice(slice int, wait time.Duration) *Fault {
	return newFault(fmt.Sprintf("SlowSlice(%d, %s)", slice, wait), 0, func(f *Fault) *engine.Hook {
		return f.during(func(mine func() bool) *engine.Run {
			return &engine.Run{Batch: func(ctx context.Context, s int) error {
				if s != slice || !mine() {
					return nil
				}
				_ = f.strikes(nil)
				select {
				case <-time.After(wait):
				case <-ctx.Done(): // the run looks by itself
				}
				return nil
			}}
		})
	})
}

// LostSlice has statements fail (XX000) when a slice has worked on so many batches of rows (up to 2,048) and would go on, in all statements from then on: its
// node is down. A statement that has no work for the slice does not notice. The words of the error are this package's (docs/decisions/0095-test-kit.md).
func LostSlice(slice, batches int) *Fault {
	return newFault(fmt.Sprintf("LostSlice(%d, %d)", slice, batches), 0, func(f *Fault) *engine.Hook {
		return f.during(func(mine func() bool) *engine.Run {
			left := countdown(batches)
			return &engine.Run{Batch: func(_ context.Context, s int) error {
				if s != slice || left(1) || !mine() {
					return nil
				}
				return f.strikes(sqlstate.Internal.Errorf("could not reach slice %d: its compute node is down", slice))
			}}
		})
	})
}

// DiskFull has a statement fail as on a cluster without space (XX000, "Disk Full", code 1016) when it has written so many rows to tables and would go on.
// https://docs.aws.amazon.com/redshift/latest/dg/c_loading-data-best-practices.html
func DiskFull(rows int) *Fault {
	return newFault(fmt.Sprintf("DiskFull(%d)", rows), 1, func(f *Fault) *engine.Hook {
		return f.during(func(mine func() bool) *engine.Run {
			left := countdown(rows)
			return &engine.Run{Write: func(slice, n int) error {
				if left(n) || !mine() {
					return nil
				}
				rule := strings.Repeat("-", 47)
				return f.strikes(sqlstate.Internal.Errorf("Disk Full").WithDetail("%s\n  error:  Disk Full\n  code:      1016\n  context:   slice: %d\n  %s", rule, slice, rule))
			}}
		})
	})
}

// Timeout has a statement fail as though statement_timeout had passed (57014) when its slices together have worked on so many batches of rows (up to 2,048).
// https://docs.aws.amazon.com/redshift/latest/dg/r_statement_timeout.html
func Timeout(batches int) *Fault {
	return newFault(fmt.Sprintf("Timeout(%d)", batches), 1, func(f *Fault) *engine.Hook {
		return f.during(func(mine func() bool) *engine.Run {
			left := countdown(batches)
			return &engine.Run{Batch: func(context.Context, int) error {
				if left(1) || !mine() {
					return nil
				}
				return f.strikes(engine.Timeout())
			}}
		})
	})
}

// ResetConnection breaks the connection when a query has given so many rows: what reads the next one gets an error that is driver.ErrBadConn and has SQLSTATE
// 08006, the session ends with its transaction, and the pool drops the connection. A query with fewer rows gives them all.
func ResetConnection(rows int) *Fault {
	return newFault(fmt.Sprintf("ResetConnection(%d)", rows), 1, func(f *Fault) *engine.Hook {
		return f.during(func(mine func() bool) *engine.Run {
			var mu sync.Mutex
			left := rows
			return &engine.Run{Rows: func(n int) (int, error) {
				mu.Lock()
				defer mu.Unlock()
				if n <= left || !mine() {
					left -= n
					return n, nil
				}
				return left, f.strikes(engine.LostConnection())
			}}
		})
	})
}

// SlowDown has requests to buckets fail as S3 refuses them when there are too many (Status 503): COPY and UNLOAD fail with it.
// https://docs.aws.amazon.com/redshift/latest/dg/copy-usage_notes-copy-from-s3.html
func SlowDown() *Fault {
	return newFault("SlowDown", 1, func(f *Fault) *engine.Hook {
		return &engine.Hook{Object: func(bucket, key string) error {
			if !f.takes(bucket+"/"+key) || !f.turn() {
				return nil
			}
			return f.strikes(sqlstate.Internal.Errorf("S3ServiceException:Please reduce your request rate.,Status 503,Error SlowDown").WithDetail("code: 8001, s3://%s/%s", bucket, key))
		}}
	})
}

// lambdaFault is a fault of Lambda functions: run is called for an invocation that it takes.
func lambdaFault(name string, times int, run func(ctx context.Context) error) *Fault {
	return newFault(name, times, func(f *Fault) *engine.Hook {
		return &engine.Hook{Lambda: func(ctx context.Context, lambda string) error {
			if !f.takes(lambda) || !f.turn() {
				return nil
			}
			return f.strikes(run(ctx))
		}}
	})
}

// Throttled has the Lambda service refuse an invocation: TooManyRequestsException. Redshift sends the batch again, as long as RETRY_TIMEOUT of the function allows,
// so that Times says how long it lasts. On takes names of Lambda functions.
// https://docs.aws.amazon.com/redshift/latest/dg/r_CREATE_EXTERNAL_FUNCTION.html
func Throttled() *Fault {
	return lambdaFault("Throttled", 1, func(context.Context) error {
		return &redshiftsim.LambdaError{Exception: "TooManyRequestsException", Message: "Rate Exceeded."}
	})
}

// LambdaFails has an invocation of a Lambda function fail with a message: so does the statement (XX000). On takes names of Lambda functions.
// https://docs.aws.amazon.com/redshift/latest/dg/r_CREATE_EXTERNAL_FUNCTION.html
func LambdaFails(message string) *Fault {
	return lambdaFault("LambdaFails", 1, func(context.Context) error { return errors.New(message) })
}

// SlowLambda has invocations of Lambda functions wait before they begin, all from then on. On takes names of Lambda functions.
func SlowLambda(wait time.Duration) *Fault {
	return lambdaFault(fmt.Sprintf("SlowLambda(%s)", wait), 0, func(ctx context.Context) error {
		select {
		case <-time.After(wait):
		case <-ctx.Done():
			return ctx.Err()
		}
		return nil
	})
}

// countdown gives a function that takes amounts from n and says whether they could be taken, until one could not.
func countdown(n int) func(int) bool {
	var mu sync.Mutex
	return func(take int) bool {
		mu.Lock()
		defer mu.Unlock()
		if take > n {
			n = 0
			return false
		}
		n -= take
		return true
	}
}
