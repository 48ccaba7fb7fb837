package redshiftsim

import (
	"context"
	"database/sql/driver"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/redshiftsim/redshiftsim/engine"
	"github.com/redshiftsim/redshiftsim/engine/plan"
	"github.com/redshiftsim/redshiftsim/internal/sqldriver"
	"github.com/redshiftsim/redshiftsim/internal/types"
)

// conn is a connection: one session of the engine.
type conn struct {
	s      *engine.Session
	shared *shared
	owner  *Connector    // of Driver.Open alone: closed with the connection
	args   []types.Datum // scratch
}

var (
	_ driver.Conn               = (*conn)(nil)
	_ driver.ConnPrepareContext = (*conn)(nil)
	_ driver.ConnBeginTx        = (*conn)(nil)
	_ driver.QueryerContext     = (*conn)(nil)
	_ driver.ExecerContext      = (*conn)(nil)
	_ driver.Pinger             = (*conn)(nil)
	_ driver.SessionResetter    = (*conn)(nil)
	_ driver.Validator          = (*conn)(nil)
	_ driver.NamedValueChecker  = (*conn)(nil)
)

// Close ends the session: an open transaction is rolled back, temporary tables go.
func (c *conn) Close() error {
	err := c.s.Close()
	if c.owner != nil {
		err = errors.Join(err, c.owner.Close())
	}
	return err
}

// Ping says whether the cluster is there.
func (c *conn) Ping(context.Context) error {
	if !c.s.Alive() {
		return driver.ErrBadConn
	}
	return nil
}

// ResetSession is asked before the connection serves somebody else. What SET changed stays, as with the PostgreSQL drivers.
func (c *conn) ResetSession(context.Context) error {
	if !c.s.Alive() {
		return driver.ErrBadConn
	}
	return nil
}

// IsValid says whether the pool may keep the connection that is given back. A transaction that a BEGIN of its user's left open is rolled back at once,
// so that its locks are free; what SET changed before it and temporary tables that are committed stay. A transaction over a pool needs BeginTx, or
// db.Conn (docs/decisions/0070-pooled-connections.md).
func (c *conn) IsValid() bool {
	if !c.s.Alive() {
		return false
	}
	if c.s.Status() != 'I' {
		c.s.Rollback()
	}
	return true
}

// CheckNamedValue turns an argument into a value that the engine takes. Unsigned numbers of 64 bits go as text, a json.RawMessage as the SUPER value that it is, all
// else as database/sql has it.
func (c *conn) CheckNamedValue(v *driver.NamedValue) error {
	switch x := v.Value.(type) {
	case nil, int64, float64, bool, string, []byte, time.Time, json.RawMessage:
		return nil
	case int:
		v.Value = int64(x)
		return nil
	case int32:
		v.Value = int64(x)
		return nil
	}
	return sqldriver.Check(v)
}

// bind orders the arguments by the parameters: by number, or by the names that the text had.
func (c *conn) bind(args []driver.NamedValue, names []string) (values []types.Datum, err error) {
	if len(args) == 0 && names == nil {
		return nil, nil
	}
	if values, err = sqldriver.Bind(c.args[:0], args, names); err != nil {
		return nil, err
	}
	c.args = values
	return values, nil
}

// named numbers the named parameters of a text, and gives the arguments as values in the order of the numbers.
func (c *conn) named(text string, args []driver.NamedValue) (string, []types.Datum, error) {
	text, names, err := sqldriver.Named(text, args)
	if err != nil {
		return "", nil, err
	}
	values, err := c.bind(args, names)
	return text, values, err
}

// QueryContext runs a text up to its first rows.
func (c *conn) QueryContext(ctx context.Context, text string, args []driver.NamedValue) (driver.Rows, error) {
	text, values, err := c.named(text, args)
	if err != nil {
		return nil, err
	}
	r, err := c.s.Query(ctx, text, values)
	if err != nil {
		return nil, err
	}
	return newRows(c.s, r), nil
}

// planOn plans a query or change on a connection, which may be another driver's.
func planOn(dc any, text string, args []driver.NamedValue) (plan.Node, error) {
	c, ok := dc.(*conn)
	if !ok {
		return nil, fmt.Errorf("redshiftsim: the database's driver is %T", dc)
	}
	return c.plan(text, args)
}

// plan plans a query or change, for the assertions of redshifttest.
func (c *conn) plan(text string, args []driver.NamedValue) (plan.Node, error) {
	for i := range args {
		if err := c.CheckNamedValue(&args[i]); err != nil {
			return nil, err
		}
	}
	text, values, err := c.named(text, args)
	if err != nil {
		return nil, err
	}
	return c.s.Plan(text, values)
}

// ExecContext runs a text to its end.
func (c *conn) ExecContext(ctx context.Context, text string, args []driver.NamedValue) (driver.Result, error) {
	text, values, err := c.named(text, args)
	if err != nil {
		return nil, err
	}
	n, err := c.s.Exec(ctx, text, values)
	if err != nil {
		return nil, err
	}
	return sqldriver.Result(n), nil
}
