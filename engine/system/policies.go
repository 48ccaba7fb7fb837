package system

import (
	"encoding/json"
	"strconv"
	"strings"

	"github.com/redshiftsim/redshiftsim/engine/catalog"
	"github.com/redshiftsim/redshiftsim/engine/principal"
	"github.com/redshiftsim/redshiftsim/internal/types"
)

// policyTables are RLS and masking policies, what they are attached to, and the queries to which they were applied.
// https://docs.aws.amazon.com/redshift/latest/dg/svv_views.html
var policyTables = []table{
	// https://docs.aws.amazon.com/redshift/latest/dg/r_SVV_RLS_POLICY.html
	{
		"svv_rls_policy", leader, "poldb text, polname text, polalias text, polatts text, polqual text, polenabled boolean, polmodifiedby text, polmodifiedtime timestamp",
		everywhere(func(e *Env, r *row) {
			for _, p := range e.policies(false) {
				r.text(e.Database)
				e.rlsPolicy(r, p)
				r.send()
			}
		}),
	},
	// https://docs.aws.amazon.com/redshift/latest/dg/r_SVV_RLS_ATTACHED_POLICY.html
	{
		"svv_rls_attached_policy", leader, "relschema text, relname text, relkind text, polname text, grantor text, grantee text, granteekind text, is_pol_on boolean, " +
			"is_rls_on boolean, rls_conjunction_type character(3)",
		func(e *Env, r *row) {
			e.secured(func(x *relation, s *catalog.Security) {
				for i := range s.Policies {
					a := &s.Policies[i]
					r.text(x.schema, x.name, x.policyKind(), a.Policy)
					e.attachedTo(r, a)
					r.bool(true, s.RLS)
					r.text(conjunction(s.Or))
					r.send()
				}
			})
		},
	},
	// https://docs.aws.amazon.com/redshift/latest/dg/r_SVV_RLS_RELATION.html
	{
		"svv_rls_relation", leader, "datname text, relschema text, relname text, relkind text, is_rls_on boolean, is_rls_datashare_on boolean, " +
			"rls_conjunction_type character(3), rls_datashare_conjunction_type character(3)",
		everywhere(func(e *Env, r *row) {
			for _, s := range e.Catalog.Securities() {
				x := relationOf(e.Catalog.RelationByID(s.Relation))
				if x == nil || !s.RLS && !s.OpenRLS || !e.secures() && x.owner != e.User.ID {
					continue
				}
				r.text(e.Database, x.schema, x.name, x.policyKind())
				r.bool(s.RLS, !s.OpenRLS)
				r.text(conjunction(s.Or), conjunction(s.OrShared))
				r.send()
			}
		}),
	},
	// https://docs.aws.amazon.com/redshift/latest/dg/r_SVV_RLS_APPLIED_POLICY.html
	{
		"svv_rls_applied_policy", leader, "username text, query integer, xid bigint, pid integer, recordtime timestamp, command character(1), datname text, relschema text, " +
			"relname text, polname text, poldefault character(1)",
		func(e *Env, r *row) {
			e.applied(false, func(x *Record, a *AppliedPolicy) {
				r.text(x.User)
				r.int(x.Query, x.XID, int64(x.PID))
				r.time(x.Planned)
				r.text(commandOf(x), x.Database, a.Relation.Schema, a.Relation.Name)
				if a.Policy != "" {
					r.text(a.Policy)
					r.null(1)
				} else {
					r.null(1)
					r.text("f")
				}
				r.send()
			})
		},
	},
	// https://docs.aws.amazon.com/redshift/latest/dg/r_SVV_MASKING_POLICY.html
	{
		"svv_masking_policy", leader, "policy_database text, policy_name text, input_columns text, policy_expression text, policy_modified_by text, policy_modified_time timestamp",
		everywhere(func(e *Env, r *row) {
			for _, p := range e.policies(true) {
				r.text(e.Database)
				e.maskingPolicy(r, p)
				r.send()
			}
		}),
	},
	// https://docs.aws.amazon.com/redshift/latest/dg/r_SVV_ATTACHED_MASKING_POLICY.html
	{
		"svv_attached_masking_policy", leader, attachedMasks,
		func(e *Env, r *row) {
			e.secured(func(x *relation, s *catalog.Security) {
				for i := range s.Masks {
					e.mask(r, x, &s.Masks[i])
					r.bool(!s.OpenMasking)
					r.send()
				}
			})
		},
	},
	// https://docs.aws.amazon.com/redshift/latest/dg/SYS_APPLIED_MASKING_POLICY_LOG.html
	{
		"sys_applied_masking_policy_log", leader, "policy_name text, user_id text, record_time timestamp, session_id integer, transaction_id bigint, query_id integer, " +
			"database_name text, relation_name text, schema_name text, attachment_id bigint, relation_kind text, query_uuid character(36)",
		func(e *Env, r *row) {
			e.applied(true, func(x *Record, a *AppliedPolicy) {
				r.text(a.Policy, strconv.Itoa(x.UserID))
				r.time(x.Planned)
				r.int(int64(x.PID), x.XID, x.Number)
				r.text(x.Database, a.Relation.Name, a.Relation.Schema)
				r.id(a.Attachment)
				r.text(a.Kind, e.uuid(x))
				r.send()
			})
		},
	},
}

// attachedMasks are the columns of SVV_ATTACHED_MASKING_POLICY.
const attachedMasks = "policy_name text, schema_name text, table_name text, table_type text, grantor text, grantee text, grantee_type text, priority integer, " +
	"input_columns text, output_columns text, is_masking_datashare_on boolean"

// secures says whether the reading user is in charge of security: such see all policies, others none.
func (e *Env) secures() bool { return e.User.Superuser || e.reach().System.Secures() }

// policies lists the policies of a kind that the reading user may see.
func (e *Env) policies(masking bool) []*catalog.Policy {
	if !e.secures() {
		return nil
	}
	return e.Catalog.Policies(masking)
}

// secured calls f for each relation that has policies, if the reading user may see them.
func (e *Env) secured(f func(x *relation, s *catalog.Security)) {
	if !e.secures() {
		return
	}
	for _, s := range e.Catalog.Securities() {
		if x := relationOf(e.Catalog.RelationByID(s.Relation)); x != nil {
			f(x, s)
		}
	}
}

// applied calls f for each policy that was applied to a query, if the reading user may see the queries of all.
func (e *Env) applied(masking bool, f func(x *Record, a *AppliedPolicy)) {
	if !e.privileged() {
		return
	}
	e.records(func(x *Record) bool {
		for i := range x.Policies {
			if a := &x.Policies[i]; a.Masking == masking {
				f(x, a)
			}
		}
		return true
	})
}

// PolicyRelationKind is the kind of a relation as the tables of policies have it.
func PolicyRelationKind(o any) string {
	if x := relationOf(o); x != nil {
		return x.policyKind()
	}
	return ""
}

// policyKind is the kind of a relation.
func (x *relation) policyKind() string {
	switch {
	case x.view == nil:
		return "table"
	case x.view.LateBinding:
		return "late binding view"
	}
	return "view"
}

// conjunction is how RLS policies are joined.
func conjunction(or bool) string {
	if or {
		return "or"
	}
	return "and"
}

// commandOf is the kind of a statement as svv_rls_applied_policy has it.
func commandOf(x *Record) string {
	switch x.Kind {
	case "SELECT", "FETCH", "EXECUTE":
		return "s"
	case "UPDATE":
		return "u"
	case "DELETE":
		return "d"
	case "INSERT", "CREATE TABLE AS":
		return "i"
	case "UNLOAD", "COPY":
		return "y"
	}
	return "k"
}

// rlsPolicy fills in what SVV_RLS_POLICY and SHOW RLS POLICIES have of a policy.
func (e *Env) rlsPolicy(r *row, p *catalog.Policy) {
	alias := p.Alias
	if alias == "" {
		alias = catalog.RLSAlias
	}
	r.text(p.Name, alias, declared(p), p.Shown)
	r.bool(true)
	r.text(e.Catalog.UserName(p.By))
	r.time(p.Modified)
}

// maskingPolicy fills in what SVV_MASKING_POLICY and SHOW MASKING POLICIES have of a policy.
func (e *Env) maskingPolicy(r *row, p *catalog.Policy) {
	r.text(p.Name, declared(p), p.Shown, e.Catalog.UserName(p.By))
	r.time(p.Modified)
}

// attachedTo fills in who attached a policy, and to whom.
func (e *Env) attachedTo(r *row, a *catalog.Attachment) {
	name := "public"
	if a.To.Kind != principal.Public {
		name = e.Catalog.NameOf(a.To)
	}
	r.text(e.Catalog.UserName(a.By), name, a.To.Kind.String())
}

// mask fills in what SVV_ATTACHED_MASKING_POLICY and SHOW MASKING POLICIES ON have of an attached policy.
func (e *Env) mask(r *row, x *relation, m *catalog.Mask) {
	r.text(m.Policy, x.schema, x.name, x.policyKind())
	e.attachedTo(r, &m.Attachment)
	r.int(int64(m.Priority))
	r.text(jsonNames(m.Inputs), jsonNames(m.Outputs))
}

// jsonNames is names as a JSON array: ["a", "b"].
func jsonNames(names []catalog.MaskPath) string {
	out := make([]string, len(names))
	for i, n := range names {
		out[i] = quoted(n.String())
	}
	return "[" + strings.Join(out, ",") + "]"
}

// declared is the columns of WITH: [{"colname":"a","type":"integer"}].
func declared(p *catalog.Policy) string {
	out := make([]string, len(p.Columns))
	for i := range p.Columns {
		out[i] = `{"colname":` + quoted(p.Columns[i].Name) + `,"type":` + quoted(p.Columns[i].Type.String()) + `}`
	}
	return "[" + strings.Join(out, ",") + "]"
}

// quoted is a JSON string.
func quoted(s string) string {
	var b strings.Builder
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	_ = enc.Encode(s) // a string always can be
	return strings.TrimSuffix(b.String(), "\n")
}

// shownPolicies are the columns of SHOW POLICIES. The guide gives their names, in its examples; their types are ours.
// https://docs.aws.amazon.com/redshift/latest/dg/r_SHOW_POLICIES.html
var shownPolicies = map[string]string{
	"RLS POLICIES": "policy_name character varying(128), policy_alias character varying(128), policy_atts character varying(65535), " +
		"policy_qual character varying(65535), policy_enabled boolean, policy_modified_by character varying(128), policy_modified_time timestamp",
	"MASKING POLICIES": "policy_name character varying(128), input_columns character varying(65535), policy_expression character varying(65535), " +
		"policy_modified_by character varying(128), policy_modified_time timestamp",
	"RLS POLICIES ON": "policy_name character varying(128), schema_name character varying(128), relation_name character varying(128), " +
		"relation_kind character varying(128), grantor character varying(128), grantee character varying(128), grantee_kind character varying(128), " +
		"is_policy_on boolean, is_rls_on boolean, rls_conjunction_type character varying(3)",
	"MASKING POLICIES ON": "policy_name character varying(128), schema_name character varying(128), relation_name character varying(128), " +
		"relation_type character varying(128), grantor character varying(128), grantee character varying(128), grantee_type character varying(128), " +
		"priority integer, input_columns character varying(65535), output_columns character varying(65535)",
}

// ShowPolicies is SHOW RLS POLICIES and SHOW MASKING POLICIES.
func (e *Env) ShowPolicies(kind string) Listing {
	return e.list(shownPolicies[kind], 0, func(e *Env, r *row) {
		masking := kind == "MASKING POLICIES"
		for _, p := range e.Catalog.Policies(masking) {
			if masking {
				e.maskingPolicy(r, p)
			} else {
				e.rlsPolicy(r, p)
			}
			r.send()
		}
	})
}

// ShowPoliciesOn is SHOW POLICIES ON a relation, FOR one to whom they are attached, nil = for all.
func (e *Env) ShowPoliciesOn(kind string, o any, to *principal.Identity) Listing {
	return e.list(shownPolicies[kind+" ON"], 0, func(e *Env, r *row) {
		x := relationOf(o)
		if x == nil {
			return
		}
		s := e.Catalog.Security(x.id)
		if s == nil {
			return
		}
		counts := func(a *catalog.Attachment) bool { return to == nil || a.To == *to }
		for i := range s.Policies {
			if a := &s.Policies[i]; kind == "RLS POLICIES" && counts(a) {
				r.text(a.Policy, x.schema, x.name, x.policyKind())
				e.attachedTo(r, a)
				r.bool(true, s.RLS)
				r.text(conjunction(s.Or))
				r.send()
			}
		}
		for i := range s.Masks {
			if m := &s.Masks[i]; kind == "MASKING POLICIES" && counts(&m.Attachment) {
				e.mask(r, x, m)
				r.send()
			}
		}
	})
}

// MaskFor is the row of SVV_ATTACHED_MASKING_POLICY of the mask that counts for a user or role on a column, of paths in a SUPER one each; no row when none does, or when the reading user
// may not know.
// https://docs.aws.amazon.com/redshift/latest/dg/r_SVV_ATTACHED_MASKING_POLICY.html
func MaskFor(function string, o any, column string, is *principal.Reach) *catalog.Virtual {
	cols := columnsOf(attachedMasks)
	return &catalog.Virtual{
		Schema: catalog.PgCatalog, Name: function, Columns: cols, Leader: true,
		Rows: func(env any, emit func([]types.Datum) bool) error {
			e := env.(*Env)
			x, s := relationOf(o), e.Catalog.Security(catalog.IDOf(o))
			if x == nil || s == nil || !e.secures() {
				return nil
			}
			for _, m := range s.MasksOf(is, column) {
				r := newRow(cols, emit)
				e.mask(r, x, m.Mask)
				r.bool(!s.OpenMasking)
				r.send()
			}
			return nil
		},
	}
}
