package function

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/redshiftsim/redshiftsim/internal/sqlstate"
	"github.com/redshiftsim/redshiftsim/internal/types"
	"github.com/redshiftsim/redshiftsim/internal/vector"
)

// testEnv is the session of the tests: in UTC, on 2014-01-20.
func testEnv() *Env {
	at := time.Date(2014, 1, 20, 16, 10, 43, 976353000, time.UTC)
	return &Env{
		Now: at, TxNow: at, Location: time.UTC, User: "dwuser", SessionUser: "boss", UserID: 100, Database: "dev", PID: 42, Version: "PostgreSQL 8.0.2",
		Random:  func() float64 { return 0.25 },
		Setting: func(n string) (string, bool) { return "off", n == "autocommit" },
		SearchPath: func(implicit bool) []string {
			if implicit {
				return []string{"pg_catalog", "public"}
			}
			return []string{"public"}
		},
		Catalog: func(name string, args []types.Datum) (types.Datum, error) {
			if name == "pg_last_copy_id" {
				return types.Datum{Type: types.TInt8, Int: -1}, nil
			}
			return types.Datum{}, sqlstate.FeatureNotSupported.Errorf("function %s() is not supported", name)
		},
	}
}

// source reads the calls of the tests: name(arg, ...), 'text', 12, 1.5, true, null, type'text', and ::type behind any of them.
type source struct {
	s   string
	i   int
	env *Env
}

func (p *source) blanks() {
	for p.i < len(p.s) && (p.s[p.i] == ' ' || p.s[p.i] == '\n') {
		p.i++
	}
}

func (p *source) eat(s string) bool {
	p.blanks()
	if strings.HasPrefix(p.s[p.i:], s) {
		p.i += len(s)
		return true
	}
	return false
}

func (p *source) word() string {
	at := p.i
	for p.i < len(p.s) && (p.s[p.i] == '_' || p.s[p.i]|0x20 >= 'a' && p.s[p.i]|0x20 <= 'z' || p.i > at && p.s[p.i] >= '0' && p.s[p.i] <= '9') {
		p.i++
	}
	return strings.ToLower(p.s[at:p.i])
}

func (p *source) quoted() string {
	var b strings.Builder
	for p.i++; p.i < len(p.s); p.i++ {
		if p.s[p.i] == '\'' {
			if p.i++; p.i == len(p.s) || p.s[p.i] != '\'' {
				return b.String()
			}
		}
		b.WriteByte(p.s[p.i])
	}
	panic("unterminated " + p.s)
}

// typeNamed finds a type by its name in a test.
func typeNamed(name string, p *source) types.Type {
	t, ok := typeFunctions[name]
	if name == "numeric" {
		t, ok = types.TNumeric(18, 0), true
	}
	switch name {
	case "varbyte":
		t, ok = types.Type{Kind: types.Varbyte, Len: 64000}, true
	case "char":
		t, ok = types.TChar(1), true
	case "interval":
		t, ok = types.TInterval, true
	}
	if !ok {
		panic("type " + name)
	}
	if p.i < len(p.s) && p.s[p.i] == '(' {
		var a, b int
		n, _ := fmt.Sscanf(p.s[p.i:], "(%d,%d)", &a, &b)
		p.i += strings.IndexByte(p.s[p.i:], ')') + 1
		switch {
		case t.Kind == types.Numeric:
			t = types.TNumeric(a, b)
		case n >= 1:
			t.Len = int32(a)
		}
	}
	return t
}

// value reads and computes an expression.
func (p *source) value() (types.Datum, error) {
	d, err := p.operand()
	for err == nil && p.eat("::") {
		t := typeNamed(p.word(), p)
		if d.Null {
			d = types.NullOf(t)
		} else if d.Type.Kind == types.Unknown {
			d, err = types.ParseAt(d.Text, t, time.UTC, p.env.TxNow)
		} else {
			c, ok := FindCast(d.Type, t, true)
			if !ok {
				return d, CastError(d.Type, t)
			}
			d, err = invoke(p.env, c, []types.Datum{d})
		}
	}
	return d, err
}

func (p *source) operand() (types.Datum, error) {
	p.blanks()
	switch c := p.s[p.i]; {
	case c == '\'':
		s := p.quoted()
		return types.Datum{Type: types.Type{Kind: types.Unknown, Len: int32(max(len(s), 1))}, Text: s}, nil
	case c >= '0' && c <= '9' || c == '-' || c == '.':
		at := p.i
		for p.i++; p.i < len(p.s) && strings.IndexByte("0123456789.e", p.s[p.i]) >= 0; p.i++ {
		}
		lit := p.s[at:p.i]
		t := types.TInt4
		if v, err := types.ParseInt(lit, types.Int8); err == nil && !types.IntFits(v, types.Int4) {
			t = types.TInt8
		} else if d, ok := types.DecimalType(lit); ok && strings.Contains(lit, ".") {
			t = d
		} else if strings.Contains(lit, "e") {
			t = types.TFloat8
		}
		return types.Parse(lit, t, nil)
	}
	name := p.word()
	switch name {
	case "null":
		return types.NullOf(types.TUnknown), nil
	case "true", "false":
		return types.Datum{Type: types.TBool, Bool: name == "true"}, nil
	}
	if p.i < len(p.s) && p.s[p.i] == '\'' {
		return types.ParseAt(p.quoted(), typeNamed(name, p), time.UTC, p.env.TxNow)
	}
	var args []types.Datum
	if p.eat("(") && !p.eat(")") {
		for {
			d, err := p.value()
			if err != nil {
				return d, err
			}
			args = append(args, d)
			if p.eat(")") {
				break
			}
			if !p.eat(",") {
				panic("comma expected: " + p.s[p.i:])
			}
		}
	}
	list := make([]Arg, len(args))
	for i := range args {
		list[i] = Arg{Type: args[i].Type, Const: &args[i]}
	}
	b, err := Find(name, list)
	if err != nil {
		return types.Datum{}, err
	}
	return invoke(p.env, b, args)
}

// invoke casts arguments as the binder does and calls the kernel: with constants, and with rows of which the middle one is NULL.
func invoke(env *Env, b *Bound, args []types.Datum) (types.Datum, error) {
	args = append([]types.Datum(nil), args...)
	for i := range args {
		to := b.Params[i]
		if to.Kind == types.Unknown || args[i].Type == to {
			continue
		}
		switch {
		case args[i].Null:
			args[i] = types.NullOf(to)
		case args[i].Type.Kind == types.Unknown:
			d, err := types.ParseAt(args[i].Text, to, env.Location, env.TxNow)
			if err != nil {
				return d, err
			}
			args[i] = d
		default:
			c, ok := FindCast(args[i].Type, to, false)
			if !ok {
				return types.Datum{}, fmt.Errorf("%s: no implicit cast of %s to %s", b.Name, args[i].Type, to)
			}
			d, err := invoke(env, c, args[i:i+1])
			if err != nil {
				return d, err
			}
			args[i] = d
		}
	}
	var got [2]types.Datum
	var errs [2]error
	for form := range 2 {
		n := 1 + 2*form
		vs := make([]*vector.Vector, len(args))
		out := vector.New(b.Returns, n)
		for k, d := range args {
			if form == 0 {
				vs[k] = vector.NewConst(d, 1)
			} else {
				vs[k] = vector.New(d.Type, n)
				for i := range n {
					if i == 1 || d.Null {
						vs[k].SetNull(i)
					} else {
						vs[k].Set(i, d)
					}
				}
			}
			for i := range n {
				if b.Strict && vs[k].Null(i) {
					out.SetNull(i)
				}
			}
		}
		errs[form] = b.Kernel(env, n, vs, out)
		if got[form] = out.Get(n - 1); errs[form] == nil && form == 1 && len(args) > 0 && b.Strict && !out.Null(1) {
			return got[form], fmt.Errorf("%s: a row of NULLs is not NULL", b.Name)
		}
	}
	a, z := got[0], got[1]
	if errs[0] == nil && errs[1] == nil && !a.Equal(&z) {
		return a, fmt.Errorf("%s: as constant %v, as rows %v", b.Name, a, z)
	}
	if (errs[0] == nil) != (errs[1] == nil) {
		return a, fmt.Errorf("%s: as constant %v, as rows %v", b.Name, errs[0], errs[1])
	}
	return a, errs[0]
}

// evaluate computes a call and prints its value, or the SQLSTATE and message of its error.
func evaluate(call string) (text string, t types.Type) {
	p := &source{s: call, env: testEnv()}
	d, err := p.value()
	if err == nil && p.i < len(p.s) {
		err = errors.New("rest: " + p.s[p.i:])
	}
	if err != nil {
		var e *sqlstate.Error
		if errors.As(err, &e) {
			return string(e.Code) + " " + e.Message, d.Type
		}
		return "BUG " + err.Error(), d.Type
	}
	if d.Null {
		return "NULL", d.Type
	}
	return types.Format(d, time.UTC), d.Type
}

// check runs a table of calls.
func check(t *testing.T, table [][2]string) {
	t.Helper()
	for _, c := range table {
		if got, _ := evaluate(c[0]); got != c[1] {
			t.Errorf("%s\n got %s\nwant %s", c[0], got, c[1])
		}
	}
}

// Every row names its page, has what a call needs, and no name is both built and refused.
func TestChapters(t *testing.T) {
	for _, c := range chapters() {
		for _, s := range c {
			if s.Doc == "" {
				t.Errorf("%s has no page", s.Name)
			}
			if s.Kernel == nil && s.Bind == nil || s.Returns == nil && s.Bind == nil {
				t.Errorf("%s has no kernel or no type", s.Name)
			}
			for _, n := range append([]string{s.Name}, s.Aliases...) {
				if lacking()[n] {
					t.Errorf("%s is built and refused", n)
				}
			}
		}
	}
}

// The choice among overloads and its errors are PostgreSQL's.
func TestFind(t *testing.T) {
	unknown := types.Type{Kind: types.Unknown, Len: 3}
	for _, c := range []struct {
		name string
		args []types.Type
		want string // Bound.Name(Params) Returns, or the error
	}{
		{"lower", []types.Type{types.TVarchar(20)}, "lower(character varying(20)) character varying(20)"},
		{"lower", []types.Type{types.TChar(5)}, "lower(character(5)) character(5)"},
		{"lower", []types.Type{unknown}, "lower(character varying(3)) character varying(3)"},
		{"lower", []types.Type{types.TInt4}, "lower(character varying(11)) character varying(11)"},
		{"lower", []types.Type{types.TInt4, types.TDate}, "42883 function lower(integer, date) does not exist"},
		{"nosuch", []types.Type{unknown}, `42883 function nosuch("unknown") does not exist`},
		{"date_part", []types.Type{unknown, types.TVarchar(9)}, `42883 function pgdate_part("unknown", character varying) does not exist`},
		{"h3_center", nil, "0A000 function h3_center() is not supported"},
		{"abs", []types.Type{types.TNumeric(8, 2)}, "abs(numeric(8,2)) numeric(8,2)"},
		{"abs", []types.Type{types.TInt2}, "abs(smallint) smallint"},
		{"abs", []types.Type{unknown}, "abs(double precision) double precision"},
		{"ceiling", []types.Type{types.TInt8}, "ceiling(bigint) bigint"},
		{"sign", []types.Type{types.TNumeric(12, 2)}, "sign(numeric(12,2)) numeric(1,0)"},
		{"sign", []types.Type{types.TFloat8}, "sign(double precision) double precision"},
		{"sqrt", []types.Type{types.TNumeric(8, 2)}, "sqrt(double precision) double precision"},
		{"mod", []types.Type{types.TInt4, types.TInt8}, "mod(integer, bigint) bigint"},
		{"trunc", []types.Type{types.TTimestamp}, "trunc(timestamp without time zone) date"},
		{"trunc", []types.Type{types.TDate}, "trunc(timestamp without time zone) date"},
		{"trunc", []types.Type{types.TNumeric(8, 2)}, "trunc(numeric(8,2)) numeric(8,0)"},
		{"dateadd", []types.Type{unknown, types.TInt4, types.TDate}, "date_add(character varying(3), integer, timestamp without time zone) timestamp without time zone"},
		{"dateadd", []types.Type{unknown, types.TInt4, unknown}, "date_add(character varying(3), integer, timestamp without time zone) timestamp without time zone"},
		{"dateadd", []types.Type{unknown, types.TInt4, types.TTime}, "date_add(character varying(3), integer, time without time zone) time without time zone"},
		{"dateadd", []types.Type{unknown, types.TInt4, types.TTimestampTZ}, "date_add(character varying(3), integer, timestamp with time zone) timestamp with time zone"},
		{"datediff", []types.Type{unknown, types.TDate, types.TTimestamp}, "date_diff(character varying(3), timestamp without time zone, timestamp without time zone) bigint"},
		{"datediff", []types.Type{unknown, unknown, types.TTimestampTZ}, "date_diff(character varying(3), timestamp with time zone, timestamp with time zone) bigint"},
		{"date_trunc", []types.Type{unknown, types.TDate}, "date_trunc(character varying(3), timestamp without time zone) timestamp without time zone"},
		{"substring", []types.Type{types.TTimestamp, types.TInt4, types.TInt4}, "substring(character varying(40), integer, integer) character varying(40)"},
		{"concat", []types.Type{types.TVarchar(10), types.TVarchar(20)}, "concat(character varying(10), character varying(20)) character varying(30)"},
		{"concat", []types.Type{types.TVarcharMax, types.TVarchar(20)}, "concat(character varying(65535), character varying(20)) character varying(65555)"},
		{"greatest", []types.Type{types.TInt4, types.TNumeric(8, 2), types.TInt8}, "greatest(numeric(19,2), numeric(19,2), numeric(19,2)) numeric(19,2)"},
		{"greatest", []types.Type{types.TInt4, types.TDate}, "42804 types integer and date cannot be matched"},
		{"date", []types.Type{unknown}, "date(character varying(3)) date"},
		{"timestamptz", []types.Type{types.TTimestamp}, "timestamptz(timestamp without time zone) timestamp with time zone"},
		{"getdate", nil, "getdate() timestamp without time zone"},
		{"sysdate", nil, "timestamp() timestamp without time zone"},
		{"log", []types.Type{types.TInt4}, "dlog10(double precision) double precision"},
		{"trim", []types.Type{unknown}, "btrim(character varying(3)) character varying(3)"},
	} {
		args := make([]Arg, len(c.args))
		for i, a := range c.args {
			args[i].Type = a
		}
		got := ""
		b, err := Find(c.name, args)
		if err != nil {
			e := err.(*sqlstate.Error)
			if got = string(e.Code) + " " + e.Message; e.Code == sqlstate.UndefinedFunction && !strings.HasPrefix(e.Hint, "No function matches") {
				t.Errorf("%s: hint %q", c.name, e.Hint)
			}
		} else {
			p := make([]string, len(b.Params))
			for i := range p {
				p[i] = b.Params[i].String()
			}
			got = fmt.Sprintf("%s(%s) %s", b.Name, strings.Join(p, ", "), b.Returns)
		}
		if got != c.want {
			t.Errorf("%s%v\n got %s\nwant %s", c.name, c.args, got, c.want)
		}
	}
}
