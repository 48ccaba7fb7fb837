package parse

import "testing"

// TestMerge parses MERGE.
// https://docs.aws.amazon.com/redshift/latest/dg/r_MERGE.html
func TestMerge(t *testing.T) {
	check(t, [][2]string{
		{
			"merge into target using source on target.id = source.id when matched then update set id = source.id, name = default when not matched then insert values (source.id, 'x' || 1)",
			"Merge{Table=target Source=source On=(target.id = source.id) Matched=MergeAction{Kind=update Set=[id=source.id name=default]} NotMatched=MergeAction{Kind=insert Values=[source.id ('x' || 1)]}}",
		},
		{
			"merge into s.t as a using (select 1 as k) b on a.k = b.k when not matched then insert (k, v) values (b.k, null) when matched then delete",
			"Merge{Table=s.t Alias=a Source=[select 1 as k] b On=(a.k = b.k) Matched=MergeAction{Kind=delete} NotMatched=MergeAction{Kind=insert Columns=[k v] Values=[b.k null]}}",
		},
		{"merge into t x using s y on x.a = y.a remove duplicates", "Merge{Table=t Alias=x Source=s y On=(x.a = y.a) RemoveDuplicates}"},
	})
}

// TestCursors parses cursors, LOCK and CALL.
func TestCursors(t *testing.T) {
	check(t, [][2]string{
		{"declare c cursor for select a from t order by 1", "DeclareCursor{Name=c Query=[[select a from t order 1]] Text=\"select a from t order by 1\"}"},
		{
			"declare c binary insensitive no scroll cursor with hold for with a as (select 1) select * from a",
			"DeclareCursor{Name=c Options=[Option{Name=BINARY} Option{Name=INSENSITIVE} Option{Name=\"NO SCROLL\"} Option{Name=\"WITH HOLD\"}] " +
				"Query=[[with a[][select 1] select * from a]] Text=\"with a as (select 1) select * from a\"}",
		},
		{"fetch from c", "Fetch{Cursor=c Count=1}"},
		{"fetch next in c", "Fetch{Cursor=c Count=1}"},
		{"fetch all from c", "Fetch{Cursor=c All}"},
		{"fetch forward all from \"my cursor\"", "Fetch{Cursor=my cursor All}"},
		{"fetch forward 0 from c", "Fetch{Cursor=c}"},
		{"fetch forward from c", "Fetch{Cursor=c Count=1}"},
		{"close c", "CloseCursor{Cursor=c}"},
		{"lock table s.a, b", "Lock{Tables=[s.a b]}"},
		{"lock a in share row exclusive mode nowait", "Lock{Tables=[a] Mode=\"share row exclusive\" NoWait}"},
		{"call s.p()", "Call{Name=s.p}"},
		{"call p(1, 'a' || 'b', x => (select 1))", "Call{Name=p Args=[1 ('a' || 'b') x => [select 1]]}"},
	})
}

// TestMaterializedViews parses their statements.
func TestMaterializedViews(t *testing.T) {
	check(t, [][2]string{
		{
			"create materialized view s.m (a, b) backup no diststyle key distkey(a) sortkey (b) auto refresh yes as select 1, 2",
			"CreateMaterializedView{Name=s.m Columns=[a b] Backup=no DistStyle=key DistKey=a SortKey=[b] AutoRefresh=yes Query=[[select 1, 2]] Text=\"select 1, 2\"}",
		},
		{"create materialized view m auto refresh no sortkey auto as (select 1)", "CreateMaterializedView{Name=m SortStyle=auto AutoRefresh=no Query=[[select 1]] Text=\"(select 1)\"}"},
		{"alter materialized view m auto refresh yes", "AlterMaterializedView{Name=m AutoRefresh=yes}"},
		{"alter materialized view m alter diststyle all", "alter m: alter diststyle dist=all"},
		{"refresh materialized view s.m cascade", "RefreshMaterializedView{Name=s.m Cascade}"},
		{"refresh materialized view m restrict", "RefreshMaterializedView{Name=m}"},
		{"drop materialized view if exists m, n cascade", "drop materialized view m n ifexists=true cascade=true"},
	})
}
