// Package vet reads SQL scripts without running them: what Redshift refuses are errors, what production would regret are warnings.
//
//	files ── lex: cut at semicolons ── a statement ── parse ── ast ──┬─ engine.Checker: definitions are made, queries planned ── errors
//	                                                                 ├─ rules over the ast    varchar-max, char-multibyte ...   ── warnings
//	                                                                 └─ rules over the plan   cross-join, sort-key-missed ...   ── warnings
//
// The files of a script are one text: what one creates, the later ones may name. A statement that names a table which no file creates is parsed and its
// ast is looked at; it cannot be bound. A script cannot change a real cluster: nothing is sent anywhere.
package vet

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/redshiftsim/redshiftsim/engine"
	"github.com/redshiftsim/redshiftsim/engine/ast"
	"github.com/redshiftsim/redshiftsim/engine/parse/lex"
	"github.com/redshiftsim/redshiftsim/engine/plan"
	"github.com/redshiftsim/redshiftsim/internal/sqlstate"
)

// File is a part of a script.
type File struct{ Name, Text string }

// Finding is an error or a warning.
type Finding struct {
	File         string
	Line, Column int    // 1-based; the column counts characters
	Rule         string // of a warning; "" = an error
	Code         sqlstate.Code
	Message      string
	Detail, Hint string
}

// String is file:line:col: and what is said: SQLSTATE and message of an error, message and [rule] of a warning.
func (f *Finding) String() string {
	at := fmt.Sprintf("%s:%d:%d: ", f.File, f.Line, f.Column)
	message := strings.ReplaceAll(f.Message, "\n", `\n`) // it may quote the script
	if f.Rule != "" {
		return at + "warning: " + message + " [" + f.Rule + "]"
	}
	return at + string(f.Code) + " " + message
}

// Report is what a script came to.
type Report struct {
	Findings   []Finding // in the order of the files, then of the text
	Statements int
	// Unbound counts the statements that could not be bound because they name relations which the script does not create; Missing names these.
	Unbound int
	Missing []string
}

// Errors counts the findings that are errors.
func (r *Report) Errors() int {
	n := 0
	for i := range r.Findings {
		if r.Findings[i].Rule == "" {
			n++
		}
	}
	return n
}

// script is the state of a check.
type script struct {
	k    *engine.Checker
	made map[string]bool // names of relations that the script made at some time
	off  map[string]bool // rules that are switched off
	out  Report

	file *File
	text string      // of the statement
	base int         // where it stands in the file
	in   *ast.Unload // whose query is looked at: places are those of its string
	from int         // of the current file's findings
}

// Vet checks the files as one script. off names rules that are not to warn; an unknown name is an error.
func Vet(ctx context.Context, files []File, off []string) (*Report, error) {
	k, err := engine.NewChecker(engine.Config{})
	if err != nil {
		return nil, err
	}
	s := &script{k: k, made: map[string]bool{}, off: map[string]bool{}}
	for _, name := range off {
		if !slices.ContainsFunc(Rules, func(r Rule) bool { return r.Name == name }) {
			return nil, fmt.Errorf("there is no rule %q", name)
		}
		s.off[name] = true
	}
	for i := range files {
		s.file, s.from = &files[i], len(s.out.Findings)
		s.all(ctx, files[i].Text)
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		slices.SortStableFunc(s.out.Findings[s.from:], func(a, b Finding) int {
			if a.Line != b.Line {
				return a.Line - b.Line
			}
			return a.Column - b.Column
		})
	}
	slices.Sort(s.out.Missing)
	return &s.out, nil
}

// all checks the statements of a file one by one. Behind a token that does not end, a quote or a comment, it goes on after the next line that ends with
// a semicolon.
func (s *script) all(ctx context.Context, text string) {
	for start := 0; start < len(text); {
		toks, err := lex.Scan(text[start:], lex.Options{})
		if err == nil {
			s.statements(ctx, start, text[start:], toks)
			return
		}
		var e *sqlstate.Error
		at := 0
		if errors.As(err, &e) && e.Offset() >= 0 {
			at = min(e.Offset(), len(text)-start)
		}
		if last := strings.LastIndexByte(text[start:start+at], ';'); last >= 0 {
			if toks, serr := lex.Scan(text[start:start+last+1], lex.Options{}); serr == nil {
				s.statements(ctx, start, text[start:start+last+1], toks)
			}
		}
		s.out.Statements++
		s.base = start
		s.fail(err, 0)
		end := lineEnd.FindStringIndex(text[start+at:])
		if end == nil {
			return
		}
		start += at + end[1]
	}
}

var lineEnd = regexp.MustCompile(`;[ \t\r]*\n`)

// statements cuts a text, which starts at an offset of the file, at its semicolons.
func (s *script) statements(ctx context.Context, start int, text string, toks []lex.Token) {
	first := 0
	for i := range toks {
		t := &toks[i]
		if t.Kind != lex.EOF && (t.Kind != lex.Op || t.Text != ";") {
			continue
		}
		if i > first {
			s.base, s.text = start+toks[first].Pos, text[toks[first].Pos:toks[i-1].End]
			s.statement(ctx)
		}
		first = i + 1
	}
}

// statement checks one statement.
func (s *script) statement(ctx context.Context) {
	s.out.Statements++
	stmts, err := s.k.Parse(s.text)
	if err != nil {
		s.fail(err, 0)
		return
	}
	for _, st := range stmts { // ALTER TABLE with several actions is several
		from, _ := st.Span()
		c, err := s.k.Check(ctx, st, s.text)
		s.create(st)
		var root plan.Node
		if c != nil {
			root = c.Plan
			s.transaction(st, c)
		}
		switch missing := s.missing(err); {
		case missing != "":
			s.out.Unbound++
			if !slices.Contains(s.out.Missing, missing) {
				s.out.Missing = append(s.out.Missing, missing)
			}
		case err != nil:
			s.fail(err, from)
		}
		s.looked(st, root)
	}
}

// looked applies the rules to a statement and its plan. The query of an UNLOAD is a text of its own; the bodies of functions and procedures are too, and
// are left alone.
func (s *script) looked(st ast.Statement, root plan.Node) {
	switch u := st.(type) {
	case *ast.CreateRoutine:
		return
	case *ast.Unload:
		s.nullAs(u.Options)
		s.in, st = u, u.Stmt
		defer func() { s.in = nil }()
	}
	s.written(st)
	if root != nil {
		s.planned(st, root)
	}
}

// create notes the names that a statement makes.
func (s *script) create(st ast.Statement) {
	for _, t := range s.k.Tables() {
		s.made[t.Name] = true
	}
	if v, ok := st.(*ast.CreateView); ok && s.k.Relation(v.Name) != nil {
		s.made[v.Name.Object()] = true
	}
	if c, ok := st.(*ast.CreateSchema); ok {
		s.made[c.Name] = true
	}
}

var doesNotExist = regexp.MustCompile(`^(?:relation|table|view|materialized view|schema|user|group|role|database) "([^"]+)" does not exist$`)

// missing gives the name that an error is about, when it is one that the script never made.
func (s *script) missing(err error) string {
	var e *sqlstate.Error
	if !errors.As(err, &e) {
		return ""
	}
	m := doesNotExist.FindStringSubmatch(strings.ToLower(e.Message[:min(1, len(e.Message))]) + e.Message[min(1, len(e.Message)):])
	if m == nil {
		return ""
	}
	name := m[1]
	if s.made[name[strings.LastIndexByte(name, '.')+1:]] {
		return ""
	}
	return name
}

// fail records an error; at is where it stands in the statement if it does not say so itself.
func (s *script) fail(err error, at int) {
	var e *sqlstate.Error
	if !errors.As(err, &e) {
		e = sqlstate.Internal.Errorf("%v", err)
	}
	if e.Offset() >= 0 {
		at = e.Offset()
	}
	f := Finding{Code: e.Code, Message: e.Message, Detail: e.Detail, Hint: e.Hint}
	s.put(f, at)
}

// warn records a warning at a place of the statement.
func (s *script) warn(rule string, at int, format string, args ...any) {
	if s.in != nil {
		at = lex.Place(s.text, s.in.QueryPos.Offset(), at)
	}
	if !s.off[rule] {
		s.put(Finding{Rule: rule, Message: fmt.Sprintf(format, args...)}, at)
	}
}

func (s *script) put(f Finding, at int) {
	before := s.file.Text[:min(s.base+max(at, 0), len(s.file.Text))]
	f.File = s.file.Name
	f.Line = strings.Count(before, "\n") + 1
	f.Column = utf8.RuneCountInString(before[strings.LastIndexByte(before, '\n')+1:]) + 1
	s.out.Findings = append(s.out.Findings, f)
}
