package parse

import (
	"errors"
	"testing"

	"github.com/redshiftsim/redshiftsim/internal/sqlstate"
)

// TestPolicy parses the statements about RLS and masking policies.
// https://docs.aws.amazon.com/redshift/latest/dg/r_CREATE_RLS_POLICY.html
// https://docs.aws.amazon.com/redshift/latest/dg/r_ATTACH_MASKING_POLICY.html
func TestPolicy(t *testing.T) {
	check(t, [][2]string{
		{
			"create rls policy d.p with (a int, b varchar(3)) as t using (t.a > 0 and (b = ')'))",
			`Policy{Action=create Name=d.p Columns=[a integer b character varying(3)] Alias=t Using=[((t.a > 0) and (b = ')'))] Text="t.a > 0 and (b = ')')"}`,
		},
		{
			"create rls policy p with (a int) t using (true)",
			`Policy{Action=create Name=p Columns=[a integer] Alias=t Using=[true] Text=true}`,
		},
		{
			"create masking policy p if not exists with (a int, b text) using (a + 1, 'x'::text)",
			`Policy{Action=create Masking Name=p IfNotExists Columns=[a integer b character varying(256)] Using=[(a + 1) cast('x' as character varying(256))] Text="a + 1, 'x'::text"}`,
		},
		{
			"alter masking policy p using (null::int)",
			`Policy{Action=alter Masking Name=p Using=[cast(null as integer)] Text=null::int}`,
		},
		{
			"drop rls policy if exists p cascade",
			`Policy{Action=drop Name=p IfExists Cascade}`,
		},
		{
			"attach rls policy p on table s.t, u to bob, role r, public",
			`AttachPolicy{Policy=p Tables=[s.t u] To=[Principal{Kind=user Name=bob} Principal{Kind=role Name=r} Principal{Kind=public}]}`,
		},
		{
			"detach rls policy p on t from role sys:dba",
			`AttachPolicy{Detach Policy=p Tables=[t] To=[Principal{Kind=role Name=sys:dba}]}`,
		},
		{
			"attach masking policy p on t(a, c.d) using (b) to role r priority 20",
			`AttachPolicy{Masking Policy=p Tables=[t] Outputs=[a c.d] Inputs=[b] To=[Principal{Kind=role Name=r}] Priority=20}`,
		},
		{
			"detach masking policy p on t(a) from public",
			`AttachPolicy{Detach Masking Policy=p Tables=[t] Outputs=[a] To=[Principal{Kind=public}]}`,
		},
	})
}

// TestPolicyErrors places the errors of statements about policies.
func TestPolicyErrors(t *testing.T) {
	for text, at := range map[string]int{
		"create rls p using (true)":                       11,
		"create rls policy p (true)":                      20,
		"create rls policy p using true":                  26,
		"create rls policy p with (a int) using (a, a)":   41,
		"create masking policy p using (1)":               24,
		"attach rls policy p on t":                        24,
		"attach rls policy p on t to group g":             34,
		"attach masking policy p on t to public":          29,
		"attach masking policy p on t(a) to u priority x": 46,
		"detach masking policy p on t(a) using (b) to u":  32,
		"drop masking policy if exists p":                 23,
	} {
		_, err := Parse(text)
		var e *sqlstate.Error
		if !errors.As(err, &e) || e.Offset() != at {
			t.Errorf("%s: %v, want an error at %d", text, err, at)
		}
	}
}
