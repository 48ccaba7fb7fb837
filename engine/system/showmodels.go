package system

import "github.com/redshiftsim/redshiftsim/engine/catalog"

// ShowModels is SHOW MODEL ALL of a cluster that has none. The guide gives the columns' names, in its example; their types are ours.
// https://docs.aws.amazon.com/redshift/latest/dg/r_SHOW_MODEL.html
func (e *Env) ShowModels() Listing {
	name := func(s string) catalog.Column { // the only columns with blanks in their names
		return catalog.Column{Name: s, Type: columnsOf("a character varying(128)")[0].Type}
	}
	return Listing{Columns: []catalog.Column{name("Schema Name"), name("Model Name")}, Name: 1}
}
