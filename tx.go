package redshiftsim

import (
	"context"
	"database/sql"
	"database/sql/driver"

	"github.com/redshiftsim/redshiftsim/internal/sqlstate"
)

// tx is a transaction that BeginTx began.
type tx struct{ c *conn }

var _ driver.Tx = tx{}

// begin opens a transaction block. Redshift takes every isolation level of SQL and gives that of the database.
// https://docs.aws.amazon.com/redshift/latest/dg/r_BEGIN.html
func (c *conn) begin(opts driver.TxOptions) (driver.Tx, error) {
	switch l := sql.IsolationLevel(opts.Isolation); l {
	case sql.LevelDefault, sql.LevelReadUncommitted, sql.LevelReadCommitted, sql.LevelRepeatableRead, sql.LevelSnapshot, sql.LevelSerializable:
	default:
		return nil, sqlstate.FeatureNotSupported.Errorf("isolation level %s is not supported", l)
	}
	if err := c.s.Begin(opts.ReadOnly); err != nil {
		return nil, err
	}
	return tx{c}, nil
}

// BeginTx opens a transaction block.
func (c *conn) BeginTx(_ context.Context, opts driver.TxOptions) (driver.Tx, error) {
	return c.begin(opts)
}

// Begin is BeginTx for callers of the first interface.
func (c *conn) Begin() (driver.Tx, error) { return c.begin(driver.TxOptions{}) }

// Commit commits. In a transaction that a statement failed in it rolls back, and is an error.
func (t tx) Commit() error { return t.c.s.Commit() }

// Rollback drops the transaction's changes.
func (t tx) Rollback() error {
	t.c.s.Rollback()
	return nil
}
