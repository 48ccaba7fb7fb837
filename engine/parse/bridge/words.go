package bridge

import (
	"strings"

	"github.com/redshiftsim/redshiftsim/engine/parse/lex"
)

// reserved holds the words that cannot be a column's or a table's name unquoted. The documented list is longer; the server (and AWS's own samples)
// take many of its words as names, so only what the grammar needs is here.
// https://docs.aws.amazon.com/redshift/latest/dg/r_pg_keywords.html
var reserved = set(`all analyse analyze and any as asc between both case cast check collate column constraint create cross
 default deferrable desc distinct do else end except false for foreign freeze from full grant group having ilike in initially inner intersect into is isnull join
 leading left like limit minus natural not notnull null offset on only or order outer overlaps placing primary references right select similar some
 table then to top trailing true union unique unnest user using when where with without qualify returning fetch
 current_date current_time current_timestamp current_user session_user localtime localtimestamp sysdate`)

// noAlias holds further words that end an expression instead of naming it (an alias without AS).
var noAlias = set(`ignore respect over within qualify start connect pivot unpivot window fetch set values escape ilike exclude window nulls rows`)

// niladic are functions without parentheses.
var niladic = set(`current_date current_time current_timestamp current_user session_user user localtime localtimestamp sysdate`)

// dateparts are functions whose first argument is a bare word.
var dateparts = set(`dateadd datediff date_part datepart date_trunc dateadd datediff date_part_year`)

// aliasToken says whether a token names what stands before it, though AS does not.
func aliasToken(t *lex.Token) bool {
	return t.Kind == lex.Quoted || t.Kind == lex.Word && !reserved[t.Text] && !noAlias[t.Text]
}

// Reserved says whether a word must stand in double quotes to be the name of a column, a table or an alias everywhere.
func Reserved(word string) bool { return reserved[word] || noAlias[word] }

// set makes a set of the words of s.
func set(s string) map[string]bool {
	m := map[string]bool{}
	for _, w := range strings.Fields(s) {
		m[w] = true
	}
	return m
}
