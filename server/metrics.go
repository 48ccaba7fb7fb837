package server

import (
	"fmt"
	"net/http"
	"sync/atomic"
)

// counters are what a server counts since it began.
type counters struct {
	accepted, failed, canceled, statements, errors, rows, sent atomic.Int64
}

// metric is a line of the Prometheus text format.
type metric struct {
	name, kind, help string
	value            int64
}

// metrics are the figures of the server as they are now.
func (s *Server) metrics() []metric {
	s.mu.Lock()
	open := len(s.conns)
	s.mu.Unlock()
	c := &s.counts
	return []metric{
		{"redshiftsim_connections", "gauge", "Connections whose user is proved.", s.admitted.Load()},
		{"redshiftsim_sockets", "gauge", "Connections, proved or not.", int64(open)},
		{"redshiftsim_connections_total", "counter", "Connections that were taken.", c.accepted.Load()},
		{"redshiftsim_authentication_failures_total", "counter", "Wrong passwords.", c.failed.Load()},
		{"redshiftsim_cancel_requests_total", "counter", "Cancel requests with a right key.", c.canceled.Load()},
		{"redshiftsim_statements_total", "counter", "Statements that ended well.", c.statements.Load()},
		{"redshiftsim_errors_total", "counter", "Errors that were sent.", c.errors.Load()},
		{"redshiftsim_rows_sent_total", "counter", "Rows that were sent.", c.rows.Load()},
		{"redshiftsim_bytes_sent_total", "counter", "Bytes that were sent.", c.sent.Load()},
		{"redshiftsim_data_bytes", "gauge", "Bytes of the tables.", s.cluster.DataBytes()},
	}
}

// Metrics serves the server's figures in Prometheus' text format.
// https://prometheus.io/docs/instrumenting/exposition_formats/
func (s *Server) Metrics() http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/plain; version=0.0.4; charset=utf-8")
		for _, m := range s.metrics() {
			fmt.Fprintf(w, "# HELP %s %s\n# TYPE %s %s\n%s %d\n", m.name, m.help, m.name, m.kind, m.name, m.value)
		}
	})
}
