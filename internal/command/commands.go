package command

import (
	"database/sql"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/jedib0t/go-pretty/v6/table"
	"github.com/jedib0t/go-pretty/v6/text"

	"github.com/redshiftsim/redshiftsim/internal/types"
)

const help = `\d            list relations          \d NAME   columns of a table
\dt           list tables             \i FILE   run a file
\timing       switch timing on, off   \q        leave
statements end with a semicolon`

// command runs a backslash command; false = leave.
func (s *shell) command(line string) bool {
	name, arg, _ := strings.Cut(strings.TrimSuffix(line, ";"), " ")
	arg = strings.TrimSpace(arg)
	switch name {
	case `\q`:
		return false
	case `\?`:
		fmt.Fprintln(s.out, help)
	case `\timing`:
		s.timing = !s.timing
		fmt.Fprintln(s.out, "Timing is", map[bool]string{true: "on.", false: "off."}[s.timing])
	case `\dt`, `\d`:
		if name == `\d` && arg != "" {
			s.describe(arg)
			break
		}
		s.run(`SELECT table_schema AS "schema", table_name AS "name", CASE table_type WHEN 'VIEW' THEN 'view' ELSE 'table' END AS "type" FROM information_schema.tables
 WHERE table_schema NOT IN ('pg_catalog', 'information_schema', 'pg_internal')` + onlyTables(name) + ` ORDER BY 1, 2`)
	case `\i`:
		if s.depth++; s.depth > 16 {
			fmt.Fprintln(s.errs, `\i is nested too deeply`)
			s.failed = true
		} else {
			s.file(arg, strings.NewReader(""))
		}
		s.depth--
	default:
		fmt.Fprintf(s.errs, "invalid command %s: try \\?\n", name)
		s.failed = true
	}
	return true
}

func onlyTables(name string) string {
	if name == `\dt` {
		return " AND table_type = 'BASE TABLE'"
	}
	return ""
}

// describe lists a table's columns as Redshift keeps them.
func (s *shell) describe(name string) {
	schema, table, ok := strings.Cut(name, ".")
	if !ok {
		schema, table = "", name
	}
	q := `SELECT "column", type, encoding, distkey, sortkey, "notnull" FROM pg_table_def WHERE tablename = ` + quote(table)
	if schema != "" {
		q += " AND schemaname = " + quote(schema)
	}
	if s.postgres { // which has no pg_table_def
		q = `SELECT column_name AS "column", data_type AS "type", is_nullable AS "nullable" FROM information_schema.columns WHERE table_name = ` + quote(table)
		if schema != "" {
			q += " AND table_schema = " + quote(schema)
		}
		q += " ORDER BY ordinal_position"
	}
	s.run(q)
}

func quote(s string) string {
	return "'" + strings.NewReplacer("'", "''", `\`, `\\`).Replace(s) + "'"
}

// psql is the look of psql's tables.
var psql = table.BoxStyle{MiddleHorizontal: "-", MiddleSeparator: "+", MiddleVertical: "|", PaddingLeft: " ", PaddingRight: " "}

// printTable prints rows as psql does: numbers to the right, NULL as nothing.
func printTable(w io.Writer, cols []*sql.ColumnType, cells [][]any) {
	t := table.NewWriter()
	st := table.StyleDefault
	st.Box = psql
	st.Format.Header = text.FormatDefault
	st.Options = table.Options{SeparateColumns: true, SeparateHeader: true}
	t.SetStyle(st)
	head := make(table.Row, len(cols))
	conf := make([]table.ColumnConfig, len(cols))
	for i, c := range cols {
		head[i] = c.Name()
		conf[i] = table.ColumnConfig{Number: i + 1, AlignHeader: text.AlignCenter}
		switch c.DatabaseTypeName() {
		case "INT2", "INT4", "INT8", "OID", "NUMERIC", "FLOAT4", "FLOAT8":
			conf[i].Align = text.AlignRight
		}
	}
	t.AppendHeader(head)
	t.SetColumnConfigs(conf)
	for _, row := range cells {
		r := make(table.Row, len(row))
		for i, v := range row {
			r[i] = show(v, cols[i].DatabaseTypeName())
		}
		t.AppendRow(r)
	}
	for i, line := range strings.Split(t.Render(), "\n") {
		if i > 1 { // psql pads the head only
			line = strings.TrimRight(line, " ")
		}
		fmt.Fprintln(w, line)
	}
	if len(cells) == 1 {
		fmt.Fprintln(w, "(1 row)")
	} else {
		fmt.Fprintf(w, "(%d rows)\n", len(cells))
	}
}

// show prints one value as Redshift's text output has it.
func show(v any, typ string) string {
	switch v := v.(type) {
	case nil:
		return ""
	case bool:
		return map[bool]string{true: "t", false: "f"}[v]
	case []byte:
		return string(v)
	case float64:
		kind := types.Float8
		if typ == "FLOAT4" {
			kind = types.Float4
		}
		return string(types.AppendFloat(nil, kind, v))
	case time.Time:
		us := types.MicrosFromTime(v)
		switch typ {
		case "DATE":
			return string(types.AppendDate(nil, us/types.MicrosPerDay))
		case "TIMESTAMPTZ":
			return string(types.AppendTimestampTZ(nil, us, v.Location()))
		}
		return string(types.AppendTimestamp(nil, us))
	case string:
		return strings.TrimRight(v, " ")
	}
	return fmt.Sprint(v)
}
