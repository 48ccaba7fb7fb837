package engine

import (
	"context"
	"errors"
	"slices"
	"strings"
	"time"

	"github.com/redshiftsim/redshiftsim/engine/ast"
	"github.com/redshiftsim/redshiftsim/engine/catalog"
	"github.com/redshiftsim/redshiftsim/engine/principal"
	"github.com/redshiftsim/redshiftsim/engine/txn"
	"github.com/redshiftsim/redshiftsim/internal/sqlstate"
	"github.com/redshiftsim/redshiftsim/storage"
)

// resolve finds the relation that a statement other than a query names.
func (s *Session) resolve(n ast.Name) (any, error) {
	if err := n.Foreign(s.db.Name); err != nil {
		return nil, err
	}
	o, err := s.tx.Catalog().Resolve(s.searchPath(), n.Schema(), n.Object())
	if err != nil {
		var e *sqlstate.Error
		if errors.As(err, &e) {
			return nil, e.At(n.Offset())
		}
		return nil, err
	}
	return o, atOffset(s.uses(n.Schema()), n.Offset())
}

// mayAlter refuses who may not change a table or view: its owner may, who was granted ALTER on it, and who has ALTER TABLE by a role. A name needs CREATE
// on the schema besides, a new owner is its owner's business.
// https://docs.aws.amazon.com/redshift/latest/dg/r_ALTER_TABLE.html
func (s *Session) mayAlter(o any, st *ast.AlterTable) error {
	if st.Action == "owner" {
		return s.owns(ownerOf(o), catalog.KeyOf(o).Name)
	}
	if err := s.commands(o, principal.Alter, principal.AlterTable); err != nil {
		return err
	}
	if schema := catalog.KeyOf(o).Schema; st.Action == "rename" && !catalog.IsTempSchema(schema) {
		return s.createsIn(schema, principal.CreateTable)
	}
	return nil
}

// lock takes a table's lock; lock_timeout ends the wait with 55P03.
func (s *Session) lock(ctx context.Context, table uint32, mode txn.Mode) error {
	start := time.Now()
	defer func() { s.waited += time.Since(start) }()
	if s.lockTimeout <= 0 {
		return s.tx.Lock(ctx, table, mode)
	}
	limited, stop := context.WithTimeoutCause(ctx, s.lockTimeout, errLockTimeout)
	defer stop()
	err := s.tx.Lock(limited, table, mode)
	if err != nil && ctx.Err() == nil && errors.Is(context.Cause(limited), errLockTimeout) {
		return errLockTimeout
	}
	return err
}

// errLockTimeout is the cause of a context that lock_timeout ended.
var errLockTimeout = sqlstate.LockNotAvailable.Errorf("canceling statement due to lock timeout")

// notTable says what a relation is that a statement about tables names.
func notTable(o any, n ast.Name) error {
	switch _, virtual := o.(*catalog.Virtual); {
	case virtual:
		return sqlstate.InsufficientPrivilege.Errorf("permission denied: \"%s\" is a system catalog", n.Object()).At(n.Offset())
	case catalog.IsExternal(o):
		return notExternalTables().At(n.Offset())
	}
	return sqlstate.WrongObjectType.Errorf("\"%s\" is not a table", n.Object()).At(n.Offset())
}

// lockTable finds a table by name and takes its lock. The name is looked up again when the lock is granted: it may mean something else by then.
func (s *Session) lockTable(c *call, n ast.Name, mode txn.Mode) (*catalog.Table, error) {
	for {
		s.tx.Refresh()
		o, err := s.resolve(n)
		if err != nil {
			return nil, err
		}
		t, ok := o.(*catalog.Table)
		if !ok {
			return nil, notTable(o, n)
		}
		if err := s.lock(c.ctx, t.ID, mode); err != nil {
			return nil, err
		}
		s.tx.Refresh()
		if now, err := s.resolve(n); err != nil {
			return nil, err
		} else if now == o {
			c.rec.Tables = append(c.rec.Tables, t.ID)
			return t, nil
		}
	}
}

// alterTable is ALTER TABLE: one action on a table, or a view's name or owner.
// https://docs.aws.amazon.com/redshift/latest/dg/r_ALTER_TABLE.html
func (s *Session) alterTable(c *call, st *ast.AlterTable) error {
	if st.Action == "alter type" {
		if err := s.alone(c, "ALTER TABLE ALTER COLUMN"); err != nil {
			return err
		}
	}
	s.tx.Refresh()
	o, err := s.resolve(st.Table)
	if err != nil {
		return err
	}
	if _, external := o.(*catalog.ExternalTable); external {
		return s.alterExternal(c, st)
	}
	switch v, ok := o.(*catalog.View); {
	case ok && v.Materialized != nil:
		if st, err = s.alterOfMaterialized(v, st); st == nil || err != nil {
			return err
		}
	case st.View:
		return notMaterialized(st.Table)
	case ok && (st.Action == "rename" || st.Action == "owner"):
		return s.alterView(v, st)
	}
	t, err := s.lockAllowed(c, st.Table, txn.AccessExclusive, func(t *catalog.Table) error {
		if t.Maintains != 0 && st.Action != "alter diststyle" && st.Action != "alter sortkey" {
			return ofView(t, st.Table)
		}
		return s.mayAlter(t, st)
	})
	if err != nil {
		return err
	}
	a := &alteration{s: s, c: c, st: st, t: t}
	if a.v, err = s.tx.Newest(t); err != nil {
		return err
	}
	switch st.Action {
	case "add column":
		return a.addColumn()
	case "drop column":
		return a.dropColumn()
	case "rename column":
		return a.renameColumn()
	case "alter type":
		return a.alterType()
	case "alter encode":
		return a.alterEncode()
	case "alter diststyle":
		return a.alterDistStyle()
	case "alter sortkey":
		return a.alterSortKey()
	case "rename":
		return a.rename()
	case "owner":
		return a.changeOwner()
	case "add constraint":
		return a.addConstraint()
	case "drop constraint":
		return a.dropConstraint()
	}
	return unsupported(st, "ALTER TABLE "+strings.ToUpper(st.Action))
}

// alterView renames a view or gives it another owner.
func (s *Session) alterView(v *catalog.View, st *ast.AlterTable) error {
	if err := s.mayAlter(v, st); err != nil {
		return err
	}
	n := *v
	n.Version++
	if st.Action == "owner" {
		var err error
		if n.Owner, err = s.newOwner(st.To); err != nil {
			return err
		}
		s.passAccess(principal.Relation, v.ID, v.Owner, n.Owner)
		s.tx.Edit(&n)
		return nil
	}
	if s.tx.Catalog().Get(v.Schema, st.To) != nil {
		return catalog.Exists(st.To)
	}
	if n.Name = st.To; n.LateBinding {
		n.Statement = lateStatement(&n)
	}
	s.move(v, &n)
	return s.restate(n.ID)
}

// move gives a table or view its new name. Views go on reading it: what they name is found by where it is now.
func (s *Session) move(old, o any) {
	was, now := catalog.KeyOf(old), catalog.KeyOf(o)
	s.tx.Remove(was.Schema, was.Name)
	s.tx.Edit(o)
	for _, v := range s.tx.Catalog().Dependents(catalog.IDOf(o)) {
		n := *v
		n.Refs = movedRefs(v.Refs, catalog.IDOf(o), now)
		n.Inlined = slices.Clone(v.Inlined)
		for i, l := range n.Inlined {
			c := *l
			c.Refs = movedRefs(l.Refs, catalog.IDOf(o), now)
			n.Inlined[i] = &c
		}
		n.Version++
		s.tx.Edit(&n)
	}
	s.movePolicies(catalog.IDOf(o), now)
}

// movedRefs are refs in which a relation is elsewhere.
func movedRefs(refs []catalog.Ref, id uint32, now catalog.Key) []catalog.Ref {
	refs = slices.Clone(refs)
	for i := range refs {
		if refs[i].ID == id {
			refs[i].At = now
		}
	}
	return refs
}

// alteration is one action of ALTER TABLE on its way. The table is locked.
type alteration struct {
	s  *Session
	c  *call
	st *ast.AlterTable
	t  *catalog.Table
	v  *storage.Version // before
}

// put gives the table another form: nt with its definition, and the rows of v under it.
func (a *alteration) put(nt *catalog.Table, v *storage.Version) error {
	nt.Def = v.Definition()
	nt.Version = a.t.Version + 1
	if err := a.s.tx.Put(a.t, v); err != nil {
		return err
	}
	a.s.tx.Edit(nt)
	return nil
}

// copied is the table with lists of its own, to be changed.
func (a *alteration) copied() *catalog.Table {
	n := *a.t
	n.Columns = append([]catalog.Column(nil), a.t.Columns...)
	n.Constraints = append([]catalog.Constraint(nil), a.t.Constraints...)
	return &n
}

// old finds the column that the action names.
func (a *alteration) old() (int, error) {
	i := a.t.Column(a.st.Old.Name)
	if i < 0 {
		return i, sqlstate.UndefinedColumn.Errorf("column \"%s\" of relation \"%s\" does not exist", a.st.Old.Name, a.t.Name).At(a.st.Old.Offset())
	}
	return i, nil
}

// relay lays the rows out anew under def.
func (a *alteration) relay(nt *catalog.Table, def *storage.Definition) error {
	v, err := a.s.redistribute(a.c.ctx, a.v, def)
	if err != nil {
		return err
	}
	a.s.laidAnew(a.c, a.t, "ALTER TABLE "+upper(a.st.Action))
	return a.put(nt, v)
}

// alterDistStyle is ALTER DISTSTYLE and ALTER DISTKEY.
func (a *alteration) alterDistStyle() error {
	def := *a.t.Def
	what := "ALTER DISTSTYLE " + strings.ToUpper(a.st.Dist)
	if a.st.Dist == "key" {
		what = "ALTER DISTKEY"
	}
	if def.Sort.Style == storage.Interleaved {
		return sqlstate.FeatureNotSupported.Errorf("%s is not supported for tables with interleaved sort keys", what)
	}
	if a.t.Temp && a.st.Dist != "key" {
		return sqlstate.FeatureNotSupported.Errorf("%s is not supported for temporary tables", what)
	}
	old := def.Dist
	def.Dist = storage.Distribution{Column: -1}
	switch a.st.Dist {
	case "even":
		def.Dist.Style = storage.Even
	case "all":
		def.Dist.Style = storage.All
	case "key":
		if len(a.st.Keys) != 1 {
			return sqlstate.InvalidTableDefinition.Errorf("a distribution key is one column")
		}
		i := a.t.Column(a.st.Keys[0].Name)
		if i < 0 {
			return sqlstate.UndefinedColumn.Errorf("column \"%s\" named in key does not exist", a.st.Keys[0].Name).At(a.st.Keys[0].Offset())
		}
		def.Dist = storage.Distribution{Style: storage.Key, Column: i}
		if err := canKey(a.t.Columns, &def); err != nil {
			return err
		}
	default: // auto: a small table becomes ALL, a large one keeps where its rows are
		def.Dist.Style = storage.AutoAll
		if v, err := a.s.redistribute(a.c.ctx, a.v, &def); err != nil {
			return err
		} else if !outgrown(&catalog.Table{Columns: a.t.Columns, Def: &def}, v) {
			a.s.laidAnew(a.c, a.t, "ALTER TABLE "+upper(a.st.Action))
			return a.put(a.copied(), v)
		}
		def.Dist.Style = storage.AutoEven
		if old.Keyed() {
			def.Dist = storage.Distribution{Style: storage.AutoKey, Column: old.Column}
		}
	}
	if def.Dist.Style == old.Style && def.Dist.Column == old.Column {
		return nil
	}
	return a.relay(a.copied(), &def)
}

// alterSortKey is ALTER SORTKEY.
func (a *alteration) alterSortKey() error {
	def := *a.t.Def
	if a.t.Temp {
		return sqlstate.FeatureNotSupported.Errorf("ALTER SORTKEY is not supported for temporary tables")
	}
	switch a.st.Sort {
	case "interleaved":
		return sqlstate.FeatureNotSupported.Errorf("ALTER INTERLEAVED SORTKEY is not supported")
	case "none":
		def.Sort = storage.SortKey{}
	case "auto": // the key stays
		if def.Sort.Style == storage.SortAuto {
			return nil
		}
		def.Sort = storage.SortKey{Style: storage.SortAuto, Columns: def.Sort.Columns}
		return a.put(a.copied(), a.v.WithDefinition(&def))
	default:
		names := make([]string, len(a.t.Columns))
		for i := range names {
			names[i] = a.t.Columns[i].Name
		}
		if err := attributes(names, &def, &ast.CreateTable{Attributes: ast.Attributes{SortStyle: "compound", SortKey: a.st.Keys}}); err != nil {
			return err
		}
		def.Dist = a.t.Def.Dist
		if err := canKey(a.t.Columns, &def); err != nil {
			return err
		}
	}
	return a.relay(a.copied(), &def)
}

// rename is RENAME TO.
func (a *alteration) rename() error {
	if strings.HasPrefix(a.st.To, "#") && !a.t.Temp {
		return sqlstate.InvalidName.Errorf("a permanent table cannot be renamed to \"%s\": # begins the name of a temporary table", a.st.To)
	}
	if a.s.tx.Catalog().Get(a.t.Schema, a.st.To) != nil {
		return catalog.Exists(a.st.To)
	}
	nt := a.copied()
	nt.Name, nt.Version = a.st.To, a.t.Version+1
	a.s.move(a.t, nt)
	a.s.outdates(a.c, a.t, catalog.TableRenamed)
	return a.s.restate(nt.ID)
}

// changeOwner is OWNER TO.
func (a *alteration) changeOwner() error {
	to, err := a.s.newOwner(a.st.To)
	if err != nil {
		return err
	}
	nt := a.copied()
	nt.Owner, nt.Version = to, a.t.Version+1
	a.s.passAccess(principal.Relation, nt.ID, a.t.Owner, to)
	a.s.tx.Edit(nt)
	return nil
}
