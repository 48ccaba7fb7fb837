package system

import (
	"fmt"
	"sort"
	"strings"
	"time"

	"github.com/redshiftsim/redshiftsim/engine/catalog"
	"github.com/redshiftsim/redshiftsim/engine/principal"
	"github.com/redshiftsim/redshiftsim/storage"
	"github.com/redshiftsim/redshiftsim/storage/encoding"
)

// relation is a table, a view or a system table as the catalog tables show it.
type relation struct {
	id      uint32
	schema  string
	name    string
	owner   int  // number of the user
	kind    byte // r = table, v = view
	columns []catalog.Column
	table   *catalog.Table // nil for the others
	view    *catalog.View
}

// created is when a table or view was made; the zero time for system tables.
func (x *relation) created() time.Time {
	switch {
	case x.table != nil:
		return x.table.Created
	case x.view != nil:
		return x.view.Created
	}
	return time.Time{}
}

// relations lists what the reading session can see: user objects by number, then, if asked for, system tables by schema and name.
func (e *Env) relations(system bool) []relation {
	var out []relation
	for _, o := range e.Catalog.Objects() {
		if t, ok := o.(*catalog.Table); ok && t.Temp && t.Schema != e.tempSchema() {
			continue
		}
		if x := relationOf(o); x != nil {
			out = append(out, *x)
		}
	}
	if system {
		n := len(out)
		for _, v := range e.Catalog.System().All() {
			out = append(out, relation{v.ID, v.Schema, v.Name, principal.BootstrapID, systemKind(v.Name), v.Columns, nil, nil})
		}
		sort.Slice(out[n:], func(i, j int) bool { return out[n+i].id < out[n+j].id })
	}
	return out
}

// relationOf is a table or view as a relation; nil for what is neither.
func relationOf(o any) *relation {
	switch o := o.(type) {
	case *catalog.Table:
		return &relation{o.ID, o.Schema, o.Name, o.Owner, 'r', o.Columns, o, nil}
	case *catalog.View:
		return &relation{o.ID, o.Schema, o.Name, o.Owner, 'v', o.Columns, nil, o}
	}
	return nil
}

// systemKind says which system tables are tables: STV and STL ones, and those of PostgreSQL's catalog that are no views there.
func systemKind(name string) byte {
	switch name {
	case "pg_class", "pg_attribute", "pg_namespace", "pg_type", "pg_database", "pg_attrdef", "pg_constraint", "pg_description", "pg_depend", "pg_index", "pg_rewrite",
		"pg_trigger", "pg_group", "pg_default_acl", "pg_library", "pg_statistic_indicator", "pg_statistic", "pg_external_schema", "pg_proc", "pg_cast", "pg_inherits", "pg_tablespace", "pg_am", "pg_operator", "pg_opclass", "pg_language", "pg_conversion":
		return 'r'
	}
	if strings.HasPrefix(name, "stv_") || strings.HasPrefix(name, "stl_") {
		return 'r'
	}
	return 'v'
}

// visible lists the columns that SELECT * shows.
func (x *relation) visible() []catalog.Column {
	for i := range x.columns {
		if x.columns[i].Hidden {
			return x.columns[:i]
		}
	}
	return x.columns
}

// isDistKey says whether column i is the distribution key.
func (x *relation) isDistKey(i int) bool {
	return x.table != nil && x.table.Def.Dist.Keyed() && x.table.Def.Dist.Column == i
}

// sortOrder is the place of column i in the sort key, 0 = none; in an interleaved key it is negative for the first column and every second one after it.
// https://docs.aws.amazon.com/redshift/latest/dg/r_PG_TABLE_DEF.html
func (x *relation) sortOrder(i int) int64 {
	if x.table == nil || x.table.Def.Sort.Style == storage.SortNone {
		return 0
	}
	for n, c := range x.table.Def.Sort.Columns {
		if c == i {
			if x.table.Def.Sort.Style == storage.Interleaved && n%2 == 0 {
				return -int64(n + 1)
			}
			return int64(n + 1)
		}
	}
	return 0
}

// encodingOf is the encoding of column i; views and system tables have none.
func (x *relation) encodingOf(i int) encoding.Kind {
	if x.table == nil {
		return encoding.Raw
	}
	return x.table.Def.EncodingOf(i)
}

// defaultOf is the default of column i as text, "" = none. An identity column's is the call that gives its values.
func (x *relation) defaultOf(i int) string {
	c := &x.columns[i]
	if c.Identity == nil {
		return defaultText(c)
	}
	name := `"identity"`
	if c.Identity.ByDefault {
		name = "default_identity"
	}
	return fmt.Sprintf("%s(%d, %d, '%d,%d'::text)", name, x.id, i, c.Identity.Seed, c.Identity.Step)
}

// namespaces gives the numbers of the schemas by name; the session's temporary tables have one too.
func (e *Env) namespaces() map[string]uint32 {
	out := map[string]uint32{}
	for _, s := range e.Catalog.Schemas() {
		out[s.Name] = s.ID
	}
	out[e.tempSchema()] = tempNamespace + uint32(e.PID)
	return out
}

// tempNamespace is added to a session's number to number its schema of temporary tables.
const tempNamespace = 1 << 28

// owners gives the names of the users by number; one that is gone is unknown.
func (e *Env) owners() func(id int) string {
	names := map[int]string{}
	for _, u := range e.Catalog.Users() {
		names[u.ID] = u.Name
	}
	return func(id int) string {
		if n, ok := names[id]; ok {
			return n
		}
		return e.Catalog.UserName(id) // who was dropped in another database
	}
}
