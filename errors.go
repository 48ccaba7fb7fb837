package redshiftsim

import "github.com/redshiftsim/redshiftsim/internal/sqlstate"

// Error is an error of the database, with PostgreSQL's fields: Code is the SQLSTATE, Position the character in the statement, Detail and Hint as
// Redshift words them. Get it with errors.As:
//
//	var e *redshiftsim.Error
//	if errors.As(err, &e) && e.SQLState() == "42P01" { ... }
//
// errors.As finds a *pq.Error or *pgconn.PgError in it too, for code that was written for lib/pq or pgx. See IsRetryable.
//
// Notices (INFO, WARNING, NOTICE) have the same form; see Config.Notice.
type Error = sqlstate.Error
