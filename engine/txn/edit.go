package txn

import (
	"github.com/redshiftsim/redshiftsim/engine/catalog"
	"github.com/redshiftsim/redshiftsim/engine/principal"
)

// edit is a change of the catalog: what stood under key, and what is to stand there; nil = nothing.
type edit struct {
	key      catalog.Key // Name "" = the schema itself; Schema "" = a database
	old, new any
}

// Edits says whether the transaction changed the catalog.
func (tx *Tx) Edits() bool { return len(tx.edits) > 0 }

// Edit puts o, a *catalog.Table or *catalog.View, under its name.
func (tx *Tx) Edit(o any) { k := catalog.KeyOf(o); tx.edit(k, tx.Catalog().Get(k.Schema, k.Name), o) }

// Remove takes the object of that name away.
func (tx *Tx) Remove(schema, name string) {
	tx.edit(catalog.Key{Schema: schema, Name: name}, tx.Catalog().Get(schema, name), nil)
}

// EditSchema puts a schema there.
func (tx *Tx) EditSchema(s *catalog.Schema) {
	tx.edit(catalog.Key{Schema: s.Name}, anyOf(tx.Catalog().Schema(s.Name)), s)
}

// RemoveSchema takes a schema away.
func (tx *Tx) RemoveSchema(name string) {
	tx.edit(catalog.Key{Schema: name}, anyOf(tx.Catalog().Schema(name)), nil)
}

// EditDatabase puts a database into the cluster's list.
func (tx *Tx) EditDatabase(d *catalog.Database) {
	tx.edit(catalog.Key{Name: d.Name}, database(tx.Catalog(), d.Name), d)
}

// RemoveDatabase takes a database and all that is in it away.
func (tx *Tx) RemoveDatabase(name string) {
	tx.edit(catalog.Key{Name: name}, database(tx.Catalog(), name), nil)
}

// database is DatabaseByName without a nil pointer that is a value.
func database(c *catalog.Catalog, name string) any {
	if d := c.DatabaseByName(name); d != nil {
		return d
	}
	return nil
}

// EditEntry puts e, a principal or a privilege (catalog.EntryKey), under its key.
func (tx *Tx) EditEntry(e any) {
	k := catalog.EntryKey(e)
	tx.edit(k, tx.Catalog().Entry(k), e)
}

// RemoveEntry takes the principal or privilege of that key away.
func (tx *Tx) RemoveEntry(k catalog.Key) {
	if old := tx.Catalog().Entry(k); old != nil {
		tx.edit(k, old, nil)
	}
}

// anyOf keeps a nil pointer from becoming a value that is not nil.
func anyOf(s *catalog.Schema) any {
	if s == nil {
		return nil
	}
	return s
}

func (tx *Tx) edit(k catalog.Key, old, o any) {
	base := tx.Catalog()
	if tx.over == nil {
		tx.over = base
	}
	tx.cat = laid(base, k, o)
	for i := range tx.edits {
		if tx.edits[i].key == k {
			tx.edits[i].new = o
			return
		}
	}
	tx.edits = append(tx.edits, edit{k, old, o})
}

// laid gives a catalog with o under k.
func laid(c *catalog.Catalog, k catalog.Key, o any) *catalog.Catalog {
	switch {
	case k.Schema == "" && o == nil:
		return c.WithoutDatabase(k.Name)
	case k.Schema == "":
		return c.WithDatabase(o.(*catalog.Database))
	case k.IsEntry() && o == nil:
		return c.WithoutEntry(k)
	case k.IsEntry():
		return c.WithEntry(o)
	case k.Name == "" && o == nil:
		return c.WithoutSchema(k.Schema)
	case k.Name == "":
		if c.Schema(k.Schema) != nil {
			c = c.WithoutSchema(k.Schema)
		}
		return c.WithSchema(o.(*catalog.Schema))
	case o == nil:
		return c.Without(k.Schema, k.Name)
	}
	return c.With(o)
}

// replay lays the edits on a catalog, if it still has what they replace.
func (tx *Tx) replay(c *catalog.Catalog) (*catalog.Catalog, error) {
	for _, e := range tx.edits {
		var now any
		switch {
		case e.key.Schema == "":
			now = database(c, e.key.Name)
		case e.key.IsEntry():
			now = c.Entry(e.key)
			if a, ok := e.new.(*principal.Access); ok && !c.HasObject(a) && !tx.made(a.ID) {
				return nil, conflict() // somebody dropped what this transaction grants on
			}
		case e.key.Name == "":
			now = anyOf(c.Schema(e.key.Schema))
		default:
			now = c.Get(e.key.Schema, e.key.Name)
			if e.new != nil && c.Schema(e.key.Schema) == nil && !catalog.IsTempSchema(e.key.Schema) {
				return nil, conflict()
			}
		}
		if now != e.old {
			return nil, conflict()
		}
		if now == nil && e.new == nil {
			continue
		}
		c = laid(c, e.key, e.new)
	}
	return c, nil
}

// made says whether the transaction has put an object of that number into the catalog.
func (tx *Tx) made(id uint32) bool {
	for i := range tx.edits {
		switch o := tx.edits[i].new.(type) {
		case *catalog.Table:
			if o.ID == id {
				return true
			}
		case *catalog.View:
			if o.ID == id {
				return true
			}
		case *catalog.Schema:
			if o.ID == id {
				return true
			}
		case *catalog.Functions:
			for _, f := range o.List {
				if f.ID == id {
					return true
				}
			}
		}
	}
	return false
}
