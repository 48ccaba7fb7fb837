package system

import (
	"strings"
	"time"

	"github.com/redshiftsim/redshiftsim/engine/catalog"
)

// AdviceKind is what a piece of advice is about, as SVV_ALTER_TABLE_RECOMMENDATIONS calls it in the guide's sample.
type AdviceKind string

// Kinds.
const (
	AdviceDist AdviceKind = "diststyle"
	AdviceSort AdviceKind = "sortkey"
)

// Advice is a key that would help a table.
// https://docs.aws.amazon.com/redshift/latest/dg/r_SVV_ALTER_TABLE_RECOMMENDATIONS.html
type Advice struct {
	Kind   AdviceKind
	Table  *catalog.Table
	Column int  // of the table: the key
	Group  int  // from 1: distribution keys that serve each other; -1 of a sort key
	Auto   bool // the table leaves the choice to AUTO
}

// Statement is the ALTER TABLE that follows it.
func (a *Advice) Statement() string {
	quote := func(name string) string { return `"` + strings.ReplaceAll(name, `"`, `""`) + `"` }
	key, head := quote(a.Table.Columns[a.Column].Name), "ALTER TABLE "+quote(a.Table.Schema)+"."+quote(a.Table.Name)
	if a.Kind == AdviceDist {
		return head + " ALTER DISTSTYLE KEY DISTKEY " + key
	}
	return head + " ALTER COMPOUND SORTKEY (" + key + ")"
}

// RelaidKind is what AUTO changed.
type RelaidKind string

// Kinds, as SYS_AUTO_TABLE_OPTIMIZATION calls them. SVL_AUTO_WORKER_ACTION, which is older, has no RelaidEncode.
const (
	RelaidDist   RelaidKind = "distkey"
	RelaidSort   RelaidKind = "sortkey"
	RelaidEncode RelaidKind = "encode"
)

// Relaid is a change of a table that leaves something to AUTO.
// https://docs.aws.amazon.com/redshift/latest/dg/r_SVL_AUTO_WORKER_ACTION.html
type Relaid struct {
	XID        int64
	PID        int
	Table      uint32
	Kind       RelaidKind
	Start, End time.Time
	From       string // what it was
}

// StateOf is what SVL_AUTO_WORKER_ACTION says that a table was.
func StateOf(t *catalog.Table, kind RelaidKind) string {
	switch kind {
	case RelaidDist:
		return "DIST STYLE: " + distStyle(t) + ";"
	case RelaidSort:
		if len(t.Def.Sort.Columns) == 0 {
			return "SORTKEY: None;"
		}
		return "SORTKEY: " + strings.Join(columnNames(t, t.Def.Sort.Columns), ", ") + ";"
	}
	var words []string
	for i := range t.Columns {
		words = append(words, t.Columns[i].Name+" "+word(t.Def.EncodingOf(i)))
	}
	return "ENCODE: " + strings.Join(words, ", ") + ";"
}

func columnNames(t *catalog.Table, list []int) []string {
	out := make([]string, len(list))
	for i, c := range list {
		out[i] = t.Columns[c].Name
	}
	return out
}

// stateWidth is how much of a table's former state one row shows.
const stateWidth = 200

// adviceTables are about automatic table optimization.
// https://docs.aws.amazon.com/redshift/latest/dg/t_Creating_tables.html
var adviceTables = []table{
	// https://docs.aws.amazon.com/redshift/latest/dg/r_SVV_ALTER_TABLE_RECOMMENDATIONS.html
	{
		"svv_alter_table_recommendations", superuser, "type character(30), database character(128), table_id integer, group_id integer, ddl character(1024), " +
			"auto_eligible character(1)", func(e *Env, r *row) {
			for _, a := range e.Advice() {
				r.text(string(a.Kind), e.Database)
				r.id(a.Table.ID)
				r.int(int64(a.Group))
				r.text(a.Statement())
				r.tf(a.Auto)
				r.send()
			}
		},
	},
	// https://docs.aws.amazon.com/redshift/latest/dg/r_SVL_AUTO_WORKER_ACTION.html
	{
		"svl_auto_worker_action", superuser, "table_id integer, type character(32), status character(128), eventtime timestamp, sequence integer, " +
			"previous_state character(200)",
		autoActions(func(r *row, a *Relaid, status string, at time.Time, sequence int, from string) {
			if a.Kind == RelaidEncode {
				return
			}
			r.id(a.Table)
			r.text(string(a.Kind), status)
			r.time(at)
			r.int(int64(sequence))
			r.text(from)
			r.send()
		}),
	},
	// https://docs.aws.amazon.com/redshift/latest/dg/r_SYS_AUTO_TABLE_OPTIMIZATION.html
	{
		"sys_auto_table_optimization", superuser, "transaction_id bigint, session_id integer, table_id integer, alter_table_type character(32), " +
			"status character(128), event_time timestamp, alter_from character(200)",
		autoActions(func(r *row, a *Relaid, status string, at time.Time, _ int, from string) {
			r.int(a.XID, int64(a.PID))
			r.id(a.Table)
			r.text(string(a.Kind), status)
			r.time(at)
			r.text(from)
			r.send()
		}),
	},
}

// autoActions tells put of each change that AUTO made: its start, then its end with what the table was, in as many rows as that needs.
func autoActions(put func(r *row, a *Relaid, status string, at time.Time, sequence int, from string)) func(e *Env, r *row) {
	return func(e *Env, r *row) {
		e.maintained(func(x *Record) bool {
			for i := range x.Relaid {
				a := &x.Relaid[i]
				put(r, a, "Start", a.Start, 0, "")
				for n, from := 0, a.From; n == 0 || from != ""; n++ {
					part := from[:min(len(from), stateWidth)]
					from = from[len(part):]
					put(r, a, "Complete", a.End, n, part)
				}
			}
			return !r.over
		})
	}
}
