// Package sqltest runs testdata/**/*.test against clusters of several shapes, which must answer alike.
//
// A file is a list of blocks: a directive, SQL, a line of four dashes, and what must come of it.
//
//	# AVG of integers is a BIGINT: the fraction is cut. https://docs.aws.amazon.com/redshift/latest/dg/r_AVG.html
//	exec                              run statements; nothing comes of it
//	CREATE TABLE t (a int);
//	INSERT INTO t VALUES (1), (2)
//	----
//
//	query types                       rows, cells parted by " | "; `types` adds a first line "name type, name type"; `names` the names alone
//	SELECT avg(a) FROM t
//	----
//	avg bigint
//	1
//
//	query sort                        rows sorted as text: the order is not determined. A query of several rows needs `sort` or an ORDER BY.
//	error                             the statement must fail: "SQLSTATE message", then "POSITION n", "DETAIL ..", "HINT .." where there are any
//	explain 2x2                       the plan as EXPLAIN prints it, on that cluster only (costs depend on the topology)
//	steps                             streams, segments and steps; `steps 2x2` where they depend on the topology
//	affected                          the number of rows that the statement changed
//	messages                          as psql prints it: "INFO:  ..", then "ERROR:  SQLSTATE ..", "DETAIL:  ..", "HINT:  ..", "CONTEXT:  ..", or the names of the columns
//	                                  and the rows, when there are columns
//
//	exec as=two                       the block's session is two: another connection, opened when it is first named
//	exec as=two waits                 the statement must still wait after a moment: "waits" comes of it. Its session is taken until
//	join as=two                       which gives what comes of the statement that waited
//
//	exec as=@second                   the session is one of another cluster, which is opened, with another shape, when it is first named; `as=two@second` another one of it.
//	                                  $namespace in SQL and results is the namespace of the file's cluster, $namespace(second) that of the other
//
//	reset [isolation=serializable]    starts a new cluster, with options of the DSN; no SQL
//	file orders.csv [gzip]            the text becomes s3://test/orders.csv, for COPY; a name may have folders. `open`: the last line has no end;
//	                                  `escaped`: \xff, \r and the like stand for bytes; `base64`: the text is the file in base64
//	list out/                         the keys in s3://test/ that begin so, for UNLOAD; no SQL
//	content out/a_ [sort]             what is in these objects, one behind the other, unpacked where their names say gz, bz2 or zst; bytes that do not
//	                                  print as \x00; no SQL
//
// NULL prints as NULL, an empty string as two quotes, floats with 12 significant digits, times as Redshift prints them.
// go test . -rewrite writes what came; read the diff before it is kept.
package sqltest

import (
	"bytes"
	"compress/gzip"
	"context"
	"database/sql"
	"encoding/base64"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"slices"
	"sort"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/cockroachdb/datadriven"
)

// Shape is a cluster's topology.
type Shape struct{ Nodes, Slices int }

// String is nodes x slices a node.
func (s Shape) String() string { return fmt.Sprintf("%dx%d", s.Nodes, s.Slices) }

// Shapes are those that every file runs on; with -short it is the last one alone.
var Shapes = []Shape{{1, 1}, {2, 2}, {3, 4}}

// Options say how to reach what is tested.
type Options struct {
	// Open makes a fresh cluster of a shape, whose bucket "test" is the folder dir; params are further options of the DSN, "&name=value". notice gets what its
	// sessions tell besides errors.
	Open func(t *testing.T, s Shape, dir, params string, notice func(severity, message string)) *sql.DB
	// Steps prints the compiled steps of a query.
	Steps func(db *sql.DB, text string) (string, error)
	// Waits gives a function that says, while a statement runs on conn, whether it waits for a lock; nil = a statement that has not ended after a moment waits.
	Waits func(conn *sql.Conn) (func() bool, error)
	// Shapes replaces the package's Shapes.
	Shapes []Shape
	// Skip names folders below dir that are left out.
	Skip []string
}

// Run runs every .test file below dir, once per shape.
func Run(t *testing.T, dir string, o Options) {
	var files []string
	err := filepath.WalkDir(dir, func(p string, e fs.DirEntry, err error) error {
		if err == nil && e.IsDir() && slices.Contains(o.Skip, e.Name()) {
			return fs.SkipDir
		}
		if err == nil && strings.HasSuffix(p, ".test") {
			files = append(files, p)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	if len(files) == 0 {
		t.Fatalf("no .test file below %s", dir)
	}
	shapes := o.Shapes
	if shapes == nil {
		shapes = Shapes
	}
	if testing.Short() { // the race detector's run: where most runs side by side
		shapes = shapes[len(shapes)-1:]
	}
	for _, f := range files {
		rel, _ := filepath.Rel(dir, f)
		t.Run(filepath.ToSlash(strings.TrimSuffix(rel, ".test")), func(t *testing.T) {
			for _, s := range shapes {
				t.Run(s.String(), func(t *testing.T) { runFile(t, f, s, o) })
			}
		})
	}
}

func runFile(t *testing.T, path string, s Shape, o Options) {
	dir := t.TempDir()
	told := &notices{}
	other := func() *sql.DB { return o.Open(t, otherShape(s), dir, "", told.add) }
	r := &run{db: o.Open(t, s, dir, "", told.add), told: told, open: other}
	defer func() { r.close() }()
	datadriven.RunTest(t, path, func(t *testing.T, d *datadriven.TestData) string {
		for _, a := range d.CmdArgs { // a block that names a topology is for that one
			if n, k, ok := strings.Cut(a.Key, "x"); ok && isNumber(n) && isNumber(k) && a.Key != s.String() {
				return d.Expected
			}
		}
		if d.Cmd == "reset" {
			r.close()
			params := ""
			for _, a := range d.CmdArgs {
				params += "&" + a.Key + "=" + strings.Join(a.Vals, ",")
			}
			r = &run{db: o.Open(t, s, dir, params, told.add), told: told, open: other}
			return ""
		}
		if d.Cmd == "list" || d.Cmd == "content" {
			out, err := bucket(dir, d)
			if err != nil {
				t.Fatal(err)
			}
			return out
		}
		if d.Cmd == "file" {
			if err := writeFile(dir, d); err != nil {
				t.Fatal(err)
			}
			return ""
		}
		return r.block(d, o)
	})
}

// otherShape is the shape of the other clusters of a file: never that of its own.
func otherShape(s Shape) Shape {
	for i := range Shapes {
		if Shapes[i] == s {
			return Shapes[(i+len(Shapes)-1)%len(Shapes)]
		}
	}
	return Shapes[0]
}

// ordered are statements that give their rows in an order of their own.
var ordered = regexp.MustCompile(`(?i)^\s*(show|fetch|desc)\b`)

// run is a file on its way: its cluster and its sessions.
type run struct {
	db       *sql.DB
	told     *notices
	sessions map[string]*session
	open     func() *sql.DB
	others   map[string]*sql.DB // other clusters, by name
	spaces   []string           // namespaces with the words for them, for strings.NewReplacer
}

// cluster gives the database of a cluster by name, "" = the file's.
func (r *run) cluster(name string) (*sql.DB, error) {
	db := r.db
	if name != "" {
		db = r.others[name]
	}
	if db == nil {
		if r.others == nil {
			r.others = map[string]*sql.DB{}
		}
		db = r.open()
		r.others[name] = db
	}
	word := "$namespace"
	if name != "" {
		word += "(" + name + ")"
	}
	if slices.Contains(r.spaces, word) {
		return db, nil
	}
	var space string
	err := db.QueryRow("SELECT current_namespace").Scan(&space)
	if r.spaces = append(r.spaces, word, space); name != "" { // longer words first
		r.spaces = append([]string{word, space}, r.spaces[:len(r.spaces)-2]...)
	}
	return db, err
}

// namespaces are the words that stand for the namespaces of clusters.
var namespaces = regexp.MustCompile(`\$namespace(?:\((\w+)\))?`)

// spaced puts namespaces into a text, or takes them out.
func (r *run) spaced(text string, out bool) string {
	list := slices.Clone(r.spaces)
	for i := 0; out && i < len(list); i += 2 {
		list[i], list[i+1] = list[i+1], list[i]
	}
	return strings.NewReplacer(list...).Replace(text)
}

// session is a connection, and what comes of the statement that it waits in.
type session struct {
	conn    *sql.Conn
	waiting chan string
}

func (r *run) close() {
	for _, s := range r.sessions {
		if s.waiting != nil {
			<-s.waiting
		}
		s.conn.Close()
	}
	for _, db := range r.others {
		db.Close()
	}
	r.db.Close()
}

// moment is how long a statement must wait to be one that waits, patience how long a busy machine may take to bring it so far.
const (
	moment   = 30 * time.Millisecond
	patience = 10 * time.Second
)

// block runs a block in its session.
func (r *run) block(d *datadriven.TestData, o Options) string {
	own := *d // a statement that waits runs on while the next block is read into *d
	d = &own
	var name string
	for _, a := range d.CmdArgs {
		if a.Key == "as" && len(a.Vals) == 1 {
			name = a.Vals[0]
		}
	}
	named := namespaces.FindAllStringSubmatch(d.Input, -1)
	if len(named) > 0 || strings.Contains(name, "@") {
		named = append(named, []string{"", ""})
	}
	for _, n := range named {
		if _, err := r.cluster(n[1]); err != nil {
			return "unexpected error: " + Describe(err) + "\n"
		}
	}
	s := r.sessions[name]
	if s == nil {
		_, cluster, _ := strings.Cut(name, "@")
		db, err := r.db, error(nil)
		if cluster != "" {
			db, err = r.cluster(cluster)
		}
		if err != nil {
			return "unexpected error: " + Describe(err) + "\n"
		}
		conn, err := db.Conn(context.Background())
		if err != nil {
			return "unexpected error: " + Describe(err) + "\n"
		}
		if r.sessions == nil {
			r.sessions = map[string]*session{}
		}
		s = &session{conn: conn}
		r.sessions[name] = s
	}
	d.Input = r.spaced(d.Input, false)
	result := func() string {
		out, err := block(r, s.conn, d, o)
		if err != nil {
			out = "unexpected error: " + Describe(err) + "\n"
		}
		return r.spaced(out, true)
	}
	switch {
	case d.Cmd == "join":
		if s.waiting == nil {
			return "this session does not wait\n"
		}
		out := <-s.waiting
		s.waiting = nil
		return out
	case s.waiting != nil:
		return "this session waits\n"
	case !d.HasArg("waits"):
		return result()
	}
	waits := func() bool { return true }
	if o.Waits != nil {
		var err error
		if waits, err = o.Waits(s.conn); err != nil {
			return "unexpected error: " + Describe(err) + "\n"
		}
	}
	s.waiting = make(chan string, 1)
	done := s.waiting
	go func() { done <- result() }()
	for end := time.Now().Add(patience); ; {
		select {
		case out := <-done:
			s.waiting = nil
			return "does not wait\n" + out
		case <-time.After(moment):
		}
		if waits() || time.Now().After(end) {
			return "waits\n"
		}
	}
}

// writeFile puts a block's text into the bucket.
func writeFile(dir string, d *datadriven.TestData) error {
	if len(d.CmdArgs) == 0 {
		return errors.New("file needs a name")
	}
	path := filepath.Join(dir, filepath.FromSlash(d.CmdArgs[0].Key))
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return err
	}
	data := []byte(d.Input)
	if len(data) > 0 && !d.HasArg("open") { // `open`: the last line has no end
		data = append(data, '\n')
	}
	switch {
	case d.HasArg("base64"):
		var err error
		if data, err = base64.StdEncoding.DecodeString(strings.Join(strings.Fields(d.Input), "")); err != nil {
			return err
		}
	case d.HasArg("escaped"):
		text, err := strconv.Unquote(`"` + strings.NewReplacer("\n", `\n`, `"`, `\"`).Replace(string(data)) + `"`)
		if err != nil {
			return err
		}
		data = []byte(text)
	}
	if d.HasArg("gzip") {
		var b bytes.Buffer
		w := gzip.NewWriter(&b)
		if _, err := w.Write(data); err != nil {
			return err
		}
		if err := w.Close(); err != nil {
			return err
		}
		data = b.Bytes()
	}
	return os.WriteFile(path, data, 0o644)
}

func isNumber(s string) bool {
	_, err := strconv.Atoi(s)
	return err == nil
}

// notices are what sessions told.
type notices struct {
	mu   sync.Mutex
	list []string
}

func (n *notices) add(severity, message string) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.list = append(n.list, severity+":  "+message)
}

// take gives what was told since it was last asked.
func (n *notices) take() []string {
	n.mu.Lock()
	defer n.mu.Unlock()
	list := n.list
	n.list = nil
	return list
}

// messages prints what psql would.
func messages(ctx context.Context, r *run, conn *sql.Conn, d *datadriven.TestData) string {
	r.told.take()
	rows, err := rowsOf(ctx, conn, d.Input)
	out := r.told.take()
	if err != nil {
		lines := strings.Split(Describe(err), "\n")
		out = append(out, "ERROR:  "+lines[0])
		for _, l := range lines[1:] {
			for _, w := range []string{"POSITION", "DETAIL", "HINT"} {
				if rest, ok := strings.CutPrefix(l, w+" "); ok {
					l = w + ":  " + rest
				}
			}
			out = append(out, l)
		}
		var e interface{ SQLState() string }
		if errors.As(err, &e) {
			if where := reflect.Indirect(reflect.ValueOf(e)).FieldByName("Where"); where.IsValid() && where.String() != "" {
				out = append(out, "CONTEXT:  "+where.String())
			}
		}
	} else if len(rows.names) > 0 {
		out = append(out, strings.Join(rows.names, " | "))
		for _, row := range rows.cells {
			out = append(out, strings.Join(row, " | "))
		}
	}
	if len(out) == 0 {
		return ""
	}
	return strings.Join(out, "\n") + "\n"
}

func block(r *run, conn *sql.Conn, d *datadriven.TestData, o Options) (string, error) {
	ctx, cancel := context.WithTimeout(context.Background(), 60*time.Second)
	defer cancel()
	switch d.Cmd {
	case "exec":
		_, err := conn.ExecContext(ctx, d.Input)
		return "", err
	case "affected":
		res, err := conn.ExecContext(ctx, d.Input)
		if err != nil {
			return "", err
		}
		n, err := res.RowsAffected()
		return fmt.Sprintln(n), err
	case "query":
		return query(ctx, conn, d)
	case "messages":
		return messages(ctx, r, conn, d), nil
	case "error":
		_, err := rowsOf(ctx, conn, d.Input)
		if err == nil {
			return "did not fail\n", nil
		}
		return Describe(err) + "\n", nil
	case "explain":
		r, err := rowsOf(ctx, conn, "EXPLAIN "+d.Input)
		if err != nil {
			return "", err
		}
		var b strings.Builder
		for _, row := range r.cells {
			b.WriteString(row[0] + "\n")
		}
		return b.String(), nil
	case "steps":
		if o.Steps == nil {
			return "", errors.New("this runner has no steps")
		}
		return o.Steps(r.db, d.Input)
	}
	return "", fmt.Errorf("unknown directive %q", d.Cmd)
}

type result struct {
	names, types []string
	cells        [][]string
}

func rowsOf(ctx context.Context, conn *sql.Conn, text string) (result, error) {
	var r result
	rows, err := conn.QueryContext(ctx, text)
	if err != nil {
		return r, err
	}
	defer rows.Close()
	if r.names, err = rows.Columns(); err != nil {
		return r, err
	}
	cts, err := rows.ColumnTypes()
	if err != nil {
		return r, err
	}
	for _, c := range cts {
		r.types = append(r.types, typeText(c))
	}
	vals := make([]any, len(r.names))
	ptrs := make([]any, len(vals))
	for i := range vals {
		ptrs[i] = &vals[i]
	}
	for rows.Next() {
		if err := rows.Scan(ptrs...); err != nil {
			return r, err
		}
		row := make([]string, len(vals))
		for i, v := range vals {
			row[i] = Cell(v, r.types[i])
		}
		r.cells = append(r.cells, row)
	}
	return r, rows.Err()
}

// typeText is the type as SQL writes it: bigint, numeric(8,2), character varying(20).
func typeText(c *sql.ColumnType) string {
	long := map[string]string{
		"INT2": "smallint", "INT4": "integer", "INT8": "bigint", "FLOAT4": "real", "FLOAT8": "double precision", "BOOL": "boolean",
		"BPCHAR": "character", "VARCHAR": "character varying", "TIMESTAMPTZ": "timestamptz",
	}
	name := c.DatabaseTypeName()
	s, ok := long[name]
	if !ok {
		s = strings.ToLower(name)
	}
	if p, sc, ok := c.DecimalSize(); ok && name == "NUMERIC" {
		return fmt.Sprintf("%s(%d,%d)", s, p, sc)
	}
	if n, ok := c.Length(); ok && (name == "VARCHAR" || name == "BPCHAR") && n > 0 {
		return fmt.Sprintf("%s(%d)", s, n)
	}
	return s
}

// Cell prints a driver value.
func Cell(v any, typ string) string {
	switch v := v.(type) {
	case nil:
		return "NULL"
	case []byte:
		return Cell(string(v), typ)
	case string:
		if v == "" {
			return "''"
		}
		return v
	case bool:
		if v {
			return "t"
		}
		return "f"
	case float64:
		return strconv.FormatFloat(v, 'g', 12, 64)
	case time.Time:
		switch typ {
		case "date":
			return v.Format("2006-01-02")
		case "timestamptz":
			return v.Format("2006-01-02 15:04:05.999999-07")
		}
		return v.Format("2006-01-02 15:04:05.999999")
	}
	return fmt.Sprint(v)
}

func query(ctx context.Context, conn *sql.Conn, d *datadriven.TestData) (string, error) {
	r, err := rowsOf(ctx, conn, d.Input)
	if err != nil {
		return "", err
	}
	var b strings.Builder
	if d.HasArg("types") || d.HasArg("names") {
		for i, n := range r.names {
			if i > 0 {
				b.WriteString(", ")
			}
			b.WriteString(n)
			if d.HasArg("types") {
				b.WriteString(" " + r.types[i])
			}
		}
		b.WriteString("\n")
	}
	lines := make([]string, len(r.cells))
	for i, row := range r.cells {
		lines[i] = strings.TrimRight(strings.Join(row, " | "), " ")
	}
	if d.HasArg("sort") {
		sort.Strings(lines)
	} else if len(lines) > 1 && !strings.Contains(strings.ToLower(d.Input), "order by") && !ordered.MatchString(d.Input) {
		return "", errors.New("the order of these rows is not determined: say `query sort`, or ORDER BY")
	}
	for _, l := range lines {
		b.WriteString(l + "\n")
	}
	return b.String(), nil
}

// Describe prints an error with its SQLSTATE, position, detail and hint.
func Describe(err error) string {
	var e interface {
		error
		SQLState() string
	}
	if !errors.As(err, &e) {
		return err.Error()
	}
	msg := strings.TrimPrefix(e.Error(), "ERROR: ")
	msg = strings.TrimSuffix(msg, " (SQLSTATE "+e.SQLState()+")")
	if f, ok := e.(interface {
		Fields() (string, string, string, int)
	}); ok {
		m, detail, hint, pos := f.Fields()
		msg = m
		if pos > 0 {
			msg += fmt.Sprintf("\nPOSITION %d", pos)
		}
		if detail != "" {
			msg += "\nDETAIL " + detail
		}
		if hint != "" {
			msg += "\nHINT " + hint
		}
	}
	return e.SQLState() + " " + msg
}
