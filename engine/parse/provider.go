package parse

import (
	"github.com/redshiftsim/redshiftsim/engine/ast"
	"github.com/redshiftsim/redshiftsim/engine/parse/lex"
)

// identityProvider parses CREATE, ALTER, DROP and DESC IDENTITY PROVIDER, at the provider's name.
// https://docs.aws.amazon.com/redshift/latest/dg/r_CREATE_IDENTITY_PROVIDER.html
// https://docs.aws.amazon.com/redshift/latest/dg/r_ALTER_IDENTITY_PROVIDER.html
// https://docs.aws.amazon.com/redshift/latest/dg/r_DROP_IDENTITY_PROVIDER.html
// https://docs.aws.amazon.com/redshift/latest/dg/r_DESC_IDENTITY_PROVIDER.html
func (p *parser) identityProvider(action string) (ast.Statement, error) {
	st := &ast.IdentityProvider{Action: action}
	var err error
	if st.Name, err = p.Column(); err != nil {
		return nil, err
	}
	switch action {
	case "desc":
		return st, nil
	case "drop":
		st.Cascade = p.Words("cascade")
		return st, nil
	case "create":
		if err := p.Expect("type"); err != nil {
			return nil, err
		}
		if st.Type, err = p.Column(); err != nil {
			return nil, err
		}
		if !p.Is("namespace") {
			return nil, p.Unexpected()
		}
	}
	for first := true; first || !p.done(); first = false {
		o, err := p.providerOption(action == "alter")
		if err != nil {
			return nil, err
		}
		st.Options = append(st.Options, o)
	}
	return st, nil
}

// providerOption parses one option of an identity provider.
func (p *parser) providerOption(alter bool) (o ast.Option, err error) {
	t := p.Tok()
	o.Pos, o.HasVal = ast.Pos(t.Pos), true
	switch {
	case p.Words("namespace"), p.Words("parameters"), !alter && p.Words("application_arn"):
		o.Name = upper(t.Text)
		o.Value, err = p.text()
	case p.Words("iam_role"):
		o.Name = "IAM_ROLE"
		err = p.optionValue(&o, role)
	case alter && (p.Words("enable") || p.Words("disable")):
		o.Name, o.HasVal = upper(t.Text), false
	case p.Words("auto_create_roles"):
		o.Name = "AUTO_CREATE_ROLES"
		err = p.autoCreateRoles()
	default:
		err = p.Unexpected()
	}
	return o, err
}

// autoCreateRoles reads [TRUE [{INCLUDE | EXCLUDE} GROUPS LIKE pattern] | FALSE].
func (p *parser) autoCreateRoles() error {
	if p.Words("false") || !p.Words("true") {
		return nil
	}
	if !p.Words("include") && !p.Words("exclude") {
		return nil
	}
	if !p.Words("groups", "like") || p.Tok().Kind != lex.String {
		return p.Unexpected()
	}
	p.I++
	return nil
}
