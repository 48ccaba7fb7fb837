package dataapi

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/redshiftsim/redshiftsim/engine"
)

// session is a session that is kept between statements. Handler.mu guards it; s belongs to the statement that runs in it, or to who closes it.
type session struct {
	id     string
	number int64
	caller caller
	target
	database, dbUser, secret string

	s       *engine.Session // nil = it is not connected yet, or closed
	alive   time.Duration   // for how long it is kept behind a statement
	created time.Time
	updated time.Time
	expires time.Time
	busy    *statement
	closed  bool
}

// sessions are those that are kept, and those that were in the last 24 hours.
type sessions struct {
	nextSession int64
	sessionByID map[string]*session
}

func (s *sessions) init() { s.sessionByID = map[string]*session{} }

// occupy gives a statement its session: the one it names, or a new one when that is to be kept.
// https://docs.aws.amazon.com/redshift/latest/mgmt/data-api.html#data-api-calling-considerations-session-reuse
func (h *Handler) occupy(st *statement, in *submission) error {
	if in.SessionID == nil {
		if in.SessionKeepAliveSeconds != nil && *in.SessionKeepAliveSeconds > 0 {
			return h.keep(st, time.Duration(*in.SessionKeepAliveSeconds)*time.Second)
		}
		return nil
	}
	s := h.sessionByID[*in.SessionID]
	switch {
	case s == nil || s.closed || !st.caller.sees(&s.caller):
		return notFound(*in.SessionID, "Session is not available: it does not exist, or has ended.")
	case in.Database != nil && *in.Database != s.database:
		return invalid("The session is connected to database %s.", s.database)
	case s.busy != nil:
		return invalid("Session is busy with another statement: %s.", s.busy.id)
	}
	if in.SessionKeepAliveSeconds != nil {
		s.alive = time.Duration(*in.SessionKeepAliveSeconds) * time.Second
	}
	st.session, st.target, st.database, st.dbUser, st.secret = s, s.target, s.database, s.dbUser, s.secret
	s.busy, s.updated = st, s.now()
	return nil
}

// keep makes a session that is kept.
func (h *Handler) keep(st *statement, alive time.Duration) error {
	open := 0
	for _, s := range h.sessionByID {
		if s.cluster == st.cluster && !s.closed {
			open++
		}
	}
	if open >= maxSessions {
		return exceeded("ActiveSessionsExceededException", "Active sessions exceeded the allowed quota (%d).", maxSessions)
	}
	h.nextSession++
	now := st.now()
	s := &session{
		id: newID(), number: h.nextSession, caller: st.caller, target: st.target, database: st.database, dbUser: st.dbUser, secret: st.secret,
		alive: alive, created: now, updated: now, expires: now.Add(maxSession), busy: st,
	}
	st.session = s
	h.sessionByID[s.id] = s
	return nil
}

// release ends a statement's turn of its session. A session that is lost, or not kept any longer, is closed by the caller, who gets it.
func (h *Handler) release(st *statement, lost bool) *engine.Session {
	s := st.session
	if s == nil {
		return nil
	}
	now := s.now()
	s.busy, s.updated = nil, now
	s.expires = now.Add(s.alive)
	if last := s.created.Add(maxSession); s.expires.After(last) {
		s.expires = last
	}
	if lost || h.closed || !s.expires.After(now) || s.s == nil || !s.s.Alive() {
		return s.end(now)
	}
	h.alarm()
	return nil
}

// vacate takes occupy back.
func (h *Handler) vacate(st *statement) {
	switch s := st.session; {
	case s == nil:
	case s.s == nil:
		delete(h.sessionByID, s.id)
	default:
		s.busy = nil
	}
}

// end marks a session as closed, and gives what is to be closed.
func (s *session) end(now time.Time) *engine.Session {
	out := s.s
	s.s, s.closed, s.updated, s.expires = nil, true, now, now
	return out
}

// dismiss ends the sessions for which a function says so, and gives what is to be closed.
func (h *Handler) dismiss(which func(s *session) bool) (out []*engine.Session) {
	for _, s := range h.sessionByID {
		if s.closed || !which(s) {
			continue
		}
		if e := s.end(s.now()); e != nil {
			out = append(out, e)
		}
	}
	return out
}

// closeAll closes sessions of the engine.
func closeAll(all []*engine.Session) (err error) {
	for _, s := range all {
		err = errors.Join(err, s.Close())
	}
	return err
}

// sweep drops what has been kept for long enough.
func (h *Handler) sweep() {
	h.mu.Lock()
	h.expire()
	var ended []*engine.Session
	if len(h.sessionByID) > 0 {
		ended = h.dismiss(func(s *session) bool { return s.busy == nil && !s.expires.After(s.now()) })
		for id, s := range h.sessionByID {
			if s.closed && s.now().Sub(s.updated) > retention {
				delete(h.sessionByID, id)
			}
		}
	}
	h.mu.Unlock()
	_ = closeAll(ended) // what they had begun is rolled back
}

// alarm has sweep called when the next session that waits has waited for long enough: it may hold locks. A clock that stands still is asked again later.
func (h *Handler) alarm() {
	if h.closed {
		return
	}
	wait := maxSession
	for _, s := range h.sessionByID {
		if !s.closed && s.busy == nil {
			wait = min(wait, s.expires.Sub(s.now()))
		}
	}
	if wait == maxSession {
		return
	}
	if h.timer != nil && h.timer.Stop() {
		h.work.Done()
	}
	h.work.Add(1)
	var own *time.Timer
	own = time.AfterFunc(max(wait, 100*time.Millisecond), func() {
		defer h.work.Done()
		h.sweep()
		h.mu.Lock()
		defer h.mu.Unlock()
		if h.timer == own { // else there is a newer one
			h.timer = nil
			h.alarm()
		}
	})
	h.timer = own
}

// listSessions is ListSessions: the newest first; without Status, those that are open.
// https://docs.aws.amazon.com/redshift/latest/mgmt/data-api-calling-cli-list-sessions.html
func (h *Handler) listSessions(_ context.Context, c *caller, in *listSessionsInput) (answer, error) {
	from, n, err := in.page(matches("sessionId", in.SessionID, isUUID), oneOf("status", in.Status, "AVAILABLE", "BUSY", "CLOSED"))
	if err == nil && in.SessionID != nil && (in.Status != nil || in.ClusterIdentifier != nil || in.WorkgroupName != nil || in.Database != nil) {
		err = invalid("Status, ClusterIdentifier, WorkgroupName and Database cannot be specified with SessionId.")
	}
	if err != nil {
		return nil, err
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	var all []*session
	for _, s := range h.sessionByID {
		if (from == 0 || s.number < from) && s.listed(c, in) {
			all = append(all, s)
		}
	}
	slices.SortFunc(all, func(a, b *session) int { return int(b.number - a.number) })
	out := struct {
		Sessions  []sessionData
		NextToken string `json:",omitempty"`
	}{Sessions: []sessionData{}}
	for i, s := range all {
		if i == n {
			out.NextToken = tokenOf("s", all[i-1].number)
			break
		}
		out.Sessions = append(out.Sessions, s.data())
	}
	return out, nil
}

func (s *session) listed(c *caller, in *listSessionsInput) bool {
	if in.SessionID != nil {
		return c.sees(&s.caller) && s.id == *in.SessionID
	}
	return c.lists(&s.caller, in.RoleLevel) && in.of(&s.target, s.database) && (in.Status == nil && !s.closed || in.Status != nil && *in.Status == s.state())
}

// state is the session's status.
func (s *session) state() string {
	switch {
	case s.closed:
		return "CLOSED"
	case s.busy != nil:
		return "BUSY"
	}
	return "AVAILABLE"
}

// data is a session in a list.
func (s *session) data() sessionData {
	d := sessionData{
		SessionID: s.id, Status: s.state(), CreatedAt: stamp(s.created), UpdatedAt: stamp(s.updated), ClusterIdentifier: s.identifier, WorkgroupName: s.workgroup,
		Database: s.database, SessionAliveSeconds: int64(s.alive / time.Second), SessionTTL: stamp(s.expires),
	}
	if s.secret == "" {
		d.DbUser = s.dbUser
	}
	if s.busy != nil {
		d.SessionTTL, d.CurrentStatementID = stamp(s.created.Add(maxSession)), s.busy.id
	}
	return d
}
