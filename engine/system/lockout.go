package system

import (
	"sort"
	"time"
)

// Lockout is what SHOW USER LOCKOUT tells of a user.
type Lockout struct {
	User           string
	Locked, Manual bool      // Manual: by ALTER USER NOLOGIN
	At             time.Time // zero = it is not locked
	By             int       // the user who locked it, if Manual
	Failed         int       // wrong passwords, one after the other
	LastFailed     time.Time // zero = none
}

// ShowLockout is SHOW USER LOCKOUT: who is locked comes first, as in the guide's example.
// https://docs.aws.amazon.com/redshift/latest/dg/r_SHOW_USER_LOCKOUT.html
func (e *Env) ShowLockout(list []Lockout) Listing {
	const columns = "user_name character varying(128), is_locked boolean, lock_reason character varying(32), locked_at timestamp, last_failed_at timestamp, " +
		"failed_login_attempts integer, locked_by integer"
	l := e.list(columns, 0, func(_ *Env, r *row) {
		for i := range list {
			r.lockout(&list[i])
			r.send()
		}
	})
	sort.SliceStable(l.Rows, func(i, j int) bool { return l.Rows[i][1].Bool && !l.Rows[j][1].Bool })
	return l
}

func (r *row) lockout(o *Lockout) {
	r.text(o.User)
	r.bool(o.Locked)
	switch {
	case !o.Locked:
		r.null(2)
	case o.Manual:
		r.text("manual")
		r.time(o.At)
	default:
		r.text("automatic")
		r.time(o.At)
	}
	r.time(o.LastFailed)
	r.int(int64(o.Failed))
	if o.Locked && o.Manual {
		r.int(int64(o.By))
	} else {
		r.null(1)
	}
}
