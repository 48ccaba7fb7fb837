package engine

import (
	"strings"

	"github.com/redshiftsim/redshiftsim/engine/ast"
	"github.com/redshiftsim/redshiftsim/engine/catalog"
	"github.com/redshiftsim/redshiftsim/engine/principal"
	"github.com/redshiftsim/redshiftsim/internal/sqlstate"
)

// target is one object of a GRANT.
type target struct {
	object     principal.Object
	id, schema uint32
	owner      int
	name       string            // as the refusal calls it: "relation t"
	rel        any               // a *catalog.Table or *catalog.View
	db         *catalog.Database // that is granted on, or in
	in         *catalog.Catalog  // of a database that was made from a datashare; nil = the session's
}

// targets finds the objects of a GRANT.
func (s *Session) targets(st *ast.Grant) ([]target, error) {
	if st.In != nil {
		return s.scopeTarget(st)
	}
	if len(st.On.Routines) > 0 {
		return s.routineTargets(st)
	}
	var out []target
	for _, n := range st.On.Names {
		list, err := s.target(st.On.Kind, n)
		if err != nil {
			return nil, atOffset(err, n.Offset())
		}
		out = append(out, list...)
	}
	return out, nil
}

// target finds what one name of a GRANT stands for.
func (s *Session) target(kind string, n ast.Name) ([]target, error) {
	name := n.Object()
	switch kind {
	case "table", "schema", "tables in schema", "functions in schema":
		if t, err := s.importedTargets(kind, n, nil); t != nil || err != nil {
			return t, err
		}
	}
	switch kind {
	case "datashare":
		d, err := s.datashareNamed(name, n.Offset())
		if err != nil {
			return nil, err
		}
		return []target{{object: principal.Datashare, id: d.ID, owner: d.Owner, name: "datashare " + name}}, nil
	case "copy job":
		if len(n.Parts) > 1 {
			return nil, sqlstate.Syntax.Errorf("improper name of a copy job: %s", strings.Join(n.Parts, "."))
		}
		j, err := s.copyJobNamed(name, n.Offset())
		if err != nil {
			return nil, err
		}
		return []target{{object: principal.CopyJob, id: j.ID, owner: j.Owner, name: "copy job " + name}}, nil
	case "template":
		t, err := s.templateNamed(n)
		if err != nil {
			return nil, err
		}
		return []target{{object: principal.Template, id: t.ID, schema: s.schemaID(t.Schema), owner: t.Owner, name: "template " + name}}, nil
	case "table":
		r, err := s.resolve(n)
		if err != nil {
			return nil, err
		}
		if _, ok := r.(*catalog.Virtual); ok {
			return nil, denied("permission denied: \"%s\" is a system catalog", name)
		}
		if catalog.IsExternal(r) {
			return nil, sqlstate.FeatureNotSupported.Errorf("Grant or revoke of permissions on external tables is not supported").
				WithHint("Grant or revoke USAGE on the external schema.")
		}
		return []target{s.relationTarget(r)}, nil
	case "tables in schema", "functions in schema", "procedures in schema":
		if err := n.ForeignSchema(s.db.Name); err != nil {
			return nil, err
		}
	}
	switch kind {
	case "tables in schema":
		sch, err := s.schemaNamed(name)
		if err != nil {
			return nil, err
		}
		var out []target
		for _, r := range s.catalog().InSchema(sch.Name) {
			out = append(out, s.relationTarget(r))
		}
		return out, nil
	case "schema":
		sch, err := s.schemaNamed(name)
		if err != nil {
			return nil, err
		}
		return []target{{object: principal.Schema, id: sch.ID, owner: sch.Owner, name: "schema " + name}}, nil
	case "functions in schema", "procedures in schema":
		sch, err := s.schemaNamed(name)
		if err != nil {
			return nil, err
		}
		var out []target
		for _, f := range s.catalog().AllFunctions() {
			if f.Schema == sch.Name && (f.Procedure != nil) == (kind == "procedures in schema") {
				out = append(out, s.functionTarget(f))
			}
		}
		return out, nil
	case "database":
		return s.databaseTarget(principal.Database, name)
	case "language":
		for _, l := range catalog.Languages {
			if l.Name == name {
				return []target{{object: principal.Language, id: l.ID, owner: principal.BootstrapID, name: "language " + name}}, nil
			}
		}
		return nil, sqlstate.UndefinedObject.Errorf("language \"%s\" does not exist", name)
	}
	return nil, sqlstate.FeatureNotSupported.Errorf("GRANT ON %s is not supported", strings.ToUpper(kind))
}

// routineTargets finds the functions or procedures of a GRANT.
func (s *Session) routineTargets(st *ast.Grant) ([]target, error) {
	var out []target
	for i := range st.On.Routines {
		if t, err := s.importedTargets(st.On.Kind, st.On.Routines[i].Name, &st.On.Routines[i]); err != nil {
			return nil, err
		} else if t != nil {
			out = append(out, t...)
			continue
		}
		f, err := s.routineNamed(&st.On.Routines[i], st.On.Kind == "procedure")
		if err != nil {
			return nil, err
		}
		out = append(out, s.functionTarget(f))
	}
	return out, nil
}

// functionTarget is a function or procedure as the object of a GRANT.
func (s *Session) functionTarget(f *catalog.Function) target {
	return target{object: f.Object(), id: f.ID, schema: s.schemaID(f.Schema), owner: f.Owner, name: f.Word() + " " + f.Name}
}

// databaseTarget is a database, or a scope in one, as the object of a GRANT.
func (s *Session) databaseTarget(o principal.Object, name string) ([]target, error) {
	d := s.catalog().DatabaseByName(name)
	if d == nil {
		return nil, sqlstate.InvalidCatalogName.Errorf("database \"%s\" does not exist", name)
	}
	return []target{{object: o, id: d.ID, owner: d.Owner, name: "database " + name, db: d}}, nil
}

// relationTarget is a table or view as the object of a GRANT.
func (s *Session) relationTarget(r any) target {
	k := catalog.KeyOf(r)
	return target{object: principal.Relation, id: catalog.IDOf(r), schema: s.schemaID(k.Schema), owner: ownerOf(r), name: "relation " + k.Name, rel: r}
}

// schemaNamed finds a schema by name, or says that there is none.
func (s *Session) schemaNamed(name string) (*catalog.Schema, error) {
	if sch := s.catalog().Schema(name); sch != nil {
		return sch, nil
	}
	return nil, sqlstate.InvalidSchemaName.Errorf("schema \"%s\" does not exist", name)
}

// scopeTarget finds the scope of GRANT .. FOR .. IN.
// https://docs.aws.amazon.com/redshift/latest/dg/t_scoped-permissions.html
func (s *Session) scopeTarget(st *ast.Grant) ([]target, error) {
	for i := range st.To {
		if g := &st.To[i]; g.Kind == "group" || g.Kind == "public" {
			return nil, sqlstate.InvalidGrant.Errorf("scoped permissions can only be granted to users and roles").At(g.Offset())
		}
	}
	in := st.In
	if in.Schema == "" {
		o, ok := map[string]principal.Object{
			"schemas": principal.SchemasInDatabase, "tables": principal.TablesInDatabase, "functions": principal.FunctionsInDatabase,
			"procedures": principal.FunctionsInDatabase, "languages": principal.LanguagesInDatabase, "templates": principal.TemplatesInDatabase,
			"copy jobs": principal.CopyJobsInDatabase,
		}[in.Of]
		if !ok {
			return nil, sqlstate.Syntax.Errorf("%s cannot be granted in a database", in.Of).At(in.Offset())
		}
		t, err := s.databaseTarget(o, in.Database)
		return t, atOffset(err, in.Offset())
	}
	o, ok := map[string]principal.Object{
		"tables": principal.TablesInSchema, "functions": principal.FunctionsInSchema, "procedures": principal.FunctionsInSchema, "templates": principal.TemplatesInSchema,
	}[in.Of]
	switch {
	case !ok:
		return nil, sqlstate.Syntax.Errorf("%s cannot be granted in a schema", in.Of).At(in.Offset())
	case in.Database != "" && s.catalog().DatabaseByName(in.Database) == nil:
		return nil, sqlstate.InvalidCatalogName.Errorf("database \"%s\" does not exist", in.Database).At(in.Offset())
	case in.Database != "" && s.catalog().DatabaseByName(in.Database).Import != nil:
		return s.importedScope(o, in, s.catalog().DatabaseByName(in.Database))
	case in.Database != "" && in.Database != s.db.Name:
		return nil, sqlstate.FeatureNotSupported.Errorf("scoped permissions in a schema of another database are not supported").At(in.Offset())
	}
	sch, err := s.schemaNamed(in.Schema)
	if err != nil {
		return nil, atOffset(err, in.Offset())
	}
	return []target{{object: o, id: sch.ID, owner: sch.Owner, name: "schema " + sch.Name}}, nil
}
