package bind

import (
	"fmt"
	"strings"

	"github.com/redshiftsim/redshiftsim/engine/expr"
	"github.com/redshiftsim/redshiftsim/engine/plan"
)

// printed writes a logical plan, a node a line, columns as name#number.
func printed(n plan.Node) string {
	var b strings.Builder
	printNode(&b, n, 0)
	return b.String()
}

func printNode(b *strings.Builder, n plan.Node, depth int) {
	b.WriteString(strings.Repeat("  ", depth))
	switch n := n.(type) {
	case *plan.Scan:
		fmt.Fprintf(b, "Scan %s%s", n.Alias, colText(n.Output))
	case *plan.VirtualScan:
		fmt.Fprintf(b, "VirtualScan %s%s", n.Alias, colText(n.Output))
	case *plan.Values:
		b.WriteString("Values")
		for _, r := range n.Rows {
			b.WriteString(" (" + exprsText(r) + ")")
		}
	case *plan.Filter:
		b.WriteString("Filter " + exprsText(n.Conds))
	case *plan.Project:
		b.WriteString("Project")
		for _, e := range n.Exprs {
			if c, ok := e.Expr.(*expr.Column); ok && c.ID == e.ID {
				fmt.Fprintf(b, " %s#%d", e.Name, e.ID)
				continue
			}
			fmt.Fprintf(b, " %s#%d=%s", e.Name, e.ID, exprText(e.Expr))
		}
	case *plan.Join:
		kind := [...]string{"inner", "left", "right", "full"}[n.Kind]
		b.WriteString("Join " + kind + " " + exprsText(n.On))
	case *plan.Aggregate:
		fmt.Fprintf(b, "Aggregate %v", n.Groups)
		for _, a := range n.Aggs {
			distinct := ""
			if a.Distinct {
				distinct = "distinct "
			}
			fmt.Fprintf(b, " #%d=%s(%s%s)", a.ID, a.Fn.Name, distinct, exprsText(a.Args))
		}
		if len(n.Having) > 0 {
			b.WriteString(" having " + exprsText(n.Having))
		}
	case *plan.Distinct:
		b.WriteString("Distinct")
	case *plan.Sort:
		b.WriteString("Sort")
		for _, k := range n.Keys {
			fmt.Fprintf(b, " #%d", k.ID)
			if k.Desc {
				b.WriteString(" desc")
			}
		}
	case *plan.Limit:
		fmt.Fprintf(b, "Limit %d %d", n.Count, n.Offset)
	case *plan.Append:
		b.WriteString("Append" + colText(n.Output))
	case *plan.SetOp:
		b.WriteString("SetOp" + colText(n.Output))
	case *plan.Subquery:
		b.WriteString("Subquery " + n.Alias + colText(n.Output))
	case *plan.Window:
		fmt.Fprintf(b, "Window %v", n.Partition)
		for _, f := range n.Funcs {
			fmt.Fprintf(b, " #%d=%s(%s)", f.ID, f.Name, exprsText(f.Args))
		}
	case *plan.Insert:
		b.WriteString("Insert " + n.Table.Name)
	case *plan.Delete:
		b.WriteString("Delete " + n.Table.Name)
	case *plan.Update:
		b.WriteString("Update " + n.Table.Name)
	default:
		fmt.Fprintf(b, "%T", n)
	}
	b.WriteByte('\n')
	for _, c := range n.Children() {
		printNode(b, c, depth+1)
	}
}

func colText(cols []plan.Column) string {
	s := ""
	for _, c := range cols {
		s += fmt.Sprintf(" %s#%d", c.Name, c.ID)
	}
	return " [" + strings.TrimSpace(s) + "]"
}

func exprText(e expr.Expr) string {
	return expr.Text(e, func(c *expr.Column) string { return fmt.Sprintf("%s#%d", c.Name, c.ID) })
}

func exprsText(es []expr.Expr) string {
	out := make([]string, len(es))
	for i, e := range es {
		out[i] = exprText(e)
	}
	return strings.Join(out, ", ")
}
