package engine

import (
	"strings"

	"github.com/redshiftsim/redshiftsim/engine/ast"
	"github.com/redshiftsim/redshiftsim/engine/catalog"
	"github.com/redshiftsim/redshiftsim/engine/principal"
	"github.com/redshiftsim/redshiftsim/internal/sqlstate"
)

// maxChain is how many roles a chain may have.
// https://docs.aws.amazon.com/redshift/latest/dg/r_CREATE_EXTERNAL_SCHEMA.html
const maxChain = 10

// createExternalSchema is CREATE EXTERNAL SCHEMA FROM DATA CATALOG.
// https://docs.aws.amazon.com/redshift/latest/dg/r_CREATE_EXTERNAL_SCHEMA.html
func (s *Session) createExternalSchema(st *ast.CreateExternalSchema) error {
	if st.From != "data catalog" && st.From != "redshift" {
		return unsupported(st, "CREATE EXTERNAL SCHEMA FROM "+upper(st.From))
	}
	s.tx.Refresh()
	cat := s.tx.Catalog()
	name := st.Name.Name
	if cat.Schema(name) != nil {
		if st.IfNotExists {
			s.tell("INFO", sqlstate.DuplicateSchema, "Schema \"%s\" already exists and will be skipped", name)
			return nil
		}
		return sqlstate.DuplicateSchema.Errorf("schema \"%s\" already exists", name).At(st.Name.Offset())
	}
	if err := schemaName(name, st.Name.Offset()); err != nil {
		return err
	}
	if !s.onDatabase(principal.Create) && !s.system(principal.CreateSchema) {
		return denied("permission denied for database %s", s.db.Name)
	}
	if st.From == "redshift" {
		x, err := s.externalRedshift(st)
		if err != nil {
			return err
		}
		s.tx.EditSchema(&catalog.Schema{ID: s.c.newID(), Name: name, Owner: s.user.ID, External: x})
		return nil
	}
	x := &catalog.ExternalSchema{Kind: catalog.DataCatalog}
	makes, err := externalOptions(x, st.Options, "CREATE EXTERNAL SCHEMA")
	if err != nil {
		return err
	}
	switch {
	case x.Database == "":
		return sqlstate.Syntax.Errorf("CREATE EXTERNAL SCHEMA FROM DATA CATALOG needs DATABASE")
	case x.Role == "":
		return sqlstate.Syntax.Errorf("CREATE EXTERNAL SCHEMA FROM DATA CATALOG needs IAM_ROLE")
	}
	switch known := cat.ExternalDatabase(x.Database) != nil; {
	case known && makes:
		s.tell("INFO", sqlstate.DuplicateDatabase, "External database \"%s\" already exists and will be skipped", x.Database)
	case makes:
		s.tx.EditEntry(&catalog.ExternalDatabase{ID: s.c.newID(), Name: x.Database, Created: s.c.cfg.Clock()})
	case !known:
		return sqlstate.InvalidCatalogName.Errorf("External database \"%s\" does not exist", x.Database).
			WithHint("CREATE EXTERNAL DATABASE IF NOT EXISTS at the end of the statement creates it.")
	}
	s.tx.EditSchema(&catalog.Schema{ID: s.c.newID(), Name: name, Owner: s.user.ID, External: x})
	return nil
}

// externalOptions reads the options of a schema of a data catalog; makes = CREATE EXTERNAL DATABASE was said.
func externalOptions(x *catalog.ExternalSchema, options []ast.Option, what string) (makes bool, err error) {
	seen := map[string]string{}
	for i := range options {
		a := &options[i]
		if _, twice := seen[a.Name]; twice {
			return false, sqlstate.Syntax.Errorf("conflicting or redundant options").WithDetail("%s is given twice.", a.Name).At(a.Offset())
		}
		seen[a.Name] = a.Value
		switch {
		case a.Name == "DATABASE" && what != "ALTER EXTERNAL SCHEMA":
			x.Database = strings.ToLower(a.Value)
			continue
		case a.Name == "CREATE EXTERNAL DATABASE" && what != "ALTER EXTERNAL SCHEMA":
			makes = true
			continue
		case a.Name == "IAM_ROLE":
			err = chained(a)
			x.Role = a.Value
		case a.Name == "CATALOG_ROLE" && what != "ALTER EXTERNAL SCHEMA":
			err = chained(a)
		case a.Name == "REGION" && what != "ALTER EXTERNAL SCHEMA":
			err = region(a)
		case a.Name == "CATALOG_ID" && what != "ALTER EXTERNAL SCHEMA":
		default:
			err = sqlstate.Syntax.Errorf("%s FROM DATA CATALOG does not have the option %s", what, a.Name).At(a.Offset())
		}
		if err != nil {
			return false, err
		}
		x.Options = withOption(x.Options, catalog.Property{Name: a.Name, Value: a.Value})
	}
	if _, ok := seen["CATALOG_ID"]; ok && !strings.EqualFold(seen["CATALOG_ROLE"], "session") && !strings.EqualFold(x.Role, "session") {
		return false, sqlstate.Syntax.Errorf("CATALOG_ID needs CATALOG_ROLE 'SESSION' or IAM_ROLE 'SESSION'")
	}
	return makes, nil
}

// withOption puts an option into the place of the one that has its name.
func withOption(list []catalog.Property, p catalog.Property) []catalog.Property {
	out := append([]catalog.Property(nil), list...)
	for i := range out {
		if out[i].Name == p.Name {
			out[i] = p
			return out
		}
	}
	return append(out, p)
}

// chained checks a role, or a chain of up to ten without blanks between them.
// https://docs.aws.amazon.com/redshift/latest/dg/r_CREATE_EXTERNAL_SCHEMA.html
func chained(a *ast.Option) error {
	switch {
	case strings.Contains(a.Value, ","+" ") || strings.Contains(a.Value, " ,"):
		return sqlstate.Internal.Errorf("Invalid IAM role ARN '%s'", a.Value).WithHint("A chain of roles has no blanks.").At(a.Offset())
	case strings.Count(a.Value, ",") >= maxChain:
		return sqlstate.Internal.Errorf("Invalid IAM role ARN '%s'", a.Value).WithHint("A chain has up to %d roles.", maxChain).At(a.Offset())
	}
	return (&access{}).role(a)
}

// alterExternalSchema is ALTER EXTERNAL SCHEMA.
// https://docs.aws.amazon.com/redshift/latest/dg/r_ALTER_EXTERNAL_SCHEMA.html
func (s *Session) alterExternalSchema(st *ast.AlterExternalSchema) error {
	s.tx.Refresh()
	old := s.tx.Catalog().Schema(st.Name.Name)
	switch {
	case old == nil:
		return sqlstate.InvalidSchemaName.Errorf("schema \"%s\" does not exist", st.Name.Name).At(st.Name.Offset())
	case old.External == nil:
		return notExternal(st.Name.Name).At(st.Name.Offset())
	case old.External.Kind != catalog.DataCatalog:
		return unsupported(st, "ALTER EXTERNAL SCHEMA of a schema FROM REDSHIFT")
	case s.user.ID != old.Owner && !s.may(principal.Schema, old.ID, 0, old.Owner, principal.Alter):
		return denied("must be owner of schema %s", old.Name)
	}
	sch, x := *old, *old.External
	if _, err := externalOptions(&x, st.Options, "ALTER EXTERNAL SCHEMA"); err != nil {
		return err
	}
	sch.External = &x
	s.tx.EditSchema(&sch)
	return nil
}

// notExternal refuses a schema of the database's own where an external one is needed.
func notExternal(name string) *sqlstate.Error {
	return sqlstate.WrongObjectType.Errorf("schema \"%s\" is not an external schema", name)
}

// notExternalTables refuses an external table where only tables of the database can stand.
func notExternalTables() *sqlstate.Error {
	return sqlstate.FeatureNotSupported.Errorf("Operation not supported on external tables")
}

// externalSchema finds the external schema of a new external table, or of one that is changed: of which the user must be the owner.
// https://docs.aws.amazon.com/redshift/latest/dg/r_CREATE_EXTERNAL_TABLE.html#r_CREATE_EXTERNAL_TABLE-privileges
func (s *Session) externalSchema(n ast.Name) (*catalog.Schema, error) {
	if err := n.Foreign(s.db.Name); err != nil {
		return nil, err
	}
	return s.externalSchemaIn(s.tx.Catalog(), n)
}

// externalSchemaIn is externalSchema in a database of the cluster.
func (s *Session) externalSchemaIn(c *catalog.Catalog, n ast.Name) (*catalog.Schema, error) {
	name := n.Schema()
	if name == "" {
		return nil, sqlstate.InvalidSchemaName.Errorf("external table \"%s\" must be qualified by an external schema", n.Object()).At(n.Offset())
	}
	sch := c.Schema(name)
	switch {
	case sch == nil:
		return nil, sqlstate.InvalidSchemaName.Errorf("schema \"%s\" does not exist", name).At(n.Offset())
	case sch.External == nil:
		return nil, notExternal(name).At(n.Offset())
	case sch.External.Kind != catalog.DataCatalog:
		return nil, sqlstate.FeatureNotSupported.Errorf("schema \"%s\" is one of a database", name).At(n.Offset())
	case s.user.ID != sch.Owner && !s.user.Superuser:
		return nil, atOffset(denied("permission denied for schema %s", name), n.Offset())
	case c.ExternalDatabase(sch.External.Database) == nil:
		return nil, sqlstate.InvalidCatalogName.Errorf("External database \"%s\" does not exist", sch.External.Database).At(n.Offset())
	}
	return sch, nil
}

// dropExternalDatabase is DROP SCHEMA .. DROP EXTERNAL DATABASE: the database goes with its tables, for other schemas that name it, too.
// https://docs.aws.amazon.com/redshift/latest/dg/r_DROP_SCHEMA.html
func (s *Session) dropExternalDatabase(sch *catalog.Schema, cascade bool) error {
	if sch.External == nil || sch.External.Kind != catalog.DataCatalog || s.tx.Catalog().ExternalDatabase(sch.External.Database) == nil {
		s.tell("INFO", sqlstate.InvalidCatalogName, "No external database exists for schema \"%s\"", sch.Name)
		return nil
	}
	name := sch.External.Database
	tables, views := s.tx.Catalog().ExternalTables(name), s.tx.Catalog().ExternalViews(name)
	if len(tables)+len(views) > 0 && !cascade {
		return dependError("external database", name)
	}
	for _, t := range tables {
		s.tx.RemoveEntry(catalog.EntryKey(t))
	}
	for _, v := range views {
		s.tx.RemoveEntry(catalog.EntryKey(v))
	}
	s.tx.RemoveEntry(catalog.ExternalDatabaseKey(name))
	return nil
}
