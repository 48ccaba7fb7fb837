package parse

import (
	"strconv"
	"strings"

	"github.com/redshiftsim/redshiftsim/engine/ast"
	"github.com/redshiftsim/redshiftsim/engine/parse/bridge"
	"github.com/redshiftsim/redshiftsim/engine/parse/lex"
)

// Procedure parses the body of a procedure in PL/pgSQL. Offsets in the tree, and in an error, are offsets in body.
// https://docs.aws.amazon.com/redshift/latest/dg/c_PLpgSQL-structure.html
func Procedure(body string, o Options) (*ast.Block, error) {
	toks, err := lex.Scan(body, o)
	if err != nil {
		return nil, err
	}
	p := &parser{P: bridge.New(body, toks), opts: o}
	return p.procedure()
}

// Variables puts parameters, $1, $2 and so on, in the places of the names in a text of SQL that are variables of PL/pgSQL. variable is asked about each name
// with its qualifiers, and about $n, in the order of the text; the n-th that it knows becomes $n, be it what the name of a column might be. A name with a
// parenthesis behind it is a function. As PostgreSQL 8.0 did it, and as the statements of procedures stand in SVL_STATEMENTTEXT.
//
//	INSERT INTO t VALUES (a, rec.b)  ->  INSERT INTO t VALUES ( $1 , $2 )
//
// https://docs.aws.amazon.com/redshift/latest/dg/stored-procedure-transaction-management.html
func Variables(text string, o Options, variable func(parts []string) bool) (string, error) {
	toks, err := lex.Scan(text, o)
	if err != nil {
		return "", err
	}
	var out strings.Builder
	done, n := 0, 0
	for i := 0; i < len(toks); i++ {
		t := &toks[i]
		var parts []string
		last := i
		switch t.Kind {
		case lex.Param:
			parts = []string{"$" + t.Text}
		case lex.Word, lex.Quoted:
			parts, last = chain(toks, i)
		default:
			continue
		}
		i = last
		if next := &toks[last+1]; next.Kind == lex.Op && next.Text == "(" && t.Kind != lex.Param {
			continue
		}
		if !variable(parts) {
			continue
		}
		n++
		out.WriteString(text[done:t.Pos])
		if t.Pos > 0 && !isBlank(text[t.Pos-1]) {
			out.WriteByte(' ')
		}
		out.WriteString("$" + strconv.Itoa(n))
		if done = toks[last].End; done < len(text) && !isBlank(text[done]) {
			out.WriteByte(' ')
		}
	}
	if n == 0 {
		return text, nil
	}
	out.WriteString(text[done:])
	return out.String(), nil
}

// chain is the name with its qualifiers that begins with token i, and the last token of it. toks ends with EOF.
func chain(toks []lex.Token, i int) (parts []string, last int) {
	parts = []string{toks[i].Text}
	for last = i; toks[last+1].Kind == lex.Op && toks[last+1].Text == "." && (toks[last+2].Kind == lex.Word || toks[last+2].Kind == lex.Quoted); last += 2 {
		parts = append(parts, toks[last+2].Text)
	}
	return parts, last
}

func isBlank(c byte) bool { return c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\f' }
