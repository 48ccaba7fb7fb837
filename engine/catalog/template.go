package catalog

import (
	"sort"
	"time"
)

// Template is parameters of COPY under a name, an entry of a database's catalog (Catalog.WithEntry):
//
//	{template, "public t"} -> *Template {CSV, DELIMITER "|", IGNOREHEADER "1"}
//
// https://docs.aws.amazon.com/redshift/latest/dg/r_CREATE_TEMPLATE.html
type Template struct {
	ID         uint32
	Schema     string
	Name       string
	Owner      int // number of the user
	Parameters []Parameter
	Created    time.Time
	Modified   time.Time
	By         int // number of the user who made or changed it last
}

// Parameter is one of a template, as COPY would have it: the word in upper case, and the value that stands behind it.
type Parameter struct {
	Name   string // "DELIMITER", "CSV"
	Value  string
	HasVal bool
}

const keyTemplate = "\x00template"

// TemplateKey is where a template stands.
func TemplateKey(schema, name string) Key { return Key{keyTemplate, schema + "\x00" + name} }

// Template finds a template by name, nil when there is none.
func (c *Catalog) Template(schema, name string) *Template {
	t, _ := c.access.get(TemplateKey(schema, name)).(*Template)
	return t
}

// TemplateCount is how many templates the database has.
func (c *Catalog) TemplateCount() int { return c.templates }

// Templates lists the templates by number.
func (c *Catalog) Templates() []*Template {
	if c.templates == 0 {
		return nil
	}
	var out []*Template
	c.access.each(func(v any) {
		if t, ok := v.(*Template); ok {
			out = append(out, t)
		}
	})
	sort.Slice(out, func(i, j int) bool { return out[i].ID < out[j].ID })
	return out
}
