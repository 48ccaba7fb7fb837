package explorer

import (
	"context"
	"errors"
	"fmt"
	"math"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/redshiftsim/redshiftsim/engine"
	"github.com/redshiftsim/redshiftsim/engine/parse/lex"
	"github.com/redshiftsim/redshiftsim/internal/types"
)

// shownRows is how many rows of a result the page gets; the others are read all the same, so that the run is whole.
const shownRows = 500

// runRequest is the text of the SQL box.
type runRequest struct {
	SQL string `json:"sql"`
}

// runAnswer is what its statements did: each is a transaction of its own unless BEGIN says otherwise, as psql sends them. The first error ends the text.
type runAnswer struct {
	Statements []statement `json:"statements"`
	Error      *problem    `json:"error,omitempty"`
	Query      int64       `json:"query"` // the last that reached the compute nodes; 0 = none
	Block      string      `json:"block"` // I = no transaction is open, T = one is, E = one that failed
}

// statement is what one statement gave.
type statement struct {
	SQL     string      `json:"sql"`
	Tag     string      `json:"tag"`
	Columns []column    `json:"columns,omitempty"`
	Rows    [][]*string `json:"rows,omitempty"` // the first 500, as psql prints values; null = NULL
	Count   int         `json:"count"`          // of all rows
	Notices []string    `json:"notices,omitempty"`
	Query   int64       `json:"query,omitempty"` // its number in stl_query
	Millis  float64     `json:"millis"`          // of this machine
}

// column describes a column of rows.
type column struct {
	Name string `json:"name"`
	Type string `json:"type"`
}

// run runs a text.
func (t *tab) run(ctx context.Context, q *runRequest) (*runAnswer, error) {
	t.turn.Lock()
	defer t.turn.Unlock()
	a := &runAnswer{Statements: []statement{}}
	for _, p := range cut(q.SQL) {
		before := t.box.LastQuery()
		st := statement{SQL: p.sql}
		t.told, t.tags = nil, nil
		start := time.Now()
		err := t.statement(ctx, &st)
		st.Millis = float64(time.Since(start).Microseconds()) / 1e3
		for _, n := range t.told {
			st.Notices = append(st.Notices, n.Severity+":  "+n.Message)
		}
		if len(t.tags) > 0 {
			st.Tag = t.tags[len(t.tags)-1]
		}
		if n := t.box.LastQuery(); n != before {
			st.Query, a.Query = n, n
		}
		a.Statements = append(a.Statements, st)
		if err != nil {
			if a.Error = problemOf(err); a.Error.Position > 0 {
				a.Error.Position += utf8.RuneCountInString(q.SQL[:p.at])
			}
			break
		}
	}
	a.Block = string(t.box.Status())
	return a, nil
}

// statement runs one statement and reads its rows to their end.
func (t *tab) statement(ctx context.Context, st *statement) error {
	r, err := t.box.Query(ctx, st.SQL, nil)
	if err != nil {
		return err
	}
	for _, c := range r.Columns() {
		st.Columns = append(st.Columns, column{c.Name, c.Type.String()})
	}
	st.Count, err = rows(t.box, r, shownRows, func(row []*string) { st.Rows = append(st.Rows, row) })
	return errors.Join(err, r.Close())
}

// rows reads a result to its end, gives the first most rows as texts, of which nil is NULL, and counts all.
func rows(s *engine.Session, r *engine.Result, most int, f func([]*string)) (n int, err error) {
	cols := r.Columns()
	for cols != nil {
		b, err := r.Next()
		if err != nil || b == nil {
			return n, err
		}
		given := min(b.Rows(), max(0, most-n))
		n += b.Rows()
		for i := range given {
			if b.Sel != nil {
				i = int(b.Sel[i])
			}
			row := make([]*string, len(cols))
			for c := range cols {
				d := b.Columns[c].Get(i)
				if d.Type = cols[c].Type; !d.Null {
					text := show(s, &d)
					row[c] = &text
				}
			}
			f(row)
		}
	}
	return n, nil
}

// shownText is how many bytes of a value the page gets.
const shownText = 4096

// show prints a value as psql shows it, a long one in part.
func show(s *engine.Session, d *types.Datum) string {
	text := string(s.Style().AppendText(nil, d, s.Location()))
	if len(text) > shownText {
		return fmt.Sprintf("%s ... (%d bytes)", strings.ToValidUTF8(text[:shownText], ""), len(text))
	}
	return text
}

// piece is a statement in a text, and the byte where it begins.
type piece struct {
	sql string
	at  int
}

// cut cuts a text at its semicolons. What has no end, as a quote that stays open, is one piece: its error is the database's to tell.
func cut(text string) (out []piece) {
	toks, err := lex.Scan(text, lex.Options{})
	if err != nil {
		return []piece{{text, 0}}
	}
	first := 0
	for i := range toks {
		if k := &toks[i]; k.Kind != lex.EOF && (k.Kind != lex.Op || k.Text != ";") {
			continue
		}
		if i > first {
			out = append(out, piece{text[toks[first].Pos:toks[i-1].End], toks[first].Pos})
		}
		first = i + 1
	}
	return out
}

// each reads the rows of a query that looks at the cluster.
func (t *tab) each(ctx context.Context, sql string, f func(cells)) error {
	t.looking.Lock()
	defer t.looking.Unlock()
	return each(ctx, t.look, sql, f)
}

// each is tab.each of a session that nobody else uses.
func each(ctx context.Context, s *engine.Session, sql string, f func(cells)) error {
	r, err := s.Query(ctx, sql, nil)
	if err != nil {
		return err
	}
	_, err = rows(s, r, math.MaxInt, func(row []*string) { f(row) })
	return errors.Join(err, r.Close())
}
