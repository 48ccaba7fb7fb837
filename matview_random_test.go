package redshiftsim_test

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/redshiftsim/redshiftsim"
)

// viewMaker makes random tables, materialized views over them and over each other, and statements that change all of these.
type viewMaker struct {
	*rand.Rand
	views []madeView
}

// madeView is a materialized view. Its columns are i0.. (bigint), t0.. (varchar), n0.. (numeric), d0.. (date).
type madeView struct {
	name, query string
	columns     map[byte][]string
	over        []int // of views
	mixed       bool  // over tables, too
}

// madeTables are the tables; every one has a column k.
var madeTables = map[string]map[byte][]string{
	"r": {'i': {"k", "x"}, 't': {"c"}, 'n': {"n"}},
	"u": {'i': {"k", "x"}, 't': {"c"}, 'n': {"n"}},
	"s": {'i': {"k"}, 'd': {"d"}},
	"v": {'i': {"k"}},
}

func pick[T any](r *rand.Rand, of ...T) T { return of[r.IntN(len(of))] }

func (g *viewMaker) style() string {
	return pick(g.Rand, "", " DISTSTYLE EVEN", " DISTKEY (k)", " DISTSTYLE ALL", " SORTKEY (k)", " DISTKEY (k) SORTKEY (k)")
}

func (g *viewMaker) tables() []string {
	return []string{
		"CREATE TABLE r (k int, pad int, x int, c varchar(4), n numeric(8,2))" + g.style(), "CREATE TABLE u (k int, x int, c char(4), n numeric(8,2))" + g.style(),
		"CREATE TABLE s (k int, d date, f float)" + g.style(), "CREATE TABLE v (k int, a super)" + g.style(),
	}
}

// source is a name in FROM: its alias, and what columns it has.
type source struct {
	text, alias string
	columns     map[byte][]string
	view        int // -1 = a table
}

func (g *viewMaker) source(alias string) source {
	if n := len(g.views); n > 0 && g.IntN(4) == 0 {
		i := g.IntN(n)
		return source{g.views[i].name + " " + alias, alias, g.views[i].columns, i}
	}
	name := pick(g.Rand, "r", "r", "u", "s", "v")
	s := source{name + " " + alias, alias, madeTables[name], -1}
	if name == "v" && g.IntN(2) == 0 {
		s.text += ", " + alias + ".a AS " + alias + "e"
	}
	return s
}

func (g *viewMaker) of(from []source, kind byte) string {
	var all []string
	for _, s := range from {
		for _, c := range s.columns[kind] {
			all = append(all, s.alias+"."+c)
		}
	}
	if len(all) == 0 {
		return ""
	}
	return all[g.IntN(len(all))]
}

// value is an expression of a kind over what FROM has.
func (g *viewMaker) value(from []source, kind byte) string {
	c := g.of(from, kind)
	switch kind {
	case 'i':
		return fmt.Sprintf(pick(g.Rand, "%s", "%s", "%s", "%s + 1", "%s %% 3", "coalesce(%s, 0)"), c)
	case 't':
		if c == "" {
			return fmt.Sprintf("CASE WHEN %s > 2 THEN 'hi' ELSE 'lo' END", g.of(from, 'i'))
		}
		return fmt.Sprintf(pick(g.Rand, "%s", "%s", "upper(%s)", "%s || 'z'"), c)
	case 'n':
		if c == "" {
			return g.of(from, 'i') + "::numeric(8,2)"
		}
		return c
	}
	if c == "" {
		return "'2026-01-01'::date + " + g.of(from, 'i') + "::int"
	}
	return fmt.Sprintf(pick(g.Rand, "%s", "date_trunc('month', %s)::date"), c)
}

var kindTypes = map[byte]string{'i': "bigint", 't': "varchar(16)", 'n': "numeric(18,2)", 'd': "date"}

// arm is a query without set operations, with columns of the kinds.
func (g *viewMaker) arm(kinds []byte, grouped bool, v *madeView) string {
	var from []source
	views := 0
	for i := range pick(g.Rand, 1, 1, 2, 2, 3) {
		s := g.source(fmt.Sprintf("q%d", i))
		if s.view >= 0 {
			if views++; views > 1 {
				break
			}
		}
		from = append(from, s)
	}
	text := from[0].text
	for i := 1; i < len(from); i++ {
		a, b := from[g.IntN(i)], from[i]
		on := fmt.Sprintf("%s.%s = %s.%s", a.alias, a.columns['i'][0], b.alias, b.columns['i'][0])
		if strings.Contains(b.text, ",") || strings.Contains(text, ",") {
			text += ", " + b.text // the condition comes into WHERE
			v.query = " AND " + on + v.query
			continue
		}
		text += pick(g.Rand, " JOIN ", " JOIN ", " JOIN ", " JOIN ", " JOIN ", " JOIN ", " JOIN ", " LEFT JOIN ") + b.text + " ON " + on
	}
	for _, s := range from {
		if s.view < 0 {
			v.mixed = true
		} else if !slices.Contains(v.over, s.view) {
			v.over = append(v.over, s.view)
		}
	}
	where := "true" + v.query
	v.query = ""
	if g.IntN(2) == 0 {
		where += fmt.Sprintf(" AND %s "+pick(g.Rand, "> 1", "< 6", "IS NOT NULL", "%% 2 = 0", "IN (1, 3)"), g.of(from, 'i'))
	}
	var items, groups []string
	for n, k := range kinds {
		x := g.value(from, k)
		if grouped && (n > 0 || g.IntN(8) == 0) && g.IntN(3) > 0 {
			switch k {
			case 'i':
				if x = fmt.Sprintf(pick(g.Rand, "count", "sum", "min", "max")+"(%s)", x); g.IntN(5) == 0 {
					x = "count(*)"
				}
			case 'n':
				x = fmt.Sprintf(pick(g.Rand, "sum(%s)", "min(%s)", "max(%s)", "avg(%s)"), x)
			default:
				x = fmt.Sprintf(pick(g.Rand, "min(%s)", "max(%s)"), x)
			}
		} else {
			groups = append(groups, fmt.Sprint(n+1))
		}
		if k == 't' && grouped { // of texts that are equal but for blanks any may stand for a group
			x = "rtrim(" + x + ")"
		}
		items = append(items, fmt.Sprintf("(%s)::%s AS %c%d", x, kindTypes[k], k, n))
	}
	q := "SELECT " + strings.Join(items, ", ") + " FROM " + text + " WHERE " + where
	if grouped && len(groups) > 0 {
		q += " GROUP BY " + strings.Join(groups, ", ")
		if g.IntN(5) == 0 {
			q += " HAVING count(*) > 1"
		}
	}
	return strings.Replace(q, "WHERE true AND ", "WHERE ", 1)
}

// view makes a materialized view.
func (g *viewMaker) view() madeView {
	v := madeView{name: fmt.Sprintf("m%d", len(g.views)), columns: map[byte][]string{}}
	kinds := []byte{'i'}
	for range g.IntN(4) {
		kinds = append(kinds, pick(g.Rand, byte('i'), 't', 'n', 'd'))
	}
	for n, k := range kinds {
		v.columns[k] = append(v.columns[k], fmt.Sprintf("%c%d", k, n))
	}
	q := g.arm(kinds, g.IntN(2) == 0, &v)
	for g.IntN(4) == 0 {
		q += " UNION ALL " + g.arm(kinds, g.IntN(4) == 0, &v)
	}
	v.query = q
	return v
}

// change is a statement that changes a table, and which.
func (g *viewMaker) change(dir string, plain bool) (text, table string) {
	t := pick(g.Rand, "r", "r", "u", "s", "v")
	row := func() string {
		k, x := g.or(fmt.Sprint(g.IntN(5))), g.or(fmt.Sprint(g.IntN(9)))
		switch t {
		case "v":
			return fmt.Sprintf("(%s, %s)", k, pick(g.Rand, "NULL", "array()", "array(1)", "array(2, 3, 2)", "array(NULL, 1)", "5"))
		case "s":
			return fmt.Sprintf("(%s, '2026-%02d-%02d', %s)", k, 1+g.IntN(3), 1+g.IntN(28), pick(g.Rand, "NULL", "0", "1.5"))
		}
		return fmt.Sprintf("(%s, %s, %s, %s)", k, x, g.or("'"+pick(g.Rand, "", "a", "b", "ab", "a ")+"'"), g.or(fmt.Sprintf("%d.%02d", g.IntN(9), g.IntN(4)*25)))
	}
	list := map[string]string{"r": "k, x, c, n", "u": "k, x, c, n", "s": "k, d, f", "v": "k, a"}[t]
	k := g.IntN(5)
	switch what := g.IntN(24); {
	case what < 9:
		rows := make([]string, 1+g.IntN(3))
		for i := range rows {
			rows[i] = row()
		}
		return fmt.Sprintf("INSERT INTO %s (%s) VALUES %s", t, list, strings.Join(rows, ", ")), t
	case what < 12:
		return fmt.Sprintf("DELETE FROM %s WHERE k = %d", t, k), t
	case what < 14:
		return fmt.Sprintf("UPDATE %s SET k = k + 1 WHERE k = %d", t, k), t
	case what < 15:
		return fmt.Sprintf("INSERT INTO %s (%s) SELECT %s FROM %s WHERE k = %d LIMIT 20", t, list, list, t, k), t
	case what < 16:
		return fmt.Sprintf("MERGE INTO u USING (SELECT k, max(x) AS x FROM r WHERE k > %d GROUP BY k) AS b ON u.k = b.k WHEN MATCHED THEN UPDATE SET x = b.x WHEN NOT MATCHED THEN INSERT (k, x) VALUES (b.k, b.x)", k), "u"
	case what < 17:
		return "MERGE INTO r USING u ON r.k = u.k AND r.x = u.x WHEN MATCHED THEN DELETE WHEN NOT MATCHED THEN INSERT (k, x) VALUES (u.k, 1)", "r"
	case what < 18 && (t == "r" || t == "u"):
		name := fmt.Sprintf("f%d.csv", g.IntN(1<<30))
		text := ""
		for range 1 + g.IntN(4) {
			text += fmt.Sprintf("%d,%d,%s,%d.5\n", g.IntN(5), g.IntN(9), pick(g.Rand, "", "a", "b"), g.IntN(9))
		}
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			return err.Error(), t
		}
		return fmt.Sprintf("COPY %s (k, x, c, n) FROM 's3://test/%s' IAM_ROLE default CSV", t, name), t
	case plain || what < 20:
		return fmt.Sprintf("DELETE FROM %s WHERE k IS NULL", t), t
	case what < 21:
		return fmt.Sprintf("ALTER TABLE %s ALTER "+pick(g.Rand, "DISTSTYLE EVEN", "DISTSTYLE ALL", "DISTKEY k", "SORTKEY (k)", "SORTKEY NONE"), t), t
	case what < 22:
		if g.IntN(20) == 0 { // after this no view over r can be refreshed
			return "ALTER TABLE r DROP COLUMN pad", "r"
		}
		t = pick(g.Rand, "r", "u", "s")
		return fmt.Sprintf("ALTER TABLE %s ADD COLUMN more%d int DEFAULT 3", t, g.IntN(5)), t
	case what < 23:
		return "TRUNCATE " + t, t
	}
	return "VACUUM " + pick(g.Rand, "FULL ", "DELETE ONLY ", "SORT ONLY ") + t + " TO 100 PERCENT", t
}

func (g *viewMaker) or(s string) string {
	if g.IntN(7) == 0 {
		return "NULL"
	}
	return s
}

// viewModel is a cluster, with sessions that take turns, and what the views may have.
type viewModel struct {
	*viewMaker
	t        *testing.T
	db       *sql.DB
	dir      string
	log      []string
	sessions []*viewSession
	states   []map[string]bool // by view: what its query has given in some committed state
	missed   bool              // a state was not looked at, for a lock was in the way
	beside   bool              // others change the cluster at the same time: nobody knows the states
}

// viewSession is a connection, in a transaction or not.
type viewSession struct {
	n       int
	conn    *sql.Conn
	open    bool
	wrote   bool
	pending map[int][]string // by view: what its query gave in the transaction after refreshes
}

// moment is how long a statement may wait for a lock.
const moment = 60 * time.Millisecond

// within gives a querier whose statements end after some moments.
type within struct{ querier }

func (w within) QueryContext(ctx context.Context, text string, args ...any) (*sql.Rows, error) {
	ctx, cancel := context.WithTimeout(ctx, 10*moment)
	time.AfterFunc(20*moment, cancel)
	return w.querier.QueryContext(ctx, text, args...)
}

// rowsOf is what a query gives, in order of text. waits says that it had to wait for a lock, or met another transaction.
func (m *viewModel) rowsOf(q querier, text string) (rows string, waits bool) {
	list, err := lines(within{q}, text)
	if errors.Is(err, context.DeadlineExceeded) || errors.Is(err, context.Canceled) || redshiftsim.IsRetryable(err) || err != nil && strings.Contains(err.Error(), "57014") {
		return "", true
	}
	if err != nil {
		m.fatal("%s: %v", text, err)
	}
	slices.Sort(list)
	return strings.Join(list, "\n"), false
}

func (m *viewModel) fatal(format string, args ...any) {
	m.t.Helper()
	m.t.Errorf("%s\n%s", strings.Join(m.log, ";\n"), fmt.Sprintf(format, args...))
	runtime.Goexit()
}

// run has a session run a text. Who waits for a lock longer than a moment is cancelled.
func (m *viewModel) run(s *viewSession, text string) error {
	wait := moment
	if word, _, _ := strings.Cut(text, " "); word == "BEGIN" || word == "COMMIT" || word == "ROLLBACK" || word == "SET" {
		wait = time.Hour
	}
	ctx, cancel := context.WithTimeout(context.Background(), wait)
	defer cancel()
	_, err := s.conn.ExecContext(ctx, text)
	line := fmt.Sprintf("-- %d\n%s", s.n, text)
	if err != nil {
		line += fmt.Sprintf("  -- %v", err)
	}
	m.log = append(m.log, line)
	return err
}

// must runs what begins the model.
func (m *viewModel) must(text string) {
	m.log = append(m.log, text)
	if _, err := m.sessions[0].conn.ExecContext(context.Background(), text); err != nil {
		m.fatal("%v", err)
	}
}

// note keeps what the views' queries give now, and looks at views that are said to be up to date.
func (m *viewModel) note() {
	if m.beside {
		return
	}
	missed := m.missed
	m.missed = true
	tx, err := m.db.BeginTx(context.Background(), nil)
	if err != nil {
		m.fatal("%v", err)
	}
	defer tx.Rollback()
	if _, waits := m.rowsOf(tx, "SELECT 1 FROM r, s, u, v LIMIT 0"); waits {
		return
	}
	stale := map[string]string{}
	for _, row := range all(m.t, tx, "SELECT trim(name), is_stale FROM stv_mv_info") {
		name, s, _ := strings.Cut(row, " ")
		stale[name] = s
	}
	for i, v := range m.views {
		now, waits := m.rowsOf(tx, v.query)
		if waits {
			return
		}
		m.states[i][now] = true
		has, waits := m.rowsOf(tx, "SELECT * FROM "+v.name)
		if waits {
			return
		}
		if stale[v.name] == "f" && has != now {
			m.fatal("%s is not stale: %s\nhas\n%s\nnot\n%s", v.name, v.query, has, now)
		}
		if !m.states[i][has] && !missed {
			m.fatal("%s: %s\nhas\n%s\nnow\n%s", v.name, v.query, has, now)
		}
		m.states[i][has] = true
	}
	m.missed = false
}

// mixes says whether a view is over a table and another view: in a transaction that has written it sees the one as it was, the other as it is.
func (m *viewModel) mixes(i int) bool { return m.views[i].mixed && len(m.views[i].over) > 0 }

// step has a session do something.
func (m *viewModel) step(s *viewSession) {
	what := m.IntN(20)
	switch {
	case what < 2 && !s.open:
		if m.run(s, "BEGIN") == nil {
			s.open, s.wrote, s.pending = true, false, map[int][]string{}
		}
		return
	case what < 4 && s.open:
		err := m.run(s, pick(m.Rand, "COMMIT", "COMMIT", "COMMIT", "ROLLBACK"))
		if err == nil && strings.HasSuffix(m.log[len(m.log)-1], "COMMIT") {
			m.committed(s)
		}
		s.open = false
	case what < 9:
		i := m.IntN(len(m.views))
		if s.wrote && m.mixes(i) {
			return
		}
		m.refresh(s, i)
	case what < 11:
		m.read(s)
		return
	default:
		text, _ := m.change(m.dir, false)
		if s.open && strings.HasPrefix(text, "ALTER") && m.IntN(3) > 0 { // it would keep all others waiting
			return
		}
		err := m.run(s, text)
		if s.open && err == nil {
			s.wrote = true
		}
		if strings.HasPrefix(text, "TRUNCATE") && err == nil { // a block goes on with a new transaction
			m.committed(s)
			s.wrote, s.pending = false, map[int][]string{}
		}
		m.failed(s, err)
	}
	m.note()
}

// committed makes what a transaction has seen of the views something that they may have.
func (m *viewModel) committed(s *viewSession) {
	if m.beside {
		return
	}
	for i, list := range s.pending {
		for _, rows := range list {
			m.states[i][rows] = true
		}
	}
	s.pending = nil
}

func (m *viewModel) failed(s *viewSession, err error) {
	if err != nil && s.open {
		m.run(s, "ROLLBACK")
		s.open = false
	}
	if err == nil || redshiftsim.IsRetryable(err) {
		return
	}
	for _, part := range []string{"57014", "conflict with concurrent", "1018", "multiple matches", "cannot be refreshed", "already exists", "does not exist", "40P01", "key", "deadline", "cannot run inside a transaction"} {
		if strings.Contains(err.Error(), part) {
			return
		}
	}
	m.fatal("%v", err)
}

// refresh refreshes a view. In the transaction it has what its query gives there, unless that has written: then it may lack these rows.
func (m *viewModel) refresh(s *viewSession, i int) {
	v := m.views[i]
	auto := !s.open
	if auto {
		if m.run(s, "BEGIN") != nil {
			return
		}
		s.open, s.wrote, s.pending = true, false, map[int][]string{}
	}
	err := m.run(s, "REFRESH MATERIALIZED VIEW "+v.name+pick(m.Rand, "", " CASCADE"))
	if err != nil {
		m.failed(s, err)
		return
	}
	has, waits := m.rowsOf(s.conn, "SELECT * FROM "+v.name)
	now, too := "", false
	if !waits {
		now, too = m.rowsOf(s.conn, v.query)
	}
	if waits || too {
		m.run(s, "ROLLBACK")
		s.open = false
		return
	}
	if has != now && (!s.wrote || !m.beside && !m.states[i][has]) {
		m.fatal("%s was refreshed: %s\nhas\n%s\nnot\n%s", v.name, v.query, has, now)
	}
	for k, w := range m.views { // CASCADE has refreshed others
		if m.beside {
			break
		}
		rows, waits := m.rowsOf(s.conn, w.query)
		if waits {
			m.run(s, "ROLLBACK")
			s.open = false
			return
		}
		s.pending[k] = append(s.pending[k], rows)
	}
	if auto {
		if m.run(s, "COMMIT") == nil {
			m.committed(s)
		}
		s.open = false
	}
}

// read asks a view's query, or a part of it, with and without mv_enable_aqmv_for_session.
func (m *viewModel) read(s *viewSession) {
	q := m.views[m.IntN(len(m.views))].query
	if m.IntN(2) == 0 {
		q = (&viewMaker{Rand: m.Rand}).view().query
	}
	auto := !s.open
	var got [2]string
	if auto {
		m.run(s, "BEGIN")
	}
	for n, on := range []string{"on", "off"} {
		if err := m.run(s, "SET mv_enable_aqmv_for_session TO "+on); err != nil {
			m.fatal("%s: %v", q, err)
		}
		var waits bool
		if got[n], waits = m.rowsOf(s.conn, q); waits {
			m.run(s, "ROLLBACK")
			s.open = false
			return
		}
	}
	if auto {
		m.run(s, "COMMIT")
	}
	if got[0] != got[1] {
		m.fatal("%s\nread from views\n%s\nnot\n%s", q, got[0], got[1])
	}
}

// newViewModel makes a cluster with tables, rows, views, and sessions.
func newViewModel(t *testing.T, r *rand.Rand, seed uint64) *viewModel {
	m := &viewModel{viewMaker: &viewMaker{Rand: r}, t: t, dir: t.TempDir()}
	shape := [][2]int{{1, 1}, {2, 2}, {3, 4}}[m.IntN(3)]
	dsn := fmt.Sprintf("redshiftsim://?nodes=%d&slices=%d&isolation=%s&bucket=test=%s", shape[0], shape[1], pick(m.Rand, "snapshot", "snapshot", "serializable"), m.dir)
	m.log = append(m.log, fmt.Sprintf("-- seed %d, %s", seed, dsn))
	db, err := sql.Open("redshiftsim", dsn)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	m.db = db
	for i := range 3 {
		c, err := db.Conn(context.Background())
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { c.Close() })
		m.sessions = append(m.sessions, &viewSession{n: i, conn: c})
	}
	texts := m.tables()
	for range 8 {
		text, _ := m.change(m.dir, true)
		texts = append(texts, text)
	}
	for _, text := range texts {
		m.must(text)
	}
	for range 6 {
		v := m.view()
		m.must("CREATE MATERIALIZED VIEW " + v.name + pick(m.Rand, "", " DISTSTYLE ALL") + " AS " + v.query)
		m.views, m.states = append(m.views, v), append(m.states, map[string]bool{})
	}
	return m
}

// TestRandomViews: materialized views are refreshed by some sessions while others change their tables, each statement after the other, transactions in each other.
//
//	a view that is not stale has what its query gives; a stale one what it gave in some committed state; one that was refreshed what it gives in that snapshot;
//	and whether a query may be made to read views changes nothing
func TestRandomViews(t *testing.T) {
	seeds(t, few(8, 3), func(seed uint64) {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			m := newViewModel(t, rand.New(rand.NewPCG(seed, 7)), seed)
			m.note()
			for range 80 {
				m.step(m.sessions[m.IntN(len(m.sessions))])
			}
		})
	})
}

// TestRandomViewsBeside: the same by sessions that do not wait for each other. Each looks at what it has refreshed in its own snapshot; in the end all views are refreshed.
func TestRandomViewsBeside(t *testing.T) {
	seeds(t, few(4, 2), func(seed uint64) {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			m := newViewModel(t, rand.New(rand.NewPCG(seed, 8)), seed)
			var all sync.WaitGroup
			for i, s := range m.sessions {
				n := *m
				n.beside, n.log, n.viewMaker = true, slices.Clone(m.log), &viewMaker{Rand: rand.New(rand.NewPCG(seed, uint64(9+i))), views: m.views}
				all.Add(1)
				go func() {
					defer all.Done()
					for range 60 {
						n.step(s)
					}
					if s.open {
						n.run(s, "ROLLBACK")
					}
				}()
			}
			all.Wait()
			for i, v := range m.views {
				if _, err := m.sessions[0].conn.ExecContext(context.Background(), "REFRESH MATERIALIZED VIEW "+v.name+" CASCADE"); err != nil {
					m.failed(m.sessions[0], err)
					continue
				}
				if m.mixes(i) || len(v.over) == 0 {
					has, _ := m.rowsOf(m.sessions[0].conn, "SELECT * FROM "+v.name)
					if now, waits := m.rowsOf(m.sessions[0].conn, v.query); has != now && !waits {
						m.fatal("%s has\n%s\nnot\n%s", v.name, has, now)
					}
				}
			}
		})
	})
}
