package ast

// CopyJob is COPY .. JOB CREATE, and COPY JOB ALTER, RUN, LIST, SHOW or DROP.
// https://docs.aws.amazon.com/redshift/latest/dg/r_COPY-JOB.html
type CopyJob struct {
	Node
	Verb string // "create", "alter", "run", "list", "show", "drop"
	Name ColumnName
	Auto string // "on", "off"; "" = it was not said
	Copy *Copy  // of CREATE
	Text string // of Copy, as it was written
}
