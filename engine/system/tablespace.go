package system

import "github.com/redshiftsim/redshiftsim/engine/principal"

// tablespaceTables has the two tablespaces that every database of PostgreSQL 8.0 has.
// https://www.postgresql.org/docs/8.0/catalog-pg-tablespace.html
var tablespaceTables = []table{{
	"pg_tablespace", leader, "spcname name, spcowner integer, spclocation text, spcacl aclitem[], oid oid hidden",
	func(_ *Env, r *row) {
		for i, name := range []string{"pg_default", "pg_global"} {
			r.text(name)
			r.int(principal.BootstrapID)
			r.text("")
			r.null(1)
			r.id(1663 + uint32(i))
			r.send()
		}
	},
}}
