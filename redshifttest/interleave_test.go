package redshifttest_test

import (
	"testing"

	"github.com/redshiftsim/redshiftsim"
	"github.com/redshiftsim/redshiftsim/redshifttest"
)

const stock = "CREATE TABLE stock (id int, n int); INSERT INTO stock VALUES (7, 3); CREATE TABLE log (a int)"

func TestInterleave(t *testing.T) {
	t.Parallel()
	for _, x := range []struct {
		name, level string
		steps       []string
	}{
		// https://docs.aws.amazon.com/redshift/latest/dg/c_serial_isolation.html: under SNAPSHOT two that change one row conflict
		{"one row", "snapshot", []string{
			"T1: BEGIN", "T1: UPDATE stock SET n = n - 1", "T2: BEGIN", "T2: SELECT id, n, NULL FROM stock -- gives 7 3 NULL", "T2: UPDATE stock SET n = n - 1 -- blocks",
			"T1: COMMIT", "T2: -- error 1023", "T2: SELECT 1 -- error 25P02", "T2: ROLLBACK", "T2: SELECT n FROM stock -- gives 2",
		}},
		{"rolled back", "snapshot", []string{
			"T1: BEGIN", "T1: UPDATE stock SET n = n - 1", "T2: UPDATE stock SET n = 9 -- blocks", "T1: ROLLBACK", "T2: -- ok", "T1: SELECT n FROM stock -- gives 9",
		}},
		{"inserts", "snapshot", []string{
			"T1: BEGIN", "T2: BEGIN", "T1: INSERT INTO log VALUES (1)", "T2: INSERT INTO log VALUES (2)", "T2: SELECT a FROM log -- gives 2", "T2: COMMIT", "T1: COMMIT",
			"T1: SELECT a FROM log ORDER BY a -- gives 1, 2",
		}},
		// https://docs.aws.amazon.com/redshift/latest/dg/c_serial_isolation-serializable-isolation-troubleshooting.html
		{"a cycle", "serializable", []string{
			"S1: BEGIN", "S2: BEGIN", "S1: SELECT * FROM stock WHERE id = 0", "S1: INSERT INTO log VALUES (1)", "S2: INSERT INTO stock VALUES (1, 1)", "S2: SELECT count(*) FROM log -- error 1023",
			"S1: COMMIT", "S2: ROLLBACK",
		}},
		{"a cycle is none under snapshot", "snapshot", []string{
			"S1: BEGIN", "S2: BEGIN", "S1: SELECT * FROM stock WHERE id = 0", "S1: INSERT INTO log VALUES (1)", "S2: INSERT INTO stock VALUES (1, 1)", "S2: SELECT count(*) FROM log -- gives 0",
			"S1: COMMIT", "S2: COMMIT",
		}},
		{"deadlock", "snapshot", []string{
			"A: BEGIN", "B: BEGIN", "A: UPDATE stock SET n = 1", "B: DELETE FROM log", "A: DELETE FROM log -- blocks", "B: UPDATE stock SET n = 2 -- error 40P01", "A: -- ok", "A: COMMIT", "B: ROLLBACK",
		}},
		// B's snapshot is taken when its lock is granted, before or after C's commit: it asks for the row that is there in both
		{"two wait", "snapshot", []string{
			"A: BEGIN", "A: LOCK stock", "B: SELECT n FROM stock WHERE id = 7 -- blocks", "C: INSERT INTO stock VALUES (8, 1) -- blocks", "D: SELECT count(*) FROM log -- gives 0", "A: COMMIT", "C: -- ok", "B: -- gives 3",
		}},
		{"a queue", "snapshot", []string{
			"A: BEGIN", "A: LOCK stock", "B: BEGIN", "B: LOCK stock -- blocks", "C: LOCK stock; SELECT 5 -- blocks", "A: COMMIT", "B: -- ok", "B: ROLLBACK", "C: -- ok",
		}},
		{"drop", "snapshot", []string{
			"R: BEGIN", "R: SELECT n FROM stock -- gives 3", "D: DROP TABLE stock -- blocks", "R: COMMIT", "D: -- ok", "R: SELECT n FROM stock -- error 42P01",
		}},
	} {
		t.Run(x.name, func(t *testing.T) {
			t.Parallel()
			db := redshifttest.New(t, redshifttest.SQL(stock), redshifttest.Config(func(c *redshiftsim.Config) { c.Isolation = x.level }))
			redshifttest.Interleave(t, db, x.steps...)
			check(t, db, "SELECT count(*) FROM stv_locks", "0")
			if n := db.Stats().InUse; n != 0 {
				t.Errorf("%d connections are in use", n)
			}
		})
	}
}

func TestInterleaveFails(t *testing.T) {
	t.Parallel()
	db := redshifttest.New(t, redshifttest.SQL(stock))
	for _, x := range []struct {
		words string
		steps []string
	}{
		{"a step is NAME: STATEMENT -- OUTCOME", []string{"SELECT 1"}},
		{"it gives 3, which was not expected", []string{"A: SELECT n FROM stock -- gives 4"}},
		{"it ended well, which was not expected", []string{"A: BEGIN -- blocks"}},
		{"it ended well, which was not expected", []string{"A: BEGIN -- error 42P01"}},
		{"it failed: ERROR: relation \"x\" does not exist (SQLSTATE 42P01), which was not expected", []string{"A: SELECT * FROM x"}},
		{"it failed: ERROR: relation \"x\" does not exist (SQLSTATE 42P01), which was not expected", []string{"A: SELECT * FROM x -- error 1023"}},
		{"it blocks, which was not expected\n    A: BEGIN -- ok\n    A: LOCK stock -- ok\n    B: SELECT n FROM stock -- blocks", []string{"A: BEGIN", "A: LOCK stock", "B: SELECT n FROM stock"}},
		{"B still waits in SELECT n FROM stock", []string{"A: BEGIN", "A: LOCK stock", "B: SELECT n FROM stock -- blocks"}},
		{"B still waits in SELECT n FROM stock", []string{"A: BEGIN", "A: LOCK stock", "B: SELECT n FROM stock -- blocks", "B: -- ok"}},
		{"no step says how B in SELECT n FROM stock ended: gives 3", []string{"A: BEGIN", "A: LOCK stock", "B: SELECT n FROM stock -- blocks", "A: COMMIT"}},
		{"no step says how the statement before it ended, SELECT n FROM stock", []string{"A: BEGIN", "A: LOCK stock", "B: SELECT n FROM stock -- blocks", "A: COMMIT", "B: SELECT 1"}},
		{"A does not wait in a statement", []string{"A: BEGIN", "A: -- ok"}},
	} {
		wants(t, func(f *fakeT) { redshifttest.Interleave(f, db, x.steps...) }, x.words)
		check(t, db, "SELECT count(*) FROM stv_locks", "0")
	}
}

// ExampleInterleave has two sessions sell the last piece.
func ExampleInterleave() {
	t, end := example()
	defer end()
	db := redshifttest.New(t, redshifttest.SQL("CREATE TABLE stock (id int, n int); INSERT INTO stock VALUES (7, 1)"))
	redshifttest.Interleave(t, db,
		"T1: BEGIN",
		"T1: UPDATE stock SET n = n - 1 WHERE id = 7",
		"T2: BEGIN",
		"T2: SELECT n FROM stock WHERE id = 7            -- gives 1",
		"T2: UPDATE stock SET n = n - 1 WHERE id = 7     -- blocks",
		"T1: COMMIT",
		"T2:                                             -- error 1023",
		"T2: ROLLBACK",
	)
	// Output:
}
