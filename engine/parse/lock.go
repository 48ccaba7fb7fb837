package parse

import (
	"strings"

	"github.com/redshiftsim/redshiftsim/engine/ast"
)

// lock parses LOCK.
// https://docs.aws.amazon.com/redshift/latest/dg/r_LOCK.html
func (p *parser) lock() (ast.Statement, error) {
	p.I++
	p.Words("table")
	st := &ast.Lock{}
	for {
		n, err := p.Name()
		if err != nil {
			return nil, err
		}
		st.Tables = append(st.Tables, n)
		if !p.Op(",") {
			break
		}
	}
	if p.Words("in") {
		from := p.I
		switch {
		case p.Words("access", "share"), p.Words("access", "exclusive"), p.Words("row", "share"), p.Words("row", "exclusive"):
		case p.Words("share", "update", "exclusive"), p.Words("share", "row", "exclusive"), p.Words("share"), p.Words("exclusive"):
		default:
			return nil, p.Unexpected()
		}
		for i := from; i < p.I; i++ {
			st.Mode = strings.TrimSpace(st.Mode + " " + p.Toks[i].Text)
		}
		if err := p.Expect("mode"); err != nil {
			return nil, err
		}
	}
	st.NoWait = p.Words("nowait")
	return st, nil
}
