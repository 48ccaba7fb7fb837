package engine

import (
	"slices"
	"strconv"
	"strings"

	"github.com/redshiftsim/redshiftsim/engine/ast"
	"github.com/redshiftsim/redshiftsim/engine/bind"
	"github.com/redshiftsim/redshiftsim/engine/catalog"
	"github.com/redshiftsim/redshiftsim/engine/expr"
	"github.com/redshiftsim/redshiftsim/engine/function"
	"github.com/redshiftsim/redshiftsim/engine/principal"
	"github.com/redshiftsim/redshiftsim/internal/sqlstate"
	"github.com/redshiftsim/redshiftsim/internal/types"
	"github.com/redshiftsim/redshiftsim/storage"
	"github.com/redshiftsim/redshiftsim/storage/encoding"
)

// Limits of a table.
// https://docs.aws.amazon.com/redshift/latest/dg/r_CREATE_TABLE_usage.html
const (
	maxColumns         = 1600
	maxSortColumns     = 400
	maxInterleavedKeys = 8
)

// place finds the schema in which a new object goes, if the user may create there; sys is the system privilege that is as good as CREATE on the schema.
func (s *Session) place(n ast.Name, temp bool, sys principal.System) (string, error) {
	if err := n.Foreign(s.db.Name); err != nil {
		return "", err
	}
	if temp || strings.HasPrefix(n.Object(), "#") {
		if sch := n.Schema(); sch != "" && sch != "pg_temp" && sch != s.tempSchema() {
			return "", sqlstate.InvalidTableDefinition.Errorf("temporary tables may not specify a schema name").At(n.Offset())
		}
		return s.tempSchema(), s.createsTemp()
	}
	c := s.tx.Catalog()
	sch := n.Schema()
	if sch == "" {
		if sch = s.currentSchema(c); sch == "" {
			return "", sqlstate.InvalidSchemaName.Errorf("no schema has been selected to create in").At(n.Offset())
		}
	}
	switch {
	case sch == catalog.PgCatalog || sch == catalog.Information || catalog.IsTempSchema(sch):
		return "", sqlstate.InsufficientPrivilege.Errorf("permission denied for schema %s", sch).At(n.Offset())
	case c.Schema(sch) == nil:
		return "", sqlstate.InvalidSchemaName.Errorf("schema \"%s\" does not exist", sch).At(n.Offset())
	case c.Schema(sch).External != nil:
		return "", sqlstate.FeatureNotSupported.Errorf("Operations on local objects in external schema are not enabled.").At(n.Offset())
	}
	return sch, atOffset(s.createsIn(sch, sys), n.Offset())
}

// taken says whether a new table's name is in use: nil = it is free, or it is in use and IF NOT EXISTS was said (skip).
func (s *Session) taken(schema string, n ast.Name, ifNotExists bool) (skip bool, err error) {
	if s.tx.Catalog().Get(schema, n.Object()) == nil {
		return false, nil
	}
	if ifNotExists {
		s.tell("INFO", sqlstate.DuplicateTable, "Relation \"%s\" already exists and will be skipped", n.Object())
		return true, nil
	}
	return false, catalog.Exists(n.Object()).At(n.Offset())
}

// createTable is CREATE TABLE with columns, or LIKE.
// https://docs.aws.amazon.com/redshift/latest/dg/r_CREATE_TABLE_NEW.html
func (s *Session) createTable(c *call, st *ast.CreateTable) error {
	s.tx.Refresh()
	schema, err := s.place(st.Name, st.Temp, principal.CreateTable)
	if err != nil {
		return err
	}
	if skip, err := s.taken(schema, st.Name, st.IfNotExists); skip || err != nil {
		return err
	}
	t := &catalog.Table{Schema: schema, Name: st.Name.Object(), Owner: s.user.ID, Temp: catalog.IsTempSchema(schema), Backup: st.Backup != "no", Created: s.c.cfg.Clock()}
	def := &storage.Definition{BlockBytes: s.c.cfg.BlockBytes, Temp: t.Temp}
	if err := s.define(t, def, st); err != nil {
		return err
	}
	s.newTable(t, def)
	return nil
}

// newTable gives a table its number and puts it and its first version into the transaction.
func (s *Session) newTable(t *catalog.Table, def *storage.Definition) {
	t.ID = s.c.newID()
	def.ID = t.ID
	t.Def = def
	t.Version = 1
	if t.Temp && !s.temp {
		s.temp, s.path = true, nil
	}
	s.tx.Edit(t)
	s.tx.Create(t.ID, storage.NewVersion(def, s.c.Topology()))
	s.beginAccess(principal.Relation, t.ID, t.Schema, t.Owner)
}

// like adds the columns of another table: defaults only when they are asked for, keys and identities never. Distribution, sort key and BACKUP are those of
// the first such table.
// https://docs.aws.amazon.com/redshift/latest/dg/r_CREATE_TABLE_NEW.html#create-table-like
func (s *Session) like(t *catalog.Table, def *storage.Definition, l *ast.LikeTable, first bool) error {
	o, err := s.resolve(l.Name)
	if err != nil {
		return err
	}
	src, ok := o.(*catalog.Table)
	if !ok {
		return sqlstate.WrongObjectType.Errorf("\"%s\" is not a table", l.Name.Object()).At(l.Name.Offset())
	}
	if err := s.needs(src, principal.Select); err != nil {
		return err
	}
	before := len(t.Columns)
	for i, c := range src.Columns {
		if t.Column(c.Name) >= 0 {
			return twice(c.Name, l.Offset())
		}
		c.Identity = nil
		c.PosAttr = before + i + 1
		if !l.Defaults {
			c.Default = ""
		}
		t.Columns = append(t.Columns, c)
	}
	def.Columns = append(def.Columns, src.Def.Columns...)
	if !first {
		return nil
	}
	t.Backup = src.Backup
	def.Dist, def.Sort = src.Def.Dist, src.Def.Sort
	if src.Def.Dist.Style.Auto() {
		def.Dist = storage.Distribution{Style: storage.AutoAll, Column: -1}
	}
	if def.Dist.Keyed() {
		def.Dist.Column += before
	}
	def.Sort.Columns = slices.Clone(def.Sort.Columns)
	for i := range def.Sort.Columns {
		def.Sort.Columns[i] += before
	}
	return nil
}

// likeAttributes refuses attributes that come from the table of LIKE.
func likeAttributes(st *ast.CreateTable) error {
	what, pos := "", st.Likes[0].Offset()
	for i := range st.Columns {
		if cd := &st.Columns[i]; cd.DistKey || cd.SortKey {
			if what, pos = "DISTKEY", cd.Offset(); cd.SortKey {
				what = "SORTKEY"
			}
		}
	}
	switch {
	case st.DistKey != nil:
		what, pos = "DISTKEY", st.DistKey.Offset()
	case st.DistStyle != "":
		what = "DISTSTYLE"
	case len(st.SortKey) > 0:
		what, pos = "SORTKEY", st.SortKey[0].Offset()
	case st.SortStyle != "":
		what = "SORTKEY"
	case st.Backup != "":
		what = "BACKUP"
	}
	if what == "" {
		return nil
	}
	return sqlstate.InvalidTableDefinition.Errorf("%s cannot be specified with LIKE", what).
		WithHint("The table has the distribution style, sort key and BACKUP of the one it is like.").At(pos)
}

// twice refuses a second column of a name.
func twice(column string, pos int) error {
	return sqlstate.DuplicateColumn.Errorf("column \"%s\" specified more than once", column).At(pos)
}

// define makes the columns and attributes of CREATE TABLE.
func (s *Session) define(t *catalog.Table, def *storage.Definition, st *ast.CreateTable) error {
	identities := map[bool]bool{}
	likes := st.Likes
	t.Columns, def.Columns = make([]catalog.Column, 0, len(st.Columns)), make([]storage.Column, 0, len(st.Columns))
	for i := 0; i <= len(st.Columns); i++ {
		for ; len(likes) > 0 && likes[0].At == i; likes = likes[1:] {
			if err := s.like(t, def, &likes[0], len(likes) == len(st.Likes)); err != nil {
				return err
			}
		}
		if i == len(st.Columns) {
			break
		}
		cd := &st.Columns[i]
		if t.Column(cd.Name) >= 0 {
			return twice(cd.Name, cd.Offset())
		}
		if err := ownColumn(cd.Name, cd.Offset()); err != nil {
			return err
		}
		col, sc, err := s.column(t.Name, cd)
		if err != nil {
			return err
		}
		if col.Identity != nil {
			if identities[col.Identity.ByDefault] {
				return sqlstate.InvalidTableDefinition.Errorf("multiple identity columns are not allowed in table \"%s\"", t.Name).At(cd.Offset())
			}
			identities[col.Identity.ByDefault] = true
		}
		col.PosAttr = len(t.Columns) + 1
		t.Columns = append(t.Columns, col)
		def.Columns = append(def.Columns, sc)
	}
	if len(t.Columns) > maxColumns {
		return sqlstate.TooManyColumns.Errorf("tables can have at most %d columns", maxColumns)
	}
	if err := s.constraints(t, def, st); err != nil {
		return err
	}
	if len(st.Likes) > 0 {
		return likeAttributes(st)
	}
	names := make([]string, len(t.Columns))
	for i := range names {
		names[i] = t.Columns[i].Name
	}
	if err := attributes(names, def, st); err != nil {
		return err
	}
	return canKey(t.Columns, def)
}

// canKey refuses a distribution key of a type that rows are not placed by, and a sort key of one that blocks are not ordered by.
// https://docs.aws.amazon.com/redshift/latest/dg/r_CREATE_TABLE_NEW.html
// https://docs.aws.amazon.com/redshift/latest/dg/limitations-super.html
func canKey(cols []catalog.Column, def *storage.Definition) error {
	for _, i := range def.Sort.Columns {
		if c := &cols[i]; !storage.Sorts(c.Type) {
			return sqlstate.FeatureNotSupported.Errorf("column \"%s\" of type %s cannot be a sort key", c.Name, c.Type)
		}
	}
	if !def.Dist.Keyed() {
		return nil
	}
	if c := &cols[def.Dist.Column]; !storage.Distributes(c.Type) {
		return sqlstate.FeatureNotSupported.Errorf("column \"%s\" of type %s cannot be a distribution key", c.Name, c.Type)
	}
	return nil
}

// systemColumns are names that no column of a table may have.
// https://docs.aws.amazon.com/redshift/latest/dg/c_unsupported-postgresql-features.html
var systemColumns = []string{"oid", "tableoid", "xmin", "cmin", "xmax", "cmax", "ctid"}

// ownColumn refuses a column with the name of one of PostgreSQL's system columns, in its words.
func ownColumn(name string, pos int) error {
	if slices.Contains(systemColumns, name) {
		return sqlstate.DuplicateColumn.Errorf("column name \"%s\" conflicts with a system column name", name).At(pos)
	}
	return nil
}

// column makes one column of CREATE TABLE or ADD COLUMN.
func (s *Session) column(table string, cd *ast.ColumnDef) (catalog.Column, storage.Column, error) {
	var no catalog.Column
	typ, err := columnType(table, cd)
	if err != nil {
		return no, storage.Column{}, err
	}
	if cd.Null && (cd.NotNull || cd.Primary || cd.Identity != nil) {
		return no, storage.Column{}, sqlstate.Syntax.Errorf("conflicting NULL/NOT NULL declarations for column \"%s\" of table \"%s\"", cd.Name, table).At(cd.Offset())
	}
	col := catalog.Column{Name: cd.Name, Type: typ, NotNull: cd.NotNull || cd.Primary || cd.Identity != nil, Encoding: cd.Encode}
	sc := storage.Column{Name: cd.Name, Type: typ, NotNull: col.NotNull}
	if cd.Encode != "" && cd.Encode != "auto" {
		k, ok := encoding.Parse(cd.Encode)
		if !ok {
			return no, sc, sqlstate.InvalidColumnDefinition.Errorf("invalid encoding type \"%s\"", cd.Encode).At(cd.Offset())
		}
		if err := k.Check(cd.Name, typ); err != nil {
			return no, sc, atOffset(err, cd.Offset())
		}
		sc.Encoding = k
	}
	text := typ.Kind == types.Varchar || typ.Kind == types.Char
	if cd.Collate != "" && typ.Kind == types.Super {
		return no, sc, sqlstate.Unbuilt("CREATE TABLE", "COLLATE of a SUPER column").At(cd.Offset())
	}
	if typ.Kind == types.Super && s.db.CaseInsensitive {
		return no, sc, insensitiveSuper(cd.Offset())
	}
	if cd.Collate != "" && !text {
		return no, sc, sqlstate.DatatypeMismatch.Errorf("collations are not supported by type %s", typ).At(cd.Offset())
	}
	col.CaseInsensitive = text && (function.FoldsCase(cd.Collate) || cd.Collate == "" && s.db.CaseInsensitive)
	if cd.Identity != nil {
		if typ.Kind != types.Int4 && typ.Kind != types.Int8 {
			return no, sc, sqlstate.InvalidColumnDefinition.Errorf("identity column \"%s\" must be of type int or bigint", cd.Name).At(cd.Offset())
		}
		if cd.Default != nil {
			return no, sc, sqlstate.Syntax.Errorf("both default and identity specified for column \"%s\" of table \"%s\"", cd.Name, table).At(cd.Offset())
		}
		if cd.Identity[1] == 0 {
			return no, sc, sqlstate.InvalidParameterValue.Errorf("identity step must not be zero").At(cd.Offset())
		}
		col.Identity = &catalog.Identity{Seed: cd.Identity[0], Step: cd.Identity[1], ByDefault: cd.ByDefault}
	}
	if cd.Default != nil {
		x, err := bind.Scalar(cd.Default, typ, s.bindEnv(&resolver{c: s.tx.Catalog(), path: s.searchPath()}, nil, nil))
		if err != nil {
			return no, sc, err
		}
		if err := defaultable(x); err != nil {
			return no, sc, atOffset(err, cd.Default.Offset())
		}
		col.Default = s.kept(cd.DefaultText)
	}
	return col, sc, nil
}

// insensitiveSuper refuses SUPER values whose strings would compare case insensitively.
// https://docs.aws.amazon.com/redshift/latest/dg/operators-functions.html#collation-behavior
func insensitiveSuper(pos int) error {
	return sqlstate.Unbuilt("CREATE TABLE", "a SUPER column in a case-insensitive database").At(pos)
}

// defaultable refuses what a default may not have, in PostgreSQL's words.
// https://docs.aws.amazon.com/redshift/latest/dg/r_CREATE_TABLE_NEW.html
func defaultable(x expr.Expr) (err error) {
	expr.Walk(x, func(e expr.Expr) bool {
		if _, ok := e.(*expr.Subquery); ok {
			err = sqlstate.FeatureNotSupported.Errorf("cannot use subqueries in default expression")
		}
		return err == nil
	})
	return err
}

// notRedshift are types of PostgreSQL 8.0 that Redshift knows and refuses; later ones do not exist for it.
// https://docs.aws.amazon.com/redshift/latest/dg/c_unsupported-postgresql-datatypes.html
var notRedshift = map[string]bool{
	"serial": true, "serial4": true, "bigserial": true, "serial8": true, "bytea": true, "money": true, "inet": true, "cidr": true,
	"macaddr": true, "bit": true, "varbit": true, "bit varying": true, "point": true, "line": true, "lseg": true, "box": true, "path": true, "polygon": true,
	"circle": true, "name": true, "oid": true, "xml": false,
}

// columnType is a column's type, or the error of one that Redshift lacks.
func columnType(table string, cd *ast.ColumnDef) (types.Type, error) {
	n := cd.Type
	switch {
	case n == nil:
		return types.Type{}, sqlstate.Syntax.Errorf("column \"%s\" has no type", cd.Name).At(cd.Offset())
	case n.Err != nil:
		return types.Type{}, n.Err
	case !n.Known && strings.HasSuffix(n.Name, "]"):
		name := strings.TrimSuffix(n.Name, "[]")
		if n.Type.Kind != types.Unknown {
			name, _, _ = strings.Cut(n.Type.String(), "(")
		}
		return types.Type{}, sqlstate.FeatureNotSupported.Errorf("Column \"%s.%s\" has unsupported type \"%s[]\".", table, cd.Name, name).At(n.Offset())
	case !n.Known && notRedshift[n.Name]:
		return types.Type{}, sqlstate.FeatureNotSupported.Errorf("Column \"%s.%s\" has unsupported type \"%s\".", table, cd.Name, n.Name).At(n.Offset())
	case !n.Known:
		return types.Type{}, sqlstate.UndefinedObject.Errorf("type \"%s\" does not exist", n.Name).At(n.Offset())
	}
	if n.Type.IsArray() {
		return types.Type{}, sqlstate.FeatureNotSupported.Errorf("Column \"%s.%s\" has unsupported type \"%s\".", table, cd.Name, n.Type).At(n.Offset())
	}
	switch n.Type.Kind {
	case types.OID, types.Name, types.Text, types.Interval, types.Unknown, types.Regclass, types.Regprocedure, types.Regtype, types.Regproc, types.ACLItem:
		return types.Type{}, sqlstate.FeatureNotSupported.Errorf("Column \"%s.%s\" has unsupported type \"%s\".", table, cd.Name, n.Type).At(n.Offset())
	}
	return n.Type, nil
}

// constraints records the keys; they are not enforced, but the columns of a primary key are NOT NULL.
// https://docs.aws.amazon.com/redshift/latest/dg/t_Defining_constraints.html
func (s *Session) constraints(t *catalog.Table, def *storage.Definition, st *ast.CreateTable) error {
	var list []ast.Constraint
	for i := range st.Columns {
		cd := &st.Columns[i]
		if !cd.Primary && !cd.Unique && cd.References == nil {
			continue
		}
		one := []ast.ColumnName{{Pos: cd.Pos, Name: cd.Name}}
		if cd.Primary {
			list = append(list, ast.Constraint{Pos: cd.Pos, Kind: 'p', Name: cd.PrimaryName, Columns: one})
		}
		if cd.Unique {
			list = append(list, ast.Constraint{Pos: cd.Pos, Kind: 'u', Name: cd.UniqueName, Columns: one})
		}
		if cd.References != nil {
			k := *cd.References
			k.Kind, k.Columns = 'f', one
			list = append(list, k)
		}
	}
	list = append(list, st.Constraints...)
	primary := false
	for i := range list {
		k, err := s.constraint(t, &list[i])
		if err != nil {
			return err
		}
		if k.Kind == 'p' {
			if primary {
				return sqlstate.InvalidTableDefinition.Errorf("multiple primary keys for table \"%s\" are not allowed", t.Name).At(list[i].Offset())
			}
			primary = true
			for _, c := range k.Columns {
				t.Columns[c].NotNull, def.Columns[c].NotNull = true, true
			}
		}
		if named(t, k.Name) {
			return sqlstate.DuplicateObject.Errorf("constraint \"%s\" for relation \"%s\" already exists", k.Name, t.Name).At(list[i].Offset())
		}
		t.Constraints = append(t.Constraints, k)
	}
	return nil
}

// named says whether the table has a key of that name.
func named(t *catalog.Table, key string) bool {
	return slices.ContainsFunc(t.Constraints, func(k catalog.Constraint) bool { return k.Name == key })
}

// constraintName makes a name for a key that has none, as PostgreSQL 8.0 does: of the table and the first column, with a number when there is one already.
// https://docs.aws.amazon.com/redshift/latest/dg/r_SHOW_CONSTRAINTS.html
func constraintName(t *catalog.Table, kind byte, column string) string {
	base := t.Name + "_pkey"
	switch kind {
	case 'u':
		base = t.Name + "_" + column + "_key"
	case 'f':
		base = t.Name + "_" + column + "_fkey"
	}
	name := base
	for n := 1; kind != 'p' && named(t, name); n++ {
		name = base + strconv.Itoa(n)
	}
	return name
}

// constraint resolves one key.
func (s *Session) constraint(t *catalog.Table, a *ast.Constraint) (catalog.Constraint, error) {
	k := catalog.Constraint{Name: a.Name, Kind: a.Kind}
	first := ""
	for _, cn := range a.Columns {
		i := t.Column(cn.Name)
		if i < 0 {
			if a.Kind == 'f' {
				return k, sqlstate.UndefinedColumn.Errorf("column \"%s\" referenced in foreign key constraint does not exist", cn.Name).At(cn.Offset())
			}
			return k, sqlstate.UndefinedColumn.Errorf("column \"%s\" named in key does not exist", cn.Name).At(cn.Offset())
		}
		for _, o := range k.Columns {
			if o == i {
				return k, sqlstate.DuplicateColumn.Errorf("column \"%s\" appears twice in key constraint", cn.Name).At(cn.Offset())
			}
		}
		if a.Kind != 'f' && !storage.Sorts(t.Columns[i].Type) {
			return k, sqlstate.UndefinedObject.Errorf("data type %s has no default operator class for access method \"btree\"", t.Columns[i].Type).
				WithHint("You must specify an operator class for the index or define a default operator class for the data type.").At(cn.Offset())
		}
		k.Columns = append(k.Columns, i)
		if first == "" {
			first = cn.Name
		}
	}
	if k.Name == "" {
		k.Name = constraintName(t, a.Kind, first)
	}
	if a.Kind != 'f' {
		return k, nil
	}
	ref := t
	if len(a.RefTable.Parts) > 0 && !(a.RefTable.Schema() == "" && a.RefTable.Object() == t.Name) {
		o, err := s.resolve(a.RefTable)
		if err != nil {
			return k, err
		}
		var ok bool
		if ref, ok = o.(*catalog.Table); !ok {
			return k, sqlstate.WrongObjectType.Errorf("referenced relation \"%s\" is not a table", a.RefTable.Object()).At(a.RefTable.Offset())
		}
		if err := s.needs(ref, principal.References); err != nil {
			return k, err
		}
	}
	k.RefTable = ref.ID // 0 for the table itself, which has no number yet
	if len(a.RefColumns) == 0 {
		for _, o := range ref.Constraints {
			if o.Kind == 'p' {
				k.RefColumns = o.Columns
			}
		}
		if k.RefColumns == nil {
			return k, sqlstate.UndefinedObject.Errorf("there is no primary key for referenced table \"%s\"", ref.Name).At(a.RefTable.Offset())
		}
	}
	for _, cn := range a.RefColumns {
		i := ref.Column(cn.Name)
		if i < 0 {
			return k, sqlstate.UndefinedColumn.Errorf("column \"%s\" referenced in foreign key constraint does not exist", cn.Name).At(cn.Offset())
		}
		k.RefColumns = append(k.RefColumns, i)
	}
	if len(k.RefColumns) != len(k.Columns) {
		return k, sqlstate.InvalidTableDefinition.Errorf("number of referencing and referenced columns for foreign key disagree").At(a.Offset())
	}
	return k, nil
}

// atOffset gives an error its place, if it has none.
func atOffset(err error, pos int) error {
	if e, ok := err.(*sqlstate.Error); ok {
		return e.At(pos)
	}
	return err
}

// attributes sets distribution and sort key. Without DISTSTYLE a table is AUTO, which begins as ALL.
// https://docs.aws.amazon.com/redshift/latest/dg/c_choosing_dist_sort.html
func attributes(names []string, def *storage.Definition, st *ast.CreateTable) error {
	find := func(cn *ast.ColumnName) (int, error) {
		for i, n := range names {
			if n == cn.Name {
				return i, nil
			}
		}
		if n, err := strconv.Atoi(cn.Name); err == nil && st.Query != nil && n >= 1 && n <= len(names) { // DISTKEY (1): r_CTAS_examples
			return n - 1, nil
		}
		return -1, sqlstate.UndefinedColumn.Errorf("column \"%s\" named in key does not exist", cn.Name).At(cn.Offset())
	}
	key := st.DistKey
	for i := range st.Columns {
		if cd := &st.Columns[i]; cd.DistKey {
			if key != nil {
				return sqlstate.InvalidTableDefinition.Errorf("multiple DISTKEY columns are not allowed").At(cd.Offset())
			}
			key = &ast.ColumnName{Pos: cd.Pos, Name: cd.Name}
		}
	}
	def.Dist = storage.Distribution{Style: storage.AutoAll, Column: -1}
	switch st.DistStyle {
	case "even":
		def.Dist.Style = storage.Even
	case "all":
		def.Dist.Style = storage.All
	case "key":
		def.Dist.Style = storage.Key
		if key == nil {
			return sqlstate.InvalidTableDefinition.Errorf("DISTSTYLE KEY requires a DISTKEY column")
		}
	}
	if key != nil {
		if st.DistStyle != "" && st.DistStyle != "key" {
			return sqlstate.InvalidTableDefinition.Errorf("DISTKEY cannot be specified with DISTSTYLE %s", strings.ToUpper(st.DistStyle)).At(key.Offset())
		}
		i, err := find(key)
		if err != nil {
			return err
		}
		def.Dist = storage.Distribution{Style: storage.Key, Column: i}
	}
	return sortKey(names, def, st, find)
}

// sortKey sets the sort key. Without one the table is SORTKEY AUTO, which has chosen none yet.
func sortKey(names []string, def *storage.Definition, st *ast.CreateTable, find func(*ast.ColumnName) (int, error)) error {
	keys := st.SortKey
	for i := range st.Columns {
		if cd := &st.Columns[i]; cd.SortKey {
			if len(st.SortKey) > 0 {
				return sqlstate.InvalidTableDefinition.Errorf("SORTKEY cannot be specified for both a column and the table").At(cd.Offset())
			}
			if len(keys) > 0 {
				return sqlstate.InvalidTableDefinition.Errorf("multiple SORTKEY columns are not allowed as column attributes").WithHint("Use the table attribute SORTKEY (a, b).").At(cd.Offset())
			}
			keys = []ast.ColumnName{{Pos: cd.Pos, Name: cd.Name}}
		}
	}
	if len(keys) == 0 {
		def.Sort = storage.SortKey{Style: storage.SortAuto}
		return nil
	}
	style, limit := storage.Compound, maxSortColumns
	if st.SortStyle == "interleaved" {
		style, limit = storage.Interleaved, maxInterleavedKeys
	}
	if len(keys) > limit {
		return sqlstate.TooManyColumns.Errorf("sort key can have at most %d columns", limit).At(keys[limit].Offset())
	}
	def.Sort = storage.SortKey{Style: style}
	for i := range keys {
		at, err := find(&keys[i])
		if err != nil {
			return err
		}
		for _, o := range def.Sort.Columns {
			if o == at {
				return sqlstate.DuplicateColumn.Errorf("column \"%s\" appears twice in sort key", keys[i].Name).At(keys[i].Offset())
			}
		}
		def.Sort.Columns = append(def.Sort.Columns, at)
	}
	return nil
}
