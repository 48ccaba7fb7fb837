package bind

import (
	"slices"

	"github.com/redshiftsim/redshiftsim/engine/ast"
	"github.com/redshiftsim/redshiftsim/engine/catalog"
	"github.com/redshiftsim/redshiftsim/engine/expr"
	"github.com/redshiftsim/redshiftsim/engine/function"
	"github.com/redshiftsim/redshiftsim/engine/plan"
	"github.com/redshiftsim/redshiftsim/engine/principal"
	"github.com/redshiftsim/redshiftsim/internal/sqlstate"
	"github.com/redshiftsim/redshiftsim/internal/types"
)

// Policies stand between a relation and whoever names it in a statement, right above the relation, so that nothing else of the statement sees what they hide:
//
//	Subquery card (DDM SecureScan)                     what the statement calls card
//	  Project [id' = id, number' = mask(number)]       the highest mask of each column that counts for the user
//	    Subquery (RLS SecureScan)
//	      Filter [owner = current_user]                the RLS policies that count for the user, joined by AND or OR; none: false
//	        Scan card
//
// They are those of the user who runs the statement, in views too, while privileges inside a view are its owner's. A policy's own look-up tables are read with what
// was granted to the policy. The columns above the policies have numbers of their own, so that what policies read is not what the user reads.
//
// https://docs.aws.amazon.com/redshift/latest/dg/t_rls.html
// https://docs.aws.amazon.com/redshift/latest/dg/t_ddm.html

// Applied is a policy that was applied to a relation which a statement reads.
type Applied struct {
	Masking    bool
	Relation   any    // *catalog.Table or *catalog.View
	Policy     string // "" = none counts for the user, and no row is seen
	Attachment uint32 // of a mask
}

// protected is a relation below its policies.
type protected struct {
	node    *plan.Subquery // nil = casts for a mask
	columns *plan.Project  // nil = the columns are the relation's own
}

// ProtectedAfar refuses a relation of a datashare that policies of the producer's protect.
func ProtectedAfar(rel any, pos int) error {
	return sqlstate.FeatureNotSupported.Errorf("relation \"%s\" is protected by policies, and cannot be accessed through a datashare", catalog.KeyOf(rel).Name).
		WithHint("ROW LEVEL SECURITY OFF FOR DATASHARES, or MASKING OFF FOR DATASHARES, opens it at the producer.").At(pos)
}

// protect puts the policies that count for the user above a relation. s is the relation alone.
func (b *binder) protect(rel any, s source, pos int) (source, error) {
	g := b.env.Guard
	if g == nil || g.User == nil || g.Whole || b.policies > 0 {
		return s, nil
	}
	sec := g.Catalog.Security(catalog.IDOf(rel))
	if sec == nil {
		return s, nil
	}
	if sec.Remote {
		return s, ProtectedAfar(rel, pos)
	}
	b.out.Personal = b.out.Personal || g.User.Super && len(sec.Masks) > 0
	r := &s.rels[0]
	hides := sec.RLS && !g.User.Super && g.User.System&principal.IgnoreRLS == 0
	masked := slices.ContainsFunc(r.cols, func(c expr.Column) bool {
		return len(sec.MasksOf(g.User, c.Name)) > 0
	})
	if !hides && !masked {
		return s, nil
	}
	name := catalog.KeyOf(rel).Name
	if b.visits > 0 {
		if hides {
			return s, sqlstate.FeatureNotSupported.Errorf("RLS-protected relation \"%s\" cannot be accessed via cross-database query.", name).At(pos)
		}
		return s, sqlstate.FeatureNotSupported.Errorf("cross-database query of the masked relation \"%s\" is not supported.", name).At(pos)
	}
	scan, _ := s.node.(*plan.Scan)
	p := protector{b: b, rel: rel, sec: sec, user: g.User, pos: pos, node: s.node, cols: r.cols, alias: r.alias, scan: scan}
	if hides {
		if err := p.hide(); err != nil {
			return s, inBody(err, pos)
		}
	}
	if err := p.mask(masked); err != nil {
		return s, inBody(err, pos)
	}
	s.node, r.cols = p.node, p.cols
	if scan != nil {
		for i := range b.asked {
			if d := &b.asked[i]; d.scan == scan {
				d.scan, d.over, d.cols = nil, scan, r.cols
			}
		}
	}
	return s, nil
}

// protector is the work of protect on one relation.
type protector struct {
	b     *binder
	rel   any
	sec   *catalog.Security
	user  *principal.Reach
	pos   int
	node  plan.Node
	cols  []expr.Column // what the relation shows so far
	alias string
	scan  *plan.Scan // of a table; nil = it is a view
}

// applied notes that a policy counts.
func (p *protector) applied(masking bool, policy string, attachment uint32) {
	a := Applied{masking, p.rel, policy, attachment}
	if !slices.Contains(p.b.out.Policies, a) {
		p.b.out.Policies = append(p.b.out.Policies, a)
	}
}

// hide drops the rows that the RLS policies hide.
// https://docs.aws.amazon.com/redshift/latest/dg/t_rls_combine_policies.html
func (p *protector) hide() error {
	names := p.sec.Of(p.user)
	alias := catalog.RLSAlias
	var list []expr.Expr
	for _, n := range names {
		pol := p.b.env.Guard.Catalog.Policy(false, n)
		if pol == nil {
			continue
		}
		if pol.Alias != "" {
			alias = pol.Alias
		}
		x, err := p.b.policyCondition(pol, source{node: p.node, rels: []relation{{cols: p.cols}}})
		if err != nil {
			return err
		}
		if p.changes() && complexLookup(x) {
			return sqlstate.FeatureNotSupported.Errorf("One of the RLS policies on target relation is not supported in UPDATE/DELETE.")
		}
		list = append(list, x)
		p.applied(false, n, 0)
	}
	var conds []expr.Expr
	switch {
	case len(list) == 0:
		p.applied(false, "", 0)
		conds = []expr.Expr{&expr.Const{Value: types.Datum{Type: types.TBool}}}
	case p.sec.Or && len(list) > 1:
		conds = []expr.Expr{&expr.Or{Args: list}}
	default:
		for _, x := range list {
			conds = append(conds, expr.Conjuncts(x)...)
		}
	}
	if p.scan != nil { // EXPLAIN shows the relation below by the name that policies have for it
		p.scan.Alias = alias
		for i := range p.scan.Output {
			p.scan.Output[i].Table = alias
		}
	}
	p.secure(&plan.Filter{Input: p.node, Conds: conds}, nil, false, principal.ExplainRLS)
	return nil
}

// mask gives the relation columns of its own, masked where a mask counts. RLS alone needs no mask: its SecureScan has the columns then.
func (p *protector) mask(masked bool) error {
	pr := &plan.Project{}
	cols := make([]expr.Column, len(p.cols))
	if p.changes() { // the row as it is goes along: what a change does not set stays
		for i := range p.scan.Output {
			c := p.scan.Output[i]
			pr.Exprs = append(pr.Exprs, plan.Named{Column: c, Expr: columnOf(c)})
		}
	}
	exprs := make([]expr.Expr, len(p.cols))
	if masked {
		in, err := p.masks(exprs)
		if err != nil {
			return err
		}
		p.node = in
	}
	for i := range p.cols {
		old := &p.cols[i]
		x := exprs[i]
		if x == nil {
			c := *old
			x = &c
		}
		n := plan.Named{Column: plan.Column{ID: p.b.id(), Name: old.Name, Table: p.alias, Type: old.Typ}, Expr: x}
		cols[i] = expr.Column{ID: n.ID, Typ: old.Typ, Table: p.alias, Name: old.Name}
		pr.Exprs = append(pr.Exprs, n)
	}
	if s, ok := p.node.(*plan.Subquery); ok && !masked && s.Secure != nil { // of the rows: the columns are named inside
		pr.Input = s.Input
		last := &p.b.shields[len(p.b.shields)-1]
		s.Input, s.Alias, s.Output, last.columns = pr, p.alias, pr.Columns(), pr
	} else {
		pr.Input = p.node
		p.secure(pr, pr, true, principal.ExplainMasking)
	}
	p.cols = cols
	return nil
}

// changes says that the relation is the target of an UPDATE or DELETE.
func (p *protector) changes() bool {
	return p.scan != nil && len(p.scan.Attrs) > 0 && p.scan.Attrs[0] < 0
}

// secure shuts a node off from what is above.
func (p *protector) secure(n plan.Node, columns *plan.Project, masking bool, see principal.System) {
	s := &plan.Subquery{Input: n, Alias: p.alias, Output: slices.Clone(n.Columns())}
	s.Secure = &plan.Secure{Masking: masking, Shown: p.user.Super || p.user.System&see != 0}
	p.node = s
	p.b.shields = append(p.b.shields, protected{s, columns})
}

// masks binds the masks that count, and puts their expressions in the places of the columns that they mask.
func (p *protector) masks(out []expr.Expr) (plan.Node, error) {
	w := masking{p: p, in: p.node, bound: map[*catalog.Mask][]expr.Expr{}}
	for i := range p.cols {
		list := p.sec.MasksOf(p.user, p.cols[i].Name)
		var err error
		switch {
		case len(list) == 0:
		case list[0].Path().Path == "":
			out[i], err = w.column(list[0], p.cols[i].Typ)
		default:
			out[i], err = w.parts(list, &p.cols[i])
		}
		if err != nil {
			return nil, err
		}
	}
	return w.in, nil
}

// masking is the work of masks.
type masking struct {
	p     *protector
	in    plan.Node // with what policies take
	bound map[*catalog.Mask][]expr.Expr
}

// value is what a mask gives.
func (w *masking) value(m catalog.Masked) (expr.Expr, error) {
	list := w.bound[m.Mask]
	if list == nil {
		pol := w.p.b.env.Guard.Catalog.Policy(true, m.Policy)
		if pol == nil {
			return nil, sqlstate.UndefinedObject.Errorf("masking policy \"%s\" does not exist", m.Policy)
		}
		var err error
		if w.in, list, err = w.p.b.policyMasks(pol, m.Mask, w.in, w.p.cols); err != nil {
			return nil, err
		}
		w.bound[m.Mask] = list
		w.p.applied(true, m.Policy, m.ID)
	}
	if m.Output >= len(list) {
		return nil, sqlstate.InvalidObjectDefinition.Errorf("masking policy \"%s\" gives no value for column \"%s\"", m.Policy, m.Path())
	}
	return list[m.Output], nil
}

func misfit(m catalog.Masked, t types.Type) error {
	return sqlstate.DatatypeMismatch.Errorf("masking policy \"%s\" does not give a value of type %s for column \"%s\"", m.Policy, t, m.Path())
}

// column is what stands for a whole column.
func (w *masking) column(m catalog.Masked, t types.Type) (expr.Expr, error) {
	x, err := w.value(m)
	if err == nil && !masksTo(x.Type(), t) {
		err = misfit(m, t)
	}
	if err != nil {
		return nil, err
	}
	return w.p.b.coerce(x, t, -1)
}

// parts is a SUPER column with values in the places of its parts.
// https://docs.aws.amazon.com/redshift/latest/dg/t_ddm-super.html
func (w *masking) parts(list []catalog.Masked, c *expr.Column) (expr.Expr, error) {
	args, paths, kinds := []expr.Expr{c}, make([]string, len(list)), make([]types.Type, len(list))
	for i, m := range list {
		x, err := w.value(m)
		if err != nil {
			return nil, err
		}
		if c.Typ.Kind != types.Super || !function.BecomesSuper(x.Type()) {
			return nil, misfit(m, c.Typ)
		}
		paths[i], kinds[i], args = m.Path().Path, x.Type(), append(args, x)
	}
	fn, err := function.SuperSet(paths, kinds)
	return &expr.Call{Fn: fn, Args: args, Pos: -1}, err
}

// pruneProtected drops the columns of protected relations that nobody reads, and notes what the others are made of. A view's come before those of its tables.
func (b *binder) pruneProtected() {
	used := func(id expr.ColumnID) bool { return int(id) < len(b.used) && b.used[id] }
	for i := len(b.shields) - 1; i >= 0; i-- {
		s := &b.shields[i]
		if p := s.columns; p != nil {
			p.Exprs = slices.DeleteFunc(p.Exprs, func(n plan.Named) bool { return !used(n.ID) })
			for k := range p.Exprs {
				for _, id := range expr.Columns(p.Exprs[k].Expr) {
					b.use(id)
				}
			}
		}
		if s.node != nil {
			s.node.Output = slices.DeleteFunc(s.node.Output, func(c plan.Column) bool { return !used(c.ID) })
		}
	}
}

// asPolicy makes the binder bind a policy's own text: with the policy's privileges, and the names that it means. It gives what undoes it.
func (b *binder) asPolicy(p *catalog.Policy) func() {
	env, base, caseful, within, volatile, none := b.env, b.base, b.caseful, b.within, b.out.Volatile, b.noParams
	back := b.actAs(principal.ReachOfPolicy(int(p.ID)))
	b.base, b.caseful, b.noParams, b.within = b.depth, p.CaseSensitive, true, &catalog.View{Name: p.Name, Refs: p.Refs}
	b.policies++
	e := *b.env
	e.Named = nil
	if p.Masking && e.Guard != nil { // who made the mask may use its functions, not who sees it
		g := *e.Guard
		g.User = &principal.Reach{User: -1, Super: true}
		e.Guard = &g
	}
	b.env, b.out.Volatile = &e, false
	return func() {
		back()
		b.out.Uncached = b.out.Uncached || b.out.Volatile
		b.env, b.base, b.caseful, b.within, b.out.Volatile, b.noParams = env, base, caseful, within, volatile, none
		b.policies--
	}
}

// policyCondition binds the condition of an RLS policy over a relation.
func (b *binder) policyCondition(p *catalog.Policy, s source) (expr.Expr, error) {
	alias := p.Alias
	if alias == "" {
		alias = catalog.RLSAlias
	}
	r := relation{alias: alias}
	for i := range p.Columns {
		c := findRelationColumn(s.rels[0].cols, p.Columns[i].Name)
		if c == nil || !sameKind(c.Typ, p.Columns[i].Type) {
			return nil, sqlstate.UndefinedColumn.Errorf("column \"%s\" of RLS policy \"%s\" is not a column of the relation, or of another type", p.Columns[i].Name, p.Name)
		}
		r.cols = append(r.cols, *c)
	}
	list, err := PolicyText(p, b.env.Parse)
	if err != nil {
		return nil, err
	}
	defer b.asPolicy(p)()
	k := policyBlock(b, source{node: s.node, rels: []relation{r}})
	return k.condition(list[0], "RLS POLICY")
}

// policyMasks binds the expressions of a masking policy over a relation. Inputs that the policy declares as another type are cast below.
func (b *binder) policyMasks(p *catalog.Policy, m *catalog.Mask, in plan.Node, cols []expr.Column) (plan.Node, []expr.Expr, error) {
	r := relation{alias: catalog.MaskedAlias}
	var casts []plan.Named
	for i := range p.Columns {
		var c *expr.Column
		if i < len(m.Inputs) {
			c = findRelationColumn(cols, m.Inputs[i].Column)
		}
		if c == nil {
			return nil, nil, sqlstate.UndefinedColumn.Errorf("masking policy \"%s\" is given a column that the relation has not", p.Name)
		}
		x, err := b.maskInput(p, i, c, m.Inputs[i].Path)
		if err != nil {
			return nil, nil, err
		}
		n, ok := x.(*expr.Column)
		if !ok {
			n = &expr.Column{ID: b.id(), Typ: x.Type(), Name: c.Name}
			b.use(n.ID)
			b.use(c.ID)
			casts = append(casts, plan.Named{Column: plan.Column{ID: n.ID, Type: n.Typ, Name: c.Name}, Expr: x})
		}
		r.cols = append(r.cols, expr.Column{ID: n.ID, Typ: n.Typ, Name: p.Columns[i].Name, Table: catalog.MaskedAlias})
	}
	if len(casts) > 0 {
		pr := passing(in, in.Columns())
		pr.Exprs = append(pr.Exprs, casts...)
		in = pr
		b.shields = append(b.shields, protected{columns: pr})
	}
	list, err := PolicyText(p, b.env.Parse)
	if err != nil {
		return nil, nil, err
	}
	defer b.asPolicy(p)()
	k := policyBlock(b, source{node: in, rels: []relation{r}})
	out := make([]expr.Expr, len(list))
	for i, e := range list {
		if out[i], err = k.expr(e); err != nil {
			return nil, nil, err
		}
	}
	return in, out, nil
}

// maskInput is what a masking policy is given for one of its columns: a column of the relation, which may have to be cast, or a part of a SUPER column, always cast:
// what is not there, or cannot be cast, is NULL, or an error where the session is strict.
// https://docs.aws.amazon.com/redshift/latest/dg/t_ddm-super.html
func (b *binder) maskInput(p *catalog.Policy, i int, c *expr.Column, path string) (expr.Expr, error) {
	to := p.Columns[i].Type
	switch {
	case path != "" && c.Typ.Kind == types.Super:
		names, err := function.SuperNames(path)
		if err != nil {
			return nil, err
		}
		steps := make([]function.SuperStep, len(names))
		for k := range names {
			steps[k].Name = names[k]
		}
		return b.explicit(navigated(c, steps, -1), to, false, -1)
	case path == "" && sameKind(c.Typ, to):
		return c, nil
	case path == "" && maskable(c.Typ, to):
		return b.coerce(c, to, -1)
	}
	return nil, sqlstate.DatatypeMismatch.Errorf("masking policy \"%s\" takes no value of type %s for \"%s\"", p.Name, c.Typ, p.Columns[i].Name)
}

// policyBlock is the scope of a policy's expressions.
func policyBlock(b *binder, s source) *block {
	return &block{b: b, src: s, noAgg: "aggregates not allowed in a policy", noWin: "Window functions are not allowed in a policy"}
}

// PolicyText parses the expressions of a policy.
func PolicyText(p *catalog.Policy, parse func(text string) (ast.Statement, error)) ([]ast.Expr, error) {
	st, err := parse("SELECT " + p.Text)
	if err != nil {
		return nil, err
	}
	q, ok := st.(*ast.Select)
	if !ok || len(q.Items) == 0 {
		return nil, sqlstate.Syntax.Errorf("the text of %s \"%s\" is no expression", p.Kind(), p.Name)
	}
	out := make([]ast.Expr, len(q.Items))
	for i := range q.Items {
		out[i] = q.Items[i].Expr
	}
	return out, nil
}

// findRelationColumn finds a column of a relation by name.
func findRelationColumn(cols []expr.Column, name string) *expr.Column {
	for i := range cols {
		if cols[i].Name == name {
			return &cols[i]
		}
	}
	return nil
}

// complexLookup says that a condition looks up rows that a join or a grouping makes.
// https://docs.aws.amazon.com/redshift/latest/dg/t_rls_usage.html
func complexLookup(x expr.Expr) bool {
	found := false
	expr.Walk(x, func(e expr.Expr) bool {
		if s, ok := e.(*expr.Subquery); ok {
			plan.Walk(s.Plan.(plan.Node), func(n plan.Node) bool {
				switch n.(type) {
				case *plan.Join, *plan.Aggregate, *plan.SetOp, *plan.Append, *plan.Distinct, *plan.Window, *plan.Limit, *plan.With, *plan.Recursive:
					found = true
				}
				return !found
			})
		}
		return !found
	})
	return found
}

// changes says whether the table that a statement changes is below n.
func changes(n plan.Node) bool {
	found := false
	plan.Walk(n, func(n plan.Node) bool {
		if s, ok := n.(*plan.Scan); ok && len(s.Attrs) > 0 && s.Attrs[0] < 0 {
			found = true
		}
		return !found
	})
	return found
}
