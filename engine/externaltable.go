package engine

import (
	"slices"
	"strings"

	"github.com/redshiftsim/redshiftsim/engine/ast"
	"github.com/redshiftsim/redshiftsim/engine/catalog"
	"github.com/redshiftsim/redshiftsim/engine/load"
	"github.com/redshiftsim/redshiftsim/engine/spectrum"
	"github.com/redshiftsim/redshiftsim/internal/nested"
	"github.com/redshiftsim/redshiftsim/internal/sqlstate"
	"github.com/redshiftsim/redshiftsim/internal/types"
)

// maxExternalColumns is how many columns an external table may have when it has its pseudocolumns; maxColumns otherwise.
// https://docs.aws.amazon.com/redshift/latest/dg/r_CREATE_EXTERNAL_TABLE.html
const maxExternalColumns = 1598

// maxNewPartitions is how many partitions a statement may add.
// https://docs.aws.amazon.com/redshift/latest/dg/c-spectrum-external-tables.html
const maxNewPartitions = 100

// createExternalTable is CREATE EXTERNAL TABLE with columns. Nothing is read: the files need not be there yet.
// https://docs.aws.amazon.com/redshift/latest/dg/r_CREATE_EXTERNAL_TABLE.html
func (s *Session) createExternalTable(c *call, st *ast.CreateExternalTable) error {
	if err := s.alone(c, "CREATE EXTERNAL TABLE"); err != nil {
		return err
	}
	t, err := s.newExternalTable(st)
	if t == nil || err != nil {
		return err
	}
	if err := s.externalColumns(t, st); err != nil {
		return err
	}
	if err := describeExternal(t, st); err != nil {
		return err
	}
	t.ID = s.c.newID()
	s.tx.EditEntry(t)
	return nil
}

// newExternalTable begins an external table; nil without an error = it is there, and IF NOT EXISTS was said.
func (s *Session) newExternalTable(st *ast.CreateExternalTable) (*catalog.ExternalTable, error) {
	s.tx.Refresh()
	sch, err := s.externalSchema(st.Name)
	if err != nil {
		return nil, err
	}
	if s.tx.Catalog().ExternalRelation(sch.External.Database, st.Name.Object()) != nil {
		if st.IfNotExists {
			s.tell("INFO", sqlstate.DuplicateTable, "Relation \"%s\" already exists and will be skipped", st.Name.Object())
			return nil, nil
		}
		return nil, catalog.Exists(st.Name.Object()).At(st.Name.Offset())
	}
	return &catalog.ExternalTable{Database: sch.External.Database, Name: st.Name.Object(), Location: s3Address(st.Location), Created: s.c.cfg.Clock()}, nil
}

// externalColumns gives a table its columns and partition columns.
func (s *Session) externalColumns(t *catalog.ExternalTable, st *ast.CreateExternalTable) error {
	most := maxExternalColumns
	if s.noPseudo {
		most = maxColumns
	}
	for i, cd := range append(append([]ast.ColumnDef(nil), st.Columns...), st.Partitions...) {
		partition := i >= len(st.Columns)
		if cd.Name == "$path" || cd.Name == "$size" || cd.Name == "$spectrum_oid" {
			return sqlstate.InvalidColumnDefinition.Errorf("column name \"%s\" is that of a pseudocolumn", cd.Name).At(cd.Offset())
		}
		for k := range t.Columns {
			if t.Columns[k].Name == cd.Name {
				return twice(cd.Name, cd.Offset())
			}
		}
		switch {
		case cd.Type == nil:
			return sqlstate.Syntax.Errorf("partition column \"%s\" needs a type", cd.Name).At(cd.Offset())
		case cd.Type.Parts != nil && partition:
			return sqlstate.FeatureNotSupported.Errorf("column \"%s\" of a nested type is not supported in the partition columns of an external table", cd.Name).At(cd.Type.Offset())
		case cd.Type.Parts != nil:
			n, err := nestedType(t.Name, cd.Name, cd.Type)
			if err != nil {
				return err
			}
			t.Columns = append(t.Columns, catalog.Column{Name: cd.Name, Type: types.TNested, Nested: n, PosAttr: i + 1})
			continue
		}
		typ, err := columnType(t.Name, &cd)
		if err != nil {
			return err
		}
		if !spectrum.Holds(typ, partition) {
			what := "an external table"
			if partition {
				what = "the partition columns of an external table"
			}
			return sqlstate.FeatureNotSupported.Errorf("column \"%s\" of type %s is not supported in %s", cd.Name, typ, what).At(cd.Type.Offset())
		}
		t.Columns = append(t.Columns, catalog.Column{Name: cd.Name, Type: typ, PosAttr: i + 1})
	}
	t.Keys = len(st.Partitions)
	switch {
	case len(st.Columns) == 0:
		return sqlstate.InvalidTableDefinition.Errorf("external table \"%s\" must have at least one column", t.Name).At(st.Name.Offset())
	case len(t.Columns) > most:
		return sqlstate.TooManyColumns.Errorf("external tables can have at most %d columns", most)
	}
	return nil
}

// nestedType makes the type of a column, or of a part of one. string is the longest VARCHAR, as in the data catalog.
// https://docs.aws.amazon.com/redshift/latest/dg/tutorial-query-nested-data.html#tutorial-nested-data-create-table
func nestedType(table, column string, n *ast.TypeName) (*nested.Type, error) {
	t, err := nestedPart(table, column, n)
	if err == nil && t.Depth() > nested.MaxDepth {
		err = sqlstate.ProgramLimit.Errorf("column \"%s\" has more than %d nested types within each other", column, nested.MaxDepth).At(n.Offset())
	}
	return t, err
}

func nestedPart(table, column string, n *ast.TypeName) (*nested.Type, error) {
	switch {
	case n.Parts != nil:
	case n.Name == "string":
		return nested.Of(types.TVarcharMax), nil
	default:
		typ, err := columnType(table, &ast.ColumnDef{Pos: n.Pos, Name: column, Type: n})
		if err == nil && !spectrum.Holds(typ, true) {
			err = sqlstate.FeatureNotSupported.Errorf("column \"%s\" of type %s is not supported in nested data of an external table", column, typ).At(n.Offset())
		}
		return nested.Of(typ), err
	}
	names, parts := make([]string, len(n.Parts)), make([]*nested.Type, len(n.Parts))
	for i := range n.Parts {
		x := &n.Parts[i]
		if names[i] = x.Name; x.Name != "" && slices.Contains(names[:i], x.Name) {
			return nil, twice(x.Name, x.Offset())
		}
		p, err := nestedPart(table, column, x.Type)
		if err != nil {
			return nil, err
		}
		parts[i] = p
	}
	switch {
	case names[0] != "":
		return nested.StructOf(names, parts), nil
	case len(parts) == 1:
		return nested.ArrayOf(parts[0]), nil
	case parts[0].Kind != nested.Scalar:
		return nil, sqlstate.FeatureNotSupported.Errorf("the key of a map must be a scalar").At(n.Parts[0].Offset())
	}
	return nested.MapOf(parts[0], parts[1]), nil
}

// describeExternal gives a table its storage and properties, and sees whether they are understood.
func describeExternal(t *catalog.ExternalTable, st *ast.CreateExternalTable) (err error) {
	switch {
	case st.Location == "":
		return sqlstate.Syntax.Errorf("CREATE EXTERNAL TABLE needs LOCATION")
	case st.InputFormat != "":
		t.Storage, err = spectrum.StorageOf(st.InputFormat, st.Output)
	case st.Stored == "":
		t.Storage, err = spectrum.Storage("TEXTFILE")
	default:
		t.Storage, err = spectrum.Storage(st.Stored)
	}
	if err != nil {
		return err
	}
	if _, _, err := load.SplitURL(t.Location); err != nil {
		return err
	}
	for i := range st.Format {
		if err := rowFormat(&t.Storage, &st.Format[i]); err != nil {
			return err
		}
	}
	for _, p := range st.SerDe {
		t.Storage.Params = withOption(t.Storage.Params, catalog.Property{Name: p.Name, Value: p.Value})
	}
	for _, p := range st.Properties {
		t.Properties = withOption(t.Properties, catalog.Property{Name: p.Name, Value: p.Value})
	}
	return understand(t)
}

// s3Address is an address with its scheme in small letters: the guide's examples write S3://, too.
// https://docs.aws.amazon.com/redshift/latest/dg/r_CREATE_EXTERNAL_TABLE_examples.html
func s3Address(v string) string {
	if len(v) > 2 && strings.EqualFold(v[:2], "s3") {
		return "s3" + v[2:]
	}
	return v
}

// understand reads a table's storage and properties anew.
func understand(t *catalog.ExternalTable) error {
	f, err := spectrum.Understand(t)
	if err != nil {
		return err
	}
	for i := range t.Columns {
		if c := &t.Columns[i]; c.Type.Kind == types.Varbyte && (t.Keys > 0 || f.Options.Format != load.Parquet) {
			return sqlstate.FeatureNotSupported.Errorf("column \"%s\" of type %s can be read from PARQUET files of tables without partitions only", c.Name, c.Type)
		}
	}
	if i := slices.IndexFunc(t.Columns, func(c catalog.Column) bool { return c.Nested != nil }); i >= 0 && f.Options.Format != load.Parquet && f.Options.Format != load.JSON {
		return sqlstate.FeatureNotSupported.Errorf("column \"%s\" of a nested type can be read from PARQUET and JSON files only", t.Columns[i].Name)
	}
	for _, c := range t.Data() { // partition columns may be dates whatever the files are
		if c.Type.Kind == types.Date && f.Options.Format == load.Avro {
			return sqlstate.FeatureNotSupported.Errorf("column \"%s\" of type date cannot be read from AVRO files", c.Name).WithHint("TEXTFILE and PARQUET have dates.")
		}
	}
	t.Format = f
	return nil
}

// rowFormat reads a part of ROW FORMAT.
// https://docs.aws.amazon.com/redshift/latest/dg/r_CREATE_EXTERNAL_TABLE.html
func rowFormat(s *catalog.ExternalStorage, o *ast.Option) error {
	name, v := "", unescaped(o.Value)
	switch o.Name {
	case "SERDE":
		s.SerDe = o.Value
		return nil
	case "FIELDS TERMINATED BY":
		name = "field.delim"
	case "LINES TERMINATED BY":
		name, v = "line.delim", strings.NewReplacer(`\n`, "\n", `\r`, "\r", `\l`, "l").Replace(v)
		if v == "\r\n" || v == "\nl" { // the guide's example ends lines with '\n\l'; a carriage return before the newline is no data
			v = "\n"
		}
	case "NULL DEFINED AS":
		name, v = "serialization.null.format", o.Value
	default:
		return sqlstate.Unbuilt("CREATE EXTERNAL TABLE", "ROW FORMAT DELIMITED .. "+o.Name).At(o.Offset())
	}
	if name == "field.delim" && (len(v) != 1 || v[0] >= 0x80) {
		return sqlstate.InvalidParameterValue.Errorf("%s takes a single ASCII character", o.Name).At(o.Offset())
	}
	s.Params = withOption(s.Params, catalog.Property{Name: name, Value: v})
	if name == "field.delim" {
		s.Params = withOption(s.Params, catalog.Property{Name: "serialization.format", Value: v})
	}
	return nil
}

// externalNamed finds the external table that a statement changes; its schema must be the user's.
func (s *Session) externalNamed(n ast.Name) (*catalog.ExternalTable, error) {
	sch, err := s.externalSchema(n)
	if err != nil {
		return nil, err
	}
	t := s.tx.Catalog().ExternalTable(sch.External.Database, n.Object())
	if t == nil {
		return nil, sqlstate.UndefinedTable.Errorf("relation \"%s.%s\" does not exist", n.Schema(), n.Object()).At(n.Offset())
	}
	return t, nil
}

// alterExternalTable is ALTER TABLE with an action that only external tables have.
// https://docs.aws.amazon.com/redshift/latest/dg/r_ALTER_TABLE_external-table.html
func (s *Session) alterExternalTable(c *call, st *ast.AlterExternalTable) error {
	s.tx.Refresh()
	if o, err := s.resolve(st.Table); err == nil {
		if _, external := o.(*catalog.ExternalTable); !external {
			return sqlstate.WrongObjectType.Errorf("\"%s\" is not an external table", st.Table.Object()).At(st.Table.Offset())
		}
	}
	old, err := s.externalNamed(st.Table)
	if err != nil {
		return err
	}
	if err := s.alone(c, "ALTER EXTERNAL TABLE"); err != nil {
		return err
	}
	t := *old
	n := &t
	switch st.Action {
	case "set location":
		if _, _, err := load.SplitURL(s3Address(st.Value)); err != nil {
			return err
		}
		if len(st.Partitions) > 0 {
			n, err = s.movePartition(n, &st.Partitions[0], s3Address(st.Value))
			break
		}
		n.Location = s3Address(st.Value)
	case "set file format":
		n.Storage, err = spectrum.Storage(st.Value)
		if err == nil {
			err = understand(n)
		}
	case "set table properties":
		for _, p := range st.Properties {
			n.Properties = withOption(n.Properties, catalog.Property{Name: p.Name, Value: p.Value})
		}
		err = understand(n)
	case "add partition":
		n, err = s.addPartitions(n, st)
	case "drop partition":
		n, err = s.dropPartition(n, &st.Partitions[0])
	}
	if err != nil {
		return err
	}
	s.tx.EditEntry(n)
	return nil
}

// partitionValues reads the values of a partition: each partition column has one.
func (s *Session) partitionValues(t *catalog.ExternalTable, p *ast.Partition) (*catalog.Partition, error) {
	keys := t.KeyColumns()
	if len(keys) == 0 {
		return nil, sqlstate.InvalidTableDefinition.Errorf("external table \"%s\" is not partitioned", t.Name).At(p.Offset())
	}
	out := &catalog.Partition{Texts: make([]string, len(keys)), Values: make([]types.Datum, len(keys)), Location: s3Address(p.Location)}
	given := make([]bool, len(keys))
	for i := range p.Values {
		v, at := &p.Values[i], -1
		for k := range keys {
			if keys[k].Name == v.Name {
				at = k
			}
		}
		switch {
		case at < 0:
			return nil, sqlstate.UndefinedColumn.Errorf("\"%s\" is no partition column of external table \"%s\"", v.Name, t.Name).At(v.Offset())
		case given[at]:
			return nil, sqlstate.DuplicateColumn.Errorf("column \"%s\" specified more than once", v.Name).At(v.Offset())
		}
		d, err := types.Parse(v.Value, keys[at].Type, s.zone)
		if err != nil {
			return nil, atOffset(err, v.Offset())
		}
		given[at], out.Texts[at], out.Values[at] = true, v.Value, d
	}
	for k := range given {
		if !given[k] {
			return nil, sqlstate.Syntax.Errorf("partition column \"%s\" has no value", keys[k].Name).At(p.Offset())
		}
	}
	return out, nil
}

// addPartitions is ADD [IF NOT EXISTS] PARTITION.
func (s *Session) addPartitions(t *catalog.ExternalTable, st *ast.AlterExternalTable) (*catalog.ExternalTable, error) {
	if len(st.Partitions) > maxNewPartitions {
		return nil, sqlstate.ProgramLimit.Errorf("a statement can add at most %d partitions", maxNewPartitions)
	}
	for i := range st.Partitions {
		p, err := s.partitionValues(t, &st.Partitions[i])
		if err != nil {
			return nil, err
		}
		if _, _, err := load.SplitURL(p.Location); err != nil {
			return nil, err
		}
		if t.Partition(p.Values) != nil {
			if st.IfNotExists {
				s.tell("INFO", sqlstate.DuplicateObject, "Partition (%s) already exists and will be skipped", strings.Join(p.Texts, ", "))
				continue
			}
			return nil, sqlstate.DuplicateObject.Errorf("Partition already exists.").WithDetail("Its values are (%s).", strings.Join(p.Texts, ", ")).At(st.Partitions[i].Offset())
		}
		t = t.WithPartition(p)
	}
	return t, nil
}

// noPartition says that a table has no partition of these values.
func noPartition(p *catalog.Partition, at ast.Pos) error {
	return sqlstate.UndefinedObject.Errorf("Partition does not exist.").WithDetail("Its values are (%s).", strings.Join(p.Texts, ", ")).At(at.Offset())
}

// dropPartition is DROP PARTITION: its files stay.
func (s *Session) dropPartition(t *catalog.ExternalTable, x *ast.Partition) (*catalog.ExternalTable, error) {
	p, err := s.partitionValues(t, x)
	if err == nil && t.Partition(p.Values) == nil {
		err = noPartition(p, x.Pos)
	}
	if err != nil {
		return nil, err
	}
	return t.WithoutPartition(p.Values), nil
}

// movePartition is PARTITION .. SET LOCATION.
func (s *Session) movePartition(t *catalog.ExternalTable, x *ast.Partition, location string) (*catalog.ExternalTable, error) {
	p, err := s.partitionValues(t, x)
	if err != nil {
		return nil, err
	}
	old := t.Partition(p.Values)
	if old == nil {
		return nil, noPartition(p, x.Pos)
	}
	n := *old
	n.Location = location
	return t.WithPartition(&n), nil
}

// alterExternal is ALTER TABLE with an action that tables of the database have, too: a column of an external table can get another name.
// https://docs.aws.amazon.com/redshift/latest/dg/r_ALTER_TABLE_external-table.html
func (s *Session) alterExternal(c *call, st *ast.AlterTable) error {
	old, err := s.externalNamed(st.Table)
	if err != nil {
		return err
	}
	switch st.Action {
	case "rename column":
	case "rename":
		return sqlstate.FeatureNotSupported.Errorf("Operation RENAME on external tables is not supported").At(st.Table.Offset())
	default:
		return unsupported(st, "ALTER TABLE "+strings.ToUpper(st.Action)+" of external tables")
	}
	if err := s.alone(c, "ALTER EXTERNAL TABLE"); err != nil {
		return err
	}
	t := *old
	t.Columns = append([]catalog.Column(nil), old.Columns...)
	at := -1
	for i := range t.Columns {
		switch t.Columns[i].Name {
		case st.To:
			return twice(st.To, st.Table.Offset())
		case st.Old.Name:
			at = i
		}
	}
	if at < 0 {
		return sqlstate.UndefinedColumn.Errorf("column \"%s\" does not exist", st.Old.Name).At(st.Old.Offset())
	}
	t.Columns[at].Name = st.To
	if err := understand(&t); err != nil {
		return err
	}
	s.tx.EditEntry(&t)
	return nil
}

// dropExternalTable is DROP TABLE of an external table: its files stay.
// https://docs.aws.amazon.com/redshift/latest/dg/r_DROP_TABLE.html
func (s *Session) dropExternalTable(c *call, n ast.Name) error {
	if err := s.alone(c, "DROP EXTERNAL TABLE"); err != nil {
		return err
	}
	t, err := s.externalNamed(n)
	if err != nil {
		return err
	}
	s.tx.RemoveEntry(catalog.EntryKey(t))
	return nil
}

// showExternalTable is SHOW EXTERNAL TABLE.
// https://docs.aws.amazon.com/redshift/latest/dg/r_SHOW_EXTERNAL_TABLE.html
func (s *Session) showExternalTable(c *call, st *ast.ShowObjects) (*rowset, int64, error) {
	n := *st.Name
	_, o, err := s.shownRelation(st)
	if err != nil {
		return nil, 0, err
	}
	t, ok := o.(*catalog.ExternalTable)
	if !ok {
		return nil, 0, sqlstate.WrongObjectType.Errorf("\"%s\" is not an external table", n.Object()).At(n.Offset())
	}
	text := spectrum.Definition(t, n.Parts, st.Partition)
	return s.rowsOf([]string{definitionColumn("EXTERNAL TABLE")}, [][]string{{text}}, c.rec), 0, nil
}
