package catalog

import (
	"fmt"
	"slices"
	"time"

	"github.com/redshiftsim/redshiftsim/engine/principal"
)

// Datashares are the cluster's and stand in the book: of the producer what is shared, of the consumer the databases that were made from it. What is added to a datashare
// can be read; what was granted to it besides stands with the objects (sharing.go).
//
//	producer  book {datashare, "salesshare"} -> *Datashare {schemas 2200, objects 100001 100004, consumers [namespace]}
//	          access {access, "relation 100001"} -> {awsuser=arwd/awsuser, "datashare salesshare=aw/awsuser"}
//	consumer  Database "sales_db" {Import: "salesshare" of the producer's namespace}
//	          book {imported access, "100007 relation 100009"} -> *ImportedAccess      WITH PERMISSIONS: what was granted on its objects
//
// https://docs.aws.amazon.com/redshift/latest/dg/datashare-overview.html
const (
	keyDatashare      = "\x00datashare"
	keyImportedAccess = "\x00imported access"
)

// Datashare is a set of objects of one database that other clusters may read.
// https://docs.aws.amazon.com/redshift/latest/dg/r_CREATE_DATASHARE.html
type Datashare struct {
	ID        uint32
	Name      string
	Database  uint32 // number of the database whose objects it has
	Owner     int    // number of the user
	Public    bool   // PUBLICACCESSIBLE
	Created   time.Time
	Schemas   []SharedSchema // by number
	Objects   []uint32       // numbers of tables, views and functions, ascending
	Consumers []Consumer
}

// SharedSchema is a schema of a datashare. Objects of its that are younger than number After are in the datashare when IncludeNew is set.
// https://docs.aws.amazon.com/redshift/latest/dg/r_ALTER_DATASHARE.html
type SharedSchema struct {
	ID         uint32
	IncludeNew bool
	After      uint32
}

// Consumer is who may read a datashare: a cluster of the producer's account, or all clusters of another account.
type Consumer struct {
	Namespace string // "" = of an account
	Account   string // "" = of a namespace
	Since     time.Time
}

// Import says which datashare a database was made from.
// https://docs.aws.amazon.com/redshift/latest/dg/r_CREATE_DATABASE.html
type Import struct {
	Share, Namespace string
	Permissions      bool // WITH PERMISSIONS: privileges are granted on each object
}

// ImportedAccess is what was granted on an object of a database that was made from a datashare.
type ImportedAccess struct {
	Database uint32
	*principal.Access
}

// importedKey is where the privileges on an object of such a database stand.
func importedKey(database uint32, o principal.Object, id uint32) Key {
	return Key{keyImportedAccess, fmt.Sprintf("%d %d %d", database, o, id)}
}

// DatashareKey is where a datashare stands.
func DatashareKey(name string) Key { return Key{keyDatashare, name} }

// Datashare finds a datashare of the cluster, nil when there is none.
func (c *Catalog) Datashare(name string) *Datashare {
	d, _ := c.book.get(DatashareKey(name)).(*Datashare)
	return d
}

// Datashares lists the datashares of the cluster by number.
func (c *Catalog) Datashares() []*Datashare {
	return listed(c, func(a, b *Datashare) bool { return a.ID < b.ID })
}

// ImportedAccesses lists what was granted on objects of databases that were made from datashares.
func (c *Catalog) ImportedAccesses() []*ImportedAccess {
	return listed(c, func(a, b *ImportedAccess) bool {
		return a.Database < b.Database || a.Database == b.Database && a.ID < b.ID
	})
}

// Schema finds a schema that was added to the datashare by number, nil when it was not.
func (d *Datashare) Schema(id uint32) *SharedSchema {
	for i := range d.Schemas {
		if d.Schemas[i].ID == id {
			return &d.Schemas[i]
		}
	}
	return nil
}

// Lists says whether an object, by number, of a schema, was added to the datashare.
func (d *Datashare) Lists(schema, id uint32) bool {
	s := d.Schema(schema)
	if s == nil {
		return false
	}
	_, listed := slices.BinarySearch(d.Objects, id)
	return listed || s.IncludeNew && id > s.After
}

// Grants says whether a consumer was granted the datashare: a namespace or an account, the other being "".
func (d *Datashare) Grants(namespace, account string) bool {
	return slices.ContainsFunc(d.Consumers, func(c Consumer) bool { return c.Namespace == namespace && c.Account == account })
}

// With gives the datashare with an object.
func (d *Datashare) With(id uint32) *Datashare {
	n := *d
	if at, ok := slices.BinarySearch(d.Objects, id); !ok {
		n.Objects = slices.Insert(slices.Clone(d.Objects), at, id)
	}
	return &n
}

// Without gives the datashare without an object.
func (d *Datashare) Without(id uint32) *Datashare {
	n := *d
	n.Objects = slices.DeleteFunc(slices.Clone(d.Objects), func(x uint32) bool { return x == id })
	return &n
}

// WithSchema gives the datashare with s in the place of the schema of that number.
func (d *Datashare) WithSchema(s SharedSchema) *Datashare {
	n := d.WithoutSchema(s.ID)
	n.Schemas = append(n.Schemas, s)
	slices.SortFunc(n.Schemas, func(a, b SharedSchema) int { return int(int64(a.ID) - int64(b.ID)) })
	return n
}

// WithoutSchema gives the datashare without a schema.
func (d *Datashare) WithoutSchema(id uint32) *Datashare {
	n := *d
	n.Schemas = slices.DeleteFunc(slices.Clone(d.Schemas), func(s SharedSchema) bool { return s.ID == id })
	return &n
}

// Listed gives the datashare with the objects that SET INCLUDENEW has brought listed, and none that is made from now on: last is the newest number.
func (d *Datashare) Listed(c *Catalog, schema *Schema, last uint32) *Datashare {
	s := d.Schema(schema.ID)
	if s == nil || !s.IncludeNew {
		return d
	}
	n := d
	for _, id := range c.shareable(schema.Name) {
		if d.Lists(schema.ID, id) {
			n = n.With(id)
		}
	}
	return n.WithSchema(SharedSchema{ID: schema.ID, IncludeNew: true, After: last})
}

// Shareable says whether a datashare can have a function: those in SQL alone.
// https://docs.aws.amazon.com/redshift/latest/dg/considerations-datashare-reads-writes.html
func (f *Function) Shareable() bool { return f.Language == "sql" && f.Procedure == nil }

// shareable lists the tables, views and functions of a schema that a datashare can have.
func (c *Catalog) shareable(schema string) []uint32 {
	var out []uint32
	for _, o := range c.InSchema(schema) {
		if t, ok := o.(*Table); !ok || t.Maintains == 0 && !t.Temp {
			out = append(out, IDOf(o))
		}
	}
	for _, f := range c.AllFunctions() {
		if f.Schema == schema && f.Shareable() {
			out = append(out, f.ID)
		}
	}
	return out
}
