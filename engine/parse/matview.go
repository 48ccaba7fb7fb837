package parse

import (
	"strings"

	"github.com/redshiftsim/redshiftsim/engine/ast"
)

// join joins words by blanks; splitWords cuts them again.
func join(words []string) string { return strings.Join(words, " ") }

func splitWords(s string) []string { return strings.Fields(s) }

// createMaterializedView parses CREATE MATERIALIZED VIEW, behind these words.
// https://docs.aws.amazon.com/redshift/latest/dg/materialized-view-create-sql-command.html
func (p *parser) createMaterializedView() (ast.Statement, error) {
	st := &ast.CreateMaterializedView{}
	var err error
	if st.Name, err = p.Name(); err != nil {
		return nil, err
	}
	if st.Columns, err = p.viewColumns(); err != nil {
		return nil, err
	}
	if t := p.Tok(); p.Words("using", "iceberg") {
		return nil, p.Unsupported(t, "CREATE MATERIALIZED VIEW USING ICEBERG")
	}
	for {
		if err := p.tableAttributes(&st.Attributes); err != nil {
			return nil, err
		}
		if !p.Is("auto") {
			break
		}
		if st.AutoRefresh, err = p.autoRefresh(); err != nil {
			return nil, err
		}
	}
	if err := p.Expect("as"); err != nil {
		return nil, err
	}
	st.Query, st.Text, err = p.inner()
	return st, err
}

// autoRefresh parses AUTO REFRESH {YES | NO}.
func (p *parser) autoRefresh() (string, error) {
	p.I++
	if err := p.Expect("refresh"); err != nil {
		return "", err
	}
	t := p.Tok()
	if !p.Words("yes") && !p.Words("no") {
		return "", p.Unexpected()
	}
	return t.Text, nil
}

// alterMaterializedView parses ALTER MATERIALIZED VIEW: AUTO REFRESH, or an action that tables have too.
// https://docs.aws.amazon.com/redshift/latest/dg/r_ALTER_MATERIALIZED_VIEW.html
func (p *parser) alterMaterializedView() (ast.Statement, error) {
	start := p.I
	p.I += 3
	name, err := p.Name()
	if err != nil {
		return nil, err
	}
	if p.Is("auto") {
		yes, err := p.autoRefresh()
		return &ast.AlterMaterializedView{Name: name, AutoRefresh: yes}, err
	}
	if st, err := p.alterOther(name, true); st != nil || err != nil {
		return st, err
	}
	return p.actions(p.Toks[start].Pos, ast.AlterTable{Table: name, View: true})
}

// refresh parses REFRESH MATERIALIZED VIEW.
// https://docs.aws.amazon.com/redshift/latest/dg/materialized-view-refresh-sql-command.html
func (p *parser) refresh() (ast.Statement, error) {
	p.I++
	if !p.Words("materialized", "view") {
		return nil, p.Unexpected()
	}
	n, err := p.Name()
	if err != nil {
		return nil, err
	}
	st := &ast.RefreshMaterializedView{Name: n, Cascade: p.Words("cascade")}
	if !st.Cascade {
		p.Words("restrict")
	}
	return st, nil
}
