package system

import "github.com/redshiftsim/redshiftsim/internal/types"

// spatialTables list the columns that hold shapes, of all databases. A column fixes neither dimensions nor a reference system: the guide's samples have 2 and 0
// for all, GEOGRAPHY too.
var spatialTables = []table{
	// https://docs.aws.amazon.com/redshift/latest/dg/r_SVV_GEOMETRY_COLUMNS.html
	{
		"svv_geometry_columns", leader, "f_table_catalog character varying(128), f_table_schema character varying(128), f_table_name character varying(128), " +
			"f_geometry_column character varying(128), coord_dimension integer, srid integer, type character varying(128)",
		everywhere(shapes(types.Geometry, "GEOMETRY")),
	},
	// https://docs.aws.amazon.com/redshift/latest/dg/r_SVV_GEOGRAPHY_COLUMNS.html
	{
		"svv_geography_columns", leader, "f_table_catalog character varying(128), f_table_schema character varying(128), f_table_name character varying(128), " +
			"f_geography_column character varying(128), coord_dimension integer, srid integer, type character varying(128)",
		everywhere(shapes(types.Geography, "GEOGRAPHY")),
	},
}

// shapes makes a row of each column of a type that the reading user may see.
func shapes(kind types.Kind, name string) func(*Env, *row) {
	return func(e *Env, r *row) {
		for _, x := range e.readable() {
			for i := range x.visible() {
				if c := &x.columns[i]; x.table != nil && c.Type.Kind == kind && e.selects(&x, i+1) {
					r.text(e.Database, x.schema, x.name, c.Name)
					r.int(2, 0)
					r.text(name)
					r.send()
				}
			}
			if r.over {
				return
			}
		}
	}
}
