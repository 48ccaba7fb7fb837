package catalog

import (
	"sort"
	"strings"
	"sync"

	"github.com/redshiftsim/redshiftsim/engine/principal"
	"github.com/redshiftsim/redshiftsim/internal/sqlstate"
)

// Schema is a namespace of relations.
type Schema struct {
	ID      uint32
	Name    string
	Owner   int    // number of the user
	Quota   int64  // megabytes that its tables may take; 0 = no limit
	Comment string // of COMMENT ON; "" = none
	// External says that it is an external schema; nil = it is the database's own.
	External *ExternalSchema
}

// Names and numbers of the schemas of a fresh database.
const (
	Public        = "public"
	PgCatalog     = "pg_catalog"
	Information   = "information_schema"
	TempPrefix    = "pg_temp_"
	publicID      = 2200
	pgCatalogID   = 11
	informationID = 13100
	FirstID       = 100000 // of user objects
)

// System is the system tables, made when one is first looked for and shared by all catalogs of the process.
type System struct {
	once   sync.Once
	list   func() []*Virtual
	byName map[Key]*Virtual
	all    []*Virtual
}

// NewSystem makes a System of what list will give.
func NewSystem(list func() []*Virtual) *System { return &System{list: list} }

func (s *System) fill() {
	s.once.Do(func() {
		s.all = s.list()
		s.byName = make(map[Key]*Virtual, len(s.all))
		for _, v := range s.all {
			s.byName[Key{v.Schema, v.Name}] = v
		}
	})
}

// Lookup finds a system table, nil when there is none.
func (s *System) Lookup(schema, name string) *Virtual {
	if s == nil {
		return nil
	}
	s.fill()
	return s.byName[Key{schema, name}]
}

// All lists the system tables.
func (s *System) All() []*Virtual {
	if s == nil {
		return nil
	}
	s.fill()
	return s.all
}

// Catalog is one state of everything that exists in the database. It never changes: With and its likes make another one.
type Catalog struct {
	// lends is what the datashare that the database was made from may do; nil = it was made from none.
	lends map[lentKey]principal.Privilege

	system       *System
	database     uint32
	objects      tree // *Table or *View
	schemas      []*Schema
	databases    []*Database // the cluster's
	book         tree        // the cluster's: users, groups, roles, privileges on databases
	access       tree        // privileges on objects, and those that new objects begin with
	views        int         // how many objects are views
	materialized int         // how many are materialized views
	temps        int         // how many objects are temporary tables
	functions    int         // how many names of functions there are that SQL has made
	policies     int         // how many RLS and masking policies there are
	templates    int         // how many templates there are
	jobs         int         // how many copy jobs there are
}

// New is the catalog of a fresh database: schema public, the bootstrap user rdsdb and the administrator.
// https://docs.aws.amazon.com/redshift/latest/dg/r_superusers.html
func New(system *System, database, admin string) *Catalog {
	c := &Catalog{
		system:    system,
		database:  FirstDatabase,
		databases: []*Database{{ID: FirstDatabase, Name: database, Owner: principal.BootstrapID, ConnLimit: -1}},
		schemas:   firstSchemas(),
	}
	c.begin(admin)
	return c
}

// firstSchemas are those of a fresh database.
func firstSchemas() []*Schema {
	return []*Schema{
		{ID: pgCatalogID, Name: PgCatalog, Owner: principal.BootstrapID},
		{ID: informationID, Name: Information, Owner: principal.BootstrapID},
		{ID: publicID, Name: Public, Owner: principal.BootstrapID},
	}
}

// System gives the system tables.
func (c *Catalog) System() *System { return c.system }

// Get finds a table or view of a schema by name, nil when there is none. System tables are found by Relation only.
func (c *Catalog) Get(schema, name string) any { return c.objects.get(Key{schema, name}) }

// Relation finds a *Table, *View or *Virtual of a schema, nil when there is none.
func (c *Catalog) Relation(schema, name string) any {
	if o := c.objects.get(Key{schema, name}); o != nil {
		return o
	}
	if v := c.system.Lookup(schema, name); v != nil {
		return v
	}
	return nil
}

// Resolve finds a relation by the name a statement uses: in schema, or, when that is "", in the schemas of path from left to right.
func (c *Catalog) Resolve(path []string, schema, name string) (any, error) {
	if schema != "" {
		if o := c.Relation(schema, name); o != nil {
			return o, nil
		}
		if t := c.external(schema, name); t != nil {
			return t, nil
		}
		if c.Schema(schema) == nil {
			return nil, sqlstate.InvalidSchemaName.Errorf("schema \"%s\" does not exist", schema)
		}
		return nil, sqlstate.UndefinedTable.Errorf("relation \"%s.%s\" does not exist", schema, name)
	}
	for _, s := range path {
		if o := c.Relation(s, name); o != nil {
			return o, nil
		}
	}
	return nil, sqlstate.UndefinedTable.Errorf("relation \"%s\" does not exist", name)
}

// KeyOf is where an object stands.
func KeyOf(o any) Key {
	switch o := o.(type) {
	case *Table:
		return Key{o.Schema, o.Name}
	case *View:
		return Key{o.Schema, o.Name}
	case *Virtual:
		return Key{o.Schema, o.Name}
	case *ExternalTable: // several schemas may lead there
		return Key{o.Database, o.Name}
	case *ExternalView:
		return Key{o.Database, o.Name}
	}
	panic("catalog: not a relation")
}

// IDOf is an object's number.
func IDOf(o any) uint32 {
	switch o := o.(type) {
	case *Table:
		return o.ID
	case *View:
		return o.ID
	case *Virtual:
		return o.ID
	case *ExternalTable:
		return o.ID
	case *ExternalView:
		return o.ID
	}
	panic("catalog: not a relation")
}

// ColumnsOf lists a relation's columns, in order.
func ColumnsOf(o any) []Column {
	switch o := o.(type) {
	case *Table:
		return o.Columns
	case *View:
		return o.Columns
	case *Virtual:
		return o.Columns
	case *ExternalTable:
		return o.Columns
	case *ExternalView:
		return o.Columns
	}
	panic("catalog: not a relation")
}

// With gives a catalog that also has o, a *Table or *View, in the place of what had its name.
func (c *Catalog) With(o any) *Catalog {
	n := *c
	k := KeyOf(o)
	n.count(n.objects.get(k), -1)
	n.count(o, 1)
	n.objects = n.objects.with(k, o)
	return &n
}

// Without gives a catalog that lacks the object of that name.
func (c *Catalog) Without(schema, name string) *Catalog {
	n := *c
	k := Key{schema, name}
	n.count(n.objects.get(k), -1)
	n.objects = n.objects.without(k)
	return &n
}

func (c *Catalog) count(o any, d int) {
	switch o := o.(type) {
	case *Table:
		if o.Temp {
			c.temps += d
		}
	case *View:
		c.views += d
		if o.Materialized != nil {
			c.materialized += d
		}
	}
}

// MaterializedViews is the number of materialized views.
func (c *Catalog) MaterializedViews() int { return c.materialized }

// Temps is the number of temporary tables of all sessions.
func (c *Catalog) Temps() int { return c.temps }

// Objects lists tables and views by number.
func (c *Catalog) Objects() []any {
	out := make([]any, 0, c.objects.size)
	c.objects.each(func(o any) { out = append(out, o) })
	sort.Slice(out, func(i, j int) bool { return IDOf(out[i]) < IDOf(out[j]) })
	return out
}

// Tables lists the tables by number.
func (c *Catalog) Tables() []*Table {
	out := make([]*Table, 0, c.objects.size)
	c.objects.each(func(o any) {
		if t, ok := o.(*Table); ok {
			out = append(out, t)
		}
	})
	sort.Slice(out, func(i, j int) bool { return out[i].ID < out[j].ID })
	return out
}

// Views lists the views by number.
func (c *Catalog) Views() []*View {
	out := make([]*View, 0, c.views)
	if c.views == 0 {
		return out
	}
	c.objects.each(func(o any) {
		if v, ok := o.(*View); ok {
			out = append(out, v)
		}
	})
	sort.Slice(out, func(i, j int) bool { return out[i].ID < out[j].ID })
	return out
}

// TableByID finds a table by number, nil when there is none.
func (c *Catalog) TableByID(id uint32) *Table {
	var t *Table
	c.objects.each(func(o any) {
		if x, ok := o.(*Table); ok && x.ID == id {
			t = x
		}
	})
	return t
}

// Dependents lists the views that read the relation of number id; late-binding views depend on nothing.
// https://docs.aws.amazon.com/redshift/latest/dg/r_CREATE_VIEW.html
func (c *Catalog) Dependents(id uint32) []*View {
	if c.views == 0 {
		return nil
	}
	var out []*View
	for _, v := range c.Views() {
		for _, d := range v.Depends {
			if d == id {
				out = append(out, v)
				break
			}
		}
	}
	return out
}

// Schema finds a schema by name, nil when there is none.
func (c *Catalog) Schema(name string) *Schema {
	for _, s := range c.schemas {
		if s.Name == name {
			return s
		}
	}
	return nil
}

// Schemas lists the schemas.
func (c *Catalog) Schemas() []*Schema { return c.schemas }

// WithSchema gives a catalog that also has s.
func (c *Catalog) WithSchema(s *Schema) *Catalog {
	n := *c
	n.schemas = append(n.schemas[:len(n.schemas):len(n.schemas)], s)
	return &n
}

// WithoutSchema gives a catalog that lacks the schema of that name; its objects must be gone already.
func (c *Catalog) WithoutSchema(name string) *Catalog {
	n := *c
	n.schemas = make([]*Schema, 0, len(c.schemas))
	for _, s := range c.schemas {
		if s.Name != name {
			n.schemas = append(n.schemas, s)
		}
	}
	return &n
}

// InSchema lists the objects of a schema by number.
func (c *Catalog) InSchema(name string) []any {
	var out []any
	for _, o := range c.Objects() {
		if KeyOf(o).Schema == name {
			out = append(out, o)
		}
	}
	return out
}

// IsTempSchema says that a schema holds a session's temporary tables.
func IsTempSchema(name string) bool { return strings.HasPrefix(name, TempPrefix) }

// Exists is the error for a name that is taken.
func Exists(name string) *sqlstate.Error {
	return sqlstate.DuplicateTable.Errorf("Relation \"%s\" already exists", name)
}

// EncodeAuto says whether the encodings are left to the engine (ENCODE AUTO): no column names one.
// https://docs.aws.amazon.com/redshift/latest/dg/c_Compression_encodings.html
func (t *Table) EncodeAuto() bool {
	for i := range t.Columns {
		if t.Columns[i].Encoding != "" {
			return false
		}
	}
	return !t.Temp
}

// Column finds a column by name, -1 when there is none.
func (t *Table) Column(name string) int {
	for i := range t.Columns {
		if t.Columns[i].Name == name {
			return i
		}
	}
	return -1
}
