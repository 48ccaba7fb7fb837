package system

import (
	"math"
	"time"
)

// QuotaViolation is a schema that a transaction would have left larger than its quota; sizes are megabytes.
// https://docs.aws.amazon.com/redshift/latest/dg/r_STL_SCHEMA_QUOTA_VIOLATIONS.html
type QuotaViolation struct {
	Owner, User int
	XID         int64
	PID         int
	Schema      uint32
	Name        string
	Quota, Used int64
	At          time.Time
}

// percent is the part of the quota that is used, of 100, with two digits.
func (v *QuotaViolation) percent() float64 {
	return math.Round(float64(v.Used)*10000/float64(v.Quota)) / 100
}

// quotaTables tell which transactions were stopped because of a quota: all to superusers, their own to others.
var quotaTables = []table{
	// https://docs.aws.amazon.com/redshift/latest/dg/r_STL_SCHEMA_QUOTA_VIOLATIONS.html
	{
		"stl_schema_quota_violations", 0, "ownerid integer, xid bigint, pid integer, userid integer, schema_id integer, schema_name character(128), quota integer, " +
			"disk_usage integer, disk_usage_pct double precision, timestamp timestamp",
		violations(func(r *row, v *QuotaViolation) {
			r.int(int64(v.Owner), v.XID, int64(v.PID), int64(v.User))
			r.id(v.Schema)
			r.text(v.Name)
			r.int(v.Quota, v.Used)
			r.float(v.percent())
			r.time(v.At)
		}),
	},
	// https://docs.aws.amazon.com/redshift/latest/dg/r_SYS_SCHEMA_QUOTA_VIOLATIONS.html
	{
		"sys_schema_quota_violations", 0, "owner_id integer, user_id integer, transaction_id bigint, session_id integer, schema_id integer, " +
			"schema_name character(128), quota integer, disk_usage integer, record_time timestamp",
		violations(func(r *row, v *QuotaViolation) {
			r.int(int64(v.Owner), int64(v.User), v.XID, int64(v.PID))
			r.id(v.Schema)
			r.text(v.Name)
			r.int(v.Quota, v.Used)
			r.time(v.At)
		}),
	},
}

// violations makes a row of each violation that the reading user may see.
func violations(put func(r *row, v *QuotaViolation)) func(e *Env, r *row) {
	return func(e *Env, r *row) {
		for _, v := range e.Violations() {
			if e.sees(v.User) {
				put(r, &v)
				r.send()
			}
		}
	}
}
