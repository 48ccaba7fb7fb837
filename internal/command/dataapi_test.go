package command

import (
	"bufio"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"
)

// TestDataAPIRefuses: nobody is believed from afar, and from near only where that is said.
func TestDataAPIRefuses(t *testing.T) {
	t.Setenv("REDSHIFTSIM_PASSWORD", "x")
	t.Setenv("REDSHIFTSIM_DATA_API_KEY", "")
	for _, c := range []struct {
		args []string
		code int
		errs string
	}{
		{[]string{"--data-api", "127.0.0.1:0"}, 1, "an access key is needed"},
		{[]string{"--data-api", "0.0.0.0:0", "--trust"}, 1, "0.0.0.0:0 is not a loopback address"},
		{[]string{"--data-api-key", "A:B"}, 1, "need --data-api"},
		{[]string{"--data-api", "127.0.0.1:0", "--data-api-key", "A"}, 2, "it takes ID:SECRET"},
		{[]string{"--data-api", "127.0.0.1:0", "--data-api-secret", "A"}, 2, "it takes NAME=USER"},
	} {
		if code, _, errs := run(t, "", append([]string{"serve"}, c.args...)...); code != c.code || !strings.Contains(errs, c.errs) {
			t.Errorf("%q: exit %d, %q", c.args, code, errs)
		}
	}
}

// TestDataAPI starts a server with the API, runs a statement, and stops it.
func TestDataAPI(t *testing.T) {
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	r, w := io.Pipe()
	code := make(chan int, 1)
	go func() {
		code <- dispatch(ctx, []string{"serve", "--listen", "127.0.0.1:0", "--trust", "--data-api", "127.0.0.1:0", "--data-api-secret", "s=awsuser"}, nil, w, io.Discard)
		_ = w.Close()
	}()
	lines := bufio.NewScanner(r)
	if !lines.Scan() {
		t.Fatal("no output")
	}
	_, url, ok := strings.Cut(lines.Text(), "Data API at ")
	if !ok {
		t.Fatalf("%q", lines.Text())
	}
	go func() {
		for lines.Scan() { // what else is printed
		}
	}()
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, url+"/", strings.NewReader(`{"Sql":"select current_user","SecretArn":"s","ClusterIdentifier":"c","Database":"dev","WaitTimeSeconds":20}`))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Content-Type", "application/x-amz-json-1.1")
	req.Header.Set("X-Amz-Target", "RedshiftData.ExecuteStatement")
	req.Header.Set("Authorization", "AWS4-HMAC-SHA256 Credential=K/20261126/us-east-1/redshift-data/aws4_request, SignedHeaders=host, Signature=0")
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	var out map[string]any
	err = json.NewDecoder(resp.Body).Decode(&out)
	_ = resp.Body.Close()
	if err != nil || out["Status"] != "FINISHED" {
		t.Errorf("%v, %v", out, err)
	}
	stop()
	select {
	case c := <-code:
		if c != 0 {
			t.Errorf("exit %d", c)
		}
	case <-time.After(10 * time.Second):
		t.Fatal("the server does not stop")
	}
}
