package parse

import "github.com/redshiftsim/redshiftsim/engine/ast"

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
			return st, nil
		}
	}
}
