package integration

import (
	"context"
	"fmt"
	"reflect"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"github.com/redshiftsim/redshiftsim"
)

// TestTypes reads values of every type as text and as binary, which pgx decodes by itself: both are the value that was written. Where pgx can write
// the type, its value goes as a parameter, too, in the form that pgx likes best.
func TestTypes(t *testing.T) {
	ctx := context.Background()
	conn := connect(t, pgxConfig(t, newCluster(t, redshiftsim.Config{}), ""))
	day := time.Date(2008, 2, 29, 0, 0, 0, 0, time.UTC)
	at := time.Date(1999, 12, 31, 23, 59, 59, 123456000, time.UTC)
	for i, x := range []struct {
		typ, literal string
		want         any
		printed      string
	}{
		{"boolean", "true", true, "t"},
		{"smallint", "-32768", int16(-32768), "-32768"},
		{"integer", "2147483647", int32(2147483647), "2147483647"},
		{"bigint", "-9223372036854775808", int64(-9223372036854775808), "-9223372036854775808"},
		{"real", "1.5", float32(1.5), "1.5"},
		{"double precision", "-0.015625", float64(-0.015625), "-0.015625"},
		{"numeric(38,10)", "-1234567890123456789012345678.0123456789", "-1234567890123456789012345678.0123456789", "-1234567890123456789012345678.0123456789"},
		{"numeric(10,2)", "-0.05", "-0.05", "-0.05"},
		{"numeric(10,4)", "10000", "10000.0000", "10000.0000"},
		{"numeric(8,0)", "0", "0", "0"},
		{"varchar(20)", "naïve, 'quoted'", "naïve, 'quoted'", "naïve, 'quoted'"},
		{"char(5)", "ab", "ab   ", "ab   "},
		{"date", "2008-02-29", day, "2008-02-29"},
		{"timestamp", "1999-12-31 23:59:59.123456", at, "1999-12-31 23:59:59.123456"},
		{"timestamptz", "1999-12-31 18:59:59.123456-05", at, "1999-12-31 23:59:59.123456+00"},
		{"time", "23:59:59.999999", "23:59:59.999999", "23:59:59.999999"},
		{"timetz", "12:00:00+02", "12:00:00+02", "12:00:00+02"},
		{"varbyte(4)", "cafe", "cafe", "cafe"},
	} {
		t.Run(x.typ, func(t *testing.T) {
			table := fmt.Sprintf("t%d", i)
			literal := "'" + quoted(x.literal) + "'"
			if x.typ == "varbyte(4)" {
				literal = "to_varbyte(" + literal + ", 'hex')"
			}
			if _, err := conn.Exec(ctx, "CREATE TABLE "+table+" (v "+x.typ+", n "+x.typ+"); INSERT INTO "+table+" VALUES ("+literal+", NULL)"); err != nil {
				t.Fatal(err)
			}
			raw := conn.PgConn().ExecParams(ctx, "SELECT v, n FROM "+table, nil, nil, nil, []int16{0}).Read()
			if raw.Err != nil || string(raw.Rows[0][0]) != x.printed || raw.Rows[0][1] != nil {
				t.Errorf("as text: %q, %v", raw.Rows, raw.Err)
			}
			for _, format := range []int16{0, 1} {
				if format == 1 && (x.typ == "timetz" || x.typ == "varbyte(4)") { // pgx does not know their binary forms
					continue
				}
				got := reflect.New(reflect.TypeOf(x.want))
				null := reflect.New(got.Type())
				if err := conn.QueryRow(ctx, "SELECT v, n FROM "+table, pgx.QueryResultFormats{format}).Scan(got.Interface(), null.Interface()); err != nil {
					t.Errorf("format %d: %v", format, err)
					continue
				}
				v := got.Elem().Interface()
				if w, ok := x.want.(time.Time); ok && !v.(time.Time).Equal(w) || !ok && v != x.want {
					t.Errorf("format %d: %v, want %v", format, v, x.want)
				}
				if !null.Elem().IsNil() {
					t.Errorf("format %d: NULL is %v", format, null.Elem())
				}
			}
			if x.typ == "varbyte(4)" || x.typ == "timetz" {
				return
			}
			var n int
			if err := conn.QueryRow(ctx, "SELECT count(*) FROM "+table+" WHERE v = $1", x.want).Scan(&n); err != nil || n != 1 {
				t.Errorf("as a parameter: %d rows, %v", n, err)
			}
		})
	}
}

func quoted(s string) string {
	out := ""
	for _, r := range s {
		if out += string(r); r == '\'' {
			out += "'"
		}
	}
	return out
}

// TestCatalogArrays: pgx asks for arrays in binary.
func TestCatalogArrays(t *testing.T) {
	ctx := context.Background()
	conn := connect(t, pgxConfig(t, newCluster(t, redshiftsim.Config{}), ""))
	if _, err := conn.Exec(ctx, "CREATE USER ann PASSWORD DISABLE; CREATE GROUP staff WITH USER ann"); err != nil {
		t.Fatal(err)
	}
	var ids []int32
	var id int32
	if err := conn.QueryRow(ctx, "SELECT grolist, usesysid FROM pg_group, pg_user WHERE groname = 'staff' AND usename = 'ann'").Scan(&ids, &id); err != nil {
		t.Fatal(err)
	}
	if len(ids) != 1 || ids[0] != id {
		t.Errorf("%v, want %d", ids, id)
	}
}

// TestCancelRequest: a cancel request comes on a connection of its own, which the dialer makes, too.
func TestCancelRequest(t *testing.T) {
	const long = "SELECT count(*) FROM generate_series(1, 30000) a, generate_series(1, 30000) b, generate_series(1, 1000) c WHERE a.a + b.b + c.c < 0"
	conn := connect(t, pgxConfig(t, newCluster(t, redshiftsim.Config{}), ""))
	done := make(chan error, 1)
	go func() {
		_, err := conn.Exec(context.Background(), long)
		done <- err
	}()
	time.Sleep(50 * time.Millisecond)
	if err := conn.PgConn().CancelRequest(context.Background()); err != nil {
		t.Fatal(err)
	}
	var pe *pgconn.PgError
	if err := <-done; !errorsAs(err, &pe) || pe.Code != "57014" {
		t.Fatal(err)
	}
	if err := conn.Ping(context.Background()); err != nil {
		t.Error("the connection is not usable:", err)
	}
}

// TestCopyFromIsRefused: Redshift has no COPY FROM STDIN. pgx hears so, and the connection goes on.
func TestCopyFromIsRefused(t *testing.T) {
	ctx := context.Background()
	conn := connect(t, pgxConfig(t, newCluster(t, redshiftsim.Config{}), ""))
	if _, err := conn.Exec(ctx, "CREATE TABLE t (a int)"); err != nil {
		t.Fatal(err)
	}
	_, err := conn.CopyFrom(ctx, pgx.Identifier{"t"}, []string{"a"}, pgx.CopyFromRows([][]any{{1}}))
	var pe *pgconn.PgError
	if !errorsAs(err, &pe) || pe.Code != "42601" {
		t.Fatal(err)
	}
	var n int
	if err := conn.QueryRow(ctx, "SELECT count(*) FROM t").Scan(&n); err != nil || n != 0 {
		t.Error(n, err)
	}
}
