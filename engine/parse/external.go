package parse

import (
	"strings"

	"github.com/redshiftsim/redshiftsim/engine/ast"
	"github.com/redshiftsim/redshiftsim/engine/parse/lex"
)

// schemaOptions are the options of external schemas; those with a value of several words are read by externalOption.
var schemaOptions = map[string]takes{
	"database": word, "schema": word, "region": text, "uri": text, "port": count, "iam_role": role, "secret_arn": text, "catalog_role": role,
	"authentication": word, "authentication_arn": text, "catalog_id": text,
}

// sources are where an external schema may come from.
var sources = [][]string{
	{"data", "catalog"}, {"hive", "metastore"}, {"postgres"}, {"mysql"}, {"kinesis"}, {"kafka"}, {"msk"}, {"redshift"},
}

// createExternalSchema parses CREATE EXTERNAL SCHEMA, behind these words.
// https://docs.aws.amazon.com/redshift/latest/dg/r_CREATE_EXTERNAL_SCHEMA.html
func (p *parser) createExternalSchema() (ast.Statement, error) {
	st := &ast.CreateExternalSchema{IfNotExists: p.ifNotExists()}
	var err error
	if st.Name, err = p.Column(); err != nil {
		return nil, err
	}
	if err := p.Expect("from"); err != nil {
		return nil, err
	}
	for _, w := range sources {
		if p.Words(w...) {
			st.From = join(w)
			break
		}
	}
	if st.From == "" {
		return nil, p.Unexpected()
	}
	st.Options, err = p.externalOptions()
	return st, err
}

// alterExternalSchema parses ALTER EXTERNAL SCHEMA, behind these words.
// https://docs.aws.amazon.com/redshift/latest/dg/r_ALTER_EXTERNAL_SCHEMA.html
func (p *parser) alterExternalSchema() (ast.Statement, error) {
	st := &ast.AlterExternalSchema{}
	var err error
	if st.Name, err = p.Column(); err != nil {
		return nil, err
	}
	if p.done() {
		return nil, p.Unexpected()
	}
	st.Options, err = p.externalOptions()
	return st, err
}

// externalOptions parses the options of an external schema.
func (p *parser) externalOptions() ([]ast.Option, error) {
	var out []ast.Option
	for !p.done() {
		t := p.Tok()
		o := ast.Option{Pos: ast.Pos(t.Pos)}
		if p.Words("create", "external", "database") {
			o.Name = "CREATE EXTERNAL DATABASE"
			if p.ifNotExists() {
				o.Value, o.HasVal = "IF NOT EXISTS", true
			}
			out = append(out, o)
			continue
		}
		kind, ok := schemaOptions[t.Text]
		if t.Kind != lex.Word || !ok {
			return nil, p.Unexpected()
		}
		p.I++
		o.Name = upper(t.Text)
		if err := p.optionValue(&o, kind); err != nil {
			return nil, err
		}
		out = append(out, o)
	}
	return out, nil
}

// createExternalTable parses CREATE EXTERNAL TABLE, behind these words.
// https://docs.aws.amazon.com/redshift/latest/dg/r_CREATE_EXTERNAL_TABLE.html
func (p *parser) createExternalTable() (ast.Statement, error) {
	st := &ast.CreateExternalTable{IfNotExists: p.ifNotExists()}
	var err error
	if st.Name, err = p.Name(); err != nil {
		return nil, err
	}
	if p.IsOp("(") {
		if st.Columns, err = p.externalColumns(false); err != nil {
			return nil, err
		}
	}
	for !p.done() {
		if p.Words("as") {
			st.Query, st.QueryText, err = p.inner()
			return st, err
		}
		if err := p.externalClause(st); err != nil {
			return nil, err
		}
	}
	return st, nil
}

// externalClause parses one clause behind the columns of an external table.
func (p *parser) externalClause(st *ast.CreateExternalTable) (err error) {
	switch {
	case p.Words("partitioned", "by"):
		if !p.IsOp("(") {
			return p.Unexpected()
		}
		st.Partitions, err = p.externalColumns(true)
	case p.Words("row", "format", "delimited"):
		st.Format, err = p.rowFormat()
	case p.Words("row", "format", "serde"):
		o := ast.Option{Pos: ast.Pos(p.Tok().Pos), Name: "SERDE", HasVal: true}
		o.Value, err = p.text()
		st.Format = append(st.Format, o)
		if err == nil && p.Words("with", "serdeproperties") {
			st.SerDe, err = p.properties()
		}
	case p.Words("stored", "as", "inputformat"):
		if st.InputFormat, err = p.text(); err != nil {
			return err
		}
		if err := p.Expect("outputformat"); err != nil {
			return err
		}
		st.Output, err = p.text()
	case p.Words("stored", "as"):
		st.Stored, err = p.Label()
	case p.Words("location"):
		st.Location, err = p.text()
	case p.Words("table", "properties"):
		st.Properties, err = p.properties()
	default:
		err = p.Unexpected()
	}
	return err
}

// rowFormat parses what follows ROW FORMAT DELIMITED.
func (p *parser) rowFormat() ([]ast.Option, error) {
	var out []ast.Option
	for {
		t := p.Tok()
		words := []string{"terminated", "by"}
		switch {
		case p.Is("fields"), p.Is("lines"), p.Is("collection") && p.IsAt(1, "items"), p.Is("map") && p.IsAt(1, "keys"):
		case p.Is("escaped"), p.Is("null"):
			words = nil
		default:
			return out, nil
		}
		o := ast.Option{Pos: ast.Pos(t.Pos), Name: upper(t.Text), HasVal: true}
		p.I++
		switch {
		case words == nil && t.Text == "escaped":
			words = []string{"by"}
		case words == nil:
			words = []string{"defined", "as"}
		case p.Is("items"), p.Is("keys"):
			o.Name += " " + upper(p.Tok().Text)
			p.I++
		}
		if !p.Words(words...) {
			return nil, p.Unexpected()
		}
		o.Name += " " + upper(join(words))
		var err error
		if o.Value, err = p.text(); err != nil {
			return nil, err
		}
		out = append(out, o)
	}
}

// properties parses ('name' = 'value', ..).
func (p *parser) properties() ([]ast.Property, error) {
	if err := p.ExpectOp("("); err != nil {
		return nil, err
	}
	var out []ast.Property
	for {
		x := ast.Property{Pos: ast.Pos(p.Tok().Pos)}
		var err error
		if x.Name, err = p.text(); err != nil {
			return nil, err
		}
		if err := p.ExpectOp("="); err != nil {
			return nil, err
		}
		if x.Value, err = p.text(); err != nil {
			return nil, err
		}
		out = append(out, x)
		if !p.Op(",") {
			return out, p.ExpectOp(")")
		}
	}
}

// externalColumns parses (name type, ..); bare says that a name may stand alone.
func (p *parser) externalColumns(bare bool) ([]ast.ColumnDef, error) {
	p.I++
	var out []ast.ColumnDef
	for {
		c := ast.ColumnDef{}
		var err error
		if c.Name, c.Pos, err = p.ident(); err != nil {
			return nil, err
		}
		if !bare || !p.IsOp(",") && !p.IsOp(")") {
			if c.Type, err = p.externalType(); err != nil {
				return nil, err
			}
		}
		out = append(out, c)
		if !p.Op(",") {
			return out, p.ExpectOp(")")
		}
	}
}

// maxNesting is how deep struct, array and map may be nested before the parser gives up; who makes the table has a limit of its own.
const maxNesting = 1000

// externalType parses a type, which may be nested: struct<a:int, ..>, array<..>, map<.., ..>.
// https://docs.aws.amazon.com/redshift/latest/dg/tutorial-query-nested-data.html
func (p *parser) externalType() (*ast.TypeName, error) { return p.nestedType(0) }

func (p *parser) nestedType(depth int) (*ast.TypeName, error) {
	t, next := p.Tok(), p.Ahead(1)
	if t.Kind != lex.Word || next.Kind != lex.Op || next.Text != "<" {
		return p.Type()
	}
	if depth > maxNesting {
		return nil, p.TooDeep()
	}
	n := &ast.TypeName{Pos: ast.Pos(t.Pos)}
	word, most := t.Text, 1
	switch word {
	case "array":
	case "map":
		most = 2
	case "struct":
		most = 0
	default:
		return nil, p.Unexpected()
	}
	p.I += 2
	for {
		x := ast.TypePart{Pos: ast.Pos(p.Tok().Pos)}
		var err error
		if most == 0 {
			if x.Name, err = p.Label(); err != nil {
				return nil, err
			}
			if err := p.colon(); err != nil {
				return nil, err
			}
		}
		if x.Type, err = p.nestedType(depth + 1); err != nil {
			return nil, err
		}
		if n.Parts = append(n.Parts, x); p.Op(",") && len(n.Parts) != most {
			continue
		}
		end, err := p.closing()
		if err != nil || len(n.Parts) < most {
			return nil, p.Unexpected()
		}
		n.Name = strings.ToLower(p.Src[t.Pos:end])
		return n, nil
	}
}

// colon takes a colon, which the lexer may have taken for the beginning of a parameter with the name of the type behind it.
func (p *parser) colon() error {
	if t := p.Tok(); t.Kind == lex.Named {
		*t = lex.Token{Kind: lex.Word, Text: lex.Fold(t.Text), Pos: t.Pos + 1, End: t.End}
		return nil
	}
	return p.ExpectOp(":")
}

// closing takes a >, of which the lexer may have taken two as one operator, and gives where it ends.
func (p *parser) closing() (int, error) {
	t := p.Tok()
	if t.Kind == lex.Op && t.Text == ">>" {
		*t = lex.Token{Kind: lex.Op, Text: ">", Pos: t.Pos + 1, End: t.End}
		return t.Pos, nil
	}
	return t.End, p.ExpectOp(">")
}

// externalView parses CREATE and ALTER EXTERNAL [PROTECTED] VIEW, at the view's name.
// https://docs.aws.amazon.com/redshift/latest/dg/r_CREATE_EXTERNAL_VIEW.html
// https://docs.aws.amazon.com/redshift/latest/dg/r_ALTER_EXTERNAL_VIEW.html
func (p *parser) externalView(st *ast.ExternalView) (ast.Statement, error) {
	var err error
	if !st.Alter {
		st.IfNotExists = p.ifNotExists()
	}
	if st.Name, err = p.Name(); err != nil {
		return nil, err
	}
	if st.Alter {
		st.Force = p.Words("force")
		if p.Words("remove", "definition") {
			st.RemoveDefinition = true
			return st, nil
		}
	} else if !st.IfNotExists { // behind the name, as the page has it
		st.IfNotExists = p.ifNotExists()
	}
	if err := p.Expect("as"); err != nil {
		return nil, err
	}
	st.Query, st.Text, err = p.inner()
	return st, err
}

// dropExternalView parses DROP EXTERNAL VIEW, behind these words. IF EXISTS may stand on either side of the name.
// https://docs.aws.amazon.com/redshift/latest/dg/r_DROP_EXTERNAL_VIEW.html
func (p *parser) dropExternalView() (ast.Statement, error) {
	st := &ast.DropExternalView{IfExists: p.Words("if", "exists")}
	var err error
	if st.Name, err = p.Name(); err == nil && !st.IfExists {
		st.IfExists = p.Words("if", "exists")
	}
	return st, err
}

// alterOther parses the actions of ALTER TABLE and ALTER MATERIALIZED VIEW that are statements of their own; nil when there is none.
func (p *parser) alterOther(table ast.Name, view bool) (ast.Statement, error) {
	switch {
	case p.Words("row", "level", "security"):
		return p.alterSecurity(&ast.AlterSecurity{View: view, Table: table})
	case p.Words("masking"):
		return p.alterSecurity(&ast.AlterSecurity{View: view, Table: table, Masking: true})
	case view:
	case p.Words("append"):
		return p.appendTable(table)
	case p.Is("set"), p.Is("partition"), p.Is("drop") && p.IsAt(1, "partition"), p.Is("add") && (p.IsAt(1, "partition") || p.IsAt(4, "partition")):
		return p.alterExternalTable(&ast.AlterExternalTable{Table: table})
	}
	return nil, nil
}

// alterSecurity parses {ON | OFF} [CONJUNCTION TYPE {AND | OR}] [FOR DATASHARES].
func (p *parser) alterSecurity(st *ast.AlterSecurity) (ast.Statement, error) {
	if st.On = p.Words("on"); !st.On {
		if err := p.Expect("off"); err != nil {
			return nil, err
		}
	}
	if !st.Masking && p.Words("conjunction", "type") {
		t := p.Tok()
		if !p.Words("and") && !p.Words("or") {
			return nil, p.Unexpected()
		}
		st.Conjunction = t.Text
	}
	st.ForDatashares = p.Words("for", "datashares")
	return st, nil
}

// appendTable parses FROM source [IGNOREEXTRA | FILLTARGET].
// https://docs.aws.amazon.com/redshift/latest/dg/r_ALTER_TABLE_APPEND.html
func (p *parser) appendTable(table ast.Name) (ast.Statement, error) {
	st := &ast.AppendTable{Table: table}
	if err := p.Expect("from"); err != nil {
		return nil, err
	}
	var err error
	if st.Source, err = p.Name(); err != nil {
		return nil, err
	}
	if st.IgnoreExtra = p.Words("ignoreextra"); !st.IgnoreExtra {
		st.FillTarget = p.Words("filltarget")
	}
	return st, nil
}

// alterExternalTable parses the actions of external tables.
// https://docs.aws.amazon.com/redshift/latest/dg/r_ALTER_TABLE_external-table.html
func (p *parser) alterExternalTable(st *ast.AlterExternalTable) (ast.Statement, error) {
	var err error
	switch {
	case p.Words("set", "table", "properties"):
		st.Action = "set table properties"
		st.Properties, err = p.properties()
	case p.Words("set", "file", "format"):
		st.Action = "set file format"
		st.Value, err = p.Label()
	case p.Words("set", "location"):
		st.Action = "set location"
		st.Value, err = p.text()
	case p.Is("partition"):
		st.Action = "set location"
		x, e := p.partition()
		if e != nil {
			return nil, e
		}
		st.Partitions = append(st.Partitions, x)
		if !p.Words("set", "location") {
			return nil, p.Unexpected()
		}
		st.Value, err = p.text()
	case p.Words("drop"):
		st.Action = "drop partition"
		x, e := p.partition()
		st.Partitions, err = append(st.Partitions, x), e
	case p.Words("add"):
		st.Action = "add partition"
		st.IfNotExists = p.ifNotExists()
		for more := true; more; more = p.Is("partition") {
			x, err := p.partition()
			if err != nil {
				return nil, err
			}
			if err := p.Expect("location"); err != nil {
				return nil, err
			}
			if x.Location, err = p.text(); err != nil {
				return nil, err
			}
			st.Partitions = append(st.Partitions, x)
		}
	default:
		p.Words("set")
		err = p.Unexpected()
	}
	return st, err
}

// partition parses PARTITION (column = value, ..).
func (p *parser) partition() (ast.Partition, error) {
	x := ast.Partition{Pos: ast.Pos(p.Tok().Pos)}
	if err := p.Expect("partition"); err != nil {
		return x, err
	}
	if err := p.ExpectOp("("); err != nil {
		return x, err
	}
	for {
		v := ast.Property{Pos: ast.Pos(p.Tok().Pos)}
		var err error
		if v.Name, err = p.Ident(); err != nil {
			return x, err
		}
		if err := p.ExpectOp("="); err != nil {
			return x, err
		}
		t := p.Tok()
		if t.Kind != lex.String && t.Kind != lex.Number {
			return x, p.Unexpected()
		}
		p.I++
		v.Value = t.Text
		x.Values = append(x.Values, v)
		if !p.Op(",") {
			return x, p.ExpectOp(")")
		}
	}
}
