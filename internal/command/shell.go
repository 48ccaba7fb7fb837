package command

import (
	"bufio"
	"bytes"
	"context"
	"database/sql"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"strings"
	"time"

	"golang.org/x/term"

	"github.com/redshiftsim/redshiftsim"
	"github.com/redshiftsim/redshiftsim/engine/ast"
	sqlparse "github.com/redshiftsim/redshiftsim/engine/parse"
)

// multi is a flag that may be given several times: -c and -f keep their order.
type multi struct {
	kind byte
	list *[]action
}

type action struct {
	kind byte // 'c' or 'f'
	text string
}

// String prints nothing: there is no default.
func (m multi) String() string { return "" }

// Set adds one.
func (m multi) Set(s string) error {
	*m.list = append(*m.list, action{m.kind, s})
	return nil
}

// shell is one session of `redshiftsim sql`.
type shell struct {
	ctx       context.Context
	db        *sql.DB
	conn      *sql.Conn
	pid       int64 // of conn
	postgres  bool  // the database is no Redshift
	out, errs io.Writer
	timing    bool
	progress  bool // a line for statements longer than a second
	failed    bool
	missing   bool   // a file could not be opened
	depth     int    // of \i
	name      string // of the file that is being read, "" = none
	at        int    // number of the line that was read last
}

const shellUsage = `usage: redshiftsim sql [-c SQL] [-f FILE] [DSN]

A small psql: statements end with a semicolon, \? lists the commands. The DSN names the cluster, redshiftsim:// when there is none: a new one, which ends
with the shell. Without -c and -f statements come from the terminal or the standard input. The first statement that fails ends the run, unless a terminal is
there. Exit codes are psql's: 1 for an error of the shell, 2 for a bad connection, 3 for a failed statement.

`

// openTold opens a database whose notices go to told. Those of real clusters are their drivers' matter.
func openTold(dsn string, told func(*redshiftsim.Error)) (*sql.DB, error) {
	if !strings.HasPrefix(dsn, "redshiftsim://") {
		return sql.Open("redshiftsim", dsn)
	}
	cfg, err := redshiftsim.ParseDSN(dsn)
	if err != nil {
		return nil, err
	}
	cfg.Notice = told
	k, err := redshiftsim.NewConnector(cfg)
	if err != nil {
		return nil, err
	}
	return sql.OpenDB(k), nil
}

// runShell is `redshiftsim sql`. Exit codes are psql's with ON_ERROR_STOP: 0, 1 for an error of the shell, 2 for a bad connection, 3 for a failed statement.
func runShell(ctx context.Context, args []string, in io.Reader, out, errs io.Writer) int {
	fl := flag.NewFlagSet("sql", flag.ContinueOnError)
	var todo []action
	fl.Var(multi{'c', &todo}, "c", "run `SQL` and end (may be repeated, also with -f)")
	fl.Var(multi{'f', &todo}, "f", "run a `FILE` and end (may be repeated; - is the standard input)")
	if code, done := parse(fl, describe(fl, shellUsage), args, 1, out, errs); done {
		return min(code, 1)
	}
	dsn := "redshiftsim://"
	if fl.NArg() > 0 {
		dsn = fl.Arg(0)
	}
	db, err := openTold(dsn, func(e *redshiftsim.Error) { fmt.Fprintf(errs, "%s:  %s\n", e.Severity, e.Message) })
	if err != nil {
		fmt.Fprintln(errs, err)
		return 2
	}
	defer db.Close()
	conn, err := db.Conn(ctx)
	if err != nil {
		fmt.Fprintln(errs, err)
		return 2
	}
	defer conn.Close()
	s := &shell{ctx: ctx, db: db, conn: conn, out: out, errs: errs, postgres: flavor(dsn) == "postgres"}
	if err := conn.QueryRowContext(ctx, "SELECT pg_backend_pid()").Scan(&s.pid); err != nil {
		fmt.Fprintln(errs, err)
		return 2
	}
	if f, ok := errs.(*os.File); ok {
		s.progress = term.IsTerminal(int(f.Fd()))
	}
	for _, a := range todo {
		if a.kind == 'c' {
			s.line(a.text + "\n;")
		} else {
			s.file(a.text, in)
		}
		if s.failed {
			return s.code()
		}
	}
	if len(todo) > 0 {
		return 0
	}
	if f, ok := in.(*os.File); ok && term.IsTerminal(int(f.Fd())) {
		return s.interactive(f)
	}
	s.read(in)
	if s.failed {
		return s.code()
	}
	return 0
}

// code is the exit code after a failure.
func (s *shell) code() int {
	if s.missing {
		return 1
	}
	return 3
}

// file runs the statements of a file.
func (s *shell) file(name string, in io.Reader) {
	name0, at0 := s.name, s.at
	defer func() { s.name, s.at = name0, at0 }()
	s.name, s.at = name, 0
	if name == "-" {
		s.name = "stdin"
		s.read(in)
		return
	}
	f, err := os.Open(name)
	if err != nil {
		fmt.Fprintf(s.errs, "redshiftsim sql: %v\n", err)
		s.failed, s.missing = true, true
		return
	}
	defer f.Close()
	s.read(f)
}

// read runs statements until the end of in or the first that fails.
func (s *shell) read(in io.Reader) {
	sc := bufio.NewScanner(in)
	sc.Buffer(make([]byte, 64<<10), 16<<20)
	var buf strings.Builder
	for first := true; !s.failed && sc.Scan(); first = false {
		text := sc.Text()
		if s.at++; first {
			text = strings.TrimPrefix(text, "\ufeff") // which editors of Windows put before a text in UTF-8
		}
		if rest := s.feed(&buf, text); !rest {
			return
		}
	}
	if err := sc.Err(); err != nil {
		fmt.Fprintf(s.errs, "redshiftsim sql: %v\n", err)
		s.failed = true
	}
	if !s.failed {
		s.run(buf.String())
	}
}

// line runs a text of statements and commands.
func (s *shell) line(text string) { s.read(strings.NewReader(text)) }

// feed adds a line to buf and runs what is complete; false = \q.
func (s *shell) feed(buf *strings.Builder, line string) bool {
	if trimmed := strings.TrimSpace(line); strings.HasPrefix(trimmed, `\`) && strings.TrimSpace(buf.String()) == "" {
		buf.Reset()
		return s.command(trimmed)
	}
	buf.WriteString(line)
	buf.WriteByte('\n')
	for {
		text, rest, ok := cutStatement(buf.String())
		if !ok {
			return true
		}
		buf.Reset()
		buf.WriteString(rest)
		if s.run(strings.TrimSpace(text)); s.failed {
			return true
		}
	}
}

// cutStatement cuts text at the first semicolon outside of quotes and comments.
func cutStatement(text string) (stmt, rest string, ok bool) {
	for i := 0; i < len(text); {
		switch c := text[i]; {
		case c == ';':
			return text[:i], text[i+1:], true
		case c == '\'' || c == '"':
			for i++; i < len(text) && text[i] != c; i++ {
				if text[i] == '\\' && c == '\'' {
					i++
				}
			}
			i++
		case strings.HasPrefix(text[i:], "--"):
			k := strings.IndexByte(text[i:], '\n')
			if k < 0 {
				return "", text, false
			}
			i += k
		case strings.HasPrefix(text[i:], "/*"):
			end := i + commentEnd(text[i:])
			if end == len(text) {
				return "", text, false
			}
			i = end
		case c == '$':
			k := strings.IndexByte(text[i+1:], '$')
			if k < 0 || strings.ContainsAny(text[i+1:i+1+k], " \n\t;'") {
				i++
				continue
			}
			tag := text[i : i+k+2]
			e := strings.Index(text[i+len(tag):], tag)
			if e < 0 {
				return "", text, false
			}
			i += e + 2*len(tag)
		default:
			i++
		}
	}
	return "", text, false
}

// run runs one statement and prints what comes of it; a text of blanks and comments is none.
func (s *shell) run(text string) {
	if withoutComments(text) == "" {
		return
	}
	ctx, stop := signal.NotifyContext(s.ctx, os.Interrupt)
	defer stop()
	start := time.Now()
	done := make(chan struct{})
	quiet := make(chan struct{})
	go s.tick(text, start, done, quiet)
	err := s.query(ctx, text, func() { close(done); <-quiet })
	select {
	case <-done:
	default:
		close(done)
	}
	<-quiet
	if err != nil {
		s.failed = true
		s.printError(text, err)
	}
	if s.timing {
		fmt.Fprintf(s.out, "Time: %.3f ms\n", float64(time.Since(start).Microseconds())/1000)
	}
}

// tick prints a line a second for what takes longer than one; it ends before rows are printed.
func (s *shell) tick(text string, start time.Time, done, quiet chan struct{}) {
	defer close(quiet)
	t := time.NewTicker(time.Second)
	defer t.Stop()
	shown := false
	for {
		select {
		case <-done:
			if shown {
				fmt.Fprint(s.errs, "\r\x1b[K")
			}
			return
		case <-t.C:
			if s.progress {
				shown = true
				fmt.Fprintf(s.errs, "\rrunning, %.0f s%s \x1b[K", time.Since(start).Seconds(), s.moved(text))
			}
		}
	}
}

// query runs text, reads its rows and prints them; ready is called once before anything is printed.
func (s *shell) query(ctx context.Context, text string, ready func()) error {
	rows, err := s.conn.QueryContext(ctx, text)
	if err != nil {
		return err
	}
	defer rows.Close()
	cols, err := rows.ColumnTypes()
	if err != nil {
		return err
	}
	var cells [][]any
	for rows.Next() {
		vals := make([]any, len(cols))
		ptrs := make([]any, len(cols))
		for i := range vals {
			ptrs[i] = &vals[i]
		}
		if err := rows.Scan(ptrs...); err != nil {
			return err
		}
		cells = append(cells, vals)
	}
	if err := rows.Err(); err != nil {
		return err
	}
	ready()
	if len(cols) == 0 {
		fmt.Fprintln(s.out, tag(text))
		return nil
	}
	printTable(s.out, cols, cells)
	return nil
}

// withoutComments is a text from its first word on.
func withoutComments(text string) string {
	for {
		text = strings.TrimSpace(text)
		switch {
		case strings.HasPrefix(text, "--"):
			_, text, _ = strings.Cut(text, "\n")
		case strings.HasPrefix(text, "/*"):
			text = text[commentEnd(text):]
		default:
			return text
		}
	}
}

// commentEnd is where the comment ends that a text begins with. Such comments nest.
func commentEnd(text string) int {
	depth := 0
	for i := 0; i < len(text); {
		switch {
		case strings.HasPrefix(text[i:], "/*"):
			depth++
			i += 2
		case strings.HasPrefix(text[i:], "*/"):
			i += 2
			if depth--; depth == 0 {
				return i
			}
		default:
			i++
		}
	}
	return len(text)
}

// tag is what psql prints after a statement without rows: what kind of statement it is, or of one that Redshift's grammar has not, its first word.
func tag(text string) string {
	word := firstWord(text)
	switch word {
	case "CREATE", "DROP", "ALTER", "ATTACH", "DETACH", "REFRESH":
		if list, err := sqlparse.Parse(text); err == nil && len(list) == 1 {
			return strings.TrimSuffix(ast.TagOf(list[0]), " AS")
		}
	case "":
		return "OK"
	}
	return word
}

// firstWord is the first word of a statement, in capitals.
func firstWord(text string) string {
	words := strings.Fields(withoutComments(text))
	if len(words) == 0 {
		return ""
	}
	return strings.ToUpper(words[0])
}

func (s *shell) printError(text string, err error) {
	var e *redshiftsim.Error
	if !errors.As(err, &e) {
		fmt.Fprintln(s.errs, "ERROR: ", err)
		return
	}
	if s.name != "" { // as psql: the line that ends the statement
		fmt.Fprintf(s.errs, "%s:%d: ", s.name, s.at)
	}
	fmt.Fprintf(s.errs, "%s:  %s\n", e.Severity, e.Message)
	if e.Position > 0 {
		at := 0
		for range e.Position - 1 {
			if at >= len(text) {
				break
			}
			_, n := firstRune(text[at:])
			at += n
		}
		line := strings.Count(text[:at], "\n") + 1
		from := strings.LastIndexByte(text[:at], '\n') + 1
		to := len(text)
		if k := strings.IndexByte(text[at:], '\n'); k >= 0 {
			to = at + k
		}
		head := fmt.Sprintf("LINE %d: ", line)
		fmt.Fprintf(s.errs, "%s%s\n%s^\n", head, text[from:to], strings.Repeat(" ", len(head)+len([]rune(text[from:at]))))
	}
	if e.Detail != "" {
		fmt.Fprintln(s.errs, "DETAIL:  "+e.Detail)
	}
	if e.Hint != "" {
		fmt.Fprintln(s.errs, "HINT:  "+e.Hint)
	}
	if e.Where != "" && e.SQLState() != "XX000" {
		fmt.Fprintln(s.errs, "CONTEXT:  "+e.Where)
	}
}

func firstRune(s string) (rune, int) {
	for i, r := range s {
		if i > 0 {
			return 0, i
		}
		_ = r
	}
	return 0, len(s)
}

// terminal joins what x/term reads from and writes to. Control-C, which x/term takes for the end, clears the line and what was typed before it.
type terminal struct {
	io.Reader
	io.Writer
	given bool // Control-C was typed
	enter bool // the end of the cleared line is still to be read
}

// Read turns Control-C into "delete the line" and the end of the line.
func (t *terminal) Read(p []byte) (int, error) {
	if t.enter && len(p) > 0 {
		t.enter = false
		p[0] = '\r'
		return 1, nil
	}
	n, err := t.Reader.Read(p)
	if i := bytes.IndexByte(p[:n], 3); i >= 0 {
		p[i] = 'U' - '@' // Control-U
		t.given, t.enter = true, true
		n = i + 1
	}
	return n, err
}

// interactive reads from a terminal with editing and history.
func (s *shell) interactive(f *os.File) int {
	old, err := term.MakeRaw(int(f.Fd()))
	if err != nil {
		s.read(f)
		return 0
	}
	restore := func() { _ = term.Restore(int(f.Fd()), old) }
	defer restore()
	s.ctx = context.WithoutCancel(s.ctx) // an interrupt ends a statement, not the shell
	keys := &terminal{Reader: f, Writer: s.out}
	t := term.NewTerminal(keys, "dev=# ")
	fmt.Fprint(t, "redshiftsim: \\? for help, \\q to leave\r\n")
	var buf strings.Builder
	for {
		if strings.TrimSpace(buf.String()) == "" {
			t.SetPrompt("dev=# ")
		} else {
			t.SetPrompt("dev-# ")
		}
		line, err := t.ReadLine()
		if err != nil {
			return 0
		}
		if keys.given {
			keys.given = false
			buf.Reset()
			continue
		}
		restore()
		s.failed = false
		more := s.feed(&buf, line)
		if !more {
			return 0
		}
		if _, err := term.MakeRaw(int(f.Fd())); err != nil {
			return 1
		}
	}
}
