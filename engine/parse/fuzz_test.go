package parse

import (
	"strings"
	"testing"

	"github.com/redshiftsim/redshiftsim/engine/ast"
	"github.com/redshiftsim/redshiftsim/internal/sqlstate"
)

// FuzzParse says that any text is parsed or refused, never worse; that statements and errors lie within it; and that what the bridge lets through the
// TiDB parser takes: an internal error is a bug.
func FuzzParse(f *testing.F) {
	for _, s := range []string{
		q1, rows(3), "select a::int || 'x' from t full join u using (k) where a in (select 1) order by 1 nulls first limit 3",
		"with a(x) as (select 1 union select 2 intersect (select 3 limit 1)) update t set a = b from a where c is not null",
		"create table t (a int identity(1,1) default 1 + 2 not null, primary key (a)) diststyle key distkey(a) sortkey(a)",
		"copy t (a) from 's3://b' iam_role default csv quote as '%'", "unload ('select 1') to 's3://b' parallel off", "set a to 'b', c; reset all",
		"select trim(both 'x' from a), extract(year from b), count(distinct c) over (partition by d order by e rows 1 preceding)",
		"prepare p (int) as select $1; execute p (1); explain verbose delete from t using u", "select top 3 * exclude (a) from (a join b on true), c d(e, f)",
		"select a from t group by grouping sets ((a), ()) having a > 1 qualify rank() over (order by a) = 1", "alter table t alter sortkey (a), add b int",
		"select 'a\\101' \"b\" /* c */ -- d", "merge into t using s on true", "vacuum t to 50 percent", "select case a when 1 then 2 end",
	} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		if strings.Count(text, "(") > 500 {
			return
		}
		list, err := Parse(text)
		if err != nil {
			e, ok := err.(*sqlstate.Error)
			if !ok || e.Code == sqlstate.Internal || e.Offset() > len(text) {
				t.Fatalf("%q: %v", text, err)
			}
			return
		}
		last := 0
		for _, st := range list {
			from, to := st.Span()
			if _, several := st.(*ast.AlterTable); from > to || to > len(text) || from < last && !several {
				t.Fatalf("%q: %T at %d..%d", text, st, from, to)
			}
			last = from
		}
		_ = show(list)
	})
}
