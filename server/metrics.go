package server

import "sync/atomic"

// counters are what a server counts since it began.
type counters struct {
	accepted, failed, canceled, statements, errors, rows, sent atomic.Int64
}
