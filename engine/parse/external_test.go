package parse

import (
	"reflect"
	"testing"

	"github.com/redshiftsim/redshiftsim/engine/ast"
)

// TestExternal parses external schemas, tables and views.
// https://docs.aws.amazon.com/redshift/latest/dg/r_CREATE_EXTERNAL_TABLE.html
func TestExternal(t *testing.T) {
	check(t, [][2]string{
		{
			"create external schema if not exists s from data catalog database 'd' region 'us-west-2' iam_role default create external database if not exists",
			`CreateExternalSchema{Name=s IfNotExists From="data catalog" Options=[Option{Name=DATABASE Value=d HasVal} Option{Name=REGION Value=us-west-2 HasVal} ` +
				`Option{Name=IAM_ROLE Value=default HasVal} Option{Name="CREATE EXTERNAL DATABASE" Value="IF NOT EXISTS" HasVal}]}`,
		},
		{
			"create external schema h from hive metastore database 'd' uri '172.10.10.10' port 99 iam_role 'a'",
			`CreateExternalSchema{Name=h From="hive metastore" Options=[Option{Name=DATABASE Value=d HasVal} Option{Name=URI Value=172.10.10.10 HasVal} Option{Name=PORT Value=99 HasVal} Option{Name=IAM_ROLE Value=a HasVal}]}`,
		},
		{"create external schema r from redshift database sales_db schema 'public'", "CreateExternalSchema{Name=r From=redshift Options=[Option{Name=DATABASE Value=sales_db HasVal} Option{Name=SCHEMA Value=public HasVal}]}"},
		{"alter external schema s authentication mtls secret_arn 'x'", "AlterExternalSchema{Name=s Options=[Option{Name=AUTHENTICATION Value=mtls HasVal} Option{Name=SECRET_ARN Value=x HasVal}]}"},
		{
			"create external table s.t (a int, b struct<x:varchar(20), y:array<int>>, c array<struct<k:int>>) partitioned by (d date) row format delimited fields terminated by '\\t' " +
				"lines terminated by '\\n' escaped by '!' null defined as 'N' stored as textfile location 's3://b/' table properties ('numRows'='1', 'a'='b')",
			`CreateExternalTable{Name=s.t Columns=[a integer b ?struct<x:varchar(20), y:array<int>> c ?array<struct<k:int>>] Partitions=[d date] ` +
				`Format=[Option{Name="FIELDS TERMINATED BY" Value=` + "\t" + ` HasVal} Option{Name="LINES TERMINATED BY" Value="\n" HasVal} Option{Name="ESCAPED BY" Value=! HasVal} Option{Name="NULL DEFINED AS" Value=N HasVal}] ` +
				`Stored=textfile Location=s3://b/ Properties=[Property{Name=numRows Value=1} Property{Name=a Value=b}]}`,
		},
		{
			"create external table s.t (a array<array<struct<\"B c\" : double precision,order:map<int,varchar( 3 )>>>>, d map < int, array<int> >) location 'x'",
			`CreateExternalTable{Name=s.t Columns=[a ?array<array<struct<"b c" : double precision,order:map<int,varchar( 3 )>>>> d ?map < int, array<int> >] Location=x}`,
		},
		{
			"create external table s.t partitioned by (a, b) stored as parquet location 'x' as select 1 as a, 2 as b",
			`CreateExternalTable{Name=s.t Partitions=[ColumnDef{Name=a} ColumnDef{Name=b}] Stored=parquet Location=x Query=[[select 1 as a, 2 as b]] QueryText="select 1 as a, 2 as b"}`,
		},
		{
			"create external table t (a int) row format serde 'S' with serdeproperties ('p'='v') stored as inputformat 'i' outputformat 'o' location 'l'",
			"CreateExternalTable{Name=t Columns=[a integer] Format=[Option{Name=SERDE Value=S HasVal}] SerDe=[Property{Name=p Value=v}] InputFormat=i Output=o Location=l}",
		},
		{"create external protected view s.v if not exists as select 1", `ExternalView{Protected IfNotExists Name=s.v Query=[[select 1]] Text="select 1"}`},
		{"alter external view s.v force as (select 1)", `ExternalView{Alter Force Name=s.v Query=[[select 1]] Text="(select 1)"}`},
		{"alter external view s.v remove definition", "ExternalView{Alter RemoveDefinition Name=s.v}"},
		{"drop external view if exists s.v", "DropExternalView{Name=s.v IfExists}"},
		{"drop external view d.s.v if exists", "DropExternalView{Name=d.s.v IfExists}"},
		{"create external view if not exists s.v as select 1", `ExternalView{IfNotExists Name=s.v Query=[[select 1]] Text="select 1"}`},
		{"alter table t add if not exists partition (a='x', b=1) location 'l' partition (a='y', b=2) location 'm'", `AlterExternalTable{Table=t Action="add partition" IfNotExists ` +
			"Partitions=[Partition{Values=[Property{Name=a Value=x} Property{Name=b Value=1}] Location=l} Partition{Values=[Property{Name=a Value=y} Property{Name=b Value=2}] Location=m}]}"},
		{"alter table t drop partition (a='x')", `AlterExternalTable{Table=t Action="drop partition" Partitions=[Partition{Values=[Property{Name=a Value=x}]}]}`},
		{"alter table t partition (a='x') set location 'l'", `AlterExternalTable{Table=t Action="set location" Partitions=[Partition{Values=[Property{Name=a Value=x}]}] Value=l}`},
		{"alter table t set location 'l'", `AlterExternalTable{Table=t Action="set location" Value=l}`},
		{"alter table t set file format avro", `AlterExternalTable{Table=t Action="set file format" Value=avro}`},
		{"alter table t set table properties ('numRows'='5')", `AlterExternalTable{Table=t Action="set table properties" Properties=[Property{Name=numRows Value=5}]}`},
	})
}

// TestAlterOthers parses the actions of ALTER TABLE that are statements of their own.
func TestAlterOthers(t *testing.T) {
	check(t, [][2]string{
		{"alter table a.b append from c.d ignoreextra", "AppendTable{Table=a.b Source=c.d IgnoreExtra}"},
		{"alter table a append from b filltarget", "AppendTable{Table=a Source=b FillTarget}"},
		{"alter table t row level security on conjunction type or for datashares", "AlterSecurity{Table=t On Conjunction=or ForDatashares}"},
		{"alter materialized view m row level security off", "AlterSecurity{View Table=m}"},
		{"alter table t masking on for datashares", "AlterSecurity{Table=t Masking On ForDatashares}"},
	})
}

// TestComments parses COMMENT ON what has more than a name, and what UNLOAD's string holds.
func TestComments(t *testing.T) {
	check(t, [][2]string{
		{"comment on function f(a int) is 'x'", `comment function f "x"`},
		{"comment on constraint k on s.t is null", "comment constraint k null"},
	})
	list, err := Parse("unload ('select ''a'' || b from t') to 'x' partition by (b)")
	if err != nil {
		t.Fatal(err)
	}
	if u := list[0].(*ast.Unload); dumpOf(u.Stmt) != "[[select ('a' || b) from t]]" || u.QueryPos != 8 {
		t.Error(dumpOf(u.Stmt), u.QueryPos)
	}
	list, err = Parse("comment on procedure p(int) is 'x'; comment on constraint k on t is 'y'")
	if err != nil {
		t.Fatal(err)
	}
	if c := list[0].(*ast.Comment); !c.HasArgs || len(c.Args) != 1 || list[1].(*ast.Comment).On.Object() != "t" {
		t.Error(show(list))
	}
}

// dumpOf is a node as dump prints it.
func dumpOf(x any) string {
	p := &printer{}
	p.dump(reflect.ValueOf(x))
	return p.b.String()
}

// TestShowObjects parses SHOW of objects, and small statements of sessions.
func TestShowObjects(t *testing.T) {
	check(t, [][2]string{
		{"show databases", "ShowObjects{Kind=DATABASES}"},
		{"show databases from data catalog account '1', '2' like 'a%' iam_role default limit 3", `ShowObjects{Kind=DATABASES Of="data catalog" Accounts=[1 2] Like=a% Limit=3 Options=[Option{Name=IAM_ROLE Value=default HasVal}]}`},
		{"show schemas from database d like 's%' limit 5", "ShowObjects{Kind=SCHEMAS Of=database Name=d Like=s% Limit=5}"},
		{"show columns from table d.s.t", "ShowObjects{Kind=COLUMNS Of=table Name=d.s.t}"},
		{"show constraints foreign keys exported from table t", `ShowObjects{Kind="CONSTRAINTS FOREIGN KEYS" Of=table Name=t Exported}`},
		{"show column grants on table t like 'x'", `ShowObjects{Kind="COLUMN GRANTS" Of=table Name=t Like=x}`},
		{"show grants on schema a.b for role r limit 2", "ShowObjects{Kind=GRANTS On=GrantObject{Kind=schema Names=[a.b]} For=Principal{Kind=role Name=r} Limit=2}"},
		{"show grants for alice", "ShowObjects{Kind=GRANTS For=Principal{Kind=user Name=alice}}"},
		{"show functions from schema d.s", "ShowObjects{Kind=FUNCTIONS Of=schema Name=d.s}"},
		{"show parameters of function d.s.f(int)", `ShowObjects{Kind="PARAMETERS OF FUNCTION" Routine=Routine{Name=d.s.f Args=[RoutineArg{Type=integer}] HasArgs}}`},
		{"show procedure p(in a int)", "ShowObjects{Kind=PROCEDURE Routine=Routine{Name=p Args=[RoutineArg{Mode=in Name=a Type=integer}] HasArgs}}"},
		{"show table s.t", "ShowObjects{Kind=TABLE Name=s.t}"},
		{"show view v", "ShowObjects{Kind=VIEW Name=v}"},
		{"show external table s.t partition", `ShowObjects{Kind="EXTERNAL TABLE" Name=s.t Partition}`},
		{"show model all", "ShowObjects{Kind=MODEL All}"},
		{"show datashares like '%x'", "ShowObjects{Kind=DATASHARES Like=%x}"},
		{"use d", "Use{Database=d}"},
		{"cancel 18764 'why'", "Cancel{PID=18764 Message=why}"},
		{"set transaction isolation level serializable, read only", "TransactionMode{Isolation=serializable ReadOnly}"},
		{"set session characteristics as transaction read write not deferrable", `TransactionMode{Session ReadWrite Deferrable="not deferrable"}`},
		{"drop database d force", "drop database d ifexists=false cascade=false"},
	})
}
