package system

import (
	"slices"
	"strconv"
	"time"
)

// Visit is a connection, or an attempt to connect: what STL_CONNECTION_LOG and STL_SESSIONS tell of it.
// https://docs.aws.amazon.com/redshift/latest/dg/r_STL_CONNECTION_LOG.html
type Visit struct {
	PID         int // 0 = it was not let in
	User        string
	UserID      int
	DB          string
	Start, End  time.Time // End zero = it is still there
	Timeout     time.Duration
	TimedOut    bool
	Application string
	Client      Client
}

// Client is what a server knows of who connects; all of it is empty for connections inside the process.
type Client struct {
	Host, Port            string
	Auth                  string // method of authentication: Trust, password, scram-sha-256
	TLSVersion, TLSCipher string
	Driver, OS            string // as the driver says
}

// maxVisits bounds how many visits are kept, the last ones.
const maxVisits = 4096

// Arrive notes a visit that begins, or one that was refused.
func (l *Log) Arrive(v Visit) {
	if l.limit < 0 {
		return
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.visits = keep(l.visits, v, maxVisits)
}

// Leave notes the end of a visit.
func (l *Log) Leave(pid int, at time.Time, timedOut bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for i := len(l.visits) - 1; i >= 0; i-- {
		if v := &l.visits[i]; v.PID == pid {
			v.End, v.TimedOut = at, timedOut
			return
		}
	}
}

// Visits lists the visits that are kept, oldest first.
func (l *Log) Visits() []Visit {
	l.mu.Lock()
	defer l.mu.Unlock()
	return slices.Clone(l.visits)
}

// visits calls f for each visit of a user whose rows the reading user may see.
func (e *Env) visits(f func(v *Visit)) {
	if e.Log == nil {
		return
	}
	list := e.Log.Visits()
	for i := range list {
		if e.sees(list[i].UserID) {
			f(&list[i])
		}
	}
}

// visitTables tell of connections.
var visitTables = []table{
	// https://docs.aws.amazon.com/redshift/latest/dg/r_STL_CONNECTION_LOG.html
	{
		"stl_connection_log", superuser, "event character(50), recordtime timestamp, remotehost character(45), remoteport character(32), pid integer, " +
			"dbname character(50), username character(50), authmethod character(32), duration integer, sslversion character(50), sslcipher character(128), " +
			"mtu integer, sslcompression character(64), sslexpansion character(64), iamauthguid character(36), application_name character(250), " +
			"os_version character(64), driver_version character(64), plugin_name character(32), protocol_version integer, sessionid character(36), " +
			"compression character(16)",
		func(e *Env, r *row) {
			e.events(r, func(v *Visit) { r.text(v.Client.OS, v.Client.Driver) })
		},
	},
	// https://docs.aws.amazon.com/redshift/latest/dg/SYS_CONNECTION_LOG.html
	{
		"sys_connection_log", superuser, "event character(50), record_time timestamp, remote_host character(45), remote_port character(32), session_id integer, " +
			"database_name character(50), user_name character(50), auth_method character(32), duration integer, ssl_version character(50), " +
			"ssl_cipher character(128), mtu integer, ssl_compression character(64), ssl_expansion character(64), iam_auth_guid character(36), " +
			"application_name character(250), driver_version character(64), os_version character(64), plugin_name character(32), protocol_version integer, " +
			"global_session_id character(36)",
		func(e *Env, r *row) {
			e.events(r, func(v *Visit) { r.text(v.Client.Driver, v.Client.OS) })
		},
	},
	// https://docs.aws.amazon.com/redshift/latest/dg/r_STL_SESSIONS.html
	{
		"stl_sessions", 0, "userid integer, starttime timestamp, endtime timestamp, process integer, user_name character(50), db_name character(50), " +
			"timeout_sec integer, timed_out integer",
		func(e *Env, r *row) {
			e.visits(func(v *Visit) {
				if v.PID == 0 || v.End.IsZero() {
					return
				}
				why := int64(2) // the client ended it
				if v.TimedOut {
					why = 1
				}
				r.int(int64(v.UserID))
				r.time(v.Start, v.End)
				r.int(int64(v.PID))
				r.text(v.User, v.DB)
				r.int(int64(v.Timeout.Seconds()), why)
				r.send()
			})
		},
	},
	// https://docs.aws.amazon.com/redshift/latest/dg/SYS_SESSION_HISTORY.html
	{
		"sys_session_history", 0, "user_id character(50), session_id integer, database_name character(50), status character(20), session_timeout integer, " +
			"start_time timestamp, end_time timestamp",
		func(e *Env, r *row) {
			e.visits(func(v *Visit) {
				if v.PID == 0 {
					return
				}
				status := "closed"
				switch {
				case v.End.IsZero():
					status = "active"
				case v.TimedOut:
					status = "timed out"
				}
				r.text(strconv.Itoa(v.UserID))
				r.int(int64(v.PID))
				r.text(v.DB, status)
				r.int(int64(v.Timeout.Seconds()))
				r.time(v.Start, v.End)
				r.send()
			})
		},
	},
}

// events makes the rows of the connection logs; versions fills the two columns behind application_name, which the two logs have in different orders.
func (e *Env) events(r *row, versions func(v *Visit)) {
	e.visits(func(v *Visit) {
		put := func(event string, at time.Time, duration int64) {
			r.text(event)
			r.time(at)
			host := v.Client.Host
			if host == "" {
				host = "[local]"
			}
			r.text(host, v.Client.Port)
			r.int(int64(v.PID))
			r.text(v.DB, v.User, v.Client.Auth)
			r.int(duration)
			r.text(v.Client.TLSVersion, v.Client.TLSCipher)
			r.int(0)
			r.text("", "")
			r.null(1)
			r.text(v.Application)
			versions(v)
			r.text("none")
			r.int(0)
			r.rest()
			r.send()
		}
		if v.PID == 0 {
			put("authentication failure", v.Start, 0)
			return
		}
		put("authenticated", v.Start, 0)
		put("initiating session", v.Start, 0)
		if !v.End.IsZero() {
			put("disconnecting session", v.End, micros(v.Start, v.End))
		}
	})
}
