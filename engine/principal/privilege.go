package principal

import "strings"

// Privilege is a set of privileges on an object.
type Privilege uint16

// The privileges, in the order of their letters in an aclitem.
// https://docs.aws.amazon.com/redshift/latest/dg/r_PG_DEFAULT_ACL.html
const (
	Insert Privilege = 1 << iota
	Select
	Update
	Delete
	Rule
	References
	Trigger
	Execute
	Usage
	Create
	Temp
	Drop
	Truncate
	Alter
	Share // of datashares: to grant USAGE of it to consumers
)

// letters are those of an aclitem, lowest bit first.
const letters = "arwdRxtXUCTDPAS"

// words are the privileges' names in the order of their bits.
var words = [...]string{
	"INSERT", "SELECT", "UPDATE", "DELETE", "RULE", "REFERENCES", "TRIGGER", "EXECUTE", "USAGE", "CREATE", "TEMP", "DROP", "TRUNCATE", "ALTER", "SHARE",
}

// Words lists the privileges of a set by name.
func (p Privilege) Words() []string {
	var out []string
	for i, w := range words {
		if p>>i&1 != 0 {
			out = append(out, w)
		}
	}
	return out
}

// ParsePrivilege reads a privilege's name, in any case; TEMPORARY is TEMP.
func ParsePrivilege(word string) (Privilege, bool) {
	word = strings.ToUpper(strings.TrimSpace(word))
	if word == "TEMPORARY" {
		word = "TEMP"
	}
	for i, w := range words {
		if w == word {
			return 1 << i, true
		}
	}
	return 0, false
}

// Object is a kind of thing that privileges are on.
type Object uint8

// Objects. Those that end in In are scopes: what is granted for them holds for all objects of the kind in a schema or database, now and later.
// https://docs.aws.amazon.com/redshift/latest/dg/t_scoped-permissions.html
const (
	Relation Object = iota // table or view
	Column
	Schema
	Database
	Function
	Procedure
	Language
	TablesInSchema
	FunctionsInSchema // procedures too: the guide does not tell them apart
	Template
	TemplatesInSchema
	CopyJob
	SchemasInDatabase
	TablesInDatabase
	FunctionsInDatabase
	LanguagesInDatabase
	TemplatesInDatabase
	CopyJobsInDatabase
	Datashare
)

// SchemaScopes are a schema and what can be granted for all of a kind in it.
var SchemaScopes = []Object{Schema, TablesInSchema, FunctionsInSchema, TemplatesInSchema}

// DatabaseScopes are a database and what can be granted for all of a kind in it.
var DatabaseScopes = []Object{
	Database, SchemasInDatabase, TablesInDatabase, FunctionsInDatabase, LanguagesInDatabase, TemplatesInDatabase, CopyJobsInDatabase,
}

// OfDatabase says that an object is a database, a scope in one, or a datashare: of the cluster, not in a database.
func (o Object) OfDatabase() bool {
	return o == Database || o >= SchemasInDatabase
}

// String is the object's kind in lower-case words.
func (o Object) String() string {
	return [...]string{
		"relation", "column", "schema", "database", "function", "procedure", "language", "tables", "functions", "template", "templates", "copy job",
		"schemas", "tables", "functions", "languages", "templates", "copy jobs", "datashare",
	}[o]
}

// Scope is the privilege_scope of svv_schema_privileges and svv_database_privileges.
func (o Object) Scope() string { return strings.ToUpper(o.String()) }

// All is what GRANT ALL gives on an object.
// https://docs.aws.amazon.com/redshift/latest/dg/r_GRANT.html
func (o Object) All() Privilege {
	switch o {
	case Relation, TablesInSchema, TablesInDatabase:
		return Insert | Select | Update | Delete | Rule | References | Trigger | Drop | Truncate | Alter
	case Column:
		return Select | Update
	case Schema, SchemasInDatabase:
		return Usage | Create | Drop | Alter
	case Database:
		return Create | Temp | Usage | Alter
	case Function, Procedure, FunctionsInSchema, FunctionsInDatabase:
		return Execute
	case Template, TemplatesInSchema, TemplatesInDatabase:
		return Usage | Alter | Drop
	case CopyJob:
		return Alter | Drop
	case CopyJobsInDatabase:
		return Create | Alter | Drop
	case Datashare:
		return Alter | Share
	}
	return Usage // languages
}

// May is what can be granted by name: what Redshift lacks of PostgreSQL (RULE, TRIGGER) comes with ALL alone.
func (o Object) May() Privilege { return o.All() &^ (Rule | Trigger) }

// Implicit is what the owner of an object may do whatever is granted or revoked.
// https://docs.aws.amazon.com/redshift/latest/dg/r_Privileges.html
const Implicit = Drop | Alter | Truncate

// Reading is what an object must be granted to be read, run or entered.
func (o Object) Reading() Privilege {
	switch o {
	case Relation:
		return Select
	case Function, Procedure:
		return Execute
	}
	return Usage
}

// Scopes are those in which a privilege on an object may have been granted too: in its schema, in its database.
func (o Object) Scopes() (schema, database Object, ok bool) {
	switch o {
	case Relation:
		return TablesInSchema, TablesInDatabase, true
	case Function, Procedure:
		return FunctionsInSchema, FunctionsInDatabase, true
	case Schema:
		return SchemasInDatabase, SchemasInDatabase, true
	case Language:
		return LanguagesInDatabase, LanguagesInDatabase, true
	case Template:
		return TemplatesInSchema, TemplatesInDatabase, true
	case CopyJob:
		return CopyJobsInDatabase, CopyJobsInDatabase, true
	}
	return 0, 0, false
}

// System is a set of system privileges: what a role may do whatever objects it is about.
// https://docs.aws.amazon.com/redshift/latest/dg/r_roles-system-privileges.html
type System uint64

// The system privileges, in the order of the guide's table.
const (
	CreateRole System = 1 << iota
	DropRole
	CreateUser
	DropUser
	AlterUser
	CreateSchema
	DropSchema
	AlterDefaultPrivileges
	AccessCatalog
	AccessSystemTable
	CreateTable
	DropTable
	AlterTable
	CreateFunction
	CreateExternalFunction
	DropFunction
	CreateProcedure
	DropProcedure
	CreateView
	DropView
	CreateModel
	DropModel
	CreateDatashare
	AlterDatashare
	DropDatashare
	CreateLibrary
	DropLibrary
	Analyze
	Cancel
	TruncateTable
	Vacuum
	IgnoreRLS
	ExplainRLS
	ExplainMasking
	grantRole  // of sys:secadmin: may grant any role
	systemsEnd // one beyond the last
)

// Sets of system privileges.
const (
	AllSystem    = (systemsEnd - 1) &^ grantRole
	roleAdmin    = CreateRole | DropRole | grantRole
	userAdmin    = CreateUser | DropUser | AlterUser
	SecurityWork = IgnoreRLS | ExplainRLS | ExplainMasking
)

// systemWords are the names of the system privileges in the order of their bits.
var systemWords = [...]string{
	"CREATE ROLE", "DROP ROLE", "CREATE USER", "DROP USER", "ALTER USER", "CREATE SCHEMA", "DROP SCHEMA", "ALTER DEFAULT PRIVILEGES", "ACCESS CATALOG",
	"ACCESS SYSTEM TABLE", "CREATE TABLE", "DROP TABLE", "ALTER TABLE", "CREATE OR REPLACE FUNCTION", "CREATE OR REPLACE EXTERNAL FUNCTION", "DROP FUNCTION",
	"CREATE OR REPLACE PROCEDURE", "DROP PROCEDURE", "CREATE OR REPLACE VIEW", "DROP VIEW", "CREATE MODEL", "DROP MODEL", "CREATE DATASHARE", "ALTER DATASHARE",
	"DROP DATASHARE", "CREATE LIBRARY", "DROP LIBRARY", "ANALYZE", "CANCEL", "TRUNCATE TABLE", "VACUUM", "IGNORE RLS", "EXPLAIN RLS", "EXPLAIN MASKING",
}

// Words lists the system privileges of a set by name.
func (s System) Words() []string {
	var out []string
	for i, w := range systemWords {
		if s>>i&1 != 0 {
			out = append(out, w)
		}
	}
	return out
}

// ParseSystem reads a system privilege's name: upper-case words with one blank between them.
func ParseSystem(name string) (System, bool) {
	for i, w := range systemWords {
		if w == name {
			return 1 << i, true
		}
	}
	return 0, false
}

// GrantsRoles says that any role may be granted: what sys:secadmin has beside the privileges with a name.
func (s System) GrantsRoles() bool { return s&grantRole != 0 }

// Secures says that policies may be made and attached: what sys:secadmin has beside the privileges with a name, and sys:superuser with all of them.
// https://docs.aws.amazon.com/redshift/latest/dg/t_rls_ownership.html
func (s System) Secures() bool { return s.GrantsRoles() || s&AllSystem == AllSystem }

// SystemRoles are the roles that Redshift defines. sys:dba has what sys:operator has, by inheritance.
// https://docs.aws.amazon.com/redshift/latest/dg/r_roles-default.html
func SystemRoles() []*Role {
	role := func(id int, name string, s System) *Role {
		return &Role{ID: id, Name: name, Owner: BootstrapID, System: s}
	}
	const (
		monitorID = iota + 10
		operatorID
		dbaID
		superuserID
		secadminID
	)
	operator := role(operatorID, "sys:operator", AccessCatalog|AccessSystemTable|Analyze|Vacuum|Cancel)
	operator.Members = []Member{{To: Identity{ToRole, dbaID}, By: BootstrapID}}
	return []*Role{
		role(monitorID, "sys:monitor", AccessCatalog|AccessSystemTable),
		operator,
		role(dbaID, "sys:dba", CreateSchema|DropSchema|CreateTable|DropTable|TruncateTable|CreateProcedure|DropProcedure|CreateFunction|CreateExternalFunction|CreateView|DropView),
		role(superuserID, "sys:superuser", AllSystem),
		role(secadminID, "sys:secadmin", userAdmin|roleAdmin|SecurityWork),
	}
}
