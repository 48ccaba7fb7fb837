package engine

import (
	"cmp"
	"slices"

	"github.com/redshiftsim/redshiftsim/engine/ast"
	"github.com/redshiftsim/redshiftsim/engine/catalog"
	"github.com/redshiftsim/redshiftsim/engine/principal"
	"github.com/redshiftsim/redshiftsim/engine/system"
	"github.com/redshiftsim/redshiftsim/engine/txn"
	"github.com/redshiftsim/redshiftsim/internal/sqlstate"
)

// datashares lists what SVV_DATASHARES and its like show the acting user: datashares of the cluster that are the user's, or that it has a privilege on; those of
// other clusters that may be read here, to superusers and to who may use the database that was made from it.
// https://docs.aws.amazon.com/redshift/latest/dg/r_SVV_DATASHARES.html
func (s *Session) datashares(root *txn.Root, cat *catalog.Catalog) []system.Share {
	var out []system.Share
	for _, d := range cat.Datashares() {
		if !s.onDatashare(d, 0, principal.Alter) && !s.onDatashare(d, 0, principal.Share) {
			continue
		}
		o := s.c.described(root, d)
		o.ID, o.Owner, o.Created, o.Consumers = int64(d.ID), d.Owner, d.Created, d.Consumers
		if src := root.Catalog.DatabaseByID(d.Database); src != nil {
			o.Source = src.Name
		}
		if a := cat.Access(principal.Datashare, d.ID); a.ACL != nil {
			o.ACL = a.ACL.Text(cat.NameOf)
		}
		out = append(out, o)
	}
	for _, p := range s.c.neighbours() {
		root := p.txns.Root()
		for _, d := range root.Catalog.Datashares() {
			if !p.lends(d, s.c) {
				continue
			}
			db := importedAs(cat, d.Name, p.namespace())
			if !s.user.Superuser && (db == nil || s.mayUse(db) != nil) {
				continue
			}
			o := p.described(root, d)
			o.Inbound = true
			if db != nil {
				o.Database = db.Name
			}
			out = append(out, o)
		}
	}
	return out
}

// importedAs finds the database that was made from a datashare, nil when there is none.
func importedAs(c *catalog.Catalog, share, namespace string) *catalog.Database {
	for _, d := range c.Databases() {
		if d.Import != nil && d.Import.Share == share && d.Import.Namespace == namespace {
			return d
		}
	}
	return nil
}

// described is what both sides are shown of a datashare of the cluster.
func (c *Cluster) described(root *txn.Root, d *catalog.Datashare) system.Share {
	o := system.Share{Name: d.Name, Public: d.Public, Account: c.account(), Namespace: c.namespace()}
	cat := root.Of(d.Database)
	sharing := cat.Sharing(d)
	for _, sch := range cat.Schemas() {
		if !sharing.Shows(sch.ID) {
			continue
		}
		for _, x := range cat.InSchema(sch.Name) {
			if t, ok := x.(*catalog.Table); ok && t.Maintains != 0 {
				continue
			}
			if sharing.Shares(sch.ID, x) {
				o.Objects = append(o.Objects, system.SharedObject{Type: sharedType(x), Name: sch.Name + "." + catalog.KeyOf(x).Name})
			}
		}
		for _, f := range cat.AllFunctions() {
			if f.Schema == sch.Name && f.Shareable() && sharing.Has(f.Object(), sch.ID, f.ID) {
				o.Objects = append(o.Objects, system.SharedObject{Type: "function", Name: sch.Name + "." + f.Signature()})
			}
		}
		o.Objects = append(o.Objects, system.SharedObject{Type: "schema", Name: sch.Name, IncludeNew: sharing.IncludesNew(sch.ID)})
	}
	slices.SortFunc(o.Objects, func(a, b system.SharedObject) int {
		return cmp.Or(cmp.Compare(a.Name, b.Name), cmp.Compare(a.Type, b.Type))
	})
	return o
}

// sharedType is what SVV_DATASHARE_OBJECTS calls a table or view.
// https://docs.aws.amazon.com/redshift/latest/dg/r_SVV_DATASHARE_OBJECTS.html
func sharedType(o any) string {
	v, ok := o.(*catalog.View)
	switch {
	case !ok:
		return "table"
	case v.LateBinding:
		return "late binding view"
	case v.Materialized != nil:
		return "materialized view"
	}
	return "view"
}

// descDatashare is DESC DATASHARE; one of another cluster is named with its namespace.
func (s *Session) descDatashare(c *call, st *ast.Datashare) (*rowset, error) {
	for _, o := range s.datashares(s.tx.Snapshot(), s.catalog()) {
		if o.Name != st.Name.Name || o.Inbound != (st.Namespace != "") || o.Inbound && o.Namespace != st.Namespace || st.Account != "" && st.Account != o.Account {
			continue
		}
		return s.listed(c, s.systemEnv().DescDatashare(&o)), nil
	}
	return nil, sqlstate.UndefinedObject.Errorf("datashare \"%s\" does not exist", st.Name.Name).At(st.Name.Offset())
}

// externalRedshift is CREATE EXTERNAL SCHEMA FROM REDSHIFT: a schema of another database of the cluster, under a name of this one.
// https://docs.aws.amazon.com/redshift/latest/dg/r_CREATE_EXTERNAL_SCHEMA.html
func (s *Session) externalRedshift(st *ast.CreateExternalSchema) (*catalog.ExternalSchema, error) {
	x := &catalog.ExternalSchema{Kind: catalog.LocalDatabase, Schema: catalog.Public}
	for i := range st.Options {
		switch a := &st.Options[i]; a.Name {
		case "DATABASE":
			x.Database = a.Value
		case "SCHEMA":
			x.Schema = a.Value
		default:
			return nil, sqlstate.Syntax.Errorf("CREATE EXTERNAL SCHEMA FROM REDSHIFT does not have the option %s", a.Name).At(a.Offset())
		}
	}
	if x.Database == "" {
		return nil, sqlstate.Syntax.Errorf("CREATE EXTERNAL SCHEMA FROM REDSHIFT needs DATABASE")
	}
	x.Options = []catalog.Property{{Name: "SCHEMA", Value: x.Schema}}
	db := s.tx.Catalog().DatabaseByName(x.Database)
	switch {
	case db == nil:
		return nil, sqlstate.InvalidCatalogName.Errorf("database \"%s\" does not exist", x.Database)
	case db.ID == s.db.ID:
		return nil, sqlstate.FeatureNotSupported.Errorf("an external schema cannot be one of its own database")
	}
	if db.Import != nil {
		x.Kind = catalog.RemoteDatabase
	}
	cat, err := s.database(x.Database)
	if err == nil && cat.Schema(x.Schema) == nil {
		err = sqlstate.InvalidSchemaName.Errorf("schema \"%s\" does not exist", x.Schema)
	}
	return x, err
}
