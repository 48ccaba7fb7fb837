package redshiftsim

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"

	"github.com/redshiftsim/redshiftsim/engine"
	"github.com/redshiftsim/redshiftsim/storage"
)

// Cluster is a simulated cluster, for what SQL has no words for: clones, another number of nodes, compiled steps, statistics of another cluster.
type Cluster struct{ s *shared }

// ClusterOf gives the cluster of an open database.
func ClusterOf(db *sql.DB) (*Cluster, error) {
	c, err := db.Conn(context.Background())
	if err != nil {
		return nil, err
	}
	defer c.Close()
	var out *Cluster
	err = c.Raw(func(dc any) error {
		k, ok := dc.(*conn)
		if !ok {
			return fmt.Errorf("redshiftsim: the database's driver is %T", dc)
		}
		out = &Cluster{k.shared}
		return nil
	})
	return out, err
}

// Shape is the number of nodes, and of slices of each.
func (c *Cluster) Shape() (nodes, slices int) {
	t := c.s.cluster.Topology()
	return t.Nodes, t.SlicesPerNode
}

// Resize gives the cluster another number of nodes (1 to 128), and of slices of each (1 to 64), and distributes the rows of all tables anew, as an elastic
// resize does: sessions stay, statements that come meanwhile wait. Transactions that are open end first; ctx bounds the wait, and when it ends nothing has
// changed. Do not hold one in the calling goroutine.
// https://docs.aws.amazon.com/redshift/latest/mgmt/resizing-cluster.html
func (c *Cluster) Resize(ctx context.Context, nodes, slices int) error {
	cfg := Config{Nodes: nodes, Slices: slices}
	if err := cfg.check(); err != nil {
		return err
	}
	return c.s.cluster.Resize(ctx, nodes, slices)
}

// Clone makes a private cluster that has what is committed now. It costs the same whatever the data: both share all blocks, and neither sees what
// the other does afterwards. Temporary tables, sessions and the log stay behind. The connector's Close ends the clone.
func (c *Cluster) Clone() *Connector {
	c.s.folders.hold()
	return &Connector{shared: &shared{cluster: c.s.cluster.Clone(), folders: c.s.folders, handles: 1}, cfg: Config{Database: c.s.cluster.Config().Database}}
}

// Steps prints the streams, segments and steps that a query or change would run, without running it.
// https://docs.aws.amazon.com/redshift/latest/dg/c-query-planning.html
func (c *Cluster) Steps(ctx context.Context, text string) (out string, err error) {
	s, err := c.s.cluster.NewSession(engine.SessionOptions{})
	if err != nil {
		return "", err
	}
	defer func() { err = errors.Join(err, s.Close()) }()
	return s.Steps(ctx, text)
}

// ExplainJSON gives the plan of a query or change in the shape of PostgreSQL's EXPLAIN (FORMAT JSON), which plan viewers such as pev2 draw. The
// statement is not run. Operators have PostgreSQL's names where it has them, and the words of EXPLAIN in "Redshift Operator".
// https://docs.aws.amazon.com/redshift/latest/dg/r_EXPLAIN.html
func (c *Cluster) ExplainJSON(_ context.Context, text string) (out []byte, err error) {
	s, err := c.s.cluster.NewSession(engine.SessionOptions{})
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, s.Close()) }()
	return s.ExplainJSON(text)
}

// QueryJSON is ExplainJSON of a statement that ran, with the rows and times of each node, the slices being its workers. query is its number in stl_query,
// which pg_last_query_id() gives. The log may have forgotten it (then, as for a query whose rows a kept result gave, an error).
// https://docs.aws.amazon.com/redshift/latest/dg/PG_LAST_QUERY_ID.html
func (c *Cluster) QueryJSON(query int64) (out []byte, err error) {
	defer func() {
		if v := recover(); v != nil { // a plan that the printer does not know is a bug, not the caller's end
			out, err = nil, fmt.Errorf("redshiftsim: internal error: %v", v)
		}
	}()
	for _, r := range c.s.cluster.Log().Records() {
		if r.Query != query || query == 0 {
			continue
		}
		out, ok, err := r.PlanJSON()
		if !ok && err == nil {
			err = fmt.Errorf("redshiftsim: query %d ran no plan", query)
		}
		return out, err
	}
	return nil, fmt.Errorf("redshiftsim: the log has no query %d", query)
}

// Statistics is what ANALYZE would have found in a table elsewhere, so that a plan can be compared with the one that a real cluster made.
type Statistics struct {
	Rows    float64
	Columns map[string]ColumnStatistics
}

// ColumnStatistics is what is known of a column's values. Distinct below 0 is minus the fraction of the rows, for columns that grow with the table.
type ColumnStatistics struct {
	Distinct     float64
	NullFraction float64
	Width        float64 // bytes; 0 = the type's
}

// SetStatistics gives a table statistics that its rows need not bear out. table is "schema.name", or the name of a table in schema public. The next
// ANALYZE replaces them.
func (c *Cluster) SetStatistics(ctx context.Context, table string, st Statistics) error {
	schema, name, ok := strings.Cut(table, ".")
	if !ok {
		schema, name = "public", table
	}
	columns, err := c.s.cluster.TableColumns(schema, name)
	if err != nil {
		return err
	}
	out := &storage.Statistics{Rows: st.Rows, Columns: make([]storage.ColumnStats, len(columns))}
	found := 0
	for i := range columns {
		x, ok := st.Columns[columns[i].Name]
		if !ok {
			continue
		}
		found++
		if x.Width == 0 {
			x.Width = float64(columns[i].Type.RawBytes(int(columns[i].Type.Len)))
		}
		out.Columns[i] = storage.ColumnStats{NDistinct: x.Distinct, NullFrac: x.NullFraction, Width: x.Width}
	}
	if found < len(st.Columns) {
		for n := range st.Columns {
			known := false
			for i := range columns {
				known = known || columns[i].Name == n
			}
			if !known {
				return fmt.Errorf("redshiftsim: table %s has no column %q", table, n)
			}
		}
	}
	return c.s.cluster.SetStatistics(ctx, schema, name, out)
}
