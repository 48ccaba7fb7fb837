package redshiftsim

import "github.com/redshiftsim/redshiftsim/internal/sqlstate"

// Error is an error of the database, with PostgreSQL's fields: Code is the SQLSTATE, Position the character in the statement, Detail and Hint as
// Redshift words them. Get it with errors.As:
//
//	var e *redshiftsim.Error
//	if errors.As(err, &e) && e.SQLState() == "42P01" { ... }
//
// Notices (INFO, WARNING, NOTICE) have the same form; see Config.Notice.
type Error = sqlstate.Error
