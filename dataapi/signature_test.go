package dataapi

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/redshiftsim/redshiftsim"
)

// exampleTime is when AWS's example of a signature was made.
var exampleTime = time.Date(2015, 8, 30, 12, 36, 0, 0, time.UTC)

// TestVanilla is a request of AWS's test suite for Signature Version 4, get-vanilla-query-order-key-case: its signature is AWS's, for the service "service".
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-signing-test-suite.html
func TestVanilla(t *testing.T) {
	r := httptest.NewRequest(http.MethodGet, "/?Param2=value2&Param1=value1", http.NoBody)
	r.Host = "example.amazonaws.com"
	r.Header.Set("X-Amz-Date", "20150830T123600Z")
	a := authorization{headers: []string{"host", "x-amz-date"}}
	want := "GET\n/\nParam1=value1&Param2=value2\nhost:example.amazonaws.com\nx-amz-date:20150830T123600Z\n\nhost;x-amz-date\n" +
		"e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
	if got := a.canonical(r, nil); got != want {
		t.Errorf("%s", got)
	}
	if got := digest([]byte(want)); got != "816cd5b414d056048ba4f7c5386d6e0533120fb1fcfa93762cf0fc39e2cf19e0" {
		t.Errorf("digest %s", got)
	}
	if got := signatureOf("wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY", "20150830", "us-east-1", "service", "20150830T123600Z", want); got != "b97d918cfa904a5beff61c982a1b6f458b799221646efd99d3219ec94cdf2500" {
		t.Errorf("signature %s", got)
	}
}

// signed signs a request.
func signed(t *testing.T, operation, key, secret, body string, at time.Time) *http.Request {
	t.Helper()
	r := request(t, operation, key, body)
	r.Header.Set("X-Amz-Date", at.UTC().Format(dateForm))
	sign(r, key, secret, body, []string{"content-type", "host", "x-amz-date", "x-amz-target"})
	return r
}

// sign signs the headers of a request.
func sign(r *http.Request, key, secret, body string, headers []string) {
	date := r.Header.Get("X-Amz-Date")
	r.Host = r.URL.Host
	a := authorization{headers: headers}
	s := signatureOf(secret, date[:8], "us-east-1", service, date, a.canonical(r, []byte(body)))
	r.Header.Set("Authorization", algorithm+" Credential="+key+"/"+date[:8]+"/us-east-1/redshift-data/aws4_request, SignedHeaders="+strings.Join(headers, ";")+", Signature="+s)
}

// TestSignatures: with keys, what they signed and nothing else.
func TestSignatures(t *testing.T) {
	c := newClient(t, redshiftsim.Config{}, Options{Keys: []AccessKey{
		{ID: "ANN", Secret: "s1", ARN: "arn:aws:iam::123456789012:user/path/ann"}, {ID: "BOB", Secret: "s2", Token: "tok", ARN: "arn:aws:sts::123456789012:assumed-role/etl/run7"},
	}})
	now := time.Now()
	for _, x := range []struct {
		what string
		r    func() *http.Request
		code int
		kind string
	}{
		{"good", func() *http.Request { return signed(t, "ListStatements", "ANN", "s1", "{}", now) }, 200, ""},
		{"late", func() *http.Request { return signed(t, "ListStatements", "ANN", "s1", "{}", now.Add(-14*time.Minute)) }, 200, ""},
		{"too late", func() *http.Request { return signed(t, "ListStatements", "ANN", "s1", "{}", now.Add(-16*time.Minute)) }, 403, "InvalidSignatureException"},
		{"wrong secret", func() *http.Request { return signed(t, "ListStatements", "ANN", "s2", "{}", now) }, 403, "InvalidSignatureException"},
		{"unknown key", func() *http.Request { return signed(t, "ListStatements", "EVE", "s1", "{}", now) }, 403, "UnrecognizedClientException"},
		{"no token", func() *http.Request { return signed(t, "ListStatements", "BOB", "s2", "{}", now) }, 403, "UnrecognizedClientException"},
		{"token", func() *http.Request {
			r := signed(t, "ListStatements", "BOB", "s2", "{}", now)
			r.Header.Set("X-Amz-Security-Token", "tok")
			return r
		}, 200, ""},
		{"another body", func() *http.Request {
			r := signed(t, "ListStatements", "ANN", "s1", "{}", now)
			r.Body = http.NoBody
			return r
		}, 403, "InvalidSignatureException"},
		{"another operation", func() *http.Request {
			r := signed(t, "ListStatements", "ANN", "s1", "{}", now)
			r.Header.Set("X-Amz-Target", "RedshiftData.ListSessions")
			return r
		}, 403, "InvalidSignatureException"},
		{"the operation is not signed", func() *http.Request {
			r := signed(t, "ListStatements", "ANN", "s1", "{}", now)
			sign(r, "ANN", "s1", "{}", []string{"host", "x-amz-date"})
			return r
		}, 403, "InvalidSignatureException"},
		{"the host is not signed", func() *http.Request {
			r := signed(t, "ListStatements", "ANN", "s1", "{}", now)
			sign(r, "ANN", "s1", "{}", []string{"x-amz-date", "x-amz-target"})
			return r
		}, 403, "InvalidSignatureException"},
		{"no date", func() *http.Request {
			r := signed(t, "ListStatements", "ANN", "s1", "{}", now)
			r.Header.Del("X-Amz-Date")
			return r
		}, 400, "IncompleteSignatureException"},
	} {
		if code, kind := answerTo(t, c.h, x.r(), "192.0.2.1:1234"); code != x.code || kind != x.kind {
			t.Errorf("%s: %d %s, want %d %s", x.what, code, kind, x.code, x.kind)
		}
	}
}

// TestIdentities: an IAM identity acts as a user of its own, and sees its own statements alone.
func TestIdentities(t *testing.T) {
	k, err := redshiftsim.NewConnector(redshiftsim.Config{})
	if err != nil {
		t.Fatal(err)
	}
	defer k.Close()
	h := New(k.Cluster(), Options{Keys: []AccessKey{{ID: "ANN", Secret: "s", ARN: "arn:aws:iam::1:user/ann"}, {ID: "BOB", Secret: "s", ARN: "arn:aws:iam::1:role/etl"}}})
	defer h.Close()
	call := func(key, operation, body string) string {
		w := httptest.NewRecorder()
		h.ServeHTTP(w, signed(t, operation, key, "s", body, time.Now()))
		return w.Body.String()
	}
	out := call("ANN", "ExecuteStatement", `{"Sql":"select current_user","Database":"dev","WorkgroupName":"work","WaitTimeSeconds":10}`)
	if !strings.Contains(out, `"DbUser":"IAM:ann"`) || !strings.Contains(out, `"FINISHED"`) {
		t.Errorf("%s", out)
	}
	_, id, _ := strings.Cut(out, `{"Id":"`)
	id = id[:36]
	if out := call("ANN", "GetStatementResult", `{"Id":"`+id+`"}`); !strings.Contains(out, `"Records":[[{"stringValue":"IAM:ann"}]]`) {
		t.Errorf("%s", out)
	}
	for _, operation := range []string{"DescribeStatement", "GetStatementResult", "CancelStatement"} {
		if out := call("BOB", operation, `{"Id":"`+id+`"}`); !strings.Contains(out, "ResourceNotFoundException") {
			t.Errorf("%s: %s", operation, out)
		}
	}
	if out := call("BOB", "ListStatements", `{"Status":"ALL"}`); out != `{"Statements":[]}` {
		t.Errorf("%s", out)
	}
	for arn, want := range map[string]string{
		"arn:aws:iam::1:user/a/b/foo": "IAM:foo", "arn:aws:iam::1:role/x/bar": "IAMR:bar", "arn:aws:sts::1:assumed-role/bar/s": "IAMR:bar", "arn:aws:iam::1:root": "", "": "",
	} {
		if got := userOf(arn); got != want {
			t.Errorf("%s: %q", arn, got)
		}
	}
}

// FuzzAuthorization: no header panics, and what is read is what was written.
func FuzzAuthorization(f *testing.F) {
	for _, s := range []string{"", algorithm + " ", algorithm + " Credential=A/20150830/us-east-1/service/aws4_request, SignedHeaders=host;x-amz-date, Signature=00", algorithm + " Credential=////, SignedHeaders=, Signature="} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		a, ok := readAuthorization(s)
		if ok && (a.key == "" || a.signature == "" || len(a.headers) == 0 || !strings.Contains(s, a.key)) {
			t.Errorf("%q: %+v", s, a)
		}
		r := httptest.NewRequest(http.MethodPost, "/", http.NoBody)
		if ok {
			if err := a.verify(r, nil, "s", exampleTime); err == nil {
				t.Errorf("%q is accepted", s)
			}
		}
	})
}
