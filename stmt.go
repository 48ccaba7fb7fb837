package redshiftsim

import (
	"context"
	"database/sql/driver"

	"github.com/redshiftsim/redshiftsim/engine"
	"github.com/redshiftsim/redshiftsim/internal/sqldriver"
)

// stmt is a prepared statement: parsed and planned once.
type stmt struct {
	c     *conn
	s     *engine.Statement
	names []string // of :name parameters, by number; nil = the text has none
}

var (
	_ driver.Stmt             = (*stmt)(nil)
	_ driver.StmtQueryContext = (*stmt)(nil)
	_ driver.StmtExecContext  = (*stmt)(nil)
)

// PrepareContext prepares a text. Parameters are $1, $2, ... or :name.
func (c *conn) PrepareContext(ctx context.Context, text string) (driver.Stmt, error) {
	text, names, err := engine.NamedParameters(text)
	if err != nil {
		return nil, err
	}
	s, err := c.s.Prepare(ctx, text)
	if err != nil {
		return nil, err
	}
	return &stmt{c, s, names}, nil
}

// Prepare is PrepareContext for callers of the first interface.
func (c *conn) Prepare(text string) (driver.Stmt, error) {
	return c.PrepareContext(context.Background(), text)
}

// Close forgets the statement.
func (s *stmt) Close() error { return nil }

// NumInput says that the number of arguments is checked here, where the error has a SQLSTATE.
func (s *stmt) NumInput() int { return -1 }

// QueryContext runs the statement.
func (s *stmt) QueryContext(ctx context.Context, args []driver.NamedValue) (driver.Rows, error) {
	values, err := s.c.bind(args, s.names)
	if err != nil {
		return nil, err
	}
	r, err := s.s.Query(ctx, values)
	if err != nil {
		return nil, err
	}
	return newRows(s.c.s, r), nil
}

// ExecContext runs the statement to its end.
func (s *stmt) ExecContext(ctx context.Context, args []driver.NamedValue) (driver.Result, error) {
	values, err := s.c.bind(args, s.names)
	if err != nil {
		return nil, err
	}
	n, err := s.s.Exec(ctx, values)
	if err != nil {
		return nil, err
	}
	return sqldriver.Result(n), nil
}

// Query is QueryContext for callers of the first interface.
func (s *stmt) Query(args []driver.Value) (driver.Rows, error) {
	return s.QueryContext(context.Background(), sqldriver.Numbered(args))
}

// Exec is ExecContext for callers of the first interface.
func (s *stmt) Exec(args []driver.Value) (driver.Result, error) {
	return s.ExecContext(context.Background(), sqldriver.Numbered(args))
}
