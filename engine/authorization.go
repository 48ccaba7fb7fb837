package engine

import (
	"fmt"
	"maps"
	"time"

	"github.com/redshiftsim/redshiftsim/engine/ast"
	"github.com/redshiftsim/redshiftsim/engine/catalog"
	"github.com/redshiftsim/redshiftsim/engine/function"
	"github.com/redshiftsim/redshiftsim/engine/principal"
	"github.com/redshiftsim/redshiftsim/internal/sqlstate"
)

// authorizationVar keeps SET SESSION AUTHORIZATION among the session's parameters, so that it ends with a transaction as they do.
const authorizationVar = "session_authorization"

// Launch makes the user whose password came with what made the cluster: the administrator takes the password, another is made, an ordinary one.
func (c *Cluster) Launch(user, password string) {
	if user != c.cfg.Admin {
		c.addUser(user)
	}
	c.txns.SetPassword(user, principal.LaunchPassword(password, user), principal.LaunchVerifier(password))
}

// addUser makes an ordinary user, unless there is one of that name.
func (c *Cluster) addUser(name string) *principal.User {
	if u := c.txns.Root().Catalog.User(name); u != nil {
		return u
	}
	return c.txns.AddUser(&principal.User{ID: c.newUserID(), Name: name, Connections: -1})
}

// login finds who connects. Nobody named is the administrator: it is the process itself that asks. A name alone is believed as long as the user has no
// password, and is made when it is new. A name with a password must be that of a user, whose password it must be; a user who has none yet takes it.
func (c *Cluster) login(o SessionOptions) (*principal.User, error) {
	cat := c.txns.Root().Catalog
	if o.Proof != ByPassword {
		u, err := c.proved(o)
		if err == nil {
			err = c.admitted(u)
		}
		return u, err
	}
	if o.User == "" {
		u := cat.UserByID(principal.AdminID)
		if u != nil && (o.Password == "" || u.Password == "" || u.Password.Opens(o.Password, u.Name)) {
			return u, nil
		}
		return nil, wrongPassword(c.cfg.Admin)
	}
	u := cat.User(o.User)
	switch {
	case u == nil && o.Password != "":
		return nil, fatal(sqlstate.InvalidAuthorization.Errorf("user \"%s\" does not exist", o.User))
	case u == nil:
		if cat.Role(o.User) != nil {
			return nil, fatal(sqlstate.InvalidAuthorization.Errorf("\"%s\" is a role, not a user", o.User))
		}
		u = c.addUser(o.User)
	case u.Password == "" && o.Password != "":
		if err := c.admitted(u); err != nil {
			return nil, err
		}
		u = c.txns.SetPassword(u.Name, principal.LaunchPassword(o.Password, u.Name), principal.LaunchVerifier(o.Password))
	}
	if u.Password != "" && o.Password == "" { // nothing was guessed
		return nil, wrongPassword(o.User)
	}
	return u, c.Attempted(o.User, (u.Password == "" || u.Password.Opens(o.Password, u.Name)) && c.valid(u))
}

// valid says that a user's password, not the user, has not come to its end.
func (c *Cluster) valid(u *principal.User) bool {
	return u.ValidUntil.IsZero() || !c.cfg.Clock().After(u.ValidUntil)
}

// proved finds a user whom the caller has proved, or believes: then a new one is made. Roles log in nowhere.
func (c *Cluster) proved(o SessionOptions) (*principal.User, error) {
	cat := c.txns.Root().Catalog
	if u := cat.User(o.User); u != nil {
		return u, nil
	}
	if o.Proof == Trusted && o.User != "" && cat.Role(o.User) == nil {
		return c.addUser(o.User), nil
	}
	return nil, fatal(sqlstate.InvalidAuthorization.Errorf("user \"%s\" does not exist", o.User))
}

// Credentials are what proves a user by its password; false = there is no such user, or its password is no longer valid.
func (c *Cluster) Credentials(user string) (principal.Password, principal.Verifier, bool) {
	u := c.txns.Root().Catalog.User(user)
	if u == nil {
		return "", "", false
	}
	return u.Password, u.Verifier, c.valid(u) && u.Password.Hashed()
}

// fatal makes an error one that ends the connection, or keeps it from being made.
func fatal(e *sqlstate.Error) error {
	e.Severity = "FATAL"
	return e
}

func wrongPassword(user string) error {
	return fatal(sqlstate.InvalidPassword.Errorf("password authentication failed for user \"%s\"", user))
}

// admit gives a session its number, if its database and its user let one more in: superusers always.
// https://docs.aws.amazon.com/redshift/latest/dg/r_CREATE_DATABASE.html
// https://docs.aws.amazon.com/redshift/latest/dg/r_CREATE_USER.html
func (c *Cluster) admit(s *Session) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	full := func(limit int, beside func(o *Session) bool) bool {
		n := 0
		for _, o := range c.sessions {
			if beside(o) {
				n++
			}
		}
		return limit >= 0 && n >= limit
	}
	if !s.login.Superuser {
		if full(s.db.ConnLimit, func(o *Session) bool { return o.home.ID == s.db.ID && !o.login.Superuser }) {
			return fatal(sqlstate.TooManyConnections.Errorf("too many connections for database \"%s\"", s.db.Name))
		}
		if full(s.login.Connections, func(o *Session) bool { return o.login.ID == s.login.ID }) {
			return fatal(sqlstate.TooManyConnections.Errorf("too many connections for user \"%s\"", s.login.Name))
		}
	}
	s.pid = int(c.pids.Add(1))
	if c.sessions == nil {
		c.sessions = map[int]*Session{}
	}
	c.sessions[s.pid] = s
	return nil
}

// idled ends a session that was idle for longer than its user's SESSION TIMEOUT, when its next statement comes.
func (s *Session) idled() error {
	now := s.c.cfg.Clock()
	if !s.active.IsZero() && now.Sub(s.active) > s.login.Timeout {
		return s.TimeOut()
	}
	return nil
}

// IdleLimit is the SESSION TIMEOUT of the session's user when it began, 0 = none. Who waits for the client's next statement may call TimeOut when it has passed: a
// session that nobody uses any more has no next statement, and may hold locks.
// https://docs.aws.amazon.com/redshift/latest/dg/r_CREATE_USER.html
func (s *Session) IdleLimit() time.Duration { return s.login.Timeout }

// TimeOut ends a session that was idle for too long, and its transaction; the error, FATAL 57P01, is what its client is told.
func (s *Session) TimeOut() error {
	s.timedOut = true
	_ = s.Close()
	return fatal(sqlstate.AdminShutdown.Errorf("terminating connection due to idle session timeout"))
}

// catalog is the catalog as the session sees it.
func (s *Session) catalog() *catalog.Catalog {
	if s.db.Import != nil {
		return s.importedNow()
	}
	if s.tx != nil {
		return s.tx.Catalog()
	}
	return s.c.txns.Root().Of(s.db.ID)
}

// refresh looks whether principals, privileges or schemas have changed since the session last looked, and forgets what it knew of them. It costs three
// comparisons when nothing has.
func (s *Session) refresh(c *catalog.Catalog) {
	if st := c.Stamp(); st != s.stamp && s.consumer == nil {
		s.stamp = st
		s.act(current(c, s.user))
	}
}

// current is a user as it is now. One that was dropped keeps its name and nothing else.
func current(c *catalog.Catalog, u *principal.User) *principal.User {
	if n := c.User(u.Name); n != nil && n.ID == u.ID {
		return n
	}
	if n := c.UserByID(u.ID); n != nil {
		return n
	}
	n := *u
	n.Superuser, n.CreateDB, n.Unrestricted = false, false, false
	return &n
}

// act makes u the one as whom statements run.
func (s *Session) act(u *principal.User) {
	s.user, s.reach, s.path, s.asked = u, nil, nil, function.Env{}
}

// become makes the session act as the user of a name, "" = who connected. In a procedure that is SECURITY DEFINER it goes on to act as that one's owner.
func (s *Session) become(name string) {
	u := s.login
	if s.definer != nil {
		if s.definer.ID != s.user.ID {
			s.act(current(s.catalog(), s.definer))
		}
		return
	}
	if name != "" {
		if n := s.catalog().User(name); n != nil {
			u = n
		}
	}
	if u.ID != s.user.ID {
		s.act(current(s.catalog(), u))
	}
}

// is is what the acting user is, in all: with its groups and roles.
func (s *Session) is() *principal.Reach {
	c := s.catalog()
	s.refresh(c)
	if s.reach == nil {
		s.reach = c.Reach(s.user)
	}
	return s.reach
}

// userNamed finds a user by name, or says that there is none.
func (s *Session) userNamed(name string) (*principal.User, error) {
	if u := s.catalog().User(name); u != nil {
		return u, nil
	}
	return nil, sqlstate.UndefinedObject.Errorf("user \"%s\" does not exist", name)
}

// setAuthorization is SET SESSION AUTHORIZATION: only who connected as a superuser may act as another.
// https://docs.aws.amazon.com/redshift/latest/dg/r_SET_SESSION_AUTHORIZATION.html
func (s *Session) setAuthorization(st *ast.SessionAuthorization) error {
	name := st.User.Name
	if !st.Default {
		u, err := s.userNamed(name)
		if err != nil {
			return err
		}
		if u.ID != s.login.ID && !current(s.catalog(), s.login).Superuser {
			return sqlstate.InsufficientPrivilege.Errorf("permission denied to set session authorization")
		}
	}
	put := func(vars map[string]string) map[string]string {
		vars = maps.Clone(vars)
		if vars == nil {
			vars = map[string]string{}
		}
		if vars[authorizationVar] = name; st.Default {
			delete(vars, authorizationVar)
		}
		return vars
	}
	switch {
	case st.Local && !s.hasLocal:
		s.local, s.hasLocal = s.vars, true
	case !st.Local && s.hasLocal:
		s.local = put(s.local)
	}
	s.use(put(s.vars))
	return nil
}

// keyOf is the part of a plan's key that says for whom it was made: a plan serves all superusers, or one ordinary user.
func keyOf(u *principal.User) string {
	if u.Superuser {
		return ""
	}
	return fmt.Sprintf("|%d", u.ID)
}
