package engine

import (
	"github.com/redshiftsim/redshiftsim/engine/ast"
	"github.com/redshiftsim/redshiftsim/engine/bind"
	"github.com/redshiftsim/redshiftsim/engine/catalog"
	"github.com/redshiftsim/redshiftsim/engine/expr"
	"github.com/redshiftsim/redshiftsim/engine/plan"
	"github.com/redshiftsim/redshiftsim/engine/principal"
	"github.com/redshiftsim/redshiftsim/internal/sqlstate"
	"github.com/redshiftsim/redshiftsim/internal/types"
	"github.com/redshiftsim/redshiftsim/internal/vector"
	"github.com/redshiftsim/redshiftsim/storage"
	"github.com/redshiftsim/redshiftsim/storage/encoding"
)

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
		b, err := a.s.viewBound(v)
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
	if err := a.unpoliced(i, "drop"); err != nil {
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
		if err := a.s.removeView(a.c, v); err != nil {
			return err
		}
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
	a.s.outdates(a.c, a.t, catalog.ColumnDropped)
	return a.s.restate(a.t.ID)
}

// renameColumn is RENAME COLUMN.
func (a *alteration) renameColumn() error {
	i, err := a.old()
	if err != nil {
		return err
	}
	if err := a.unpoliced(i, "rename"); err != nil {
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
	a.s.outdates(a.c, a.t, catalog.ColumnRenamed)
	return a.s.restate(a.t.ID)
}

// alterType is ALTER COLUMN TYPE: another length of a VARCHAR.
func (a *alteration) alterType() error {
	i, err := a.old()
	if err != nil {
		return err
	}
	if err := a.unpoliced(i, "alter type of"); err != nil {
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
	a.s.outdates(a.c, a.t, catalog.ColumnTypeChanged)
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
