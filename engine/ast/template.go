package ast

// Template is CREATE, ALTER or DROP TEMPLATE.
// https://docs.aws.amazon.com/redshift/latest/dg/r_CREATE_TEMPLATE.html
// https://docs.aws.amazon.com/redshift/latest/dg/r_ALTER_TEMPLATE.html
// https://docs.aws.amazon.com/redshift/latest/dg/r_DROP_TEMPLATE.html
type Template struct {
	Node
	Verb     string // "create", "alter", "drop"
	Change   string // of ALTER: "rename", "owner", "add", "drop", "set"
	Replace  bool
	Name     Name
	Options  []Option // parameters of COPY; that of DROP has no value
	RenameTo string
	Owner    *Principal
}
