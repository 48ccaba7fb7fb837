package engine

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/redshiftsim/redshiftsim/internal/sqlstate"
)

// codeOf is an error's SQLSTATE.
func codeOf(err error) sqlstate.Code {
	var e *sqlstate.Error
	if errors.As(err, &e) {
		return e.Code
	}
	return ""
}

// TestBackends: PG_CANCEL_BACKEND ends a statement and leaves its session; PG_TERMINATE_BACKEND ends a session, idle or at work, and frees its locks;
// who is no superuser may stop only his own.
func TestBackends(t *testing.T) {
	c := New(Config{})
	admin, ann := connect(t, c, ""), connect(t, c, "ann")
	run(t, admin, "CREATE TABLE n (a int)", "INSERT INTO n VALUES (1),(2),(3),(4),(5),(6),(7),(8),(9),(10)", "CREATE TABLE big AS SELECT x.a FROM n x, n y, n z, n u")
	signal := func(by *Session, f string, pid int) error {
		_, err := rowsIn(by, fmt.Sprintf("SELECT %s(%d)", f, pid))
		return err
	}
	endless := func(s *Session) chan error {
		done := make(chan error, 1)
		go func() {
			_, err := s.Exec(context.Background(), "SELECT count(*) FROM big a, big b, big c WHERE a.a + b.a + c.a = 0", nil)
			done <- err
		}()
		for s.running.Load() == nil {
			time.Sleep(time.Millisecond)
		}
		return done
	}
	other := connect(t, c, "")
	done := endless(other)
	if err := signal(ann, "pg_cancel_backend", other.PID()); codeOf(err) != sqlstate.InsufficientPrivilege {
		t.Errorf("ann: %v", err)
	}
	for stop := false; !stop; { // the statement may just be about to begin
		if err := signal(admin, "pg_cancel_backend", other.PID()); err != nil {
			t.Fatal(err)
		}
		select {
		case err := <-done:
			if codeOf(err) != sqlstate.QueryCanceled {
				t.Errorf("canceled: %v", err)
			}
			stop = true
		case <-time.After(20 * time.Millisecond):
		}
	}
	// https://docs.aws.amazon.com/redshift/latest/dg/r_CANCEL.html
	for message, want := range map[string]string{"": `^Query \(\d+\) cancelled on user's request$`, " 'Long-running query'": `^Long-running query$`} {
		done = endless(other)
		for stop := false; !stop; {
			if _, err := ann.Exec(context.Background(), fmt.Sprint("CANCEL ", other.PID()), nil); codeOf(err) != sqlstate.InsufficientPrivilege {
				t.Errorf("ann: %v", err)
			}
			run(t, admin, fmt.Sprint("CANCEL ", other.PID(), message))
			select {
			case err := <-done:
				var e *sqlstate.Error
				if !errors.As(err, &e) || e.Code != sqlstate.QueryCanceled || !regexp.MustCompile(want).MatchString(e.Message) {
					t.Errorf("canceled%s: %v", message, err)
				}
				stop = true
			case <-time.After(20 * time.Millisecond):
			}
		}
	}
	run(t, admin, "CREATE ROLE stops", "GRANT CANCEL TO ROLE stops", "GRANT ROLE stops TO ann")
	run(t, ann, fmt.Sprint("CANCEL ", other.PID())) // it is idle: nothing is canceled
	run(t, other, "SELECT 1")
	if _, err := ann.Exec(context.Background(), "CANCEL 1", nil); codeOf(err) != sqlstate.UndefinedObject || !strings.Contains(err.Error(), "Session 1 does not exist. The session PID might have changed.") {
		t.Errorf("no such session: %v", err)
	}
	run(t, other, "BEGIN", "INSERT INTO n VALUES (11)") // holds the table's lock, idle
	if err := signal(admin, "pg_terminate_backend", other.PID()); err != nil {
		t.Fatal(err)
	}
	run(t, admin, "DELETE FROM n WHERE a > 9")
	if _, err := other.Exec(context.Background(), "SELECT 1", nil); codeOf(err) != sqlstate.AdminShutdown {
		t.Errorf("terminated: %v", err)
	}
	busy := connect(t, c, "")
	done = endless(busy)
	if err := signal(admin, "pg_terminate_backend", busy.PID()); err != nil {
		t.Fatal(err)
	}
	if err := <-done; codeOf(err) != sqlstate.AdminShutdown {
		t.Errorf("terminated at work: %v", err)
	}
	got, err := rowsIn(admin, "SELECT pg_cancel_backend(1)")
	if err != nil || got[0] != "f" {
		t.Errorf("no such session: %v, %v", got, err)
	}
}
