package bind

import (
	"github.com/redshiftsim/redshiftsim/engine/ast"
	"github.com/redshiftsim/redshiftsim/engine/expr"
	"github.com/redshiftsim/redshiftsim/engine/plan"
	"github.com/redshiftsim/redshiftsim/internal/sqlstate"
)

// relation is a named thing in FROM: its columns can be asked for as alias.column.
type relation struct {
	alias  string
	schema string // "" for derived tables and CTEs
	cols   []expr.Column
	shut   []bool // columns that * leaves out because the user may not read them; nil = none
	hidden int    // how many columns at the end * leaves out: oid of system tables
	value  bool   // its columns are known by their names alone: an element of an array, and its index
	nested bool   // an external table with columns of nested types, or with value an element of one
}

// shown lists the columns that * stands for.
func (r *relation) shown() []expr.Column { return r.cols[:len(r.cols)-r.hidden] }

// visible is a column as an unqualified name finds it. Where USING has joined two columns, there is one for both.
type visible struct {
	name string
	e    expr.Expr
}

// source is what a FROM clause, or a part of it, gives. vis nil = all columns of rels in order.
type source struct {
	node plan.Node
	rels []relation
	vis  []visible
}

// columns lists what * stands for.
func (s *source) columns() []visible {
	if s.vis != nil {
		return s.vis
	}
	var n int
	for i := range s.rels {
		n += len(s.rels[i].shown())
	}
	out := make([]visible, 0, n)
	for i := range s.rels {
		for j := range s.rels[i].shown() {
			c := &s.rels[i].cols[j]
			out = append(out, visible{c.Name, c})
		}
	}
	return out
}

// find looks an unqualified name up: nil when there is none.
func (s *source) find(name string, pos int) (expr.Expr, error) {
	if e := s.valueNamed(name); e != nil {
		return e, nil
	}
	var found expr.Expr
	if s.vis != nil {
		for i := range s.vis {
			if s.vis[i].name == name {
				if found != nil && !sameColumn(found, s.vis[i].e) {
					return nil, ambiguous(name, pos)
				}
				found = s.vis[i].e
			}
		}
		return found, nil
	}
	for i := range s.rels {
		cols := s.rels[i].cols
		for j := range cols {
			if cols[j].Name == name {
				if found != nil && !sameColumn(found, &cols[j]) {
					return nil, ambiguous(name, pos)
				}
				found = &cols[j]
			}
		}
	}
	return found, nil
}

// sameColumn says that two names of the scope are one column: a column may stand for others of its name (foldColumns).
func sameColumn(a, b expr.Expr) bool {
	x, ok1 := a.(*expr.Column)
	y, ok2 := b.(*expr.Column)
	return ok1 && ok2 && x.ID == y.ID
}

// relation finds a relation by alias and, if given, schema.
func (s *source) relation(schema, alias string) *relation {
	for i := range s.rels {
		if r := &s.rels[i]; !r.value && r.alias == alias && (schema == "" || r.schema == schema) {
			return r
		}
	}
	return nil
}

func ambiguous(name string, pos int) error {
	return sqlstate.AmbiguousColumn.Errorf("column reference \"%s\" is ambiguous", name).At(pos)
}

// unknownColumn is the error of a name that nothing in FROM has; Redshift says where it looked.
func (k *block) unknownColumn(name string, pos int) error {
	return sqlstate.UndefinedColumn.Errorf("column \"%s\" does not exist%s", name, k.looked()).At(pos)
}

// looked names the tables among whose columns a name was looked for.
func (k *block) looked() string {
	where := ""
	for i := range k.src.rels {
		if i == 0 {
			where = " in "
		} else {
			where += ", "
		}
		where += k.src.rels[i].alias
	}
	return where
}

// alias is an item of the select list under its name: usable further right in the list and in WHERE, GROUP BY, HAVING.
// https://docs.aws.amazon.com/redshift/latest/dg/r_SELECT_list.html
type alias struct {
	name  string
	e     ast.Expr
	bound expr.Expr
	busy  bool
}

// ref remembers where a column of the block was first named outside an aggregate, for the GROUP BY error.
type ref struct {
	id    expr.ColumnID
	pos   int
	table string
}

// block is one SELECT being bound.
type block struct {
	b     *binder
	outer *block // the SELECT around a subquery
	ctes  *cteScope
	src   source
	parts []source // the items of FROM

	aliases []alias
	lazy    bool // aliases not bound yet may be bound when named: WHERE and GROUP BY come before the list

	noAgg, noWin string // why aggregates and windows may not stand here; "" = they may
	inAgg        int
	aggs         []plan.Agg
	wins         []winCall
	hasAgg       bool
	groupings    []groupingCall
	tree         *hierarchy  // of CONNECT BY
	rows         plan.Node   // of a set-returning function in the select list
	each         []expr.Expr // or the bounds of a series that every row has for itself
	eachNumber   plan.Column
	orders       []plan.Named // expressions of WITHIN GROUP that the input must compute
	marks        *outerMarks  // of WHERE, while it is split by (+)
	unnested     bool         // FROM goes through a SUPER value, or a nested one
	inFrom       bool         // the value that FROM goes through is being bound
	overParent   bool         // FROM goes through a nested value of a block around this one

	parentElsewhere bool // columns of a block around this one are named outside FROM

	inline []expr.Expr // in the body of a function: what its $1, $2, .. are; nil elsewhere
	places []int       // how often each stands there

	refs      []ref
	outerUsed []expr.ColumnID
}

// column resolves the name of a column.
func (k *block) column(name string, pos int) (expr.Expr, error) {
	for q := k; q != nil; q = q.outer {
		e, err := q.src.find(name, pos)
		if err != nil {
			return nil, err
		}
		if e != nil {
			return k.named(q, e, pos), nil
		}
		if q.tree != nil && name == levelName {
			return k.named(q, q.tree.level, pos), nil
		}
		if q == k {
			if e, err := k.byAlias(name, pos); e != nil || err != nil {
				return e, err
			}
		}
	}
	if isBare(name) {
		return k.call(&ast.FuncCall{Pos: ast.Pos(pos), Name: []string{name}})
	}
	return nil, k.unknownColumn(name, pos)
}

// isBare says whether a function is called without parentheses, though its name is free for columns.
func isBare(name string) bool {
	return name == "current_user_id" || name == "current_namespace" || name == "current_aws_account"
}

// named notes that an expression of block q is named in k.
func (k *block) named(q *block, e expr.Expr, pos int) expr.Expr {
	one := func(c *expr.Column) {
		k.b.use(c.ID)
		for p := k; p != q; p = p.outer {
			p.outerUsed = addID(p.outerUsed, c.ID)
			p.parentElsewhere = p.parentElsewhere || !k.inFrom
		}
		if q.inAgg == 0 {
			q.refs = append(q.refs, ref{c.ID, pos, c.Table})
		}
	}
	if c, ok := e.(*expr.Column); ok {
		one(c)
		return e
	}
	expr.Walk(e, func(x expr.Expr) bool {
		if c, ok := x.(*expr.Column); ok {
			one(c)
		}
		return true
	})
	return e
}

// byAlias finds an item of the select list by its name.
func (k *block) byAlias(name string, pos int) (expr.Expr, error) {
	for i := range k.aliases {
		a := &k.aliases[i]
		if a.name != name || a.busy {
			continue
		}
		if a.bound == nil {
			if !k.lazy {
				continue
			}
			a.busy = true
			e, err := k.expr(a.e)
			if a.busy = false; err != nil {
				return nil, err
			}
			a.bound = e
		}
		if k.inAgg > 0 && k.computed(a.bound) || k.noAgg != "" && k.computed(a.bound) {
			msg := k.noAgg
			if msg == "" {
				msg = "aggregate function calls may not be nested"
			}
			return nil, sqlstate.Grouping.Errorf("%s", msg).At(pos)
		}
		return a.bound, nil
	}
	return nil, nil
}

// computed says that an expression reads an aggregate or a window of the block.
func (k *block) computed(e expr.Expr) bool {
	if len(k.aggs) == 0 && len(k.wins) == 0 {
		return false
	}
	for _, id := range expr.Columns(e) {
		if k.isAgg(id) || k.isWin(id) {
			return true
		}
	}
	return false
}

func (k *block) isAgg(id expr.ColumnID) bool {
	for i := range k.aggs {
		if k.aggs[i].ID == id {
			return true
		}
	}
	return false
}

func (k *block) isWin(id expr.ColumnID) bool {
	for i := range k.wins {
		if k.wins[i].fn.ID == id {
			return true
		}
	}
	return false
}

// isOuter says that a column belongs to a block around this one.
func (k *block) isOuter(id expr.ColumnID) bool { return hasID(k.outerUsed, id) }

func hasID(ids []expr.ColumnID, id expr.ColumnID) bool {
	for _, x := range ids {
		if x == id {
			return true
		}
	}
	return false
}

func addID(ids []expr.ColumnID, id expr.ColumnID) []expr.ColumnID {
	if hasID(ids, id) {
		return ids
	}
	return append(ids, id)
}
