package parse

import (
	"fmt"
	"math/rand/v2"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/redshiftsim/redshiftsim/engine/ast"
	"github.com/redshiftsim/redshiftsim/engine/parse/lex"
	"github.com/redshiftsim/redshiftsim/internal/sqlstate"
)

// texts are where fuzzing and mutation begin.
var texts = []string{
	q1, rows(3), "select a::int || 'x' from t full join u using (k) where a in (select 1) order by 1 nulls first limit 3",
	"with a(x) as (select 1 union select 2 intersect (select 3 limit 1)) update t set a = b from a where c is not null",
	"create table t (a int identity(1,1) default 1 + 2 not null, primary key (a)) diststyle key distkey(a) sortkey(a)",
	"copy t (a) from 's3://b' iam_role default csv quote as '%'", "create template t for copy csv; alter template t set delimiter to '|', encoding to utf16; copy t from 'x', using template t", "copy t from 's3://b' csv job create j auto off; copy job run j", "unload ('select 1') to 's3://b' parallel off", "set a to 'b', c; reset all",
	"select trim(both 'x' from a), extract(year from b), count(distinct c) over (partition by d order by e rows 1 preceding)",
	"prepare p (int) as select $1; execute p (1); explain verbose delete from t using u", "select top 3 * exclude (a) from (a join b on true), c d(e, f)",
	"select a from t group by grouping sets ((a), ()) having a > 1 qualify rank() over (order by a) = 1", "alter table t alter sortkey (a), add b int",
	"select 'a\\101' \"b\" /* c */ -- d", "merge into t using s on true", "vacuum t to 50 percent", "select case a when 1 then 2 end",
	"select c.o[0].l, prior a from t c, c.o[1].l as x at i left join unnest(y) with offset u (a, b) on true start with a connect by prior b = c",
	"select * from (select 1) pivot (count(*) n for a in (1 as x, 2)) p, q unpivot include nulls (v for n in (a, b as c)) where a.b(+) = c",
	"select a like any ('x', 'y'), b not similar to 'z' escape '!', c between 1 and 2, d is not unknown, e at time zone 'utc' collate cs, f[1].g",
	"merge into t a using (select 1 as k) s on a.k = s.k when matched then update set b = default when not matched then insert (k) values (s.k)",
	"create or replace procedure p(a int, b inout varchar(5)) as $$ declare x int := 1; begin for i in 1..3 loop select into x count(*) from t; end loop; raise info '%', x; exception when others then null; end $$ language plpgsql",
	"create function f(float) returns float stable as $$ select $1 * 2 $$ language sql", "grant select (a), update on all tables in schema s to role r, public with grant option",
	"create external table s.t (a struct<b:int>) partitioned by (c date) row format delimited fields terminated by ',' stored as parquet location 'x'",
	"create materialized view m sortkey (a) auto refresh yes as select 1", "declare c cursor for select 1; fetch forward 5 from c; close c; call p(1, a => 2)",
	"create user u password disable in group g connection limit 5", "show columns from table a.b like 'x%' limit 3", "alter table t alter column a type varchar(300)",
}

// FuzzParse says that any text is parsed or refused, never worse; that statements and errors lie within it; and that what the bridge lets through the
// TiDB parser takes: an internal error is a bug.
func FuzzParse(f *testing.F) {
	for _, s := range texts {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		if strings.Count(text, "(") > 500 {
			return
		}
		if bad := sound(text); bad != "" {
			t.Fatalf("%q: %s", text, bad)
		}
	})
}

// sound parses a text and says what is wrong with the result: an internal error is a text that the bridge lets through and TiDB's parser does not.
func sound(text string) string {
	list, err := Parse(text)
	if err != nil {
		e, ok := err.(*sqlstate.Error)
		if !ok || e.Code == sqlstate.Internal || e.Offset() > len(text) {
			return err.Error()
		}
		return ""
	}
	last := 0
	for _, st := range list {
		from, to := st.Span()
		if _, several := st.(*ast.AlterTable); from > to || to > len(text) || from < last && !several {
			return fmt.Sprintf("%T at %d..%d", st, from, to)
		}
		last = from
	}
	_ = show(list)
	return astray(reflect.ValueOf(list), text)
}

// TestRandomMutants takes words out of statements, doubles them and puts those of others in their place: nothing worse than a refusal may come of it.
func TestRandomMutants(t *testing.T) {
	seed := uint64(1)
	n := 20_000
	if testing.Short() {
		n = 2_000
	}
	start := time.Now()
	if *modelTime > 0 {
		seed = uint64(start.UnixNano())
	}
	t.Logf("seed %d", seed)
	rnd := rand.New(rand.NewPCG(seed, 3))
	var cut [][]string
	var all []string
	for _, s := range texts {
		toks, err := lex.Scan(s, lex.Options{})
		if err != nil {
			t.Fatal(err)
		}
		var words []string
		for _, k := range toks[:len(toks)-1] {
			words = append(words, s[k.Pos:k.End])
		}
		cut, all = append(cut, words), append(all, words...)
	}
	i := 0
	for ; i < n || time.Since(start) < *modelTime; i++ {
		words := slices.Clone(cut[rnd.IntN(len(cut))])
		for range 1 + rnd.IntN(3) {
			k := rnd.IntN(len(words))
			switch rnd.IntN(4) {
			case 0:
				words = slices.Delete(words, k, k+1)
			case 1:
				words[k] = all[rnd.IntN(len(all))]
			case 2:
				words = slices.Insert(words, k, all[rnd.IntN(len(all))])
			default:
				words = slices.Insert(words, k, words[k:min(len(words), k+1+rnd.IntN(4))]...)
			}
			if len(words) == 0 {
				words = append(words, "select")
			}
		}
		if text := strings.Join(words, " "); sound(text) != "" {
			t.Fatalf("seed %d: %s\n\t%s", seed, text, sound(text))
		}
	}
	t.Logf("%d mutants", i)
}
