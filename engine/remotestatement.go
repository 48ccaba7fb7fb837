package engine

import (
	"slices"

	"github.com/redshiftsim/redshiftsim/engine/ast"
	"github.com/redshiftsim/redshiftsim/engine/bind"
	"github.com/redshiftsim/redshiftsim/engine/catalog"
	"github.com/redshiftsim/redshiftsim/engine/principal"
	"github.com/redshiftsim/redshiftsim/engine/system"
	"github.com/redshiftsim/redshiftsim/internal/sqlstate"
)

// Statements that are about nothing but the producer's objects run in the agent, by the names that these have there, when the datashare and the user may:
//
//	CREATE TABLE d.s.t (..)      CREATE on schema s      agent: CREATE TABLE s.t (..); ALL on it to the datashare
//	COPY d.s.t FROM ..           INSERT on t             agent: COPY s.t FROM ..
//	DROP TABLE d.s.t             DROP on t               agent: DROP TABLE s.t
//
// https://docs.aws.amazon.com/redshift/latest/dg/multi-warehouse-writes-sql-statements.html

// afarStatement runs a statement of the kind in the agent; done = it is one. Errors: 42501 of who may not, 0A000 of what the guide does not list.
func (s *Session) afarStatement(c *call, st ast.Statement) (done bool, err error) {
	n, parts := writtenName(st)
	if parts == 0 || s.remote == nil || s.importOfName(n, parts) == nil {
		return false, nil
	}
	switch st := st.(type) {
	case *ast.CreateTable:
		if st.Query != nil {
			return false, nil
		}
		return true, s.createTableAfar(c, st)
	case *ast.CreateSchema:
		return true, s.createSchemaAfar(c, st)
	case *ast.AlterSchema:
		return true, s.alterSchemaAfar(c, st)
	case *ast.Drop:
		return true, s.dropAfar(c, st)
	case *ast.AlterTable:
		return true, s.alterTableAfar(c, st)
	case *ast.Truncate:
		there, err := s.tableAfar(st.Table, principal.Truncate)
		if err != nil {
			return true, err
		}
		return true, s.remote.agent.truncate(s.agentCall(c), &ast.Truncate{Table: nameOf(there)})
	case *ast.Analyze:
		return true, s.analyzeAfar(c, st)
	case *ast.Copy:
		return true, s.copyAfar(c, st)
	}
	return false, nil
}

// agentCall is a statement's call for the agent: what it notes of the producer's tables is none of the consumer's log.
func (s *Session) agentCall(c *call) *call {
	return &call{ctx: c.ctx, text: c.text, multi: true, rec: &system.Record{}}
}

// mayAfar refuses what the datashare was not granted on an object, or the user not.
func (s *Session) mayAfar(o principal.Object, id, schema uint32, want principal.Privilege, what string) error {
	i, err := s.imported(s.remote.db)
	if err != nil {
		return err
	}
	if can, _ := i.catalog.Lent(o, id); want&^can != 0 {
		return bind.NotLent(what, want&^can)
	}
	owner := i.catalog.DatabaseOwner(s.remote.db.ID)
	if o == principal.Database && !s.remote.db.Import.Permissions || s.user.Superuser || i.catalog.May(s.is(), o, id, schema, owner, want) == 0 {
		return nil
	}
	return denied("permission denied for %s", what)
}

// tableAfar finds the producer's table of a name with which the user may do what it wants.
func (s *Session) tableAfar(n ast.Name, want principal.Privilege) (*catalog.Table, error) {
	i, err := s.imported(s.remote.db)
	if err != nil {
		return nil, err
	}
	o, err := i.catalog.Resolve(s.searchPath(), n.Schema(), n.Object())
	if err != nil {
		return nil, atOffset(err, n.Offset())
	}
	t, ok := o.(*catalog.Table)
	if !ok || i.there[t.ID] == nil {
		return nil, sqlstate.WrongObjectType.Errorf("\"%s\" is not a table", n.Object()).At(n.Offset())
	}
	sch := i.catalog.Schema(t.Schema)
	if err := s.mayAfar(principal.Schema, sch.ID, 0, principal.Usage, "schema "+sch.Name); err != nil {
		return nil, err
	}
	if t.Secured {
		if sec := i.catalog.Security(t.ID); sec != nil && sec.Remote {
			return nil, bind.ProtectedAfar(t, n.Offset())
		}
	}
	return i.there[t.ID], s.mayAfar(principal.Relation, t.ID, sch.ID, want, "relation "+t.Name)
}

// placeAfar finds the schema in which a new table of a datashare goes, and gives its name there.
func (s *Session) placeAfar(n ast.Name, temp bool) (ast.Name, error) {
	i, err := s.imported(s.remote.db)
	if err != nil {
		return n, err
	}
	if temp {
		return n, sqlstate.FeatureNotSupported.Errorf("temporary tables cannot be made through a datashare").At(n.Offset())
	}
	name := n.Schema()
	if name == "" {
		if name = s.currentSchema(i.catalog); name == "" {
			return n, sqlstate.InvalidSchemaName.Errorf("no schema has been selected to create in").At(n.Offset())
		}
	}
	sch := i.catalog.Schema(name)
	if sch == nil || name == catalog.PgCatalog || name == catalog.Information {
		return n, sqlstate.InvalidSchemaName.Errorf("schema \"%s\" does not exist", name).At(n.Offset())
	}
	return ast.Name{Pos: n.Pos, Parts: []string{name, n.Object()}}, atOffset(s.mayAfar(principal.Schema, sch.ID, 0, principal.Create, "schema "+name), n.Offset())
}

// lend grants the datashare all on what a consumer has made: it belongs to the datashare's owner.
func (s *Session) lend(o principal.Object, id uint32) {
	a, d := s.remote.agent, s.remote.share
	owner := a.user.ID
	acl := a.tx.Catalog().ACL(o, id, owner).With(shareIdentity(d), owner, o.All(), false)
	a.tx.EditEntry(a.tx.Catalog().Access(o, id).With(0, acl))
}

// createTableAfar is CREATE TABLE through a datashare.
func (s *Session) createTableAfar(c *call, st *ast.CreateTable) error {
	n := *st
	var err error
	if n.Name, err = s.placeAfar(st.Name, st.Temp); err != nil {
		return err
	}
	if err := s.notAfar(st); err != nil {
		return err
	}
	n.Likes = slices.Clone(st.Likes)
	for i := range n.Likes {
		l := &n.Likes[i]
		if s.importOfName(l.Name, 2) == nil {
			return sqlstate.FeatureNotSupported.Errorf("CREATE TABLE through a datashare is LIKE a table of the datashare").At(l.Name.Offset())
		}
		t, err := s.tableAfar(l.Name, principal.Select)
		if err != nil {
			return err
		}
		l.Name = nameOf(t)
	}
	a := s.remote.agent
	there := a.tx.Catalog().Get(n.Name.Schema(), n.Name.Object())
	if err := a.createTable(s.agentCall(c), &n); err != nil {
		return err
	}
	if t, ok := a.tx.Catalog().Get(n.Name.Schema(), n.Name.Object()).(*catalog.Table); ok && any(t) != there {
		s.lend(principal.Relation, t.ID)
	}
	return nil
}

// notAfar refuses what CREATE TABLE has not through a datashare.
// https://docs.aws.amazon.com/redshift/latest/dg/multi-warehouse-writes-sql-statements-unsupported.html
func (s *Session) notAfar(st *ast.CreateTable) error {
	switch {
	case len(st.Likes) > 1:
		return sqlstate.FeatureNotSupported.Errorf("CREATE TABLE through a datashare is LIKE one table").At(st.Likes[1].Offset())
	case st.SortStyle == "interleaved":
		return sqlstate.FeatureNotSupported.Errorf("interleaved sort keys cannot be written through a datashare")
	}
	if slices.ContainsFunc(st.Constraints, func(k ast.Constraint) bool { return k.Kind == 'f' }) || slices.ContainsFunc(st.Columns, func(d ast.ColumnDef) bool { return d.References != nil }) {
		return unsupported(st, "FOREIGN KEY through a datashare")
	}
	return nil
}

// createSchemaAfar is CREATE SCHEMA through a datashare.
func (s *Session) createSchemaAfar(c *call, st *ast.CreateSchema) error {
	if err := s.mayAfar(principal.Database, s.remote.db.ID, 0, principal.Create, "database "+s.remote.db.Name); err != nil {
		return err
	}
	if len(st.Objects) > 0 || st.Owner != "" || st.Quota != nil {
		return unsupported(st, "CREATE SCHEMA with objects, an owner or a quota through a datashare")
	}
	a := s.remote.agent
	n := *st
	n.Database = ""
	had := a.tx.Catalog().Schema(st.Name)
	if err := a.createSchema(s.agentCall(c), &n); err != nil || had != nil {
		return err
	}
	s.lend(principal.Schema, a.tx.Catalog().Schema(st.Name).ID)
	return nil
}

// schemaAfar refuses a schema of the datashare with which the user may not do what it wants.
func (s *Session) schemaAfar(name string, pos int, want principal.Privilege) error {
	i, err := s.imported(s.remote.db)
	if err != nil {
		return err
	}
	sch := i.catalog.Schema(name)
	if sch == nil {
		return sqlstate.InvalidSchemaName.Errorf("schema \"%s\" does not exist", name).At(pos)
	}
	return s.mayAfar(principal.Schema, sch.ID, 0, want, "schema "+name)
}

// alterSchemaAfar is ALTER SCHEMA .. RENAME TO through a datashare.
func (s *Session) alterSchemaAfar(c *call, st *ast.AlterSchema) error {
	if st.RenameTo == "" {
		return unsupported(st, "ALTER SCHEMA other than RENAME TO through a datashare")
	}
	if err := s.schemaAfar(st.Name.Name, st.Name.Offset(), principal.Alter); err != nil {
		return err
	}
	return s.remote.agent.alterSchema(s.agentCall(c), st)
}

// dropAfar is DROP TABLE and DROP SCHEMA through a datashare. What depends on an object may be no business of the datashare's: there is no CASCADE.
func (s *Session) dropAfar(c *call, st *ast.Drop) error {
	switch {
	case st.Kind != "table" && st.Kind != "schema":
		return unsupported(st, ast.KindOf(st)+" through a datashare")
	case st.Cascade:
		return unsupported(st, ast.KindOf(st)+" CASCADE through a datashare")
	}
	n := *st
	n.Names = nil
	for _, name := range st.Names {
		switch db := s.importOfName(name, map[string]int{"table": 2, "schema": 1}[st.Kind]); {
		case db == nil || db.ID != s.remote.db.ID:
			return errOneDatabase()
		case st.Kind == "schema":
			if err := s.schemaAfar(name.Object(), name.Offset(), principal.Drop); err != nil && !(st.IfExists && stateOf(err) == sqlstate.InvalidSchemaName) {
				return err
			}
			n.Names = append(n.Names, ast.Name{Pos: name.Pos, Parts: []string{name.Object()}})
		default:
			t, err := s.tableAfar(name, principal.Drop)
			if code := stateOf(err); st.IfExists && (code == sqlstate.UndefinedTable || code == sqlstate.InvalidSchemaName) {
				s.tell("INFO", code, "Table \"%s\" does not exist and will be skipped", name.Object())
				continue
			} else if err != nil {
				return err
			}
			n.Names = append(n.Names, nameOf(t))
		}
	}
	return s.remote.agent.drop(s.agentCall(c), &n)
}

// alterTableAfar is ALTER TABLE through a datashare: names and columns.
func (s *Session) alterTableAfar(c *call, st *ast.AlterTable) error {
	switch st.Action {
	case "rename", "rename column", "add column", "drop column":
	default:
		return unsupported(st, "ALTER TABLE other than RENAME, RENAME COLUMN, ADD COLUMN and DROP COLUMN through a datashare")
	}
	if st.Casc {
		return unsupported(st, "ALTER TABLE .. CASCADE through a datashare")
	}
	there, err := s.tableAfar(st.Table, principal.Alter)
	if err != nil {
		return err
	}
	n := *st
	n.Table = nameOf(there)
	return s.remote.agent.alterTable(s.agentCall(c), &n)
}

// analyzeAfar is ANALYZE of a table of a datashare, for whom it may fill.
func (s *Session) analyzeAfar(c *call, st *ast.Analyze) error {
	there, err := s.tableAfar(*st.Table, principal.Insert)
	if err != nil {
		return err
	}
	n, name := *st, nameOf(there)
	n.Table = &name
	return s.remote.agent.analyze(s.agentCall(c), &n)
}

// copyAfar is COPY into a table of a datashare: the files are the consumer's, and so is the log.
func (s *Session) copyAfar(c *call, st *ast.Copy) error {
	there, err := s.tableAfar(st.Table, principal.Insert)
	if err != nil {
		return err
	}
	options, err := s.withTemplate(st.Options)
	if err != nil {
		return err
	}
	o, err := copyOptions(st, options)
	if err != nil {
		return err
	}
	if err := s.assumes(o.iam, principal.CopyCommand); err != nil {
		return err
	}
	if o.compUpdate != "" && o.compUpdate != "off" {
		return unsupported(st, "COPY with COMPUPDATE through a datashare")
	}
	if err := s.identityAfar(there); err != nil {
		return err
	}
	n := *st
	n.Table, n.Options = nameOf(there), options
	if o.compUpdate == "" {
		n.Options = append(slices.Clone(options), ast.Option{Pos: -1, Name: "COMPUPDATE", Value: "OFF", HasVal: true})
	}
	a := s.remote.agent
	rec := *c.rec
	k := *c
	k.rec = &rec
	err = a.copyInto(&k, &n, nil)
	c.rec.Load, c.rec.Plan, c.rec.Program, c.rec.Report, c.rec.Planned = rec.Load, rec.Plan, rec.Program, rec.Report, rec.Planned
	if rec.Query != 0 {
		c.rec.Query = s.c.queries.Add(1)
		s.numbered(c)
	}
	for _, id := range rec.Tables[len(c.rec.Tables):] {
		c.rec.Tables = append(c.rec.Tables, s.c.number(s.remote.db.Import.Namespace)(id))
	}
	if err == nil {
		s.lastCopy, s.lastCopyCount = c.rec.Query, a.lastCopyCount
	}
	return err
}

// stateOf is the SQLSTATE of an error, "" when it has none.
func stateOf(err error) sqlstate.Code {
	if e, ok := err.(*sqlstate.Error); ok {
		return e.Code
	}
	return ""
}
