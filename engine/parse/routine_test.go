package parse

import (
	"strings"
	"testing"

	"github.com/redshiftsim/redshiftsim/engine/ast"
	"github.com/redshiftsim/redshiftsim/internal/sqlstate"
)

// TestRoutines parses the statements about functions and procedures.
func TestRoutines(t *testing.T) {
	check(t, [][2]string{
		{
			"create or replace procedure s.p(a int, b inout varchar(20), out c numeric(5,2)) nonatomic as 'begin null; end' language plpgsql security definer set search_path = x",
			"CreateRoutine{Procedure Replace Name=s.p Args=[RoutineArg{Name=a Type=integer} RoutineArg{Mode=inout Name=b Type=character varying(20)} RoutineArg{Mode=out Name=c Type=numeric(5,2)}] " +
				`NonAtomic Language=plpgsql Definer Set=[Set{Name=search_path Value=x}] Body="begin null; end" Block=Block{Body=[Nothing{}]}}`,
		},
		{
			"create function f(float, int) returns float stable as $$ select case when $1 > $2 then $1 end; $$ language sql",
			`CreateRoutine{Name=f Args=[RoutineArg{Type=double precision} RoutineArg{Type=integer}] Returns=double precision Volatility=stable Language=sql ` +
				`Body=" select case when $1 > $2 then $1 end; " Query=[[select case( when ($1 > $2) then $1)]]}`,
		},
		{
			"create function f(a int) returns int immutable as $$\n  if a > 'x: return\n$$ language plpythonu",
			`CreateRoutine{Name=f Args=[RoutineArg{Name=a Type=integer}] Returns=integer Volatility=immutable Language=plpythonu Body="\n  if a > 'x: return\n"}`,
		},
		{
			"create external function f(int) returns int volatile lambda 'l' iam_role default retry_timeout 0 max_batch_size 5 mb",
			"CreateRoutine{External Name=f Args=[RoutineArg{Type=integer}] Returns=integer Volatility=volatile Options=[Option{Name=LAMBDA Value=l HasVal} " +
				`Option{Name=IAM_ROLE Value=default HasVal} Option{Name=RETRY_TIMEOUT Value=0 HasVal} Option{Name=MAX_BATCH_SIZE Value="5 MB" HasVal}]}`,
		},
		{"drop procedure if exists p(int, b out varchar), q cascade", "DropRoutine{Procedure IfExists Routines=[Routine{Name=p Args=[RoutineArg{Type=integer} RoutineArg{Mode=out Name=b Type=character varying(256)}] HasArgs} Routine{Name=q}] Cascade}"},
		{"drop function f(timestamp with time zone, double precision)", "DropRoutine{Routines=[Routine{Name=f Args=[RoutineArg{Type=timestamp with time zone} RoutineArg{Type=double precision}] HasArgs}]}"},
		{"alter procedure p(bigint) rename to q", "AlterRoutine{Procedure Routine=Routine{Name=p Args=[RoutineArg{Type=bigint}] HasArgs} RenameTo=q}"},
		{"alter function f() owner to session_user", "AlterRoutine{Routine=Routine{Name=f HasArgs} Owner=Principal{Kind=session_user}}"},
	})
}

// TestProcedures parses bodies in PL/pgSQL.
// https://docs.aws.amazon.com/redshift/latest/dg/c_PLpgSQL-statements.html
func TestProcedures(t *testing.T) {
	for _, c := range [][2]string{
		{"begin end", "Block{}"},
		{"<<b>> begin end b;", "Block{Label=b}"},
		{
			"declare a int := 1; b constant varchar(5) not null default 'x'; c alias for $1; d t%rowtype; e t.x%type; r record; k refcursor; l cursor (n int) for select a from t; begin end",
			"Block{Declare=[Declare{Name=a Type=integer Default=1} Declare{Name=b Constant Type=character varying(5) NotNull Default='x'} Declare{Name=c AliasFor=$1} Declare{Name=d RowType=t} " +
				"Declare{Name=e TypeOf=t.x} Declare{Name=r Type=?record} Declare{Name=k Type=?refcursor} Declare{Name=l Cursor Args=[RoutineArg{Name=n Type=integer}] Query=[[select a from t]] QueryText=\"select a from t\"}]}",
		},
		{"begin a := b + 1; r.x = 'y'; $1 := null; end", "Block{Body=[Assign{To=Target{Parts=[a]} Value=(b + 1)} Assign{To=Target{Parts=[r x]} Value='y'} Assign{To=Target{Parts=[$1]} Value=null}]}"},
		{
			"begin if a > 1 then null; elsif b then return; else return 2; end if; end",
			"Block{Body=[If{Arms=[Arm{Conds=[(a > 1)] Body=[Nothing{}]} Arm{Conds=[b] Body=[Return{}]}] Else=[Return{Value=2}]}]}",
		},
		{
			"begin case x when 1, 2 then null; else null; end case; case when a then null; end case; end",
			"Block{Body=[CaseAction{Operand=x Arms=[Arm{Conds=[1 2] Body=[Nothing{}]}] Else=[Nothing{}] HasElse} CaseAction{Arms=[Arm{Conds=[a] Body=[Nothing{}]}]}]}",
		},
		{
			"begin loop exit when not found; continue; end loop; <<w>> while a < 3 loop exit w; end loop w; end",
			"Block{Body=[Loop{Body=[Exit{When=(not found)} Exit{Continue}]} Loop{Label=w While=(a < 3) Body=[Exit{Label=w}]}]}",
		},
		{
			"begin for i in 1..10 loop null; end loop; for i in reverse (a)..1 loop null; end loop; for i in (select 1)..n loop null; end loop; end",
			"Block{Body=[Loop{Var=[Target{Parts=[i]}] From=1 To=10 Body=[Nothing{}]} Loop{Var=[Target{Parts=[i]}] From=a To=1 Reverse Body=[Nothing{}]} " +
				"Loop{Var=[Target{Parts=[i]}] From=[select 1] To=n Body=[Nothing{}]}]}",
		},
		{
			"begin for r in select a from t loop null; end loop; for a, b in execute 'x' || y loop null; end loop; for r in (select 1) loop null; end loop; end",
			"Block{Body=[Loop{Var=[Target{Parts=[r]}] Query=[[select a from t]] QueryText=\"select a from t\" Body=[Nothing{}]} Loop{Var=[Target{Parts=[a]} Target{Parts=[b]}] Execute=('x' || y) Body=[Nothing{}]} " +
				"Loop{Var=[Target{Parts=[r]}] Query=[[select 1]] QueryText=\"(select 1)\" Body=[Nothing{}]}]}",
		},
		{
			"begin select into a, b.c x, y from t; select x into strict a from t where z; select (select 1) into r; end",
			`Block{Body=[SQL{Stmt=[[select x, y from t]] Text="select x, y from t" Into=[Target{Parts=[a]} Target{Parts=[b c]}]} ` +
				`SQL{Stmt=[[select x from t where z]] Text="select x from t where z" Into=[Target{Parts=[a]}] Strict} SQL{Stmt=[[select [select 1]]] Text="select (select 1) " Into=[Target{Parts=[r]}]}]}`,
		},
		{
			"begin insert into t values (a); create temp table x as select 1; commit; truncate t; call q(1); perform f(2) from u; end",
			`Block{Body=[SQL{Stmt=[insert t ( a)] Text="insert into t values (a)"} SQL{Stmt=CreateTable{Name=x Temp Query=[[select 1]] QueryText="select 1"} Text="create temp table x as select 1"} ` +
				`SQL{Stmt=Transaction{Kind=commit} Text=commit} SQL{Stmt=Truncate{Table=t} Text="truncate t"} SQL{Stmt=Call{Name=q Args=[1]} Text="call q(1)"} SQL{Stmt=[[select f(2) from u]] Text="SELECT f(2) from u" Perform}]}`,
		},
		{
			"begin raise info 'a % b', x, y + 1; raise 'z'; raise; execute 'drop ' || t into a, b; get diagnostics n = row_count; end",
			"Block{Body=[Raise{Level=info Format=\"a % b\" Args=[x (y + 1)]} Raise{Level=exception Format=z} Raise{Level=exception Bare} Dynamic{Text=('drop ' || t) Into=[Target{Parts=[a]} Target{Parts=[b]}]} " +
				"Diagnostics{To=[Target{Parts=[n]}] Items=[row_count]}]}",
		},
		{
			"begin open c; open c(1); open c for select 1; open $2 for execute q; fetch c into a, r.b; move next from c; close c; end",
			"Block{Body=[OpenCursor{Cursor=c} OpenCursor{Cursor=c Args=[1]} OpenCursor{Cursor=c Query=[[select 1]] QueryText=\"select 1\"} OpenCursor{Cursor=$2 Execute=q} " +
				"FetchInto{Cursor=c Into=[Target{Parts=[a]} Target{Parts=[r b]}]} FetchInto{Cursor=c Move} CloseAction{Cursor=c}]}",
		},
		{
			"begin begin null; exception when others then raise; end; exception when a or b then null; continue_handler when others then null; end",
			"Block{Body=[Block{Body=[Nothing{}] Handlers=[Handler{Conditions=[others] Body=[Raise{Level=exception Bare}]}]}] Handlers=[Handler{Conditions=[a b] Body=[Nothing{}]} Handler{Kind=continue Conditions=[others] Body=[Nothing{}]}]}",
		},
	} {
		text := "create procedure p() as $$" + c[0] + "$$ language plpgsql"
		list, err := Parse(text)
		if err != nil {
			t.Errorf("%s\n\t%v", c[0], err)
			continue
		}
		got := show([]ast.Statement{list[0]})
		got = got[strings.Index(got, " Block=")+len(" Block=") : len(got)-1]
		if got != c[1] {
			t.Errorf("%s\n got %s\nwant %s", c[0], got, c[1])
		}
	}
}

// TestRoutineErrors places errors of bodies in the text of the statement; ^ marks the place.
func TestRoutineErrors(t *testing.T) {
	for _, c := range [][2]string{
		{"create procedure p() as $x$ begin selec^ 1; end $x$ language plpgsql", ""},
		{"create procedure p() as $$begin ^frobnicate; end$$ language plpgsql", `syntax error at or near "frobnicate"`},
		{"create procedure p() as $$begin select a ^from; end$$ language plpgsql", `syntax error at end of input`},
		{"create procedure p() as $$begin if a ^loop end$$ language plpgsql", `syntax error at or near "loop"`},
		{"create procedure p() as $$begin null; end ^x$$ language plpgsql", `syntax error at or near "x"`},
		{"create procedure p() as $$begin raise info ^x; end$$ language plpgsql", `syntax error at or near "x"`},
		{"create procedure p() as $$begin for r in select 1 ^x y loop end loop; end$$ language plpgsql", ""},
		{"create function f() returns int as $$ select ^from $$ language sql", ""},
		{"create function f() returns int stable as $$ ^delete from t $$ language sql", `syntax error at or near "delete"`},
		{"create procedure p ^as $$begin end$$ language plpgsql", `syntax error at or near "as"`},
	} {
		at := strings.IndexByte(c[0], '^')
		_, err := Parse(c[0][:at] + c[0][at+1:])
		e, ok := err.(*sqlstate.Error)
		if !ok || e.Code != sqlstate.Syntax {
			t.Errorf("%s: %v", c[0], err)
			continue
		}
		if c[1] != "" && (e.Message != c[1] || e.Offset() != at && !strings.HasSuffix(c[1], "end of input")) {
			t.Errorf("%s: %q at %d, not %d", c[0], e.Message, e.Offset(), at)
		}
	}
	for _, text := range []string{"create procedure p() language plpgsql", "create procedure p() as 'begin end'"} {
		if _, err := Parse(text); err == nil || err.(*sqlstate.Error).Code != sqlstate.InvalidFunction {
			t.Errorf("%s: %v", text, err)
		}
	}
	deep := "create procedure p() as $$begin " + strings.Repeat("if a then ", 3000)
	if _, err := Parse(deep + "$$ language plpgsql"); err == nil || err.(*sqlstate.Error).Code != sqlstate.StatementTooComplex {
		t.Errorf("deep: %v", err)
	}
}
