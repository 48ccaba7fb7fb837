package system

import (
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"hash/fnv"
	"io"
	"strings"

	"github.com/redshiftsim/redshiftsim/engine/parse/lex"
)

// hashVersion is query_hash_version: another way to hash is another version.
const hashVersion = 1

// queryHash is the hash of a statement's text, as base64 of 8 bytes; generic = of what is left without its literals. ran is the query that
// was run for it: its own record, or that of the kept result.
//
//	SELECT *    FROM t WHERE a = 1 -- x   ->  select a from t where a = 1   ->  select a from t where a = ?
//
// Blanks, comments and the case of names do not count. The list "*" counts as the names that it stands for, so queries whose results are the same columns by
// either way of writing hash alike. A number behind LIMIT, OFFSET, TOP or FETCH is no literal, and definitions have none.
// https://docs.aws.amazon.com/redshift/latest/dg/SYS_QUERY_HISTORY.html
func (r *Record) queryHash(ran *Record, generic bool) string {
	toks, err := lex.Scan(r.Text, lex.Options{})
	if err != nil {
		toks = []lex.Token{{Kind: lex.Word, Text: r.Text}}
	}
	h := fnv.New64a()
	for i, t := range toks {
		text := t.Text
		switch {
		case t.Kind == lex.EOF, t.Kind == lex.Op && text == ";":
			continue
		case ran.Plan != nil && star(toks, i):
			text = ran.outputs()
		case generic && r.isLiteral(toks, i):
			text = "?"
		case t.Kind == lex.String:
			text = "'" + text
		case t.Kind == lex.Param:
			text = "$" + text
		}
		_, _ = io.WriteString(h, text)
		_, _ = h.Write([]byte{0})
	}
	return base64.StdEncoding.EncodeToString(h.Sum(nil))
}

// star says whether token i is the whole list of a SELECT that the statement begins with.
func star(toks []lex.Token, i int) bool {
	return i == 1 && toks[0].Text == "select" && toks[1].Kind == lex.Op && toks[1].Text == "*" && toks[2].Kind == lex.Word && toks[2].Text == "from"
}

// outputs are the names of the result's columns, as a list.
func (r *Record) outputs() string {
	var b strings.Builder
	for i, c := range r.Root().Columns() {
		if i > 0 {
			b.WriteString("\x00,\x00")
		}
		b.WriteString(c.Name)
	}
	return b.String()
}

// isLiteral says whether token i is a literal of a query or a change.
func (r *Record) isLiteral(toks []lex.Token, i int) bool {
	switch {
	case toks[i].Kind == lex.String:
	case toks[i].Kind != lex.Number:
		return false
	case i > 0 && toks[i-1].Kind == lex.Word:
		switch toks[i-1].Text {
		case "limit", "offset", "top", "first", "next":
			return false
		}
	}
	switch queryType(r.Kind) {
	case "DDL", "UTILITY":
		return false
	}
	return true
}

// uuid is query_uuid: of no other statement of any cluster. It is made of the cluster's namespace and the statement's number (version 8 of RFC 9562).
func (e *Env) uuid(x *Record) string {
	sum := sha256.Sum256(fmt.Appendf(nil, "%s %d", e.Namespace(), x.Number))
	u := sum[:16]
	u[6], u[8] = u[6]&0x0f|0x80, u[8]&0x3f|0x80
	return fmt.Sprintf("%x-%x-%x-%x-%x", u[:4], u[4:6], u[6:8], u[8:10], u[10:])
}
