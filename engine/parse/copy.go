package parse

import (
	"strings"

	"github.com/redshiftsim/redshiftsim/engine/ast"
	"github.com/redshiftsim/redshiftsim/engine/parse/lex"
)

// takes says what value an option has.
type takes uint8

// Values of options.
const (
	nothing takes = iota
	text          // 'string'
	maybeText
	count // digits, or a string of them
	word  // a word or a string
	toggle
	size // digits [MB | GB]
	role // a string, DEFAULT or SESSION
)

// options are the parameters of COPY and UNLOAD, by their first word. Those with a value may say AS before it.
// https://docs.aws.amazon.com/redshift/latest/dg/r_COPY-parameters.html
// https://docs.aws.amazon.com/redshift/latest/dg/r_UNLOAD.html
var options = map[string]takes{
	"iam_role": role, "credentials": text, "access_key_id": text, "secret_access_key": text, "session_token": text, "region": text, "catalog_role": role,
	"csv": nothing, "quote": text, "delimiter": text, "fixedwidth": text, "shapefile": nothing, "simplify": nothing, "avro": maybeText, "json": maybeText,
	"parquet": nothing, "orc": nothing, "serializetojson": nothing, "gzip": nothing, "bzip2": nothing, "lzop": nothing, "zstd": nothing,
	"manifest": nothing, "encrypted": nothing, "master_symmetric_key": text, "kms_key_id": text, "ssh": nothing, "readratio": count,
	"acceptanydate": nothing, "acceptinvchars": maybeText, "blanksasnull": nothing, "dateformat": word, "emptyasnull": nothing, "encoding": word, "escape": nothing,
	"explicit_ids": nothing, "fillrecord": nothing, "ignoreblanklines": nothing, "ignoreheader": count, "null": text, "removequotes": nothing, "roundec": nothing,
	"timeformat": word, "trimblanks": nothing, "truncatecolumns": nothing, "comprows": count, "compupdate": toggle, "ignoreallerrors": nothing, "maxerror": count,
	"noload": nothing, "statupdate": toggle, "addquotes": nothing, "header": nothing, "allowoverwrite": nothing, "cleanpath": nothing, "parallel": toggle,
	"maxfilesize": size, "rowgroupsize": size, "extension": text,
}

// formats are the words that FORMAT may name.
var formats = map[string]bool{"csv": true, "delimiter": true, "fixedwidth": true, "shapefile": true, "avro": true, "json": true, "parquet": true, "orc": true}

// copy parses COPY.
// https://docs.aws.amazon.com/redshift/latest/dg/r_COPY.html
func (p *parser) copy() (ast.Statement, error) {
	from := p.Tok().Pos
	p.I++
	if job, err := p.copyJob(); job != nil || err != nil {
		return job, err
	}
	st := &ast.Copy{}
	var err error
	if st.Table, err = p.Name(); err != nil {
		return nil, err
	}
	if p.IsOp("(") {
		if st.Columns, err = p.Columns(); err != nil {
			return nil, err
		}
	}
	if err := p.Expect("from"); err != nil {
		return nil, err
	}
	st.FromPos = ast.Pos(p.Tok().Pos)
	if st.From, err = p.text(); err != nil {
		return nil, err
	}
	if st.Options, err = p.options(); err != nil {
		return nil, err
	}
	if job, err := p.createJob(st, from); job != nil || err != nil {
		return job, err
	}
	return st, nil
}

// options parses the parameters of COPY and UNLOAD, up to the end or to JOB.
func (p *parser) options() ([]ast.Option, error) {
	var out []ast.Option
	for !p.done() && !p.Is("job") {
		o, err := p.option()
		if err != nil {
			return nil, err
		}
		if o.Name != "" {
			out = append(out, o)
		}
		if p.Op(",") && p.done() { // the guide has commas between them, the examples none
			return nil, p.Unexpected()
		}
	}
	return out, nil
}

// option parses one parameter; one without a name means nothing.
func (p *parser) option() (ast.Option, error) {
	o := ast.Option{Pos: ast.Pos(p.Tok().Pos)}
	p.Words("with") // an older form: WITH CREDENTIALS AS
	t := p.Tok()
	switch {
	case t.Kind != lex.Word:
		return o, p.Unexpected()
	case p.Words("format"): // FORMAT AS CSV is CSV
		p.Words("as")
		if t = p.Tok(); t.Kind != lex.Word || !formats[t.Text] {
			return o, p.Unexpected()
		}
		if n := p.Ahead(1); t.Text == "delimiter" && n.Kind != lex.String && !p.IsAt(1, "as") {
			p.I++
			return ast.Option{}, nil // the format that it is without
		}
	case p.Words("using", "template"):
		name, err := p.Name()
		if err != nil {
			return o, err
		}
		o.Name, o.Names, o.Pos = "USING TEMPLATE", name.Parts, name.Pos
		return o, nil
	case p.Words("partition", "by"):
		cols, err := p.Columns()
		if err != nil {
			return o, err
		}
		o.Name = "PARTITION BY"
		for _, c := range cols {
			o.Names = append(o.Names, c.Name)
		}
		if p.Words("include") {
			o.Value, o.HasVal = "INCLUDE", true
		}
		return o, nil
	}
	kind, ok := options[t.Text]
	if !ok {
		return o, p.Unexpected()
	}
	p.I++
	o.Name = upper(t.Text)
	if kind != nothing {
		p.Words("as")
	}
	return o, p.optionValue(&o, kind)
}

// optionValue reads the value of a parameter.
func (p *parser) optionValue(o *ast.Option, kind takes) error {
	t := p.Tok()
	switch kind {
	case nothing:
		switch { // the words that belong to one parameter
		case o.Name == "MANIFEST" && p.Words("verbose"), o.Name == "ENCRYPTED" && p.Words("auto"):
			o.Value, o.HasVal = upper(t.Text), true
		case o.Name == "SIMPLIFY":
			if p.Words("auto") {
				o.Value, o.HasVal = "AUTO ", true
			}
			if p.Tok().Kind == lex.String || p.Tok().Kind == lex.Number {
				o.Value, o.HasVal = o.Value+p.Tok().Text, true
				p.I++
			}
		}
		return nil
	case toggle:
		if p.Words("on") || p.Words("off") || p.Words("true") || p.Words("false") || p.Words("preset") {
			o.Value, o.HasVal = upper(t.Text), true
		}
		return nil
	case maybeText:
		if t.Kind != lex.String {
			return nil
		}
	case text:
		if t.Kind != lex.String {
			return p.Unexpected()
		}
	case role:
		if t.Kind != lex.String && !p.Is("default") && !p.Is("session") {
			return p.Unexpected()
		}
	case word:
		if t.Kind != lex.String && t.Kind != lex.Word {
			return p.Unexpected()
		}
	case count:
		if t.Kind != lex.Number && t.Kind != lex.String {
			return p.Unexpected()
		}
	case size:
		if t.Kind != lex.Number {
			return p.Unexpected()
		}
	}
	o.Value, o.HasVal = t.Text, true
	p.I++
	if u := p.Tok(); kind == size && (p.Words("mb") || p.Words("gb")) {
		o.Value += " " + upper(u.Text)
	}
	return nil
}

// upper is a word as SQL shouts it.
func upper(s string) string { return strings.ToUpper(s) }
