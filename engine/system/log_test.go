package system

import (
	"fmt"
	"runtime"
	"strings"
	"testing"

	"github.com/redshiftsim/redshiftsim/engine/exec"
	"github.com/redshiftsim/redshiftsim/engine/expr"
	"github.com/redshiftsim/redshiftsim/engine/plan"
	"github.com/redshiftsim/redshiftsim/internal/sqlstate"
	"github.com/redshiftsim/redshiftsim/internal/types"
)

// heap is what is alive, in bytes.
func heap() int64 {
	runtime.GC()
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int64(m.HeapAlloc)
}

// inserted is the record of an INSERT of n rows of literals, with a plan and a program of its own.
func inserted(n int) *Record {
	r := statement(1, "INSERT", strings.Clone("insert into t values "+strings.Repeat("(1, 'abc'), ", n)))
	v := &plan.Values{Output: make([]plan.Column, 2)}
	src := &exec.ValuesSource{}
	for range n {
		row := []expr.Expr{
			&expr.Const{Value: types.Datum{Type: types.TInt4, Int: 1}}, &expr.Const{Value: types.Datum{Type: types.TVarcharMax, Text: "abc"}},
		}
		v.Rows = append(v.Rows, row)
		ps := make([]*expr.Program, len(row))
		for i := range row {
			p, err := expr.Compile(row[i], nil)
			if err != nil {
				panic(err)
			}
			ps[i] = p
		}
		src.Rows = append(src.Rows, ps)
	}
	r.Plan = v
	r.Program = &exec.Program{Slices: 4, Streams: []exec.Stream{{Segments: []*exec.Segment{{Source: src, Steps: []exec.StepSpec{&exec.ReturnStep{}}}}}}}
	return r
}

// TestLogBytes holds the log's estimate against the heap, for records of all kinds with nothing in common: it may say more than there is, not less.
func TestLogBytes(t *testing.T) {
	w := busy(t)
	for _, x := range []struct {
		name string
		n    int
		make func(i int) *Record
	}{
		{"text alone", 4000, func(i int) *Record { return statement(0, "SET", fmt.Sprint("set query_group to ", i)) }},
		{"failed", 4000, func(i int) *Record {
			r := statement(0, "SELECT", fmt.Sprint("select ", i))
			r.Err = sqlstate.UndefinedTable.Errorf("relation \"t%d\" does not exist", i).WithDetail("%s", strings.Repeat("x", 300))
			return r
		}},
		{"join", 2000, func(i int) *Record { return joinRecord(w) }},
		{"values", 20, func(i int) *Record { return inserted(1000) }},
		{"report of 64 slices", 100, func(i int) *Record {
			r := statement(1, "SELECT", "select 1")
			r.Report = &exec.Report{}
			for range 5 * 64 {
				r.Report.Steps = append(r.Report.Steps, exec.StepReport{Label: "scan"})
			}
			m := exec.Move{Label: "dist"}
			for range 65 {
				m.Rows, m.Bytes = append(m.Rows, make([]int64, 65)), append(m.Bytes, make([]int64, 65))
			}
			r.Report.Moves = append(r.Report.Moves, m)
			return r
		}},
	} {
		t.Run(x.name, func(t *testing.T) {
			before := heap()
			l := NewLog(1 << 30)
			for i := range x.n {
				l.Add(x.make(i))
			}
			used := heap() - before
			if l.Bytes() < used {
				t.Errorf("%d bytes are kept, the log counts %d", used, l.Bytes())
			}
			if l.Bytes() > 4*used {
				t.Errorf("%d bytes are kept, the log counts %d: too many to be useful", used, l.Bytes())
			}
			t.Logf("%d bytes a record, counted as %d", used/int64(x.n), l.Bytes()/int64(x.n))
			runtime.KeepAlive(l)
		})
	}
}

// TestLogBounded adds far more than the log keeps: the heap stays within the limit, the newest records are there, and when the log goes the heap is where
// it began.
func TestLogBounded(t *testing.T) {
	const limit = 2 << 20
	w := busy(t)
	before := heap()
	l := NewLog(limit)
	script := strings.Repeat("select 1;", 1<<20) // of which each statement is a part
	for i := range 50_000 {
		switch {
		case i%1000 == 0:
			l.Add(inserted(5000)) // would alone fill the log
		case i%10 == 0:
			l.Add(joinRecord(w))
		default:
			l.Add(statement(int64(i), "SELECT", script[9*i:9*i+9]))
		}
	}
	script = ""
	_ = script
	if l.Bytes() > limit {
		t.Errorf("the log counts %d bytes, its limit is %d", l.Bytes(), limit)
	}
	if used := heap() - before; used > limit+limit/4 {
		t.Errorf("%d bytes are kept of a log of %d", used, limit)
	}
	rs := l.Records()
	last := rs[len(rs)-1]
	if last.Query != 49_999 || last.Number != firstNumber+50_000 || last.Text != "select 1;" {
		t.Errorf("the newest is %+v", last)
	}
	for i := range rs {
		if i > 0 && rs[i].Number != rs[i-1].Number+1 {
			t.Fatalf("number %d after %d", rs[i].Number, rs[i-1].Number)
		}
	}
	rs, last, l = nil, nil, nil
	_, _, _ = rs, last, l
	if left := heap() - before; left > 64<<10 {
		t.Errorf("%d bytes are left", left)
	}
}

// TestLogSlim: a record that alone would take much of the log loses its plan, program and report, and the end of its text; its numbers stay.
func TestLogSlim(t *testing.T) {
	l := NewLog(1 << 20)
	l.Add(statement(1, "SELECT", "select 1"))
	r := inserted(20_000)
	l.Add(r)
	rs := l.Records()
	if len(rs) != 2 || rs[1].Plan != nil || rs[1].Program != nil || rs[1].Query != 1 || len(rs[1].Text) > maxText || rs[1].Number != firstNumber+2 {
		t.Errorf("%d records", len(rs))
	}
	if r.Plan == nil {
		t.Error("the caller's record was changed")
	}
	off := NewLog(-1)
	off.Add(r)
	if len(off.Records()) != 0 {
		t.Error("a log that is off keeps records")
	}
}

// BenchmarkLogAdd adds the record of a small query.
func BenchmarkLogAdd(b *testing.B) {
	w := busy(b)
	r := *joinRecord(w)
	l := NewLog(0)
	b.ReportAllocs()
	for b.Loop() {
		x := r
		l.Add(&x)
	}
}
