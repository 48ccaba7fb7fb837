package ast

type (
	// CreateExternalSchema is CREATE EXTERNAL SCHEMA; AlterExternalSchema has the same options.
	// https://docs.aws.amazon.com/redshift/latest/dg/r_CREATE_EXTERNAL_SCHEMA.html
	CreateExternalSchema struct {
		Node
		Name        ColumnName
		IfNotExists bool
		From        string   // "data catalog", "hive metastore", "postgres", "mysql", "kinesis", "kafka", "msk", "redshift"
		Options     []Option // DATABASE, SCHEMA, REGION, URI, PORT, IAM_ROLE, SECRET_ARN, CATALOG_ROLE, AUTHENTICATION, AUTHENTICATION_ARN, CATALOG_ID, CREATE EXTERNAL DATABASE
	}
	// AlterExternalSchema is ALTER EXTERNAL SCHEMA.
	// https://docs.aws.amazon.com/redshift/latest/dg/r_ALTER_EXTERNAL_SCHEMA.html
	AlterExternalSchema struct {
		Node
		Name    ColumnName
		Options []Option
	}
	// CreateExternalTable is CREATE EXTERNAL TABLE, with columns or AS.
	// https://docs.aws.amazon.com/redshift/latest/dg/r_CREATE_EXTERNAL_TABLE.html
	CreateExternalTable struct {
		Node
		Name        Name
		IfNotExists bool
		Columns     []ColumnDef // with types that only external tables have: Name is "struct<..>" as written
		Partitions  []ColumnDef // PARTITIONED BY; of AS by name alone
		Format      []Option    // ROW FORMAT: FIELDS TERMINATED BY, LINES TERMINATED BY, .. of DELIMITED; SERDE
		SerDe       []Property  // WITH SERDEPROPERTIES
		Stored      string      // "parquet", "textfile"; "" with InputFormat
		InputFormat string
		Output      string // OUTPUTFORMAT
		Location    string
		Properties  []Property // TABLE PROPERTIES
		Query       *Select
		QueryText   string
	}
	// ExternalView is CREATE or ALTER EXTERNAL VIEW.
	// https://docs.aws.amazon.com/redshift/latest/dg/r_CREATE_EXTERNAL_VIEW.html
	// https://docs.aws.amazon.com/redshift/latest/dg/r_ALTER_EXTERNAL_VIEW.html
	ExternalView struct {
		Node
		Alter            bool
		Protected        bool
		IfNotExists      bool
		Force            bool
		RemoveDefinition bool
		Name             Name
		Query            *Select
		Text             string
	}
	// DropExternalView is DROP EXTERNAL VIEW.
	// https://docs.aws.amazon.com/redshift/latest/dg/r_DROP_EXTERNAL_VIEW.html
	DropExternalView struct {
		Node
		Name     Name
		IfExists bool
	}
	// AppendTable is ALTER TABLE t APPEND FROM source.
	// https://docs.aws.amazon.com/redshift/latest/dg/r_ALTER_TABLE_APPEND.html
	AppendTable struct {
		Node
		Table       Name
		Source      Name
		IgnoreExtra bool
		FillTarget  bool
	}
	// AlterSecurity is ALTER TABLE or ALTER MATERIALIZED VIEW with ROW LEVEL SECURITY or MASKING.
	// https://docs.aws.amazon.com/redshift/latest/dg/r_ALTER_TABLE.html
	AlterSecurity struct {
		Node
		View          bool
		Table         Name
		Masking       bool // MASKING instead of ROW LEVEL SECURITY
		On            bool
		Conjunction   string // CONJUNCTION TYPE: "", "and", "or"
		ForDatashares bool
	}
	// AlterExternalTable is ALTER TABLE with an action that only external tables have.
	// https://docs.aws.amazon.com/redshift/latest/dg/r_ALTER_TABLE_external-table.html
	AlterExternalTable struct {
		Node
		Table       Name
		Action      string // "set location", "set file format", "set table properties", "add partition", "drop partition"
		IfNotExists bool
		Partitions  []Partition // of "set location" too, when it is a partition's
		Value       string      // the location or the format
		Properties  []Property
	}
	// ShowObjects is every SHOW but that of a parameter.
	// https://docs.aws.amazon.com/redshift/latest/dg/r_SHOW_TABLES.html
	ShowObjects struct {
		Node
		Kind      string       // "TABLES", "COLUMNS", "EXTERNAL TABLE", "CONSTRAINTS PRIMARY KEYS", ..
		Of        string       // what Name is: "database", "schema", "table", "data catalog"; "" where the kind says it
		Name      *Name        // nil = none given
		Routine   *Routine     // of SHOW PROCEDURE and SHOW PARAMETERS
		On        *GrantObject // of SHOW GRANTS ON
		For       *Principal   // of SHOW GRANTS FOR
		All       bool         // SHOW MODEL ALL
		Partition bool         // SHOW EXTERNAL TABLE t PARTITION
		Exported  bool         // SHOW CONSTRAINTS FOREIGN KEYS EXPORTED
		Accounts  []string     // SHOW DATABASES FROM DATA CATALOG ACCOUNT
		Like      *string
		Limit     *int64
		Options   []Option // IAM_ROLE
		Params    int      // how many parameters $1, $2, .. stand for parts of names, types and the pattern; what they stand for is not in the tree
	}
	// Use is USE database.
	// https://docs.aws.amazon.com/redshift/latest/dg/r_USE_command.html
	Use struct {
		Node
		Database ColumnName
	}
	// Cancel is CANCEL pid ['message'].
	// https://docs.aws.amazon.com/redshift/latest/dg/r_CANCEL.html
	Cancel struct {
		Node
		PID     int64
		Message string
	}
	// TransactionMode is SET TRANSACTION or SET SESSION CHARACTERISTICS AS TRANSACTION.
	TransactionMode struct {
		Node
		Session   bool
		Isolation string
		ReadOnly  bool
		ReadWrite bool
		// Deferrable is "", "deferrable" or "not deferrable": PostgreSQL's words, which Redshift does not document.
		Deferrable string
	}
)

// Property is 'name' = 'value'.
type Property struct {
	Pos
	Name, Value string
}

// Partition is a partition of an external table.
type Partition struct {
	Pos
	Values   []Property // column = value; a value may also be a number
	Location string
}
