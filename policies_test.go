package redshiftsim_test

import (
	"database/sql"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/redshiftsim/redshiftsim"
)

// policyParts are conditions of RLS policies and masks of column x, as both a policy and a query can say them.
var policyParts = struct{ conditions, masks []string }{
	conditions: []string{"id % 2 = 0", "x > 3", "s = 'a'", "s IN (SELECT s FROM allowed)", "x IS NULL OR id < 6", "id NOT IN (SELECT id FROM allowed WHERE id IS NOT NULL)", "false"},
	masks:      []string{"0", "x % 3", "CASE WHEN s = 'a' THEN x ELSE NULL END", "CASE WHEN x IN (SELECT id FROM allowed) THEN -1 ELSE x END", "100 / (x + 100)"},
}

// policyQueries are queries of a protected relation %[1]s.
var policyQueries = []string{
	"SELECT * FROM %[1]s",
	"SELECT count(*), sum(x), max(s) FROM %[1]s",
	"SELECT s, count(*), sum(x) FROM %[1]s GROUP BY s HAVING count(*) > 1",
	"SELECT id FROM %[1]s WHERE 10 / (x - %[2]d) > 1",
	"SELECT id FROM %[1]s WHERE x = %[2]d OR s = 'b'",
	"SELECT a.id, b.id FROM %[1]s a JOIN %[1]s b ON a.x = b.x AND a.id < b.id",
	"SELECT o.id, a.x FROM other o LEFT JOIN %[1]s a ON o.id = a.id WHERE o.id > %[2]d",
	"SELECT o.id FROM other o WHERE o.id IN (SELECT x FROM %[1]s)",
	"SELECT o.id FROM other o WHERE NOT EXISTS (SELECT 1 FROM %[1]s a WHERE a.id = o.id)",
	"SELECT o.id, (SELECT max(x) FROM %[1]s a WHERE a.id = o.id) FROM other o",
	"SELECT DISTINCT x, s FROM %[1]s ORDER BY x, s LIMIT 3",
	"SELECT id, rank() OVER (PARTITION BY s ORDER BY x, id) FROM %[1]s",
	"WITH w AS (SELECT x, count(*) AS n FROM %[1]s GROUP BY x) SELECT a.x FROM w a JOIN w b ON a.n = b.n",
	"SELECT id FROM %[1]s EXCEPT SELECT id FROM other",
	"SELECT id FROM (SELECT * FROM %[1]s WHERE x < 8) q WHERE s LIKE 'a%%' AND 1 / (id - %[2]d) = 0",
}

// TestRandomPolicies asks a user under policies and somebody who reads a copy that was filtered and masked by hand: the answers are one.
func TestRandomPolicies(t *testing.T) {
	seeds(t, few(30, 6), func(seed uint64) {
		r := rand.New(rand.NewPCG(seed, 14))
		shape := []string{"nodes=1&slices=1", "nodes=2&slices=2", "nodes=3&slices=4"}[r.IntN(3)]
		db, err := sql.Open("redshiftsim", "redshiftsim://?"+shape)
		if err != nil {
			t.Fatal(err)
		}
		defer db.Close()
		db.SetMaxOpenConns(1)
		filter := policySetup(t, r, db)
		for i := range 25 {
			q := policyQueries[r.IntN(len(policyQueries))]
			n := r.IntN(10)
			exec(t, db, "SET SESSION AUTHORIZATION ann")
			got, failed := policyAnswer(db, fmt.Sprintf(q, "t", n))
			exec(t, db, "RESET SESSION AUTHORIZATION")
			want, fails := policyAnswer(db, fmt.Sprintf(q, "copied", n))
			if failed != fails || !slices.Equal(got, want) {
				t.Fatalf("seed %d, query %d, %s: %s\n under %s\n  got %v %v\n want %v %v", seed, i, shape, fmt.Sprintf(q, "t", n), filter, got, failed, want, fails)
			}
		}
	})
}

// policySetup makes table t with random policies for ann, and table copied with what they leave of it.
func policySetup(t *testing.T, r *rand.Rand, db *sql.DB) string {
	dist := []string{"DISTSTYLE EVEN", "DISTSTYLE ALL", "DISTKEY (id)", "DISTKEY (x) SORTKEY (id)"}[r.IntN(4)]
	or := func(s string) string {
		if r.IntN(6) == 0 {
			return "NULL"
		}
		return s
	}
	var rows, others []string
	for i := range 30 {
		rows = append(rows, fmt.Sprintf("(%d, %s, %s)", i, or(fmt.Sprint(r.IntN(10))), or([]string{"'a'", "'b'", "'c'"}[r.IntN(3)])))
		others = append(others, fmt.Sprintf("(%d)", r.IntN(20)))
	}
	exec(t, db, "CREATE TABLE t (id int, x int, s varchar(10)) "+dist, "INSERT INTO t VALUES "+strings.Join(rows, ", "), "CREATE TABLE other (id int) DISTKEY (id)",
		"INSERT INTO other VALUES "+strings.Join(others, ", "), "CREATE TABLE allowed (id int, s varchar(10))", "INSERT INTO allowed VALUES (3, 'a'), (4, 'c'), (NULL, NULL), (7, 'a')",
		"CREATE USER ann PASSWORD DISABLE", "CREATE ROLE role_a", "GRANT ROLE role_a TO ann", "GRANT SELECT ON t, other TO ann", "CREATE VIEW seen AS SELECT * FROM t")
	joined := []string{" AND ", " OR "}[r.IntN(2)]
	var conds []string
	for i := range r.IntN(3) {
		c := policyParts.conditions[r.IntN(len(policyParts.conditions))]
		conds = append(conds, "("+c+")")
		to := []string{"ann", "ROLE role_a", "PUBLIC"}[r.IntN(3)]
		exec(t, db, fmt.Sprintf("CREATE RLS POLICY p%d WITH (id int, x int, s varchar(10)) USING (%s)", i, c), fmt.Sprintf("GRANT SELECT ON allowed TO RLS POLICY p%d", i),
			fmt.Sprintf("ATTACH RLS POLICY p%d ON t TO %s", i, to))
	}
	exec(t, db, "ALTER TABLE t ROW LEVEL SECURITY ON CONJUNCTION TYPE"+joined)
	filter := "false"
	if len(conds) > 0 {
		filter = strings.Join(conds, joined)
	}
	mask := "x"
	for i := range r.IntN(3) { // the last has the highest priority
		mask = policyParts.masks[r.IntN(len(policyParts.masks))]
		exec(t, db, fmt.Sprintf("CREATE MASKING POLICY m%d WITH (id int, x int, s varchar(10)) USING (%s)", i, mask), fmt.Sprintf("GRANT SELECT ON allowed TO MASKING POLICY m%d", i),
			fmt.Sprintf("ATTACH MASKING POLICY m%d ON t(x) USING (id, x, s) TO %s PRIORITY %d", i, []string{"ann", "ROLE role_a"}[i], i))
	}
	exec(t, db, fmt.Sprintf("CREATE TABLE copied AS SELECT id, (%s)::int AS x, s FROM (SELECT * FROM t WHERE %s)", mask, filter))
	return filter + ", x = " + mask
}

// policyAnswer gives the rows of a query in the order of their texts, and the SQLSTATE and message of its error.
func policyAnswer(db *sql.DB, query string) (out []string, failed string) {
	rows, err := db.Query(query)
	if err != nil {
		return nil, stateOf(err)
	}
	defer rows.Close()
	cols, _ := rows.Columns()
	cells := make([]sql.NullString, len(cols))
	into := make([]any, len(cols))
	for i := range cells {
		into[i] = &cells[i]
	}
	for rows.Next() {
		if err := rows.Scan(into...); err != nil {
			return nil, stateOf(err)
		}
		out = append(out, fmt.Sprint(cells))
	}
	if err := rows.Err(); err != nil {
		return nil, stateOf(err)
	}
	slices.Sort(out)
	return out, ""
}

// stateOf is the SQLSTATE and message of an error.
func stateOf(err error) string {
	var e *redshiftsim.Error
	if errors.As(err, &e) {
		return e.SQLState() + " " + e.Message
	}
	return err.Error()
}

// TestPoliciesAside attaches and detaches policies beside queries: nobody ever sees another's row, or a value without its mask.
func TestPoliciesAside(t *testing.T) {
	admin := open(t, "redshiftsim://policies")
	exec(t, admin, "CREATE TABLE t (owner varchar(10), card varchar(20))", "INSERT INTO t VALUES ('ann', 'card of ann'), ('ben', 'card of ben')",
		"CREATE USER ann PASSWORD 'Abcd1234'", "CREATE USER ben PASSWORD 'Abcd1234'", "GRANT SELECT ON t TO PUBLIC",
		"CREATE RLS POLICY own WITH (owner varchar(10)) USING (owner = current_user)", "CREATE MASKING POLICY hide WITH (card varchar(20)) USING ('hidden'::varchar(20))",
		"ATTACH MASKING POLICY hide ON t(card) TO PUBLIC", "ATTACH RLS POLICY own ON t TO PUBLIC", "ALTER TABLE t ROW LEVEL SECURITY ON")
	var readers []func()
	for _, name := range []string{"ann", "ben", "ann", "ben"} {
		db := open(t, "redshiftsim://"+name+":Abcd1234@policies")
		readers = append(readers, func() {
			if got, failed := policyAnswer(db, "SELECT owner, card FROM t"); failed != "" || len(got) > 1 || len(got) == 1 && got[0] != fmt.Sprintf("[{%s true} {hidden true}]", name) {
				t.Errorf("%s: %v %s", name, got, failed)
			}
		})
	}
	beside(1, 60, func(int, int) {
		for _, text := range []string{
			"DETACH RLS POLICY own ON t FROM PUBLIC", "ATTACH RLS POLICY own ON t TO ann", "ALTER RLS POLICY own USING (current_user = owner)",
			"DETACH RLS POLICY own ON t FROM ann", "ATTACH RLS POLICY own ON t TO PUBLIC", "ATTACH MASKING POLICY hide ON t(card) TO ann", "DETACH MASKING POLICY hide ON t(card) FROM ann",
		} {
			if _, err := admin.Exec(text); err != nil {
				t.Errorf("%s: %v", text, err)
			}
		}
	}, readers...)
}
