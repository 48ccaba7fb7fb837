package ast

// Datashare is a statement about a datashare.
// https://docs.aws.amazon.com/redshift/latest/dg/r_CREATE_DATASHARE.html
// https://docs.aws.amazon.com/redshift/latest/dg/r_ALTER_DATASHARE.html
// https://docs.aws.amazon.com/redshift/latest/dg/r_DROP_DATASHARE.html
// https://docs.aws.amazon.com/redshift/latest/dg/r_DESC_DATASHARE.html
type Datashare struct {
	Node
	Action    string // "create", "alter", "drop", "desc"
	Name      ColumnName
	Public    *bool  // [SET] PUBLICACCESSIBLE
	ManagedBy string // MANAGEDBY

	// ALTER DATASHARE d ADD or REMOVE objects.
	Remove   bool
	Kind     string // "table", "schema", "function", "tables in schema", "functions in schema"; "" = properties are set
	Names    []Name
	Routines []Routine // of "function"

	IncludeNew *bool // SET INCLUDENEW
	Schema     Name  // of which

	// DESC DATASHARE d OF ACCOUNT a NAMESPACE n.
	Account, Namespace string
}
