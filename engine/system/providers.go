package system

import (
	"encoding/json"
	"net/url"
	"strings"

	"github.com/redshiftsim/redshiftsim/engine/principal"
)

const providerColumns = "uid integer, name text, type text, instanceid text, namespc text, params text, enabled boolean"

// providerTables are the identity providers.
var providerTables = []table{
	// https://docs.aws.amazon.com/redshift/latest/dg/r_SVV_IDENTITY_PROVIDERS.html
	{
		"svv_identity_providers", leader | superuser, providerColumns,
		func(e *Env, r *row) {
			for _, p := range e.Catalog.IdentityProviders() {
				r.provider(p)
				r.send()
			}
		},
	},
}

// DescIdentityProvider is DESC IDENTITY PROVIDER.
// https://docs.aws.amazon.com/redshift/latest/dg/r_DESC_IDENTITY_PROVIDER.html
func (e *Env) DescIdentityProvider(p *principal.IdentityProvider) Listing {
	return e.list(providerColumns, 1, func(_ *Env, r *row) {
		r.provider(p)
		r.send()
	})
}

func (r *row) provider(p *principal.IdentityProvider) {
	r.int(int64(p.ID))
	r.text(p.Name, p.Type)
	if p.Type == "awsidc" {
		r.text(p.ARN, p.Namespace, identityCenter(p))
	} else {
		r.maybe(tenant(p.Params))
		r.text(p.Namespace, principal.HideSecret(p.Params, ""))
	}
	r.bool(!p.Disabled)
}

// identityCenter is the parameters of a provider that is an application of AWS IAM Identity Center. The instance's ARN is in that of the application:
// arn:aws:sso::123456789012:application/ssoins-1/apl-2 is of arn:aws:sso:::instance/ssoins-1.
func identityCenter(p *principal.IdentityProvider) string {
	out := `{"iam_role":` + quoted(p.IAMRole)
	if _, rest, ok := strings.Cut(p.ARN, ":application/"); ok {
		instance, _, _ := strings.Cut(rest, "/")
		out += `,"instance_arn":` + quoted("arn:aws:sso:::instance/"+instance)
	}
	return out + "}"
}

// tenant is the directory of an azure provider, which its issuer's address has first in its path.
func tenant(params string) string {
	var p struct {
		Issuer string `json:"issuer"`
	}
	if json.Unmarshal([]byte(params), &p) != nil {
		return ""
	}
	u, err := url.Parse(p.Issuer)
	if err != nil {
		return ""
	}
	first, _, _ := strings.Cut(strings.TrimPrefix(u.Path, "/"), "/")
	return first
}
