package catalog

import (
	"slices"

	"github.com/redshiftsim/redshiftsim/engine/principal"
)

// Isolation is the level of a database's transactions.
// https://docs.aws.amazon.com/redshift/latest/dg/c_serial_isolation.html
type Isolation uint8

// The levels. Snapshot is the default.
const (
	Snapshot Isolation = iota
	Serializable
)

// String is the level as STV_DB_ISOLATION_LEVEL spells it.
// https://docs.aws.amazon.com/redshift/latest/dg/r_STV_DB_ISOLATION_LEVEL.html
func (i Isolation) String() string {
	if i == Serializable {
		return "Serializable"
	}
	return "Snapshot Isolation"
}

// Database is a database of the cluster. Every database has a Catalog of its own; principals and the list of databases are the cluster's and stand in each.
// https://docs.aws.amazon.com/redshift/latest/dg/r_CREATE_DATABASE.html
type Database struct {
	ID              uint32
	Name            string
	Owner           int // number of the user
	Isolation       Isolation
	CaseInsensitive bool
	ConnLimit       int    // sessions of ordinary users; -1 = no limit
	Comment         string // of COMMENT ON; "" = none
	// Import is the datashare that it was made from; nil = it has objects of its own.
	Import *Import
}

// FirstDatabase is the number of the database that a cluster begins with.
const FirstDatabase = 16384

// DatabaseID is the number of the database that the catalog is of.
func (c *Catalog) DatabaseID() uint32 { return c.database }

// Database is its name.
func (c *Catalog) Database() string {
	for _, d := range c.databases {
		if d.ID == c.database {
			return d.Name
		}
	}
	return ""
}

// Databases lists the cluster's databases.
func (c *Catalog) Databases() []*Database { return c.databases }

// DatabaseByName finds a database, nil when there is none.
func (c *Catalog) DatabaseByName(name string) *Database {
	for _, d := range c.databases {
		if d.Name == name {
			return d
		}
	}
	return nil
}

// DatabaseByID finds a database by number, nil when there is none.
func (c *Catalog) DatabaseByID(id uint32) *Database {
	for _, d := range c.databases {
		if d.ID == id {
			return d
		}
	}
	return nil
}

// DatabaseOwner is the number of the user who owns a database, by the database's number.
func (c *Catalog) DatabaseOwner(id uint32) int {
	for _, d := range c.databases {
		if d.ID == id {
			return d.Owner
		}
	}
	return principal.BootstrapID
}

// WithDatabase gives a catalog that also lists d, in the place of the database of that name.
func (c *Catalog) WithDatabase(d *Database) *Catalog {
	n := *c
	n.databases = slices.Clone(c.databases)
	if i := slices.IndexFunc(n.databases, func(o *Database) bool { return o.Name == d.Name }); i >= 0 {
		n.databases[i] = d
	} else {
		n.databases = append(n.databases, d)
	}
	return &n
}

// WithoutDatabase gives a catalog that does not list the database of that name.
func (c *Catalog) WithoutDatabase(name string) *Catalog {
	n := *c
	n.databases = slices.DeleteFunc(slices.Clone(c.databases), func(d *Database) bool { return d.Name == name })
	return &n
}

// Another is the catalog of another database of the cluster, which has nothing but what a fresh one has.
func (c *Catalog) Another(id uint32) *Catalog {
	n := *c
	n.database, n.objects, n.views, n.temps = id, tree{}, 0, 0
	n.schemas = firstSchemas()
	n.access = firstAccess(n.schemas)
	return &n
}

// SameCluster says whether two catalogs have the same databases and principals.
func (c *Catalog) SameCluster(o *Catalog) bool {
	return slices.Equal(c.databases, o.databases) && c.book.root == o.book.root
}

// WithCluster gives a catalog that has the databases and principals of o.
func (c *Catalog) WithCluster(o *Catalog) *Catalog {
	n := *c
	n.databases, n.book = o.databases, o.book
	return &n
}
