package engine

import (
	"fmt"
	"slices"
	"strings"

	"github.com/redshiftsim/redshiftsim/engine/ast"
	"github.com/redshiftsim/redshiftsim/engine/bind"
	"github.com/redshiftsim/redshiftsim/engine/catalog"
	"github.com/redshiftsim/redshiftsim/engine/principal"
	"github.com/redshiftsim/redshiftsim/engine/system"
	"github.com/redshiftsim/redshiftsim/engine/txn"
	"github.com/redshiftsim/redshiftsim/internal/sqlstate"
)

// createSchema is CREATE SCHEMA, with the objects that the statement makes in it.
// https://docs.aws.amazon.com/redshift/latest/dg/r_CREATE_SCHEMA.html
func (s *Session) createSchema(c *call, st *ast.CreateSchema) error {
	s.tx.Refresh()
	if st.Database != "" {
		if err := (ast.Name{Pos: st.NamePos, Parts: []string{st.Database, st.Name}}).ForeignSchema(s.db.Name); err != nil {
			return err
		}
	}
	cat := s.tx.Catalog()
	if cat.Schema(st.Name) != nil {
		if st.IfNotExists {
			s.tell("INFO", sqlstate.DuplicateSchema, "Schema \"%s\" already exists and will be skipped", st.Name)
			return nil
		}
		return sqlstate.DuplicateSchema.Errorf("schema \"%s\" already exists", st.Name).At(st.NamePos.Offset())
	}
	if err := schemaName(st.Name, st.NamePos.Offset()); err != nil {
		return err
	}
	if !s.onDatabase(principal.Create) && !s.system(principal.CreateSchema) {
		return denied("permission denied for database %s", s.db.Name)
	}
	owner := s.user.ID
	if st.Owner != "" {
		u, err := s.userNamed(st.Owner)
		if err != nil {
			return err
		}
		if u.ID != owner && !s.user.Superuser {
			return denied("permission denied to create a schema for user \"%s\"", u.Name)
		}
		owner = u.ID
	}
	sch := &catalog.Schema{ID: s.c.newID(), Name: st.Name, Owner: owner}
	if err := quota(sch, st.Quota); err != nil {
		return err
	}
	s.tx.EditSchema(sch)
	return s.schemaObjects(c, st)
}

// schemaObjects makes the objects of CREATE SCHEMA: names without a schema are in the new one.
func (s *Session) schemaObjects(c *call, st *ast.CreateSchema) error {
	if len(st.Objects) == 0 {
		return nil
	}
	s.within, s.path = st.Name, nil
	defer func() { s.within, s.path = "", nil }()
	inside := func(n *ast.Name, temp bool) error {
		switch {
		case n.Schema() == "" && !temp:
			n.Parts = []string{st.Name, n.Object()}
		case n.Schema() != st.Name:
			return sqlstate.InvalidTableDefinition.Errorf("CREATE specifies a schema (%s) different from the one being created (%s)", n.Schema(), st.Name).At(n.Offset())
		}
		return nil
	}
	for _, o := range st.Objects {
		var err error
		switch x := o.(type) {
		case *ast.CreateTable:
			n := *x
			err, o = inside(&n.Name, n.Temp), &n
		case *ast.CreateView:
			n := *x
			err, o = inside(&n.Name, false), &n
		}
		if err != nil {
			return err
		}
		if _, _, err := s.road(c, o); err != nil {
			return err
		}
	}
	return nil
}

// schemaName refuses names that are reserved.
func schemaName(name string, pos int) error {
	if strings.HasPrefix(name, "pg_") {
		return sqlstate.ReservedName.Errorf("unacceptable schema name \"%s\"", name).
			WithDetail("The prefix \"pg_\" is reserved for system schemas.").At(pos)
	}
	return nil
}

// quota gives a schema its quota.
func quota(sch *catalog.Schema, q *ast.Quota) error {
	switch {
	case q == nil:
	case q.Unlimited:
		sch.Quota = 0
	case q.MB <= 0:
		return sqlstate.InvalidParameterValue.Errorf("the quota of a schema must be greater than 0").At(q.Offset())
	default:
		sch.Quota = q.MB
	}
	return nil
}

// alterSchema is ALTER SCHEMA.
// https://docs.aws.amazon.com/redshift/latest/dg/r_ALTER_SCHEMA.html
func (s *Session) alterSchema(c *call, st *ast.AlterSchema) error {
	s.tx.Refresh()
	old := s.tx.Catalog().Schema(st.Name.Name)
	switch {
	case old == nil:
		return sqlstate.InvalidSchemaName.Errorf("schema \"%s\" does not exist", st.Name.Name).At(st.Name.Offset())
	case old.Name == catalog.PgCatalog || old.Name == catalog.Information:
		return denied("permission denied for schema %s", old.Name)
	case s.user.ID != old.Owner && !s.may(principal.Schema, old.ID, 0, old.Owner, principal.Alter):
		return denied("must be owner of schema %s", old.Name)
	}
	sch := *old
	switch {
	case st.RenameTo != "":
		return s.renameSchema(c, old, st.RenameTo)
	case st.Owner != nil:
		to, err := s.newOwner(st.Owner.Name)
		if err != nil {
			return err
		}
		s.passAccess(principal.Schema, sch.ID, sch.Owner, to)
		sch.Owner = to
	default:
		if !s.user.Superuser {
			return denied("must be superuser to change the quota of schema %s", old.Name)
		}
		if err := quota(&sch, st.Quota); err != nil {
			return err
		}
	}
	s.tx.EditSchema(&sch)
	return nil
}

// renameSchema moves all that is in a schema; views go on reading it.
func (s *Session) renameSchema(c *call, old *catalog.Schema, name string) error {
	if s.tx.Catalog().Schema(name) != nil {
		return sqlstate.DuplicateSchema.Errorf("schema \"%s\" already exists", name)
	}
	if err := schemaName(name, -1); err != nil {
		return err
	}
	for _, o := range s.tx.Catalog().InSchema(old.Name) {
		if t, ok := o.(*catalog.Table); ok {
			if err := s.lock(c.ctx, t.ID, txn.AccessExclusive); err != nil {
				return err
			}
		}
	}
	s.tx.Refresh()
	sch := *old
	sch.Name = name
	s.tx.EditSchema(&sch)
	for _, o := range s.tx.Catalog().InSchema(old.Name) {
		k := catalog.KeyOf(o)
		switch o := s.tx.Catalog().Get(k.Schema, k.Name).(type) { // as it is now: a view knows that its tables have moved
		case *catalog.Table:
			n := *o
			n.Schema, n.Version = name, o.Version+1
			s.move(o, &n)
		case *catalog.View:
			n := *o
			n.Schema, n.Version = name, o.Version+1
			s.move(o, &n)
		}
	}
	s.moveEntries(old.Name, name)
	s.tx.RemoveSchema(old.Name)
	s.schemaRenamed(c, name)
	for _, o := range s.tx.Catalog().InSchema(name) {
		if err := s.restate(catalog.IDOf(o)); err != nil {
			return err
		}
	}
	return nil
}

// moveEntries moves the functions, procedures and templates of a schema.
func (s *Session) moveEntries(from, to string) {
	for _, f := range s.tx.Catalog().AllFunctions() {
		if f.Schema != from {
			continue
		}
		n := *f
		n.Schema = to
		s.tx.RemoveEntry(catalog.FunctionsKey(from, f.Name))
		s.tx.EditEntry(s.tx.Catalog().Functions(to, f.Name).With(&n))
	}
	for _, t := range templatesIn(s.tx.Catalog(), from) {
		n := *t
		n.Schema = to
		s.tx.RemoveEntry(catalog.EntryKey(t))
		s.tx.EditEntry(&n)
	}
}

// grows notes that a statement puts rows into a table, whose schema may have a quota.
func (s *Session) grows(t *catalog.Table, k bind.Kind) {
	if k != bind.Delete && !t.Temp && !slices.Contains(s.grown, t.Schema) {
		s.grown = append(s.grown, t.Schema)
	}
}

// quotas refuses to commit a transaction that put rows into a schema and left it larger than its quota.
// https://docs.aws.amazon.com/redshift/latest/dg/r_CREATE_SCHEMA.html
func (s *Session) quotas() error {
	if len(s.grown) == 0 {
		return nil
	}
	var over []string
	var told []system.QuotaViolation
	for _, name := range s.grown {
		sch := s.tx.Catalog().Schema(name)
		if sch == nil || sch.Quota == 0 {
			continue
		}
		if used := s.systemEnv().SchemaUsage(name); used > sch.Quota {
			told = append(told, system.QuotaViolation{
				Owner: sch.Owner, User: s.user.ID, XID: s.tx.ID, PID: s.pid, Schema: sch.ID, Name: name, Quota: sch.Quota, Used: used, At: s.c.cfg.Clock(),
			})
			over = append(over, fmt.Sprintf("(Schema: %s, Quota: %d, Current Disk Usage: %d)", name, sch.Quota, used))
		}
	}
	if len(over) == 0 {
		return nil
	}
	s.c.violated(told)
	return sqlstate.Internal.Errorf("Transaction %d is aborted due to exceeding the disk space quota in schema(s): %s.", s.tx.ID, strings.Join(over, ", ")).
		WithHint("Free up disk space or request increased quota for the schema(s).")
}
