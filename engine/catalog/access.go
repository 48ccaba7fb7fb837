package catalog

import (
	"fmt"
	"sort"
	"strings"

	"github.com/redshiftsim/redshiftsim/engine/principal"
)

// Principals and privileges stand beside the relations, each under a key of its own, so that two transactions conflict only when they change the same one:
//
//	book    {login, "ann"} -> *principal.User or *principal.Role      a role may not have a user's name
//	        {group, "staff"} -> *principal.Group
//	        {assumed, ""} -> *principal.Assumptions
//	        {identity provider, "idp"} -> *principal.IdentityProvider
//	        the data catalog: external.go; datashares: datashare.go
//	access  {access, "relation 100001"} -> *principal.Access           gone with its object
//	        {defaults, "100 relation 2200"} -> *principal.Defaults
//	        {functions, "public f"} -> *Functions                      function.go
//	        {policy, "rls p"} -> *Policy, {security, "100001"} -> *Security      policy.go
//	        {template, "public t"} -> *Template                                   template.go
//	        {copyjob, "j"} -> *CopyJob, {jobfile, "100007 k"} -> *JobFile          copyjob.go
//
// A key's first part begins with a byte that no schema's name has.
const (
	keyLogin    = "\x00login"
	keyGroup    = "\x00group"
	keyAccess   = "\x00access"
	keyDefaults = "\x00defaults"
	keyAssumed  = "\x00assumed"
	keyProvider = "\x00identity provider"

	keyFunctions = "\x00functions"
)

// IsEntry says that a key is one of a principal or of privileges, not of a relation.
func (k Key) IsEntry() bool { return len(k.Schema) > 0 && k.Schema[0] == 0 }

// EntryKey is where a *principal.User, Role, Group, Access or Defaults stands.
func EntryKey(e any) Key {
	switch e := e.(type) {
	case *principal.User:
		return Key{keyLogin, e.Name}
	case *principal.Role:
		return Key{keyLogin, e.Name}
	case *principal.Group:
		return Key{keyGroup, e.Name}
	case *principal.Assumptions:
		return Key{keyAssumed, ""}
	case *principal.IdentityProvider:
		return Key{keyProvider, e.Name}
	case *principal.Access:
		return accessKey(e.Object, e.ID)
	case *Functions:
		return FunctionsKey(e.Schema, e.Name)
	case *Policy:
		return PolicyKey(e.Masking, e.Name)
	case *Security:
		return SecurityKey(e.Relation)
	case *ExternalDatabase:
		return ExternalDatabaseKey(e.Name)
	case *ExternalTable:
		return externalKey(e.Database, e.Name)
	case *Datashare:
		return DatashareKey(e.Name)
	case *CopyJob:
		return CopyJobKey(e.Name)
	case *JobFile:
		return JobFileKey(e.Job, e.Key)
	case *Template:
		return TemplateKey(e.Schema, e.Name)
	case *ImportedAccess:
		return importedKey(e.Database, e.Object, e.ID)
	case *ExternalView:
		return externalKey(e.Database, e.Name)
	case *principal.Defaults:
		return Key{keyDefaults, fmt.Sprintf("%d %s %d", e.Owner, e.Object, e.Schema)}
	}
	panic("catalog: not a principal or a privilege")
}

func accessKey(o principal.Object, id uint32) Key {
	mark := ""
	if o.OfDatabase() {
		mark = databaseMark
	}
	return Key{keyAccess, fmt.Sprintf("%s%d %d", mark, o, id)}
}

// tree is the tree that a key of an entry is in. What is said of databases is the cluster's.
func (c *Catalog) tree(k Key) *tree {
	switch k.Schema {
	case keyExternalDatabase, keyExternalTable, keyDatashare, keyImportedAccess, keyProvider:
		return &c.book
	}
	if k.Schema == keyLogin || k.Schema == keyGroup || k.Schema == keyAssumed || k.Schema == keyAccess && strings.HasPrefix(k.Name, databaseMark) {
		return &c.book
	}
	return &c.access
}

// databaseMark begins the keys of privileges on databases and on scopes in them.
const databaseMark = "database "

// Entry finds an entry by key, nil when there is none.
func (c *Catalog) Entry(k Key) any { return c.tree(k).get(k) }

// WithEntry gives a catalog that also has e, in the place of what had its key.
func (c *Catalog) WithEntry(e any) *Catalog {
	n := *c
	k := EntryKey(e)
	t := n.tree(k)
	if t.get(k) == nil {
		n.counted(k, 1)
	}
	*t = t.with(k, e)
	return &n
}

// WithoutEntry gives a catalog that lacks the entry of that key.
func (c *Catalog) WithoutEntry(k Key) *Catalog {
	n := *c
	t := n.tree(k)
	if t.get(k) != nil {
		n.counted(k, -1)
	}
	*t = t.without(k)
	return &n
}

// counted counts the entries of which there are mostly none.
func (c *Catalog) counted(k Key, d int) {
	switch k.Schema {
	case keyFunctions:
		c.functions += d
	case keyPolicy:
		c.policies += d
	case keyTemplate:
		c.templates += d
	case keyCopyJob:
		c.jobs += d
	}
}

// begin adds what every cluster has: the bootstrap user rdsdb, the administrator and the system's roles.
// https://docs.aws.amazon.com/redshift/latest/dg/r_superusers.html
func (c *Catalog) begin(admin string) {
	put := func(e any) { c.book = c.book.with(EntryKey(e), e) }
	put(&principal.User{ID: principal.BootstrapID, Name: principal.BootstrapName, Superuser: true, CreateDB: true, Connections: -1})
	put(&principal.User{ID: principal.AdminID, Name: admin, Superuser: true, CreateDB: true, Connections: -1})
	for _, r := range principal.SystemRoles() {
		put(r)
	}
	c.access = firstAccess(c.schemas)
}

// firstAccess is what public may do in a fresh database: use its schemas and languages, and create in schema public.
// https://docs.aws.amazon.com/redshift/latest/dg/r_Privileges.html
func firstAccess(schemas []*Schema) (t tree) {
	put := func(e any) { t = t.with(EntryKey(e), e) }
	for _, s := range schemas {
		rights := principal.Usage
		if s.Name == Public {
			rights |= principal.Create
		}
		acl := principal.Default(principal.Schema, principal.BootstrapID).With(principal.Identity{}, principal.BootstrapID, rights, false)
		put(&principal.Access{Object: principal.Schema, ID: s.ID, ACL: acl})
	}
	for _, l := range Languages {
		if l.Public {
			put(&principal.Access{Object: principal.Language, ID: l.ID, ACL: principal.ACL{{By: principal.BootstrapID, Can: principal.Usage}}})
		}
	}
	return t
}

// Language is one in which routines can be written.
type Language struct {
	ID     uint32
	Name   string
	Public bool // all users may use it from the beginning
}

// LanguageSQL is the number of SQL among the languages.
const LanguageSQL = 14

// LanguageExfunc is the number of that of Lambda functions.
const LanguageExfunc = 101050

// Languages are those of every database.
// https://docs.aws.amazon.com/redshift/latest/dg/udf-security-and-privileges.html
// https://docs.aws.amazon.com/redshift/latest/dg/udf-creating-a-lambda-sql-udf.html#udf-lambda-security
var Languages = []Language{{LanguageSQL, "sql", true}, {101020, "plpythonu", false}, {101040, "plpgsql", true}, {LanguageExfunc, "exfunc", false}}

// Stamp tells whether principals, privileges, functions or schemas are still what they were: two stamps are equal as long as none has changed.
type Stamp struct {
	book, access *branch
	schemas      *(*Schema)
}

// Stamp is that of this catalog.
func (c *Catalog) Stamp() Stamp {
	s := Stamp{book: c.book.root, access: c.access.root}
	if len(c.schemas) > 0 {
		s.schemas = &c.schemas[0]
	}
	return s
}

// User finds a user by name, nil when there is none.
func (c *Catalog) User(name string) *principal.User {
	u, _ := c.book.get(Key{keyLogin, name}).(*principal.User)
	return u
}

// Role finds a role by name, nil when there is none.
func (c *Catalog) Role(name string) *principal.Role {
	r, _ := c.book.get(Key{keyLogin, name}).(*principal.Role)
	return r
}

// Group finds a group by name, nil when there is none.
func (c *Catalog) Group(name string) *principal.Group {
	g, _ := c.book.get(Key{keyGroup, name}).(*principal.Group)
	return g
}

// IdentityProvider finds an identity provider by name, nil when there is none.
func (c *Catalog) IdentityProvider(name string) *principal.IdentityProvider {
	p, _ := c.book.get(Key{keyProvider, name}).(*principal.IdentityProvider)
	return p
}

// IdentityProviders lists the identity providers by number.
func (c *Catalog) IdentityProviders() []*principal.IdentityProvider {
	return listed(c, func(a, b *principal.IdentityProvider) bool { return a.ID < b.ID })
}

// Assumed are the grants of ASSUMEROLE.
func (c *Catalog) Assumed() *principal.Assumptions {
	if a, ok := c.book.get(Key{keyAssumed, ""}).(*principal.Assumptions); ok {
		return a
	}
	return principal.FirstAssumptions()
}

// UserByID finds a user by number, nil when there is none.
func (c *Catalog) UserByID(id int) *principal.User {
	var found *principal.User
	c.book.each(func(v any) {
		if u, ok := v.(*principal.User); ok && u.ID == id {
			found = u
		}
	})
	return found
}

// UserName is the name of a user by number. Who is not there any more is "unknown (OID=n)", as pg_get_userbyid says.
func (c *Catalog) UserName(id int) string {
	if u := c.UserByID(id); u != nil {
		return u.Name
	}
	return fmt.Sprintf("unknown (OID=%d)", id)
}

// Users lists the users by number.
func (c *Catalog) Users() []*principal.User {
	return listed(c, func(a, b *principal.User) bool { return a.ID < b.ID })
}

// Groups lists the groups by number.
func (c *Catalog) Groups() []*principal.Group {
	return listed(c, func(a, b *principal.Group) bool { return a.ID < b.ID })
}

// Roles lists the roles by number.
func (c *Catalog) Roles() []*principal.Role {
	return listed(c, func(a, b *principal.Role) bool { return a.ID < b.ID })
}

func listed[T any](c *Catalog, less func(a, b *T) bool) []*T {
	var out []*T
	c.book.each(func(v any) {
		if x, ok := v.(*T); ok {
			out = append(out, x)
		}
	})
	sort.Slice(out, func(i, j int) bool { return less(out[i], out[j]) })
	return out
}

// NameOf is the name of a principal; public has none.
func (c *Catalog) NameOf(id principal.Identity) string {
	switch id.Kind {
	case principal.ToUser:
		return c.UserName(id.ID)
	case principal.ToGroup:
		for _, g := range c.Groups() {
			if g.ID == id.ID {
				return g.Name
			}
		}
	case principal.ToPolicy:
		for _, masking := range []bool{false, true} {
			for _, p := range c.Policies(masking) {
				if int(p.ID) == id.ID {
					return p.Name
				}
			}
		}
	case principal.ToDatashare:
		for _, d := range c.Datashares() {
			if int(d.ID) == id.ID {
				return d.Name
			}
		}
	case principal.ToRole:
		for _, r := range c.Roles() {
			if r.ID == id.ID {
				return r.Name
			}
		}
	}
	return ""
}

// Reach works out what a user is, in all.
func (c *Catalog) Reach(u *principal.User) *principal.Reach {
	return principal.ReachOf(u, c.Groups(), c.Roles())
}

// Access finds the privileges on an object; a fresh one when nobody has granted any.
func (c *Catalog) Access(o principal.Object, id uint32) *principal.Access {
	if a, ok := c.Entry(accessKey(o, id)).(*principal.Access); ok {
		return a
	}
	return &principal.Access{Object: o, ID: id}
}

// AccessKey is where the privileges on an object stand.
func AccessKey(o principal.Object, id uint32) Key { return accessKey(o, id) }

// Accesses lists the privileges that were granted on anything, by kind and number of object.
func (c *Catalog) Accesses() []*principal.Access {
	var out []*principal.Access
	for _, t := range []tree{c.book, c.access} {
		t.each(func(v any) {
			if a, ok := v.(*principal.Access); ok {
				out = append(out, a)
			}
		})
	}
	sort.Slice(out, func(i, j int) bool {
		if out[i].Object != out[j].Object {
			return out[i].Object < out[j].Object
		}
		return out[i].ID < out[j].ID
	})
	return out
}

// ACL is the privileges on an object of an owner: those granted, or the default.
func (c *Catalog) ACL(o principal.Object, id uint32, owner int) principal.ACL {
	if a, ok := c.Entry(accessKey(o, id)).(*principal.Access); ok && a.ACL != nil {
		return a.ACL
	}
	return principal.Default(o, owner)
}

// May says which of the privileges want a user lacks on an object that stands in schema (0 for a schema, a language or the database): none for a superuser.
func (c *Catalog) May(r *principal.Reach, o principal.Object, id, schema uint32, owner int, want principal.Privilege) (lacks principal.Privilege) {
	if r.Super {
		return 0
	}
	if r.User == owner {
		want &^= principal.Implicit
	}
	if want &^= c.ACL(o, id, owner).Of(r); want == 0 {
		return 0
	}
	inSchema, inDatabase, ok := o.Scopes()
	if !ok {
		return want
	}
	if schema != 0 {
		want &^= c.Access(inSchema, schema).ACL.Of(r)
	}
	return want &^ c.Access(inDatabase, c.database).ACL.Of(r)
}

// Defaults finds what a user's new objects of a kind begin with in a schema (0 = in all), nil when nothing was said.
func (c *Catalog) Defaults(owner int, o principal.Object, schema uint32) *principal.Defaults {
	d, _ := c.access.get(EntryKey(&principal.Defaults{Owner: owner, Object: o, Schema: schema})).(*principal.Defaults)
	return d
}

// AllDefaults lists the default privileges by owner, schema and kind of object.
func (c *Catalog) AllDefaults() []*principal.Defaults {
	var out []*principal.Defaults
	c.access.each(func(v any) {
		if d, ok := v.(*principal.Defaults); ok {
			out = append(out, d)
		}
	})
	sort.Slice(out, func(i, j int) bool {
		a, b := out[i], out[j]
		if a.Owner != b.Owner {
			return a.Owner < b.Owner
		}
		if a.Schema != b.Schema {
			return a.Schema < b.Schema
		}
		return a.Object < b.Object
	})
	return out
}

// HasObject says whether the relation or schema that an access is about still exists; other kinds always do.
func (c *Catalog) HasObject(a *principal.Access) bool {
	switch a.Object {
	case principal.Relation:
		found := false
		c.objects.each(func(o any) { found = found || IDOf(o) == a.ID })
		return found
	case principal.Function, principal.Procedure:
		for _, f := range c.AllFunctions() {
			if f.ID == a.ID {
				return true
			}
		}
		return false
	case principal.CopyJob:
		for _, j := range c.CopyJobs() {
			if j.ID == a.ID {
				return true
			}
		}
		return false
	case principal.Template:
		for _, t := range c.Templates() {
			if t.ID == a.ID {
				return true
			}
		}
		return false
	case principal.Schema, principal.TablesInSchema, principal.FunctionsInSchema, principal.TemplatesInSchema:
		for _, s := range c.schemas {
			if s.ID == a.ID {
				return true
			}
		}
		return false
	}
	return true
}

// HasDefaults says whether anybody has set default privileges.
func (c *Catalog) HasDefaults() bool {
	found := false
	c.access.each(func(v any) {
		_, ok := v.(*principal.Defaults)
		found = found || ok
	})
	return found
}
