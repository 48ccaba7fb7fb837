// Package passthrough opens real clusters behind the driver "redshiftsim": with it linked in, the scheme of the DSN alone decides where a program's SQL runs.
//
//	import _ "github.com/redshiftsim/redshiftsim/passthrough"
//
//	sql.Open("redshiftsim", "redshiftsim://")                        the engine in this process
//	sql.Open("redshiftsim", "redshift://u:p@host:5439/dev")          Amazon Redshift
//	sql.Open("redshiftsim", "postgres://u@host/db?sslmode=disable")  anything that speaks PostgreSQL's protocol
//
//	database/sql ── conn ── pgconn ── the wire ── cluster
//	                 │         texts of values
//	                 ├── rows: text -> the engine's Go value of the same type (int64, string of a numeric, time.Time in the session's zone ...)
//	                 └── errors: *pgconn.PgError -> *redshiftsim.Error
//
// What is normalised is listed at value; DSNs are pgconn's (URLs with the options of libpq, and session parameters). Values travel as text in both
// directions, so that the server decides the type of an argument, as the engine does.
//
// # Protocol
//
// A text without arguments goes as one simple query: it may have several statements, and each gives a result set. A text with arguments goes through the
// extended protocol with an unnamed statement. Nothing is ever pasted into a text, so the checks that pgx makes before it does so (client_encoding must be
// UTF8, which Redshift calls UNICODE, and standard_conforming_strings, which it does not report) are not needed. client_encoding and DateStyle are set at
// start unless the DSN sets them.
//
// Servers before PostgreSQL 12, and so Redshift, print floating-point numbers with 15 digits, which are not all. More (extra_float_digits) would show in what
// statements make texts of. So a query on them is described before it runs, which costs a round trip, and its floating-point columns come as bytes; only
// those of a text of several statements have 15 digits.
package passthrough

import (
	"context"
	"database/sql/driver"
	"errors"
	"fmt"
	"net"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgconn/ctxwatch"

	"github.com/redshiftsim/redshiftsim"
	"github.com/redshiftsim/redshiftsim/internal/sqlstate"
)

func init() {
	for _, scheme := range []string{"redshift", "postgres", "postgresql"} {
		redshiftsim.RegisterScheme(scheme, func(dsn string) (driver.Connector, error) { return NewConnector(dsn, Options{}) })
	}
}

// Options are what a DSN cannot say.
type Options struct {
	// Notice gets what the cluster tells besides errors, while a statement runs.
	Notice func(*redshiftsim.Error)
	// Dial opens connections instead of the network: for a server in this process, or a tunnel.
	Dial func(ctx context.Context, network, address string) (net.Conn, error)
}

// Connector opens connections to one cluster; sql.OpenDB makes a *sql.DB of it.
type Connector struct{ cfg *pgconn.Config }

var _ driver.Connector = (*Connector)(nil)

// cancelling is how long a cancelled statement may take to end before its connection is given up.
const cancelling = 5 * time.Second

// NewConnector reads a DSN of the schemes redshift, postgres and postgresql. The port of redshift:// is 5439 unless one is given. Errors do not hold the
// password.
func NewConnector(dsn string, o Options) (*Connector, error) {
	text, err := libpq(dsn)
	if err != nil {
		return nil, err
	}
	cfg, err := pgconn.ParseConfig(text)
	if err != nil {
		return nil, fmt.Errorf("redshiftsim: %w", err)
	}
	for name, value := range map[string]string{"client_encoding": "UTF8", "DateStyle": "ISO, MDY"} {
		if !has(cfg.RuntimeParams, name) {
			cfg.RuntimeParams[name] = value
		}
	}
	cfg.BuildContextWatcherHandler = func(c *pgconn.PgConn) ctxwatch.Handler {
		return &pgconn.CancelRequestContextWatcherHandler{Conn: c, DeadlineDelay: cancelling}
	}
	if o.Notice != nil {
		cfg.OnNotice = func(_ *pgconn.PgConn, n *pgconn.Notice) { o.Notice(ours((*pgconn.PgError)(n))) }
	}
	if o.Dial != nil {
		cfg.DialFunc = o.Dial
		cfg.LookupFunc = func(_ context.Context, host string) ([]string, error) { return []string{host}, nil }
	}
	return &Connector{cfg}, nil
}

// has says whether a parameter is there, in any case of its letters.
func has(params map[string]string, name string) bool {
	for p := range params {
		if strings.EqualFold(p, name) {
			return true
		}
	}
	return false
}

// libpq turns a DSN into one that libpq would take.
func libpq(dsn string) (string, error) {
	rest, ok := strings.CutPrefix(dsn, "redshift://")
	if !ok {
		return dsn, nil
	}
	u, err := url.Parse("postgres://" + rest)
	if err != nil {
		var e *url.Error // its text has the URL with the password
		if errors.As(err, &e) {
			err = e.Err
		}
		return "", fmt.Errorf("redshiftsim: the DSN: %w", err)
	}
	q := u.Query()
	if u.Port() == "" && !q.Has("port") && !strings.Contains(u.Host, ",") {
		q.Set("port", "5439")
		u.RawQuery = q.Encode()
	}
	return u.String(), nil
}

// Connect opens a connection and logs in.
func (k *Connector) Connect(ctx context.Context) (driver.Conn, error) {
	pg, err := pgconn.ConnectConfig(ctx, k.cfg.Copy())
	if err != nil {
		return nil, translated(err)
	}
	major, _, _ := strings.Cut(pg.ParameterStatus("server_version"), ".")
	version, err := strconv.Atoi(strings.TrimRight(major, "abcdefghijklmnopqrstuvwxyz")) // 17beta1
	return &conn{pg: pg, describes: err == nil && version < 12}, nil
}

// Driver is the driver of the connector: the one that knows all schemes.
func (k *Connector) Driver() driver.Driver { return redshiftsim.Driver{} }

// translated turns an error of the cluster into the engine's form, and a connection that was lost before a statement reached it into driver.ErrBadConn,
// on which database/sql tries another.
func translated(err error) error {
	var e *pgconn.PgError
	var refused *pgconn.ConnectError
	switch {
	case errors.As(err, &e):
		return ours(e)
	case errors.As(err, &refused), pgconn.Timeout(err):
		return err
	case pgconn.SafeToRetry(err):
		return errors.Join(driver.ErrBadConn, err)
	}
	return err
}

// ours gives an error of the wire the engine's form.
func ours(e *pgconn.PgError) *redshiftsim.Error {
	return &redshiftsim.Error{
		Severity: e.Severity, Code: sqlstate.Code(e.Code), Message: e.Message, Detail: e.Detail, Hint: e.Hint, Position: int(e.Position), Where: e.Where,
		Schema: e.SchemaName, Table: e.TableName, Column: e.ColumnName, Constraint: e.ConstraintName, File: e.File, Line: int(e.Line), Routine: e.Routine,
	}
}
