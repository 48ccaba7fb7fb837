package ast

type (
	// Policy is CREATE, ALTER or DROP of an RLS POLICY or a MASKING POLICY.
	// https://docs.aws.amazon.com/redshift/latest/dg/r_CREATE_RLS_POLICY.html
	// https://docs.aws.amazon.com/redshift/latest/dg/r_CREATE_MASKING_POLICY.html
	Policy struct {
		Node
		Action      string // "create", "alter", "drop"
		Masking     bool
		Name        Name // [database.]policy
		IfNotExists bool // CREATE MASKING POLICY
		IfExists    bool // DROP RLS POLICY
		Cascade     bool // DROP RLS POLICY
		Columns     []ColumnDef
		Alias       string // AS, of an RLS policy
		Using       []Expr // one, of a masking policy several
		Text        string // of Using, without the parentheses around it
	}
	// AttachPolicy is ATTACH or DETACH of an RLS POLICY or a MASKING POLICY.
	// https://docs.aws.amazon.com/redshift/latest/dg/r_ATTACH_RLS_POLICY.html
	// https://docs.aws.amazon.com/redshift/latest/dg/r_ATTACH_MASKING_POLICY.html
	AttachPolicy struct {
		Node
		Detach   bool
		Masking  bool
		Policy   Name
		Tables   []Name // of a masking policy one
		Outputs  []Name // the columns that are masked; of several parts: a path in a SUPER
		Inputs   []Name // USING: what the policy is given; nil = Outputs
		To       []Principal
		Priority int64
	}
)
