package catalog

import (
	"github.com/redshiftsim/redshiftsim/engine/principal"
	"github.com/redshiftsim/redshiftsim/storage"
)

// nobody is the number of no user: nothing is a datashare's because it owns it.
const nobody = -2

// Sharing is a datashare with what was granted to it, in the catalog of its database.
//
//	ALTER DATASHARE x ADD TABLE t       Datashare.Objects      SELECT
//	GRANT INSERT ON t TO DATASHARE x    the table's own ACL    INSERT
//	GRANT SELECT FOR TABLES IN ..       the scope's ACL        SELECT, on what comes to be too
//
// https://docs.aws.amazon.com/redshift/latest/dg/writes-adding-datashare.html
type Sharing struct {
	*Datashare
	from  *Catalog
	reach *principal.Reach
}

// Sharing is a datashare of objects of this catalog.
func (c *Catalog) Sharing(d *Datashare) *Sharing {
	return &Sharing{d, c, principal.ReachOfDatashare(int(d.ID))}
}

// Can is what consumers may do, at most, with an object that stands in schema (0 = in none).
func (s *Sharing) Can(o principal.Object, id, schema uint32) principal.Privilege {
	can := o.All() &^ s.from.May(s.reach, o, id, schema, nobody, o.All())
	switch {
	case o == principal.Schema && s.Schema(id) != nil, o != principal.Schema && o != principal.Database && s.Lists(schema, id):
		can |= o.Reading()
	}
	return can
}

// Shows says whether a schema is in the datashare: consumers may use it.
func (s *Sharing) Shows(schema uint32) bool {
	return s.Can(principal.Schema, schema, 0)&principal.Usage != 0
}

// Has says whether an object of a schema is in the datashare: consumers may do something with it.
func (s *Sharing) Has(o principal.Object, schema, id uint32) bool {
	return s.Shows(schema) && s.Can(o, id, schema) != 0
}

// Shares is Has of a table or view; what a scope would bring and no datashare can have is none of its.
func (s *Sharing) Shares(schema uint32, o any) bool {
	if t, ok := o.(*Table); ok && (t.Temp || t.Def.Sort.Style == storage.Interleaved) {
		return false
	}
	return s.Has(principal.Relation, schema, IDOf(o))
}

// IncludesNew says whether SET INCLUDENEW is on for a schema.
func (s *Sharing) IncludesNew(schema uint32) bool {
	x := s.Schema(schema)
	return x != nil && x.IncludeNew
}
