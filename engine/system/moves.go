package system

import "github.com/redshiftsim/redshiftsim/engine/exec"

// moveTables show what went from slice to slice, which Redshift's own logs sum up by sender.
//
//	query 12 segment 1 dist    0 -> 0   25 rows      0 -> 1   26 rows      0 -> 2 ...
//	         segment 2 return  0 -> 6411 (the leader)
var moveTables = []table{
	{
		"redshiftsim_moves", 0, "userid integer, query integer, segment integer, label character(16), from_slice integer, to_slice integer, rows bigint, bytes bigint",
		func(e *Env, r *row) {
			e.queries(func(x *Record) bool {
				if x.Report == nil {
					return true
				}
				for _, m := range x.Whole().Moves {
					for from := range m.Rows {
						for to, rows := range m.Rows[from] {
							if rows == 0 {
								continue
							}
							r.int(int64(x.UserID), x.Query, int64(m.Segment))
							r.text(m.Label)
							r.int(sliceNumber(from, len(m.Rows)), sliceNumber(to, len(m.Rows)), rows, m.Bytes[from][to])
							r.send()
						}
					}
				}
				return !r.over
			})
		},
	},
}

// sliceNumber is the number of place i of n in a Move: the leader is the last.
func sliceNumber(i, n int) int64 {
	if i == n-1 {
		return exec.LeaderSlice
	}
	return int64(i)
}
