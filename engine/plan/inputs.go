package plan

// WithInputs copies n with other inputs, as many as Children gives. A node without any is given back as it is.
func WithInputs(n Node, kids []Node) Node {
	switch n := n.(type) {
	case *Filter:
		c := *n
		c.Input = kids[0]
		return &c
	case *Project:
		c := *n
		c.Input = kids[0]
		return &c
	case *Join:
		c := *n
		c.Outer, c.Inner = kids[0], kids[1]
		return &c
	case *Aggregate:
		c := *n
		c.Input = kids[0]
		return &c
	case *Expand:
		c := *n
		c.Input = kids[0]
		return &c
	case *Unnest:
		c := *n
		c.Input = kids[0]
		return &c
	case *Distinct:
		c := *n
		c.Input = kids[0]
		return &c
	case *Sort:
		c := *n
		c.Input = kids[0]
		return &c
	case *Merge:
		c := *n
		c.Input = kids[0]
		return &c
	case *Limit:
		c := *n
		c.Input = kids[0]
		return &c
	case *Network:
		c := *n
		c.Input = kids[0]
		return &c
	case *Append:
		c := *n
		c.Inputs = kids
		return &c
	case *Recursive:
		c := *n
		c.Seed, c.Step = kids[0], kids[1]
		return &c
	case *With:
		c := *n
		c.Query, c.Input = kids[0], kids[1]
		return &c
	case *SetOp:
		c := *n
		c.Left, c.Right = kids[0], kids[1]
		return &c
	case *Subquery:
		c := *n
		c.Input = kids[0]
		return &c
	case *Window:
		c := *n
		c.Input = kids[0]
		return &c
	case *Insert:
		c := *n
		c.Input = kids[0]
		return &c
	case *Delete:
		c := *n
		c.Input = kids[0]
		return &c
	case *Update:
		c := *n
		c.Input = kids[0]
		return &c
	case *Unload:
		c := *n
		c.Input = kids[0]
		return &c
	case *Changes:
		c := *n
		c.Parts = kids
		return &c
	}
	return n
}
