package engine

import (
	"context"
	"fmt"
	"testing"

	"github.com/redshiftsim/redshiftsim/internal/sqlstate"
)

// TestBlockMap holds the blocks that a map marks against the counts of the run, which are made elsewhere, and its sums against arithmetic: 100,000 rows, of
// which 40,000 are deleted (a % 5 < 2).
func TestBlockMap(t *testing.T) {
	for _, topo := range [][2]int{{1, 1}, {2, 2}, {3, 4}} {
		for _, attrs := range []string{"DISTSTYLE EVEN SORTKEY(a)", "DISTKEY(a) SORTKEY(a)", "DISTSTYLE ALL SORTKEY(a)", "DISTSTYLE EVEN"} {
			c := New(Config{Nodes: topo[0], Slices: topo[1], BlockBytes: 4 << 10})
			s := connect(t, c, "")
			run(t, s, wide...)
			run(t, s, "CREATE TABLE m (a int, w varchar(40), d date) "+attrs,
				"INSERT INTO m SELECT a, w, date '2020-01-01' + (a / 100)::int FROM t WHERE a < 60000", "VACUUM m",
				"INSERT INTO m SELECT a, w, date '2020-01-01' + (a / 100)::int FROM t WHERE a >= 60000", "DELETE FROM m WHERE a % 5 < 2")
			for _, q := range []string{
				"SELECT count(w) FROM m WHERE a BETWEEN 1000 AND 2000", "SELECT count(*) FROM m WHERE a = 77777", "SELECT count(*) FROM m WHERE d < '2020-02-01'",
				"SELECT min(w) FROM m", "SELECT count(*) FROM m WHERE a IN (3, 99999) AND w IS NOT NULL", "SELECT max(d) FROM m WHERE a < 0",
			} {
				run(t, s, q)
				m, err := s.BlockMap("public", "m", s.lastQuery)
				if err != nil {
					t.Fatal(err)
				}
				read, skipped := 0, 0
				for _, b := range m.Blocks {
					if b.Read {
						read++
					}
					if b.Skipped {
						skipped++
					}
				}
				if m.Query == 0 || m.Unknown {
					t.Errorf("%v %s: %s: the query is not marked", topo, attrs, q)
				}
				name := fmt.Sprintf("%v %s: %s", topo, attrs, q)
				got, err := rowsIn(s, fmt.Sprintf("SELECT sum(blocks_read), sum(blocks_skipped) FROM redshiftsim_scan WHERE query = %d", m.Query))
				if err != nil || len(got) != 1 {
					t.Fatal(got, err)
				}
				if w := fmt.Sprintf("%d %d", read, skipped); got[0] != w {
					t.Errorf("%s: marked %s, the run counted %s", name, w, got[0])
				}
			}
			m, err := s.BlockMap("public", "m", 0)
			if err != nil {
				t.Fatal(err)
			}
			var all mapTotals
			for _, x := range m.Slices {
				all.rows, all.deleted, all.sorted = all.rows+x.Rows, all.deleted+x.Deleted, all.sorted+x.Sorted
			}
			copies := int64(1)
			if attrs == "DISTSTYLE ALL SORTKEY(a)" {
				copies = int64(topo[0])
			}
			if all.rows != 100000*copies || all.deleted != 40000*copies {
				t.Errorf("%v %s: %+v", topo, attrs, all)
			}
			if attrs != "DISTSTYLE EVEN" && all.sorted != 60000*copies {
				t.Errorf("%v %s: %d rows are sorted", topo, attrs, all.sorted)
			}
		}
	}
}

// TestBlockMapAltered: a query of before a change of columns marks nothing; one of before a resize marks the table as it lies now.
func TestBlockMapAltered(t *testing.T) {
	c := New(Config{Nodes: 2, Slices: 2})
	s := connect(t, c, "")
	run(t, s, "CREATE TABLE m (a int, b int, c int) DISTKEY(a)", "INSERT INTO m VALUES (1, 2, 3), (4, 5, 6), (7, 8, 9)", "SELECT c FROM m WHERE a = 4")
	query := s.LastQuery()
	marked := func() (n int) {
		t.Helper()
		m, err := s.BlockMap("public", "m", query)
		if err != nil {
			t.Fatal(err)
		}
		for _, b := range m.Blocks {
			if b.Read || b.Skipped {
				n++
			}
		}
		return n
	}
	if n := marked(); n != 2 { // a and c on the one slice of the key
		t.Errorf("%d blocks are marked", n)
	}
	if err := c.Resize(context.Background(), 1, 1); err != nil {
		t.Fatal(err)
	}
	if n := marked(); n != 2 {
		t.Errorf("resized: %d blocks are marked", n)
	}
	run(t, s, "ALTER TABLE m DROP COLUMN c")
	if n := marked(); n != 0 {
		t.Errorf("altered: %d blocks are marked", n)
	}
}

// mapTotals are sums over slices.
type mapTotals struct{ rows, deleted, sorted int64 }

// TestBlockMapRefuses: zone maps tell values, so they are for those alone who may read STV_BLOCKLIST.
func TestBlockMapRefuses(t *testing.T) {
	c := New(Config{})
	run(t, connect(t, c, ""), "CREATE TABLE m (a int)", "INSERT INTO m VALUES (1)", "GRANT SELECT ON m TO PUBLIC")
	for table, want := range map[string]sqlstate.Code{"m": sqlstate.InsufficientPrivilege, "none": sqlstate.UndefinedTable} {
		if _, err := connect(t, c, "ann").BlockMap("public", table, 0); codeOf(err) != want {
			t.Errorf("%s: %v", table, err)
		}
	}
}

// TestReader: a session that only reads refuses what changes, in a transaction of READ WRITE too, and leaves the log as it is when it is to.
func TestReader(t *testing.T) {
	c := New(Config{})
	run(t, connect(t, c, ""), "CREATE TABLE m (a int)", "INSERT INTO m VALUES (1)")
	before := len(c.Log().Records())
	s, err := c.NewSession(SessionOptions{ReadOnly: true, Unlogged: true})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	want(t, s, "SELECT a FROM m", "1")
	for _, text := range []string{
		"INSERT INTO m VALUES (2)", "INSERT INTO m SELECT 3", "CREATE TABLE n (a int)", "CREATE TEMP TABLE n (a int)", "TRUNCATE m", "VACUUM m", "DROP TABLE m",
		"SELECT a INTO n FROM m", "SET readonly = 0; DELETE FROM m", "UNLOAD ('SELECT 1') TO 's3://b/k' IAM_ROLE default",
	} {
		refused(t, s, text, sqlstate.ReadOnlyTransaction, "read-only")
	}
	run(t, s, "BEGIN READ WRITE")
	refused(t, s, "INSERT INTO m VALUES (2)", sqlstate.ReadOnlyTransaction, "read-only")
	run(t, s, "ROLLBACK", "PREPARE p AS INSERT INTO m VALUES (2)")
	refused(t, s, "EXECUTE p", sqlstate.ReadOnlyTransaction, "read-only")
	if n := len(c.Log().Records()); n != before {
		t.Errorf("%d records more in the log", n-before)
	}
}
