package parse

import (
	"strings"

	"github.com/redshiftsim/redshiftsim/engine/ast"
)

// others are the statements that are known by their leading words alone, by the first of them: those that Redshift has and this grammar has not, and
// those of PostgreSQL 8.0 that Redshift reads and refuses. Longer forms come before shorter ones.
// https://docs.aws.amazon.com/redshift/latest/dg/c_SQL_commands.html
var others = map[string][]string{
	"create": {
		"create or replace external view", "create or replace function", "create or replace library", "create or replace model", "create or replace procedure",
		"create or replace external function", "create or replace rule", "create or replace language", "create or replace masking policy", "create or replace template",
		"create aggregate", "create cast", "create conversion", "create database", "create datashare", "create domain", "create external function", "create external model",
		"create external protected view", "create external schema", "create external table", "create external view", "create function", "create group",
		"create identity provider", "create index", "create integration", "create language", "create library", "create masking policy", "create materialized view",
		"create model", "create operator", "create procedure", "create protected view", "create rls policy", "create role", "create rule", "create sequence", "create tablespace",
		"create template", "create trigger", "create type", "create unique index", "create user", "create constraint trigger", "create temp view",
		"create temporary view", "create temp sequence", "create or replace temp view", "create or replace temporary view",
	},
	"drop": {
		"drop aggregate", "drop cast", "drop conversion", "drop database", "drop datashare", "drop domain", "drop external schema", "drop external table",
		"drop external view", "drop function", "drop group", "drop identity provider", "drop index", "drop integration", "drop language", "drop library",
		"drop masking policy", "drop materialized view", "drop model", "drop operator", "drop procedure", "drop rls policy", "drop role", "drop rule", "drop sequence",
		"drop tablespace", "drop template", "drop trigger", "drop type", "drop user", "drop external database",
	},
	"alter": {
		"alter aggregate", "alter database", "alter datashare", "alter default privileges", "alter domain", "alter external schema", "alter external table",
		"alter external view", "alter function", "alter group", "alter identity provider", "alter index", "alter integration", "alter language", "alter masking policy",
		"alter materialized view", "alter model", "alter procedure", "alter rls policy", "alter role", "alter schema", "alter sequence", "alter system", "alter template",
		"alter trigger", "alter type", "alter user", "alter view",
	},
	"show": {
		"show column grants", "show columns", "show constraints", "show databases", "show datashares", "show external table", "show functions", "show grants",
		"show identity provider", "show masking policies", "show model", "show parameters", "show policies", "show procedure", "show procedures", "show rls policies", "show roles",
		"show schemas", "show table", "show tables", "show template", "show templates", "show users", "show view", "show views",
	},
	"attach":     {"attach masking policy", "attach rls policy"},
	"detach":     {"detach masking policy", "detach rls policy"},
	"desc":       {"desc datashare", "desc identity provider"},
	"refresh":    {"refresh materialized view"},
	"call":       {"call"},
	"cancel":     {"cancel"},
	"checkpoint": {"checkpoint"},
	"close":      {"close"},
	"cluster":    {"cluster"},
	"declare":    {"declare"},
	"do":         {"do"},
	"fetch":      {"fetch"},
	"grant":      {"grant"},
	"listen":     {"listen"},
	"load":       {"load"},
	"lock":       {"lock"},
	"merge":      {"merge"},
	"move":       {"move"},
	"notify":     {"notify"},
	"reindex":    {"reindex"},
	"release":    {"release"},
	"revoke":     {"revoke"},
	"savepoint":  {"savepoint"},
	"unlisten":   {"unlisten"},
	"use":        {"use"},
}

// showWords are the words after SHOW that begin another statement than SHOW of a parameter.
var showWords = secondWords(others["show"])

// secondWords is the set of the words that come second.
func secondWords(list []string) map[string]bool {
	m := map[string]bool{}
	for _, s := range list {
		m[strings.Fields(s)[1]] = true
	}
	return m
}

// other recognises a statement by its leading words. Where they lead nowhere, the error is at the first that does not fit.
func (p *parser) other() (ast.Statement, error) {
	list := others[p.Tok().Text]
	if list == nil {
		return nil, p.Unexpected()
	}
	furthest := 0
	for _, kind := range list {
		words := strings.Fields(kind)
		n := 0
		for n < len(words) && p.IsAt(n, words[n]) {
			n++
		}
		if n == len(words) {
			return p.rest(upper(kind))
		}
		furthest = max(furthest, n)
	}
	p.I += furthest
	return nil, p.Unexpected()
}

// rest takes all of the statement as one of a kind that is known by name only.
func (p *parser) rest(kind string) (ast.Statement, error) {
	from := p.Tok().Pos
	for p.I++; !p.done(); p.I++ {
	}
	return &ast.Other{Kind: kind, Text: strings.Clone(p.Src[from:p.end()])}, nil
}
