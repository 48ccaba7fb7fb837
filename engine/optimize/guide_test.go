package optimize

import (
	"strings"
	"testing"

	"github.com/redshiftsim/redshiftsim/engine/expr"
	"github.com/redshiftsim/redshiftsim/engine/function"
	"github.com/redshiftsim/redshiftsim/engine/plan"
	"github.com/redshiftsim/redshiftsim/internal/types"
	"github.com/redshiftsim/redshiftsim/storage"
)

// explained optimizes and prints a plan.
func explained(t *testing.T, n plan.Node, e *Env) string {
	t.Helper()
	p, err := Optimize(n, e)
	if err != nil {
		t.Fatal(err)
	}
	return strings.Join(plan.Explain(p, false), "\n") + "\n"
}

// TestGuide checks plans printed in the guide: operators, nesting, labels, costs to the cent. k is the factor of the cluster that each page was made on.
func TestGuide(t *testing.T) {
	sum := types.TNumeric(38, 2)
	for _, c := range []struct {
		name string // page of the guide
		k    float64
		dims storage.DistStyle
		plan func(q *query) plan.Node
		edit func(ts map[string]*testTable)
		want string
	}{
		{name: "c-the-query-plan: group", k: 2, dims: storage.Key, plan: func(q *query) plan.Node {
			a := q.group(q.scan("event"), []string{"eventname"}, q.agg("count", types.TInt8))
			return q.keep(a, "eventname", "count")
		}, want: `
XN HashAggregate  (cost=131.97..133.41 rows=576 width=17)
  ->  XN Seq Scan on event  (cost=0.00..87.98 rows=8798 width=17)
`},
		{name: "c-the-query-plan: broadcast", k: 48, dims: storage.Key, plan: func(q *query) plan.Node {
			return all(where(cross(q.scan("category"), q.scan("event")), eq(q.c("category.catid"), q.c("event.catid"))))
		}, want: `
XN Hash Join DS_BCAST_INNER  (cost=0.14..6600286.07 rows=8798 width=84)
  Hash Cond: ("outer".catid = "inner".catid)
  ->  XN Seq Scan on event  (cost=0.00..87.98 rows=8798 width=35)
  ->  XN Hash  (cost=0.11..0.11 rows=11 width=49)
        ->  XN Seq Scan on category  (cost=0.00..0.11 rows=11 width=49)
`, edit: func(ts map[string]*testTable) { ts["event"].stats.Statistics.Columns[2].NDistinct = 11 }},
		{name: "c-the-query-plan: merge (6286.47 as in t_explain_plan_example)", k: 2, dims: storage.Key, plan: func(q *query) plan.Node {
			return all(where(cross(q.scan("sales"), q.scan("listing")), eq(q.c("sales.listid"), q.c("listing.listid"))))
		}, want: `
XN Merge Join DS_DIST_NONE  (cost=0.00..6286.47 rows=172456 width=97)
  Merge Cond: ("outer".listid = "inner".listid)
  ->  XN Seq Scan on listing  (cost=0.00..1924.97 rows=192497 width=44)
  ->  XN Seq Scan on sales  (cost=0.00..1724.56 rows=172456 width=53)
`},
		{name: "c-the-query-plan, reviewing-query-plan-steps: join, group, sort", k: 2, dims: storage.Key, plan: func(q *query) plan.Node {
			n := where(cross(q.scan("sales"), q.scan("event")), eq(q.c("sales.eventid"), q.c("event.eventid")))
			a := q.group(n, []string{"eventname"}, q.agg("sum", sum, q.c("pricepaid")))
			return q.order(q.keep(a, "eventname", "sum"), "sum desc")
		}, want: `
XN Merge  (cost=1002815366604.92..1002815366606.36 rows=576 width=27)
  Merge Key: sum(sales.pricepaid)
  ->  XN Network  (cost=1002815366604.92..1002815366606.36 rows=576 width=27)
        Send to leader
        ->  XN Sort  (cost=1002815366604.92..1002815366606.36 rows=576 width=27)
              Sort Key: sum(sales.pricepaid)
              ->  XN HashAggregate  (cost=2815366577.07..2815366578.51 rows=576 width=27)
                    ->  XN Hash Join DS_BCAST_INNER  (cost=109.98..2815365714.80 rows=172456 width=27)
                          Hash Cond: ("outer".eventid = "inner".eventid)
                          ->  XN Seq Scan on sales  (cost=0.00..1724.56 rows=172456 width=14)
                          ->  XN Hash  (cost=87.98..87.98 rows=8798 width=21)
                                ->  XN Seq Scan on event  (cost=0.00..87.98 rows=8798 width=21)
`, edit: func(ts map[string]*testTable) { ts["event"].t.Def.Dist.Style = storage.Even }},
		{name: "r_CTAS_usage_notes: limit", k: 2, dims: storage.Key, plan: func(q *query) plan.Node {
			return &plan.Limit{Input: q.keep(q.scan("sales"), "listid", "dateid", "qtysold"), Count: 100}
		}, want: `
XN Limit  (cost=0.00..1.00 rows=100 width=8)
  ->  XN Seq Scan on sales  (cost=0.00..1724.56 rows=172456 width=8)
`},
		{name: "r_CTAS_usage_notes: group", k: 2, dims: storage.Key, plan: func(q *query) plan.Node {
			a := q.group(q.scan("sales"), []string{"listid", "dateid"}, q.agg("sum", types.TInt8, q.c("qtysold")))
			return q.keep(a, "listid", "dateid", "sum")
		}, want: `
XN HashAggregate  (cost=3017.98..3226.75 rows=83509 width=8)
  ->  XN Seq Scan on sales  (cost=0.00..1724.56 rows=172456 width=8)
`},
		{name: "r_EXPLAIN: redistribute the outer side", k: 48, dims: storage.Key, plan: func(q *query) plan.Node {
			n := where(cross(q.scan("event"), q.scan("venue")), eq(q.c("event.venueid"), q.c("venue.venueid")))
			return q.keep(n, "eventid", "eventname", "event.venueid", "venuename")
		}, want: `
XN Hash Join DS_DIST_OUTER  (cost=2.52..58653620.93 rows=8712 width=43)
  Outer Dist Key: event.venueid
  Hash Cond: ("outer".venueid = "inner".venueid)
  ->  XN Seq Scan on event  (cost=0.00..87.98 rows=8798 width=23)
  ->  XN Hash  (cost=2.02..2.02 rows=202 width=22)
        ->  XN Seq Scan on venue  (cost=0.00..2.02 rows=202 width=22)
`},
		{name: "r_EXPLAIN: IS NOT NULL", k: 2, dims: storage.Key, plan: func(q *query) plan.Node {
			return all(where(q.scan("venue"), &expr.IsNull{Arg: q.c("venueseats"), Not: true}))
		}, want: `
XN Seq Scan on venue  (cost=0.00..2.02 rows=187 width=45)
  Filter: (venueseats IS NOT NULL)
`},
		{name: "r_STL_EXPLAIN: aggregate join", k: 2, dims: storage.Key, plan: func(q *query) plan.Node {
			n := where(cross(q.scan("sales"), q.scan("listing")), eq(q.c("sales.listid"), q.c("listing.listid")))
			diff := &expr.Call{Fn: &function.Bound{Name: "datediff", Returns: types.TInt8, Strict: true}, Args: []expr.Expr{q.c("listtime"), q.c("saletime")}}
			return q.keep(q.group(n, nil, q.agg("avg", types.TInt8, diff)), "avg")
		}, want: `
XN Aggregate  (cost=6350.30..6350.31 rows=1 width=16)
  ->  XN Hash Join DS_DIST_NONE  (cost=47.08..6340.89 rows=3766 width=16)
        Hash Cond: ("outer".listid = "inner".listid)
        ->  XN Seq Scan on listing  (cost=0.00..1924.97 rows=192497 width=12)
        ->  XN Hash  (cost=37.66..37.66 rows=3766 width=12)
              ->  XN Seq Scan on sales  (cost=0.00..37.66 rows=3766 width=12)
`, edit: func(ts map[string]*testTable) { // the page's sales table has 3,766 rows, few lists twice and was not sorted
			s := ts["sales"]
			s.stats.Rows, s.stats.Statistics.Rows, s.stats.Unsorted = 3766, 3766, 1
			s.stats.Statistics.Columns[1].NDistinct = 1900
		}},
		{name: "r_STL_PLAN_INFO: distinct", k: 2, dims: storage.Key, plan: func(q *query) plan.Node {
			return q.order(&plan.Distinct{Input: q.keep(q.scan("event"), "eventname")}, "eventname")
		}, want: `
XN Merge  (cost=1000000000136.38..1000000000137.82 rows=576 width=17)
  Merge Key: eventname
  ->  XN Network  (cost=1000000000136.38..1000000000137.82 rows=576 width=17)
        Send to leader
        ->  XN Sort  (cost=1000000000136.38..1000000000137.82 rows=576 width=17)
              Sort Key: eventname
              ->  XN Unique  (cost=0.00..109.98 rows=576 width=17)
                    ->  XN Seq Scan on event  (cost=0.00..87.98 rows=8798 width=17)
`},
		{name: "r_in_condition", k: 2, dims: storage.Key, plan: func(q *query) plan.Node {
			in := &expr.In{}
			s := q.scan("sales")
			in.Arg = q.c("salesid")
			for i := int64(1); i <= 11; i++ {
				in.List = append(in.List, integer(i))
			}
			return all(where(s, in))
		}, want: `
XN Seq Scan on sales  (cost=0.00..6035.96 rows=86228 width=53)
  Filter: (salesid = ANY ('{1,2,3,4,5,6,7,8,9,10,11}'::integer[]))
`},
	} {
		ts := tickit(c.dims)
		if c.edit != nil {
			c.edit(ts)
		}
		if got := explained(t, c.plan(newQuery(ts)), env(ts, c.k)); got != c.want[1:] {
			t.Errorf("%s:\n%swant\n%s", c.name, got, c.want[1:])
		}
	}
}

// TestVerbose checks the dump that EXPLAIN VERBOSE prints before the summary: its first lines are those that the guide shows, and every node of the
// summary is dumped with the same figures.
// https://docs.aws.amazon.com/redshift/latest/dg/r_EXPLAIN.html
func TestVerbose(t *testing.T) {
	ts := tickit(storage.Key)
	q := newQuery(ts)
	n := where(cross(q.scan("event"), q.scan("venue")), eq(q.c("event.venueid"), q.c("venue.venueid")))
	p, err := Optimize(q.keep(n, "eventid", "eventname", "event.venueid", "venuename"), env(ts, 48))
	if err != nil {
		t.Fatal(err)
	}
	got := strings.Join(plan.Explain(p, true), "\n")
	const first = `{HASHJOIN
:startup_cost 2.52
:total_cost 58653620.93
:plan_rows 8712
:plan_width 43
:best_pathkeys <>
:dist_info DS_DIST_OUTER
:dist_info.dist_keys (
TARGETENTRY
{
VAR
:varno 2
:varattno 1
`
	if !strings.HasPrefix(got, first) {
		t.Errorf("the dump begins\n%.300s\nwant\n%s", got, first)
	}
	dump, summary, ok := strings.Cut(got, "\n\n")
	if want := strings.Join(plan.Explain(p, false), "\n"); !ok || summary != want {
		t.Errorf("summary\n%s\nwant\n%s", summary, want)
	}
	for _, want := range []string{
		"   {SEQSCAN\n   :startup_cost 0.00\n   :total_cost 87.98\n   :plan_rows 8798\n   :plan_width 23\n",
		"   {HASH\n   :startup_cost 2.02\n   :total_cost 2.02\n   :plan_rows 202\n   :plan_width 22\n",
		"      {SEQSCAN\n      :startup_cost 0.00\n      :total_cost 2.02\n      :plan_rows 202\n      :plan_width 22\n",
		":hashclauses (\n(\"outer\".venueid = \"inner\".venueid)\n)\n",
	} {
		if !strings.Contains(dump, want) {
			t.Errorf("no\n%sin\n%s", want, dump)
		}
	}
	if n := strings.Count(dump, ":startup_cost"); n != 4 {
		t.Errorf("%d nodes dumped, want 4", n)
	}
}

// tutorial is the query of the guide's tutorial on tuning table design.
// https://docs.aws.amazon.com/redshift/latest/dg/t_explain_plan_example.html
func tutorial(q *query) plan.Node {
	n := where(cross(q.scan("category"), q.scan("event"), q.scan("venue"), q.scan("sales"), q.scan("listing"), q.scan("date"), q.scan("users")),
		eq(q.c("category.catid"), q.c("event.catid")), eq(q.c("venue.venueid"), q.c("event.venueid")), eq(q.c("sales.eventid"), q.c("event.eventid")),
		eq(q.c("sales.listid"), q.c("listing.listid")), eq(q.c("sales.dateid"), q.c("date.dateid")), eq(q.c("users.userid"), q.c("sales.buyerid")))
	a := q.group(n, []string{"catname", "venuename", "venuecity", "venuestate", "eventname", "month", "lastname"},
		q.agg("sum", types.TNumeric(38, 2), q.c("pricepaid")), q.agg("max", types.TNumeric(8, 2), q.c("totalprice")))
	a.Having = []expr.Expr{&expr.Compare{Op: expr.Gt, Left: q.c("sum"), Right: &expr.Const{Value: types.Datum{Type: types.TNumeric(6, 2), Int: 999900}}}}
	return q.order(q.keep(a, "lastname", "catname", "venuename", "venuecity", "venuestate", "eventname", "month", "sum", "max"), "catname", "sum desc")
}

// TestTutorial checks the seven tables of the guide's tutorial: labels and the figures of the first joins.
func TestTutorial(t *testing.T) {
	ts := tickit(storage.All)
	got := explained(t, tutorial(newQuery(ts)), env(ts, 2))
	for _, want := range []string{
		"Merge Key: category.catname, sum(sales.pricepaid)",
		"Filter: (sum(pricepaid) > 9999.00)",
		"XN Merge Join DS_DIST_NONE  (cost=0.00..6286.47 rows=172456 width=30)",
		"XN Seq Scan on listing  (cost=0.00..1924.97 rows=192497 width=14)",
		"XN Seq Scan on sales  (cost=0.00..1724.56 rows=172456 width=24)",
		"DS_DIST_ALL_NONE",
		"rows=170771 width=103)",
	} {
		if !strings.Contains(got, want) {
			t.Errorf("ALL: no %q in\n%s", want, got)
		}
	}
	if strings.Contains(got, "BCAST") {
		t.Errorf("ALL: a broadcast in\n%s", got)
	}
	ts = tickit(storage.Even)
	got = explained(t, tutorial(newQuery(ts)), env(ts, 2))
	if strings.Count(got, "DS_BCAST_INNER") != 5 || !strings.Contains(got, "Merge Join DS_DIST_NONE") {
		t.Errorf("EVEN:\n%s", got)
	}
	if testing.Verbose() {
		t.Log(got)
	}
}
