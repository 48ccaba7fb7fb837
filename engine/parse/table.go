package parse

import (
	"strconv"
	"strings"

	"github.com/redshiftsim/redshiftsim/engine/ast"
	"github.com/redshiftsim/redshiftsim/engine/parse/lex"
	"github.com/redshiftsim/redshiftsim/internal/sqlstate"
)

// create parses CREATE.
func (p *parser) create() (ast.Statement, error) {
	start := p.I
	p.I++
	replace := p.Words("or", "replace")
	switch {
	case p.Words("view"):
		return p.createView(replace)
	case p.Words("procedure"):
		return p.createRoutine(&ast.CreateRoutine{Replace: replace, Procedure: true})
	case p.Words("function"):
		return p.createRoutine(&ast.CreateRoutine{Replace: replace})
	case p.Words("external", "function"):
		return p.createRoutine(&ast.CreateRoutine{Replace: replace, External: true})
	case p.Words("template"):
		return p.createTemplate(replace)
	case replace:
	case p.Words("external", "view"):
		return p.externalView(&ast.ExternalView{})
	case p.Words("external", "protected", "view"):
		return p.externalView(&ast.ExternalView{Protected: true})
	case p.Words("materialized", "view"):
		return p.createMaterializedView()
	case p.Words("datashare"):
		return p.datashare("create")
	case p.Words("schema"):
		return p.createSchema()
	case p.Words("external", "schema"):
		return p.createExternalSchema()
	case p.Words("external", "table"):
		return p.createExternalTable()
	case p.Words("identity", "provider"):
		return p.identityProvider("create")
	case p.Words("user"):
		return p.user(false)
	case p.Words("group"):
		return p.group(false)
	case p.Words("role"):
		return p.role(false)
	case p.Words("database"):
		return p.database(false)
	case p.Words("table"):
		return p.createTable(false)
	case p.Words("temp", "table"), p.Words("temporary", "table"), p.Words("local", "temp", "table"), p.Words("local", "temporary", "table"):
		return p.createTable(true)
	}
	p.I = start
	return p.other()
}

// ifNotExists reads IF NOT EXISTS.
func (p *parser) ifNotExists() bool { return p.Words("if", "not", "exists") }

// createTable parses CREATE TABLE, with columns, LIKE or AS.
// https://docs.aws.amazon.com/redshift/latest/dg/r_CREATE_TABLE_NEW.html
// https://docs.aws.amazon.com/redshift/latest/dg/r_CREATE_TABLE_AS.html
func (p *parser) createTable(temp bool) (ast.Statement, error) {
	st := &ast.CreateTable{Temp: temp, IfNotExists: p.ifNotExists()}
	var err error
	if st.Name, err = p.Name(); err != nil {
		return nil, err
	}
	if p.IsOp("(") && !p.namesAhead() {
		if err := p.elements(st); err != nil {
			return nil, err
		}
	} else if p.IsOp("(") {
		cols, err := p.Columns()
		if err != nil {
			return nil, err
		}
		for _, c := range cols {
			st.Names = append(st.Names, c.Name)
		}
	}
	if err := p.tableAttributes(&st.Attributes); err != nil {
		return nil, err
	}
	if len(st.Columns) > 0 || len(st.Likes) > 0 || len(st.Constraints) > 0 {
		return st, nil
	}
	if err := p.Expect("as"); err != nil {
		return nil, err
	}
	st.Query, st.QueryText, err = p.inner()
	return st, err
}

// namesAhead says whether the parenthesis at the cursor holds only names: those of CREATE TABLE t (a, b) AS.
func (p *parser) namesAhead() bool {
	n := p.Ahead(1)
	end := p.Ahead(2)
	return (n.Kind == lex.Word || n.Kind == lex.Quoted) && end.Kind == lex.Op && (end.Text == "," || end.Text == ")")
}

// elements parses the parenthesised list of columns and constraints.
func (p *parser) elements(st *ast.CreateTable) error {
	p.I++
	for {
		switch {
		case p.Is("like"):
			if err := p.like(st); err != nil {
				return err
			}
		case p.Is("constraint"), p.Is("primary"), p.Is("unique"), p.Is("foreign"), p.Is("check"):
			c, err := p.constraint()
			if err != nil {
				return err
			}
			st.Constraints = append(st.Constraints, *c)
		default:
			c, err := p.column()
			if err != nil {
				return err
			}
			st.Columns = append(st.Columns, *c)
		}
		if !p.Op(",") {
			break
		}
	}
	return p.ExpectOp(")")
}

// like parses LIKE parent [INCLUDING | EXCLUDING DEFAULTS].
func (p *parser) like(st *ast.CreateTable) error {
	l := ast.LikeTable{Pos: ast.Pos(p.Tok().Pos), At: len(st.Columns)}
	p.I++
	var err error
	if l.Name, err = p.Name(); err != nil {
		return err
	}
	if p.Words("including", "defaults") {
		l.Defaults = true
	} else {
		p.Words("excluding", "defaults")
	}
	st.Likes = append(st.Likes, l)
	return nil
}

// tableAttributes parses BACKUP, DISTSTYLE, DISTKEY, SORTKEY and ENCODE AUTO, in any order.
func (p *parser) tableAttributes(st *ast.Attributes) error {
	for {
		t := p.Tok()
		switch { // each stands once
		case p.Is("backup") && st.Backup != "", p.Is("diststyle") && st.DistStyle != "", p.Is("distkey") && st.DistKey != nil,
			(p.Is("compound") || p.Is("interleaved") || p.Is("sortkey")) && (st.SortStyle != "" || len(st.SortKey) > 0):
			return p.Unexpected()
		case p.Words("backup"):
			w := p.Tok()
			if !p.Words("yes") && !p.Words("no") {
				return p.Unexpected()
			}
			st.Backup = w.Text
		case p.Words("diststyle"):
			w := p.Tok()
			if !p.Words("even") && !p.Words("key") && !p.Words("all") && !p.Words("auto") {
				return p.Unexpected()
			}
			st.DistStyle = w.Text
		case p.Words("distkey"):
			cols, err := p.keys()
			if err != nil {
				return err
			}
			if len(cols) > 1 {
				return p.Unsupported(t, "a DISTKEY of several columns")
			}
			st.DistKey = &cols[0]
		case p.Is("compound"), p.Is("interleaved"), p.Is("sortkey"):
			if !p.Is("sortkey") {
				st.SortStyle = t.Text
				p.I++
			}
			if err := p.Expect("sortkey"); err != nil {
				return err
			}
			if st.SortStyle == "" && p.Words("auto") {
				st.SortStyle = "auto"
				continue
			}
			cols, err := p.keys()
			if err != nil {
				return err
			}
			st.SortKey = cols
		case p.Words("encode", "auto"):
			st.EncodeAuto = true
		default:
			return nil
		}
	}
}

// keys parses the columns of DISTKEY and SORTKEY. CREATE TABLE AS may give them by number: such a name is digits.
func (p *parser) keys() ([]ast.ColumnName, error) {
	if p.Ahead(1).Kind != lex.Number {
		return p.Columns()
	}
	p.I++
	var out []ast.ColumnName
	for {
		t := p.Tok()
		if t.Kind != lex.Number {
			return nil, p.Unexpected()
		}
		p.I++
		out = append(out, ast.ColumnName{Pos: ast.Pos(t.Pos), Name: t.Text})
		if !p.Op(",") {
			return out, p.ExpectOp(")")
		}
	}
}

// column parses a column's definition.
func (p *parser) column() (*ast.ColumnDef, error) {
	c := &ast.ColumnDef{}
	var err error
	if c.Name, c.Pos, err = p.ident(); err != nil {
		return nil, err
	}
	if c.Type, err = p.Type(); err != nil {
		return nil, err
	}
	name := ""
	for {
		if p.Words("constraint") {
			if name, err = p.Ident(); err != nil {
				return nil, err
			}
		}
		ok, err := p.columnAttribute(c, name)
		if err != nil {
			return nil, err
		}
		if !ok && name != "" {
			return nil, p.Unexpected()
		}
		if !ok {
			return c, nil
		}
		name = ""
	}
}

// columnAttribute parses one attribute or constraint of a column; ok is false where there is none.
func (p *parser) columnAttribute(c *ast.ColumnDef, name string) (ok bool, err error) {
	t := p.Tok()
	switch { // each stands once
	case (p.Is("default") || p.Is("identity") || p.Is("generated")) && (c.Default != nil || c.Identity != nil), p.Is("encode") && c.Encode != "",
		p.Is("distkey") && c.DistKey, p.Is("sortkey") && c.SortKey, p.Is("collate") && c.Collate != "":
		return false, p.Unexpected()
	case p.Words("default"):
		p.Collated = true
		c.Default, c.DefaultText, err = p.scalar()
		p.Collated = false
		if seed, ok := identityCall(c.Default); ok {
			c.Identity, c.ByDefault = &seed.of, seed.byDefault
			c.Default, c.DefaultText = nil, ""
		}
	case p.Words("identity"):
		c.Identity, err = p.identity()
	case p.Words("generated"):
		for _, w := range []string{"by", "default", "as", "identity"} {
			if err := p.Expect(w); err != nil {
				return false, err
			}
		}
		c.ByDefault = true
		c.Identity, err = p.identity()
	case p.Words("encode"):
		c.Encode, err = p.Label()
	case p.Words("distkey"):
		c.DistKey = true
	case p.Words("sortkey"):
		c.SortKey = true
	case p.Words("collate"):
		c.Collate, err = p.Label()
	case p.Words("not", "null"):
		c.NotNull = true
	case p.Words("null"):
		c.Null = true
	case p.Words("unique"):
		c.Unique, c.UniqueName = true, name
	case p.Words("primary", "key"):
		c.Primary, c.PrimaryName = true, name
	case p.Words("references"):
		k := &ast.Constraint{Pos: ast.Pos(t.Pos), Kind: 'f', Name: name}
		err = p.references(k)
		c.References = k
	case p.Is("check"): // these words: https://github.com/jazzband/django-redshift-backend/issues/21
		return false, p.Unsupported(t, "ALTER/CREATE TABLE column CHECK constraint")
	default:
		return false, nil
	}
	return true, err
}

// generated is what a default says that is an identity's.
type generated struct {
	of        [2]int64
	byDefault bool
}

// identityCall reads "identity"(table, column, 'seed,step'::text), as pg_attrdef shows IDENTITY, and default_identity: DDL that was made of the catalog says
// so. https://github.com/awslabs/amazon-redshift-utils
func identityCall(e ast.Expr) (g generated, ok bool) {
	f, ok := e.(*ast.FuncCall)
	if !ok || len(f.Name) != 1 || len(f.Args) != 3 || f.Name[0] != "identity" && f.Name[0] != "default_identity" {
		return g, false
	}
	text := f.Args[2]
	if c, ok := text.(*ast.Cast); ok {
		text = c.X
	}
	l, ok := text.(*ast.Literal)
	if !ok || l.Kind != ast.String {
		return g, false
	}
	seed, step, ok := strings.Cut(l.Text, ",")
	var errs [2]error
	g.of[0], errs[0] = strconv.ParseInt(strings.TrimSpace(seed), 10, 64)
	g.of[1], errs[1] = strconv.ParseInt(strings.TrimSpace(step), 10, 64)
	g.byDefault = f.Name[0] == "default_identity"
	return g, ok && errs[0] == nil && errs[1] == nil
}

// identity parses (seed, step); without it they are 1 and 1.
func (p *parser) identity() (*[2]int64, error) {
	out := [2]int64{1, 1}
	if !p.Op("(") {
		return &out, nil
	}
	for i := range out {
		if i > 0 {
			if err := p.ExpectOp(","); err != nil {
				return nil, err
			}
		}
		n, err := p.integer()
		if err != nil {
			return nil, err
		}
		out[i] = n
	}
	return &out, p.ExpectOp(")")
}

// integer reads an integer with its sign.
func (p *parser) integer() (int64, error) {
	sign := ""
	if p.Op("-") {
		sign = "-"
	} else {
		p.Op("+")
	}
	t := p.Tok()
	if t.Kind != lex.Number {
		return 0, p.Unexpected()
	}
	n, err := strconv.ParseInt(sign+t.Text, 10, 64)
	if err != nil {
		return 0, p.Unexpected()
	}
	p.I++
	return n, nil
}

// outOfRange is the error of a number that no integer holds.
func (p *parser) outOfRange(t *lex.Token) error {
	return sqlstate.NumericOutOfRange.Errorf("value \"%s\" is out of range for type integer", t.Text).At(t.Pos)
}

// constraint parses a table constraint.
func (p *parser) constraint() (*ast.Constraint, error) {
	t := p.Tok()
	c := &ast.Constraint{Pos: ast.Pos(t.Pos)}
	var err error
	if p.Words("constraint") {
		if c.Name, err = p.Ident(); err != nil {
			return nil, err
		}
	}
	t = p.Tok()
	switch {
	case p.Words("primary", "key"):
		c.Kind = 'p'
	case p.Words("unique"):
		c.Kind = 'u'
	case p.Words("foreign", "key"):
		c.Kind = 'f'
	case p.Is("check"):
		return nil, p.Unsupported(t, "ALTER/CREATE TABLE CHECK constraint")
	default:
		return nil, p.Unexpected()
	}
	if c.Columns, err = p.Columns(); err != nil {
		return nil, err
	}
	if c.Kind == 'f' {
		if err := p.Expect("references"); err != nil {
			return nil, err
		}
		err = p.references(c)
	}
	return c, err
}

// references parses the table of a foreign key and its columns.
func (p *parser) references(c *ast.Constraint) (err error) {
	if c.RefTable, err = p.Name(); err != nil {
		return err
	}
	if p.IsOp("(") {
		c.RefColumns, err = p.Columns()
	}
	return err
}

// viewColumns parses the names that a view gives its columns, in parentheses; nil when they are not there.
func (p *parser) viewColumns() ([]string, error) {
	if !p.IsOp("(") {
		return nil, nil
	}
	cols, err := p.Columns()
	if err != nil {
		return nil, err
	}
	names := make([]string, 0, len(cols))
	for _, c := range cols {
		names = append(names, c.Name)
	}
	return names, nil
}

// createView parses CREATE [OR REPLACE] VIEW.
// https://docs.aws.amazon.com/redshift/latest/dg/r_CREATE_VIEW.html
func (p *parser) createView(replace bool) (ast.Statement, error) {
	st := &ast.CreateView{Replace: replace}
	var err error
	if st.Name, err = p.Name(); err != nil {
		return nil, err
	}
	if st.Columns, err = p.viewColumns(); err != nil {
		return nil, err
	}
	if err := p.Expect("as"); err != nil {
		return nil, err
	}
	if st.Query, st.Text, err = p.inner(); err != nil {
		return nil, err
	}
	st.LateBinding = p.Words("with", "no", "schema", "binding")
	return st, nil
}

// createSchema parses CREATE SCHEMA.
// https://docs.aws.amazon.com/redshift/latest/dg/r_CREATE_SCHEMA.html
func (p *parser) createSchema() (ast.Statement, error) {
	st := &ast.CreateSchema{IfNotExists: p.ifNotExists()}
	var err error
	if !p.Is("authorization") {
		if st.Name, st.NamePos, err = p.ident(); err != nil {
			return nil, err
		}
		if p.Op(".") {
			st.Database = st.Name
			if st.Name, err = p.Ident(); err != nil {
				return nil, err
			}
		}
	}
	if p.Words("authorization") {
		t := p.Tok()
		if st.Owner, err = p.userName(p.Label); err != nil {
			return nil, err
		}
		if st.Name == "" {
			st.Name, st.NamePos = t.Text, ast.Pos(t.Pos)
		}
	}
	if p.Is("quota") {
		if st.Quota, err = p.quota(); err != nil {
			return nil, err
		}
	}
	for p.Is("create") && (p.IsAt(1, "table") || p.IsAt(1, "view")) || p.Is("grant") {
		o, err := p.whole(p.statement)
		if err != nil {
			return nil, err
		}
		st.Objects = append(st.Objects, o)
	}
	return st, nil
}

// drop parses DROP TABLE, VIEW and SCHEMA.
// https://docs.aws.amazon.com/redshift/latest/dg/r_DROP_TABLE.html
func (p *parser) drop() (ast.Statement, error) {
	start := p.I
	p.I++
	kind := p.Tok().Text
	if p.Words("user") || p.Words("group") || p.Words("role") {
		return p.dropPrincipal(kind)
	}
	switch {
	case p.Words("table"), p.Words("view"), p.Words("schema"):
	case p.Words("procedure"), p.Words("function"):
		return p.dropRoutine(kind == "procedure")
	case p.Words("materialized", "view"):
		kind = "materialized view"
	case p.Words("external", "view"):
		return p.dropExternalView()
	case p.Words("datashare"):
		return p.datashare("drop")
	case p.Words("identity", "provider"):
		return p.identityProvider("drop")
	case p.Words("template"):
		return p.dropTemplate()
	case p.Words("database"):
		kind = "database"
	default:
		p.I = start
		return p.other()
	}
	st := &ast.Drop{Kind: kind, IfExists: p.Words("if", "exists")}
	for {
		n, err := p.Name()
		if err != nil {
			return nil, err
		}
		st.Names = append(st.Names, n)
		if !p.Op(",") {
			break
		}
	}
	if kind == "schema" && p.Words("drop", "external", "database") {
		st.ExternalDatabase = true
	}
	if kind == "database" && p.Words("force") {
		st.Force = true
	}
	st.Cascade = p.Words("cascade")
	if !st.Cascade {
		p.Words("restrict")
	}
	return st, nil
}

// truncate parses TRUNCATE.
// https://docs.aws.amazon.com/redshift/latest/dg/r_TRUNCATE.html
func (p *parser) truncate() (ast.Statement, error) {
	p.I++
	p.Words("table")
	n, err := p.Name()
	return &ast.Truncate{Table: n}, err
}
