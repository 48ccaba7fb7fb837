package parse

import (
	"slices"
	"strings"

	"github.com/redshiftsim/redshiftsim/engine/ast"
)

// leading are the statements of Redshift that are known by their leading words alone: the rest is kept as text.
// https://docs.aws.amazon.com/redshift/latest/dg/c_SQL_commands.html
var leading = []string{
	"create external model",
	"create integration", "create library", "create model",
	"create or replace library", "create or replace masking policy",
	"create or replace model", "create protected view",
	"drop external database", "drop external schema", "drop external table",
	"drop integration", "drop library", "drop model",
	"alter external table",
	"alter integration", "alter model",
	"alter view",
	"show identity provider", "show policies", "show roles", "show users",
}

// foreign are statements of PostgreSQL that Redshift has not: they are known by their leading words, so that the refusal names them.
// https://docs.aws.amazon.com/redshift/latest/dg/c_redshift-and-postgres-sql.html
var foreign = []string{
	"create aggregate", "create cast", "create collation", "create constraint trigger", "create conversion", "create domain", "create event trigger",
	"create extension", "create foreign table", "create index", "create language", "create operator", "create or replace language",
	"create or replace rule", "create or replace temp view", "create or replace temporary view", "create policy", "create publication", "create rule",
	"create sequence", "create server", "create statistics", "create subscription", "create tablespace", "create temp sequence", "create temp view",
	"create temporary sequence", "create temporary view", "create text search", "create trigger", "create type", "create unique index",
	"drop aggregate", "drop cast", "drop conversion", "drop domain", "drop event trigger", "drop extension", "drop index", "drop language",
	"drop operator", "drop owned", "drop policy", "drop rule", "drop sequence", "drop tablespace", "drop trigger", "drop type",
	"alter aggregate", "alter domain", "alter extension", "alter index", "alter language", "alter policy", "alter sequence", "alter trigger",
	"alter type",
	"checkpoint",
	"cluster",
	"do",
	"listen",
	"load",
	"move",
	"notify",
	"reindex",
	"release",
	"savepoint",
	"unlisten",
	"security label",
	"discard",
	"import foreign schema",
	"reassign owned",
}

// Leading lists the statements, upper case and sorted, that are recognised by their leading words alone: an ast.Other of that Kind. Those of own are
// Redshift's and not built; those of others are PostgreSQL's, which Redshift refuses.
func Leading() (own, others []string) {
	for _, s := range leading {
		own = append(own, upper(s))
	}
	for _, s := range foreign {
		others = append(others, upper(s))
	}
	slices.Sort(own)
	slices.Sort(others)
	return own, others
}

// lead is one entry of leading or foreign, cut into words.
type lead struct {
	words   []string
	foreign bool
}

// leads holds both lists by their first word, longer entries before shorter ones.
var leads = func() map[string][]lead {
	m := map[string][]lead{}
	for i, list := range [][]string{leading, foreign} {
		for _, s := range list {
			w := strings.Fields(s)
			m[w[0]] = append(m[w[0]], lead{w, i == 1})
		}
	}
	for _, list := range m {
		slices.SortStableFunc(list, func(a, b lead) int { return len(b.words) - len(a.words) })
	}
	return m
}()

// showWords are the words after SHOW that begin another statement than SHOW of a parameter.
var showWords = func() map[string]bool {
	m := map[string]bool{}
	for _, l := range leads["show"] {
		m[l.words[1]] = true
	}
	return m
}()

// other recognises a statement by its leading words. Where they lead nowhere, the error is at the first that does not fit.
func (p *parser) other() (ast.Statement, error) {
	if st, err := p.policy(); st != nil || err != nil {
		return st, err
	}
	list := leads[p.Tok().Text]
	if list == nil {
		return nil, p.Unexpected()
	}
	furthest := 0
	for _, l := range list {
		n := 0
		for n < len(l.words) && p.IsAt(n, l.words[n]) {
			n++
		}
		if n == len(l.words) {
			return p.rest(upper(strings.Join(l.words, " ")), l.foreign)
		}
		furthest = max(furthest, n)
	}
	p.I += furthest
	return nil, p.Unexpected()
}

// rest takes all of the statement as one of a kind that is known by name only.
func (p *parser) rest(kind string, foreign bool) (ast.Statement, error) {
	from := p.Tok().Pos
	for p.I++; !p.done(); p.I++ {
	}
	return &ast.Other{Kind: kind, Text: strings.Clone(p.Src[from:p.end()]), Foreign: foreign}, nil
}
