package lift

import (
	"fmt"
	"io"
	"strconv"

	tidb "github.com/pingcap/tidb/pkg/parser/ast"
	"github.com/pingcap/tidb/pkg/parser/format"
	"github.com/pingcap/tidb/pkg/parser/mysql"
)

// value is a literal in TiDB's tree: an integer, a string, a boolean or NULL. The bridge writes no other kinds.
type value struct {
	tidb.TexprNode
	v any
}

// install gives TiDB's parser the constructors of literals that it wants from whoever uses it. They are package variables of TiDB's: where the
// program holds TiDB itself they are set already and stay as they are, so lift reads literals only through the interface ValueExpr.
func install() {
	if tidb.NewValueExpr == nil {
		tidb.NewValueExpr = newValue
	}
	if tidb.NewParamMarkerExpr == nil {
		tidb.NewParamMarkerExpr = func(int) tidb.ParamMarkerExpr { return &param{} }
	}
	text := func(s string) (any, error) { return s, nil }
	if tidb.NewDecimal == nil {
		tidb.NewDecimal = text
	}
	if tidb.NewHexLiteral == nil {
		tidb.NewHexLiteral = text
	}
	if tidb.NewBitLiteral == nil {
		tidb.NewBitLiteral = text
	}
}

// newValue makes a literal.
func newValue(v any, _, _ string) tidb.ValueExpr {
	n := &value{}
	n.SetValue(v)
	return n
}

// SetValue changes the value; booleans are marked in the type, as TiDB's own literals are.
func (n *value) SetValue(v any) {
	if b, ok := v.(bool); ok {
		n.Type.AddFlag(mysql.IsBooleanFlag)
		n.v = int64(0)
		if b {
			n.v = int64(1)
		}
		return
	}
	n.v = v
}

// GetValue gives the value.
func (n *value) GetValue() any { return n.v }

// GetString gives a string's text.
func (n *value) GetString() string {
	s, _ := n.v.(string)
	return s
}

// GetDatumString is GetString under the name that planners use.
func (n *value) GetDatumString() string { return n.GetString() }

// GetProjectionOffset is of use to TiDB's planner only.
func (n *value) GetProjectionOffset() int { return -1 }

// SetProjectionOffset is of use to TiDB's planner only.
func (n *value) SetProjectionOffset(int) {}

// Accept implements TiDB's visitors: a literal has no children.
func (n *value) Accept(v tidb.Visitor) (tidb.Node, bool) {
	m, _ := v.Enter(n)
	return v.Leave(m)
}

// Restore writes the literal as SQL.
func (n *value) Restore(ctx *format.RestoreCtx) error {
	switch v := n.v.(type) {
	case nil:
		ctx.WriteKeyWord("NULL")
	case string:
		ctx.WriteString(v)
	default:
		ctx.WritePlain(fmt.Sprint(v))
	}
	return nil
}

// Format writes the literal for messages.
func (n *value) Format(w io.Writer) {
	s := fmt.Sprint(n.v)
	if t, ok := n.v.(string); ok {
		s = strconv.Quote(t)
	}
	_, _ = io.WriteString(w, s)
}

// param is TiDB's ?, which the bridge never writes.
type param struct{ value }

// SetOrder is of use to TiDB's planner only.
func (n *param) SetOrder(int) {}

// Accept implements TiDB's visitors.
func (n *param) Accept(v tidb.Visitor) (tidb.Node, bool) {
	m, _ := v.Enter(n)
	return v.Leave(m)
}
