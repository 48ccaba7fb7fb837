package txn

import (
	"maps"

	"github.com/redshiftsim/redshiftsim/engine/catalog"
	"github.com/redshiftsim/redshiftsim/engine/principal"
	"github.com/redshiftsim/redshiftsim/storage"
)

// Root is one committed state of the cluster's data.
type Root struct {
	Catalog  *catalog.Catalog            // of the first database
	others   map[uint32]*catalog.Catalog // of the others, by number
	Commits  uint64                      // how many commits made it
	versions pages
}

// Of is the catalog of a database, by number.
func (r *Root) Of(database uint32) *catalog.Catalog {
	if c := r.others[database]; c != nil {
		return c
	}
	return r.Catalog
}

// HasCopyJobs says whether any database has a copy job.
func (r *Root) HasCopyJobs() bool {
	if r.Catalog.CopyJobCount() > 0 {
		return true
	}
	for _, c := range r.others {
		if c.CopyJobCount() > 0 {
			return true
		}
	}
	return false
}

// Catalogs lists the catalogs of all databases.
func (r *Root) Catalogs() []*catalog.Catalog {
	out := []*catalog.Catalog{r.Catalog}
	for _, c := range r.others {
		out = append(out, c)
	}
	return out
}

// put makes c the catalog of its database. What it has of the cluster (databases, users) goes to the others; a database that is new in its list gets a
// catalog, one that is gone loses its tables.
func (r *Root) put(c *catalog.Catalog) {
	cluster := c.SameCluster(r.Of(c.DatabaseID()))
	if c.DatabaseID() == r.Catalog.DatabaseID() {
		r.Catalog = c
	} else {
		r.others = maps.Clone(r.others)
		r.others[c.DatabaseID()] = c
	}
	if cluster {
		return
	}
	r.Catalog = r.Catalog.WithCluster(c)
	old := r.others
	r.others = map[uint32]*catalog.Catalog{}
	for _, d := range c.Databases() {
		switch o := old[d.ID]; {
		case d.ID == r.Catalog.DatabaseID():
		case o != nil:
			r.others[d.ID] = o.WithCluster(c)
		default:
			r.others[d.ID] = c.Another(d.ID)
		}
	}
	for id, o := range old {
		if r.others[id] == nil {
			for _, t := range o.Tables() {
				r.versions = r.versions.put(t.ID, nil)
			}
		}
	}
}

// Version gives a table's version, nil when it has none.
func (r *Root) Version(table uint32) *storage.Version { return r.versions.get(table) }

// AddUser makes a user, unless there is one of that name, and gives the one that is there.
func (m *Manager) AddUser(u *principal.User) *principal.User {
	m.commit.Lock()
	defer m.commit.Unlock()
	next := *m.root.Load()
	if old := next.Catalog.User(u.Name); old != nil {
		return old
	}
	next.put(next.Catalog.WithEntry(u))
	m.root.Store(&next)
	return u
}

// SetPassword gives a user who has none a password, and gives the user as it is then.
func (m *Manager) SetPassword(name string, p principal.Password, v principal.Verifier) *principal.User {
	m.commit.Lock()
	defer m.commit.Unlock()
	next := *m.root.Load()
	u := next.Catalog.User(name)
	if u == nil || u.Password != "" {
		return u
	}
	n := *u
	n.Password, n.Verifier = p, v
	next.put(next.Catalog.WithEntry(&n))
	m.root.Store(&next)
	return &n
}
