package redshiftsim

import (
	"database/sql/driver"
	"errors"
	"strings"
)

// retryableCodes are the SQLSTATEs after which the same transaction may go through.
var retryableCodes = map[string]bool{
	"40001": true, // serialization_failure
	"40P01": true, // deadlock_detected: the other transaction of the cycle went on
	"53300": true, // too_many_connections: nothing has run
	"57P01": true, // admin_shutdown: the session was ended, and its transaction rolled back
	"57P03": true, // cannot_connect_now
	"08001": true, // the connection was not made: nothing has run
	"08004": true, // nor here
}

// retryableWords are how Redshift begins errors that it gives SQLSTATE XX000 like so many others, and after which the same transaction may go through.
//
//	1023    two transactions are not serializable, or changed one row: "retry the canceled transaction"
//	1018    the table is younger than the transaction's snapshot: a new transaction has a new snapshot
//
// https://docs.aws.amazon.com/redshift/latest/dg/c_serial_isolation-serializable-isolation-troubleshooting.html
var retryableWords = []string{"1023", "1018", "could not complete because of conflict with concurrent transaction"}

// IsRetryable says whether running the whole transaction again, on a new connection if need be, can be expected to help, and cannot do its work twice. It
// reads errors of this driver, of lib/pq and of pgx alike, by the method SQLState() that all have:
//
//   - 1023 and 1018, isolation violations, and "conflict with concurrent transaction", of two that change one object;
//   - 40001 and 40P01, a deadlock;
//   - connections that were refused or ended before the work was done: 08001, 08004, 53300, 57P01, 57P03, driver.ErrBadConn, and errors whose own method
//     SafeToRetry() (pgx) says so.
//
// Not retryable are what somebody wanted (57014, a cancel or statement_timeout; 55P03, a lock time-out), what will fail again (53100, 53200, all errors of the
// statement itself), and connections that break for no reason given (08006, an io error): whether a COMMIT was carried out is not known then.
func IsRetryable(err error) bool {
	if err == nil || errors.Is(err, driver.ErrBadConn) {
		return err != nil
	}
	var coded interface {
		error
		SQLState() string
	}
	if !errors.As(err, &coded) {
		var safe interface {
			error
			SafeToRetry() bool
		}
		return errors.As(err, &safe) && safe.SafeToRetry()
	}
	if code := coded.SQLState(); code != "XX000" {
		return retryableCodes[code]
	}
	text := coded.Error()
	for _, prefix := range []string{"pq: ", "ERROR: ", "ERROR:"} {
		text = strings.TrimPrefix(text, prefix)
	}
	for _, words := range retryableWords {
		if rest, ok := strings.CutPrefix(strings.TrimSpace(text), words); ok && !startsWithDigit(rest) {
			return true
		}
	}
	return false
}

func startsWithDigit(s string) bool { return s != "" && s[0] >= '0' && s[0] <= '9' }
