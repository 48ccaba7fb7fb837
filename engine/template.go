package engine

import (
	"slices"
	"strings"

	"github.com/redshiftsim/redshiftsim/engine/ast"
	"github.com/redshiftsim/redshiftsim/engine/catalog"
	"github.com/redshiftsim/redshiftsim/engine/principal"
	"github.com/redshiftsim/redshiftsim/engine/system"
	"github.com/redshiftsim/redshiftsim/internal/sqlstate"
)

// maxTemplates is how many templates a cluster has at most, in all databases.
// https://docs.aws.amazon.com/redshift/latest/dg/r_CREATE_TEMPLATE.html#create_template-limitations
const maxTemplates = 1000

// sourceWords are the parameters of COPY that say where files are and who may read them: a template has none of these. ENCRYPTED it may have, as the guide's
// examples show.
// https://docs.aws.amazon.com/redshift/latest/dg/r_CREATE_TEMPLATE.html#create_template-limitations
var sourceWords = []string{
	"IAM_ROLE", "CREDENTIALS", "ACCESS_KEY_ID", "SECRET_ACCESS_KEY", "SESSION_TOKEN", "CATALOG_ROLE", "MASTER_SYMMETRIC_KEY", "REGION", "MANIFEST", "SSH",
	"READRATIO", "USING TEMPLATE",
}

// template is CREATE, ALTER and DROP TEMPLATE.
// https://docs.aws.amazon.com/redshift/latest/dg/r_CREATE_TEMPLATE.html
// https://docs.aws.amazon.com/redshift/latest/dg/r_ALTER_TEMPLATE.html
// https://docs.aws.amazon.com/redshift/latest/dg/r_DROP_TEMPLATE.html
func (s *Session) template(st *ast.Template) error {
	s.tx.Refresh()
	if st.Verb == "create" {
		return s.createTemplate(st)
	}
	t, err := s.templateNamed(st.Name)
	if err != nil {
		return err
	}
	want := principal.Alter
	if st.Verb == "drop" {
		want = principal.Drop
	}
	if err := s.needsTemplate(t, want); err != nil {
		return err
	}
	if st.Verb == "drop" {
		s.removeTemplate(t)
		return nil
	}
	return s.alterTemplate(st, t)
}

// needsTemplate refuses who lacks a privilege on a template.
func (s *Session) needsTemplate(t *catalog.Template, want principal.Privilege) error {
	if s.may(principal.Template, t.ID, s.schemaID(t.Schema), t.Owner, want) {
		return nil
	}
	return denied("permission denied for template %s", t.Name)
}

// createTemplate is CREATE [OR REPLACE] TEMPLATE. One that is replaced keeps its owner and privileges.
func (s *Session) createTemplate(st *ast.Template) error {
	if err := s.templateWords(st.Options); err != nil {
		return err
	}
	schema, err := s.place(st.Name, false, principal.AllSystem)
	if err != nil {
		return err
	}
	if fixedDatabases[s.db.Name] && s.db.Name != "dev" {
		return sqlstate.FeatureNotSupported.Errorf("templates cannot be created in database \"%s\"", s.db.Name)
	}
	now := s.c.cfg.Clock()
	t := &catalog.Template{Schema: schema, Name: st.Name.Object(), Owner: s.user.ID, Created: now, Modified: now, By: s.user.ID, Parameters: parametersOf(st.Options)}
	switch old := s.catalog().Template(schema, t.Name); {
	case old == nil:
		if s.inAllDatabases((*catalog.Catalog).TemplateCount) >= maxTemplates {
			return sqlstate.ProgramLimit.Errorf("a cluster cannot have more than %d templates", maxTemplates)
		}
		t.ID = s.c.newID()
	case !st.Replace:
		return sqlstate.DuplicateObject.Errorf("template \"%s\" already exists", t.Name).At(st.Name.Offset())
	default:
		if err := s.needsTemplate(old, principal.Alter); err != nil {
			return err
		}
		t.ID, t.Owner, t.Created = old.ID, old.Owner, old.Created
	}
	s.tx.EditEntry(t)
	return nil
}

// inAllDatabases sums up what each database counts.
func (s *Session) inAllDatabases(count func(*catalog.Catalog) int) (n int) {
	root := s.c.txns.Root()
	for _, db := range s.catalog().Databases() {
		switch {
		case db.ID == s.db.ID:
			n += count(s.catalog())
		case db.Import == nil:
			n += count(root.Of(db.ID))
		}
	}
	return n
}

// templateWords refuses parameters that a template cannot have, or that COPY would refuse each for itself. What cannot stand together COPY tells, which may
// have parameters of its own in their place.
func (s *Session) templateWords(list []ast.Option) error {
	for i := range list {
		if a := &list[i]; slices.Contains(sourceWords, a.Name) {
			return sqlstate.FeatureNotSupported.Errorf("parameter %s cannot be part of a template", a.Name).At(a.Offset())
		}
	}
	o, err := readOptions(list)
	if err == nil && o.seen["FIXEDWIDTH"] && o.Widths == nil {
		err = badWidths(o.widthsPos)
	}
	return err
}

// parametersOf are options as a template keeps them.
func parametersOf(list []ast.Option) []catalog.Parameter {
	out := make([]catalog.Parameter, len(list))
	for i := range list {
		a := &list[i]
		out[i] = catalog.Parameter{Name: strings.TrimSuffix(a.Name, " AS"), Value: strings.Clone(a.Value), HasVal: a.HasVal}
	}
	return out
}

// optionsOf are the parameters of a template as options, which have no place in the statement's text.
func optionsOf(t *catalog.Template) []ast.Option {
	out := make([]ast.Option, len(t.Parameters))
	for i, p := range t.Parameters {
		out[i] = ast.Option{Pos: -1, Name: p.Name, Value: p.Value, HasVal: p.HasVal}
	}
	return out
}

// alterTemplate is ALTER TEMPLATE.
func (s *Session) alterTemplate(st *ast.Template, old *catalog.Template) error {
	t := *old
	t.Modified, t.By = s.c.cfg.Clock(), s.user.ID
	switch st.Change {
	case "rename":
		if t.Name = st.RenameTo; s.catalog().Template(t.Schema, t.Name) != nil {
			return sqlstate.DuplicateObject.Errorf("template \"%s\" already exists", t.Name)
		}
		if err := s.createsIn(t.Schema, principal.AllSystem); err != nil {
			return err
		}
		s.tx.RemoveEntry(catalog.EntryKey(old))
	case "owner":
		owner, err := s.newOwner(st.Owner.Name)
		if err != nil {
			return err
		}
		s.passAccess(principal.Template, t.ID, t.Owner, owner)
		t.Owner = owner
	default:
		list, err := changedParameters(st, old)
		if err != nil {
			return err
		}
		if err := s.templateWords(list); err != nil {
			return err
		}
		t.Parameters = parametersOf(list)
	}
	s.tx.EditEntry(&t)
	return nil
}

// changedParameters are those of a template after ADD, DROP or SET: one is left at least, and SET changes the value of those that have one.
func changedParameters(st *ast.Template, t *catalog.Template) ([]ast.Option, error) {
	list := optionsOf(t)
	for i := range st.Options {
		a := &st.Options[i]
		at := slices.IndexFunc(list, func(o ast.Option) bool { return o.Name == strings.TrimSuffix(a.Name, " AS") })
		switch {
		case st.Change == "add" && at >= 0:
			return nil, sqlstate.DuplicateObject.Errorf("template \"%s\" has parameter %s already", t.Name, a.Name).WithHint("Use ALTER TEMPLATE .. SET to change its value.").At(a.Offset())
		case st.Change == "add":
			list = append(list, *a)
		case at < 0:
			return nil, sqlstate.UndefinedObject.Errorf("template \"%s\" has no parameter %s", t.Name, a.Name).At(a.Offset())
		case st.Change == "set" && !list[at].HasVal:
			return nil, sqlstate.FeatureNotSupported.Errorf("parameter %s of template \"%s\" has no value", a.Name, t.Name).At(a.Offset())
		case st.Change == "set":
			list[at] = *a
		case len(list) == 1:
			return nil, sqlstate.FeatureNotSupported.Errorf("template \"%s\" has no other parameter than %s", t.Name, a.Name).WithHint("Use DROP TEMPLATE to remove the template.").At(a.Offset())
		default:
			list = slices.Delete(list, at, at+1)
		}
	}
	return list, nil
}

// templateNamed finds a template of this database, or says that there is none.
// https://docs.aws.amazon.com/redshift/latest/dg/r_CREATE_TEMPLATE.html#create_template-limitations
func (s *Session) templateNamed(n ast.Name) (*catalog.Template, error) {
	if err := n.Foreign(s.db.Name); err != nil {
		return nil, err
	}
	if err := s.uses(n.Schema()); err != nil {
		return nil, atOffset(err, n.Offset())
	}
	return templateIn(s.catalog(), s.searchPath(), n)
}

// templateIn finds a template in the schema that a name says, or in the first of the path that has it.
func templateIn(c *catalog.Catalog, path []string, n ast.Name) (*catalog.Template, error) {
	if sch := n.Schema(); sch != "" {
		if path = []string{sch}; c.Schema(sch) == nil {
			return nil, sqlstate.InvalidSchemaName.Errorf("schema \"%s\" does not exist", sch).At(n.Offset())
		}
	}
	for _, p := range path {
		if t := c.Template(p, n.Object()); t != nil {
			return t, nil
		}
	}
	return nil, sqlstate.UndefinedObject.Errorf("template \"%s\" does not exist", n.Object()).At(n.Offset())
}

// templatesIn lists the templates of a schema.
func templatesIn(c *catalog.Catalog, schema string) []*catalog.Template {
	return slices.DeleteFunc(c.Templates(), func(t *catalog.Template) bool { return t.Schema != schema })
}

// removeTemplate takes a template away, and the privileges on it.
func (s *Session) removeTemplate(t *catalog.Template) {
	s.tx.RemoveEntry(catalog.EntryKey(t))
	s.dropAccess(principal.Template, t.ID)
}

// withTemplate adds to the parameters of a COPY those of its template that it does not give itself.
// https://docs.aws.amazon.com/redshift/latest/dg/r_COPY-WITH-TEMPLATE.html
func (s *Session) withTemplate(list []ast.Option) ([]ast.Option, error) {
	i := slices.IndexFunc(list, func(o ast.Option) bool { return o.Name == "USING TEMPLATE" })
	if i < 0 {
		return list, nil
	}
	t, err := s.templateNamed(ast.Name{Pos: list[i].Pos, Parts: list[i].Names})
	if err != nil {
		return nil, err
	}
	if err := s.needsTemplate(t, principal.Usage); err != nil {
		return nil, err
	}
	out := slices.Clone(list)
	for _, o := range optionsOf(t) {
		if !slices.ContainsFunc(list, func(own ast.Option) bool { return sameParameter(own.Name, o.Name) }) {
			out = append(out, o)
		}
	}
	return out, nil
}

// sameParameter says whether one parameter stands in the place of another: the same, or the other format or compression.
func sameParameter(a, b string) bool {
	for _, group := range [][]string{
		{"CSV", "JSON", "AVRO", "PARQUET", "ORC", "SHAPEFILE", "FIXEDWIDTH", "FORMAT"},
		{"GZIP", "BZIP2", "LZOP", "ZSTD"},
		{"NULL", "NULL AS"},
	} {
		if slices.Contains(group, a) {
			return slices.Contains(group, b)
		}
	}
	return a == b
}

// templateAnywhere finds the template that a SHOW names, which may be another database's. USAGE on its schema is needed.
func (s *Session) templateAnywhere(n ast.Name) (*system.Env, *catalog.Template, error) {
	e, in, err := s.abroad(n, 2)
	if err != nil {
		return nil, nil, err
	}
	if e == nil {
		e = s.systemEnv()
	}
	if in.Schema() != "" {
		if _, err := schemaIn(e, in, in.Schema()); err != nil {
			return nil, nil, err
		}
	}
	t, err := templateIn(e.Catalog, s.searchPath(), in)
	return e, t, err
}

// shownTemplate finds the template of SHOW TEMPLATE, on which USAGE is needed too.
// https://docs.aws.amazon.com/redshift/latest/dg/r_SHOW_TEMPLATE.html
func (s *Session) shownTemplate(n ast.Name) (*system.Env, *catalog.Template, error) {
	e, t, err := s.templateAnywhere(n)
	if err == nil && !s.user.Superuser && e.Catalog.May(s.is(), principal.Template, t.ID, e.Catalog.Schema(t.Schema).ID, t.Owner, principal.Usage) != 0 {
		err = denied("permission denied for template %s", t.Name)
	}
	return e, t, err
}

// listingOfTemplates is SHOW TEMPLATES.
// https://docs.aws.amazon.com/redshift/latest/dg/r_SHOW_TEMPLATES.html
func (s *Session) listingOfTemplates(st *ast.ShowObjects) (l system.Listing, err error) {
	e, err := s.inDatabase(st, 1)
	if err != nil {
		return l, err
	}
	sch, err := schemaIn(e, *st.Name, st.Name.Object())
	if err != nil {
		return l, err
	}
	return e.ShowTemplates(sch.Name), nil
}
