package bind

import (
	"github.com/redshiftsim/redshiftsim/engine/ast"
	"github.com/redshiftsim/redshiftsim/engine/expr"
	"github.com/redshiftsim/redshiftsim/engine/plan"
	"github.com/redshiftsim/redshiftsim/internal/sqlstate"
	"github.com/redshiftsim/redshiftsim/internal/types"
)

// query is a bound query: its rows and its columns in order. Columns of unknown type (bare literals) are settled by whoever uses it.
type query struct {
	node plan.Node
	cols []plan.Column
	// outer lists the columns of the blocks around it that it names.
	outer []expr.ColumnID
}

// outItem is one column of a select list.
type outItem struct {
	e     ast.Expr // nil when it came from a star
	name  string
	x     expr.Expr
	alias int // its place among the block's aliases, -1
}

// query binds a query inside block outer (nil = none), with the WITH queries of ctes in sight.
func (b *binder) query(s *ast.Select, outer *block, ctes *cteScope) (query, error) {
	if err := b.enter(); err != nil {
		return query{}, err
	}
	defer func() { b.depth-- }()
	if len(s.With) == 0 {
		return b.body(s, outer, ctes)
	}
	inner, err := b.withs(ctes, s, outer)
	if err != nil {
		return query{}, err
	}
	q, err := b.body(s, outer, inner)
	if err == nil {
		q.node = computed(q.node, inner, ctes)
	}
	return q, err
}

// body binds a query behind its WITH clause.
func (b *binder) body(s *ast.Select, outer *block, ctes *cteScope) (query, error) {
	switch {
	case s.Op != "":
		return b.setOp(s, outer, ctes)
	case s.Left != nil && s.Items == nil: // a parenthesised query with clauses of its own
		q, err := b.query(s.Left, outer, ctes)
		if err != nil {
			return query{}, err
		}
		return q, b.outputOrder(&q, s)
	}
	k := &block{b: b, outer: outer, ctes: ctes}
	q, err := k.selectList(s)
	q.outer = k.outerUsed
	return q, err
}

// inWhere is why no aggregate may stand in WHERE.
const inWhere = "aggregates not allowed in WHERE clause"

// selectList binds one plain SELECT: FROM, WHERE, GROUP BY, the list, HAVING, windows, QUALIFY, DISTINCT, ORDER BY, LIMIT.
func (k *block) selectList(s *ast.Select) (query, error) {
	sub := k.b.sub
	if err := k.from(s.From); err != nil {
		return query{}, err
	}
	if s.ConnectBy != nil {
		if err := k.connectBy(s); err != nil {
			return query{}, err
		}
	}
	items, err := k.items(s.Items)
	if err != nil {
		return query{}, err
	}
	if s.Where != nil {
		k.noAgg, k.noWin, k.lazy = inWhere, "Window functions are not allowed in WHERE", true
		conds, err := k.where(s)
		if err != nil {
			return query{}, err
		}
		if len(conds) > 0 {
			k.src.node = &plan.Filter{Input: k.src.node, Conds: conds}
		}
	}
	node := k.src.node
	var groups []expr.Expr
	var sets [][]int
	if len(s.GroupBy) > 0 {
		k.noAgg, k.noWin, k.lazy = "aggregates not allowed in GROUP BY clause", "Window functions are not allowed in GROUP BY", true
		if groups, sets, err = k.groupBy(s.GroupBy, items); err != nil {
			return query{}, err
		}
	}
	k.noAgg, k.noWin, k.lazy = "", "", false
	k.refs = k.refs[:0]
	for i := range items {
		if err := k.bindItem(items, i); err != nil {
			return query{}, err
		}
	}
	if len(s.GroupBy) == 1 {
		if g, ok := s.GroupBy[0].(*ast.Grouping); ok && g.Kind == "all" {
			groups = k.groupAll(items)
			if err := groupableAll(groups); err != nil {
				return query{}, err
			}
		}
	}
	var having, qualify expr.Expr
	if s.Having != nil {
		k.noWin, k.lazy = "Window functions are not allowed in HAVING", true
		if having, err = k.condition(s.Having, "HAVING"); err != nil {
			return query{}, err
		}
		k.noWin = ""
	}
	if s.Qualify != nil {
		if qualify, err = k.condition(s.Qualify, "QUALIFY"); err != nil {
			return query{}, err
		}
	}
	keys, err := k.orderBy(s.OrderBy, &items, s.Distinct)
	if err == nil {
		err = k.nestedRules(s, sub)
	}
	if err != nil {
		return query{}, err
	}
	node = k.seriesRows(node)
	if k.hasAgg || len(s.GroupBy) > 0 || having != nil {
		lists := make([]*expr.Expr, 0, len(items)+1)
		for i := range items {
			lists = append(lists, &items[i].x)
		}
		if qualify != nil {
			lists = append(lists, &qualify)
		}
		if node, err = k.aggregate(node, groups, sets, having, lists); err != nil {
			return query{}, err
		}
	}
	if len(k.wins) > 0 {
		node = k.windows(node, items, qualify)
	}
	if qualify != nil {
		node = &plan.Filter{Input: node, Conds: expr.Conjuncts(qualify)}
	}
	shown := len(items)
	for shown > 0 && items[shown-1].alias == hiddenItem {
		shown--
	}
	return k.finish(node, items, shown, keys, s)
}

// hiddenItem marks a column computed only to sort by.
const hiddenItem = -2

// items lists the select list with its stars written out.
// https://docs.aws.amazon.com/redshift/latest/dg/r_SELECT_list.html
func (k *block) items(list []ast.Item) ([]outItem, error) {
	out := make([]outItem, 0, len(list))
	for i := range list {
		it := &list[i]
		if s, ok := it.Expr.(*ast.Star); ok {
			var err error
			if out, err = k.star(out, s); err != nil {
				return nil, err
			}
			continue
		}
		o := outItem{e: it.Expr, name: it.Alias, alias: -1}
		if it.Alias != "" {
			o.alias = len(k.aliases)
			k.aliases = append(k.aliases, alias{name: it.Alias, e: it.Expr})
		}
		out = append(out, o)
	}
	return out, nil
}

// star writes * or t.* out.
func (k *block) star(out []outItem, s *ast.Star) ([]outItem, error) {
	excluded := func(name string) bool {
		for _, x := range s.Exclude {
			if x == name {
				return true
			}
		}
		return false
	}
	first := len(out)
	seen := 0
	if len(s.Table) > 0 {
		schema := ""
		if len(s.Table) > 1 {
			schema = s.Table[len(s.Table)-2]
		}
		name := s.Table[len(s.Table)-1]
		r := k.src.relation(schema, name)
		if r == nil {
			return nil, sqlstate.UndefinedTable.Errorf("missing FROM-clause entry for table \"%s\"", name).At(s.Offset())
		}
		if err := k.noStar([]relation{*r}, s.Offset()); err != nil {
			return nil, err
		}
		for i := range r.shown() {
			c := &r.cols[i]
			if seen++; !excluded(c.Name) && (r.shut == nil || !r.shut[i]) {
				out = append(out, outItem{name: c.Name, x: k.named(k, c, s.Offset()), alias: -1})
			}
		}
	} else {
		if err := k.noStar(k.src.rels, s.Offset()); err != nil {
			return nil, err
		}
		for _, v := range k.src.columns() {
			if seen++; !excluded(v.name) && !k.src.closed(v.e) {
				out = append(out, outItem{name: v.name, x: k.named(k, v.e, s.Offset()), alias: -1})
			}
		}
		if seen == 0 {
			return nil, sqlstate.Syntax.Errorf("SELECT * with no tables specified is not valid").At(s.Offset())
		}
	}
	for _, x := range s.Exclude {
		if e, err := k.src.find(x, s.Offset()); err == nil && e == nil {
			return nil, sqlstate.UndefinedColumn.Errorf("column \"%s\" does not exist", x).At(s.Offset())
		}
	}
	if len(out) == first {
		return nil, sqlstate.Syntax.Errorf("EXCLUDE leaves no column").At(s.Offset())
	}
	return out, nil
}

// bindItem binds item i of the list, once.
func (k *block) bindItem(items []outItem, i int) error {
	it := &items[i]
	if it.x != nil {
		if it.e == nil { // of a star: named again here, for the GROUP BY check
			for _, id := range expr.Columns(it.x) {
				k.refs = append(k.refs, ref{id: id, pos: -1})
			}
		}
		return nil
	}
	if it.alias >= 0 {
		a := &k.aliases[it.alias]
		if a.bound == nil {
			a.busy = true
			e, err := k.expr(it.e)
			if a.busy = false; err != nil {
				return err
			}
			a.bound = e
		}
		it.x = a.bound
		return nil
	}
	var err error
	if it.x, err = k.expr(it.e); err != nil {
		return err
	}
	it.name = label(it.e, it.x)
	return nil
}

// finish makes the node of the list, then DISTINCT, ORDER BY and LIMIT above it. Items from shown on exist only to sort by.
func (k *block) finish(node plan.Node, items []outItem, shown int, keys []plan.SortKey, s *ast.Select) (query, error) {
	p := &plan.Project{Input: node, Exprs: make([]plan.Named, len(items))}
	cols := make([]plan.Column, len(items))
	for i := range items {
		it := &items[i]
		c := plan.Column{Name: it.name, Type: it.x.Type()}
		if col, ok := it.x.(*expr.Column); ok && !k.isOuter(col.ID) && !projected(cols[:i], col.ID) {
			c.ID, c.Table = col.ID, col.Table
		} else {
			c.ID = k.b.id()
		}
		cols[i] = c
		p.Exprs[i] = plan.Named{Column: c, Expr: it.x}
	}
	node = p
	if s.Distinct {
		for i := range p.Exprs { // a literal must have a type before rows are compared
			if err := k.b.settleNamed(&p.Exprs[i]); err != nil {
				return query{}, err
			}
			cols[i] = p.Exprs[i].Column
			if err := groupable(cols[i].Type); err != nil {
				return query{}, err
			}
		}
		node = &plan.Distinct{Input: node}
	}
	if len(keys) > 0 {
		for i := range keys { // orderBy has left item numbers in place of columns
			item := int(keys[i].ID)
			if err := k.b.settleNamed(&p.Exprs[item]); err != nil {
				return query{}, err
			}
			cols[item] = p.Exprs[item].Column
			if err := sortable(cols[item].Type); err != nil {
				return query{}, err
			}
			keys[i].ID = cols[item].ID
		}
		node = &plan.Sort{Input: node, Keys: keys}
	}
	node, err := k.limit(node, s)
	if err != nil {
		return query{}, err
	}
	if shown < len(items) {
		node = passing(node, cols[:shown])
	}
	return query{node: node, cols: cols[:shown:shown]}, nil
}

func projected(cols []plan.Column, id expr.ColumnID) bool {
	for i := range cols {
		if cols[i].ID == id {
			return true
		}
	}
	return false
}

// passing is a Project that lets cols through as they are.
func passing(n plan.Node, cols []plan.Column) *plan.Project {
	p := &plan.Project{Input: n, Exprs: make([]plan.Named, len(cols))}
	for i, c := range cols {
		p.Exprs[i] = plan.Named{Column: c, Expr: columnOf(c)}
	}
	return p
}

// columnOf is the expression that reads a column.
func columnOf(c plan.Column) *expr.Column {
	return &expr.Column{ID: c.ID, Typ: c.Type, Table: c.Table, Name: c.Name}
}

// settle gives every column of a query that is still a bare literal or parameter the type that it has alone: varchar.
func (b *binder) settle(q *query) error {
	unknown := false
	for i := range q.cols {
		unknown = unknown || q.cols[i].Type.Kind == types.Unknown
	}
	if !unknown {
		return nil
	}
	if p, ok := q.node.(*plan.Project); ok && len(p.Exprs) == len(q.cols) {
		cols := append([]plan.Column(nil), q.cols...)
		for i := range p.Exprs {
			if err := b.settleNamed(&p.Exprs[i]); err != nil {
				return err
			}
			cols[i] = p.Exprs[i].Column
		}
		q.cols = cols
		return nil
	}
	types := make([]types.Type, len(q.cols))
	for i := range q.cols {
		types[i] = alone(q.cols[i].Type)
	}
	return b.castQuery(q, types)
}

// settleNamed settles one computed column.
func (b *binder) settleNamed(n *plan.Named) error {
	if n.Type.Kind != types.Unknown {
		return nil
	}
	to := alone(n.Type)
	x, err := b.coerce(n.Expr, to, -1)
	if err != nil {
		return err
	}
	if _, ok := n.Expr.(*expr.Column); ok {
		n.ID = b.id()
	}
	n.Expr, n.Type = x, x.Type()
	return nil
}

// alone is the type of a literal that nothing else gives one.
func alone(t types.Type) types.Type {
	if t.Kind != types.Unknown {
		return t
	}
	return types.TVarchar(max(int(t.Len), 1))
}

// castQuery projects a query's columns to types.
func (b *binder) castQuery(q *query, to []types.Type) error {
	same := true
	for i := range q.cols {
		same = same && q.cols[i].Type == to[i]
	}
	if same {
		return nil
	}
	cols := append([]plan.Column(nil), q.cols...)
	if p, ok := q.node.(*plan.Project); ok && len(p.Exprs) == len(cols) { // literals take their type where they stand
		for i := range cols {
			if _, ok := p.Exprs[i].Expr.(*expr.Column); ok || cols[i].Type == to[i] {
				continue
			}
			x, err := b.coerce(p.Exprs[i].Expr, to[i], -1)
			if err != nil {
				return err
			}
			p.Exprs[i].Expr, p.Exprs[i].Type = x, to[i]
			cols[i].Type = to[i]
		}
	}
	top := &plan.Project{Input: q.node, Exprs: make([]plan.Named, len(cols))}
	same = true
	for i, c := range cols {
		n := plan.Named{Column: c, Expr: columnOf(c)}
		if c.Type != to[i] {
			x, err := b.coerce(n.Expr, to[i], -1)
			if err != nil {
				return err
			}
			same = false
			n.ID, n.Type, n.Table, n.Expr = b.id(), to[i], "", x
			cols[i] = n.Column
		}
		top.Exprs[i] = n
	}
	if !same {
		q.node = top
	}
	q.cols = cols
	return nil
}
