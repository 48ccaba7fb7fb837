package parse

import (
	"github.com/redshiftsim/redshiftsim/engine/ast"
	"github.com/redshiftsim/redshiftsim/engine/parse/lex"
	"github.com/redshiftsim/redshiftsim/engine/parse/lift"
)

// merge parses MERGE.
// https://docs.aws.amazon.com/redshift/latest/dg/r_MERGE.html
func (p *parser) merge() (ast.Statement, error) {
	p.I++
	if err := p.Expect("into"); err != nil {
		return nil, err
	}
	st := &ast.Merge{}
	var err error
	if st.Table, err = p.Name(); err != nil {
		return nil, err
	}
	if p.Words("as") || !p.Is("using") {
		if st.Alias, err = p.Ident(); err != nil {
			return nil, err
		}
	}
	if err := p.Expect("using"); err != nil {
		return nil, err
	}
	p.Begin()
	if err := p.Merge(); err != nil { // source ON condition
		return nil, err
	}
	q, err := lift.Query(p.Finish())
	if err != nil {
		return nil, err
	}
	st.Source, st.On = q.From[0], q.Where
	if p.Words("remove", "duplicates") {
		st.RemoveDuplicates = true
		return st, nil
	}
	for p.Is("when") {
		if err := p.when(st); err != nil {
			return nil, err
		}
	}
	if st.Matched == nil && st.NotMatched == nil {
		return nil, p.Unexpected()
	}
	return st, nil
}

// when parses WHEN [NOT] MATCHED THEN and what is done.
func (p *parser) when(st *ast.Merge) (err error) {
	a := &ast.MergeAction{Pos: ast.Pos(p.Tok().Pos)}
	p.I++
	at := p.I
	not := p.Words("not")
	if err := p.Expect("matched"); err != nil {
		return err
	}
	if not && st.NotMatched != nil || !not && st.Matched != nil { // one of each
		p.I = at
		return p.Unexpected()
	}
	if err := p.Expect("then"); err != nil {
		return err
	}
	switch {
	case !not && p.Words("update"):
		st.Matched, a.Kind = a, "update"
		a.Set, err = p.assignments()
	case !not && p.Words("delete"):
		st.Matched, a.Kind = a, "delete"
	case not && p.Words("insert"):
		st.NotMatched, a.Kind = a, "insert"
		if p.IsOp("(") {
			if a.Columns, err = p.Columns(); err != nil {
				return err
			}
		}
		if err := p.Expect("values"); err != nil {
			return err
		}
		a.Values, err = p.arguments()
	default:
		err = p.Unexpected()
	}
	return err
}

// assignments parses SET column = value, ..
func (p *parser) assignments() ([]ast.Assignment, error) {
	if err := p.Expect("set"); err != nil {
		return nil, err
	}
	var out []ast.Assignment
	for {
		c, err := p.Column()
		if err != nil {
			return nil, err
		}
		if err := p.ExpectOp("="); err != nil {
			return nil, err
		}
		v, _, err := p.scalar()
		if err != nil {
			return nil, err
		}
		out = append(out, ast.Assignment{Column: c, Value: v})
		if !p.Op(",") {
			return out, nil
		}
	}
}

// arguments parses (expression, ..), which may be empty; name => expression is a Named.
func (p *parser) arguments() ([]ast.Expr, error) {
	if err := p.ExpectOp("("); err != nil {
		return nil, err
	}
	var out []ast.Expr
	for !p.Op(")") {
		if len(out) > 0 {
			if err := p.ExpectOp(","); err != nil {
				return nil, err
			}
		}
		t, n := p.Tok(), p.Ahead(1)
		named := (t.Kind == lex.Word || t.Kind == lex.Quoted) && n.Kind == lex.Op && (n.Text == "=>" || n.Text == ":=")
		if named {
			p.I += 2
		}
		x, _, err := p.scalar()
		if err != nil {
			return nil, err
		}
		if named {
			x = &ast.Named{Pos: ast.Pos(t.Pos), Name: t.Text, X: x}
		}
		out = append(out, x)
	}
	return out, nil
}

// call parses CALL.
// https://docs.aws.amazon.com/redshift/latest/dg/r_CALL_procedure.html
func (p *parser) call() (ast.Statement, error) {
	p.I++
	st := &ast.Call{}
	var err error
	if st.Name, err = p.Name(); err != nil {
		return nil, err
	}
	st.Args, err = p.arguments()
	return st, err
}

// declareCursor parses DECLARE c CURSOR FOR query.
// https://docs.aws.amazon.com/redshift/latest/dg/declare.html
func (p *parser) declareCursor() (ast.Statement, error) {
	p.I++
	st := &ast.DeclareCursor{}
	var err error
	if st.Name, err = p.Column(); err != nil {
		return nil, err
	}
	options := func(list ...[]string) {
		for more := true; more; {
			more = false
			for _, w := range list {
				at := p.Tok().Pos
				if p.Words(w...) {
					st.Options = append(st.Options, ast.Option{Pos: ast.Pos(at), Name: upper(join(w))})
					more = true
				}
			}
		}
	}
	options([]string{"binary"}, []string{"insensitive"}, []string{"scroll"}, []string{"no", "scroll"})
	if err := p.Expect("cursor"); err != nil {
		return nil, err
	}
	options([]string{"with", "hold"}, []string{"without", "hold"})
	if err := p.Expect("for"); err != nil {
		return nil, err
	}
	st.Query, st.Text, err = p.inner()
	return st, err
}

// fetch parses FETCH [NEXT | ALL | FORWARD [n | ALL]] {FROM | IN} c.
// https://docs.aws.amazon.com/redshift/latest/dg/fetch.html
func (p *parser) fetch() (ast.Statement, error) {
	p.I++
	st := &ast.Fetch{Count: 1}
	var err error
	switch {
	case p.Words("next"):
	case p.Words("all"), p.Words("forward", "all"):
		st.All, st.Count = true, 0
	case p.Words("forward"):
		if p.Tok().Kind == lex.Number || p.IsOp("-") {
			if st.Count, err = p.integer(); err != nil {
				return nil, err
			}
		}
	case p.Is("backward"), p.Is("prior"), p.Is("first"), p.Is("last"), p.Is("absolute"), p.Is("relative"):
		return nil, p.Unsupported(p.Tok(), "FETCH "+upper(p.Tok().Text))
	}
	if !p.Words("from") {
		if err := p.Expect("in"); err != nil {
			return nil, err
		}
	}
	st.Cursor, err = p.Column()
	return st, err
}

// closeCursor parses CLOSE c.
// https://docs.aws.amazon.com/redshift/latest/dg/close.html
func (p *parser) closeCursor() (ast.Statement, error) {
	p.I++
	c, err := p.Column()
	return &ast.CloseCursor{Cursor: c}, err
}
