package diff

import (
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/redshiftsim/redshiftsim/engine/parse/lex"
)

// Statement is one statement of a suite.
type Statement struct {
	File string `json:"file"`
	Line int    `json:"line"` // of its first word, from 1
	SQL  string `json:"sql"`
}

// Group is a list of statements that run one after the other in a schema of their own: a .sql file, or what stands between two resets of a .test file.
type Group []Statement

// Suite is what there is to run.
type Suite struct {
	Groups  []Group
	Skipped int // blocks of .test files that run in another session, need a file, or show a plan
}

// Read collects the .sql and .test files of paths, folders with all below them, in the order of their names.
//
// A .test file is one of package sqltest's: blocks of a directive, SQL, a line of four dashes and the answer, which does not count here. The blocks exec,
// query, error and affected of the first session are run.
func Read(paths ...string) (*Suite, error) {
	s := &Suite{}
	for _, p := range paths {
		var files []string
		err := filepath.WalkDir(p, func(name string, e fs.DirEntry, err error) error {
			if err == nil && !e.IsDir() && (name == p || strings.HasSuffix(name, ".sql") || strings.HasSuffix(name, ".test")) {
				files = append(files, name)
			}
			return err
		})
		if err != nil {
			return nil, err
		}
		slices.Sort(files)
		for _, f := range files {
			b, err := os.ReadFile(f)
			if err != nil {
				return nil, err
			}
			name := filepath.Base(f)
			if f != p {
				if name, err = filepath.Rel(p, f); err != nil {
					return nil, err
				}
			}
			s.add(filepath.ToSlash(name), strings.TrimPrefix(string(b), "\ufeff"))
		}
	}
	if len(s.Groups) == 0 {
		return nil, fmt.Errorf("there is no statement in %s", strings.Join(paths, ", "))
	}
	return s, nil
}

// add reads a file.
func (s *Suite) add(name, text string) {
	if strings.HasSuffix(name, ".test") {
		s.blocks(name, text)
		return
	}
	s.group(split(name, 1, text))
}

func (s *Suite) group(g Group) {
	if len(g) > 0 {
		s.Groups = append(s.Groups, g)
	}
}

// blocks reads a .test file.
func (s *Suite) blocks(name, text string) {
	var g Group
	lines := strings.Split(text, "\n")
	for i := 0; i < len(lines); i++ {
		head := strings.TrimSpace(lines[i])
		if head == "" || strings.HasPrefix(head, "#") {
			continue
		}
		words := strings.Fields(head)
		from := i + 1
		for i++; i < len(lines) && lines[i] != "----"; i++ {
		}
		sql := strings.Join(lines[from:min(i, len(lines))], "\n")
		i = answer(lines, i+1)
		runs := slices.Contains([]string{"exec", "query", "error", "affected"}, words[0])
		switch {
		case words[0] == "reset":
			s.group(g)
			g = nil
		case !runs || slices.ContainsFunc(words, func(w string) bool { return strings.HasPrefix(w, "as=") }):
			s.Skipped++
		default:
			g = append(g, split(name, from+1, sql)...)
		}
	}
	s.group(g)
}

// answer goes to the end of a block's answer: an empty line, or a second line of dashes where the answer has empty lines and begins with one.
func answer(lines []string, i int) int {
	end := ""
	if i < len(lines) && lines[i] == "----" {
		i, end = i+1, "----"
	}
	for i < len(lines) && lines[i] != end {
		i++
	}
	if end != "" {
		i++
	}
	return i
}

// split cuts a text into its statements. What cannot be read as tokens is one statement: the databases shall say what they make of it.
func split(file string, line int, text string) (g Group) {
	toks, err := lex.Scan(text, lex.Options{})
	if err != nil {
		toks = []lex.Token{{Kind: lex.Word, End: len(text)}, {Kind: lex.EOF, Pos: len(text)}}
	}
	from := -1
	for i, t := range toks {
		end := t.Kind == lex.EOF || t.Kind == lex.Op && t.Text == ";"
		switch {
		case end && from >= 0:
			last := toks[i-1].End
			g = append(g, Statement{File: file, Line: line + strings.Count(text[:from], "\n"), SQL: strings.TrimSpace(text[from:last])})
			from = -1
		case !end && from < 0:
			from = t.Pos
		}
	}
	return g
}

// ordered says whether a statement says in which order its rows come: ORDER BY outside of parentheses, or a statement with an order of its own.
func ordered(sql string) bool {
	toks, err := lex.Scan(sql, lex.Options{})
	if err != nil {
		return false
	}
	if first := toks[0].Text; first == "show" || first == "fetch" || first == "explain" {
		return true
	}
	depth := 0
	for i, t := range toks[:len(toks)-1] {
		switch {
		case t.Kind == lex.Op && t.Text == "(":
			depth++
		case t.Kind == lex.Op && t.Text == ")":
			depth--
		case depth == 0 && t.Kind == lex.Word && t.Text == "order" && toks[i+1].Text == "by":
			return true
		}
	}
	return false
}

// changes says whether a statement tells how many rows it changed instead of giving rows.
func changes(sql string) bool {
	toks, err := lex.Scan(sql, lex.Options{})
	if err != nil {
		return false
	}
	switch toks[0].Text {
	case "insert", "update", "delete", "merge":
		return true
	}
	return false
}
