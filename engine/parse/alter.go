package parse

import (
	"github.com/redshiftsim/redshiftsim/engine/ast"
	"github.com/redshiftsim/redshiftsim/internal/sqlstate"
)

// alter parses ALTER. Actions on a table that one statement joins by commas become statements of their own: all but the last go to p.out here.
// https://docs.aws.amazon.com/redshift/latest/dg/r_ALTER_TABLE.html
func (p *parser) alter() (ast.Statement, error) {
	start := p.I
	switch {
	case p.Words("alter", "table"):
	case p.Is("alter") && p.IsAt(1, "materialized") && p.IsAt(2, "view"):
		return p.alterMaterializedView()
	case p.Words("alter", "external", "schema"):
		return p.alterExternalSchema()
	case p.Words("alter", "datashare"):
		return p.datashare("alter")
	case p.Words("alter", "external", "view"):
		return p.externalView(&ast.ExternalView{Alter: true})
	case p.Words("alter", "procedure"):
		return p.alterRoutine(true)
	case p.Words("alter", "function"):
		return p.alterRoutine(false)
	case p.Words("alter", "identity", "provider"):
		return p.identityProvider("alter")
	case p.Words("alter", "user"):
		return p.user(true)
	case p.Words("alter", "group"):
		return p.group(true)
	case p.Words("alter", "role"):
		return p.role(true)
	case p.Words("alter", "database"):
		return p.database(true)
	case p.Words("alter", "template"):
		return p.alterTemplate()
	case p.Words("alter", "schema"):
		return p.alterSchema()
	case p.Words("alter", "system"):
		return p.alterSystem()
	case p.Words("alter", "default", "privileges"):
		return p.defaultPrivileges()
	default:
		return p.other()
	}
	table, err := p.Name()
	if err != nil {
		return nil, err
	}
	if st, err := p.alterOther(table, false); st != nil || err != nil {
		return st, err
	}
	return p.actions(p.Toks[start].Pos, ast.AlterTable{Table: table})
}

// actions parses the actions of ALTER TABLE; first is what all have in common. Only encodings, and a sort key with a distribution, stand side by side.
func (p *parser) actions(from int, first ast.AlterTable) (ast.Statement, error) {
	encoded := map[string]bool{}
	for {
		st := &ast.AlterTable{Table: first.Table, View: first.View}
		if err := p.action(st); err != nil {
			return nil, err
		}
		if st.Action == "alter encode" {
			if encoded[st.Old.Name] {
				return nil, sqlstate.DuplicateColumn.Errorf("column \"%s\" specified more than once", st.Old.Name).At(st.Old.Offset())
			}
			encoded[st.Old.Name] = true
		}
		if !p.IsOp(",") || !combines(st.Action) {
			return st, nil
		}
		p.I++
		if !p.Is("alter") {
			return nil, p.Unexpected()
		}
		ast.SetSpan(st, from, p.end())
		p.out = append(p.out, st)
	}
}

// combines says that another action may follow one of this kind.
func combines(action string) bool {
	return action == "alter sortkey" || action == "alter diststyle" || action == "alter encode"
}

// action parses one action of ALTER TABLE.
func (p *parser) action(st *ast.AlterTable) (err error) {
	switch {
	case p.Words("add"):
		if p.Is("constraint") || p.Is("primary") || p.Is("unique") || p.Is("foreign") || p.Is("check") {
			st.Action = "add constraint"
			st.Cons, err = p.constraint()
			return err
		}
		p.Words("column")
		st.Action = "add column"
		c, err := p.column()
		if err != nil {
			return err
		}
		st.Column = *c
		return nil
	case p.Words("drop", "constraint"):
		st.Action = "drop constraint"
		return p.dropped(st)
	case p.Words("drop"):
		p.Words("column")
		st.Action = "drop column"
		return p.dropped(st)
	case p.Words("rename", "to"):
		st.Action = "rename"
		st.To, err = p.Ident()
		return err
	case p.Words("rename"):
		p.Words("column")
		st.Action = "rename column"
		if st.Old, err = p.Column(); err != nil {
			return err
		}
		if err := p.Expect("to"); err != nil {
			return err
		}
		st.To, err = p.Ident()
		return err
	case p.Words("owner", "to"):
		st.Action = "owner"
		st.To, err = p.userName(p.Label)
		return err
	case p.Words("alter"):
		return p.alterAction(st)
	}
	return p.Unexpected()
}

// dropped parses the name of what is dropped, with CASCADE.
func (p *parser) dropped(st *ast.AlterTable) (err error) {
	if st.Old, err = p.Column(); err != nil {
		return err
	}
	st.Casc = p.Words("cascade")
	if !st.Casc {
		p.Words("restrict")
	}
	return nil
}

// alterAction parses what follows ALTER TABLE t ALTER.
func (p *parser) alterAction(st *ast.AlterTable) (err error) {
	t := p.Tok()
	switch {
	case p.Words("diststyle"):
		st.Action = "alter diststyle"
		w := p.Tok()
		if !p.Words("even") && !p.Words("all") && !p.Words("auto") && !p.Words("key") {
			return p.Unexpected()
		}
		st.Dist = w.Text
		if w.Text != "key" {
			return nil
		}
		if err := p.Expect("distkey"); err != nil {
			return err
		}
		return p.distKey(st)
	case p.Words("distkey"):
		st.Action, st.Dist = "alter diststyle", "key"
		return p.distKey(st)
	case p.Is("compound"), p.Is("interleaved"), p.Is("sortkey"):
		st.Action = "alter sortkey"
		if !p.Is("sortkey") {
			st.Sort = t.Text
			p.I++
		}
		if err := p.Expect("sortkey"); err != nil {
			return err
		}
		if w := p.Tok(); st.Sort == "" && (p.Words("auto") || p.Words("none")) {
			st.Sort = w.Text
			return nil
		}
		st.Keys, err = p.Columns()
		return err
	case p.Words("encode", "auto"):
		st.Action = "alter encode"
		st.Column.Encode = "auto"
		return nil
	}
	p.Words("column")
	if st.Old, err = p.Column(); err != nil {
		return err
	}
	st.Column.Name, st.Column.Pos = st.Old.Name, st.Old.Pos
	switch {
	case p.Words("type"):
		st.Action = "alter type"
		st.Column.Type, err = p.Type()
		return err
	case p.Words("encode"):
		st.Action = "alter encode"
		st.Column.Encode, err = p.Label()
		return err
	case p.Is("set"), p.Is("drop"):
		return p.alterColumnRefused()
	}
	return p.Unexpected()
}

// alterColumnRefused is the refusal of PostgreSQL's ALTER COLUMN SET and DROP, in the words that users report.
// https://docs.aws.amazon.com/redshift/latest/dg/c_redshift-sql-implementated-differently.html
func (p *parser) alterColumnRefused() error {
	what := upper(p.Tok().Text) + " " + upper(p.Ahead(1).Text)
	switch {
	case p.IsAt(1, "default"):
		what = "SET/DROP DEFAULT"
	case p.IsAt(1, "not"):
		what += " NULL"
	case p.IsAt(1, "data"):
		what += " TYPE"
	}
	return p.Unsupported(p.Tok(), "ALTER COLUMN "+what)
}

// distKey parses the column of ALTER DISTKEY, with or without parentheses.
func (p *parser) distKey(st *ast.AlterTable) error {
	if p.IsOp("(") {
		cols, err := p.Columns()
		st.Keys = cols
		return err
	}
	c, err := p.Column()
	st.Keys = []ast.ColumnName{c}
	return err
}
