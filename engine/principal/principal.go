// Package principal is who may do what: users, groups, roles, and the lists of privileges that objects carry.
//
//	User 102 "ann" ── member of ──> Group "staff"                     Item {to: Group staff, by: User 100, can: r}
//	      └─ granted ──> Role "reader" ── granted ──> Role "base"     Item {to: Role base, by: User 100, can: r w, may grant: r}
//	                                                                   └── ACL of an object, a column, or a scope
//
//	Reach(user) = public + the user + its groups + its roles and the roles of those       worked out once, asked often
//	ACL.Of(reach) = the union of what the items give to any of these
//
// Everything here is a value that never changes: an edit makes another one. Where the values live is the catalog's business (catalog.Access,
// catalog.User); what each statement asks for is the engine's and bind's.
//
// https://docs.aws.amazon.com/redshift/latest/dg/r_Database_objects.html
package principal

import (
	"time"
)

// Kind is a kind of principal.
type Kind uint8

// Kinds of principals. Public is everybody, now and later.
const (
	Public Kind = iota
	ToUser
	ToGroup
	ToRole
	ToPolicy    // an RLS or masking policy, for the tables that its expressions look up
	ToDatashare // what its consumers may do, at most
)

// String is the kind as svv_relation_privileges.identity_type spells it.
func (k Kind) String() string {
	return [...]string{"public", "user", "group", "role", "policy", "datashare"}[k]
}

// Identity names a principal by its number; Public has number 0.
type Identity struct {
	Kind Kind
	ID   int
}

// Numbers and names that every cluster has.
const (
	BootstrapID   = 1 // rdsdb, who owns the system's own objects
	BootstrapName = "rdsdb"
	AdminID       = 100
	FirstGroupID  = 100
)

// User is a database user.
// https://docs.aws.amazon.com/redshift/latest/dg/r_CREATE_USER.html
type User struct {
	ID           int
	Name         string
	Superuser    bool
	CreateDB     bool
	Password     Password
	Verifier     Verifier          // of the same password
	Unrestricted bool              // SYSLOG ACCESS UNRESTRICTED: sees other users' rows in system tables
	ValidUntil   time.Time         // of the password; zero = for ever
	Connections  int               // CONNECTION LIMIT; below 0 = unlimited
	Timeout      time.Duration     // SESSION TIMEOUT; 0 = none
	ExternalID   string            // EXTERNALID
	Settings     map[string]string // ALTER USER .. SET: what sessions begin with
	Changed      time.Time         // last CREATE or ALTER USER
	LockedAt     time.Time         // when ALTER USER NOLOGIN locked it; zero = it did not
	LockedBy     int               // the user who did
	Unlocks      int               // how often ALTER USER LOGIN has unlocked it: wrong passwords of before are forgotten
}

// Group is a group of users.
// https://docs.aws.amazon.com/redshift/latest/dg/r_CREATE_GROUP.html
type Group struct {
	ID      int
	Name    string
	Members []int // numbers of users, ascending
}

// Has says whether a user is in the group.
func (g *Group) Has(user int) bool {
	for _, m := range g.Members {
		if m == user {
			return true
		}
	}
	return false
}

// Member is a principal to which a role was granted: a user, another role, or public.
type Member struct {
	To    Identity
	Admin bool // WITH ADMIN OPTION: may grant it on; users only
	By    int  // the user who granted it
}

// Role is a collection of privileges that users and other roles can be given.
// https://docs.aws.amazon.com/redshift/latest/dg/r_CREATE_ROLE.html
type Role struct {
	ID         int
	Name       string
	Owner      int // the user who made it
	ExternalID string
	System     System   // system privileges granted to it
	Members    []Member // who has it
}

// Member finds a grantee of the role, -1 when it is none.
func (r *Role) Member(to Identity) int {
	for i := range r.Members {
		if r.Members[i].To == to {
			return i
		}
	}
	return -1
}

// With gives a role that is granted to one more principal, or to one with another admin option.
func (r *Role) With(m Member) *Role {
	n := *r
	n.Members = append([]Member(nil), r.Members...)
	if i := n.Member(m.To); i >= 0 {
		n.Members[i].Admin = n.Members[i].Admin || m.Admin
	} else {
		n.Members = append(n.Members, m)
	}
	return &n
}

// Without gives a role that is no longer granted to a principal, or, adminOnly, that the principal may no longer grant.
func (r *Role) Without(to Identity, adminOnly bool) *Role {
	n := *r
	n.Members = nil
	for _, m := range r.Members {
		if m.To == to {
			if !adminOnly {
				continue
			}
			m.Admin = false
		}
		n.Members = append(n.Members, m)
	}
	return &n
}

// Administers says whether a user may grant, revoke and drop the role: its owner, or who has it WITH ADMIN OPTION.
// https://docs.aws.amazon.com/redshift/latest/dg/t_role_assignment.html
func (r *Role) Administers(user int) bool {
	if r.Owner == user {
		return true
	}
	i := r.Member(Identity{ToUser, user})
	return i >= 0 && r.Members[i].Admin
}

// Reach is what a user is, in all: the principals whose privileges are its own.
type Reach struct {
	User   int
	Super  bool
	System System // system privileges of its roles
	groups []int
	roles  []int
	policy int
	share  int // nothing of the public's is a datashare's
}

// ReachOf works out what a user is, from all groups and roles.
func ReachOf(u *User, groups []*Group, roles []*Role) *Reach {
	r := &Reach{User: u.ID, Super: u.Superuser}
	for _, g := range groups {
		if g.Has(u.ID) {
			r.groups = append(r.groups, g.ID)
		}
	}
	r.climb(Identity{ToUser, u.ID}, roles)
	r.climb(Identity{Kind: Public}, roles)
	return r
}

// ReachOfPolicy is what a policy is: itself, and the public.
func ReachOfPolicy(id int) *Reach { return &Reach{User: -1, policy: id} }

// ReachOfDatashare is what a datashare is: itself, and not the public.
// https://docs.aws.amazon.com/redshift/latest/dg/writes-adding-datashare.html
func ReachOfDatashare(id int) *Reach { return &Reach{User: -1, share: id} }

// ReachOfRole works out what a role is: itself and the roles granted to it.
func ReachOfRole(id int, roles []*Role) *Reach {
	r := &Reach{User: -1}
	for _, x := range roles {
		if x.ID == id {
			r.take(x, roles)
		}
	}
	return r
}

// climb adds the roles granted to a principal.
func (r *Reach) climb(to Identity, roles []*Role) {
	for _, x := range roles {
		if x.Member(to) >= 0 {
			r.take(x, roles)
		}
	}
}

func (r *Reach) take(x *Role, roles []*Role) {
	if r.Role(x.ID) {
		return
	}
	r.roles = append(r.roles, x.ID)
	r.System |= x.System
	r.climb(Identity{ToRole, x.ID}, roles)
}

// Role says whether a role is among what the user is.
func (r *Reach) Role(id int) bool { return has(r.roles, id) }

// Group says whether the user is in a group.
func (r *Reach) Group(id int) bool { return has(r.groups, id) }

// Is says whether what was granted to a principal is the user's.
func (r *Reach) Is(to Identity) bool {
	switch to.Kind {
	case Public:
		return r.share == 0
	case ToUser:
		return to.ID == r.User
	case ToGroup:
		return has(r.groups, to.ID)
	case ToPolicy:
		return r.policy == to.ID && to.ID != 0
	case ToDatashare:
		return r.share == to.ID && to.ID != 0
	}
	return has(r.roles, to.ID)
}

func has(list []int, id int) bool {
	for _, x := range list {
		if x == id {
			return true
		}
	}
	return false
}
