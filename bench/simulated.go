package bench

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
)

// Simulated is what a query cost the simulated cluster. It is no time: the figures are the same on every machine, and are reported apart from what the
// machine took.
type Simulated struct {
	BlocksRead    int64 `json:"blocks_read"`    // 1 MB blocks that scans looked at
	BlocksSkipped int64 `json:"blocks_skipped"` // by zone maps
	ZonesRead     int64 `json:"zones_read"`     // of some thousands of rows each, this engine's unit, decoded
	RowsScanned   int64 `json:"rows_scanned"`   // before conditions
	RowsMoved     int64 `json:"rows_moved"`     // between slices: DS_DIST and DS_BCAST
	BytesMoved    int64 `json:"bytes_moved"`
	Batches       int64 `json:"batches"` // begun by sources of segments; with more workers than one it hangs on timing
	// Skew is the rows that the fullest slice looked at, of the largest table, over the mean of the slices: 1 is even.
	Skew float64 `json:"skew"`
}

// cost runs a query once more, on one connection, and asks for its figures.
func cost(ctx context.Context, db *sql.DB, text string) (s *Simulated, err error) {
	c, err := db.Conn(ctx)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, c.Close()) }()
	rows, err := c.QueryContext(ctx, text)
	if err != nil {
		return nil, err
	}
	for rows.Next() {
	}
	if err := errors.Join(rows.Err(), rows.Close()); err != nil {
		return nil, err
	}
	return simulated(ctx, c)
}

// simulated asks a connection of a Redshift for the figures of the statement that it ran last.
func simulated(ctx context.Context, c *sql.Conn) (*Simulated, error) {
	var id int64
	if err := c.QueryRowContext(ctx, "SELECT pg_last_query_id()").Scan(&id); err != nil {
		return nil, err
	}
	s := &Simulated{}
	if err := c.QueryRowContext(ctx, fmt.Sprintf("SELECT coalesce(sum(blocks_read), 0), coalesce(sum(blocks_skipped), 0), coalesce(sum(zones_read), 0), "+
		"coalesce(sum(rows_pre_filter), 0), (SELECT coalesce(sum(batches), 0) FROM redshiftsim_runs WHERE query = %d) FROM redshiftsim_scan WHERE query = %d", id, id)).Scan(
		&s.BlocksRead, &s.BlocksSkipped, &s.ZonesRead, &s.RowsScanned, &s.Batches); err != nil {
		return nil, err
	}
	if err := c.QueryRowContext(ctx, fmt.Sprintf("SELECT coalesce(sum(rows), 0), coalesce(sum(bytes), 0) FROM redshiftsim_moves "+
		"WHERE query = %d AND to_slice <> from_slice AND label IN ('dist', 'bcast')", id)).Scan(&s.RowsMoved, &s.BytesMoved); err != nil {
		return nil, err
	}
	err := c.QueryRowContext(ctx, fmt.Sprintf("SELECT coalesce(max(most * 1.0 / nullif(mean, 0)), 0) FROM (SELECT max(n) AS most, avg(n * 1.0) AS mean, sum(n) AS whole FROM "+
		"(SELECT name, slice, sum(rows_pre_filter) AS n FROM redshiftsim_scan WHERE query = %d GROUP BY name, slice) GROUP BY name ORDER BY whole DESC LIMIT 1)", id)).Scan(&s.Skew)
	return s, err
}
