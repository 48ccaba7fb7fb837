package optimize

import (
	"testing"

	"github.com/redshiftsim/redshiftsim/engine/plan"
	"github.com/redshiftsim/redshiftsim/internal/types"
	"github.com/redshiftsim/redshiftsim/storage"
)

// TestTogether joins lines with the four offers of each part, by part and supplier. Two columns of a table have a tenth of its rows as combinations, or as
// many as the one that has more: 200,000 of 800,000 offers, 600,000 of 6 million lines, so that 30,000 lines of the parts of one colour meet 30,000 * 800,000 /
// 600,000 = 40,000 offers. Their table is the offers', which the parts' leave 4,000 of, though more than 30,000 lie in the table that is scanned.
func TestTogether(t *testing.T) {
	in := types.TInt4
	tables := map[string]*testTable{
		"part":  makeTable(1, "part", 200_000, storage.Key, "partkey", "", statColumn{name: "partkey", typ: in}, statColumn{name: "colour", typ: in, nd: 200}),
		"offer": makeTable(2, "offer", 800_000, storage.Key, "ps_partkey", "", statColumn{name: "ps_partkey", typ: in, nd: 200_000}, statColumn{name: "ps_suppkey", typ: in, nd: 10_000}),
		"line":  makeTable(3, "line", 6_000_000, storage.Even, "", "", statColumn{name: "l_partkey", typ: in, nd: 200_000}, statColumn{name: "l_suppkey", typ: in, nd: 10_000}),
	}
	q := newQuery(tables)
	n := cross(q.scan("line"), q.scan("part"), q.scan("offer"))
	root, err := Optimize(where(n, eq(q.c("partkey"), q.c("l_partkey")), eq(q.c("colour"), integer(7)), eq(q.c("ps_partkey"), q.c("l_partkey")), eq(q.c("ps_suppkey"), q.c("l_suppkey"))),
		env(tables, 2))
	if err != nil {
		t.Fatal(err)
	}
	var join *plan.Join
	plan.Walk(root, func(n plan.Node) bool {
		if j, ok := n.(*plan.Join); ok && join == nil {
			join = j
		}
		return true
	})
	scan, ok := join.Inner.(*plan.Scan)
	if !ok || scan.Table.Name != "offer" || join.Rows != 40_000 || join.InnerLeft != 4_000 {
		t.Errorf("%.0f rows, %.0f of the inner side are left\n%v", join.Rows, join.InnerLeft, plan.Explain(root, false))
	}
}
