package principal

import (
	"slices"
	"strings"

	"github.com/redshiftsim/redshiftsim/internal/sqlstate"
)

// Item is what one user has granted to one principal.
type Item struct {
	To    Identity
	By    int       // the user who granted it
	Can   Privilege // what is granted
	Grant Privilege // the part of it that may be granted on: WITH GRANT OPTION
}

// ACL is the privileges on an object. An object without one has its kind's default.
type ACL []Item

// Default is the privileges on an object that nobody has granted anything on: all for its owner, and what public has from the beginning.
// https://docs.aws.amazon.com/redshift/latest/dg/r_Privileges.html
func Default(o Object, owner int) ACL {
	acl := ACL{{To: Identity{ToUser, owner}, By: owner, Can: o.All()}}
	switch o {
	case Schema: // what an owner has anyhow (Implicit) is not in its list
		acl[0].Can = Usage | Create
	case Database: // https://docs.aws.amazon.com/redshift/latest/dg/r_GRANT.html#grant-temporary
		acl = append(acl, Item{By: owner, Can: Temp})
	case Function: // https://docs.aws.amazon.com/redshift/latest/dg/r_ALTER_DEFAULT_PRIVILEGES.html
		acl = append(acl, Item{By: owner, Can: Execute})
	case Language, TablesInSchema, FunctionsInSchema, TemplatesInSchema, SchemasInDatabase, TablesInDatabase, FunctionsInDatabase, LanguagesInDatabase,
		TemplatesInDatabase, CopyJobsInDatabase:
		return nil // a scope has no owner of its own
	}
	return acl
}

// Of is what a user may do, by these items.
func (a ACL) Of(r *Reach) (can Privilege) {
	for i := range a {
		if can|a[i].Can != can && r.Is(a[i].To) {
			can |= a[i].Can
		}
	}
	return can
}

// Grantable is what a user may grant on, by these items.
func (a ACL) Grantable(r *Reach) (may Privilege) {
	for i := range a {
		if r.Is(a[i].To) {
			may |= a[i].Grant
		}
	}
	return may
}

// Has says whether a principal has anything, given to it or by it.
func (a ACL) Has(id Identity) bool {
	for i := range a {
		if a[i].To == id || id.Kind == ToUser && a[i].By == id.ID {
			return true
		}
	}
	return false
}

// find is the item of a grantee and a grantor, -1 when there is none.
func (a ACL) find(to Identity, by int) int {
	for i := range a {
		if a[i].To == to && a[i].By == by {
			return i
		}
	}
	return -1
}

// With gives a list in which by has granted p to a principal.
func (a ACL) With(to Identity, by int, p Privilege, option bool) ACL {
	n := append(ACL(nil), a...)
	i := n.find(to, by)
	if i < 0 {
		n = append(n, Item{To: to, By: by})
		i = len(n) - 1
	}
	n[i].Can |= p
	if option {
		n[i].Grant |= p
	}
	return n
}

// Without gives a list in which by has taken p, or only the option to grant it, back from a principal. What that principal has granted on goes with it
// when cascade is said, and is an error otherwise. owner keeps all grant options.
func (a ACL) Without(to Identity, by int, p Privilege, optionOnly, cascade bool, owner int) (ACL, error) {
	n := append(ACL(nil), a...)
	i := n.find(to, by)
	if i < 0 {
		return n, nil
	}
	n[i].Grant &^= p
	if !optionOnly {
		n[i].Can &^= p
	}
	n = n.trimmed()
	if to.Kind != ToUser || to.ID == owner {
		return n, nil
	}
	for { // what the principal can no longer grant and has granted
		lost := p &^ n.optionOf(to)
		k := -1
		for j := range n {
			if n[j].By == to.ID && n[j].Can&lost != 0 {
				k = j
				break
			}
		}
		if k < 0 {
			return n, nil
		}
		if !cascade {
			return nil, sqlstate.DependentObjects.Errorf("dependent privileges exist").WithHint("Use CASCADE to revoke them too.")
		}
		var err error
		if n, err = n.Without(n[k].To, to.ID, n[k].Can&lost, false, true, owner); err != nil {
			return nil, err
		}
	}
}

// optionOf is what a principal itself may grant on.
func (a ACL) optionOf(to Identity) (p Privilege) {
	for i := range a {
		if a[i].To == to {
			p |= a[i].Grant
		}
	}
	return p
}

// trimmed drops items that give nothing.
func (a ACL) trimmed() ACL {
	n := a[:0:0]
	for _, x := range a {
		if x.Can|x.Grant != 0 {
			n = append(n, x)
		}
	}
	if n == nil {
		n = ACL{}
	}
	return n
}

// Owned gives the list after the object has passed to another owner, who takes the old one's place as grantee and grantor.
func (a ACL) Owned(from, to int) ACL {
	if a == nil {
		return nil
	}
	var n ACL
	for _, x := range a {
		if x.To == (Identity{ToUser, from}) {
			x.To.ID = to
		}
		if x.By == from {
			x.By = to
		}
		i := n.find(x.To, x.By)
		if i < 0 {
			n = append(n, x)
			continue
		}
		n[i].Can |= x.Can
		n[i].Grant |= x.Grant
	}
	return n
}

// Text prints the list as an array of aclitem: {ann=r*w/awsuser,"group staff=r/awsuser",=r/awsuser}.
// https://docs.aws.amazon.com/redshift/latest/dg/r_PG_DEFAULT_ACL.html
func (a ACL) Text(name func(Identity) string) string {
	var b strings.Builder
	b.WriteByte('{')
	for i, x := range a {
		if i > 0 {
			b.WriteByte(',')
		}
		item := name(x.To)
		if x.To.Kind > ToUser {
			item = x.To.Kind.String() + " " + item
		}
		item += "=" + x.rights() + "/" + name(Identity{ToUser, x.By})
		if strings.ContainsAny(item, ` ,"{}\`) {
			item = `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(item) + `"`
		}
		b.WriteString(item)
	}
	b.WriteByte('}')
	return b.String()
}

// rights prints the privileges of an item, each with a star when it may be granted on.
func (x *Item) rights() string {
	var b strings.Builder
	for i := range letters {
		if x.Can>>i&1 != 0 {
			b.WriteByte(letters[i])
			if x.Grant>>i&1 != 0 {
				b.WriteByte('*')
			}
		}
	}
	return b.String()
}

// Access is the privileges on one object of the catalog: its own, and those on single columns of it.
type Access struct {
	Object  Object
	ID      uint32
	ACL     ACL         // nil = the default
	Columns map[int]ACL // by number of the column
}

// With gives an access with another list for the object (column 0) or for one of its columns.
func (a Access) With(column int, acl ACL) *Access {
	if column == 0 {
		a.ACL = acl
		return &a
	}
	cols := make(map[int]ACL, len(a.Columns)+1)
	for c, l := range a.Columns {
		cols[c] = l
	}
	if cols[column] = acl; len(acl) == 0 {
		delete(cols, column)
	}
	a.Columns = cols
	return &a
}

// Empty says that the access says nothing more than the default does.
func (a *Access) Empty() bool { return a.ACL == nil && len(a.Columns) == 0 }

// Has says whether a principal has anything on the object or a column of it, given to it or by it.
func (a *Access) Has(id Identity) bool {
	for _, l := range a.Columns {
		if l.Has(id) {
			return true
		}
	}
	return a.ACL.Has(id)
}

// Defaults is what a user's new objects of a kind begin with, in one schema or (0) in all.
// https://docs.aws.amazon.com/redshift/latest/dg/r_ALTER_DEFAULT_PRIVILEGES.html
type Defaults struct {
	Owner  int
	Schema uint32
	Object Object
	ACL    ACL // for Schema 0: instead of the default; else beside it
}

// Equal says whether two lists give the same, in the same order.
func (a ACL) Equal(b ACL) bool { return slices.Equal(a, b) }
