package passthrough

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"net"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgproto3"
	"github.com/jackc/pgx/v5/pgtype"

	"github.com/redshiftsim/redshiftsim"
)

// cluster is a server that speaks as a Redshift cluster does: its client_encoding is UNICODE, and it says nothing of standard_conforming_strings.
type cluster struct {
	t     *testing.T
	start atomic.Pointer[pgproto3.StartupMessage]
	conns atomic.Int32
	// query answers a simple query; false closes the connection.
	query func(b *pgproto3.Backend, text string) bool
}

func (c *cluster) dial(context.Context, string, string) (net.Conn, error) {
	ours, theirs := net.Pipe()
	go c.serve(theirs)
	c.conns.Add(1)
	return ours, nil
}

func (c *cluster) serve(nc net.Conn) {
	defer nc.Close()
	b := pgproto3.NewBackend(nc, nc)
	m, err := b.ReceiveStartupMessage()
	if err != nil {
		return
	}
	start, ok := m.(*pgproto3.StartupMessage)
	if !ok {
		return
	}
	c.start.Store(start)
	b.Send(&pgproto3.AuthenticationOk{})
	b.Send(&pgproto3.ParameterStatus{Name: "client_encoding", Value: "UNICODE"})
	b.Send(&pgproto3.ParameterStatus{Name: "padb_version", Value: "1.0.41533"})
	b.Send(&pgproto3.ReadyForQuery{TxStatus: 'I'})
	if b.Flush() != nil {
		return
	}
	for {
		m, err := b.Receive()
		if err != nil {
			return
		}
		if q, ok := m.(*pgproto3.Query); ok {
			if !c.query(b, q.String) || b.Flush() != nil {
				return
			}
		}
	}
}

// answer sends rows of one column.
func answer(b *pgproto3.Backend, oid uint32, mod int32, rows ...string) {
	b.Send(&pgproto3.RowDescription{Fields: []pgproto3.FieldDescription{{Name: []byte("x"), DataTypeOID: oid, TypeModifier: mod}}})
	for _, r := range rows {
		b.Send(&pgproto3.DataRow{Values: [][]byte{[]byte(r)}})
	}
	b.Send(&pgproto3.CommandComplete{CommandTag: []byte(fmt.Sprintf("SELECT %d", len(rows)))})
	b.Send(&pgproto3.ReadyForQuery{TxStatus: 'I'})
}

func (c *cluster) open(t *testing.T) *sql.DB {
	t.Helper()
	k, err := NewConnector("redshift://u:p@h/dev?sslmode=disable", Options{Dial: c.dial})
	if err != nil {
		t.Fatal(err)
	}
	db := sql.OpenDB(k)
	t.Cleanup(func() { _ = db.Close() })
	return db
}

// TestRedshiftTypes: the numbers and texts of types that only Redshift has; and the log-in, where pgx's simple protocol would refuse UNICODE.
func TestRedshiftTypes(t *testing.T) {
	type of struct {
		oid  uint32
		mod  int32
		text string
		want any
		name string
	}
	answers := map[string]of{
		"super":     {4000, -1, `{"a":1}`, `{"a":1}`, "SUPER"},
		"varbyte":   {6551, 68, "00ff", "00ff", "VARBYTE"},
		"geometry":  {3999, -1, "0101", "0101", "GEOMETRY"},
		"year":      {1188, -1, "1 year 2 mons", "1 year 2 mons", "INTERVALY2M"},
		"day":       {1190, -1, "1 day 02:00:00", "1 day 02:00:00", "INTERVALD2S"},
		"hllsketch": {2935, -1, `{"version":1}`, `{"version":1}`, "HLLSKETCH"},
		"none":      {99999, -1, "?", "?", "99999"},
	}
	c := &cluster{t: t, query: func(b *pgproto3.Backend, text string) bool {
		a := answers[strings.TrimPrefix(text, "SELECT ")]
		answer(b, a.oid, a.mod, a.text)
		return true
	}}
	db := c.open(t)
	for what, a := range answers {
		got, names := row(t, db, "SELECT "+what)
		if got[0] != a.want || names[0] != a.name {
			t.Errorf("%s: %v of %s, want %v of %s", what, got[0], names[0], a.want, a.name)
		}
	}
	p := c.start.Load().Parameters
	if p["client_encoding"] != "UTF8" || p["database"] != "dev" || p["user"] != "u" {
		t.Errorf("start-up parameters %v", p)
	}
}

// TestLostConnection: a connection that dies among the rows is an error of theirs; one that died while idle is replaced without anybody noticing.
func TestLostConnection(t *testing.T) {
	broken := true
	c := &cluster{t: t}
	c.query = func(b *pgproto3.Backend, text string) bool {
		if text == "SELECT rows" && broken {
			broken = false
			b.Send(&pgproto3.RowDescription{Fields: []pgproto3.FieldDescription{{Name: []byte("x"), DataTypeOID: 23, TypeModifier: -1}}})
			b.Send(&pgproto3.DataRow{Values: [][]byte{[]byte("1")}})
			_ = b.Flush()
			return false
		}
		if text == "BYE" {
			b.Send(&pgproto3.CommandComplete{CommandTag: []byte("BYE")})
			b.Send(&pgproto3.ReadyForQuery{TxStatus: 'I'})
			_ = b.Flush()
			return false
		}
		if text == "FATAL" {
			b.Send(&pgproto3.ErrorResponse{Severity: "FATAL", Code: "57P01", Message: "terminating connection due to administrator command"})
			_ = b.Flush()
			return false
		}
		answer(b, 23, -1, "1", "2")
		return true
	}
	db := c.open(t)
	rows, err := db.Query("SELECT rows")
	if err != nil {
		t.Fatal(err)
	}
	n := 0
	for rows.Next() {
		n++
	}
	if n != 1 || rows.Err() == nil {
		t.Errorf("%d rows, %v", n, rows.Err())
	}
	rows.Close()
	var x int
	if err := db.QueryRow("SELECT rows").Scan(&x); err != nil || x != 1 {
		t.Errorf("after a lost connection: %d, %v", x, err)
	}
	if _, err := db.Exec("BYE"); err != nil {
		t.Fatal(err)
	}
	if err := db.QueryRow("SELECT rows").Scan(&x); err != nil {
		t.Errorf("after one that died while idle: %v", err)
	}
	_, err = db.Exec("FATAL")
	var e *redshiftsim.Error
	if !errors.As(err, &e) || e.SQLState() != "57P01" || e.Severity != "FATAL" {
		t.Errorf("%v", err)
	}
	if err := db.Ping(); err != nil {
		t.Errorf("a new connection: %v", err)
	}
	if c.conns.Load() < 3 {
		t.Errorf("%d connections", c.conns.Load())
	}
}

// FuzzValue: whatever bytes a server sends for a type become a value or an error, and never a panic.
func FuzzValue(f *testing.F) {
	for _, oid := range []uint32{16, 20, 21, 23, 26, 700, 701, 1042, 1043, 1082, 1083, 1114, 1184, 1186, 1188, 1190, 1266, 1700, 17, 4000, 6551, 99999} {
		for _, s := range []string{"", "1", "t", "2008-02-29 01:02:03+02", `\x0g`, `a\\b\00`, "NaN", "infinity", "0044-03-15 BC", "\x00\x00\x00\x00"} {
			f.Add(oid, int32(-1), s, false)
			f.Add(oid, int32(8), s, true)
		}
	}
	f.Fuzz(func(t *testing.T, oid uint32, mod int32, text string, binary bool) {
		d := pgconn.FieldDescription{DataTypeOID: oid, TypeModifier: mod}
		if binary {
			d.Format = pgtype.BinaryFormatCode
		}
		c := describe([]pgconn.FieldDescription{d})[0]
		v, err := c.value([]byte(text), time.UTC)
		if err == nil && !driver.IsValue(v) {
			t.Errorf("%q of type %d is a %T", text, oid, v)
		}
	})
}
