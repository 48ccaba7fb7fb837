package bridge

import (
	"strconv"
	"strings"

	"github.com/redshiftsim/redshiftsim/engine/ast"
	"github.com/redshiftsim/redshiftsim/engine/parse/lex"
	"github.com/redshiftsim/redshiftsim/internal/sqlstate"
	"github.com/redshiftsim/redshiftsim/internal/types"
)

// simple maps names of types without modifiers.
var simple = map[string]types.Type{
	"smallint": types.TInt2, "int2": types.TInt2, "integer": types.TInt4, "int": types.TInt4, "int4": types.TInt4, "bigint": types.TInt8, "int8": types.TInt8,
	"real": types.TFloat4, "float4": types.TFloat4, "float8": types.TFloat8, "float": types.TFloat8, "boolean": types.TBool, "bool": types.TBool,
	"date": types.TDate, "timetz": types.TTimeTZ, "timestamptz": types.TTimestampTZ,
	"datetime": types.TTimestamp, // https://docs.aws.amazon.com/redshift/latest/dg/r_CONVERT_function.html
	"super":    {Kind: types.Super}, "geometry": {Kind: types.Geometry}, "geography": {Kind: types.Geography}, "hllsketch": {Kind: types.HLLSketch},
	"oid": types.TOID, "name": types.TName, "regclass": types.TRegclass, "regprocedure": {Kind: types.Regprocedure}, "regtype": {Kind: types.Regtype}, "regproc": {Kind: types.Regproc},
	"aclitem": {Kind: types.ACLItem}, "int2vector": {Kind: types.Int2Vector}, "oidvector": {Kind: types.OIDVector},
}

// Type reads a type's name with its modifiers. Unknown names are not an error here: the statement knows what to say of them.
// https://docs.aws.amazon.com/redshift/latest/dg/c_Supported_data_types.html
func (p *P) Type() (*ast.TypeName, error) {
	t := &ast.TypeName{Pos: ast.Pos(p.Tok().Pos), Known: true}
	if p.Tok().Kind == lex.Word && reserved[p.Tok().Text] {
		return nil, p.Unexpected()
	}
	name, err := p.Label()
	if err != nil {
		return nil, err
	}
	for p.IsOp(".") { // pg_catalog.int4
		p.I++
		if name, err = p.Label(); err != nil {
			return nil, err
		}
	}
	t.Name = name
	switch name {
	case "double":
		if err := p.Expect("precision"); err != nil {
			return nil, err
		}
		t.Name, t.Type = "double precision", types.TFloat8
	case "float":
		t.Type = types.TFloat8
		mods, err := p.mods()
		if err != nil {
			return nil, err
		}
		if len(mods) == 1 && mods[0] <= 24 {
			t.Type = types.TFloat4
		}
	case "numeric", "decimal", "dec":
		mods, err := p.mods()
		if err != nil {
			return nil, err
		}
		prec, scale := 18, 0
		if len(mods) > 0 {
			prec = mods[0]
		}
		if len(mods) > 1 {
			scale = mods[1]
		}
		switch {
		case prec < 1 || prec > types.MaxPrecision:
			t.Err = sqlstate.InvalidParameterValue.Errorf("DECIMAL precision %d must be between 1 and %d", prec, types.MaxPrecision).At(int(t.Pos))
		case scale < 0 || scale > prec || scale > types.MaxScale:
			t.Err = sqlstate.InvalidParameterValue.Errorf("DECIMAL scale %d must be between 0 and precision %d", scale, prec).At(int(t.Pos))
		default:
			t.Type = types.TNumeric(prec, scale)
		}
	case "varchar", "nvarchar", "text", "character", "char", "nchar", "bpchar", "national":
		if name == "national" {
			if name, err = p.Label(); err != nil {
				return nil, err
			}
		}
		if name == "text" {
			t.Type, t.Bare = types.TVarchar(256), true
			if _, err := p.mods(); err != nil {
				return nil, err
			}
			if p.IsOp("[") {
				t.Type = types.TText
			}
			return t, p.array(t)
		}
		varying := name == "varchar" || name == "nvarchar" || (name == "character" || name == "char" || name == "nchar") && p.Words("varying")
		n, limit := 1, types.MaxChar
		if varying {
			n, limit, t.Bare = 256, types.MaxVarchar, true
		} else if name == "bpchar" {
			n = 256
		}
		mods, err := p.mods()
		if err != nil {
			return nil, err
		}
		if len(mods) > 0 {
			n, t.Bare = mods[0], false
			if n < 0 { // MAX
				n = limit
			}
		}
		word := "character"
		if varying {
			word = "character varying"
		}
		switch {
		case n < 1:
			t.Err = sqlstate.InvalidParameterValue.Errorf("length for type %s must be at least 1", word).At(int(t.Pos))
		case n > limit:
			t.Err = sqlstate.InvalidParameterValue.Errorf("Column length exceeds maximum allowed (maximum column length is %d)", limit).At(int(t.Pos))
		case varying:
			t.Type = types.TVarchar(n)
		default:
			t.Type = types.TChar(n)
		}
	case "binary", "varbyte", "varbinary":
		if name == "binary" && !p.Words("varying") {
			t.Known = false
			return t, nil
		}
		mods, err := p.mods()
		if err != nil {
			return nil, err
		}
		t.Type = types.Type{Kind: types.Varbyte, Len: 64000}
		if len(mods) > 0 {
			switch n := mods[0]; {
			case n < 1:
				t.Err = sqlstate.InvalidParameterValue.Errorf("length for type varbyte must be at least 1").At(int(t.Pos))
			case int64(n) > types.MaxVarbyte:
				t.Err = sqlstate.InvalidParameterValue.Errorf("Column length exceeds maximum allowed (maximum column length is %d)", types.MaxVarbyte).At(int(t.Pos))
			default:
				t.Type.Len = int32(n)
			}
		}
	case "timestamptz", "timetz":
		t.Type = simple[name]
		_, err := p.mods()
		return t, err
	case "timestamp", "time":
		if _, err := p.mods(); err != nil {
			return nil, err
		}
		zone := false
		if p.Words("with", "time", "zone") {
			zone = true
		} else {
			p.Words("without", "time", "zone")
		}
		switch {
		case name == "time" && zone:
			t.Type = types.TTimeTZ
		case name == "time":
			t.Type = types.TTime
		case zone:
			t.Type = types.TTimestampTZ
		default:
			t.Type = types.TTimestamp
		}
	case "interval":
		q, err := p.qualifier()
		if err != nil {
			return nil, err
		}
		if q == "" {
			t.Type = types.TInterval
		} else if t.Type, err = types.IntervalType(q); err != nil {
			return nil, err
		}
	default:
		st, ok := simple[name]
		t.Type, t.Known = st, ok
		if !ok && p.IsOp("(") {
			if _, err := p.mods(); err != nil {
				return nil, err
			}
		}
	}
	return t, p.array(t)
}

// array reads [] behind a type: an array, as the catalog's columns are. There is none of every type.
func (p *P) array(t *ast.TypeName) error {
	for p.IsOp("[") {
		p.I++
		for !p.IsOp("]") && p.Tok().Kind != lex.EOF {
			p.I++
		}
		if err := p.ExpectOp("]"); err != nil {
			return err
		}
		t.Name += "[]"
		switch t.Type.Kind {
		case types.Int2, types.Int4, types.Int8, types.OID, types.Float4, types.Bool, types.Name, types.ACLItem, types.Varchar, types.Text:
			t.Type = types.ArrayOf(t.Type)
		default:
			t.Known = false
		}
	}
	return nil
}

// mods reads (n[, m]); MAX is -1.
func (p *P) mods() ([]int, error) {
	if !p.IsOp("(") {
		return nil, nil
	}
	p.I++
	var out []int
	for {
		t := p.Tok()
		neg := 1
		if p.Op("-") {
			neg = -1
			t = p.Tok()
		}
		switch {
		case t.Kind == lex.Number:
			n, err := strconv.Atoi(t.Text)
			if err != nil || n > 1<<30 {
				return nil, p.Unexpected()
			}
			if neg < 0 && n > 0 {
				n = 0 // out of every range
			}
			out = append(out, n)
		case p.Is("max"):
			out = append(out, -1)
		default:
			return nil, p.Unexpected()
		}
		p.I++
		if !p.Op(",") {
			return out, p.ExpectOp(")")
		}
	}
}

// units are the fields of an interval.
var units = set("year month day hour minute second years months days hours minutes seconds")

// qualifier reads the fields of an interval: YEAR TO MONTH, DAY TO SECOND(3), or none.
func (p *P) qualifier() (string, error) {
	if t := p.Tok(); t.Kind != lex.Word || !units[t.Text] {
		return "", nil
	}
	q := strings.TrimSuffix(p.Tok().Text, "s")
	p.I++
	read := func() error {
		mods, err := p.mods()
		if err == nil && len(mods) == 1 {
			q += "(" + strconv.Itoa(mods[0]) + ")"
		}
		return err
	}
	if err := read(); err != nil {
		return "", err
	}
	if p.Is("to") && p.Ahead(1).Kind == lex.Word && units[p.Ahead(1).Text] {
		q += " to " + strings.TrimSuffix(p.Ahead(1).Text, "s")
		p.I += 2
		if err := read(); err != nil {
			return "", err
		}
	}
	return q, nil
}
