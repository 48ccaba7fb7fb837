package engine

import (
	"strconv"
	"time"

	"github.com/redshiftsim/redshiftsim/engine/ast"
	"github.com/redshiftsim/redshiftsim/engine/principal"
	"github.com/redshiftsim/redshiftsim/engine/system"
	"github.com/redshiftsim/redshiftsim/internal/sqlstate"
)

// A user is locked by ALTER USER NOLOGIN, which stands in the catalog and is undone by ROLLBACK, or by wrong passwords, which no transaction knows of:
//
//	principal.User  LockedAt, LockedBy     NOLOGIN            Unlocks 1     LOGIN, so far
//	Cluster.guesses[102]  {count 5, last 14:02:11, locked 14:02:11, unlocks 1}
//
// Guesses that were made at another number of unlocks are forgotten, so that LOGIN need not touch them. See decision 142.
// https://docs.aws.amazon.com/redshift/latest/dg/r_Users-user-lockout.html

// maxFailedLogins names the parameter that says how many wrong passwords lock a user.
const maxFailedLogins = "max_failed_login_attempts"

// guesses are the wrong passwords that a user was given, one after the other.
type guesses struct {
	count        int
	last, locked time.Time // locked zero = not so often yet
	unlocks      int       // of the user, at that time
}

// guessesOf are those that count for a user; who calls it holds c.mu.
func (c *Cluster) guessesOf(u *principal.User) guesses {
	if g := c.guesses[u.ID]; g.unlocks == u.Unlocks {
		return g
	}
	return guesses{unlocks: u.Unlocks}
}

// Attempted counts a log-in by password: right says whether the password was the user's, and still valid. It gives the error with which the log-in fails: 28P01,
// or 28000 for a user who is locked, whatever the password. A right one begins the count again.
// https://docs.aws.amazon.com/redshift/latest/dg/max_failed_login_attempts.html
func (c *Cluster) Attempted(user string, right bool) error {
	u := c.txns.Root().Catalog.User(user)
	if u == nil {
		return wrongPassword(user)
	}
	limit := c.failedLogins()
	c.mu.Lock()
	defer c.mu.Unlock()
	g := c.guessesOf(u)
	switch {
	case isLocked(u, g):
		return lockedOut(user)
	case right:
		delete(c.guesses, u.ID)
		return nil
	case u.ID > principal.AdminID && u.Password.Hashed(): // those that CREATE USER made
		g.count, g.last = g.count+1, c.cfg.Clock()
		if g.count >= limit {
			g.locked = g.last
		}
		if c.guesses == nil {
			c.guesses = map[int]guesses{}
		}
		c.guesses[u.ID] = g
	}
	return wrongPassword(user)
}

// admitted refuses a user who is locked, or whose identity provider is disabled, where no password is looked at.
// https://docs.aws.amazon.com/redshift/latest/dg/r_ALTER_IDENTITY_PROVIDER.html
func (c *Cluster) admitted(u *principal.User) error {
	if p := providerOf(c.txns.Root().Catalog, u.Name); p != nil && p.Disabled {
		return fatal(sqlstate.InvalidAuthorization.Errorf("identity provider \"%s\" is disabled", p.Name))
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if isLocked(u, c.guessesOf(u)) {
		return lockedOut(u.Name)
	}
	return nil
}

// isLocked says whether a user is locked. One whose password is disabled logs in by other means, which no lock is for.
func isLocked(u *principal.User, g guesses) bool {
	return u.Password != principal.Disabled && (!u.LockedAt.IsZero() || !g.locked.IsZero())
}

func lockedOut(user string) error {
	return fatal(sqlstate.InvalidAuthorization.Errorf("user \"%s\" is locked", user).
		WithHint("A superuser, or a user with the ALTER USER privilege, unlocks it: ALTER USER .. LOGIN PASSWORD."))
}

// lockOption applies NOLOGIN and LOGIN to a user. The administrator and who has no password cannot be locked.
// https://docs.aws.amazon.com/redshift/latest/dg/r_ALTER_USER.html
func (s *Session) lockOption(u *principal.User, o *ast.Option) error {
	switch {
	case u.Password == principal.Disabled:
		return sqlstate.InvalidParameterValue.Errorf("user \"%s\" has no password and cannot be locked or unlocked", u.Name)
	case o.Name == "LOGIN":
		u.LockedAt, u.LockedBy = time.Time{}, 0
		u.Unlocks++
	case u.ID == principal.AdminID:
		return denied("user \"%s\" cannot be locked", u.Name)
	default:
		u.LockedAt, u.LockedBy = s.c.cfg.Clock(), s.user.ID
	}
	return nil
}

// lockouts are the users that have passwords, for SHOW USER LOCKOUT.
func (s *Session) lockouts() (l system.Listing, err error) {
	if !s.user.Superuser {
		return l, denied("must be superuser to show user lockout")
	}
	var list []system.Lockout
	users := s.catalog().Users()
	s.c.mu.Lock()
	defer s.c.mu.Unlock()
	for _, u := range users {
		if !u.Password.Hashed() {
			continue
		}
		g := s.c.guessesOf(u)
		o := system.Lockout{User: u.Name, Locked: isLocked(u, g), Manual: !u.LockedAt.IsZero(), At: g.locked, Failed: g.count, LastFailed: g.last}
		if o.Manual {
			o.At, o.By = u.LockedAt, u.LockedBy
		}
		list = append(list, o)
	}
	return s.systemEnv().ShowLockout(list), nil
}

// failedLogins is how many wrong passwords lock a user.
func (c *Cluster) failedLogins() int {
	n, _ := strconv.Atoi(c.systemSetting(findParameter(maxFailedLogins)))
	return n
}

// systemSetting is the value of a parameter that is the cluster's.
func (c *Cluster) systemSetting(p *parameter) string {
	if v, ok := c.altered.Load(p.name); ok {
		return v.(string)
	}
	return p.def
}

// alterSystem is ALTER SYSTEM: it holds at once, for all sessions, and no transaction takes it back.
// https://docs.aws.amazon.com/redshift/latest/dg/r_ALTER_SYSTEM.html
func (s *Session) alterSystem(c *call, st *ast.AlterSystem) error {
	if !s.user.Superuser {
		return denied("must be superuser to execute ALTER SYSTEM command")
	}
	switch st.Name {
	case "data_catalog_auto_mount", "metadata_security", "default_identity_namespace":
		return sqlstate.FeatureNotSupported.Errorf("ALTER SYSTEM SET %s is not supported", st.Name).At(st.Offset())
	}
	p := findParameter(st.Name)
	switch {
	case p == nil:
		return atOffset(unknownParameter(st.Name), st.Offset())
	case !p.system:
		return sqlstate.InvalidParameterValue.Errorf("parameter \"%s\" cannot be changed by ALTER SYSTEM", st.Name).At(st.Offset())
	}
	if err := s.alone(c, "ALTER SYSTEM"); err != nil {
		return err
	}
	v, err := p.check(p, p.def, st.Value)
	if err != nil {
		return err
	}
	s.c.altered.Store(p.name, v)
	return nil
}
