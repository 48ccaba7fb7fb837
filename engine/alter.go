package engine

import (
	"context"
	"errors"
	"slices"
	"strings"

	"github.com/redshiftsim/redshiftsim/engine/ast"
	"github.com/redshiftsim/redshiftsim/engine/bind"
	"github.com/redshiftsim/redshiftsim/engine/catalog"
	"github.com/redshiftsim/redshiftsim/engine/expr"
	"github.com/redshiftsim/redshiftsim/engine/plan"
	"github.com/redshiftsim/redshiftsim/engine/principal"
	"github.com/redshiftsim/redshiftsim/engine/txn"
	"github.com/redshiftsim/redshiftsim/internal/sqlstate"
	"github.com/redshiftsim/redshiftsim/internal/types"
	"github.com/redshiftsim/redshiftsim/internal/vector"
	"github.com/redshiftsim/redshiftsim/storage"
	"github.com/redshiftsim/redshiftsim/storage/encoding"
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
			if _, virtual := o.(*catalog.Virtual); virtual {
				return nil, sqlstate.InsufficientPrivilege.Errorf("permission denied: \"%s\" is a system catalog", n.Object()).At(n.Offset())
			}
			return nil, sqlstate.WrongObjectType.Errorf("\"%s\" is not a table", n.Object()).At(n.Offset())
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
	if st.Action == "rename" || st.Action == "owner" {
		s.tx.Refresh()
		o, err := s.resolve(st.Table)
		if err != nil {
			return err
		}
		if v, ok := o.(*catalog.View); ok {
			return s.alterView(v, st)
		}
	}
	t, err := s.lockAllowed(c, st.Table, txn.AccessExclusive, func(t *catalog.Table) error { return s.mayAlter(t, st) })
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
	n.Name = st.To
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
		n.Refs = slices.Clone(v.Refs)
		n.Version++
		for i := range n.Refs {
			if n.Refs[i].ID == catalog.IDOf(o) {
				n.Refs[i].At = now
			}
		}
		s.tx.Edit(&n)
	}
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

// addColumn is ADD COLUMN: every row gets the default's value, computed once.
func (a *alteration) addColumn() error {
	cd := &a.st.Column
	refuse := func(text string) error { return sqlstate.FeatureNotSupported.Errorf("%s", text).At(cd.Offset()) }
	switch {
	case cd.Unique || cd.Primary:
		return refuse("ALTER TABLE ADD COLUMN does not support columns defined with UNIQUE or PRIMARY KEY constraints")
	case cd.References != nil:
		return refuse("ALTER TABLE ADD COLUMN does not support columns defined with REFERENCES constraints")
	case cd.Identity != nil:
		return refuse("ALTER TABLE ADD COLUMN does not support IDENTITY columns")
	case cd.DistKey || cd.SortKey:
		return refuse("ALTER TABLE ADD COLUMN does not support columns defined as DISTKEY or SORTKEY")
	case a.t.Column(cd.Name) >= 0:
		return duplicateColumn(cd.Name, a.t.Name, cd.Offset())
	case len(a.t.Columns) >= maxColumns:
		return sqlstate.TooManyColumns.Errorf("tables can have at most %d columns", maxColumns).At(cd.Offset())
	}
	if err := ownColumn(cd.Name, cd.Offset()); err != nil {
		return err
	}
	col, sc, err := a.s.column(a.t.Name, cd)
	if err != nil {
		return err
	}
	value := types.NullOf(col.Type)
	if cd.Default != nil {
		env := a.s.bindEnv(&resolver{c: a.s.tx.Catalog(), path: a.s.searchPath()}, nil, nil)
		x, err := bind.Scalar(cd.Default, col.Type, env)
		if err != nil {
			return err
		}
		if value, err = expr.Value(x, env.Function); err != nil {
			return err
		}
	}
	if col.NotNull && value.Null {
		return sqlstate.InvalidTableDefinition.Errorf("ALTER TABLE ADD COLUMN defined as NOT NULL must have a non-null default expression").At(cd.Offset())
	}
	nt := a.copied()
	for i := range nt.Columns {
		col.PosAttr = max(col.PosAttr, nt.Columns[i].PosAttr)
	}
	col.PosAttr++
	nt.Columns = append(nt.Columns, col)
	if err := a.put(nt, a.v.AddColumn(sc, value)); err != nil {
		return err
	}
	return a.s.restate(a.t.ID)
}

func duplicateColumn(name, table string, pos int) error {
	return sqlstate.DuplicateColumn.Errorf("column \"%s\" of relation \"%s\" already exists", name, table).At(pos)
}

// readers lists the views whose queries read column i of the table.
func (a *alteration) readers(i int) ([]*catalog.View, error) {
	var out []*catalog.View
	for _, v := range a.s.tx.Catalog().Dependents(a.t.ID) {
		all := &ast.Select{Items: []ast.Item{{Expr: &ast.Star{}}}, From: []ast.From{&ast.TableRef{Name: ast.Name{Parts: []string{v.Schema, v.Name}}}}}
		env := a.s.bindEnv(&resolver{c: a.s.tx.Catalog(), path: a.s.searchPath()}, nil, nil)
		env.Guard = nil // what the view reads is not read now
		b, err := bind.Bind(all, env)
		if err != nil {
			return nil, err
		}
		reads := false
		plan.Walk(b.Plan, func(n plan.Node) bool {
			if sc, ok := n.(*plan.Scan); ok && sc.Table.ID == a.t.ID {
				for _, at := range sc.Attrs {
					reads = reads || at == i
				}
			}
			return !reads
		})
		if reads {
			out = append(out, v)
		}
	}
	return out, nil
}

// isKey says whether column i is the distribution key, or in the sort key.
func (a *alteration) isKey(i int) (dist, sort bool) {
	d := a.t.Def
	for _, c := range d.Sort.Columns {
		sort = sort || c == i
	}
	return d.Dist.Keyed() && d.Dist.Column == i, sort
}

// dropColumn is DROP COLUMN.
func (a *alteration) dropColumn() error {
	i, err := a.old()
	if err != nil {
		return err
	}
	name := a.t.Columns[i].Name
	dist, sort := a.isKey(i)
	switch {
	case dist:
		return sqlstate.FeatureNotSupported.Errorf("cannot drop distkey column \"%s\"", name).At(a.st.Old.Offset())
	case sort:
		return sqlstate.FeatureNotSupported.Errorf("cannot drop sortkey column \"%s\"", name).At(a.st.Old.Offset())
	case len(a.t.Columns) == 1:
		return sqlstate.InvalidTableDefinition.Errorf("cannot drop the only column \"%s\" of table \"%s\"", name, a.t.Name).At(a.st.Old.Offset())
	}
	views, err := a.readers(i)
	if err != nil {
		return err
	}
	refuse := func() error {
		return sqlstate.DependentObjects.Errorf("cannot drop table %s column %s because other objects depend on it", a.t.Name, name).
			WithHint("Use DROP ... CASCADE to drop the dependent objects too.").At(a.st.Old.Offset())
	}
	if len(views) > 0 && !a.st.Casc {
		return refuse()
	}
	nt := a.copied()
	nt.Columns = append(nt.Columns[:i:i], nt.Columns[i+1:]...)
	var whole bool
	nt.Constraints, whole = withoutColumn(a.t.Constraints, a.t.ID, a.t.ID, i)
	if !whole && !a.st.Casc {
		return refuse()
	}
	var others []*catalog.Table
	for _, o := range a.s.tx.Catalog().Tables() {
		if o.ID == a.t.ID {
			continue
		}
		list, same := withoutColumn(o.Constraints, o.ID, a.t.ID, i)
		if !same && !a.st.Casc {
			return refuse()
		}
		if list != nil {
			n := *o
			n.Constraints = list
			others = append(others, &n)
		}
	}
	for _, v := range views {
		if a.s.tx.Catalog().Get(v.Schema, v.Name) != any(v) {
			continue // gone with another
		}
		if err := a.s.dependents(a.c, &ast.Drop{Cascade: true}, "view", v.Name, v.ID); err != nil {
			return err
		}
		a.s.tell("NOTICE", sqlstate.SuccessfulCompletion, "drop cascades to view %s", v.Name)
		a.s.removeView(v)
	}
	if acc := a.s.tx.Catalog().Access(principal.Relation, a.t.ID); acc.Columns[a.t.Columns[i].PosAttr] != nil {
		a.s.tx.EditEntry(acc.With(a.t.Columns[i].PosAttr, nil))
	}
	for _, o := range others {
		a.s.tx.Edit(o)
	}
	if err := a.put(nt, a.v.DropColumn(i)); err != nil {
		return err
	}
	return a.s.restate(a.t.ID)
}

// renameColumn is RENAME COLUMN.
func (a *alteration) renameColumn() error {
	i, err := a.old()
	if err != nil {
		return err
	}
	if a.t.Column(a.st.To) >= 0 {
		return duplicateColumn(a.st.To, a.t.Name, a.st.Old.Offset())
	}
	if err := ownColumn(a.st.To, a.st.Old.Offset()); err != nil {
		return err
	}
	nt := a.copied()
	nt.Columns[i].Name = a.st.To
	if err := a.put(nt, a.v.RenameColumn(i, a.st.To)); err != nil {
		return err
	}
	return a.s.restate(a.t.ID)
}

// alterType is ALTER COLUMN TYPE: another length of a VARCHAR.
func (a *alteration) alterType() error {
	i, err := a.old()
	if err != nil {
		return err
	}
	col := &a.t.Columns[i]
	pos := a.st.Old.Offset()
	typ, err := columnType(a.t.Name, &a.st.Column)
	if err != nil {
		return err
	}
	refuse := func(why string) error {
		return sqlstate.FeatureNotSupported.Errorf("cannot alter column \"%s\" of relation \"%s\", %s", col.Name, a.t.Name, why).At(pos)
	}
	if col.Type.Kind != types.Varchar || typ.Kind != types.Varchar {
		return refuse("only the size of a VARCHAR column can be altered")
	}
	switch k := a.t.Def.Columns[i].Encoding; k {
	case encoding.Bytedict, encoding.Runlength, encoding.Text255, encoding.Text32K:
		return refuse("its compression encoding is " + k.String())
	}
	switch {
	case typ.Len == col.Type.Len:
		return refuse("target column size should be different")
	case col.Default != "" && typ.Len < col.Type.Len:
		return sqlstate.FeatureNotSupported.Errorf("cannot decrease a VARCHAR column size with default value").At(pos)
	case col.Default != "":
		return refuse("it has a default value")
	}
	for _, k := range a.t.Constraints {
		for _, c := range k.Columns {
			if c == i {
				return refuse("it is part of a key")
			}
		}
	}
	views, err := a.readers(i)
	if err != nil {
		return err
	}
	if len(views) > 0 {
		return sqlstate.Internal.Errorf("found unexpected dependency for column").At(pos)
	}
	if typ.Len < col.Type.Len && longest(a.v, i) > int(typ.Len) {
		return refuse("existing values are longer than the target column size")
	}
	nt := a.copied()
	nt.Columns[i].Type = typ
	def := *a.t.Def
	def.Columns = append([]storage.Column(nil), def.Columns...)
	def.Columns[i].Type = typ
	return a.put(nt, a.v.WithDefinition(&def))
}

// longest is the length in bytes of the longest value of a text column.
func longest(v *storage.Version, column int) int {
	most := 0
	view := storage.ViewOf(v)
	for slice := range v.Topology().Slices() {
		sc := view.Scan(slice, &storage.ScanSpec{Columns: []int{column}})
		var b vector.Batch
		for more, err := sc.Next(&b); more && err == nil; more, err = sc.Next(&b) {
			for i := range b.Rows() {
				if b.Sel != nil {
					i = int(b.Sel[i])
				}
				if d := b.Columns[0].Get(i); !d.Null {
					most = max(most, len(d.Text))
				}
			}
		}
	}
	return most
}

// alterEncode is ALTER COLUMN ENCODE and ALTER ENCODE AUTO.
func (a *alteration) alterEncode() error {
	def := *a.t.Def
	def.Columns = append([]storage.Column(nil), def.Columns...)
	nt := a.copied()
	if a.st.Old.Name == "" { // the encodings stay, as those that the engine chose
		for i := range nt.Columns {
			nt.Columns[i].Encoding = ""
		}
		return a.put(nt, a.v.WithDefinition(&def))
	}
	i, err := a.old()
	if err != nil {
		return err
	}
	pos := a.st.Old.Offset()
	if def.Sort.Style == storage.Interleaved {
		return sqlstate.FeatureNotSupported.Errorf("cannot alter the encoding of column \"%s\" of a table with an interleaved sort key", nt.Columns[i].Name).At(pos)
	}
	k, ok := encoding.Parse(a.st.Column.Encode)
	if !ok || k == encoding.Auto {
		return sqlstate.InvalidColumnDefinition.Errorf("invalid encoding type \"%s\"", a.st.Column.Encode).At(pos)
	}
	if err := k.Check(nt.Columns[i].Name, nt.Columns[i].Type); err != nil {
		return atOffset(err, pos)
	}
	if def.EncodingOf(i) == k {
		return sqlstate.FeatureNotSupported.Errorf("column \"%s\" is already encoded as %s", nt.Columns[i].Name, k).At(pos)
	}
	nt.Columns[i].Encoding = a.st.Column.Encode
	def.Columns[i].Encoding = k
	return a.relay(nt, &def)
}

// relay lays the rows out anew under def.
func (a *alteration) relay(nt *catalog.Table, def *storage.Definition) error {
	v, err := a.s.redistribute(a.c.ctx, a.v, def)
	if err != nil {
		return err
	}
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
		if err := canDistribute(a.t.Columns, &def); err != nil {
			return err
		}
	default: // auto: a small table becomes ALL, a large one keeps where its rows are
		def.Dist.Style = storage.AutoAll
		if v, err := a.s.redistribute(a.c.ctx, a.v, &def); err != nil {
			return err
		} else if !outgrown(&catalog.Table{Columns: a.t.Columns, Def: &def}, v) {
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
