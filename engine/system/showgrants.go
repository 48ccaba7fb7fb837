package system

import (
	"strings"

	"github.com/redshiftsim/redshiftsim/engine/catalog"
	"github.com/redshiftsim/redshiftsim/engine/principal"
	"github.com/redshiftsim/redshiftsim/internal/types"
)

// GrantsOf says whose grants SHOW GRANTS lists: those on one object, those for one principal, or both.
type GrantsOf struct {
	On     *principal.Object // nil = on all objects of the database
	ID     uint32            // of the object
	For    principal.Identity
	HasFor bool
}

// grantRow is a privilege that was granted.
type grantRow struct {
	schema, object, kind, scope string
	item                        *principal.Item
	can                         principal.Privilege
}

// grants calls f for each grant that the reading user knows of.
func (e *Env) grants(of GrantsOf, f func(g *grantRow)) {
	from := func(base principal.Object, id uint32, owner int, g grantRow, acl principal.ACL, o principal.Object) {
		if of.On != nil && (*of.On != base || of.ID != id) {
			return
		}
		e.granted(acl, o, owner, func(i *principal.Item, p principal.Privilege) {
			if !of.HasFor || i.To == of.For {
				g.item, g.can = i, p
				f(&g)
			}
		})
	}
	for _, d := range e.Catalog.Databases() {
		if d.Name != e.Database {
			continue
		}
		for _, o := range principal.DatabaseScopes {
			from(principal.Database, d.ID, d.Owner, grantRow{kind: "DATABASE", scope: o.Scope()}, e.Catalog.ACL(o, d.ID, d.Owner), o)
		}
	}
	for _, s := range e.Catalog.Schemas() {
		for _, o := range principal.SchemaScopes {
			from(principal.Schema, s.ID, s.Owner, grantRow{schema: s.Name, kind: "SCHEMA", scope: o.Scope()}, e.Catalog.Access(o, s.ID).ACL, o)
		}
	}
	for _, x := range e.relations(false) {
		kind := x.tableType("TABLE")
		from(principal.Relation, x.id, x.owner, grantRow{schema: x.schema, object: x.name, kind: kind, scope: kind}, e.Catalog.Access(principal.Relation, x.id).ACL, principal.Relation)
	}
	for _, fn := range e.Catalog.AllFunctions() {
		kind := strings.ToUpper(fn.Word())
		from(fn.Object(), fn.ID, fn.Owner, grantRow{schema: fn.Schema, object: fn.Signature(), kind: kind, scope: kind},
			e.Catalog.ACL(fn.Object(), fn.ID, fn.Owner), fn.Object())
	}
	for _, t := range e.Catalog.Templates() {
		from(principal.Template, t.ID, t.Owner, grantRow{schema: t.Schema, object: t.Name, kind: "TEMPLATE", scope: "TEMPLATE"},
			e.Catalog.Access(principal.Template, t.ID).ACL, principal.Template)
	}
}

// ShowGrants is SHOW GRANTS: its columns depend on what is asked about.
// https://docs.aws.amazon.com/redshift/latest/dg/r_SHOW_GRANTS.html
func (e *Env) ShowGrants(of GrantsOf) Listing {
	const name = " character varying(128)"
	const who = "privilege_type" + name + ", identity_id integer, identity_name" + name + ", identity_type" + name
	put := func(r *row, g *grantRow, admin bool) {
		e.identity(r, g.item, g.can)
		if admin {
			r.bool(g.item.Grant&g.can != 0)
		}
		r.text(g.scope)
	}
	switch {
	case of.On == nil:
		return e.list("database_name"+name+", schema_name"+name+", object_name"+name+", object_type"+name+", "+who+", privilege_scope"+name+", grantor_name"+name, 6,
			func(e *Env, r *row) {
				e.grants(of, func(g *grantRow) {
					r.text(e.Database)
					r.maybe(g.schema)
					r.maybe(g.object)
					r.text(g.kind)
					put(r, g, false)
					r.text(e.Catalog.UserName(g.item.By))
					r.send()
				})
			})
	case *of.On == principal.Database:
		return e.list("database_name"+name+", "+who+", admin_option boolean, privilege_scope"+name+", grantor_name"+name, 3, func(e *Env, r *row) {
			e.grants(of, func(g *grantRow) {
				r.text(e.Database)
				put(r, g, true)
				r.text(e.Catalog.UserName(g.item.By))
				r.send()
			})
		})
	}
	return e.list("schema_name"+name+", object_name"+name+", object_type"+name+", "+who+", admin_option boolean, privilege_scope"+name+", database_name"+name+
		", grantor_name"+name, 5, func(e *Env, r *row) {
		e.grants(of, func(g *grantRow) {
			object := g.object
			if object == "" {
				object = g.schema
			}
			r.text(g.schema, object, g.kind)
			put(r, g, true)
			r.text(e.Database, e.Catalog.UserName(g.item.By))
			r.send()
		})
	})
}

// ShowColumnGrants is SHOW COLUMN GRANTS of a table or view by number, for one principal where of says so.
// https://docs.aws.amazon.com/redshift/latest/dg/r_SHOW_COLUMN_GRANTS.html
func (e *Env) ShowColumnGrants(id uint32, of GrantsOf) Listing {
	const name = " character varying(128)"
	return e.list("database_name"+name+", schema_name"+name+", table_name"+name+", column_name"+name+", object_type"+name+", privilege_type"+name+
		", identity_id integer, identity_name"+name+", identity_type"+name+", admin_option boolean, privilege_scope"+name+", grantor_name"+name, 3,
		func(e *Env, r *row) {
			for _, x := range e.relations(false) {
				if x.id != id {
					continue
				}
				a := e.Catalog.Access(principal.Relation, x.id)
				for i := range x.columns {
					e.granted(a.Columns[int(x.columns[i].Number(i))], principal.Column, -1, func(it *principal.Item, p principal.Privilege) {
						if of.HasFor && it.To != of.For {
							return
						}
						r.text(e.Database, x.schema, x.name, x.columns[i].Name, "COLUMN")
						e.identity(r, it, p)
						r.bool(it.Grant&p != 0)
						r.text("COLUMN", e.Catalog.UserName(it.By))
						r.send()
					})
				}
			}
		})
}

// ShowFunctions is SHOW FUNCTIONS, of those that sees lets through.
// https://docs.aws.amazon.com/redshift/latest/dg/r_SHOW_FUNCTIONS.html
func (e *Env) ShowFunctions(schema string, sees func(f *catalog.Function) bool) Listing {
	return e.list(routineColumns("function"), 2, func(e *Env, r *row) {
		for _, f := range e.Catalog.AllFunctions() {
			if f.Schema != schema || f.Procedure != nil || !sees(f) {
				continue
			}
			r.text(e.Database, f.Schema, f.Name)
			r.int(int64(len(f.Args)))
			r.text(catalog.KindNames(f.Args), plainName(f.Returns))
			r.null(1)
			r.send()
		}
	})
}

// routineColumns are the columns of SHOW FUNCTIONS and SHOW PROCEDURES.
func routineColumns(what string) string {
	return "database_name character varying(128), schema_name character varying(128), " + what + "_name character varying(128), number_of_arguments integer, " +
		"argument_list character varying(65535), return_type character varying(128), remarks character varying(256)"
}

// parameterColumns are the columns of SHOW PARAMETERS OF FUNCTION and OF PROCEDURE.
func parameterColumns(what string) string {
	return "database_name character varying(128), schema_name character varying(128), " + what + "_name character varying(128), " +
		"parameter_name character varying(128), ordinal_position integer, parameter_type character varying(10), data_type character varying(128), " +
		"character_maximum_length integer, numeric_precision integer, numeric_scale integer"
}

// ShowParameters is SHOW PARAMETERS OF FUNCTION: the result at place 0, then the arguments, which have no names. The types have lost their modifiers, as the
// guide's example shows.
// https://docs.aws.amazon.com/redshift/latest/dg/r_SHOW_PARAMETERS.html
func (e *Env) ShowParameters(f *catalog.Function) Listing {
	l := e.list(parameterColumns("function"), 3, func(e *Env, r *row) {
		for n, t := range append([]types.Type{f.Returns}, f.Args...) {
			way := "IN"
			if n == 0 {
				way = "RETURN"
			}
			r.text(e.Database, f.Schema, f.Name, "")
			r.int(int64(n))
			r.text(way, plainName(t))
			switch g := figuresOf(types.Type{Kind: t.Kind}); {
			case t.Kind == types.Char || t.Kind == types.Varchar:
				r.int(-1)
				r.null(2)
			case t.Kind == types.Numeric || g.precision < 0:
				r.null(3)
			default:
				r.null(1)
				g.put(r, g.precision, g.scale)
			}
			r.send()
		}
	})
	return l
}
