package engine

import (
	"strings"

	"github.com/redshiftsim/redshiftsim/engine/ast"
	"github.com/redshiftsim/redshiftsim/engine/catalog"
)

// shownPolicy is a policy's expressions as the system tables show them.
func shownPolicy(p *catalog.Policy, using []ast.Expr) string {
	return strings.TrimSpace(p.Text)
}
