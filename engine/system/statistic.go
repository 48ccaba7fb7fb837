package system

import (
	"time"

	"github.com/redshiftsim/redshiftsim/engine/catalog"
	"github.com/redshiftsim/redshiftsim/internal/types"
)

// Kinds of what a slot of pg_statistic holds: PostgreSQL's, and Redshift's of predicate columns.
const (
	kindCommon    = 1
	kindHistogram = 2
	kindPredicate = 10002 // two times: the first use as a predicate, the last ANALYZE; 2000-01-01 = never
)

// statisticTables are what ANALYZE keeps, in PostgreSQL's form: a slot for common values, one for the histogram, and Redshift's for predicate columns.
// https://docs.aws.amazon.com/redshift/latest/dg/t_Analyzing_tables.html#t_Analyzing_tables-predicate-columns
var statisticTables = []table{
	{
		"pg_statistic", superuser | leader, "starelid oid, staattnum smallint, stanullfrac real, stawidth integer, stadistinct real, stakind1 smallint, " +
			"stakind2 smallint, stakind3 smallint, stakind4 smallint, staop1 oid, staop2 oid, staop3 oid, staop4 oid, stanumbers1 real[], stanumbers2 real[], " +
			"stanumbers3 real[], stanumbers4 real[], stavalues1 anyarray, stavalues2 anyarray, stavalues3 anyarray, stavalues4 anyarray",
		func(e *Env, r *row) {
			for _, t := range e.tables() {
				for i := range t.Columns {
					e.statistic(r, t, i)
				}
				if r.over {
					return
				}
			}
		},
	},
}

// statistic sends the row of a column that was analyzed or used as a predicate.
func (e *Env) statistic(r *row, t *catalog.Table, i int) {
	st := e.version(t).Statistics()
	used := time.Time{}
	if e.Predicate != nil {
		used = e.Predicate(t.ID, t.Columns[i].PosAttr)
	}
	analyzed := st != nil && i < len(st.Columns) && st.Columns[i].NDistinct != 0
	if !analyzed && used.IsZero() {
		return
	}
	r.id(t.ID)
	r.int(int64(t.Columns[i].PosAttr))
	var common, freqs, bounds string
	at := neverAnalyzed
	if analyzed {
		c := &st.Columns[i]
		common, freqs, bounds = slots(c)
		if !st.At.IsZero() {
			at = st.At
		}
		r.float(c.NullFrac)
		r.int(int64(c.Width))
		r.float(c.NDistinct)
	} else {
		r.float(0)
		r.int(0)
		r.float(0)
	}
	kind := func(k int64, of string) {
		if of == "" {
			k = 0
		}
		r.int(k)
	}
	kind(kindCommon, common)
	kind(kindHistogram, bounds)
	r.int(0, kindPredicate, 0, 0, 0, 0)
	r.maybe(freqs)
	r.null(3)
	r.maybe(common)
	r.maybe(bounds)
	r.null(1)
	if used.IsZero() {
		used = neverAnalyzed
	}
	r.text("{" + element(stamp(used)) + "," + element(stamp(at)) + "}")
	r.send()
}

// stamp is a moment as a timestamp.
func stamp(t time.Time) types.Datum {
	return types.Datum{Type: types.TTimestamp, Int: types.MicrosFromTime(t)}
}
