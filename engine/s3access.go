package engine

import (
	"strconv"
	"strings"

	"github.com/redshiftsim/redshiftsim/engine/ast"
	"github.com/redshiftsim/redshiftsim/engine/load"
	"github.com/redshiftsim/redshiftsim/internal/sqlstate"
)

// access is what COPY and UNLOAD say about how they reach S3, and the options that they have.
// https://docs.aws.amazon.com/redshift/latest/dg/copy-parameters-authorization.html
type access struct {
	auth    string // the option that gave the authorization
	iam     string // the IAM role that it assumes; "" = none
	secrets int    // of ACCESS_KEY_ID and SECRET_ACCESS_KEY
	seen    map[string]bool
}

// option notes an option, and reads it when it is about S3.
func (o *access) option(a *ast.Option) (known bool, err error) {
	if o.seen[a.Name] {
		return true, sqlstate.Syntax.Errorf("conflicting or redundant options").WithDetail("%s is given twice.", a.Name).At(a.Offset())
	}
	o.seen[a.Name] = true
	switch a.Name {
	case "IAM_ROLE":
		return true, o.role(a)
	case "CREDENTIALS":
		return true, o.credentials(a)
	case "ACCESS_KEY_ID":
		o.secrets++
		return true, o.authorized(a)
	case "SECRET_ACCESS_KEY":
		o.secrets++
		return true, nil
	case "SESSION_TOKEN":
		return true, nil
	case "REGION":
		return true, region(a)
	}
	return false, nil
}

// authorization demands exactly one.
// https://docs.aws.amazon.com/redshift/latest/dg/copy-parameters-authorization.html
func (o *access) authorization(statement, url string, at ast.Pos) error {
	switch {
	case o.auth == "" && !strings.Contains(url, "://"): // a file of the client's, as in PostgreSQL
		_, _, err := load.SplitURL(url)
		return atOffset(err, at.Offset())
	case o.auth == "":
		return sqlstate.Syntax.Errorf("%s requires an authorization: IAM_ROLE, CREDENTIALS or ACCESS_KEY_ID and SECRET_ACCESS_KEY", statement)
	case o.auth == "ACCESS_KEY_ID" && o.secrets != 2, o.auth != "ACCESS_KEY_ID" && o.secrets > 0:
		return sqlstate.Syntax.Errorf("ACCESS_KEY_ID and SECRET_ACCESS_KEY must be given together")
	case o.seen["SESSION_TOKEN"] && o.auth != "ACCESS_KEY_ID":
		return sqlstate.Syntax.Errorf("SESSION_TOKEN needs ACCESS_KEY_ID and SECRET_ACCESS_KEY")
	}
	return nil
}

// authorized notes the one authorization.
// https://docs.aws.amazon.com/redshift/latest/dg/copy-parameters-authorization.html
func (o *access) authorized(a *ast.Option) error {
	if o.auth != "" {
		return sqlstate.Syntax.Errorf("conflicting or redundant options").WithDetail("%s and %s both give an authorization.", o.auth, a.Name).At(a.Offset())
	}
	o.auth = a.Name
	return nil
}

// role is IAM_ROLE DEFAULT, 'SESSION', or an ARN, or several of a chain with commas between them.
// https://docs.aws.amazon.com/redshift/latest/dg/copy-parameters-authorization.html#copy-iam-role
func (o *access) role(a *ast.Option) error {
	word := strings.EqualFold(a.Value, "default") || strings.EqualFold(a.Value, "session")
	for _, arn := range strings.Split(a.Value, ",") {
		if word || strings.HasPrefix(strings.TrimSpace(arn), "arn:") {
			continue
		}
		return sqlstate.Internal.Errorf("Invalid IAM role ARN '%s'", a.Value).WithHint("Use IAM_ROLE DEFAULT or 'arn:aws:iam::<account>:role/<name>'.").At(a.Offset())
	}
	if !strings.EqualFold(a.Value, "session") { // SESSION is the identity that a user logged in with
		o.iam = a.Value
	}
	return o.authorized(a)
}

func (o *access) credentials(a *ast.Option) error {
	if !strings.HasPrefix(a.Value, "aws_iam_role=") && !(strings.Contains(a.Value, "aws_access_key_id=") && strings.Contains(a.Value, "aws_secret_access_key=")) {
		return sqlstate.Internal.Errorf("Invalid credentials. Must be of the format: credentials 'aws_iam_role=...' or 'aws_access_key_id=...;aws_secret_access_key=...[;token=...]'").
			At(a.Offset())
	}
	if role, ok := strings.CutPrefix(a.Value, "aws_iam_role="); ok {
		o.iam, _, _ = strings.Cut(role, ";")
	}
	return o.authorized(a)
}

// clientSide refuses encryption with a key of the client's, which COPY and UNLOAD had until April 30, 2026. What S3 encrypts needs no word.
// https://docs.aws.amazon.com/redshift/latest/dg/r_COPY.html
// https://docs.aws.amazon.com/redshift/latest/dg/r_UNLOAD.html
func clientSide(statement string, at int) error {
	return sqlstate.FeatureNotSupported.Errorf("%s with client-side encryption is not supported", statement).
		WithHint("Amazon Redshift has no client-side encryption after April 30, 2026: leave MASTER_SYMMETRIC_KEY out, Amazon S3 encrypts and decrypts by itself.").At(at)
}

// region is REGION 'us-east-1': there is nothing to do, but what is no name of a region is refused.
func region(a *ast.Option) error {
	parts := strings.Split(a.Value, "-")
	if _, err := strconv.Atoi(parts[len(parts)-1]); err != nil || len(parts) < 3 {
		return sqlstate.InvalidParameterValue.Errorf("Invalid region '%s'", a.Value).At(a.Offset())
	}
	return nil
}
