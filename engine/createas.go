package engine

import (
	"strings"

	"github.com/redshiftsim/redshiftsim/engine/ast"
	"github.com/redshiftsim/redshiftsim/engine/bind"
	"github.com/redshiftsim/redshiftsim/engine/catalog"
	"github.com/redshiftsim/redshiftsim/engine/plan"
	"github.com/redshiftsim/redshiftsim/engine/principal"
	"github.com/redshiftsim/redshiftsim/engine/system"
	"github.com/redshiftsim/redshiftsim/engine/txn"
	"github.com/redshiftsim/redshiftsim/internal/sqlstate"
	"github.com/redshiftsim/redshiftsim/internal/types"
	"github.com/redshiftsim/redshiftsim/storage"
)

// intoOf finds SELECT .. INTO in the first arm of a query.
func intoOf(q *ast.Select) *ast.Select {
	for q != nil {
		if q.Into != nil {
			return q
		}
		q = q.Left
	}
	return nil
}

// withoutInto copies a query without its INTO.
func withoutInto(q *ast.Select) *ast.Select {
	n := *q
	if n.Into != nil {
		n.Into = nil
		return &n
	}
	n.Left = withoutInto(q.Left)
	return &n
}

// selectInto is SELECT .. INTO: CREATE TABLE AS by another name.
// https://docs.aws.amazon.com/redshift/latest/dg/r_SELECT_INTO.html
func (s *Session) selectInto(c *call, st *ast.Select, into *ast.Select) error {
	ct := &ast.CreateTable{Name: *into.Into, Temp: into.IntoTemp, Query: withoutInto(st)}
	from, to := st.Span()
	ast.SetSpan(ct, from, to)
	return s.createTableAs(c, ct)
}

// bindQuery binds the query of CREATE TABLE AS, where a procedure's variables may stand, with their values, or of a view.
func (s *Session) bindQuery(q *ast.Select, view bool, values []types.Datum) (*bind.Bound, error) {
	r := &resolver{c: s.tx.Catalog(), path: s.searchPath()}
	if !view { // a view is bound to relations of its own database, unless it is bound to none
		r.in = s.database
	}
	env := s.bindEnv(r, typesOf(values), values)
	env.Guard.Whole = view
	b, err := bind.Bind(q, env)
	if err != nil {
		return nil, err
	}
	if len(b.Params) > len(values) {
		return nil, sqlstate.UndefinedParameter.Errorf("there is no parameter $%d", len(values)+1)
	}
	return b, nil
}

// createTableAs is CREATE TABLE .. AS: columns of the query's names and types, and its rows.
// https://docs.aws.amazon.com/redshift/latest/dg/r_CREATE_TABLE_AS.html
func (s *Session) createTableAs(c *call, st *ast.CreateTable) error {
	s.renew()
	at, name, err := s.maker(st)
	if err != nil {
		return err
	}
	schema, err := at.place(name, st.Temp, principal.CreateTable)
	if err != nil {
		return err
	}
	if skip, err := at.taken(schema, name, st.IfNotExists); skip || err != nil {
		return err
	}
	b, err := s.bindQuery(st.Query, false, c.args)
	if err == nil {
		err = b.Writable()
	}
	if err != nil {
		return err
	}
	cols, err := columnsOf(b.Columns, st.Names, st.Name)
	if err != nil {
		return err
	}
	for i := range cols { // a view may have them
		if t := cols[i].Type; t.IsArray() || t.IsReg() || t.Kind == types.ACLItem {
			return sqlstate.FeatureNotSupported.Errorf("Column \"%s.%s\" has unsupported type \"%s\".", st.Name.Object(), cols[i].Name, t)
		}
		if cols[i].Type.Kind == types.Super && at.db.CaseInsensitive {
			return insensitiveSuper(st.Name.Offset())
		}
	}
	for i := range b.Insensitive {
		cols[i].CaseInsensitive = b.Insensitive[i] && cols[i].Type.IsText()
	}
	t := &catalog.Table{Schema: schema, Name: st.Name.Object(), Owner: at.user.ID, Temp: catalog.IsTempSchema(schema), Backup: st.Backup != "no", Columns: cols, Created: s.c.cfg.Clock()}
	def := &storage.Definition{BlockBytes: at.c.cfg.BlockBytes, Temp: t.Temp}
	names := make([]string, len(cols))
	for i := range cols {
		names[i] = cols[i].Name
		if err := ownColumn(names[i], st.Name.Offset()); err != nil {
			return err
		}
		def.Columns = append(def.Columns, storage.Column{Name: cols[i].Name, Type: cols[i].Type})
	}
	if err := attributes(names, def, st); err != nil {
		return err
	}
	if err := canKey(cols, def); err != nil {
		return err
	}
	at.newTable(t, def)
	if s.dry {
		return nil
	}
	if err := at.lock(c.ctx, t.ID, txn.AccessExclusive); err != nil {
		return err
	}
	ins := &ast.Insert{Table: ast.Name{Pos: st.Name.Pos, Parts: []string{schema, t.Name}}, Query: st.Query}
	if at != s {
		s.lend(principal.Relation, t.ID)
		ins.Table.Parts = []string{s.remote.db.Name, schema, t.Name}
	}
	from, to := st.Span()
	ast.SetSpan(ins, from, to)
	var e *planEntry
	for ok := false; !ok; {
		if e, err = s.makePlan(ins, c.text, c.args); err != nil {
			return err
		}
		if ok, err = s.lockPlan(c, e); err != nil {
			return err
		}
	}
	if _, _, err := s.run(c, e, c.args); err != nil {
		return err
	}
	k := c
	if at != s {
		k = s.agentCall(c)
	}
	return at.analyzeTable(k, at.current(t), nil, system.Analyzed{Status: "Full", Auto: true}) // CTAS does: r_CTAS_usage_notes
}

// maker is the session in whose database CREATE TABLE AS makes its table, and the table's name there: this one, or the agent of a datashare.
func (s *Session) maker(st *ast.CreateTable) (*Session, ast.Name, error) {
	if s.remote == nil || s.importOfName(st.Name, 2) == nil {
		return s, st.Name, nil
	}
	if err := s.notAfar(st); err != nil {
		return nil, st.Name, err
	}
	name, err := s.placeAfar(st.Name, st.Temp)
	return s.remote.agent, name, err
}

// current is the catalog's newest form of a table: a load may have changed its distribution.
func (s *Session) current(t *catalog.Table) *catalog.Table {
	if n, ok := s.tx.Catalog().Get(t.Schema, t.Name).(*catalog.Table); ok {
		return n
	}
	return t
}

// columnsOf makes a relation's columns of a query's, renamed by names.
func columnsOf(list []plan.Column, names []string, rel ast.Name) ([]catalog.Column, error) {
	if len(names) > len(list) {
		return nil, sqlstate.Syntax.Errorf("too many column names were specified").At(rel.Offset())
	}
	out := make([]catalog.Column, len(list))
	for i := range list {
		c := catalog.Column{Name: list[i].Name, Type: stored(list[i].Type), PosAttr: i + 1}
		if i < len(names) {
			c.Name = names[i]
		}
		for j := range i {
			if out[j].Name == c.Name {
				return nil, sqlstate.DuplicateColumn.Errorf("column \"%s\" duplicated", c.Name)
			}
		}
		out[i] = c
	}
	return out, nil
}

// stored is the type that a computed column has in a table.
func stored(t types.Type) types.Type {
	switch t.Kind {
	case types.Unknown, types.Text:
		return types.TVarchar(256)
	case types.Name:
		return types.TVarchar(128)
	case types.OID:
		return types.TInt8
	case types.Varchar, types.Char:
		if t.Len == 0 {
			t.Len = 256
		}
		t.Len = min(t.Len, types.MaxVarchar)
	case types.Numeric:
		if t.Prec == 0 {
			return types.TNumeric(18, 0)
		}
	}
	return t
}

// createView is CREATE [OR REPLACE] VIEW.
// https://docs.aws.amazon.com/redshift/latest/dg/r_CREATE_VIEW.html
func (s *Session) createView(c *call, st *ast.CreateView) error {
	s.tx.Refresh()
	schema, err := s.place(st.Name, false, principal.CreateView)
	if err != nil {
		return err
	}
	cat := s.tx.Catalog()
	old := cat.Get(schema, st.Name.Object())
	if _, isView := old.(*catalog.View); old != nil && (!st.Replace || !isView) {
		if st.Replace {
			return sqlstate.WrongObjectType.Errorf("\"%s\" is not a view", st.Name.Object()).At(st.Name.Offset())
		}
		return catalog.Exists(st.Name.Object()).At(st.Name.Offset())
	}
	v := &catalog.View{Schema: schema, Name: st.Name.Object(), Owner: s.user.ID, Text: s.kept(strings.TrimRight(strings.TrimSpace(st.Text), ";")), LateBinding: st.LateBinding, CaseSensitive: s.caseful, Created: s.c.cfg.Clock(), Version: 1}
	if st.LateBinding {
		if err := s.mayBindLate(st.Query); err != nil {
			return err
		}
		v.Names, v.Statement = st.Columns, s.kept(statementText(c, st))
	} else {
		b, err := s.bindQuery(st.Query, true, nil)
		if err != nil {
			return err
		}
		if v.Columns, err = columnsOf(b.Columns, st.Columns, st.Name); err != nil {
			return err
		}
		v.Refs, v.Inlined = b.Refs, inlined(b)
		v.Text = s.keptQuery(strings.TrimRight(strings.TrimSpace(st.Text), ";"), partAt(c, st, strings.TrimSpace(st.Text)), b.Attributes)
		for _, t := range b.Reads {
			v.Depends = append(v.Depends, t.ID)
		}
		for _, w := range b.Views {
			v.Depends = append(v.Depends, w.ID)
		}
		for _, f := range b.Functions {
			v.Depends = append(v.Depends, f.ID)
		}
	}
	if o, ok := old.(*catalog.View); ok {
		if err := replaces(o, v); err != nil {
			return err
		}
		if err := s.commands(o, 0, principal.CreateView); err != nil {
			return err
		}
		if o.Secured && !s.secures() {
			return denied("cannot replace view \"%s\" because policies protect it", o.Name)
		}
		v.ID, v.Version, v.Owner, v.Secured = o.ID, o.Version+1, o.Owner, o.Secured
		s.tx.Edit(v)
		return s.stateInlined(v)
	}
	v.ID = s.c.newID()
	s.tx.Edit(v)
	s.beginAccess(principal.Relation, v.ID, v.Schema, v.Owner)
	return s.stateInlined(v)
}

// replaces says whether a view may take another's place: same columns, more may follow.
func replaces(o, v *catalog.View) error {
	if o.LateBinding || v.LateBinding {
		return nil
	}
	if len(v.Columns) < len(o.Columns) {
		return sqlstate.InvalidTableDefinition.Errorf("cannot change number of columns in view")
	}
	for i := range o.Columns {
		if o.Columns[i].Name != v.Columns[i].Name {
			return sqlstate.InvalidTableDefinition.Errorf("cannot change name of view column \"%s\"", o.Columns[i].Name)
		}
		if o.Columns[i].Type != v.Columns[i].Type {
			return sqlstate.InvalidTableDefinition.Errorf("cannot change data type of view column \"%s\"", o.Columns[i].Name)
		}
	}
	return nil
}
