package system

import (
	"strconv"
	"strings"

	"github.com/redshiftsim/redshiftsim/engine/catalog"
	"github.com/redshiftsim/redshiftsim/engine/function"
)

// templateTables are the templates of COPY.
var templateTables = []table{
	// https://docs.aws.amazon.com/redshift/latest/dg/SYS_REDSHIFT_TEMPLATE.html
	{
		"sys_redshift_template", leader, "database_name character(128), schema_name character(128), template_name character(128), template_type integer, " +
			"create_time timestamp, last_modified_time timestamp, owner_id integer, last_modified_by integer, template_parameters text",
		everywhere(func(e *Env, r *row) {
			for _, t := range e.Catalog.Templates() {
				if !e.sees(t.Owner) {
					continue
				}
				r.text(e.Database, t.Schema, t.Name)
				r.int(templateOfCopy)
				r.time(t.Created, t.Modified)
				r.int(int64(t.Owner), int64(t.By))
				r.text(parametersJSON(t))
				r.send()
			}
		}),
	},
}

// templateOfCopy is the template_type of a template FOR COPY, the only kind.
const templateOfCopy = 1

// ShowTemplates is SHOW TEMPLATES of a schema. The guide gives the columns' names, in its example; their types are ours.
// https://docs.aws.amazon.com/redshift/latest/dg/r_SHOW_TEMPLATES.html
func (e *Env) ShowTemplates(schema string) Listing {
	return e.list("template_name character varying(128), template_id integer, template_type character varying(128), template_owner character varying(128), "+
		"database_name character varying(128), schema_name character varying(128), create_time timestamp, last_modified_time timestamp, last_modified_by integer", 0,
		func(e *Env, r *row) {
			for _, t := range e.Catalog.Templates() {
				if t.Schema != schema {
					continue
				}
				r.text(t.Name)
				r.id(t.ID)
				r.text("COPY", e.Catalog.UserName(t.Owner), e.Database, t.Schema)
				r.time(t.Created, t.Modified)
				r.int(int64(t.By))
				r.send()
			}
		})
}

// ShowTemplate is SHOW TEMPLATE: the statement that makes it again.
// https://docs.aws.amazon.com/redshift/latest/dg/r_SHOW_TEMPLATE.html
func (e *Env) ShowTemplate(t *catalog.Template) string {
	var b strings.Builder
	b.WriteString("CREATE OR REPLACE TEMPLATE " + function.QuoteIdent(e.Database) + "." + function.QuoteIdent(t.Schema) + "." + function.QuoteIdent(t.Name) + " FOR COPY AS")
	for _, p := range t.Parameters {
		b.WriteString(" " + parameterText(p))
	}
	return b.String() + ";"
}

// parameterText is a parameter as COPY is given it. Numbers and words stand bare, as the guide's examples have them.
func parameterText(p catalog.Parameter) string {
	word := p.Name
	switch word {
	case "CSV", "JSON", "AVRO", "PARQUET", "ORC", "SHAPEFILE", "FIXEDWIDTH":
		word = "FORMAT AS " + word
	}
	if !p.HasVal {
		return word
	}
	switch p.Name {
	case "ENCODING", "COMPUPDATE", "STATUPDATE", "SIMPLIFY", "IGNOREHEADER", "MAXERROR", "COMPROWS":
		return word + " " + strings.ToUpper(strings.TrimSpace(p.Value))
	}
	return word + " '" + strings.NewReplacer("'", "''", `\`, `\\`).Replace(p.Value) + "'"
}

// parametersJSON is template_parameters: 1 for a word alone, numbers and texts for the others, and the names that the guide's examples show.
// https://docs.aws.amazon.com/redshift/latest/dg/SYS_REDSHIFT_TEMPLATE.html
func parametersJSON(t *catalog.Template) string {
	lines := make([]string, 0, len(t.Parameters))
	serialize := false
	for _, p := range t.Parameters {
		serialize = serialize || p.Name == "SERIALIZETOJSON"
	}
	for _, p := range t.Parameters {
		name, value := p.Name, "1"
		switch {
		case name == "SERIALIZETOJSON":
			continue
		case serialize && (name == "ORC" || name == "PARQUET"):
			value = quoted("serializetojson_default")
		case name == "COMPUPDATE":
			name, value = "COMPRESSION_UPDATE", switchJSON(p.Value)
		case name == "STATUPDATE":
			value = switchJSON(p.Value)
		case name == "SIMPLIFY":
			number, auto := strings.CutPrefix(p.Value, "AUTO")
			if auto {
				name = "SIMPLIFY_AUTO"
			}
			value = numberJSON(number)
		case name == "IGNOREHEADER", name == "MAXERROR", name == "COMPROWS":
			value = numberJSON(p.Value)
		case p.HasVal:
			value = quoted(p.Value)
		}
		lines = append(lines, "    "+quoted(name)+": "+value)
	}
	return "{\n" + strings.Join(lines, ",\n") + "\n}"
}

// numberJSON is a number as JSON writes it; null = there is none.
func numberJSON(v string) string {
	f, err := strconv.ParseFloat(strings.TrimSpace(v), 64)
	if err != nil {
		return "null"
	}
	return strconv.FormatFloat(f, 'f', -1, 64)
}

// switchJSON is ON, OFF or another word as JSON.
func switchJSON(v string) string {
	switch strings.ToUpper(v) {
	case "", "ON", "TRUE":
		return "1"
	case "OFF", "FALSE":
		return "0"
	}
	return quoted(strings.ToUpper(v))
}
