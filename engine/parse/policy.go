package parse

import (
	"strconv"

	"github.com/redshiftsim/redshiftsim/engine/ast"
	"github.com/redshiftsim/redshiftsim/engine/parse/lex"
)

// policy parses a statement about RLS or masking policies; nil when it is another.
func (p *parser) policy() (ast.Statement, error) {
	masking := p.IsAt(1, "masking")
	if !masking && !p.IsAt(1, "rls") {
		return nil, nil
	}
	verb := p.Tok().Text
	switch verb {
	case "create", "alter", "drop", "attach", "detach":
	default:
		return nil, nil
	}
	p.I += 2
	if err := p.Expect("policy"); err != nil {
		return nil, err
	}
	switch verb {
	case "create":
		return p.createPolicy(&ast.Policy{Action: verb, Masking: masking})
	case "alter":
		return p.alterPolicy(&ast.Policy{Action: verb, Masking: masking})
	case "drop":
		return p.dropPolicy(&ast.Policy{Action: verb, Masking: masking})
	}
	st := &ast.AttachPolicy{Detach: verb == "detach", Masking: masking}
	if masking {
		return p.attachMasking(st)
	}
	return p.attachRLS(st)
}

// createPolicy parses CREATE RLS POLICY and CREATE MASKING POLICY, behind these words.
// https://docs.aws.amazon.com/redshift/latest/dg/r_CREATE_RLS_POLICY.html
// https://docs.aws.amazon.com/redshift/latest/dg/r_CREATE_MASKING_POLICY.html
func (p *parser) createPolicy(st *ast.Policy) (ast.Statement, error) {
	var err error
	if st.Masking {
		st.IfNotExists = p.ifNotExists()
	}
	if st.Name, err = p.Name(); err != nil {
		return nil, err
	}
	if st.Masking && !st.IfNotExists { // the guide has it behind the name
		st.IfNotExists = p.ifNotExists()
	}
	switch {
	case p.Words("with"):
		if st.Columns, err = p.policyColumns(); err != nil {
			return nil, err
		}
		if !st.Masking && (p.Words("as") || !p.Is("using")) {
			if st.Alias, err = p.Ident(); err != nil {
				return nil, err
			}
		}
	case st.Masking:
		return nil, p.Unexpected()
	}
	return st, p.policyUsing(st)
}

// policyColumns parses (name type, ..).
func (p *parser) policyColumns() ([]ast.ColumnDef, error) {
	if err := p.ExpectOp("("); err != nil {
		return nil, err
	}
	var out []ast.ColumnDef
	for {
		var c ast.ColumnDef
		var err error
		if c.Name, c.Pos, err = p.ident(); err != nil {
			return nil, err
		}
		if c.Type, err = p.Type(); err != nil {
			return nil, err
		}
		out = append(out, c)
		if !p.Op(",") {
			return out, p.ExpectOp(")")
		}
	}
}

// policyUsing parses USING ( expression ), of a masking policy a list of them.
func (p *parser) policyUsing(st *ast.Policy) error {
	if err := p.Expect("using"); err != nil {
		return err
	}
	if err := p.ExpectOp("("); err != nil {
		return err
	}
	from := p.Tok().Pos
	for {
		x, _, err := p.scalar()
		if err != nil {
			return err
		}
		st.Using = append(st.Using, x)
		if !st.Masking || !p.Op(",") {
			break
		}
	}
	st.Text = p.Src[from:p.end()]
	return p.ExpectOp(")")
}

// alterPolicy parses ALTER RLS POLICY and ALTER MASKING POLICY, behind these words.
// https://docs.aws.amazon.com/redshift/latest/dg/r_ALTER_RLS_POLICY.html
// https://docs.aws.amazon.com/redshift/latest/dg/r_ALTER_MASKING_POLICY.html
func (p *parser) alterPolicy(st *ast.Policy) (ast.Statement, error) {
	var err error
	if st.Name, err = p.Name(); err != nil {
		return nil, err
	}
	return st, p.policyUsing(st)
}

// dropPolicy parses DROP RLS POLICY and DROP MASKING POLICY, behind these words.
// https://docs.aws.amazon.com/redshift/latest/dg/r_DROP_RLS_POLICY.html
// https://docs.aws.amazon.com/redshift/latest/dg/r_DROP_MASKING_POLICY.html
func (p *parser) dropPolicy(st *ast.Policy) (ast.Statement, error) {
	var err error
	st.IfExists = !st.Masking && p.Words("if", "exists")
	if st.Name, err = p.Name(); err != nil || st.Masking {
		return st, err
	}
	if st.Cascade = p.Words("cascade"); !st.Cascade {
		p.Words("restrict")
	}
	return st, nil
}

// attachRLS parses ATTACH and DETACH RLS POLICY, behind these words.
// https://docs.aws.amazon.com/redshift/latest/dg/r_ATTACH_RLS_POLICY.html
// https://docs.aws.amazon.com/redshift/latest/dg/r_DETACH_RLS_POLICY.html
func (p *parser) attachRLS(st *ast.AttachPolicy) (ast.Statement, error) {
	var err error
	if st.Policy, err = p.Name(); err != nil {
		return nil, err
	}
	if err := p.Expect("on"); err != nil {
		return nil, err
	}
	p.Words("table")
	for {
		n, err := p.Name()
		if err != nil {
			return nil, err
		}
		if st.Tables = append(st.Tables, n); !p.Op(",") {
			break
		}
	}
	return st, p.attachedTo(st)
}

// attachMasking parses ATTACH and DETACH MASKING POLICY, behind these words.
// https://docs.aws.amazon.com/redshift/latest/dg/r_ATTACH_MASKING_POLICY.html
// https://docs.aws.amazon.com/redshift/latest/dg/r_DETACH_MASKING_POLICY.html
func (p *parser) attachMasking(st *ast.AttachPolicy) (ast.Statement, error) {
	var err error
	if st.Policy, err = p.Name(); err != nil {
		return nil, err
	}
	if err := p.Expect("on"); err != nil {
		return nil, err
	}
	n, err := p.Name()
	if err != nil {
		return nil, err
	}
	st.Tables = []ast.Name{n}
	if st.Outputs, err = p.maskedPaths(); err != nil {
		return nil, err
	}
	if !st.Detach && p.Words("using") {
		if st.Inputs, err = p.maskedPaths(); err != nil {
			return nil, err
		}
	}
	if err := p.attachedTo(st); err != nil || st.Detach || !p.Words("priority") {
		return st, err
	}
	t := p.Tok()
	v, err := strconv.ParseInt(t.Text, 10, 32)
	if t.Kind != lex.Number || err != nil {
		return nil, p.Unexpected()
	}
	p.I++
	st.Priority = v
	return st, nil
}

// maskedPaths parses (column, ..), where a column may be a path in a SUPER.
func (p *parser) maskedPaths() ([]ast.Name, error) {
	if err := p.ExpectOp("("); err != nil {
		return nil, err
	}
	var out []ast.Name
	for {
		n, err := p.Name()
		if err != nil {
			return nil, err
		}
		if w := p.WrittenParts(n.Parts); w != nil { // of attributes, not of the column
			n.Parts = append(n.Parts[:1:1], w[1:]...)
		}
		if out = append(out, n); !p.Op(",") {
			return out, p.ExpectOp(")")
		}
	}
}

// attachedTo parses TO or FROM with users, roles and PUBLIC.
func (p *parser) attachedTo(st *ast.AttachPolicy) error {
	word := "to"
	if st.Detach {
		word = "from"
	}
	if err := p.Expect(word); err != nil {
		return err
	}
	for {
		u, err := p.grantee()
		if err != nil {
			return err
		}
		if u.Kind != "user" && u.Kind != "role" && u.Kind != "public" {
			p.I--
			return p.Unexpected()
		}
		if st.To = append(st.To, u); !p.Op(",") {
			return nil
		}
	}
}
