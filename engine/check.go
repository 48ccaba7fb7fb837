package engine

import (
	"context"
	"errors"
	"maps"

	"github.com/redshiftsim/redshiftsim/engine/ast"
	"github.com/redshiftsim/redshiftsim/engine/catalog"
	"github.com/redshiftsim/redshiftsim/engine/parse"
	"github.com/redshiftsim/redshiftsim/engine/plan"
	"github.com/redshiftsim/redshiftsim/internal/sqlstate"
)

// Checker says what would be wrong with the statements of a script, on a cluster of its own that has no rows: definitions are carried out, so that later
// statements are bound against them; queries and changes are planned and not run; no file is read or written.
type Checker struct {
	s        *Session
	block    bool // the script is after BEGIN
	readOnly bool
	before   *Session // as of BEGIN, for ROLLBACK
}

// Checked is what a statement came to.
type Checked struct {
	// Plan is the plan of a query or change, or of the query inside CREATE TABLE AS, SELECT INTO, UNLOAD and EXPLAIN; nil for other statements.
	Plan plan.Node
	// Alone is why the statement refuses to run in a transaction (25001), "" when it does not.
	Alone string
	// Block says that the script has a transaction open.
	Block bool
}

// NewChecker makes a cluster without rows and a session of its administrator.
func NewChecker(cfg Config) (*Checker, error) {
	cfg.LogLimit = -1
	s, err := New(cfg).NewSession(SessionOptions{})
	if err != nil {
		return nil, err
	}
	s.dry = true
	return &Checker{s: s}, nil
}

// Parse parses text as the session reads it: identifiers in double quotes may keep their case. Offsets of errors are bytes of text.
func (k *Checker) Parse(text string) ([]ast.Statement, error) {
	return parse.With(text, k.s.reading())
}

// Relation finds a table or view that the script has made, nil when there is none: a *catalog.Table, *catalog.View or *catalog.Virtual.
func (k *Checker) Relation(n ast.Name) any {
	o, err := k.s.c.txns.Root().Of(k.s.db.ID).Resolve(k.s.searchPath(), n.Schema(), n.Object())
	if err != nil {
		return nil
	}
	return o
}

// Check checks one statement of text. The offset of its error is in bytes of text; -1 = it concerns the statement as a whole.
func (k *Checker) Check(ctx context.Context, st ast.Statement, text string) (_ *Checked, err error) {
	defer k.s.recovered(text, &err)
	out := &Checked{Block: k.block}
	switch st := st.(type) {
	case *ast.Transaction:
		k.transaction(st)
		return out, nil
	case *ast.Call, *ast.Fetch, *ast.CloseCursor: // what they say depends on what ran before
		return out, nil
	case *ast.Execute:
		if k.s.named[st.Name] != nil {
			return out, nil
		}
	}
	if query := queryIn(st); query != nil && !k.writesFiles(st) {
		if out.Plan, err = k.plan(query, text); err != nil {
			return out, err
		}
		if query == st {
			return out, nil
		}
	}
	if u, ok := st.(*ast.Unload); ok {
		return out, k.unload(out, u, text)
	}
	err = k.run(ctx, st, text, true)
	var e *sqlstate.Error
	if errors.As(err, &e) && e.Code == sqlstate.ActiveTransaction {
		if out.Alone = e.Message; !k.block {
			err = k.run(ctx, st, text, false)
		}
	}
	return out, err
}

// writesFiles says that a statement is an INSERT into an external table, which has a road of its own.
func (k *Checker) writesFiles(st ast.Statement) bool {
	ins, ok := st.(*ast.Insert)
	if !ok {
		return false
	}
	k.s.begin()
	defer k.s.rollback()
	_, t := k.s.externalTarget(new(call), ins)
	return t != nil
}

// queryIn is the query or change that a statement plans.
func queryIn(st ast.Statement) ast.Statement {
	switch st := st.(type) {
	case *ast.Select:
		if intoOf(st) != nil {
			return withoutInto(st)
		}
	case *ast.CreateTable:
		if st.Query == nil {
			return nil
		}
		return st.Query
	case *ast.Explain:
		return queryIn(st.Stmt)
	}
	if planned(st) {
		return st
	}
	return nil
}

// plan plans a query or change against what the script has made.
func (k *Checker) plan(st ast.Statement, text string) (plan.Node, error) {
	if k.readOnly && !harmless(st) {
		return nil, errReadOnly()
	}
	s := k.s
	s.begin()
	defer s.rollback()
	s.tx.Refresh()
	e, err := s.makePlan(st, text, nil)
	if err != nil {
		return nil, err
	}
	return e.root, nil
}

// unload checks the query of an UNLOAD; the places of its errors are turned into places of the script.
func (k *Checker) unload(out *Checked, u *ast.Unload, text string) (err error) {
	if out.Plan, err = k.plan(u.Stmt, u.Query); err != nil {
		return unquoted(err, u, text)
	}
	o, err := unloadOptions(u)
	if err != nil {
		return err
	}
	s := k.s
	s.begin()
	defer s.rollback()
	s.tx.Refresh()
	if _, _, err = s.unloadPlan(u, o); err != nil {
		return unquoted(err, u, text)
	}
	return o.unbuilt
}

// run carries out a definition, in a block or not, and keeps what it made.
func (k *Checker) run(ctx context.Context, st ast.Statement, text string, block bool) error {
	s := k.s
	s.begin()
	s.block, s.readOnly = block, k.readOnly
	c := &call{ctx: ctx, text: text, plan: text, rec: s.record(ast.KindOf(st), text, true, st, s.c.cfg.Clock())}
	set, _, err := s.road(c, st)
	if set != nil {
		set.close(nil)
	}
	if err != nil {
		s.rollback()
		return err
	}
	return s.commit()
}

// transaction follows BEGIN, COMMIT and ROLLBACK. Every statement is a transaction of its own here, so that one that fails does not hide the others.
func (k *Checker) transaction(t *ast.Transaction) {
	switch {
	case t.Kind == "begin" && !k.block:
		k.block, k.readOnly, k.before = true, t.ReadOnly, k.copied()
	case t.Kind == "rollback" && k.block:
		k.before.named = k.s.named // prepared statements outlive the transaction
		k.block, k.readOnly, k.s, k.before = false, false, k.before, nil
	case t.Kind == "commit":
		k.block, k.readOnly, k.before = false, false, nil
	}
}

// copied is a session on a clone of the cluster, with what belongs to the session.
func (k *Checker) copied() *Session {
	s := k.s
	n, err := s.c.Clone().NewSession(SessionOptions{Database: s.db.Name})
	if err != nil { // the database was dropped by its own session
		return s
	}
	n.dry, n.temp, n.named, n.initial = true, s.temp, maps.Clone(s.named), s.initial
	n.use(s.vars)
	return n
}

// Tables lists the tables that the script has made.
func (k *Checker) Tables() []*catalog.Table { return k.s.c.txns.Root().Of(k.s.db.ID).Tables() }
