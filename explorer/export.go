package explorer

import (
	"context"
	"encoding/json"
	"errors"
	"io"

	"github.com/redshiftsim/redshiftsim"
	"github.com/redshiftsim/redshiftsim/engine"
	"github.com/redshiftsim/redshiftsim/internal/bridge"
)

// exported is what an exported page has in the place of a server.
type exported struct {
	Overview *overview            `json:"overview"`
	Query    *queryView           `json:"query"`  // nil = the log has none
	Blocks   map[string]*blockMap `json:"blocks"` // by schema.name
}

// exportedBlocks is how many blocks an exported page has of all tables together.
const exportedBlocks = 20_000

// Export writes the page with what it shows inside: the cluster's tables, slice by slice and block by block, and a query of its log. It is one file, which a
// browser opens without a server and without loading anything. query is the query's number in stl_query; 0 = the last one that a plan was made for, if any. Of
// more than 20,000 blocks, the last tables' are left out.
func Export(w io.Writer, cluster *redshiftsim.Cluster, query int64) (err error) {
	t := &tab{cluster: cluster, place: onCluster, readOnly: true}
	if t.look, err = looker(cluster, engine.SessionOptions{}); err != nil {
		return err
	}
	defer func() { err = errors.Join(err, t.look.Close()) }()
	x, err := t.export(context.Background(), query)
	if err != nil {
		return err
	}
	data, err := json.Marshal(x) // with < as \u003c: it cannot end the element that it stands in
	if err != nil {
		return err
	}
	return page.write(w, data)
}

// export gathers what an exported page has.
func (t *tab) export(ctx context.Context, query int64) (*exported, error) {
	x := &exported{Blocks: map[string]*blockMap{}}
	var err error
	if x.Overview, err = t.overview(ctx, nil); err != nil {
		return nil, err
	}
	if query == 0 {
		query = t.lastPlanned()
	}
	if query != 0 {
		if x.Query, err = t.query(ctx, &queryRequest{query}); err != nil {
			return nil, err
		}
	}
	n := 0
	for i := range x.Overview.Tables {
		name := x.Overview.Tables[i].Schema + "." + x.Overview.Tables[i].Name
		m, err := t.blocks(ctx, &blocksRequest{name, query})
		if err != nil {
			return nil, err
		}
		if n += len(m.Blocks); n > exportedBlocks {
			break
		}
		x.Blocks[name] = m
	}
	return x, nil
}

// lastPlanned is the last query of the log that ran a plan on user tables; 0 = none.
func (t *tab) lastPlanned() int64 {
	list := bridge.Engine(t.cluster).Log().Records()
	for i := len(list) - 1; i >= 0; i-- {
		if r := list[i]; r.Query > 0 && r.Plan != nil && r.Report != nil && len(r.Tables) > 0 {
			return r.Query
		}
	}
	return 0
}
