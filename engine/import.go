package engine

import (
	"strconv"
	"weak"

	"github.com/redshiftsim/redshiftsim/engine/ast"
	"github.com/redshiftsim/redshiftsim/engine/catalog"
	"github.com/redshiftsim/redshiftsim/engine/principal"
	"github.com/redshiftsim/redshiftsim/engine/txn"
	"github.com/redshiftsim/redshiftsim/internal/sqlstate"
	"github.com/redshiftsim/redshiftsim/storage"
)

// A consumer reads a producer's committed state in place. The first statement of a transaction that names something of a datashare takes the producer's newest root, which
// holds for the transaction; whether it may be read is asked anew by every statement.
//
//	consumer's transaction ── imports ── {database 16385, producer's root}
//	                                         catalog    what the datashare has, under the consumer's numbers      catalog/imported.go
//	                                         versions   views that the consumer's slices read in runs of zones    storage.View.Spread
//
// Nothing of the producer's is changed or locked: roots, versions and blocks never change.
// https://docs.aws.amazon.com/redshift/latest/dg/within-account.html

// imports are the databases of datashares that a transaction has read.
type imports struct {
	tx   *txn.Tx
	list []*imported
}

// imported is such a database, as a transaction sees it.
type imported struct {
	database uint32
	root     *txn.Root        // the producer's
	tx       *txn.Tx          // of the producer, in which the session writes; nil = it reads root
	own      *catalog.Catalog // with from and share, what catalog was made of when tx is there
	from     *catalog.Catalog
	share    *catalog.Datashare
	catalog  *catalog.Catalog
	there    map[uint32]*catalog.Table // the producer's tables by the numbers here
}

// keptImport is a catalog that was made of a datashare, with what it was made from: it serves while that is the same.
type keptImport struct {
	own, from weak.Pointer[catalog.Catalog] // old states of the clusters go
	share     *catalog.Datashare
	catalog   *catalog.Catalog
	there     map[uint32]*catalog.Table
}

// foreignObject is an object of a producer.
type foreignObject struct {
	namespace string
	id        uint32
}

// number gives an object of a producer a number of this cluster's, always the same.
func (c *Cluster) number(namespace string) func(uint32) uint32 {
	return func(id uint32) uint32 {
		c.mu.Lock()
		defer c.mu.Unlock()
		k := foreignObject{namespace, id}
		n := c.foreign[k]
		if n == 0 {
			n = c.newID()
			if c.foreign == nil {
				c.foreign = map[foreignObject]uint32{}
			}
			c.foreign[k] = n
		}
		return n
	}
}

// shared finds a datashare of another cluster that this one was granted USAGE on: the producer, and the state in which it was found.
func (c *Cluster) shared(m *catalog.Import) (*Cluster, *txn.Root, *catalog.Datashare, error) {
	if p := clusterOf(m.Namespace); p != nil && p != c {
		root := p.txns.Root()
		if d := root.Catalog.Datashare(m.Share); d != nil && p.lends(d, c) {
			return p, root, d, nil
		}
	}
	return nil, nil, nil, sqlstate.InsufficientPrivilege.Errorf("datashare \"%s\" of namespace %s is not accessible", m.Share, m.Namespace).
		WithDetail("It does not exist, this cluster was not granted USAGE on it, or its cluster is not open in this process.")
}

// lends says whether a datashare of the cluster was granted to another cluster: by its namespace, when both are of one account, or by its account. Authorizing and
// associating, which the two accounts do outside of SQL, is taken as done.
// https://docs.aws.amazon.com/redshift/latest/dg/across-account.html
func (c *Cluster) lends(d *catalog.Datashare, to *Cluster) bool {
	return c.account() == to.account() && d.Grants(to.namespace(), "") || d.Grants("", to.account())
}

// imported is a database of a datashare as the transaction sees it. Errors: 42501 of a datashare that may not be read, or not any more.
func (s *Session) imported(db *catalog.Database) (*imported, error) {
	_, root, share, err := s.c.shared(db.Import)
	if err != nil {
		return nil, err
	}
	if s.imports.tx != s.tx {
		s.imports = imports{tx: s.tx}
	}
	if r := s.remote; r != nil && r.db.Import.Namespace == db.Import.Namespace {
		return s.importedBeside(db, share)
	}
	for _, i := range s.imports.list {
		if i.database == db.ID {
			return i, nil
		}
	}
	for _, i := range s.imports.list { // another database of the same producer: one state of it
		if o := s.tx.Catalog().DatabaseByID(i.database); o != nil && o.Import != nil && o.Import.Namespace == db.Import.Namespace {
			if d := i.root.Catalog.Datashare(share.Name); d != nil {
				root, share = i.root, d
			}
		}
	}
	k := s.c.importedCatalog(db, root, share)
	if k == nil {
		return nil, sqlstate.InvalidCatalogName.Errorf("database \"%s\" does not exist", db.Name)
	}
	i := &imported{database: db.ID, root: root, catalog: k.catalog, there: k.there}
	if s.tx != nil {
		s.imports.list = append(s.imports.list, i)
	}
	return i, nil
}

// account is the cluster's AWS account.
func (c *Cluster) account() string { return strconv.FormatInt(c.cfg.Account, 10) }

// importedCatalog makes the catalog of a database of a datashare, or finds the one that was made last.
func (c *Cluster) importedCatalog(db *catalog.Database, root *txn.Root, share *catalog.Datashare) *keptImport {
	own, from := c.txns.Root().Of(db.ID), root.Of(share.Database)
	if own.DatabaseID() != db.ID || from.DatabaseID() != share.Database { // it was dropped meanwhile
		return nil
	}
	c.mu.Lock()
	k := c.importedCatalogs[db.ID]
	c.mu.Unlock()
	if k != nil && k.own.Value() == own && k.from.Value() == from && k.share == share {
		return k
	}
	k = &keptImport{own: weak.Make(own), from: weak.Make(from), share: share}
	k.catalog, k.there = own.Imported(share, from, c.number(db.Import.Namespace), true)
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.importedCatalogs == nil {
		c.importedCatalogs = map[uint32]*keptImport{}
	}
	c.importedCatalogs[db.ID] = k
	return k
}

// importedNow is the catalog of the session's database, which is one of a datashare; there is nothing in it when that may not be read.
func (s *Session) importedNow() *catalog.Catalog {
	own := s.c.txns.Root().Of(s.db.ID)
	if s.tx != nil {
		own = s.tx.Catalog()
		if i, err := s.imported(s.db); err == nil {
			return i.catalog
		}
	}
	return own.Bare()
}

// importedVersion finds the rows of a table of a datashare, nil when it is none that the transaction has named.
func (s *Session) importedVersion(table uint32) *storage.Version {
	if s.imports.tx == s.tx {
		for _, i := range s.imports.list {
			if v := i.version(table); v != nil {
				return v
			}
		}
	}
	return nil
}

// importedView is what the transaction sees of a table of a datashare; ok = it is one. At a producer in which the transaction writes the slices are the producer's.
func (s *Session) importedView(t *catalog.Table) (v storage.View, ok bool, err error) {
	for _, i := range s.imports.list {
		if there := i.there[t.ID]; there != nil && i.tx != nil {
			v, err = i.tx.View(there)
			return v, true, err
		}
	}
	if v := s.importedVersion(t.ID); v != nil {
		return storage.ViewOf(v).Spread(t.Def, s.topology()), true, nil
	}
	return v, false, nil
}

// stands says whether rows that are not the cluster's own stand for a table: those of a refresh, or of a datashare.
func (s *Session) stands(table uint32) bool {
	if _, ok := s.stand[table]; ok {
		return true
	}
	for _, i := range s.imports.list {
		if i.there[table] != nil {
			return true
		}
	}
	return false
}

// mayUse refuses who lacks USAGE on a database of a datashare.
// https://docs.aws.amazon.com/redshift/latest/dg/r_GRANT.html#grant-datashare-syntax
func (s *Session) mayUse(db *catalog.Database) error {
	if db.Import == nil || s.may(principal.Database, db.ID, 0, db.Owner, principal.Usage) {
		return nil
	}
	return denied("permission denied for database %s", db.Name)
}

// reacher gives databases of datashares to system tables, which are read when the transaction may have ended: nil when the user may not use one, or when its datashare
// may not be read.
func (s *Session) reacher() func(db *catalog.Database) *imported {
	found := map[uint32]*imported{}
	return func(db *catalog.Database) *imported {
		if i, ok := found[db.ID]; ok {
			return i
		}
		found[db.ID] = nil
		if s.mayUse(db) == nil {
			if i, err := s.imported(db); err == nil {
				found[db.ID] = i
			}
		}
		return found[db.ID]
	}
}

// version finds the rows of one of the database's tables, nil when there are none.
func (i *imported) version(table uint32) *storage.Version {
	if i == nil || i.there[table] == nil {
		return nil
	}
	if i.tx != nil {
		return i.tx.Seen(i.there[table].ID)
	}
	return i.root.Version(i.there[table].ID)
}

// onImported says what a session whose database is one of a datashare may run.
// https://docs.aws.amazon.com/redshift/latest/dg/multi-warehouse-writes-sql-statements.html
func (s *Session) onImported(st ast.Statement) error {
	switch st := st.(type) {
	case *ast.Set, *ast.TransactionMode, *ast.Use, *ast.Reset, *ast.Show, *ast.Deallocate, *ast.SessionAuthorization, *ast.Cancel, *ast.Fetch, *ast.CloseCursor:
		return nil
	case *ast.CreateTable:
		if st.Temp {
			return notOnImported(st)
		}
	case *ast.Analyze:
		if st.Table == nil {
			return notOnImported(st)
		}
	case *ast.Drop:
		if st.Kind != "table" && st.Kind != "schema" {
			return notOnImported(st)
		}
	case *ast.Select, *ast.AlterTable, *ast.Truncate, *ast.Copy, *ast.CreateSchema, *ast.AlterSchema, *ast.Explain, *ast.Prepare, *ast.Execute, *ast.DeclareCursor, *ast.ShowObjects, *ast.Unload, *ast.Insert, *ast.Update, *ast.Delete, *ast.Merge:
	case *ast.Datashare:
		if st.Action != "desc" {
			return notOnImported(st)
		}
	default:
		return notOnImported(st)
	}
	if err := s.mayUse(s.db); err != nil {
		return err
	}
	_, err := s.imported(s.db)
	return err
}

// notOnImported refuses what cannot be done through a datashare.
func notOnImported(st ast.Statement) error {
	return unsupported(st, ast.KindOf(st)+" in a database that was made from a datashare")
}

// importOf reads CREATE DATABASE FROM DATASHARE; nil = the database has objects of its own. A datashare is one database at a consumer.
// https://docs.aws.amazon.com/redshift/latest/dg/r_CREATE_DATABASE.html
func (s *Session) importOf(st *ast.Database) (*catalog.Import, error) {
	m := &catalog.Import{}
	account := ""
	var from *ast.Option
	for i := range st.Options {
		switch o := &st.Options[i]; o.Name {
		case "FROM DATASHARE":
			m.Share, from = o.Value, o
		case "ACCOUNT":
			account = o.Value
		case "NAMESPACE":
			m.Namespace = o.Value
		case "WITH PERMISSIONS":
			m.Permissions = true
		}
	}
	if from == nil {
		return nil, nil
	}
	for i := range st.Options {
		switch o := &st.Options[i]; o.Name {
		case "FROM DATASHARE", "ACCOUNT", "NAMESPACE", "WITH PERMISSIONS":
		default:
			return nil, sqlstate.Syntax.Errorf("CREATE DATABASE FROM DATASHARE does not have the option %s", o.Name).At(o.Offset())
		}
	}
	producer, _, _, err := s.c.shared(m)
	if err == nil && account == "" && producer.account() != s.c.account() {
		err = sqlstate.InvalidParameterValue.Errorf("a datashare of another account is named with ACCOUNT and NAMESPACE")
	}
	if err == nil && account != "" && accountOf(account) != producer.account() {
		err = sqlstate.InsufficientPrivilege.Errorf("datashare \"%s\" is not one of account %s", m.Share, account)
	}
	if err != nil {
		return nil, atOffset(err, from.Offset())
	}
	for _, d := range s.tx.Catalog().Databases() {
		if d.Import != nil && d.Import.Share == m.Share && d.Import.Namespace == m.Namespace {
			return nil, sqlstate.DuplicateDatabase.Errorf("database \"%s\" was made from datashare \"%s\" already", d.Name, m.Share).At(from.Offset())
		}
	}
	return m, nil
}
