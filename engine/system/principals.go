package system

import (
	"sort"
	"strconv"
	"strings"

	"github.com/redshiftsim/redshiftsim/engine/catalog"
	"github.com/redshiftsim/redshiftsim/engine/principal"
	"github.com/redshiftsim/redshiftsim/internal/types"
)

const userColumns = "usename name, usesysid integer, usecreatedb boolean, usesuper boolean, usecatupd boolean, passwd text, valuntil timestamp, useconfig text[]"

// identityColumns are those that the privilege views end with.
const identityColumns = "privilege_type text, identity_id integer, identity_name text, identity_type text"

// principalTables are users, groups, roles, and what was granted to them.
// https://docs.aws.amazon.com/redshift/latest/dg/svv_views.html
var principalTables = []table{
	{
		"pg_user", leader, userColumns,
		func(e *Env, r *row) {
			for _, u := range e.Catalog.Users() {
				user(r, u)
				r.send()
			}
		},
	},
	// https://docs.aws.amazon.com/redshift/latest/dg/pg_user_info.html
	{
		"pg_user_info", leader, userColumns + ", useconnlimit text",
		func(e *Env, r *row) {
			for _, u := range e.Catalog.Users() {
				user(r, u)
				r.text(connectionLimit(u))
				r.send()
			}
		},
	},
	// https://docs.aws.amazon.com/redshift/latest/dg/r_SVV_USER_INFO.html
	{
		"svv_user_info", leader, "user_name text, user_id integer, createdb boolean, superuser boolean, catalog_update boolean, connection_limit text, " +
			"syslog_access text, last_ddl_timestamp timestamp, session_timeout integer, external_user_id text", users,
	},
	// https://docs.aws.amazon.com/redshift/latest/dg/r_SVL_USER_INFO.html
	{
		"svl_user_info", leader | superuser, "usename text, usesysid integer, usecreatedb boolean, usesuper boolean, usecatupd boolean, useconnlimit text, " +
			"syslogaccess text, last_ddl_ts timestamp, sessiontimeout integer, external_id text", users,
	},
	{
		"pg_group", leader, "groname name, grosysid integer, grolist integer[]",
		func(e *Env, r *row) {
			for _, g := range e.Catalog.Groups() {
				r.text(g.Name)
				r.int(int64(g.ID))
				ids := make([]string, len(g.Members))
				for i, m := range g.Members {
					ids[i] = strconv.Itoa(m)
				}
				r.text(types.FormatArray(types.Type{Kind: types.Int4Array}, ids...))
				r.send()
			}
		},
	},
	// https://docs.aws.amazon.com/redshift/latest/dg/r_SVV_ROLES.html
	{
		"svv_roles", leader, "role_id integer, role_name text, role_owner text, external_id text",
		func(e *Env, r *row) {
			for _, x := range e.Catalog.Roles() {
				r.int(int64(x.ID))
				r.text(x.Name, e.Catalog.UserName(x.Owner))
				r.maybe(x.ExternalID)
				r.send()
			}
		},
	},
	// https://docs.aws.amazon.com/redshift/latest/dg/r_SVV_USER_GRANTS.html
	{
		"svv_user_grants", leader, "user_id integer, user_name text, role_id integer, role_name text, admin_option boolean",
		func(e *Env, r *row) {
			for _, x := range e.Catalog.Roles() {
				for _, m := range x.Members {
					if m.To.Kind != principal.ToUser || !e.knows(m.To) {
						continue
					}
					r.int(int64(m.To.ID))
					r.text(e.Catalog.UserName(m.To.ID))
					r.int(int64(x.ID))
					r.text(x.Name)
					r.bool(m.Admin)
					r.send()
				}
			}
		},
	},
	// https://docs.aws.amazon.com/redshift/latest/dg/r_SVV_ROLE_GRANTS.html
	{
		"svv_role_grants", leader, "role_id integer, role_name text, granted_role_id integer, granted_role_name text",
		func(e *Env, r *row) {
			for _, x := range e.Catalog.Roles() {
				for _, m := range x.Members {
					if m.To.Kind != principal.ToRole || !e.knows(m.To) {
						continue
					}
					r.int(int64(m.To.ID))
					r.text(e.Catalog.NameOf(m.To))
					r.int(int64(x.ID))
					r.text(x.Name)
					r.send()
				}
			}
		},
	},
	// https://docs.aws.amazon.com/redshift/latest/dg/r_SVV_SYSTEM_PRIVILEGES.html
	{
		"svv_system_privileges", leader, "system_privilege text, identity_id integer, identity_name text, identity_type text",
		func(e *Env, r *row) {
			for _, x := range e.Catalog.Roles() {
				if !e.knows(principal.Identity{Kind: principal.ToRole, ID: x.ID}) {
					continue
				}
				for _, w := range x.System.Words() {
					r.text(w)
					r.int(int64(x.ID))
					r.text(x.Name, principal.ToRole.String())
					r.send()
				}
			}
		},
	},
	// https://docs.aws.amazon.com/redshift/latest/dg/r_SVV_RELATION_PRIVILEGES.html
	{
		"svv_relation_privileges", leader, "namespace_name text, relation_name text, " + identityColumns + ", admin_option boolean",
		func(e *Env, r *row) {
			for _, x := range e.relations(false) {
				e.granted(e.Catalog.Access(principal.Relation, x.id).ACL, principal.Relation, x.owner, func(i *principal.Item, p principal.Privilege) {
					r.text(x.schema, x.name)
					e.identity(r, i, p)
					r.bool(i.Grant&p != 0)
					r.send()
				})
			}
		},
	},
	// https://docs.aws.amazon.com/redshift/latest/dg/r_SVV_COLUMN_PRIVILEGES.html
	{
		"svv_column_privileges", leader, "namespace_name text, relation_name text, column_name text, " + identityColumns,
		func(e *Env, r *row) {
			for _, x := range e.relations(false) {
				a := e.Catalog.Access(principal.Relation, x.id)
				for i := range x.columns {
					e.granted(a.Columns[int(x.columns[i].Number(i))], principal.Column, -1, func(it *principal.Item, p principal.Privilege) {
						r.text(x.schema, x.name, x.columns[i].Name)
						e.identity(r, it, p)
						r.send()
					})
				}
			}
		},
	},
	// https://docs.aws.amazon.com/redshift/latest/dg/r_SVV_SCHEMA_PRIVILEGES.html
	{
		"svv_schema_privileges", leader, "namespace_name text, " + identityColumns + ", admin_option boolean, privilege_scope text",
		func(e *Env, r *row) {
			for _, s := range e.Catalog.Schemas() {
				for _, o := range principal.SchemaScopes {
					e.granted(e.Catalog.Access(o, s.ID).ACL, o, s.Owner, func(i *principal.Item, p principal.Privilege) {
						r.text(s.Name)
						e.identity(r, i, p)
						r.bool(i.Grant&p != 0)
						r.text(o.Scope())
						r.send()
					})
				}
			}
		},
	},
	// https://docs.aws.amazon.com/redshift/latest/dg/r_SVV_DATABASE_PRIVILEGES.html
	{
		"svv_database_privileges", leader, "database_name text, " + identityColumns + ", admin_option boolean, privilege_scope text",
		func(e *Env, r *row) {
			for _, d := range e.Catalog.Databases() {
				for _, o := range principal.DatabaseScopes { // what public begins with counts as granted
					e.granted(e.Catalog.ACL(o, d.ID, d.Owner), o, d.Owner, func(i *principal.Item, p principal.Privilege) {
						r.text(d.Name)
						e.identity(r, i, p)
						r.bool(i.Grant&p != 0)
						r.text(o.Scope())
						r.send()
					})
				}
			}
		},
	},
	// https://docs.aws.amazon.com/redshift/latest/dg/r_SVV_REDSHIFT_FUNCTIONS.html
	{
		"svv_redshift_functions", leader, "database_name character varying(128), schema_name character varying(128), function_name character varying(128), " +
			"function_type character varying(128), argument_type character varying(512), result_type character varying(128)",
		everywhere(func(e *Env, r *row) {
			for _, f := range e.Catalog.AllFunctions() {
				kind, result := "REGULAR FUNCTION", []types.Type{f.Returns}
				if f.Procedure != nil {
					kind, result = "STORED PROCEDURE", f.Procedure.Outputs()
				}
				r.text(e.Database, f.Schema, f.Name, kind, catalog.KindNames(f.Args), catalog.KindNames(result))
				r.send()
			}
		}),
	},
	// https://docs.aws.amazon.com/redshift/latest/dg/r_SVV_FUNCTION_PRIVILEGES.html
	{
		"svv_function_privileges", leader, "namespace_name text, function_name text, argument_types text, " + identityColumns + ", admin_option boolean",
		func(e *Env, r *row) {
			for _, f := range e.Catalog.AllFunctions() { // what public begins with counts as granted
				e.granted(e.Catalog.ACL(f.Object(), f.ID, f.Owner), f.Object(), f.Owner, func(i *principal.Item, p principal.Privilege) {
					r.text(f.Schema, f.Name, catalog.KindNames(f.Args))
					e.identity(r, i, p)
					r.bool(i.Grant&p != 0)
					r.send()
				})
			}
		},
	},
	// https://docs.aws.amazon.com/redshift/latest/dg/r_SVV_LANGUAGE_PRIVILEGES.html
	{
		"svv_language_privileges", leader, "language_name text, " + identityColumns + ", admin_option boolean",
		func(e *Env, r *row) {
			for _, l := range catalog.Languages {
				e.granted(e.Catalog.Access(principal.Language, l.ID).ACL, principal.Language, -1, func(i *principal.Item, p principal.Privilege) {
					r.text(l.Name)
					e.identity(r, i, p)
					r.bool(i.Grant&p != 0)
					r.send()
				})
			}
		},
	},
	// https://docs.aws.amazon.com/redshift/latest/dg/r_SVV_DEFAULT_PRIVILEGES.html
	{
		"svv_default_privileges", leader, "schema_name text, object_type text, owner_id integer, owner_name text, owner_type text, privilege_type text, " +
			"grantee_id integer, grantee_name text, grantee_type text, admin_option boolean",
		func(e *Env, r *row) {
			spaces := e.spaceNames()
			for _, d := range e.Catalog.AllDefaults() {
				e.granted(d.ACL, d.Object, d.Owner, func(i *principal.Item, p principal.Privilege) {
					r.maybe(spaces[d.Schema])
					r.text(strings.ToUpper(d.Object.String()))
					r.int(int64(d.Owner))
					r.text(e.Catalog.UserName(d.Owner), principal.ToUser.String())
					r.text(p.Words()[0])
					r.int(int64(i.To.ID))
					r.text(e.nameOf(i.To), i.To.Kind.String())
					r.bool(i.Grant&p != 0)
					r.send()
				})
			}
		},
	},
	// https://docs.aws.amazon.com/redshift/latest/dg/r_PG_DEFAULT_ACL.html
	{
		"pg_default_acl", leader, "defacluser integer, defaclnamespace oid, defaclobjtype character(1), defaclacl aclitem[], oid oid hidden",
		func(e *Env, r *row) {
			for n, d := range e.Catalog.AllDefaults() {
				if !e.sees(d.Owner) {
					continue
				}
				r.int(int64(d.Owner))
				r.id(d.Schema)
				r.text(map[principal.Object]string{principal.Relation: "r", principal.Function: "f", principal.Procedure: "p"}[d.Object])
				r.text(d.ACL.Text(e.Catalog.NameOf))
				r.id(uint32(n) + 1)
				r.send()
			}
		},
	},
	{
		"pg_language", leader, "lanname name, lanispl boolean, lanpltrusted boolean, lanplcallfoid oid, lanvalidator oid, lanacl aclitem[], oid oid hidden",
		func(e *Env, r *row) {
			for id, name := range map[uint32]string{languageInternal: "internal", languageInternal + 1: "c"} {
				r.text(name)
				r.bool(false, false)
				r.int(0, 0)
				r.null(1)
				r.id(id)
				r.send()
			}
			for _, l := range catalog.Languages {
				r.text(l.Name)
				r.bool(l.Name != "sql", l.Name != "plpythonu")
				r.int(0, 0)
				e.acl(r, principal.Language, l.ID)
				r.id(l.ID)
				r.send()
			}
		},
	},
	// https://docs.aws.amazon.com/redshift/latest/dg/r_STL_USERLOG.html
	{
		"stl_userlog", superuser, "userid integer, username character(50), oldusername character(50), action character(10), usecreatedb integer, " +
			"usesuper integer, usecatupd integer, valuntil timestamp, pid integer, xid bigint, recordtime timestamp", userLog,
	},
	// https://docs.aws.amazon.com/redshift/latest/dg/SYS_USERLOG.html
	{
		"sys_userlog", superuser, "user_id integer, user_name character(50), original_user_name character(50), action character(10), " +
			"has_create_db_privs integer, is_superuser integer, has_update_catalog_privs integer, password_expiration timestamp, session_id integer, " +
			"transaction_id bigint, record_time timestamp", userLog,
	},
	// https://docs.aws.amazon.com/redshift/latest/dg/r_PG_ATTRIBUTE_INFO.html
	{"pg_attribute_info", leader, attributeColumns + ", attacl aclitem[]", func(e *Env, r *row) { attributes(e, r, true) }},
}

// UserChange is a change of a user that a statement made: create, alter, rename, drop.
type UserChange struct {
	Action string
	User   *principal.User // after the change; of drop before it
	Old    string          // of rename: the name before
}

// userLog is one row a change of a user.
func userLog(e *Env, r *row) {
	e.records(func(x *Record) bool {
		for _, c := range x.Users {
			r.int(int64(c.User.ID))
			r.text(c.User.Name, c.Old, c.Action)
			r.flagged(c.User.CreateDB, c.User.Superuser, c.User.ID == principal.BootstrapID)
			r.time(c.User.ValidUntil)
			r.int(int64(x.PID), x.XID)
			r.time(x.Start)
			r.send()
		}
		return !r.over
	})
}

// user fills the columns of pg_user.
func user(r *row, u *principal.User) {
	r.text(u.Name)
	r.int(int64(u.ID))
	r.bool(u.CreateDB, u.Superuser, u.ID == principal.BootstrapID)
	r.text("********")
	r.time(u.ValidUntil)
	if len(u.Settings) == 0 {
		r.null(1)
		return
	}
	list := make([]string, 0, len(u.Settings))
	for k, v := range u.Settings {
		list = append(list, k+"="+v)
	}
	sort.Strings(list)
	r.text(types.FormatArray(types.TTextArray, list...))
}

// connectionLimit is CONNECTION LIMIT as text.
func connectionLimit(u *principal.User) string {
	if u.Connections < 0 {
		return "UNLIMITED"
	}
	return strconv.Itoa(u.Connections)
}

// users is one row a user whom the reading user may see.
func users(e *Env, r *row) {
	for _, u := range e.Catalog.Users() {
		if !e.sees(u.ID) {
			continue
		}
		r.text(u.Name)
		r.int(int64(u.ID))
		r.bool(u.CreateDB, u.Superuser, u.ID == principal.BootstrapID)
		r.text(connectionLimit(u))
		if u.Superuser || u.Unrestricted {
			r.text("UNRESTRICTED")
		} else {
			r.text("RESTRICTED")
		}
		r.time(u.Changed)
		r.int(int64(u.Timeout.Seconds()))
		r.maybe(u.ExternalID)
		r.send()
	}
}

// granted calls put for each privilege of a list that was granted explicitly, to a principal that the reading user knows: what an owner has of its own
// object is not, unless somebody grants or revokes it.
func (e *Env) granted(acl principal.ACL, o principal.Object, owner int, put func(i *principal.Item, p principal.Privilege)) {
	for k := range acl {
		i := &acl[k]
		if i.To == (principal.Identity{Kind: principal.ToUser, ID: owner}) && i.By == owner || !e.knows(i.To) {
			continue
		}
		for p := principal.Insert; p <= principal.Share; p <<= 1 {
			if i.Can&p&o.May() != 0 {
				put(i, p)
			}
		}
	}
}

// identity fills identityColumns.
func (e *Env) identity(r *row, i *principal.Item, p principal.Privilege) {
	r.text(p.Words()[0])
	r.int(int64(i.To.ID))
	r.text(e.nameOf(i.To), i.To.Kind.String())
}

// nameOf is the name of a principal, public for everybody.
func (e *Env) nameOf(id principal.Identity) string {
	if id.Kind == principal.Public {
		return id.Kind.String()
	}
	return e.Catalog.NameOf(id)
}

// acl fills a column with an object's list of privileges, NULL when it has the default.
func (e *Env) acl(r *row, o principal.Object, id uint32) {
	a := e.Catalog.Access(o, id)
	if a.ACL == nil {
		r.null(1)
		return
	}
	r.text(a.ACL.Text(e.Catalog.NameOf))
}

// spaceNames gives the names of the schemas by number.
func (e *Env) spaceNames() map[uint32]string {
	out := map[uint32]string{}
	for _, s := range e.Catalog.Schemas() {
		out[s.ID] = s.Name
	}
	return out
}

// privileged says whether the reading user has ACCESS SYSTEM TABLE or is a superuser: such see all rows of all system tables.
// https://docs.aws.amazon.com/redshift/latest/dg/cm_chap_system-tables.html#c_visibility-of-data
func (e *Env) privileged() bool {
	return e.User.Superuser || e.reach().System&principal.AccessSystemTable != 0
}

// reach is what the reading user is, in all.
func (e *Env) reach() *principal.Reach {
	if e.is == nil {
		e.is = e.Catalog.Reach(e.User)
	}
	return e.is
}

// knows says whether the reading user may see what a principal has: its own, its groups' and roles', and public's.
func (e *Env) knows(id principal.Identity) bool { return e.privileged() || e.reach().Is(id) }
