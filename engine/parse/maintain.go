package parse

import (
	"github.com/redshiftsim/redshiftsim/engine/ast"
	"github.com/redshiftsim/redshiftsim/engine/parse/lex"
	"github.com/redshiftsim/redshiftsim/internal/sqlstate"
)

// analyze parses ANALYZE.
// https://docs.aws.amazon.com/redshift/latest/dg/r_ANALYZE.html
func (p *parser) analyze() (ast.Statement, error) {
	p.I++
	if p.Words("compression") {
		return p.analyzeCompression()
	}
	st := &ast.Analyze{Verbose: p.Words("verbose")}
	if !p.done() && !p.Is("predicate") && !p.Is("all") {
		n, err := p.Name()
		if err != nil {
			return nil, err
		}
		st.Table = &n
		if p.IsOp("(") {
			if st.Columns, err = p.Columns(); err != nil {
				return nil, err
			}
		}
	}
	switch {
	case p.Words("predicate", "columns"):
		st.Which = "predicate columns"
	case p.Words("all", "columns"):
		st.Which = "all columns"
	}
	return st, nil
}

// analyzeCompression parses what follows ANALYZE COMPRESSION.
// https://docs.aws.amazon.com/redshift/latest/dg/r_ANALYZE_COMPRESSION.html
func (p *parser) analyzeCompression() (ast.Statement, error) {
	st := &ast.AnalyzeCompression{}
	if !p.done() && !p.Is("comprows") {
		n, err := p.Name()
		if err != nil {
			return nil, err
		}
		st.Table = &n
		if p.IsOp("(") {
			if st.Columns, err = p.Columns(); err != nil {
				return nil, err
			}
		}
	}
	if at := p.Tok().Pos; p.Words("comprows") {
		n, err := p.integer()
		if err != nil {
			return nil, err
		}
		switch {
		case st.Table == nil:
			return nil, sqlstate.Syntax.Errorf("COMPROWS needs a table name").At(at)
		case n < 1000 || n > 1_000_000_000:
			return nil, sqlstate.InvalidParameterValue.Errorf("COMPROWS must be between 1000 and 1000000000").At(at)
		}
		st.Rows = n
	}
	return st, nil
}

// vacuum parses VACUUM.
// https://docs.aws.amazon.com/redshift/latest/dg/r_VACUUM_command.html
func (p *parser) vacuum() (ast.Statement, error) {
	p.I++
	st := &ast.Vacuum{Percent: -1}
	switch {
	case p.Words("full"):
		st.Kind = "full"
	case p.Words("sort", "only"):
		st.Kind = "sort only"
	case p.Words("delete", "only"):
		st.Kind = "delete only"
	case p.Words("reindex"):
		st.Kind = "reindex"
	case p.Words("recluster"):
		st.Kind = "recluster"
	}
	if !p.done() && !p.Is("to") && !p.Is("boost") {
		n, err := p.Name()
		if err != nil {
			return nil, err
		}
		st.Table = &n
	}
	if p.Words("to") {
		n, err := p.integer()
		if err != nil {
			return nil, err
		}
		if n < 0 || n > 1<<20 {
			n = 1 << 20 // out of range, which the engine says
		}
		st.Percent = int(n)
		if err := p.Expect("percent"); err != nil {
			return nil, err
		}
	}
	st.Boost = p.Words("boost")
	return st, nil
}

// comment parses COMMENT ON.
// https://docs.aws.amazon.com/redshift/latest/dg/r_COMMENT.html
func (p *parser) comment() (ast.Statement, error) {
	p.I++
	if err := p.Expect("on"); err != nil {
		return nil, err
	}
	t := p.Tok()
	switch {
	case p.Words("table"), p.Words("column"), p.Words("view"), p.Words("schema"), p.Words("database"), p.Words("constraint"), p.Words("function"), p.Words("procedure"):
	default:
		return nil, p.Unexpected()
	}
	st := &ast.Comment{Kind: t.Text}
	var err error
	if st.Name, err = p.Name(); err != nil {
		return nil, err
	}
	if (st.Kind == "function" || st.Kind == "procedure") && p.IsOp("(") {
		st.HasArgs = true
		if st.Args, err = p.routineArgs(); err != nil {
			return nil, err
		}
	}
	if st.Kind == "constraint" {
		if err := p.Expect("on"); err != nil {
			return nil, err
		}
		n, err := p.Name()
		if err != nil {
			return nil, err
		}
		st.On = &n
	}
	if err := p.Expect("is"); err != nil {
		return nil, err
	}
	if p.Words("null") {
		return st, nil
	}
	s, err := p.text()
	st.Text = &s
	return st, err
}

// explain parses EXPLAIN [VERBOSE] statement.
// https://docs.aws.amazon.com/redshift/latest/dg/r_EXPLAIN.html
func (p *parser) explain() (ast.Statement, error) {
	p.I++
	if (p.Is("analyze") || p.Is("analyse")) && !p.doneAt(1) {
		return nil, p.Unsupported(p.Tok(), "EXPLAIN ANALYZE")
	}
	st := &ast.Explain{Verbose: p.Words("verbose")}
	if !p.planned() && !p.Is("create") && !p.Is("execute") {
		return nil, p.Unexpected()
	}
	var err error
	st.Stmt, err = p.whole(p.statement)
	return st, err
}

// doneAt says whether the statement ends n tokens on.
func (p *parser) doneAt(n int) bool {
	t := p.Ahead(n)
	return t.Kind == lex.EOF || t.Kind == lex.Op && t.Text == ";"
}
