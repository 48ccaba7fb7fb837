package engine

import (
	"slices"
	"strings"

	"github.com/redshiftsim/redshiftsim/engine/ast"
	"github.com/redshiftsim/redshiftsim/engine/catalog"
	"github.com/redshiftsim/redshiftsim/engine/principal"
	"github.com/redshiftsim/redshiftsim/internal/sqlstate"
)

// groupNamed finds a group by name, or says that there is none.
func (s *Session) groupNamed(name string) (*principal.Group, error) {
	if g := s.catalog().Group(name); g != nil {
		return g, nil
	}
	return nil, sqlstate.UndefinedObject.Errorf("group \"%s\" does not exist", name)
}

// withMembers is a group with more users.
func withMembers(g *principal.Group, users ...int) *principal.Group {
	n := *g
	n.Members = append(append([]int(nil), g.Members...), users...)
	slices.Sort(n.Members)
	n.Members = slices.Compact(n.Members)
	return &n
}

// freeGroup says that a new group's name is taken or reserved.
func (s *Session) freeGroup(n ast.Principal) error {
	if strings.HasPrefix(n.Name, "__") || n.Name == "public" {
		return sqlstate.ReservedName.Errorf("group name \"%s\" is reserved", n.Name).At(n.Offset())
	}
	if s.catalog().Group(n.Name) != nil {
		return sqlstate.DuplicateObject.Errorf("group \"%s\" already exists", n.Name)
	}
	return nil
}

// createGroup is CREATE GROUP.
// https://docs.aws.amazon.com/redshift/latest/dg/r_CREATE_GROUP.html
func (s *Session) createGroup(st *ast.Group) error {
	if st.Alter {
		return s.alterGroup(st)
	}
	if !s.user.Superuser {
		return denied("must be superuser to create groups")
	}
	if err := s.freeGroup(st.Group); err != nil {
		return err
	}
	g := &principal.Group{Name: st.Group.Name}
	for _, n := range st.Users {
		u, err := s.userNamed(n.Name)
		if err != nil {
			return err
		}
		g = withMembers(g, u.ID)
	}
	g.ID = s.c.newGroupID()
	s.tx.EditEntry(g)
	return nil
}

// alterGroup is ALTER GROUP.
// https://docs.aws.amazon.com/redshift/latest/dg/r_ALTER_GROUP.html
func (s *Session) alterGroup(st *ast.Group) error {
	if !s.user.Superuser {
		return denied("must be superuser to alter groups")
	}
	g, err := s.groupNamed(st.Group.Name)
	if err != nil {
		return err
	}
	if st.RenameTo != "" {
		if err := s.freeGroup(ast.Principal{Pos: st.Group.Pos, Name: st.RenameTo}); err != nil {
			return err
		}
		n := *g
		n.Name = st.RenameTo
		s.tx.RemoveEntry(catalog.EntryKey(g))
		s.tx.EditEntry(&n)
		return nil
	}
	for _, n := range st.Users {
		u, err := s.userNamed(n.Name)
		if err != nil {
			return err
		}
		switch has := g.Has(u.ID); {
		case !st.Drop && has:
			s.tell("WARNING", sqlstate.Warning, "user \"%s\" is already in group \"%s\"", u.Name, g.Name)
		case !st.Drop:
			g = withMembers(g, u.ID)
		case !has:
			s.tell("WARNING", sqlstate.Warning, "user \"%s\" is not in group \"%s\"", u.Name, g.Name)
		default:
			g = withoutMember(g, u.ID)
		}
	}
	s.tx.EditEntry(g)
	return nil
}

// withoutMember is a group without a user.
func withoutMember(g *principal.Group, user int) *principal.Group {
	n := *g
	n.Members = slices.DeleteFunc(slices.Clone(g.Members), func(m int) bool { return m == user })
	return &n
}

// dropGroup is DROP GROUP.
// https://docs.aws.amazon.com/redshift/latest/dg/r_DROP_GROUP.html
func (s *Session) dropGroup(name string) error {
	if !s.user.Superuser {
		return denied("must be superuser to drop groups")
	}
	g, err := s.groupNamed(name)
	if err != nil {
		return err
	}
	if s.hasAny(principal.Identity{Kind: principal.ToGroup, ID: g.ID}) {
		return sqlstate.ObjectInUse.Errorf("group \"%s\" cannot be dropped because the group has a privilege on some object", name)
	}
	s.forgetAssumed(principal.Identity{Kind: principal.ToGroup, ID: g.ID})
	s.tx.RemoveEntry(catalog.EntryKey(g))
	return nil
}
