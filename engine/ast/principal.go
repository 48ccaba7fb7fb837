package ast

// Principal is who a statement names: a user, a group, a role or PUBLIC. Prefixed names are one name: myco_aad:bob, sys:dba.
type Principal struct {
	Pos
	Kind string // "user", "group", "role", "public"; of GRANT also "iam_role", "namespace", "account", "datashare", "rls policy", "masking policy"
	Name string
	// Option says WITH GRANT OPTION, of roles WITH ADMIN OPTION.
	Option bool
	// Catalog says VIA DATA CATALOG, of an account.
	Catalog bool
}

// Privilege is one privilege of GRANT and REVOKE, with the columns that it is limited to.
type Privilege struct {
	Pos
	Name    string // upper case: "SELECT", "CREATE MODEL", "ALL"
	Columns []ColumnName
}

// Routine is a function or procedure by name and, where HasArgs, by its arguments.
type Routine struct {
	Name    Name
	Args    []RoutineArg
	HasArgs bool
}

type (
	// Grant is GRANT or REVOKE. Exactly one of these is what it is about:
	//
	//	Privileges with On        GRANT SELECT (a), UPDATE ON t TO bob
	//	Privileges with In        GRANT SELECT FOR TABLES IN SCHEMA s TO bob (scoped)
	//	Privileges alone          GRANT CREATE USER TO ROLE r (system permissions)
	//	Roles                     GRANT ROLE r TO bob
	//	Privileges ASSUMEROLE     GRANT ASSUMEROLE ON 'arn' TO bob FOR COPY
	//
	// https://docs.aws.amazon.com/redshift/latest/dg/r_GRANT.html
	// https://docs.aws.amazon.com/redshift/latest/dg/r_REVOKE.html
	Grant struct {
		Node
		Revoke     bool
		OptionOnly bool // REVOKE GRANT OPTION FOR, ADMIN OPTION FOR
		Privileges []Privilege
		Roles      []Principal
		On         *GrantObject
		In         *GrantScope
		To         []Principal
		For        []string // of ASSUMEROLE: "ALL", "COPY", "UNLOAD", "EXTERNAL FUNCTION", "CREATE MODEL"
		Cascade    bool
	}
	// GrantObject is what stands behind ON.
	GrantObject struct {
		Pos
		// Kind is "table" (also where no word says so), "database", "schema", "function", "procedure", "language", "model", "datashare", "external table",
		// "external schema", "copy job", "template", "iam role", "tables in schema", "functions in schema", "procedures in schema"; of default privileges
		// "tables", "functions", "procedures".
		Kind     string
		Named    bool // the word TABLE was there
		Names    []Name
		Routines []Routine // of functions and procedures
		ARNs     []string  // of ASSUMEROLE: ARNs, "default" or "ALL"
	}
	// GrantScope is FOR objects IN SCHEMA s [DATABASE d] | DATABASE d: scoped permissions.
	GrantScope struct {
		Pos
		Of       string // "schemas", "tables", "functions", "procedures", "languages", "copy jobs", "templates"
		Schema   string
		Database string
	}
	// DefaultPrivileges is ALTER DEFAULT PRIVILEGES.
	// https://docs.aws.amazon.com/redshift/latest/dg/r_ALTER_DEFAULT_PRIVILEGES.html
	DefaultPrivileges struct {
		Node
		ForUsers []Principal
		Schemas  []ColumnName
		Grant    *Grant
	}
	// User is CREATE USER or ALTER USER. Options are in the order written: PASSWORD (its Value nil when DISABLEd), CREATEDB, NOCREATEDB, CREATEUSER,
	// NOCREATEUSER, SYSLOG ACCESS, IN GROUP (Names), VALID UNTIL, CONNECTION LIMIT, SESSION TIMEOUT, RESET SESSION TIMEOUT, EXTERNALID, NOLOGIN, LOGIN
	// (which PASSWORD follows).
	// https://docs.aws.amazon.com/redshift/latest/dg/r_CREATE_USER.html
	// https://docs.aws.amazon.com/redshift/latest/dg/r_ALTER_USER.html
	User struct {
		Node
		Alter    bool
		User     Principal
		Options  []Option
		RenameTo string
		Set      *Set   // ALTER USER u SET parameter
		Reset    string // ALTER USER u RESET parameter
	}
	// Group is CREATE GROUP or ALTER GROUP.
	// https://docs.aws.amazon.com/redshift/latest/dg/r_CREATE_GROUP.html
	// https://docs.aws.amazon.com/redshift/latest/dg/r_ALTER_GROUP.html
	Group struct {
		Node
		Alter    bool
		Group    Principal
		Drop     bool // ALTER GROUP g DROP USER
		Users    []Principal
		RenameTo string
	}
	// Role is CREATE ROLE or ALTER ROLE.
	// https://docs.aws.amazon.com/redshift/latest/dg/r_CREATE_ROLE.html
	// https://docs.aws.amazon.com/redshift/latest/dg/r_ALTER_ROLE.html
	Role struct {
		Node
		Alter      bool
		Role       Principal
		ExternalID *string
		RenameTo   string
		Owner      *Principal
	}
	// DropPrincipal is DROP USER, GROUP or ROLE, by the Kind of the principals.
	// https://docs.aws.amazon.com/redshift/latest/dg/r_DROP_USER.html
	DropPrincipal struct {
		Node
		Kind       string // "user", "group", "role"
		IfExists   bool
		Principals []Principal
		Force      bool // DROP ROLE r FORCE
	}
	// IdentityProvider is CREATE, ALTER, DROP or DESC IDENTITY PROVIDER. Options are in the order written: NAMESPACE, PARAMETERS, APPLICATION_ARN, IAM_ROLE,
	// AUTO_CREATE_ROLES, ENABLE, DISABLE.
	// https://docs.aws.amazon.com/redshift/latest/dg/r_CREATE_IDENTITY_PROVIDER.html
	// https://docs.aws.amazon.com/redshift/latest/dg/r_ALTER_IDENTITY_PROVIDER.html
	IdentityProvider struct {
		Node
		Action  string // "create", "alter", "drop", "desc"
		Name    ColumnName
		Type    ColumnName // of create
		Options []Option
		Cascade bool // of drop
	}
	// SessionAuthorization is SET SESSION AUTHORIZATION user, RESET SESSION AUTHORIZATION.
	// https://docs.aws.amazon.com/redshift/latest/dg/r_SET_SESSION_AUTHORIZATION.html
	SessionAuthorization struct {
		Node
		Local   bool
		User    Principal
		Default bool
	}
	// Database is CREATE DATABASE or ALTER DATABASE. Options: OWNER, CONNECTION LIMIT, COLLATE, ISOLATION LEVEL, WITH PERMISSIONS, and those of databases
	// that live elsewhere: FROM DATASHARE with ACCOUNT and NAMESPACE, FROM INTEGRATION, FROM ARN, INTEGRATION.
	// https://docs.aws.amazon.com/redshift/latest/dg/r_CREATE_DATABASE.html
	// https://docs.aws.amazon.com/redshift/latest/dg/r_ALTER_DATABASE.html
	Database struct {
		Node
		Alter    bool
		Name     ColumnName
		Options  []Option
		RenameTo string
	}
	// AlterSchema is ALTER SCHEMA: one of RenameTo, Owner and Quota.
	// https://docs.aws.amazon.com/redshift/latest/dg/r_ALTER_SCHEMA.html
	AlterSchema struct {
		Node
		Name     ColumnName
		RenameTo string
		Owner    *Principal
		Quota    *Quota
	}
)

// Quota is the quota of a schema, in megabytes; Unlimited is QUOTA UNLIMITED.
type Quota struct {
	Pos
	MB        int64
	Unlimited bool
}
