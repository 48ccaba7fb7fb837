package catalog

import (
	"cmp"
	"fmt"
	"slices"
	"sort"
	"strings"
	"time"

	"github.com/redshiftsim/redshiftsim/engine/principal"
)

// Policies and what they protect are entries of a database's catalog (Catalog.WithEntry), each under a key of its own:
//
//	{policy, "rls concerts"} -> *Policy                 what it says
//	{security, "100001"} -> *Security                   what is attached to a table or view, and whether RLS is on
//
// A relation that has a Security has Secured set as well, so that those without one cost nothing, and becomes another object with every change of it: plans that
// were made of the old one no longer hold.
const (
	keyPolicy   = "\x00policy"
	keySecurity = "\x00security"
)

// Policy is an RLS policy or a masking policy.
// https://docs.aws.amazon.com/redshift/latest/dg/r_CREATE_RLS_POLICY.html
// https://docs.aws.amazon.com/redshift/latest/dg/r_CREATE_MASKING_POLICY.html
type Policy struct {
	ID       uint32
	Masking  bool
	Name     string
	Alias    string   // by which its expressions may call the relation
	Columns  []Column // of WITH: names and types
	Text     string   // the condition, or the expressions of a mask parted by commas
	Shown    string   // the same as the system tables show it
	Outputs  []Column // of a mask: what its expressions are; names are empty
	Refs     []Ref    // what the names of look-up tables and functions in Text mean
	By       int      // number of the user who made or changed it last
	Modified time.Time
	// CaseSensitive is that of View.
	CaseSensitive bool
}

// Names of the relation in a policy's expressions when it gives none.
// https://docs.aws.amazon.com/redshift/latest/dg/r_SHOW_POLICIES.html
const (
	RLSAlias    = "rls_table"
	MaskedAlias = "masked_table"
)

// Kind is the words for the kind of policy.
func (p *Policy) Kind() string {
	if p.Masking {
		return "masking policy"
	}
	return "RLS policy"
}

// LooksUp says whether the policy's expressions name a table or function.
func (p *Policy) LooksUp(id uint32) bool {
	return slices.ContainsFunc(p.Refs, func(r Ref) bool { return r.ID == id })
}

// Attachment says for whom an RLS policy counts on a relation.
type Attachment struct {
	Policy string
	To     principal.Identity
	By     int // number of the user who attached it
}

// Mask says for whom a masking policy counts on columns of a relation.
type Mask struct {
	Attachment
	ID       uint32
	Priority int
	Outputs  []MaskPath // what is masked, in the order of the policy's expressions
	Inputs   []MaskPath // what it is given, in the order of WITH
}

// MaskPath is what a mask masks, or is given: a column, or a part of a column of type SUPER.
//
//	{"person", ""}                     person
//	{"person", `"name"."first"`}       person.name.first, as OBJECT_TRANSFORM has its paths
//
// https://docs.aws.amazon.com/redshift/latest/dg/t_ddm-super.html
type MaskPath struct{ Column, Path string }

// NewMaskPath is the path of a column and of the attributes in it.
func NewMaskPath(parts []string) MaskPath {
	p := MaskPath{Column: parts[0]}
	for i, s := range parts[1:] {
		if i > 0 {
			p.Path += "."
		}
		p.Path += `"` + strings.ReplaceAll(s, `"`, `""`) + `"`
	}
	return p
}

// String is the path as SVV_ATTACHED_MASKING_POLICY has it.
func (p MaskPath) String() string {
	if p.Path == "" {
		return p.Column
	}
	return p.Column + "." + p.Path
}

// Conflicts says that two paths are one, or one leads into the other.
func (p MaskPath) Conflicts(q MaskPath) bool {
	return p.Column == q.Column && (p.leadsTo(q) || q.leadsTo(p))
}

func (p MaskPath) leadsTo(q MaskPath) bool {
	return p.Path == "" || p.Path == q.Path || strings.HasPrefix(q.Path, p.Path+".")
}

// Masked is a mask that counts, and which of its outputs does.
type Masked struct {
	*Mask
	Output int
}

// Path is what it masks.
func (m Masked) Path() MaskPath { return m.Outputs[m.Output] }

// Security is what keeps rows and values of a table or view from who reads it.
// https://docs.aws.amazon.com/redshift/latest/dg/t_rls.html
// https://docs.aws.amazon.com/redshift/latest/dg/t_ddm.html
type Security struct {
	Relation uint32
	RLS      bool // ROW LEVEL SECURITY ON
	Or       bool // CONJUNCTION TYPE OR
	Policies []Attachment
	Masks    []Mask
	// What holds over datashares: OFF FOR DATASHARES, and the conjunction there.
	OpenRLS, OrShared, OpenMasking bool
	// Remote says that the relation is protected where a datashare comes from: nobody reads it here.
	Remote bool
}

// Empty says that nothing is attached and nothing is switched from what a relation begins with.
func (s *Security) Empty() bool {
	return !s.RLS && !s.Or && !s.OpenRLS && !s.OrShared && !s.OpenMasking && len(s.Policies) == 0 && len(s.Masks) == 0
}

// Uses says whether a policy is attached.
func (s *Security) Uses(p *Policy) bool {
	if p.Masking {
		return slices.ContainsFunc(s.Masks, func(m Mask) bool { return m.Policy == p.Name })
	}
	return slices.ContainsFunc(s.Policies, func(a Attachment) bool { return a.Policy == p.Name })
}

// Of lists the RLS policies that count for a user, each once.
func (s *Security) Of(r *principal.Reach) (names []string) {
	for i := range s.Policies {
		if a := &s.Policies[i]; r.Is(a.To) && !slices.Contains(names, a.Policy) {
			names = append(names, a.Policy)
		}
	}
	return names
}

// MasksOf lists the masks of a column that count for a user: that of the highest priority, and those of other paths of a SUPER column, which lead neither into
// each other nor to one of a higher priority.
// https://docs.aws.amazon.com/redshift/latest/dg/t_ddm-hierarchy.html
// https://docs.aws.amazon.com/redshift/latest/dg/t_ddm-super.html
func (s *Security) MasksOf(r *principal.Reach, column string) []Masked {
	var all []Masked
	for i := range s.Masks {
		m := &s.Masks[i]
		for k := range m.Outputs {
			if m.Outputs[k].Column == column && r.Is(m.To) {
				all = append(all, Masked{m, k})
			}
		}
	}
	slices.SortStableFunc(all, func(a, b Masked) int { return cmp.Compare(b.Priority, a.Priority) })
	out := all[:0]
	for _, m := range all {
		if !slices.ContainsFunc(out, func(o Masked) bool { return o.Path().Conflicts(m.Path()) }) {
			out = append(out, m)
		}
	}
	return out
}

// Naming finds an attached policy that reads or masks a column, "" when there is none.
func (s *Security) Naming(c *Catalog, column string) string {
	for i := range s.Policies {
		p := c.Policy(false, s.Policies[i].Policy)
		if p != nil && slices.ContainsFunc(p.Columns, func(x Column) bool { return x.Name == column }) {
			return p.Kind() + " " + p.Name
		}
	}
	for i := range s.Masks {
		of := func(p MaskPath) bool { return p.Column == column }
		if m := &s.Masks[i]; slices.ContainsFunc(m.Outputs, of) || slices.ContainsFunc(m.Inputs, of) {
			return (&Policy{Masking: true}).Kind() + " " + m.Policy
		}
	}
	return ""
}

// PolicyKey is where a policy stands.
func PolicyKey(masking bool, name string) Key {
	if masking {
		return Key{keyPolicy, "masking " + name}
	}
	return Key{keyPolicy, "rls " + name}
}

// SecurityKey is where the Security of a relation stands.
func SecurityKey(relation uint32) Key { return Key{keySecurity, fmt.Sprint(relation)} }

// Policy finds a policy by kind and name, nil when there is none.
func (c *Catalog) Policy(masking bool, name string) *Policy {
	p, _ := c.access.get(PolicyKey(masking, name)).(*Policy)
	return p
}

// HasPolicies says whether there is any policy in the database.
func (c *Catalog) HasPolicies() bool { return c.policies > 0 }

// Policies lists the policies of a kind by name.
func (c *Catalog) Policies(masking bool) []*Policy {
	var out []*Policy
	if c.policies == 0 {
		return nil
	}
	c.access.each(func(v any) {
		if p, ok := v.(*Policy); ok && p.Masking == masking {
			out = append(out, p)
		}
	})
	sort.Slice(out, func(i, j int) bool { return out[i].Name < out[j].Name })
	return out
}

// LookedUpBy finds a policy whose expressions name a table or function, nil when there is none.
func (c *Catalog) LookedUpBy(id uint32) *Policy {
	for _, masking := range []bool{false, true} {
		for _, p := range c.Policies(masking) {
			if p.LooksUp(id) {
				return p
			}
		}
	}
	return nil
}

// Security is what protects a relation, nil when nothing does.
func (c *Catalog) Security(relation uint32) *Security {
	s, _ := c.access.get(SecurityKey(relation)).(*Security)
	return s
}

// Securities lists what protects relations, by number of relation.
func (c *Catalog) Securities() []*Security {
	var out []*Security
	c.access.each(func(v any) {
		if s, ok := v.(*Security); ok {
			out = append(out, s)
		}
	})
	sort.Slice(out, func(i, j int) bool { return out[i].Relation < out[j].Relation })
	return out
}

// RelationByID finds a table or view by number, nil when there is none.
func (c *Catalog) RelationByID(id uint32) any {
	var found any
	c.objects.each(func(o any) {
		if IDOf(o) == id {
			found = o
		}
	})
	return found
}

// Secured says whether a table or view is marked as one that has a Security.
func Secured(o any) bool {
	switch o := o.(type) {
	case *Table:
		return o.Secured
	case *View:
		return o.Secured
	}
	return false
}
