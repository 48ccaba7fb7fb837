package system

import (
	"strings"

	"github.com/redshiftsim/redshiftsim/engine/catalog"
	"github.com/redshiftsim/redshiftsim/engine/function"
	"github.com/redshiftsim/redshiftsim/engine/parse/lex"
	"github.com/redshiftsim/redshiftsim/internal/types"
)

// printed are defaults of one word as clusters print them.
var printed = map[string]string{
	"true": "true", "false": "false", "current_user": `"current_user"()`, "current_date": "('now'::text)::date",
	"sysdate": "('now'::text)::timestamp without time zone", "current_timestamp": "('now'::text)::timestamp with time zone",
}

// defaultText prints a column's default as pg_attrdef.adsrc, SHOW TABLE and the views of columns have it, "" = none. A constant has the column's type, words are in
// small letters; what else stands in an expression is as it was written. docs/decisions/0087-printed-defaults.md
//
//	'x' of a VARCHAR    'x'::character varying        TRUE        true
//	'1' of an INT       1                             sysdate     ('now'::text)::timestamp without time zone
func defaultText(c *catalog.Column) string {
	tokens, err := lex.Scan(c.Default, lex.Options{CaseSensitive: true})
	if err != nil || len(tokens) < 2 { // the last is the end
		return c.Default
	}
	first := &tokens[0]
	if len(tokens) == 3 && first.Kind == lex.Op && tokens[1].Kind == lex.Number {
		return strings.TrimPrefix(first.Text, "+") + tokens[1].Text
	}
	if len(tokens) > 2 {
		return lowered(c.Default, tokens)
	}
	switch {
	case first.Kind == lex.String:
		return constantText(first.Text, c)
	case first.Kind == lex.Word && first.Text == "null":
		if c.Type.Modifier() == -1 { // PostgreSQL keeps no default that is NULL of the very type
			return ""
		}
		return "NULL::" + constantType(c.Type)
	case first.Kind == lex.Word && printed[first.Text] != "":
		return printed[first.Text]
	}
	return lowered(c.Default, tokens)
}

// plainLength is what CHARACTER VARYING without a length holds.
const plainLength = 256

// constantText prints a literal in quotes as a constant of the column's type.
func constantText(s string, c *catalog.Column) string {
	switch {
	case c.Type.Kind == types.Bool:
		if b, err := types.ParseBool(s); err == nil {
			return map[bool]string{true: "true", false: "false"}[b]
		}
	case c.Type.IsNumber():
		if n := strings.TrimSpace(s); n != "" && strings.Trim(n, "0123456789+-eE.") == "" {
			return strings.TrimPrefix(n, "+")
		}
	case c.Type.IsText() && len(s) > plainLength: // read back, ::character varying would cut it
	case c.Type.IsText(), c.Type.IsDatetime():
		return function.QuoteLiteral(s) + "::" + constantType(c.Type)
	}
	return c.Default
}

// constantType is the name of a type behind a constant, without length and precision.
func constantType(t types.Type) string {
	if t.Kind == types.Char {
		return "bpchar"
	}
	return plainName(t)
}

// lowered puts the words of a text in small letters, but for NULL.
func lowered(text string, tokens []lex.Token) string {
	b := []byte(text)
	for i := range tokens {
		if t := &tokens[i]; t.Kind == lex.Word && t.Text != "null" {
			copy(b[t.Pos:t.End], strings.ToLower(text[t.Pos:t.End]))
		}
	}
	return string(b)
}
