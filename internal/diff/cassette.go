package diff

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"time"
)

// Tape writes a cassette: JSON lines, the first of which says what it is, then one a statement. A line {"reset":true} begins another group.
//
//	{"cassette":1,"reference":"redshift","server":"PostgreSQL 8.0.2 on ..","recorded":"2026-11-26"}
//	{"reset":true}
//	{"file":"a.sql","line":1,"sql":"SELECT 1 AS one","columns":[{"name":"one","type":"INT4"}],"rows":[["1"]]}
//
// Hosts, user names, passwords and process numbers are taken out of what the reference said before it is written. The texts of statements are written as
// they are: a suite is yours. A cassette appears under its name only when the run is complete.
type Tape struct {
	name string
	f    *os.File
	w    *bufio.Writer
}

// version is that of the form of cassettes.
const version = 1

// header is the first line.
type header struct {
	Cassette  int    `json:"cassette"`
	Reference string `json:"reference"`
	Server    string `json:"server,omitempty"`
	Recorded  string `json:"recorded,omitempty"`
}

// entry is any other line.
type entry struct {
	Reset bool `json:"reset,omitempty"`
	*Statement
	*Outcome
}

// NewTape begins a cassette. reference is the kind of the cluster, server its version().
func NewTape(name, reference, server string) (*Tape, error) {
	f, err := os.CreateTemp(filepath.Dir(name), filepath.Base(name)+".*")
	if err != nil {
		return nil, err
	}
	t := &Tape{name, f, bufio.NewWriter(f)}
	return t, t.line(header{version, reference, server, time.Now().UTC().Format(time.DateOnly)})
}

func (t *Tape) line(v any) error {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(v); err != nil {
		return err
	}
	_, err := t.w.Write(b.Bytes())
	return err
}

func (t *Tape) reset() {
	if t != nil {
		_ = t.line(entry{Reset: true}) // a write that fails is told by Close
	}
}

func (t *Tape) add(st Statement, o *Outcome) error {
	if t == nil {
		return nil
	}
	return t.line(entry{Statement: &st, Outcome: o})
}

// Close ends the cassette: whole gives it its name, else it is thrown away.
func (t *Tape) Close(whole bool) error {
	err := errors.Join(t.w.Flush(), t.f.Close())
	if !whole || err != nil {
		return errors.Join(err, os.Remove(t.f.Name()))
	}
	return os.Rename(t.f.Name(), t.name)
}

// Play runs the statements of a cassette on the simulator and compares with what was recorded.
func Play(ctx context.Context, cassette io.Reader, sim *Target, o Options) (rep *Report, err error) {
	rep = &Report{}
	lines := bufio.NewReader(cassette)
	first, err := lines.ReadBytes('\n')
	var h header
	if jsonErr := json.Unmarshal(first, &h); err != nil && err != io.EOF || jsonErr != nil || h.Cassette == 0 {
		return rep, errors.New("this is no cassette: its first line is not {\"cassette\":1,..}")
	}
	if h.Cassette != version {
		return rep, fmt.Errorf("the cassette has version %d, this program reads %d", h.Cassette, version)
	}
	var r *run
	defer func() {
		if r != nil {
			err = errors.Join(err, r.end(ctx))
		}
	}()
	dec := json.NewDecoder(lines)
	for n := 2; ; n++ {
		e := entry{Statement: &Statement{}, Outcome: &Outcome{}}
		if err := dec.Decode(&e); err == io.EOF {
			return rep, nil
		} else if err != nil {
			return rep, fmt.Errorf("line %d of the cassette: %w", n, err)
		}
		if e.Reset || r == nil {
			if r != nil {
				ended := r
				r = nil
				if err := ended.end(ctx); err != nil {
					return rep, err
				}
			}
			if r, err = sim.begin(ctx); err != nil {
				return rep, err
			}
		}
		if e.Reset {
			continue
		}
		got, err := r.do(ctx, *e.Statement)
		if err != nil {
			return rep, err
		}
		rep.note(o, *e.Statement, e.Outcome, got)
	}
}

// scrubber takes out of outcomes what is nobody's business, or differs from run to run.
type scrubber struct{ words []string }

// Scrub makes a target's outcomes free of words: the host, the user, the password of its DSN. Words of less than three letters stay: they would make holes
// in everything.
func (t *Target) Scrub(words ...string) {
	s := &scrubber{}
	for _, w := range words {
		if len(w) > 2 {
			s.words = append(s.words, w)
		}
	}
	t.secrets = s
}

// hidden stands for what was taken out.
const hidden = "***"

// processes are process and transaction numbers in messages: "(pid:16606)", "process 1234", "transactions forming the cycle are: 55705701, 55705754".
var processes = regexp.MustCompile(`(?i)\b(pids?[:= ]+|process(?:es)? |transactions? |cycle are: |xid[:= ]+)(\d+(?:, \d+)*)`)

// clean scrubs a text.
func (s *scrubber) clean(text string) string {
	if s != nil {
		for _, w := range s.words {
			text = strings.ReplaceAll(text, w, hidden)
		}
	}
	return text
}

// outcome scrubs an outcome. pid is the session's own number, which also goes from columns that are called so.
func (s *scrubber) outcome(o *Outcome, pid string) {
	if e := o.Error; e != nil {
		for _, f := range []*string{&e.Message, &e.Detail, &e.Hint} {
			*f = processes.ReplaceAllString(s.clean(*f), "${1}"+hidden)
		}
	}
	for i, c := range o.Columns {
		o.Columns[i].Name = s.clean(c.Name)
		numbered := strings.Contains(strings.ToLower(c.Name), "pid")
		for _, row := range o.Rows {
			if v := row[i]; v != nil {
				t := s.clean(*v)
				if numbered && t == pid {
					t = hidden
				}
				row[i] = &t
			}
		}
	}
}
