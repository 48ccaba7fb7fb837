package bind

import (
	"github.com/redshiftsim/redshiftsim/engine/catalog"
	"github.com/redshiftsim/redshiftsim/engine/expr"
	"github.com/redshiftsim/redshiftsim/engine/plan"
	"github.com/redshiftsim/redshiftsim/engine/principal"
	"github.com/redshiftsim/redshiftsim/internal/sqlstate"
)

// Privileges are noted while names are bound and held against what the user has when all is: only then is it known which columns are read.
//
//	SELECT a FROM v            demand {as user, view v: SELECT}
//	  v: SELECT a FROM t       demand {as the owner of v, table t: SELECT, of column a}
//	UPDATE t SET b = a         demand {as user, table t: UPDATE of b, SELECT of a}
//
// https://docs.aws.amazon.com/redshift/latest/dg/r_GRANT.html

// Guard is what a statement's privileges are checked against.
type Guard struct {
	Catalog *catalog.Catalog
	User    *principal.Reach
	// Whole says that * stands for all columns, whether the user may read them or not: in CREATE VIEW.
	Whole bool
}

// demand is what a statement asks of one table or view.
type demand struct {
	as   *principal.Reach
	in   *catalog.Catalog    // whose privileges count: that of the relation's database
	rel  any                 // *catalog.Table or *catalog.View
	want principal.Privilege // beside SELECT of what is read
	set  []int               // want is UPDATE of these columns, by position
	scan *plan.Scan          // whose used columns are read
	over *plan.Scan          // below a protection, whose columns are cols (policy.go)
	cols []expr.Column       // of a view: its columns
	bare bool                // SELECT is needed of columns that are read, and not for being there
	read []int               // the columns that are read, when that was settled before the end
}

// actAs makes the binder bind as another user, and gives what undoes it.
func (b *binder) actAs(r *principal.Reach) func() {
	old := b.as
	b.as = r
	return func() { b.as = old }
}

// guarded says that privileges are checked for whom the binder binds.
func (b *binder) guarded() bool { return b.env.Guard != nil && b.as != nil && !b.as.Super }

// checked says that something is asked: of whom the binder binds for, or of a datashare, which is asked whoever wants something of it.
func (b *binder) checked(in *catalog.Catalog) bool {
	return b.guarded() || in != nil && in.Lends()
}

// grantedOn is the catalog whose privileges count for a relation: that of where names are looked up, or of the table that is changed. nil = nobody is asked.
func (b *binder) grantedOn(target bool) *catalog.Catalog {
	switch {
	case target && b.granted != nil:
		return b.granted
	case b.env.Guard == nil:
		return nil
	}
	return b.env.Guard.Catalog
}

// demands notes what a scan asks for; target = it is the table that is changed.
func (b *binder) demands(s *plan.Scan, target bool) {
	if in := b.grantedOn(target); b.checked(in) {
		b.asked = append(b.asked, demand{as: b.as, in: in, rel: s.Table, scan: s, bare: target})
	}
}

// demandsOf notes privileges on the table that a statement changes, of some of its columns or (nil) of all.
func (b *binder) demandsOf(t *catalog.Table, want principal.Privilege, set []int) {
	if in := b.grantedOn(true); b.checked(in) {
		b.asked = append(b.asked, demand{as: b.as, in: in, rel: t, want: want, set: set, bare: true})
	}
}

// readSoFar settles which columns of a target are read: what is copied from the old row afterwards does not count.
func (b *binder) readSoFar(s *plan.Scan) {
	for i := range b.asked {
		switch d := &b.asked[i]; {
		case d.scan == s:
			d.read, d.scan = b.usedOf(s), nil
		case d.over == s:
			d.read, d.cols = b.readOf(d), nil
		}
	}
}

// readOf lists the places of a demand's columns that some expression names.
func (b *binder) readOf(d *demand) (out []int) {
	for c := range d.cols {
		if id := int(d.cols[c].ID); id < len(b.used) && b.used[id] {
			out = append(out, c)
		}
	}
	return out
}

// usedOf lists the columns of a scan that some expression names.
func (b *binder) usedOf(s *plan.Scan) (out []int) {
	for i := range s.Output {
		if id := int(s.Output[i].ID); s.Attrs[i] >= 0 && id < len(b.used) && b.used[id] {
			out = append(out, s.Attrs[i])
		}
	}
	return out
}

// checkAccess holds what was noted against what the users have.
func (b *binder) checkAccess() error {
	for i := range b.asked {
		d := &b.asked[i]
		if d.scan != nil {
			d.read = b.usedOf(d.scan)
		}
		d.read = append(d.read, b.readOf(d)...)
		if err := d.lent(); err != nil {
			return err
		}
		if d.as != nil && !d.as.Super && !b.allowed(d) {
			return sqlstate.InsufficientPrivilege.Errorf("permission denied for relation %s", catalog.KeyOf(d.rel).Name)
		}
	}
	return nil
}

// lent refuses what the datashare that has brought a relation may not do itself.
// https://docs.aws.amazon.com/redshift/latest/dg/datashare-considerations.html
func (d *demand) lent() error {
	can, ok := d.in.Lent(principal.Relation, catalog.IDOf(d.rel))
	want := d.want
	if !d.bare || len(d.read) > 0 {
		want |= principal.Select
	}
	if lacks := want &^ can; ok && lacks != 0 {
		return NotLent("relation "+catalog.KeyOf(d.rel).Name, lacks)
	}
	return nil
}

// NotLent is the error of a privilege that a datashare was not granted.
func NotLent(what string, lacks principal.Privilege) error {
	return sqlstate.InsufficientPrivilege.Errorf("permission denied for %s", what).WithDetail("The datashare was not granted %s on it.", lacks.Words()[0])
}

// allowed says whether a demand is met.
func (b *binder) allowed(d *demand) bool {
	if d.want != 0 {
		if lacks := b.lacks(d.in, d.as, d.rel, d.want); lacks != 0 && (lacks != principal.Update || d.set == nil || !b.columns(d, principal.Update, d.set)) {
			return false
		}
	}
	if d.bare && len(d.read) == 0 || b.lacks(d.in, d.as, d.rel, principal.Select) == 0 {
		return true
	}
	return b.columns(d, principal.Select, d.read)
}

// lacks says which of want a user lacks on a table or view.
func (b *binder) lacks(c *catalog.Catalog, as *principal.Reach, rel any, want principal.Privilege) principal.Privilege {
	k := catalog.KeyOf(rel)
	schema := uint32(0)
	if s := c.Schema(k.Schema); s != nil {
		schema = s.ID
	}
	owner := principal.BootstrapID
	switch r := rel.(type) {
	case *catalog.Table:
		owner = r.Owner
	case *catalog.View:
		owner = r.Owner
	}
	return c.May(as, principal.Relation, catalog.IDOf(rel), schema, owner, want)
}

// columns says whether a user has a privilege on each of some columns; where none is named, one will do.
func (b *binder) columns(d *demand, want principal.Privilege, list []int) bool {
	open := b.open(d.in, d.as, d.rel, want)
	if len(list) == 0 {
		for _, ok := range open {
			if ok {
				return true
			}
		}
		return false
	}
	for _, i := range list {
		if open == nil || !open[i] {
			return false
		}
	}
	return true
}

// open says on which columns of a table or view a user has been granted a privilege; nil = on none.
func (b *binder) open(c *catalog.Catalog, as *principal.Reach, rel any, want principal.Privilege) []bool {
	a := c.Access(principal.Relation, catalog.IDOf(rel))
	if len(a.Columns) == 0 {
		return nil
	}
	var cols []catalog.Column
	switch r := rel.(type) {
	case *catalog.Table:
		cols = r.Columns
	case *catalog.View:
		cols = r.Columns
	}
	out := make([]bool, len(cols))
	for i := range cols {
		out[i] = a.Columns[cols[i].PosAttr].Of(as)&want == want
	}
	return out
}

// narrow says which columns of a table * leaves out, because the user may not read them; nil = none.
// https://docs.aws.amazon.com/redshift/latest/dg/r_GRANT-usage-notes.html#r_GRANT-usage-notes-clp
func (b *binder) narrow(t *catalog.Table) []bool {
	if !b.guarded() || b.env.Guard.Whole || b.within != nil || b.lacks(b.env.Guard.Catalog, b.as, t, principal.Select) == 0 {
		return nil
	}
	open := b.open(b.env.Guard.Catalog, b.as, t, principal.Select)
	if open == nil {
		return nil
	}
	for i := range open {
		open[i] = !open[i]
	}
	return open
}

// closed says whether * leaves a column out.
func (s *source) closed(e expr.Expr) bool {
	c, ok := e.(*expr.Column)
	if !ok {
		return false
	}
	for i := range s.rels {
		for j, shut := range s.rels[i].shut {
			if shut && s.rels[i].cols[j].ID == c.ID {
				return true
			}
		}
	}
	return false
}

// usesSchema refuses who lacks USAGE on the schema that a name says.
func (b *binder) usesSchema(schema string, pos int) error {
	if schema == "" || !b.guarded() || b.within != nil && !b.within.LateBinding {
		return nil
	}
	c := b.env.Guard.Catalog
	s := c.Schema(schema)
	if s == nil || c.May(b.as, principal.Schema, s.ID, 0, s.Owner, principal.Usage) == 0 {
		return nil
	}
	return sqlstate.InsufficientPrivilege.Errorf("permission denied for schema %s", schema).At(pos)
}

// owner is what the owner of a view is, in all; nobody when the owner is gone.
func (b *binder) owner(v *catalog.View) *principal.Reach {
	if b.env.Guard == nil {
		return nil
	}
	if u := b.env.Guard.Catalog.UserByID(v.Owner); u != nil {
		return b.env.Guard.Catalog.Reach(u)
	}
	return &principal.Reach{User: -1}
}

// guardView notes that a view is read, through columns of their own when only some of them may be: what the view's own query names does not count.
func (b *binder) guardView(v *catalog.View, s source) source {
	in := b.grantedOn(false)
	if !b.checked(in) {
		return s
	}
	d := demand{as: b.as, in: in, rel: v}
	if b.guarded() && b.lacks(b.env.Guard.Catalog, b.as, v, principal.Select) != 0 {
		r := &s.rels[0]
		p := &plan.Project{Input: s.node, Exprs: make([]plan.Named, len(r.cols))}
		cols := make([]expr.Column, len(r.cols))
		for i := range r.cols {
			old := r.cols[i]
			n := plan.Named{Column: plan.Column{ID: b.id(), Name: old.Name, Table: old.Table, Type: old.Typ}, Expr: &old}
			b.use(old.ID)
			cols[i] = expr.Column{ID: n.ID, Typ: old.Typ, Table: old.Table, Name: old.Name}
			p.Exprs[i] = n
		}
		s.node, r.cols, d.cols = p, cols, cols
	}
	b.asked = append(b.asked, d)
	return s
}
