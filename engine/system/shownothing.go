package system

import "github.com/redshiftsim/redshiftsim/engine/catalog"

// nothings are the columns of SHOW of what there is none of here. The guide gives their names, in its examples; their types are ours.
// https://docs.aws.amazon.com/redshift/latest/dg/r_SHOW_MODEL.html
// https://docs.aws.amazon.com/redshift/latest/dg/r_SHOW_TEMPLATES.html
var nothings = map[string]string{
	"TEMPLATES": "template_name character varying(128), template_id integer, template_type character varying(128), template_owner character varying(128), " +
		"database_name character varying(128), schema_name character varying(128), create_time timestamp, last_modified_time timestamp, last_modified_by integer",
}

// ListsNothing says whether a kind of SHOW lists what no cluster here has.
func ListsNothing(kind string) bool { return kind == "MODEL" || nothings[kind] != "" }

// ShowNothing is SHOW MODEL and its likes.
func (e *Env) ShowNothing(kind string) Listing {
	if kind == "MODEL" { // the only columns with blanks in their names
		name := func(s string) catalog.Column {
			return catalog.Column{Name: s, Type: columnsOf("a character varying(128)")[0].Type}
		}
		return Listing{Columns: []catalog.Column{name("Schema Name"), name("Model Name")}, Name: 1}
	}
	return Listing{Columns: columnsOf(nothings[kind])}
}
