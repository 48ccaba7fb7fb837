package principal

import (
	"regexp"
	"strings"
)

// IdentityProvider is who vouches for users of a namespace: those whose names begin with it and a colon. It is kept and shown; nobody logs in by it here.
//
//	{Name: "oauth_standard", Type: "azure", Namespace: "aad"}       CREATE USER aad:bob EXTERNALID "ABC123" PASSWORD DISABLE
//
// https://docs.aws.amazon.com/redshift/latest/dg/r_CREATE_IDENTITY_PROVIDER.html
type IdentityProvider struct {
	ID        int
	Name      string
	Type      string // "azure" or "awsidc"
	Namespace string // as it was written
	Params    string // JSON of an azure provider, as it was written; it may hold a secret
	ARN       string // of the application of an awsidc provider
	IAMRole   string // of an awsidc provider
	Disabled  bool
}

// Owns says whether a user's or role's name is of the provider's namespace; it does not matter in which case.
func (p *IdentityProvider) Owns(name string) bool {
	prefix, _, ok := strings.Cut(name, ":")
	return ok && strings.EqualFold(prefix, p.Namespace)
}

// secret is the secret among the parameters of an identity provider.
var secret = regexp.MustCompile(`("client_secret"\s*:\s*)"(?:[^"\\]|\\.)*"`)

// HideSecret puts a text in the place of the secret in parameters of an identity provider, or in a statement that has them.
func HideSecret(text, by string) string { return secret.ReplaceAllString(text, `$1"`+by+`"`) }
