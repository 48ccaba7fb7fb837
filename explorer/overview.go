package explorer

import (
	"context"
	"strings"

	"github.com/redshiftsim/redshiftsim/engine/system"
	"github.com/redshiftsim/redshiftsim/internal/bridge"
)

// overview is the cluster with its tables, slice by slice, and its last queries.
type overview struct {
	Nodes      int     `json:"nodes"`
	Slices     int     `json:"slices"` // of each node
	BlockBytes int     `json:"block_bytes"`
	Tables     []table `json:"tables"`
	Queries    []past  `json:"queries"` // newest first
	// Hidden is why there are no tables: their sizes are for superusers, as on Redshift.
	Hidden string `json:"hidden,omitempty"`
}

// table is a row of SVV_TABLE_INFO with the slices of STV_TBL_PERM.
// https://docs.aws.amazon.com/redshift/latest/dg/r_SVV_TABLE_INFO.html
type table struct {
	ID       int64    `json:"id"`
	Schema   string   `json:"schema"`
	Name     string   `json:"name"`
	Style    string   `json:"style"` // EVEN, KEY(c), ALL, AUTO(ALL) ..
	SortKey  string   `json:"sort_key"`
	Rows     int64    `json:"rows"`   // marked deleted ones too
	Blocks   int64    `json:"blocks"` // hidden columns and copies included
	Unsorted *float64 `json:"unsorted"`
	StatsOff *float64 `json:"stats_off"`
	SkewRows *float64 `json:"skew_rows"` // the fullest slice over the emptiest
	Parts    []part   `json:"parts"`     // by slice
}

// part is what a slice has of a table.
type part struct {
	Rows   int64 `json:"rows"`
	Sorted int64 `json:"sorted"`
	Blocks int64 `json:"blocks"`
}

// past is a query that the log has.
type past struct {
	Query   int64  `json:"query"`
	Text    string `json:"text"`
	Start   string `json:"start"`
	Micros  int64  `json:"micros"`
	Aborted bool   `json:"aborted"`
}

// overview reads the cluster.
func (t *tab) overview(ctx context.Context, _ *nothing) (*overview, error) {
	o, err := t.clusterView(ctx)
	if err != nil {
		return nil, err
	}
	err = t.each(ctx, "SELECT query, trim(querytxt), starttime, endtime, aborted FROM stl_query ORDER BY query DESC LIMIT 50", func(c cells) {
		o.Queries = append(o.Queries, past{c.int(0), c.text(1), c.text(2), c.time(3).Sub(c.time(2)).Microseconds(), c.int(4) != 0})
	})
	return o, err
}

// clusterView is the overview without queries.
func (t *tab) clusterView(ctx context.Context) (*overview, error) {
	e := bridge.Engine(t.cluster)
	topo := e.Topology()
	o := &overview{Nodes: topo.Nodes, Slices: topo.SlicesPerNode, BlockBytes: e.Config().BlockBytes, Tables: []table{}, Queries: []past{}}
	at := map[int64]int{}
	err := t.each(ctx, `SELECT c.oid, n.nspname, c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE c.relkind = 'r'
		AND n.nspname NOT IN ('pg_catalog', 'information_schema', 'pg_internal') AND n.nspname NOT LIKE 'pg_temp%' ORDER BY 2, 3`, func(c cells) {
		at[c.int(0)] = len(o.Tables)
		o.Tables = append(o.Tables, table{ID: c.int(0), Schema: c.text(1), Name: c.text(2), Parts: make([]part, topo.Slices())})
	})
	if err != nil {
		return nil, err
	}
	if err := t.sizes(ctx, o, at); err != nil {
		if p := problemOf(err); p.Code == "42501" {
			o.Tables, o.Hidden = []table{}, p.Message
			return o, nil
		}
		return nil, err
	}
	return o, nil
}

// sizes fills what a superuser sees of the tables.
func (t *tab) sizes(ctx context.Context, o *overview, at map[int64]int) error {
	err := t.each(ctx, `SELECT table_id, diststyle, sortkey1, tbl_rows, size, unsorted, stats_off, skew_rows FROM svv_table_info`, func(c cells) {
		if i, ok := at[c.int(0)]; ok {
			x := &o.Tables[i]
			x.Style, x.SortKey, x.Rows, x.Blocks = c.text(1), c.text(2), int64(*orZero(c.float(3))), c.int(4)
			x.Unsorted, x.StatsOff, x.SkewRows = c.float(5), c.float(6), c.float(7)
		}
	})
	if err != nil {
		return err
	}
	return t.each(ctx, "SELECT id, slice, rows, sorted_rows, block_count FROM stv_tbl_perm", func(c cells) {
		i, ok := at[c.int(0)]
		if slice := int(c.int(1)); ok && slice < len(o.Tables[i].Parts) { // the leader has a row too
			o.Tables[i].Parts[slice] = part{c.int(2), c.int(3), c.int(4)}
		}
	})
}

func orZero(x *float64) *float64 {
	if x == nil {
		return new(float64)
	}
	return x
}

// blocksRequest asks for the blocks of a table, and what a query made of them; query 0 = none.
type blocksRequest struct {
	Table string `json:"table"` // schema.name
	Query int64  `json:"query"`
}

// blockMap is system.BlockMap for the page.
type blockMap struct {
	Table   string       `json:"table"`
	Columns []mapColumn  `json:"columns"`
	Slices  []sliceRows  `json:"slices"`
	Blocks  []blockShown `json:"blocks"`
	Query   int64        `json:"query"`
	Unknown bool         `json:"unknown"` // a condition's value is not known: nothing is marked as skipped
	Keys    bool         `json:"keys"`    // keys of a join restricted the scan too
	Cut     int          `json:"cut"`     // blocks that are left out
}

type mapColumn struct {
	Name     string `json:"name"`
	Type     string `json:"type"`
	Encoding string `json:"encoding"`
	DistKey  bool   `json:"dist_key"`
	SortKey  int    `json:"sort_key"` // position, from 1; 0 = none
	Hidden   bool   `json:"hidden"`
	Read     bool   `json:"read"`
}

type sliceRows struct {
	Rows    int64 `json:"rows"`
	Deleted int64 `json:"deleted"`
	Sorted  int64 `json:"sorted"`
}

// blockShown is a block. Lo and Hi are where its zone map begins and ends between the smallest and the largest value of the column: 0 to 1.
type blockShown struct {
	Slice   int     `json:"s"`
	Column  int     `json:"c"`
	Number  int     `json:"n"`
	Rows    int64   `json:"rows"`
	Bytes   int64   `json:"bytes"`
	Min     string  `json:"min"`
	Max     string  `json:"max"`
	Lo      float64 `json:"lo"`
	Hi      float64 `json:"hi"`
	Sorted  bool    `json:"sorted"`
	Read    bool    `json:"read"`
	Skipped bool    `json:"skipped"`
}

// shownBlocks is how many blocks of a table the page gets.
const shownBlocks = 20_000

// blocks reads the blocks of a table.
func (t *tab) blocks(_ context.Context, q *blocksRequest) (*blockMap, error) {
	schema, name, ok := strings.Cut(q.Table, ".")
	if !ok {
		schema, name = "public", q.Table
	}
	t.looking.Lock()
	defer t.looking.Unlock()
	m, err := t.look.BlockMap(schema, name, q.Query)
	if err != nil {
		return nil, err
	}
	out := &blockMap{Table: m.Table.Schema + "." + m.Table.Name, Query: m.Query, Unknown: m.Unknown, Keys: m.Keys, Blocks: []blockShown{}}
	for _, c := range m.Columns {
		out.Columns = append(out.Columns, mapColumn{c.Name, c.Type, c.Encoding, c.DistKey > 0, c.SortKey, c.Hidden, c.Read})
	}
	for _, s := range m.Slices {
		out.Slices = append(out.Slices, sliceRows{s.Rows, s.Deleted, s.Sorted})
	}
	at := spans(m)
	for i := range m.Blocks {
		if i == shownBlocks {
			out.Cut = len(m.Blocks) - i
			break
		}
		b := &m.Blocks[i]
		lo, hi := at[b.Column].place(b)
		out.Blocks = append(out.Blocks, blockShown{b.Slice, b.Column, b.Number, b.Rows, b.Bytes, b.Min, b.Max, lo, hi, b.Sorted, b.Read, b.Skipped})
	}
	return out, nil
}

// span reaches from the smallest to the largest value of a column's zone maps.
type span struct {
	low, high float64
	any       bool
}

// spans gives the span of each column.
func spans(m *system.BlockMap) []span {
	out := make([]span, len(m.Columns))
	for i := range m.Blocks {
		b, s := &m.Blocks[i], &out[m.Blocks[i].Column]
		if b.Low > b.High {
			continue
		}
		if lo, hi := float64(b.Low), float64(b.High); s.any {
			s.low, s.high = min(s.low, lo), max(s.high, hi)
		} else {
			*s = span{lo, hi, true}
		}
	}
	return out
}

// place says where in the span a block lies; a block without a zone map ends before it begins.
func (s *span) place(b *system.MapBlock) (lo, hi float64) {
	switch {
	case b.Low > b.High:
		return 1, 0
	case s.high == s.low:
		return 0, 1
	}
	return (float64(b.Low) - s.low) / (s.high - s.low), (float64(b.High) - s.low) / (s.high - s.low)
}
