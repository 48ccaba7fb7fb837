package system

import (
	"github.com/redshiftsim/redshiftsim/engine/catalog"
	"github.com/redshiftsim/redshiftsim/engine/principal"
	"github.com/redshiftsim/redshiftsim/engine/spectrum"
)

// externalTables are the external schemas and the data catalog. Of schemas on which they have no USAGE users see nothing.
// https://docs.aws.amazon.com/redshift/latest/dg/c-spectrum-external-schemas.html
var externalTables = []table{
	{
		"pg_external_schema", leader, "esoid oid, eskind integer, esdbname text, esoptions text",
		func(e *Env, r *row) {
			e.externalSchemas(func(s *catalog.Schema) {
				r.id(s.ID)
				r.int(int64(s.External.Kind))
				r.text(s.External.Database, spectrum.JSON(s.External.Options))
				r.send()
			})
		},
	},
	// https://docs.aws.amazon.com/redshift/latest/dg/r_SVV_EXTERNAL_SCHEMAS.html
	{
		"svv_external_schemas", leader, "esoid oid, eskind integer, schemaname name, esowner integer, databasename text, esoptions text",
		func(e *Env, r *row) {
			e.externalSchemas(func(s *catalog.Schema) {
				r.id(s.ID)
				r.int(int64(s.External.Kind))
				r.text(s.Name)
				r.int(int64(s.Owner))
				r.text(s.External.Database, spectrum.JSON(s.External.Options))
				r.send()
			})
		},
	},
	// https://docs.aws.amazon.com/redshift/latest/dg/r_SVV_EXTERNAL_DATABASES.html
	{
		"svv_external_databases", leader, "eskind integer, esoptions text, databasename text, location text, parameters text",
		func(e *Env, r *row) {
			for _, d := range e.Catalog.ExternalDatabases() {
				var by *catalog.Schema // the first schema that leads there
				e.dataSchemas(func(s *catalog.Schema) {
					if by == nil && s.External.Database == d.Name {
						by = s
					}
				})
				if by == nil {
					continue
				}
				r.int(int64(by.External.Kind))
				r.text(spectrum.JSON(by.External.Options), d.Name, "", "{}")
				r.send()
			}
		},
	},
	// https://docs.aws.amazon.com/redshift/latest/dg/r_SVV_EXTERNAL_TABLES.html
	{
		"svv_external_tables", leader, "redshift_database_name text, schemaname text, tablename text, tabletype text, location text, input_format text, " +
			"output_format text, serialization_lib text, serde_parameters text, compressed integer, parameters text",
		func(e *Env, r *row) {
			e.externals(func(s *catalog.Schema, t *catalog.ExternalTable) {
				r.text(e.Database, s.Name, t.Name, "TABLE", trimmedLocation(t.Location))
				putStorage(r, t)
				r.text(spectrum.JSON(t.Properties))
				r.send()
			})
			e.externalViews(func(s *catalog.Schema, v *catalog.ExternalView) {
				r.text(e.Database, s.Name, v.Name, "VIEW", "", "", "", "", "")
				r.int(0)
				r.text("{}")
				r.send()
			})
		},
	},
	// https://docs.aws.amazon.com/redshift/latest/dg/r_SVV_EXTERNAL_COLUMNS.html
	{
		"svv_external_columns", leader, "redshift_database_name text, schemaname text, tablename text, columnname text, external_type text, columnnum integer, " +
			"part_key integer, is_nullable text",
		func(e *Env, r *row) {
			put := func(s *catalog.Schema, name string, columns []catalog.Column, data int) {
				for i := range columns {
					c := &columns[i]
					r.text(e.Database, s.Name, name, c.Name, spectrum.TypeName(c))
					r.int(int64(i+1), max(0, int64(i+1-data)))
					r.text("")
					r.send()
				}
			}
			e.externals(func(s *catalog.Schema, t *catalog.ExternalTable) { put(s, t.Name, t.Columns, len(t.Data())) })
			e.externalViews(func(s *catalog.Schema, v *catalog.ExternalView) { put(s, v.Name, v.Columns, len(v.Columns)) })
		},
	},
	// https://docs.aws.amazon.com/redshift/latest/dg/r_SVV_EXTERNAL_PARTITIONS.html
	{
		"svv_external_partitions", leader, "schemaname text, tablename text, values text, location text, input_format text, output_format text, " +
			"serialization_lib text, serde_parameters text, compressed integer, parameters text",
		func(e *Env, r *row) {
			e.externals(func(s *catalog.Schema, t *catalog.ExternalTable) {
				for _, p := range t.Partitions {
					location := trimmedLocation(p.Location)
					r.text(s.Name, t.Name, spectrum.Values(p), location[:min(len(location), 128)])
					putStorage(r, t)
					r.text("{}")
					r.send()
				}
			})
		},
	},
}

// putStorage puts the format of a table's files.
func putStorage(r *row, t *catalog.ExternalTable) {
	packed := int64(0)
	if v, ok := t.Property("compression_type"); ok && v != "none" {
		packed = 1
	}
	r.text(t.Storage.Input, t.Storage.Output, t.Storage.SerDe, spectrum.JSON(t.Storage.Params))
	r.int(packed)
}

// trimmedLocation is a location as the views of the guide show it: without the slash at its end.
func trimmedLocation(s string) string {
	if n := len(s); n > len("s3://") && s[n-1] == '/' {
		return s[:n-1]
	}
	return s
}

// externalSchemas calls f for each external schema that the user may look into.
func (e *Env) externalSchemas(f func(s *catalog.Schema)) {
	for _, s := range e.Catalog.Schemas() {
		if s.External != nil && e.uses(s) {
			f(s)
		}
	}
}

// dataSchemas calls f for those that lead into the data catalog.
func (e *Env) dataSchemas(f func(s *catalog.Schema)) {
	e.externalSchemas(func(s *catalog.Schema) {
		if s.External.Kind == catalog.DataCatalog {
			f(s)
		}
	})
}

// externals calls f for each external table that the user may read, through each schema that leads there.
func (e *Env) externals(f func(s *catalog.Schema, t *catalog.ExternalTable)) {
	e.dataSchemas(func(s *catalog.Schema) {
		for _, t := range e.Catalog.ExternalTables(s.External.Database) {
			f(s, t)
		}
	})
}

// externalViews calls f for each external view that the user may read, through each schema that leads there.
func (e *Env) externalViews(f func(s *catalog.Schema, v *catalog.ExternalView)) {
	e.dataSchemas(func(s *catalog.Schema) {
		for _, v := range e.Catalog.ExternalViews(s.External.Database) {
			f(s, v)
		}
	})
}

// ShowExternalView is SHOW VIEW of an external view: its query, empty when it was removed.
// https://docs.aws.amazon.com/redshift/latest/dg/r_SHOW_VIEW.html
func ShowExternalView(v *catalog.ExternalView) string {
	if v.Text == "" {
		return ""
	}
	return v.Text + ";"
}

// externalRelations are the external tables and views as relations.
func (e *Env) externalRelations() (out []relation) {
	e.externals(func(s *catalog.Schema, t *catalog.ExternalTable) {
		out = append(out, relation{t.ID, s.Name, t.Name, s.Owner, externalKind, t.Columns, nil, nil})
	})
	e.externalViews(func(s *catalog.Schema, v *catalog.ExternalView) {
		out = append(out, relation{v.ID, s.Name, v.Name, s.Owner, externalViewKind, v.Columns, nil, nil})
	})
	return out
}

// externalColumns calls put for each column of the external tables that the user may read, and sends the row.
func (e *Env) externalColumns(r *row, put func(x *relation, i int)) {
	all := e.externalRelations()
	for n := range all {
		for i := range all[n].columns {
			put(&all[n], i)
			r.send()
		}
	}
}

// Kinds of external tables and views among relations. PG_CLASS has none of them.
// https://docs.aws.amazon.com/redshift/latest/dg/r_CREATE_EXTERNAL_TABLE_usage.html
const (
	externalKind     = 'e'
	externalViewKind = 'w'
)

// ShowExternalColumns is SHOW COLUMNS of an external table or view.
// https://docs.aws.amazon.com/redshift/latest/dg/r_SHOW_COLUMNS.html
func (e *Env) ShowExternalColumns(schema string, id uint32, name string, columns []catalog.Column) Listing {
	return e.listColumns(func(r *row) {
		x := relation{id, schema, name, principal.BootstrapID, externalKind, columns, nil, nil}
		for i := range columns {
			e.showColumn(r, &x, i)
		}
	})
}
