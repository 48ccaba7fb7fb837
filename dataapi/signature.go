package dataapi

import (
	"crypto/hmac"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/hex"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"
)

// Signature Version 4, as a server reads it:
//
//	Authorization: AWS4-HMAC-SHA256 Credential=ID/20261126/us-east-1/redshift-data/aws4_request, SignedHeaders=host;x-amz-date, Signature=hex
//
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html
const (
	algorithm = "AWS4-HMAC-SHA256"
	service   = "redshift-data"
	dateForm  = "20060102T150405Z"
	maxSkew   = 15 * time.Minute
)

// caller is who sends a request.
type caller struct {
	// principal owns statements and sessions: an ARN, or what stands for all keys without one. login is the key, which stands for the IAM session.
	principal, login string
	user             string // the database user that the ARN stands for, "" = it has none
}

// authorization is the header of a signed request, taken apart.
type authorization struct {
	key                   string
	date, region, service string // of the scope
	headers               []string
	signature             string
}

// readAuthorization reads the header.
func readAuthorization(s string) (a authorization, ok bool) {
	rest, ok := strings.CutPrefix(s, algorithm+" ")
	if !ok {
		return a, false
	}
	for part := range strings.SplitSeq(rest, ",") {
		name, v, _ := strings.Cut(strings.TrimSpace(part), "=")
		switch name {
		case "Credential": // the key's id may have slashes of its own: the scope is the last four parts
			parts := strings.Split(v, "/")
			n := len(parts) - 4
			if n < 1 || parts[n+3] != "aws4_request" {
				return a, false
			}
			a.key = strings.Join(parts[:n], "/")
			a.date, a.region, a.service = parts[n], parts[n+1], parts[n+2]
		case "SignedHeaders":
			a.headers = strings.Split(v, ";")
		case "Signature":
			a.signature = v
		default:
			return a, false
		}
	}
	return a, a.key != "" && len(a.headers) > 0 && a.signature != ""
}

// authenticate says who sends a request. Without keys a request must be signed, by whatever key, and come from this machine: see docs/decisions/0196.
func (h *Handler) authenticate(r *http.Request, body []byte) (*caller, error) {
	if len(h.keys) == 0 && !local(r) {
		return nil, refused("AccessDeniedException", "Without access keys, requests are taken from this machine alone, under a name of loopback.")
	}
	head := r.Header.Get("Authorization")
	if head == "" {
		return nil, refused("MissingAuthenticationTokenException", "Missing Authentication Token")
	}
	a, ok := readAuthorization(head)
	if !ok {
		return nil, exceeded("IncompleteSignatureException", "The Authorization header must have Credential, SignedHeaders and Signature of %s.", algorithm)
	}
	if len(h.keys) == 0 {
		return &caller{login: a.key}, nil
	}
	key := h.keys[a.key]
	if key == nil || key.Token != "" && subtle.ConstantTimeCompare([]byte(key.Token), []byte(r.Header.Get("X-Amz-Security-Token"))) != 1 {
		return nil, refused("UnrecognizedClientException", "The security token included in the request is invalid.")
	}
	if err := a.verify(r, body, key.Secret, time.Now()); err != nil {
		return nil, err
	}
	return &caller{principal: key.ARN, login: key.ID, user: userOf(key.ARN)}, nil
}

// verify checks the signature, when it was made, and that it covers what matters.
func (a *authorization) verify(r *http.Request, body []byte, secret string, now time.Time) error {
	wrong := func(format string, args ...any) error { return refused("InvalidSignatureException", format, args...) }
	at, err := time.Parse(dateForm, r.Header.Get("X-Amz-Date"))
	switch {
	case err != nil:
		return exceeded("IncompleteSignatureException", "The X-Amz-Date header must have the form %s.", dateForm)
	case at.Format("20060102") != a.date:
		return wrong("Date in Credential scope does not match YYYYMMDD from ISO-8601 version of date from HTTP.")
	case now.Sub(at).Abs() > maxSkew:
		return wrong("Signature not yet current or expired: %s is more than 15 minutes from the time of the server.", at.Format(dateForm))
	case a.service != service:
		return wrong("Credential should be scoped to correct service: '%s'.", service)
	case !slices.Contains(a.headers, "host"):
		return wrong("'Host' must be a 'SignedHeader' in the AWS Authorization.")
	}
	for _, name := range []string{"x-amz-date", "x-amz-target"} { // else a signature of one operation would serve for another
		if !slices.Contains(a.headers, name) {
			return wrong("'%s' must be a 'SignedHeader' in the AWS Authorization.", name)
		}
	}
	if subtle.ConstantTimeCompare([]byte(signatureOf(secret, a.date, a.region, a.service, at.Format(dateForm), a.canonical(r, body))), []byte(a.signature)) != 1 {
		return wrong("The request signature we calculated does not match the signature you provided. Check your AWS Secret Access Key and signing method.")
	}
	return nil
}

// signatureOf signs a canonical request.
func signatureOf(secret, date, region, service, at, canonical string) string {
	text := strings.Join([]string{algorithm, at, date + "/" + region + "/" + service + "/aws4_request", digest([]byte(canonical))}, "\n")
	key := []byte("AWS4" + secret)
	for _, part := range []string{date, region, service, "aws4_request", text} {
		m := hmac.New(sha256.New, key)
		m.Write([]byte(part))
		key = m.Sum(nil)
	}
	return hex.EncodeToString(key)
}

// canonical is the request as its signer saw it. The only path is /.
func (a *authorization) canonical(r *http.Request, body []byte) string {
	var b strings.Builder
	b.WriteString(r.Method + "\n/\n" + canonicalQuery(r.URL.Query()) + "\n")
	for _, name := range a.headers {
		v := strings.Join(r.Header.Values(name), ",")
		switch name {
		case "host":
			v = r.Host
		case "content-length":
			v = str(r.ContentLength)
		}
		b.WriteString(name + ":" + strings.Join(strings.Fields(v), " ") + "\n")
	}
	b.WriteString("\n" + strings.Join(a.headers, ";") + "\n" + digest(body))
	return b.String()
}

// canonicalQuery writes the values of a query in the order of their names, blanks as %20.
func canonicalQuery(q url.Values) string { return strings.ReplaceAll(q.Encode(), "+", "%20") }

func digest(b []byte) string {
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:])
}

// userOf is the database user of an IAM identity.
//
//	arn:aws:iam::123456789012:user/foo -> IAM:foo      arn:aws:iam::123456789012:role/bar, arn:aws:sts::123456789012:assumed-role/bar/session -> IAMR:bar
//
// https://docs.aws.amazon.com/redshift/latest/mgmt/data-api.html#data-api-calling-considerations-authentication
func userOf(arn string) string {
	resource := arn[strings.LastIndexByte(arn, ':')+1:]
	kind, name, ok := strings.Cut(resource, "/")
	switch last := name[strings.LastIndexByte(name, '/')+1:]; {
	case !ok:
	case kind == "user":
		return "IAM:" + last
	case kind == "role":
		return "IAMR:" + last
	case kind == "assumed-role":
		role, _, _ := strings.Cut(name, "/")
		return "IAMR:" + role
	}
	return ""
}
