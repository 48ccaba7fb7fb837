package system

import (
	"strings"
	"sync"
	"time"
)

// Functions are the messages of the external functions that a statement calls. Its tasks add to it.
type Functions struct {
	mu   sync.Mutex
	list []FunctionMessage
}

// FunctionMessage is what was wrong with a call.
type FunctionMessage struct {
	Time     time.Time
	Function string
	Slice    int // exec.LeaderSlice on the leader
	Text     string
}

// Add adds a message.
func (f *Functions) Add(m FunctionMessage) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.list = append(f.list, m)
}

// Messages are those so far, oldest first.
func (f *Functions) Messages() []FunctionMessage {
	if f == nil {
		return nil
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.list[:len(f.list):len(f.list)]
}

// udfTables tell what went wrong in functions of users.
//
//	Record {SELECT f(a) FROM t, Functions: [{f, slice 2, "overflow"}]}
var udfTables = []table{
	// https://docs.aws.amazon.com/redshift/latest/dg/r_SVL_UDF_LOG.html
	{
		"svl_udf_log", 0, "query bigint, message character(4096), created timestamp, traceback character(4096), funcname character(256), node integer, " +
			"slice integer, seq integer",
		func(e *Env, r *row) {
			e.functionMessages(func(x *Record, m *FunctionMessage, seq int) bool {
				r.int(x.Query)
				r.text(m.Text)
				r.time(m.Time)
				r.null(1)
				r.text(m.Function)
				node := -1
				if m.Slice >= 0 {
					node = e.Topology.Node(m.Slice)
				}
				r.int(int64(node), int64(m.Slice), int64(seq))
				r.send()
				return !r.over
			})
		},
	},
	// https://docs.aws.amazon.com/redshift/latest/dg/SYS_UDF_LOG.html
	{
		"sys_udf_log", superuser, "query_id bigint, function_name text, record_time timestamp, sequence integer, message text, query_uuid character(36)",
		func(e *Env, r *row) {
			e.functionMessages(func(x *Record, m *FunctionMessage, seq int) bool {
				r.int(x.Number)
				r.text(m.Function)
				r.time(m.Time)
				r.int(int64(seq))
				r.text(m.Text, e.uuid(x))
				r.send()
				return !r.over
			})
		},
	},
}

// functionMessages calls f for each message, with its number on its slice.
func (e *Env) functionMessages(f func(x *Record, m *FunctionMessage, seq int) bool) {
	e.records(func(x *Record) bool {
		seen := map[int]int{}
		list := x.Functions.Messages()
		for i := range list {
			m := list[i]
			if at := strings.LastIndexByte(m.Function, '.'); at >= 0 {
				m.Function = m.Function[at+1:]
			}
			if !f(x, &m, seen[m.Slice]) {
				return false
			}
			seen[m.Slice]++
		}
		return true
	})
}
