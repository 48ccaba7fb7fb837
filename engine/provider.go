package engine

import (
	"encoding/json"
	"strings"

	"github.com/redshiftsim/redshiftsim/engine/ast"
	"github.com/redshiftsim/redshiftsim/engine/catalog"
	"github.com/redshiftsim/redshiftsim/engine/principal"
	"github.com/redshiftsim/redshiftsim/internal/sqlstate"
	"github.com/redshiftsim/redshiftsim/internal/types"
)

// identityProvider is CREATE, ALTER, DROP and DESC IDENTITY PROVIDER: what superusers may. A provider gives a namespace for users and roles; nobody logs in by it.
// See decision 144.
// https://docs.aws.amazon.com/redshift/latest/dg/r_CREATE_IDENTITY_PROVIDER.html
func (s *Session) identityProvider(c *call, st *ast.IdentityProvider) (*rowset, error) {
	s.tx.Refresh()
	if !s.user.Superuser {
		return nil, denied("must be superuser to %s identity providers", strings.Replace(st.Action, "desc", "describe", 1))
	}
	p := s.catalog().IdentityProvider(st.Name.Name)
	switch {
	case st.Action == "create" && p != nil:
		return nil, sqlstate.DuplicateObject.Errorf("identity provider \"%s\" already exists", p.Name).At(st.Name.Offset())
	case st.Action == "create":
		return nil, s.createProvider(st)
	case p == nil:
		return nil, sqlstate.UndefinedObject.Errorf("identity provider \"%s\" does not exist", st.Name.Name).At(st.Name.Offset())
	case st.Action == "alter":
		return nil, s.alterProvider(st, p)
	case st.Action == "drop":
		return nil, s.dropProvider(c, st, p)
	}
	return s.listed(c, s.systemEnv().DescIdentityProvider(p)), nil
}

// createProvider is CREATE IDENTITY PROVIDER.
func (s *Session) createProvider(st *ast.IdentityProvider) error {
	p := &principal.IdentityProvider{ID: int(s.c.newID()), Name: st.Name.Name, Type: strings.ToLower(st.Type.Name)}
	if p.Type != "azure" && p.Type != "awsidc" {
		return sqlstate.InvalidParameterValue.Errorf("invalid identity provider type \"%s\"", st.Type.Name).WithHint("The types are AZURE and AWSIDC.").At(st.Type.Offset())
	}
	if err := s.providerOptions(st, p); err != nil {
		return err
	}
	switch {
	case p.Type == "azure" && p.Params == "":
		return sqlstate.InvalidParameterValue.Errorf("an identity provider of type azure needs PARAMETERS").At(st.Type.Offset())
	case p.Type == "awsidc" && (p.ARN == "" || p.IAMRole == ""):
		return sqlstate.InvalidParameterValue.Errorf("an identity provider of type awsidc needs APPLICATION_ARN and IAM_ROLE").At(st.Type.Offset())
	}
	s.tx.EditEntry(p)
	return nil
}

// alterProvider is ALTER IDENTITY PROVIDER.
// https://docs.aws.amazon.com/redshift/latest/dg/r_ALTER_IDENTITY_PROVIDER.html
func (s *Session) alterProvider(st *ast.IdentityProvider, old *principal.IdentityProvider) error {
	p := *old
	if err := s.providerOptions(st, &p); err != nil {
		return err
	}
	if users, roles := s.providedBy(old); !strings.EqualFold(p.Namespace, old.Namespace) && len(users)+len(roles) > 0 {
		return sqlstate.DependentObjects.Errorf("cannot change the namespace of identity provider \"%s\" because it has users or roles", p.Name)
	}
	s.tx.EditEntry(&p)
	return nil
}

// dropProvider is DROP IDENTITY PROVIDER: CASCADE drops its users and roles, which otherwise stay.
// https://docs.aws.amazon.com/redshift/latest/dg/r_DROP_IDENTITY_PROVIDER.html
func (s *Session) dropProvider(c *call, st *ast.IdentityProvider, p *principal.IdentityProvider) error {
	if st.Cascade {
		users, roles := s.providedBy(p)
		for _, u := range users {
			if err := s.dropUser(c, u, false); err != nil {
				return err
			}
		}
		for _, r := range roles {
			if err := s.dropRole(r, false, true); err != nil {
				return err
			}
		}
	}
	s.tx.RemoveEntry(catalog.EntryKey(p))
	return nil
}

// providerOptions applies options to an identity provider.
func (s *Session) providerOptions(st *ast.IdentityProvider, p *principal.IdentityProvider) error {
	if err := once(st.Options); err != nil {
		return err
	}
	for i := range st.Options {
		o := &st.Options[i]
		var err error
		switch o.Name {
		case "NAMESPACE":
			err = s.namespaceFree(p, o.Value)
			p.Namespace = o.Value
		case "PARAMETERS":
			p.Params = o.Value
			if !json.Valid([]byte(p.Params)) || !strings.HasPrefix(strings.TrimSpace(p.Params), "{") {
				err = sqlstate.InvalidParameterValue.Errorf("the parameters of an identity provider must be a JSON object")
			}
		case "APPLICATION_ARN":
			p.ARN, err = o.Value, ofIdentityCenter(p, o)
		case "IAM_ROLE":
			p.IAMRole, err = o.Value, ofIdentityCenter(p, o)
		case "ENABLE", "DISABLE":
			p.Disabled = o.Name == "DISABLE"
		default:
			return sqlstate.Unbuilt(ast.KindOf(st), ast.KindOf(st)+" "+o.Name).At(o.Offset())
		}
		if err != nil {
			return atOffset(err, o.Offset())
		}
	}
	return nil
}

// ofIdentityCenter refuses what is for AWS IAM Identity Center alone.
func ofIdentityCenter(p *principal.IdentityProvider, o *ast.Option) error {
	if p.Type == "awsidc" {
		return nil
	}
	return sqlstate.InvalidParameterValue.Errorf("%s is for identity providers of type awsidc", o.Name)
}

// namespaceFree refuses a namespace that is reserved, or another provider's.
func (s *Session) namespaceFree(p *principal.IdentityProvider, namespace string) error {
	switch n := strings.ToLower(namespace); {
	case n == "sys" || n == "ds":
		return sqlstate.ReservedName.Errorf("namespace \"%s\" is reserved", namespace)
	case n == "" || strings.Contains(n, ":"):
		return sqlstate.InvalidParameterValue.Errorf("invalid namespace \"%s\"", namespace)
	}
	for _, o := range s.catalog().IdentityProviders() {
		if o.ID != p.ID && strings.EqualFold(o.Namespace, namespace) {
			return sqlstate.DuplicateObject.Errorf("namespace \"%s\" is that of identity provider \"%s\"", namespace, o.Name)
		}
	}
	return nil
}

// providerOf finds the identity provider to whose namespace a name belongs, nil when there is none.
func (s *Session) providerOf(name string) *principal.IdentityProvider {
	return providerOf(s.catalog(), name)
}

func providerOf(c *catalog.Catalog, name string) *principal.IdentityProvider {
	if !strings.Contains(name, ":") {
		return nil
	}
	for _, p := range c.IdentityProviders() {
		if p.Owns(name) {
			return p
		}
	}
	return nil
}

// sessionRoles is PG_GET_SESSION_ROLES: the groups that an identity provider gave the session. Nobody logs in by one, so there are none.
// https://docs.aws.amazon.com/redshift/latest/dg/PG_GET_SESSION_ROLES.html
func sessionRoles() *catalog.Virtual {
	return &catalog.Virtual{
		Schema: catalog.PgCatalog, Name: "pg_get_session_roles", Leader: true,
		Columns: []catalog.Column{{Name: "name", Type: types.TName}, {Name: "roleid", Type: types.TInt4}},
		Rows:    func(any, func([]types.Datum) bool) error { return nil },
	}
}

// providedBy lists the users and roles of a provider's namespace.
func (s *Session) providedBy(p *principal.IdentityProvider) (users, roles []string) {
	for _, u := range s.catalog().Users() {
		if p.Owns(u.Name) {
			users = append(users, u.Name)
		}
	}
	for _, r := range s.catalog().Roles() {
		if p.Owns(r.Name) {
			roles = append(roles, r.Name)
		}
	}
	return users, roles
}
