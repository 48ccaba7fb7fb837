package parse

import (
	"strings"

	"github.com/redshiftsim/redshiftsim/engine/ast"
	"github.com/redshiftsim/redshiftsim/engine/parse/lex"
)

// transaction parses BEGIN, START TRANSACTION, COMMIT, END, ROLLBACK and ABORT.
// https://docs.aws.amazon.com/redshift/latest/dg/r_BEGIN.html
func (p *parser) transaction() (ast.Statement, error) {
	t := p.Tok()
	st := &ast.Transaction{Kind: t.Text}
	p.I++
	switch t.Text {
	case "start":
		if err := p.Expect("transaction"); err != nil {
			return nil, err
		}
		st.Kind = "begin"
	case "end":
		st.Kind = "commit"
	case "abort":
		st.Kind = "rollback"
	}
	if t.Text != "start" && !p.Words("work") {
		p.Words("transaction")
	}
	if st.Kind == "rollback" && p.Is("to") {
		return nil, p.Unsupported(p.Tok(), "ROLLBACK TO SAVEPOINT")
	}
	for st.Kind == "begin" && !p.done() {
		if err := p.mode(st); err != nil {
			return nil, err
		}
		p.Op(",")
	}
	return st, nil
}

// mode parses one mode of a transaction.
func (p *parser) mode(st *ast.Transaction) error {
	switch {
	case p.Words("isolation", "level"):
		from := p.I
		switch {
		case p.Words("serializable"), p.Words("snapshot"), p.Words("read", "committed"), p.Words("read", "uncommitted"), p.Words("repeatable", "read"):
		default:
			return p.Unexpected()
		}
		st.Isolation = p.Toks[from].Text
		if p.I > from+1 {
			st.Isolation += " " + p.Toks[from+1].Text
		}
	case p.Words("read", "only"):
		st.ReadOnly, st.ReadWrite = true, false
	case p.Words("read", "write"):
		st.ReadOnly, st.ReadWrite = false, true
	case p.Is("deferrable"), p.Is("not") && p.IsAt(1, "deferrable"):
		return p.Unsupported(p.Tok(), "DEFERRABLE")
	default:
		return p.Unexpected()
	}
	return nil
}

// set parses SET.
// https://docs.aws.amazon.com/redshift/latest/dg/r_SET.html
func (p *parser) set() (ast.Statement, error) {
	p.I++
	switch {
	case p.Words("transaction"):
		return p.transactionMode(false)
	case p.Words("session", "authorization"), p.Words("session", "session", "authorization"):
		return p.sessionAuthorization(false, false)
	case p.Words("local", "session", "authorization"):
		return p.sessionAuthorization(true, false)
	case p.Words("session", "characteristics", "as", "transaction"):
		return p.transactionMode(true)
	}
	st := &ast.Set{Local: p.Words("local")}
	if !st.Local {
		p.Words("session")
	}
	if p.Words("time", "zone") {
		st.Name = "timezone"
	} else {
		name, err := p.parameter()
		if err != nil {
			return nil, err
		}
		st.Name = name
		if !p.Words("to") && !p.Op("=") && !(name == "timezone" && p.Is("interval")) {
			return nil, p.Unexpected()
		}
	}
	if st.Name == "timezone" && p.Is("interval") && p.Toks[p.I+1].Kind == lex.String { // INTERVAL '-8:00' HOUR TO MINUTE
		st.Value = p.Toks[p.I+1].Text
		p.I += 2
		if p.Words("hour") && p.Words("to") {
			return st, p.Expect("minute")
		}
		return st, nil
	}
	if p.Words("default") {
		st.IsNull = true
		return st, nil
	}
	var values []string
	for {
		v, err := p.settingValue()
		if err != nil {
			return nil, err
		}
		values = append(values, v)
		if !p.Op(",") {
			break
		}
	}
	st.Value = strings.Join(values, ", ")
	return st, nil
}

// alterSystem parses ALTER SYSTEM SET name {TO | =} value.
// https://docs.aws.amazon.com/redshift/latest/dg/r_ALTER_SYSTEM.html
func (p *parser) alterSystem() (ast.Statement, error) {
	st := &ast.AlterSystem{}
	err := p.Expect("set")
	if err != nil {
		return nil, err
	}
	if st.Name, st.Pos, err = p.ident(); err != nil {
		return nil, err
	}
	if !p.Words("to") && !p.Op("=") {
		return nil, p.Unexpected()
	}
	st.Value, err = p.settingValue()
	return st, err
}

// parameter reads a parameter's name.
func (p *parser) parameter() (string, error) {
	n, err := p.Name()
	return strings.Join(n.Parts, "."), err
}

// settingValue reads one value of SET: a word, a string or a number.
func (p *parser) settingValue() (string, error) {
	sign := ""
	if p.Op("-") {
		sign = "-"
	}
	t := p.Tok()
	switch {
	case t.Kind == lex.Number, sign == "" && (t.Kind == lex.Word || t.Kind == lex.Quoted || t.Kind == lex.String):
		p.I++
		return sign + t.Text, nil
	case sign == "" && t.Kind == lex.Op && t.Text == "$" && p.IsAt(1, "user"): // $user without its quotes
		p.I += 2
		return "$user", nil
	}
	return "", p.Unexpected()
}

// reset parses RESET.
// https://docs.aws.amazon.com/redshift/latest/dg/r_RESET.html
func (p *parser) reset() (ast.Statement, error) {
	p.I++
	switch {
	case p.Words("all"):
		return &ast.Reset{Name: "all"}, nil
	case p.Words("time", "zone"):
		return &ast.Reset{Name: "timezone"}, nil
	case p.Words("session", "authorization"):
		return p.sessionAuthorization(false, true)
	}
	name, err := p.parameter()
	return &ast.Reset{Name: name}, err
}

// show parses SHOW of a parameter; SHOW TABLES and its like are other statements.
// https://docs.aws.amazon.com/redshift/latest/dg/r_SHOW.html
func (p *parser) show() (ast.Statement, error) {
	start := p.I
	p.I++
	switch {
	case p.Words("all"):
		return &ast.Show{Name: "all"}, nil
	case p.Words("time", "zone"):
		return &ast.Show{Name: "timezone"}, nil
	case p.Words("transaction", "isolation", "level"):
		return &ast.Show{Name: "transaction_isolation"}, nil
	case p.Is("session") && p.IsAt(1, "authorization"):
		p.I += 2
		return &ast.Show{Name: "session_authorization"}, nil
	}
	if st, err := p.showObjects(); st != nil || err != nil {
		return st, err
	}
	if p.Tok().Kind == lex.Word && showWords[p.Tok().Text] {
		p.I = start
		return p.other()
	}
	name, err := p.parameter()
	return &ast.Show{Name: name}, err
}

// prepare parses PREPARE name [(types)] AS statement.
// https://docs.aws.amazon.com/redshift/latest/dg/r_PREPARE.html
func (p *parser) prepare() (ast.Statement, error) {
	p.I++
	st := &ast.Prepare{}
	var err error
	if st.Name, err = p.Ident(); err != nil {
		return nil, err
	}
	if p.Op("(") {
		for {
			t, err := p.Type()
			if err != nil {
				return nil, err
			}
			st.Types = append(st.Types, t)
			if !p.Op(",") {
				break
			}
		}
		if err := p.ExpectOp(")"); err != nil {
			return nil, err
		}
	}
	if err := p.Expect("as"); err != nil {
		return nil, err
	}
	at := p.Tok().Pos
	if !p.planned() {
		return nil, p.Unexpected()
	}
	st.Stmt, err = p.whole(p.statement)
	st.Text = p.Src[at:p.end()]
	return st, err
}

// planned says whether a query or a change is next, which a plan is made of.
func (p *parser) planned() bool {
	return p.Is("select") || p.Is("with") || p.Is("insert") || p.Is("update") || p.Is("delete") || p.IsOp("(")
}

// execute parses EXECUTE name [(arguments)].
// https://docs.aws.amazon.com/redshift/latest/dg/r_EXECUTE.html
func (p *parser) execute() (ast.Statement, error) {
	p.I++
	st := &ast.Execute{}
	var err error
	if st.Name, err = p.Ident(); err != nil || !p.Op("(") {
		return st, err
	}
	for {
		x, _, err := p.scalar()
		if err != nil {
			return nil, err
		}
		st.Args = append(st.Args, x)
		if !p.Op(",") {
			return st, p.ExpectOp(")")
		}
	}
}

// deallocate parses DEALLOCATE [PREPARE] name | ALL.
// https://docs.aws.amazon.com/redshift/latest/dg/r_DEALLOCATE.html
func (p *parser) deallocate() (ast.Statement, error) {
	p.I++
	p.Words("prepare")
	if p.Words("all") {
		return &ast.Deallocate{Name: "all"}, nil
	}
	name, err := p.Ident()
	return &ast.Deallocate{Name: name}, err
}
