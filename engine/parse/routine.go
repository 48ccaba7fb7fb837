package parse

import (
	"strings"

	"github.com/redshiftsim/redshiftsim/engine/ast"
	"github.com/redshiftsim/redshiftsim/engine/parse/bridge"
	"github.com/redshiftsim/redshiftsim/engine/parse/lex"
	"github.com/redshiftsim/redshiftsim/internal/sqlstate"
)

// createRoutine parses CREATE [OR REPLACE] [EXTERNAL] FUNCTION and PROCEDURE, behind these words.
// https://docs.aws.amazon.com/redshift/latest/dg/r_CREATE_PROCEDURE.html
// https://docs.aws.amazon.com/redshift/latest/dg/r_CREATE_FUNCTION.html
func (p *parser) createRoutine(st *ast.CreateRoutine) (ast.Statement, error) {
	var err error
	if st.Name, err = p.Name(); err != nil {
		return nil, err
	}
	if !p.IsOp("(") {
		return nil, p.Unexpected()
	}
	if st.Args, err = p.routineArgs(); err != nil {
		return nil, err
	}
	if !st.Procedure {
		if err := p.Expect("returns"); err != nil {
			return nil, err
		}
		if st.Returns, err = p.Type(); err != nil {
			return nil, err
		}
	}
	var body *lex.Token
	for !p.done() {
		if p.Words("as") {
			body = p.Tok()
			if st.Body, err = p.text(); err != nil {
				return nil, err
			}
			st.BodyPos = ast.Pos(bodyAt(p.Src, body))
			continue
		}
		if err := p.routineAttribute(st); err != nil {
			return nil, err
		}
	}
	switch {
	case st.External && body != nil:
		return nil, bridge.Near(p.Src, body)
	case st.External:
		return st, p.lambda(st)
	case body == nil:
		return nil, sqlstate.InvalidFunction.Errorf("no function body specified")
	case st.Language == "":
		return nil, sqlstate.InvalidFunction.Errorf("no language specified")
	}
	return st, p.body(st, body)
}

// bodyAt is where the text of a string token begins.
func bodyAt(src string, t *lex.Token) int {
	if t.Dollar {
		return t.Pos + strings.IndexByte(src[t.Pos+1:], '$') + 2
	}
	return t.Pos + strings.IndexByte(src[t.Pos:], '\'') + 1
}

// routineAttribute parses one attribute of a function or procedure.
func (p *parser) routineAttribute(st *ast.CreateRoutine) (err error) {
	t := p.Tok()
	switch {
	case !st.External && p.Words("language"):
		if l := p.Tok(); l.Kind == lex.String { // older texts say 'plpgsql'
			p.I++
			st.Language = strings.ToLower(l.Text)
			return nil
		}
		st.Language, err = p.Label()
	case st.Procedure && p.Words("nonatomic"):
		st.NonAtomic = true
	case st.Procedure && p.Words("security", "definer"):
		st.Definer = true
	case st.Procedure && p.Words("security", "invoker"):
		st.Definer = false
	case st.Procedure && p.Is("set"):
		at := p.Tok().Pos
		s, err := p.set()
		if err != nil {
			return err
		}
		set, ok := s.(*ast.Set)
		if !ok {
			return bridge.Near(p.Src, t)
		}
		ast.SetSpan(set, at, p.end())
		st.Set = append(st.Set, set)
	case !st.Procedure && (p.Words("volatile") || p.Words("stable") || p.Words("immutable")):
		st.Volatility = t.Text
	case st.External:
		var o ast.Option
		if o, err = p.lambdaOption(); err == nil {
			st.Options = append(st.Options, o)
		}
	default:
		err = p.Unexpected()
	}
	return err
}

// lambdaOption parses one option of an external function.
// https://docs.aws.amazon.com/redshift/latest/dg/r_CREATE_EXTERNAL_FUNCTION.html
func (p *parser) lambdaOption() (o ast.Option, err error) {
	t := p.Tok()
	o = ast.Option{Pos: ast.Pos(t.Pos), Name: upper(t.Text), HasVal: true}
	switch {
	case p.Words("lambda"), p.Words("sagemaker"):
		o.Value, err = p.text()
	case p.Words("iam_role"):
		err = p.optionValue(&o, role)
	case p.Words("retry_timeout"), p.Words("max_batch_rows"):
		err = p.optionValue(&o, count)
	case p.Words("max_batch_size"):
		if err = p.optionValue(&o, count); err == nil {
			if u := p.Tok(); p.Words("kb") || p.Words("mb") {
				o.Value += " " + upper(u.Text)
			}
		}
	default:
		err = p.Unexpected()
	}
	return o, err
}

// lambda checks that an external function says where it is.
func (p *parser) lambda(st *ast.CreateRoutine) error {
	for _, o := range st.Options {
		if o.Name == "LAMBDA" || o.Name == "SAGEMAKER" {
			return nil
		}
	}
	return p.Unexpected()
}

// body parses the body of a routine in its language. Errors are placed in the text of the statement.
func (p *parser) body(st *ast.CreateRoutine, t *lex.Token) error {
	if p.blocks > maxBlocks { // routines that make routines
		return p.TooDeep()
	}
	toks, err := lex.Scan(st.Body, p.opts)
	if st.Language != "plpgsql" && st.Language != "sql" {
		return nil // Python: only its interpreter reads it
	}
	if err == nil {
		in := &parser{P: bridge.New(st.Body, toks), opts: p.opts, blocks: p.blocks + maxBlocks/4}
		if st.Language == "sql" {
			st.Query, err = in.sqlBody()
		} else {
			st.Block, err = in.procedure()
		}
	}
	e, ok := err.(*sqlstate.Error)
	if !ok || e.Offset() < 0 {
		return err
	}
	// Escapes before the place move it: in quotes it may be a little off, but stays within them.
	return e.Shift(min(int(st.BodyPos), t.End-1-e.Offset()))
}

// sqlBody parses the body of a SQL function: one query.
func (p *parser) sqlBody() (*ast.Select, error) {
	q, _, err := p.inner()
	if err != nil {
		return nil, err
	}
	p.Op(";")
	if p.Tok().Kind != lex.EOF {
		return nil, p.Unexpected()
	}
	return q, nil
}

// dropRoutine parses DROP FUNCTION and DROP PROCEDURE, behind these words.
// https://docs.aws.amazon.com/redshift/latest/dg/r_DROP_PROCEDURE.html
func (p *parser) dropRoutine(procedure bool) (ast.Statement, error) {
	st := &ast.DropRoutine{Procedure: procedure, IfExists: p.Words("if", "exists")}
	for {
		r, err := p.routine()
		if err != nil {
			return nil, err
		}
		st.Routines = append(st.Routines, r)
		if !p.Op(",") {
			break
		}
	}
	if st.Cascade = p.Words("cascade"); !st.Cascade {
		p.Words("restrict")
	}
	return st, nil
}

// alterRoutine parses ALTER FUNCTION and ALTER PROCEDURE, behind these words.
// https://docs.aws.amazon.com/redshift/latest/dg/r_ALTER_PROCEDURE.html
func (p *parser) alterRoutine(procedure bool) (ast.Statement, error) {
	st := &ast.AlterRoutine{Procedure: procedure}
	var err error
	if st.Routine, err = p.routine(); err != nil {
		return nil, err
	}
	switch {
	case p.Words("rename", "to"):
		st.RenameTo, err = p.Ident()
	case p.Words("owner", "to"):
		t := p.Tok()
		if p.Words("current_user") || p.Words("session_user") {
			st.Owner = &ast.Principal{Pos: ast.Pos(t.Pos), Kind: t.Text}
			return st, nil
		}
		o, e := p.principal("user")
		st.Owner, err = &o, e
	default:
		err = p.Unexpected()
	}
	return st, err
}
