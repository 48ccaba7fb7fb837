package engine

import (
	"strconv"
	"strings"

	"github.com/redshiftsim/redshiftsim/engine/ast"
	"github.com/redshiftsim/redshiftsim/engine/catalog"
	"github.com/redshiftsim/redshiftsim/engine/function"
	"github.com/redshiftsim/redshiftsim/engine/parse"
	"github.com/redshiftsim/redshiftsim/engine/principal"
	"github.com/redshiftsim/redshiftsim/engine/system"
	"github.com/redshiftsim/redshiftsim/internal/sqlstate"
	"github.com/redshiftsim/redshiftsim/internal/types"
)

// regCast answers the conversions to and from regclass, regproc, regprocedure and regtype, which travel as the names that they print; known is false for other
// functions. A number that nothing has prints as itself, as in PostgreSQL.
// https://www.postgresql.org/docs/8.0/datatype-oid.html
func (s *Session) regCast(name string, d types.Datum) (answer types.Datum, known bool, err error) {
	way, kind, _ := strings.Cut(name, " ")
	if d.Type.Lane() == types.LaneText {
		d.Text = strings.TrimSpace(d.Text)
		if n, e := strconv.ParseInt(d.Text, 10, 64); e == nil {
			d = types.Datum{Type: types.TOID, Int: n}
		}
	}
	var text string
	var id int64
	switch kind {
	case "regclass":
		text, id, err = s.regclass(d)
	case "regprocedure":
		text, id, err = s.regprocedure(d)
	case "regtype":
		text, id, err = s.regtype(d)
	case "regproc":
		text, id, err = s.regproc(d)
	default:
		return types.Datum{}, false, nil
	}
	if way == "of" {
		return types.Datum{Type: types.TOID, Int: id}, true, err
	}
	return types.Datum{Type: types.TText, Text: text}, true, err
}

// regclass is a relation by name or number, as it prints: without its schema where the search path leads to it.
func (s *Session) regclass(d types.Datum) (string, int64, error) {
	byName := d.Type.Lane() == types.LaneText
	r, err := s.relationArgument(d)
	if err != nil {
		if !byName {
			return strconv.FormatInt(d.Int, 10), d.Int, nil
		}
		return "", 0, err
	}
	key := catalog.KeyOf(r)
	text := function.QuoteIdent(key.Name)
	if found, err := s.catalog().Resolve(s.searchPath(), "", key.Name); err != nil || relationID(found) != relationID(r) {
		text = function.QuoteIdent(key.Schema) + "." + text
	}
	return text, int64(relationID(r)), nil
}

// relationID is the number of a table, a view or a system table.
func relationID(o any) uint32 {
	if v, ok := o.(*catalog.Virtual); ok {
		return v.ID
	}
	return catalog.IDOf(o)
}

// regprocedure is a function that SQL has made, by its signature or number; those of the book have no numbers.
func (s *Session) regprocedure(d types.Datum) (string, int64, error) {
	byName := d.Type.Lane() == types.LaneText
	f, builtin, err := s.functionArgument(d)
	switch {
	case err != nil && !byName:
		return strconv.FormatInt(d.Int, 10), d.Int, nil
	case err != nil:
		return "", 0, err
	case builtin:
		return "", 0, sqlstate.FeatureNotSupported.Errorf("type \"regprocedure\" is not supported for built-in functions")
	}
	return s.functionText(f, "("+strings.ReplaceAll(catalog.KindNames(f.Args), ", ", ",")+")"), int64(f.ID), nil
}

// regproc is a function by its name alone, of which there must be one, or by number. 0 is none, and prints as -.
// https://www.postgresql.org/docs/8.0/datatype-oid.html
func (s *Session) regproc(d types.Datum) (string, int64, error) {
	if d.Type.Lane() != types.LaneText {
		if d.Int == 0 {
			return "-", 0, nil
		}
		if name, ok := system.ProcName(d.Int); ok {
			return name, d.Int, nil
		}
		f, _, err := s.functionArgument(d)
		if err != nil {
			return strconv.FormatInt(d.Int, 10), d.Int, nil
		}
		return s.functionText(f, ""), int64(f.ID), nil
	}
	if d.Text == "-" {
		return d.Text, 0, nil
	}
	stmts, err := parse.Parse("DROP TABLE " + d.Text) // a name, however it is written
	drop, ok := any(nil), false
	if err == nil && len(stmts) == 1 {
		drop, ok = stmts[0].(*ast.Drop)
	}
	if !ok || len(drop.(*ast.Drop).Names) != 1 {
		return "", 0, sqlstate.InvalidText.Errorf("invalid name syntax")
	}
	n := drop.(*ast.Drop).Names[0]
	if space := n.Schema(); space == "" || space == "pg_catalog" {
		switch id, count := system.ProcNamed(n.Object()); {
		case count > 1:
			return "", 0, moreThanOne(d.Text)
		case count == 1:
			return n.Object(), id, nil
		}
	}
	if sets := s.functions(n.Schema(), n.Object()); len(sets) > 0 { // the first of the search path
		set := sets[0]
		if len(set.List) > 1 {
			return "", 0, moreThanOne(d.Text)
		}
		return s.functionText(set.List[0], ""), int64(set.List[0].ID), nil
	}
	return "", 0, sqlstate.UndefinedFunction.Errorf("function \"%s\" does not exist", d.Text)
}

func moreThanOne(name string) error {
	return sqlstate.AmbiguousFunction.Errorf("more than one function named \"%s\"", name)
}

// functionText is a function's name, with its schema where the search path does not lead to it, and what follows the name.
func (s *Session) functionText(f *catalog.Function, args string) string {
	text := function.QuoteIdent(f.Name) + args
	if !s.functionVisible(f) {
		text = function.QuoteIdent(f.Schema) + "." + text
	}
	return text
}

// pseudoTypes are PostgreSQL's types that no column has but functions may: psql asks which ones give a trigger.
// https://www.postgresql.org/docs/8.0/datatype-pseudo.html
var pseudoTypes = map[string]int64{
	`"any"`: 2276, "anyarray": 2277, "anyelement": 2283, "record": 2249, "cstring": 2275, "trigger": 2279, "language_handler": 2280, "void": 2278, "internal": 2281, "opaque": 2282,
}

// regtype is a type by name or number, without modifiers.
func (s *Session) regtype(d types.Datum) (string, int64, error) {
	if d.Type.Lane() != types.LaneText {
		if t, ok := types.ByOID(d.Int); ok {
			return t.String(), d.Int, nil
		}
		for name, id := range pseudoTypes {
			if id == d.Int {
				return name, id, nil
			}
		}
		return strconv.FormatInt(d.Int, 10), d.Int, nil
	}
	if name := strings.TrimPrefix(d.Text, "pg_catalog."); pseudoTypes[name] != 0 {
		return name, pseudoTypes[name], nil
	}
	stmts, err := parse.Parse("SELECT CAST(NULL AS " + d.Text + ")")
	if err == nil && len(stmts) == 1 {
		if q, ok := stmts[0].(*ast.Select); ok && len(q.Items) == 1 {
			if c, ok := q.Items[0].Expr.(*ast.Cast); ok && c.Type.Known && c.Type.Err == nil {
				t := types.Type{Kind: c.Type.Type.Kind}
				return t.String(), int64(t.OID()), nil
			}
		}
	}
	return "", 0, sqlstate.UndefinedObject.Errorf("type \"%s\" does not exist", d.Text)
}

// makeACLItem is makeaclitem(user, group, grantor, privileges, with grant option): an item of a list of privileges. The numbers are those of the
// principals, 0 = none; without a user and a group it is public's. Privileges are words with commas between.
// https://www.postgresql.org/docs/8.0/functions-info.html
func (s *Session) makeACLItem(args []types.Datum) (types.Datum, error) {
	item := principal.Item{By: int(args[2].Int)}
	switch {
	case args[0].Int != 0:
		item.To = principal.Identity{Kind: principal.ToUser, ID: int(args[0].Int)}
	case args[1].Int != 0:
		item.To = principal.Identity{Kind: principal.ToGroup, ID: int(args[1].Int)}
	}
	for _, w := range strings.Split(args[3].Text, ",") {
		p, ok := principal.ParsePrivilege(w)
		if !ok {
			return types.Datum{}, sqlstate.InvalidParameterValue.Errorf("unrecognized privilege type: \"%s\"", strings.TrimSpace(w))
		}
		item.Can |= p
	}
	if args[4].Bool {
		item.Grant = item.Can
	}
	t := types.Type{Kind: types.ACLItem}
	list, err := types.ArrayItems(principal.ACL{item}.Text(s.catalog().NameOf), types.Type{Kind: types.ACLItemArray})
	if err != nil || len(list) != 1 {
		return types.Datum{}, sqlstate.Internal.Errorf("an item of a list of privileges is no item")
	}
	return types.Datum{Type: t, Text: list[0].Text}, nil
}
