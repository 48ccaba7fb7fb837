package engine

import (
	"regexp"
	"slices"
	"strings"

	"github.com/redshiftsim/redshiftsim/engine/ast"
	"github.com/redshiftsim/redshiftsim/engine/catalog"
	"github.com/redshiftsim/redshiftsim/engine/principal"
	"github.com/redshiftsim/redshiftsim/internal/sqlstate"
)

// toConsumers says that a GRANT or REVOKE is of USAGE on a datashare, for another cluster.
func toConsumers(st *ast.Grant) bool {
	return st.On != nil && st.On.Kind == "datashare" && slices.ContainsFunc(st.To, func(p ast.Principal) bool { return p.Kind == "namespace" || p.Kind == "account" })
}

// uuid is the form of a namespace.
var uuid = regexp.MustCompile(`^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$`)

// accountNumber is the form of the number of an AWS account.
var accountNumber = regexp.MustCompile(`^[0-9]{12}$`)

// accountOf is an account's number as a cluster tells its own.
func accountOf(number string) string { return strings.TrimLeft(number, "0") }

// grantConsumer is GRANT and REVOKE USAGE ON DATASHARE. What is revoked consumers lose at once.
// https://docs.aws.amazon.com/redshift/latest/dg/r_GRANT.html#grant-datashare-syntax
func (s *Session) grantConsumer(st *ast.Grant) error {
	to := &st.To[0]
	switch {
	case len(st.To) > 1 || len(st.On.Names) > 1:
		return sqlstate.Syntax.Errorf("%s names one datashare and one consumer", ast.KindOf(st)).At(st.To[len(st.To)-1].Offset())
	case to.Catalog:
		return unsupported(st, ast.KindOf(st)+" ON DATASHARE VIA DATA CATALOG")
	case len(st.Privileges) != 1 || st.Privileges[0].Name != "USAGE":
		return sqlstate.InvalidGrant.Errorf("invalid privilege type %s for a consumer of a datashare", st.Privileges[0].Name).At(st.Privileges[0].Offset())
	case to.Option || st.OptionOnly:
		return sqlstate.InvalidGrant.Errorf("grant options can only be granted to individual users")
	}
	d, err := s.datashareNamed(st.On.Names[0].Object(), st.On.Names[0].Offset())
	if err != nil {
		return err
	}
	who := catalog.Consumer{Namespace: strings.ToLower(to.Name), Since: s.c.cfg.Clock()}
	if to.Kind == "account" {
		who.Namespace, who.Account = "", accountOf(to.Name)
	}
	switch {
	case !s.onDatashare(d, 0, principal.Share):
		return denied("permission denied for datashare %s", d.Name)
	case to.Kind == "account" && !accountNumber.MatchString(to.Name):
		return sqlstate.InvalidParameterValue.Errorf("invalid account \"%s\"", to.Name).At(to.Offset())
	case to.Kind == "namespace" && !uuid.MatchString(who.Namespace):
		return sqlstate.InvalidParameterValue.Errorf("invalid namespace \"%s\"", to.Name).At(to.Offset())
	case who.Namespace == s.c.namespace():
		return sqlstate.InvalidParameterValue.Errorf("datashare \"%s\" cannot be granted to the namespace that it is of", d.Name).
			WithHint("Databases of one cluster read each other by names of three parts.").At(to.Offset())
	case st.Revoke == !d.Grants(who.Namespace, who.Account): // nothing to revoke, or granted already
		return nil
	}
	n := *d
	n.Consumers = slices.DeleteFunc(slices.Clone(d.Consumers), func(c catalog.Consumer) bool { return c.Namespace == who.Namespace && c.Account == who.Account })
	if !st.Revoke {
		n.Consumers = append(n.Consumers, who)
	}
	s.tx.EditEntry(&n)
	return nil
}

// importedTargets finds the objects of a database that was made from a datashare which a GRANT names with its database, or in it; nil = the name says another place.
// https://docs.aws.amazon.com/redshift/latest/dg/r_GRANT.html#grant-datashare-syntax
func (s *Session) importedTargets(kind string, n ast.Name, r *ast.Routine) ([]target, error) {
	parts := 2
	if kind == "schema" || strings.HasSuffix(kind, " in schema") {
		parts = 1
	}
	db := s.db
	if len(n.Parts) > parts {
		db = s.tx.Catalog().DatabaseByName(n.Parts[len(n.Parts)-1-parts])
	} else if sch := s.catalog().Schema(n.Schema()); parts == 2 && sch != nil && sch.External != nil && sch.External.Kind == catalog.RemoteDatabase {
		db = s.tx.Catalog().DatabaseByName(sch.External.Database)
		n = ast.Name{Pos: n.Pos, Parts: []string{sch.External.Schema, n.Object()}}
		if r != nil {
			r = &ast.Routine{Name: n, Args: r.Args, HasArgs: r.HasArgs}
		}
	}
	if db == nil || db.Import == nil {
		return nil, nil
	}
	i, err := s.imported(db)
	switch {
	case err != nil:
		return nil, err
	case !db.Import.Permissions:
		return nil, sqlstate.FeatureNotSupported.Errorf("privileges on objects of database \"%s\" cannot be granted or revoked", db.Name).
			WithHint("USAGE ON DATABASE lets read all of it; CREATE DATABASE .. WITH PERMISSIONS makes one in which each object is granted.").At(n.Offset())
	case parts == 1:
		return importedSchema(i.catalog, kind, n)
	case kind == "table":
		o, err := i.catalog.Resolve(s.searchPath(), n.Schema(), n.Object())
		if err != nil {
			return nil, atOffset(err, n.Offset())
		}
		if _, ok := o.(*catalog.Virtual); ok {
			return nil, denied("permission denied: \"%s\" is a system catalog", n.Object())
		}
		return []target{importedObject(i.catalog, o)}, nil
	}
	f, err := functionIn(i.catalog, r)
	if err != nil {
		return nil, err
	}
	return []target{importedObject(i.catalog, f)}, nil
}

// importedObject is a relation or function that a datashare has brought, as the object of a GRANT.
func importedObject(c *catalog.Catalog, o any) target {
	t := target{owner: c.DatabaseOwner(c.DatabaseID()), in: c}
	schema := ""
	if f, ok := o.(*catalog.Function); ok {
		t.object, t.id, t.name, schema = f.Object(), f.ID, f.Word()+" "+f.Name, f.Schema
	} else {
		k := catalog.KeyOf(o)
		t.object, t.id, t.name, t.rel, schema = principal.Relation, catalog.IDOf(o), "relation "+k.Name, o, k.Schema
	}
	if sch := c.Schema(schema); sch != nil {
		t.schema = sch.ID
	}
	return t
}

// importedSchema finds a schema that a datashare has brought, or what is in it.
func importedSchema(c *catalog.Catalog, kind string, n ast.Name) (out []target, err error) {
	sch := c.Schema(n.Object())
	if sch == nil {
		return nil, sqlstate.InvalidSchemaName.Errorf("schema \"%s\" does not exist", n.Object()).At(n.Offset())
	}
	switch kind {
	case "schema":
		return []target{{object: principal.Schema, id: sch.ID, owner: c.DatabaseOwner(c.DatabaseID()), in: c, name: "schema " + sch.Name}}, nil
	case "tables in schema":
		for _, o := range c.InSchema(sch.Name) {
			out = append(out, importedObject(c, o))
		}
	case "functions in schema":
		for _, f := range c.AllFunctions() {
			if f.Schema == sch.Name {
				out = append(out, importedObject(c, f))
			}
		}
	}
	if out == nil {
		out = []target{}
	}
	return out, nil
}

// importedScope is the scope of GRANT .. FOR .. IN SCHEMA of a database that was made from a datashare.
// https://docs.aws.amazon.com/redshift/latest/dg/r_GRANT.html#grant-scoped-syntax
func (s *Session) importedScope(o principal.Object, in *ast.GrantScope, db *catalog.Database) ([]target, error) {
	list, err := s.importedTargets("schema", ast.Name{Pos: in.Pos, Parts: []string{db.Name, in.Schema}}, nil)
	for i := range list {
		list[i].object = o
	}
	return list, err
}

// functionIn finds a function of a catalog by name and arguments.
func functionIn(c *catalog.Catalog, r *ast.Routine) (*catalog.Function, error) {
	args, err := signatureTypes(r.Args, false)
	if err != nil {
		return nil, err
	}
	var sets []*catalog.Functions
	if set := c.Functions(r.Name.Schema(), r.Name.Object()); set != nil {
		sets = append(sets, set)
	}
	return chosen(sets, r, args, false)
}

// catalogOf is the catalog in which an object of a GRANT is.
func (s *Session) catalogOf(t *target) *catalog.Catalog {
	if t.in != nil {
		return t.in
	}
	return s.catalog()
}

// onShared refuses what cannot be granted on a database that was made from a datashare, or in it: without WITH PERMISSIONS all but USAGE on the database.
// https://docs.aws.amazon.com/redshift/latest/dg/writes-managing-permissions.html
func (s *Session) onShared(st *ast.Grant, t *target, want principal.Privilege) error {
	if t.db == nil || t.db.Import == nil {
		return nil
	}
	switch beyond := t.object != principal.Database || want&^principal.Usage != 0 && !all(st); {
	case beyond && !t.db.Import.Permissions:
		return sqlstate.FeatureNotSupported.Errorf("privileges on objects of database \"%s\" cannot be granted or revoked", t.db.Name)
	case t.object == principal.Database && want&principal.Temp != 0 && !all(st):
		return unsupported(st, ast.KindOf(st)+" TEMP on a database that was made from a datashare")
	}
	return nil
}
