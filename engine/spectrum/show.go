package spectrum

import (
	"encoding/json"
	"strings"

	"github.com/redshiftsim/redshiftsim/engine/catalog"
	"github.com/redshiftsim/redshiftsim/engine/function"
	"github.com/redshiftsim/redshiftsim/internal/types"
)

// TypeName is the type of a column as the data catalog spells it: int, decimal(8,2), timestamp, array<int>.
// https://docs.aws.amazon.com/redshift/latest/dg/r_CREATE_EXTERNAL_TABLE_examples.html
func TypeName(c *catalog.Column) string {
	if c.Nested != nil {
		return c.Nested.Text(scalarName, nil)
	}
	return scalarName(c.Type)
}

// scalarName is TypeName of what is not nested.
func scalarName(t types.Type) string {
	s := t.String()
	switch t.Kind {
	case types.Int4:
		return "int"
	case types.Float4:
		return "float4"
	case types.Float8:
		return "float8"
	case types.Numeric:
		return "decimal" + strings.TrimPrefix(s, "numeric")
	case types.Char:
		return "char" + strings.TrimPrefix(s, "character")
	case types.Varchar:
		return "varchar" + strings.TrimPrefix(s, "character varying")
	case types.Varbyte:
		return "varbyte" + s[max(strings.IndexByte(s, '('), 0):]
	case types.Timestamp:
		return "timestamp"
	}
	return s
}

// JSON is properties as the system views show them: {"field.delim":"|"}.
func JSON(list []catalog.Property) string {
	var b strings.Builder
	for i, p := range list {
		b.WriteByte("{,"[min(i, 1)])
		b.WriteString(quotedJSON(p.Name) + ":" + quotedJSON(p.Value))
	}
	if len(list) == 0 {
		b.WriteByte('{')
	}
	b.WriteByte('}')
	return b.String()
}

// Values is the values of a partition as SVV_EXTERNAL_PARTITIONS shows them: ["2008-01","101"].
// https://docs.aws.amazon.com/redshift/latest/dg/r_SVV_EXTERNAL_PARTITIONS.html
func Values(p *catalog.Partition) string {
	list := make([]string, len(p.Texts))
	for i, v := range p.Texts {
		list[i] = quotedJSON(v)
	}
	return "[" + strings.Join(list, ",") + "]"
}

func quotedJSON(s string) string {
	b, _ := json.Marshal(s) // a string does not fail
	return string(b)
}

// literal is a text as a literal of SQL.
func literal(s string) string {
	return "'" + strings.NewReplacer("'", "''", `\`, `\\`).Replace(s) + "'"
}

// Definition is the statement that makes an external table of that name, and those that add its partitions.
// https://docs.aws.amazon.com/redshift/latest/dg/r_SHOW_EXTERNAL_TABLE.html
func Definition(t *catalog.ExternalTable, name []string, partitions bool) string {
	quoted := make([]string, len(name))
	for i, n := range name {
		quoted[i] = function.QuoteIdent(n)
	}
	at := strings.Join(quoted, ".")
	columns := func(list []catalog.Column, sep string) string {
		out := make([]string, len(list))
		for i := range list {
			out[i] = function.QuoteIdent(list[i].Name) + " "
			if n := list[i].Nested; n != nil {
				out[i] += n.Text(scalarName, function.QuoteIdent)
			} else {
				out[i] += scalarName(list[i].Type)
			}
		}
		return strings.Join(out, sep)
	}
	pairs := func(list []catalog.Property) string {
		out := make([]string, len(list))
		for i, p := range list {
			out[i] = literal(p.Name) + "=" + literal(p.Value)
		}
		return "(" + strings.Join(out, ", ") + ")"
	}
	var b strings.Builder
	b.WriteString("CREATE EXTERNAL TABLE " + at + " (\n    " + columns(t.Data(), ",\n    ") + "\n)\n")
	if t.Keys > 0 {
		b.WriteString("PARTITIONED BY (" + columns(t.KeyColumns(), ", ") + ")\n")
	}
	s := &t.Storage
	b.WriteString("ROW FORMAT SERDE " + literal(s.SerDe) + "\n")
	if len(s.Params) > 0 {
		b.WriteString("WITH SERDEPROPERTIES " + pairs(s.Params) + "\n")
	}
	b.WriteString("STORED AS INPUTFORMAT " + literal(s.Input) + "\nOUTPUTFORMAT " + literal(s.Output) + "\nLOCATION " + literal(t.Location))
	if len(t.Properties) > 0 {
		b.WriteString("\nTABLE PROPERTIES " + pairs(t.Properties))
	}
	b.WriteByte(';')
	if !partitions {
		return b.String()
	}
	for _, p := range t.Partitions {
		values := make([]string, len(p.Texts))
		for i, v := range p.Texts {
			values[i] = function.QuoteIdent(t.KeyColumns()[i].Name) + "=" + literal(v)
		}
		b.WriteString("\nALTER TABLE " + at + " ADD IF NOT EXISTS PARTITION (" + strings.Join(values, ", ") + ") LOCATION " + literal(p.Location) + ";")
	}
	return b.String()
}
