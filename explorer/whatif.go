package explorer

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"

	"github.com/redshiftsim/redshiftsim/engine"
	"github.com/redshiftsim/redshiftsim/internal/bridge"
)

// maxVariants bounds how many keys are compared at once.
const maxVariants = 12

// whatIfRequest asks what a query would cost with other keys of a table.
type whatIfRequest struct {
	SQL   string `json:"sql"`
	Table string `json:"table"` // schema.name
	// Dist and Sort are the columns to try as DISTKEY and as the first column of the SORTKEY; EVEN and ALL are tried always.
	Dist []string `json:"dist"`
	Sort []string `json:"sort"`
}

// whatIfAnswer has a variant a key; the first is the table as it is.
type whatIfAnswer struct {
	Variants []variant `json:"variants"`
}

// variant is the query on a clone of the cluster in which the table has another key. Figures are of the run there, not of a model; Cost is the planner's.
type variant struct {
	Name    string   `json:"name"`
	Alter   string   `json:"alter,omitempty"` // what was run on the clone
	Error   *problem `json:"error,omitempty"` // the others are 0 then
	Cost    float64  `json:"cost"`
	Joins   []string `json:"joins"` // DS_BCAST_INNER ..
	Blocks  int64    `json:"blocks"`
	Skipped int64    `json:"skipped"`
	Moved   int64    `json:"moved"`  // bytes between slices, dist and bcast
	Rows    int64    `json:"rows"`   // moved
	Looked  []int64  `json:"looked"` // rows that each slice looked at, all tables
	Skew    float64  `json:"skew"`   // the fullest slice over the mean, of Looked
	Parts   []int64  `json:"parts"`  // rows of the table on each slice
	Size    int64    `json:"size"`   // blocks of the table
}

// whatIf compares the keys of a table for a query. Each variant has a clone of the cluster, made in O(1), so that nothing of it changes here.
func (t *tab) whatIf(ctx context.Context, q *whatIfRequest) (*whatIfAnswer, error) {
	schema, name, ok := strings.Cut(q.Table, ".")
	if !ok {
		schema, name = "public", q.Table
	}
	if n := len(cut(q.SQL)); n != 1 {
		return nil, refusal{http.StatusBadRequest, fmt.Errorf("one query is compared, not %d statements", n)}
	}
	if len(q.Dist)+len(q.Sort) > maxVariants {
		return nil, refusal{http.StatusBadRequest, errors.New("too many keys at once")}
	}
	full := quote(schema) + "." + quote(name)
	list := []variant{{Name: "as it is"}, {Name: "DISTSTYLE EVEN", Alter: "ALTER TABLE " + full + " ALTER DISTSTYLE EVEN"}, {Name: "DISTSTYLE ALL", Alter: "ALTER TABLE " + full + " ALTER DISTSTYLE ALL"}}
	for _, c := range q.Dist {
		list = append(list, variant{Name: "DISTKEY(" + c + ")", Alter: "ALTER TABLE " + full + " ALTER DISTSTYLE KEY DISTKEY " + quote(c)})
	}
	for _, c := range q.Sort {
		list = append(list, variant{Name: "SORTKEY(" + c + ")", Alter: "ALTER TABLE " + full + " ALTER COMPOUND SORTKEY (" + quote(c) + ")"})
	}
	for i := range list {
		v := &list[i]
		if err := t.try(ctx, v, q.SQL, schema, name); err != nil {
			if ctx.Err() != nil {
				return nil, err
			}
			*v = variant{Name: v.Name, Alter: v.Alter, Error: problemOf(err)}
		}
		if v.Error != nil && i == 0 { // the query itself
			return &whatIfAnswer{list[:1]}, nil
		}
	}
	return &whatIfAnswer{list}, nil
}

// quote writes a name as an identifier.
func quote(name string) string { return `"` + strings.ReplaceAll(name, `"`, `""`) + `"` }

// try makes the clone, changes the table there, and runs the query.
func (t *tab) try(ctx context.Context, v *variant, sql, schema, name string) (err error) {
	k := t.cluster.Clone()
	defer func() { err = errors.Join(err, k.Close()) }()
	clone := bridge.Engine(k.Cluster())
	o := t.options
	o.Settings = map[string]string{"enable_result_cache_for_session": "off"}
	s, err := clone.NewSession(o)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(s.Close(), err) }()
	if v.Alter != "" {
		if _, err := s.Exec(ctx, v.Alter, nil); err != nil {
			return err
		}
	}
	o.ReadOnly = true // it is a query that is compared
	r, err := clone.NewSession(o)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(r.Close(), err) }()
	before := r.LastQuery()
	if _, err := r.Exec(ctx, sql, nil); err != nil {
		return err
	}
	if r.LastQuery() == before {
		return errors.New("the statement ran on no slice: there is nothing to compare")
	}
	return v.measure(ctx, r, clone.Topology().Slices(), schema, name)
}

// measure reads what the query did from the logs of the clone.
func (v *variant) measure(ctx context.Context, s *engine.Session, n int, schema, name string) error {
	id := s.LastQuery()
	v.Joins, v.Looked, v.Parts = []string{}, make([]int64, n), make([]int64, n)
	err := each(ctx, s, fmt.Sprintf("SELECT plannode FROM stl_explain WHERE query = %d ORDER BY nodeid", id), func(c cells) {
		cost, _ := figures(c.text(0))
		v.Cost = max(v.Cost, cost)
		for _, word := range strings.Fields(c.text(0)) {
			if strings.HasPrefix(word, "DS_") && !slices.Contains(v.Joins, word) {
				v.Joins = append(v.Joins, word)
			}
		}
	})
	if err == nil {
		err = each(ctx, s, fmt.Sprintf("SELECT slice, sum(blocks_read), sum(blocks_skipped), sum(rows_pre_filter) FROM redshiftsim_scan WHERE query = %d GROUP BY 1", id), func(c cells) {
			v.Blocks, v.Skipped = v.Blocks+c.int(1), v.Skipped+c.int(2)
			v.Looked[c.int(0)] = c.int(3)
		})
	}
	if err == nil {
		err = each(ctx, s, fmt.Sprintf("SELECT coalesce(sum(rows), 0), coalesce(sum(bytes), 0) FROM redshiftsim_moves WHERE query = %d AND label IN ('dist', 'bcast') AND from_slice <> to_slice", id), func(c cells) {
			v.Rows, v.Moved = c.int(0), c.int(1)
		})
	}
	if err != nil {
		return err
	}
	sum := int64(0)
	for _, x := range v.Looked {
		sum += x
	}
	if sum > 0 {
		v.Skew = float64(slices.Max(v.Looked)) * float64(n) / float64(sum)
	}
	m, err := s.BlockMap(schema, name, 0)
	if err != nil {
		if problemOf(err).Code == "42501" { // sizes are for superusers
			v.Parts = nil
			return nil
		}
		return err
	}
	for i := range m.Slices {
		v.Parts[i] = m.Slices[i].Rows
	}
	v.Size = int64(len(m.Blocks))
	return nil
}
