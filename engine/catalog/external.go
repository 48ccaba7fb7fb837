package catalog

import (
	"slices"
	"sort"
	"strings"
	"time"

	"github.com/redshiftsim/redshiftsim/internal/types"
)

// The data catalog, in which external databases and their tables are, is the cluster's: it stands in the book, beside users and databases.
//
//	Schema "spectrum" {External: database "spectrumdb"}     of one database of the cluster; several may name one external database
//	book   {external database, "spectrumdb"}      -> *ExternalDatabase
//	       {external table, "spectrumdb\x00sales"} -> *ExternalTable with its partitions, or *ExternalView
//
// https://docs.aws.amazon.com/redshift/latest/dg/c-spectrum-external-schemas.html
const (
	keyExternalDatabase = "\x00external database"
	keyExternalTable    = "\x00external table"
)

// DataCatalog is the kind of an external schema in SVV_EXTERNAL_SCHEMAS: its tables are defined in a data catalog.
// https://docs.aws.amazon.com/redshift/latest/dg/r_SVV_EXTERNAL_SCHEMAS.html
const DataCatalog = 1

// LocalDatabase and RemoteDatabase are the kinds of an external schema that is a schema of another database of the cluster, or of one of a datashare.
const (
	LocalDatabase  = 4
	RemoteDatabase = 5
)

// DataCatalogName stands for the data catalog in names of three parts: awsdatacatalog.external_database.table.
// https://docs.aws.amazon.com/redshift/latest/dg/r_CREATE_EXTERNAL_VIEW.html
const DataCatalogName = "awsdatacatalog"

// ExternalSchema is what makes a schema external: the external database that its tables are in.
// https://docs.aws.amazon.com/redshift/latest/dg/r_CREATE_EXTERNAL_SCHEMA.html
type ExternalSchema struct {
	Kind     int // DataCatalog
	Database string
	Schema   string     // of LocalDatabase and RemoteDatabase: the schema there
	Role     string     // IAM_ROLE as written
	Options  []Property // as SVV_EXTERNAL_SCHEMAS shows them: REGION, IAM_ROLE, CATALOG_ROLE, CATALOG_ID
}

// Property is a named text of an external schema or table.
type Property struct{ Name, Value string }

// ExternalDatabase is a database of the data catalog.
type ExternalDatabase struct {
	ID      uint32
	Name    string
	Created time.Time
}

// ExternalTable is a table of an external database: files in Amazon S3 and how they are read. Columns are those of the files, then the partition columns.
// https://docs.aws.amazon.com/redshift/latest/dg/r_CREATE_EXTERNAL_TABLE.html
type ExternalTable struct {
	ID         uint32
	Database   string // the external database
	Name       string
	Columns    []Column
	Keys       int             // how many columns at the end are partition columns
	Location   string          // s3://bucket/folder or that of a manifest, as written
	Storage    ExternalStorage // of files that are in no partition of their own
	Properties []Property      // TABLE PROPERTIES, in their order
	Partitions []*Partition    // in the order of their values
	Created    time.Time
	// Format is what Storage and Properties say, understood (engine/spectrum); shared with what holds the table.
	Format any
}

// ExternalStorage is the format of files: as Hive names it.
type ExternalStorage struct {
	File   string // TEXTFILE, PARQUET, AVRO
	SerDe  string // class of the serialization library
	Params []Property
	Input  string // class of the input format
	Output string
}

// Word is the format of the files as EXPLAIN and the logs have it: TEXT, CSV, JSON, AVRO or PARQUET.
// https://docs.aws.amazon.com/redshift/latest/dg/c-spectrum-external-performance.html
func (s *ExternalStorage) Word() string {
	switch {
	case s.File != "TEXTFILE":
		return s.File
	case strings.HasSuffix(s.SerDe, ".OpenCSVSerde"):
		return "CSV"
	case strings.HasSuffix(s.SerDe, ".JsonSerDe"):
		return "JSON"
	}
	return "TEXT"
}

// Partition is a partition of an external table.
// https://docs.aws.amazon.com/redshift/latest/dg/c-spectrum-external-tables.html#c-spectrum-external-tables-partitioning
type Partition struct {
	Texts    []string      // the values as they were written
	Values   []types.Datum // of the partition columns
	Location string
}

// Data is the columns of the files.
func (t *ExternalTable) Data() []Column { return t.Columns[:len(t.Columns)-t.Keys] }

// KeyColumns is the partition columns.
func (t *ExternalTable) KeyColumns() []Column { return t.Columns[len(t.Columns)-t.Keys:] }

// Property finds a table property by its name, which is case-sensitive.
// https://docs.aws.amazon.com/redshift/latest/dg/r_CREATE_EXTERNAL_TABLE.html
func (t *ExternalTable) Property(name string) (string, bool) {
	for i := range t.Properties {
		if t.Properties[i].Name == name {
			return t.Properties[i].Value, true
		}
	}
	return "", false
}

// Partition finds a partition by its values, nil when there is none.
func (t *ExternalTable) Partition(values []types.Datum) *Partition {
	for _, p := range t.Partitions {
		if compareValues(p.Values, values) == 0 {
			return p
		}
	}
	return nil
}

// WithPartition gives the table with p, in the place of the partition that has its values.
func (t *ExternalTable) WithPartition(p *Partition) *ExternalTable {
	n := t.WithoutPartition(p.Values)
	at := sort.Search(len(n.Partitions), func(i int) bool { return compareValues(n.Partitions[i].Values, p.Values) > 0 })
	n.Partitions = slices.Insert(n.Partitions, at, p)
	return n
}

// WithoutPartition gives the table without the partition of these values.
func (t *ExternalTable) WithoutPartition(values []types.Datum) *ExternalTable {
	n := *t
	n.Partitions = slices.DeleteFunc(slices.Clone(t.Partitions), func(p *Partition) bool { return compareValues(p.Values, values) == 0 })
	return &n
}

// compareValues orders lists of values of the same types; NULL is last.
func compareValues(a, b []types.Datum) int {
	for i := range a {
		switch {
		case a[i].Null && b[i].Null:
			continue
		case a[i].Null:
			return 1
		case b[i].Null:
			return -1
		}
		if c := types.Compare(&a[i], &b[i]); c != 0 {
			return c
		}
	}
	return 0
}

// ExternalView is a view of an external database: a query over its tables and those of other external databases. All databases of the cluster see it.
// https://docs.aws.amazon.com/redshift/latest/dg/data-catalog-views-overview.html
type ExternalView struct {
	ID        uint32
	Database  string // the external database
	Name      string
	Definer   int    // number of the user who made its query: whoever reads the view reads its tables as that user did
	Text      string // the query; "" = its definition was removed
	Columns   []Column
	Bases     []ExternalBase
	Protected bool
	Created   time.Time
	// CaseSensitive is that of View.
	CaseSensitive bool
}

// ExternalBase is a table that an external view reads: its name in the text, and what it was there.
type ExternalBase struct {
	Written        []string
	Database, Name string
}

// Base finds what a name in the view's text means, nil when it is none of the view's tables.
func (v *ExternalView) Base(written []string) *ExternalBase {
	for i := range v.Bases {
		if slices.Equal(v.Bases[i].Written, written) {
			return &v.Bases[i]
		}
	}
	return nil
}

// IsExternal says whether a relation is one of the data catalog: a table or view of an external database.
func IsExternal(o any) bool {
	switch o.(type) {
	case *ExternalTable, *ExternalView:
		return true
	}
	return false
}

// externalKey is where a table of an external database stands.
func externalKey(database, name string) Key { return Key{keyExternalTable, database + "\x00" + name} }

// ExternalDatabaseKey is where an external database stands.
func ExternalDatabaseKey(name string) Key { return Key{keyExternalDatabase, name} }

// ExternalDatabase finds an external database, nil when there is none.
func (c *Catalog) ExternalDatabase(name string) *ExternalDatabase {
	d, _ := c.book.get(ExternalDatabaseKey(name)).(*ExternalDatabase)
	return d
}

// ExternalDatabases lists the external databases by name.
func (c *Catalog) ExternalDatabases() []*ExternalDatabase {
	return listed(c, func(a, b *ExternalDatabase) bool { return a.Name < b.Name })
}

// ExternalTable finds a table of an external database, nil when there is none.
func (c *Catalog) ExternalTable(database, name string) *ExternalTable {
	t, _ := c.book.get(externalKey(database, name)).(*ExternalTable)
	return t
}

// ExternalRelation finds a *ExternalTable or *ExternalView of an external database, nil when there is neither.
func (c *Catalog) ExternalRelation(database, name string) any {
	return c.book.get(externalKey(database, name))
}

// ExternalTables lists the tables of an external database by name.
func (c *Catalog) ExternalTables(database string) []*ExternalTable {
	return ofDatabase(c, database, func(t *ExternalTable) Key { return Key{t.Database, t.Name} })
}

// ExternalViews lists the views of an external database by name.
func (c *Catalog) ExternalViews(database string) []*ExternalView {
	return ofDatabase(c, database, func(v *ExternalView) Key { return Key{v.Database, v.Name} })
}

// ofDatabase lists what an external database has of a kind, by name.
func ofDatabase[T any](c *Catalog, database string, at func(*T) Key) []*T {
	var out []*T
	c.book.each(func(v any) {
		if x, ok := v.(*T); ok && at(x).Schema == database {
			out = append(out, x)
		}
	})
	slices.SortFunc(out, func(a, b *T) int { return strings.Compare(at(a).Name, at(b).Name) })
	return out
}

// HasExternal says whether the database has an external schema.
func (c *Catalog) HasExternal() bool {
	for _, s := range c.schemas {
		if s.External != nil {
			return true
		}
	}
	return false
}

// external finds a table or view by the external schema that it is reached through, nil when there is none. No search path leads there.
func (c *Catalog) external(schema, name string) any {
	if s := c.Schema(schema); s != nil && s.External != nil && s.External.Kind == DataCatalog {
		return c.ExternalRelation(s.External.Database, name)
	}
	return nil
}
