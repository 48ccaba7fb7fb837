package dataapi

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"strconv"
	"time"

	"github.com/redshiftsim/redshiftsim/engine"
	"github.com/redshiftsim/redshiftsim/internal/types"
)

// maxLook is for how long a list may take.
const maxLook = time.Minute

// look is a session in which the catalog is read, for one request.
type look struct {
	ctx context.Context
	s   *engine.Session
	// database is the one that is asked about; abroad says that the session is connected to another.
	database string
	abroad   bool
}

// open connects to the database that a request says, and says which one it asks about.
func (h *Handler) look(ctx context.Context, c *caller, in *relationsInput, connected *string, f func(l *look) error) error {
	if err := first(required("database", in.Database), in.check()); err != nil {
		return err
	}
	t, err := h.find(value(in.ClusterIdentifier), value(in.WorkgroupName))
	if err != nil {
		return err
	}
	w, err := h.as(c, &in.connection, t.cluster)
	if err != nil {
		return err
	}
	l := &look{database: *in.Database}
	to := *in.Database
	if connected != nil {
		to, l.abroad = *connected, *connected != *in.Database
	}
	if l.s, err = open(&t, w, to); err != nil {
		return &apiError{code: http.StatusInternalServerError, kind: "DatabaseConnectionException", message: message(err)}
	}
	var stop context.CancelFunc
	l.ctx, stop = context.WithTimeout(ctx, maxLook)
	defer stop()
	err = errors.Join(f(l), l.s.Close())
	if err != nil && errors.Is(l.ctx.Err(), context.DeadlineExceeded) {
		return exceeded("QueryTimeoutException", "The query took longer than %v.", maxLook)
	}
	return err
}

// rows runs a query with texts as parameters and gives its rows as texts, NULL as "".
func (l *look) rows(sql string, params ...string) (out [][]string, err error) {
	args := make([]types.Datum, len(params))
	for i, p := range params {
		args[i] = types.Datum{Type: types.TUnknown, Text: p}
	}
	r, err := l.s.Query(l.ctx, sql, args)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, r.Close()) }()
	columns := r.Columns()
	for {
		b, err := r.Next()
		if err != nil || b == nil {
			return out, err
		}
		for i := range b.Rows() {
			if b.Sel != nil {
				i = int(b.Sel[i])
			}
			row := make([]string, len(columns))
			for c := range columns {
				d := b.Columns[c].Get(i)
				d.Type = columns[c].Type
				row[c] = types.Format(d, nil)
			}
			out = append(out, row)
		}
	}
}

// slice cuts a page out of a list, and says where the next one begins.
func slice[T any](all []T, in *relationsInput) ([]T, string, error) {
	n, err := pageOf(in.MaxResults, maxPage)
	if err != nil {
		return nil, "", err
	}
	from, err := readToken("l", in.NextToken)
	if err != nil {
		return nil, "", err
	}
	from = min(from, int64(len(all)))
	to := min(from+int64(n), int64(len(all)))
	next := ""
	if to < int64(len(all)) {
		next = tokenOf("l", to)
	}
	return append([]T{}, all[from:to]...), next, nil
}

// pattern is a pattern of LIKE; none = everything.
func pattern(p *string) string {
	if p == nil {
		return "%"
	}
	return *p
}

// listDatabases is ListDatabases.
// https://docs.aws.amazon.com/redshift-data/latest/APIReference/API_ListDatabases.html
func (h *Handler) listDatabases(ctx context.Context, c *caller, in *relationsInput) (answer, error) {
	var names []string
	err := h.look(ctx, c, in, nil, func(l *look) (err error) {
		names, err = l.names(`SELECT datname FROM pg_catalog.pg_database ORDER BY 1`)
		return err
	})
	if err != nil {
		return nil, err
	}
	out := struct {
		Databases []string
		NextToken string `json:",omitempty"`
	}{}
	out.Databases, out.NextToken, err = slice(names, in)
	return out, err
}

// names gives the only column of a query.
func (l *look) names(sql string, params ...string) (out []string, err error) {
	rows, err := l.rows(sql, params...)
	for _, r := range rows {
		out = append(out, r[0])
	}
	return out, err
}

// listSchemas is ListSchemas.
// https://docs.aws.amazon.com/redshift-data/latest/APIReference/API_ListSchemas.html
func (h *Handler) listSchemas(ctx context.Context, c *caller, in *listSchemasInput) (answer, error) {
	var names []string
	err := h.look(ctx, c, &in.relationsInput, in.ConnectedDatabase, func(l *look) (err error) {
		if l.abroad {
			names, err = l.names(`SELECT schema_name FROM svv_all_schemas WHERE database_name = $1 AND schema_name LIKE $2 ORDER BY 1`, l.database, pattern(in.SchemaPattern))
			return err
		}
		names, err = l.names(`SELECT nspname FROM pg_catalog.pg_namespace WHERE nspname NOT LIKE 'pg\\_temp\\_%' AND nspname LIKE $1 ORDER BY 1`, pattern(in.SchemaPattern))
		return err
	})
	if err != nil {
		return nil, err
	}
	out := struct {
		Schemas   []string
		NextToken string `json:",omitempty"`
	}{}
	out.Schemas, out.NextToken, err = slice(names, &in.relationsInput)
	return out, err
}

// Relations of the database that the session is connected to, and of another one.
const (
	ownTables = `SELECT n.nspname, c.relname,
 CASE WHEN n.nspname IN ('pg_catalog', 'information_schema', 'pg_internal') THEN 'SYSTEM ' ELSE '' END || CASE c.relkind WHEN 'v' THEN 'VIEW' ELSE 'TABLE' END
 FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
 WHERE c.relkind IN ('r', 'v') AND n.nspname NOT LIKE 'pg\\_temp\\_%' AND n.nspname LIKE $1 AND c.relname LIKE $2`
	externalTables = `SELECT schemaname, tablename, 'EXTERNAL TABLE' FROM svv_external_tables WHERE schemaname LIKE $1 AND tablename LIKE $2`
	otherTables    = `SELECT schema_name, table_name, table_type FROM svv_all_tables WHERE database_name = $1 AND schema_name LIKE $2 AND table_name LIKE $3`
)

// listTables is ListTables.
// https://docs.aws.amazon.com/redshift-data/latest/APIReference/API_ListTables.html
func (h *Handler) listTables(ctx context.Context, c *caller, in *listTablesInput) (answer, error) {
	var rows [][]string
	schema, table := pattern(in.SchemaPattern), pattern(in.TablePattern)
	err := h.look(ctx, c, &in.relationsInput, in.ConnectedDatabase, func(l *look) (err error) {
		if l.abroad {
			rows, err = l.rows(otherTables, l.database, schema, table)
			return err
		}
		if rows, err = l.rows(ownTables, schema, table); err != nil {
			return err
		}
		external, err := l.rows(externalTables, schema, table)
		rows = append(rows, external...)
		return err
	})
	if err != nil {
		return nil, err
	}
	slices.SortFunc(rows, func(a, b []string) int { return slices.Compare(a[:2], b[:2]) })
	tables := make([]tableMember, len(rows))
	for i, r := range rows {
		tables[i] = tableMember{Schema: r[0], Name: r[1], Type: r[2]}
	}
	out := struct {
		Tables    []tableMember
		NextToken string `json:",omitempty"`
	}{}
	out.Tables, out.NextToken, err = slice(tables, &in.relationsInput)
	return out, err
}

// Columns: schema, table, column, type, modifier or length, digits behind the point, nullable, default, number.
const (
	ownColumns = `SELECT n.nspname, c.relname, a.attname, t.typname, a.atttypmod, 0, CASE WHEN a.attnotnull THEN 'NO' ELSE 'YES' END, d.adsrc, a.attnum
 FROM pg_catalog.pg_attribute a JOIN pg_catalog.pg_class c ON c.oid = a.attrelid JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
 JOIN pg_catalog.pg_type t ON t.oid = a.atttypid LEFT JOIN pg_catalog.pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
 WHERE a.attnum > 0 AND NOT a.attisdropped AND c.relkind IN ('r', 'v') AND n.nspname NOT LIKE 'pg\\_temp\\_%'`
	externalColumns = `SELECT schemaname, tablename, columnname, external_type, -1, 0, 'YES', '', columnnum FROM svv_external_columns WHERE 1 = 1`
	otherColumns    = `SELECT schema_name, table_name, column_name, data_type, coalesce(character_maximum_length, numeric_precision, -1), coalesce(numeric_scale, 0),
 is_nullable, column_default, ordinal_position FROM svv_all_columns WHERE database_name = $1`
)

// describeTable is DescribeTable.
// https://docs.aws.amazon.com/redshift/latest/mgmt/data-api-calling-cli-describe-table.html
func (h *Handler) describeTable(ctx context.Context, c *caller, in *describeTableInput) (answer, error) {
	var columns []columnMetadata
	err := h.look(ctx, c, &in.relationsInput, in.ConnectedDatabase, func(l *look) (err error) {
		columns, err = l.columns(in.Schema, in.Table)
		return err
	})
	if err != nil {
		return nil, err
	}
	out := struct {
		TableName  string `json:",omitempty"`
		ColumnList []columnMetadata
		NextToken  string `json:",omitempty"`
	}{TableName: value(in.Table)}
	out.ColumnList, out.NextToken, err = slice(columns, &in.relationsInput)
	return out, err
}

// columns lists the columns of one table, or of all.
func (l *look) columns(schema, table *string) (out []columnMetadata, err error) {
	var rows [][]string
	if l.abroad {
		rows, err = l.filtered(otherColumns, []string{l.database}, "schema_name", schema, "table_name", table)
	} else if rows, err = l.filtered(ownColumns, nil, "n.nspname", schema, "c.relname", table); err == nil {
		var external [][]string
		external, err = l.filtered(externalColumns, nil, "schemaname", schema, "tablename", table)
		rows = append(rows, external...)
	}
	if err != nil {
		return nil, err
	}
	number := func(s string) int { n, _ := strconv.Atoi(s); return n }
	slices.SortFunc(rows, func(a, b []string) int {
		if c := slices.Compare(a[:2], b[:2]); c != 0 {
			return c
		}
		return number(a[8]) - number(b[8])
	})
	for _, r := range rows {
		out = append(out, l.column(r, number(r[4]), number(r[5])))
	}
	return out, nil
}

// filtered runs a query of columns for a schema and a table, when they are given.
func (l *look) filtered(sql string, params []string, schemaColumn string, schema *string, tableColumn string, table *string) ([][]string, error) {
	for _, f := range []struct {
		column string
		value  *string
	}{{schemaColumn, schema}, {tableColumn, table}} {
		if f.value != nil {
			params = append(params, *f.value)
			sql += " AND " + f.column + " = $" + strconv.Itoa(len(params))
		}
	}
	return l.rows(sql, params...)
}

// column is a column as JDBC's DatabaseMetaData.getColumns tells it: its size is both length and precision. What it does not tell is false.
func (l *look) column(r []string, modifier, scale int) columnMetadata {
	t := types.Type{Kind: kinds[r[3]]}
	switch {
	case !l.abroad && t.Kind == types.Numeric && modifier >= 4:
		t.Prec, t.Scale = uint8((modifier-4)>>16), uint8(modifier-4)
	case !l.abroad && modifier >= 4:
		t.Len = int32(modifier - 4)
	case l.abroad && t.Kind == types.Numeric:
		t.Prec, t.Scale = uint8(modifier), uint8(scale)
	case l.abroad && modifier > 0 && t.IsText():
		t.Len = int32(modifier)
	}
	m := metadataOf("", t, r[6] == "NO")
	m.SchemaName, m.TableName, m.Name, m.ColumnDefault, m.Length, m.IsCaseSensitive, m.IsSigned = r[0], r[1], r[2], r[7], m.Precision, false, false
	if t.Kind == types.Unknown { // a type of a file, as the external table has it
		m.TypeName = r[3]
	}
	return m
}

// kinds are types by what the catalog calls them, and by what SQL does.
var kinds = func() map[string]types.Kind {
	out := map[string]types.Kind{}
	for k := range types.NumKinds {
		t := types.Type{Kind: k}
		out[t.String()], out[t.InternalName()] = k, k
	}
	return out
}()
