package redshiftsim_test

import (
	"context"
	"database/sql"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// policyWords are conditions of RLS policies and masks of column x of a table T, as both a policy and a statement can say them.
var policyWords = struct{ conditions, masks []string }{
	conditions: []string{"T.id % 2 = 0", "T.x > 3", "T.s = 'a'", "T.s IN (SELECT l.s FROM allowed l)", "T.x IS NULL OR T.id < 9", "T.id NOT IN (SELECT l.id FROM allowed l WHERE l.id IS NOT NULL)", "true"},
	masks:      []string{"0", "T.x % 3", "CASE WHEN T.s = 'a' THEN T.x ELSE NULL END", "CASE WHEN T.x IN (SELECT l.id FROM allowed l) THEN -1 ELSE T.x END", "T.x + T.id"},
}

// protectedTable is a table t with policies for ann, and a table u with the same rows and none. What ann does to t, who says the policies by hand does to u.
type protectedTable struct {
	*rand.Rand
	dir         string
	admin, ann  *sql.Conn
	conds       []string // attached, as written; "" = not at this time
	or          bool
	masks       []string
	rows, files int
}

// hides is the condition that the policies come to, over a table of that name.
func (p *protectedTable) hides(table string) string {
	var list []string
	for _, c := range p.conds {
		if c != "" {
			list = append(list, "("+strings.ReplaceAll(c, "T.", table+".")+")")
		}
	}
	if len(list) == 0 {
		return "false"
	}
	return "(" + strings.Join(list, map[bool]string{true: " OR ", false: " AND "}[p.or]) + ")"
}

// masked is what x is under the policies.
func (p *protectedTable) masked(table string) string {
	for i := len(p.masks) - 1; i >= 0; i-- { // the last has the highest priority
		if p.masks[i] != "" {
			return "(" + strings.ReplaceAll(p.masks[i], "T.", table+".") + ")"
		}
	}
	return table + ".x"
}

// single opens one connection until the test ends.
func single(t *testing.T, dsn string) *sql.Conn {
	c, err := open(t, dsn).Conn(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := c.Close(); err != nil {
			t.Error(err)
		}
	})
	return c
}

func newProtectedTable(t *testing.T, r *rand.Rand, seed uint64) *protectedTable {
	p := &protectedTable{Rand: r, dir: t.TempDir()}
	shape := pick(r, "nodes=1&slices=1", "nodes=2&slices=2", "nodes=3&slices=4")
	at := fmt.Sprintf("@protected%d?%s&bucket=test=%s,rw", seed, shape, p.dir)
	p.admin = single(t, "redshiftsim://"+at)
	style := pick(r, "DISTSTYLE EVEN", "DISTSTYLE ALL", "DISTKEY (id)", "DISTKEY (x) SORTKEY (id)")
	exec(t, p.admin, "CREATE TABLE t (id int, x int, s varchar(10)) "+style, "CREATE TABLE u (id int, x int, s varchar(10))", "CREATE TABLE src (id int, s varchar(10))", "CREATE TABLE allowed (id int, s varchar(10))",
		"INSERT INTO allowed VALUES (3, 'a'), (4, 'c'), (NULL, NULL), (7, 'a')", "CREATE USER ann PASSWORD 'Abcd1234'", "CREATE ROLE role_a", "GRANT ROLE role_a TO ann",
		"GRANT ALL ON t, u, src, allowed TO ann", "GRANT ALL ON SCHEMA public TO ann", "CREATE VIEW seen AS SELECT id + 1 AS id1, x, s FROM t", "GRANT SELECT ON seen TO ann")
	p.ann = single(t, "redshiftsim://ann:Abcd1234"+at)
	for range 12 {
		p.insert(t)
	}
	p.or = r.IntN(2) == 0
	exec(t, p.admin, "ALTER TABLE t ROW LEVEL SECURITY ON CONJUNCTION TYPE "+map[bool]string{true: "OR", false: "AND"}[p.or])
	p.conds, p.masks = make([]string, 3), make([]string, 2)
	for i := range p.conds {
		exec(t, p.admin, fmt.Sprintf("CREATE RLS POLICY p%d WITH (id int, x int, s varchar(10)) USING (true)", i), fmt.Sprintf("GRANT SELECT ON allowed TO RLS POLICY p%d", i))
	}
	return p
}

// insert gives both tables a row.
func (p *protectedTable) insert(t *testing.T) {
	row := fmt.Sprintf("(%d, %s, %s)", p.rows, pick(p.Rand, "NULL", "1", "3", "4", "6", "8"), pick(p.Rand, "'a'", "'b'", "'c'", "NULL"))
	p.rows++
	exec(t, p.admin, "INSERT INTO t VALUES "+row, "INSERT INTO u VALUES "+row, fmt.Sprintf("INSERT INTO src VALUES (%d, '%c')", p.IntN(20)*1000+p.rows, 'k'+p.IntN(5)))
}

// policy attaches, detaches or alters a policy.
func (p *protectedTable) policy(t *testing.T) {
	if i := p.IntN(len(p.conds)); p.IntN(2) == 0 {
		to := []string{"ann", "ROLE role_a", "PUBLIC"}[i]
		if p.conds[i] != "" {
			if p.IntN(2) == 0 {
				p.conds[i] = pick(p.Rand, policyWords.conditions...)
				exec(t, p.admin, fmt.Sprintf("ALTER RLS POLICY p%d USING (%s)", i, strings.ReplaceAll(p.conds[i], "T.", "")))
				return
			}
			exec(t, p.admin, fmt.Sprintf("DETACH RLS POLICY p%d ON t FROM %s", i, to))
			p.conds[i] = ""
			return
		}
		p.conds[i] = pick(p.Rand, policyWords.conditions...)
		exec(t, p.admin, fmt.Sprintf("ALTER RLS POLICY p%d USING (%s)", i, strings.ReplaceAll(p.conds[i], "T.", "")), fmt.Sprintf("ATTACH RLS POLICY p%d ON t TO %s", i, to))
		return
	}
	i := p.IntN(len(p.masks))
	to := []string{"ROLE role_a", "ann"}[i]
	if p.masks[i] != "" {
		exec(t, p.admin, fmt.Sprintf("DETACH MASKING POLICY m%d ON t(x) FROM %s", i, to), fmt.Sprintf("DROP MASKING POLICY m%d", i))
		p.masks[i] = ""
		return
	}
	p.masks[i] = pick(p.Rand, policyWords.masks...)
	exec(t, p.admin, fmt.Sprintf("CREATE MASKING POLICY m%d WITH (id int, x int, s varchar(10)) USING ((%s)::int)", i, strings.ReplaceAll(p.masks[i], "T.", "")), fmt.Sprintf("GRANT SELECT ON allowed TO MASKING POLICY m%d", i),
		fmt.Sprintf("ATTACH MASKING POLICY m%d ON t(x) USING (id, x, s) TO %s PRIORITY %d", i, to, 10*(i+1)))
}

// change is what ann does to t, and what that is by hand: X is what x is to her.
func (p *protectedTable) change() (ann, hand []string) {
	n := p.IntN(9)
	x := p.masked("u")
	where := func(cond string) string { return " WHERE " + p.hides("u") + " AND " + strings.ReplaceAll(cond, "X", x) }
	switch p.IntN(8) {
	case 0:
		return []string{fmt.Sprintf("UPDATE t SET s = 'z' WHERE x > %d", n)}, []string{"UPDATE u SET s = 'z'" + where(fmt.Sprintf("X > %d", n))}
	case 1:
		return []string{"UPDATE t SET id = x + 100 WHERE s = 'b'"}, []string{"UPDATE u SET id = " + x + " + 100" + where("u.s = 'b'")}
	case 2:
		return []string{fmt.Sprintf("UPDATE t SET s = src.s FROM (SELECT id, max(s) AS s FROM src GROUP BY id) src WHERE t.id = src.id AND x < %d", n)},
			[]string{"UPDATE u SET s = src.s FROM (SELECT id, max(s) AS s FROM src GROUP BY id) src" + where(fmt.Sprintf("u.id = src.id AND X < %d", n))}
	case 3:
		return []string{fmt.Sprintf("DELETE FROM t WHERE x = %d", n)}, []string{"DELETE FROM u" + where(fmt.Sprintf("X = %d", n))}
	case 4:
		return []string{"DELETE FROM t USING src WHERE t.id = src.id AND x IS NOT NULL"}, []string{"DELETE FROM u USING src" + where("u.id = src.id AND X IS NOT NULL")}
	case 5: // a hidden row is no match
		src := fmt.Sprintf("(SELECT id %% %d AS id, max(s) AS s FROM src GROUP BY 1)", 20+p.IntN(9))
		return []string{"MERGE INTO t USING " + src + " AS src ON t.id = src.id WHEN MATCHED THEN UPDATE SET s = src.s WHEN NOT MATCHED THEN INSERT (id, s) VALUES (src.id, src.s)"},
			[]string{
				"CREATE TEMP TABLE fresh AS SELECT * FROM " + src + " AS src WHERE NOT EXISTS (SELECT 1 FROM u WHERE " + p.hides("u") + " AND u.id = src.id)", "UPDATE u SET s = src.s FROM " + src + " AS src" + where("u.id = src.id"),
				"INSERT INTO u (id, s) SELECT id, s FROM fresh", "DROP TABLE fresh",
			}
	case 6:
		return []string{"INSERT INTO t SELECT id + 50, x, s FROM t WHERE x < 4"}, []string{"INSERT INTO u SELECT id + 50, " + x + ", s FROM u" + where("X < 4")}
	}
	p.files++
	return []string{"UPDATE t SET x = 5 WHERE id IN (SELECT id + 1 FROM t WHERE x > 1)"}, []string{"UPDATE u SET x = 5" + where("u.id IN (SELECT u.id + 1 FROM u "+where("X > 1")+")")}
}

// read compares what ann reads, by one way or another, with what is left of u.
func (p *protectedTable) read(t *testing.T) (how string, got, want []string) {
	q := pick(p.Rand, "SELECT id, x, s FROM t WHERE x > 2 OR x IS NULL", "SELECT id, x, s FROM t", "SELECT s, sum(x), count(*) FROM t GROUP BY s", "SELECT id1 - 1, x, s FROM seen",
		"SELECT a.id, b.x FROM t a JOIN t b ON a.x = b.x", "SELECT id FROM src WHERE id IN (SELECT x FROM t)", "SELECT count(*), max(x) FROM seen WHERE id1 > 3", "SELECT id FROM src EXCEPT SELECT x FROM t")
	left := fmt.Sprintf("(SELECT u.id, %s AS x, u.s FROM u WHERE %s)", p.masked("u"), p.hides("u"))
	hand := strings.ReplaceAll(strings.ReplaceAll(q, "FROM seen", "FROM (SELECT id + 1 AS id1, x, s FROM "+left+" v) seen"), "JOIN t b", "JOIN "+left+" b")
	hand = strings.ReplaceAll(strings.ReplaceAll(hand, "FROM t a", "FROM "+left+" a"), "FROM t", "FROM "+left+" t")
	want = all(t, p.admin, hand)
	switch p.IntN(5) {
	case 0:
		how = "CREATE TABLE AS"
		exec(t, p.ann, "DROP TABLE IF EXISTS mine", "CREATE TABLE mine AS "+strings.Replace(strings.Replace(strings.Replace(q, "id1 - 1", "id1 - 1 AS i", 1), "b.x", "b.x AS y", 1), "sum(x), count(*)", "sum(x) AS a, count(*) AS b", 1))
		got = all(t, p.ann, "SELECT * FROM mine")
	case 1:
		how = "a cursor"
		exec(t, p.ann, "BEGIN", "DECLARE c CURSOR FOR "+q)
		for more := true; more; {
			part := all(t, p.ann, "FETCH FORWARD 1000 FROM c")
			got, more = append(got, part...), len(part) > 0
		}
		exec(t, p.ann, "COMMIT")
	case 2:
		how = "UNLOAD"
		p.files++
		exec(t, p.ann, fmt.Sprintf("UNLOAD ('%s') TO 's3://test/f%d_' IAM_ROLE default DELIMITER ' ' NULL '<nil>' ALLOWOVERWRITE", strings.ReplaceAll(q, "'", "''"), p.files))
		names, _ := filepath.Glob(filepath.Join(p.dir, fmt.Sprintf("f%d_*", p.files)))
		for _, n := range names {
			text, err := os.ReadFile(n)
			if err != nil {
				t.Fatal(err)
			}
			got = append(got, strings.Split(strings.TrimSuffix(string(text), "\n"), "\n")...)
		}
		got = slices.DeleteFunc(got, func(s string) bool { return s == "" })
	default:
		how = "a query"
		got = all(t, p.ann, q)
	}
	slices.Sort(got)
	slices.Sort(want)
	return how + ": " + q + " by hand " + hand, got, want
}

// TestRandomChangesUnderPolicies: what a user reads and changes under policies, which come and go between, is what somebody without policies reads and changes who says them by hand.
func TestRandomChangesUnderPolicies(t *testing.T) {
	seeds(t, few(8, 2), func(seed uint64) {
		t.Run(fmt.Sprint(seed), func(t *testing.T) { changesUnderPolicies(t, seed) })
	})
}

func changesUnderPolicies(t *testing.T, seed uint64) {
	p := newProtectedTable(t, rand.New(rand.NewPCG(seed, 15)), seed)
	var log []string
	defer func() {
		if t.Failed() {
			t.Logf("seed %d\n%s", seed, strings.Join(log, "\n"))
		}
	}()
	kept, err := p.ann.PrepareContext(context.Background(), "SELECT id, x FROM t WHERE x >= $1")
	if err != nil {
		t.Fatal(err)
	}
	defer kept.Close()
	for range 40 {
		switch p.IntN(5) {
		case 0:
			p.insert(t)
		case 1:
			p.policy(t)
			log = append(log, fmt.Sprintf("policies: %s, x = %s", p.hides("t"), p.masked("t")))
		case 2:
			ann, hand := p.change()
			log = append(log, strings.Join(append(ann, hand...), ";\n   "))
			exec(t, p.ann, ann...)
			exec(t, p.admin, hand...)
		case 3:
			how, got, want := p.read(t)
			if !slices.Equal(got, want) {
				t.Fatalf("%s\ngot\n%s\nwant\n%s", how, strings.Join(got, "\n"), strings.Join(want, "\n"))
			}
		default:
			rows, err := kept.QueryContext(context.Background(), 2)
			n := 0
			for err == nil && rows.Next() {
				n++
			}
			if err == nil {
				err = rows.Err()
				rows.Close()
			}
			if want := all(t, p.admin, "SELECT count(*) FROM u WHERE "+p.hides("u")+" AND "+p.masked("u")+" >= 2")[0]; err != nil || fmt.Sprint(n) != want {
				t.Fatalf("prepared: %d %v, want %s", n, err, want)
			}
		}
		is, should := all(t, p.admin, "SELECT * FROM t"), all(t, p.admin, "SELECT * FROM u")
		slices.Sort(is)
		slices.Sort(should)
		if !slices.Equal(is, should) {
			t.Fatalf("t has\n%s\nu has\n%s", strings.Join(is, "\n"), strings.Join(should, "\n"))
		}
	}
}
