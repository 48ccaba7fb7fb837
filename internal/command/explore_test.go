package command

import (
	"bufio"
	"context"
	"encoding/base64"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// TestExploreRefuses: a page without passwords is for this machine; one with passwords is not sent over a network in the clear.
func TestExploreRefuses(t *testing.T) {
	t.Setenv("REDSHIFTSIM_PASSWORD", "")
	for _, c := range []struct {
		args []string
		code int
		errs string
	}{
		{[]string{"explore", "--listen", "0.0.0.0:0"}, 2, "not a loopback address"},
		{[]string{"explore", "redshiftsim://?nodes=none"}, 2, "nodes"},
		{[]string{"explore", "--listen", "127.0.0.1:0", filepath.Join(t.TempDir(), "none.sql")}, 1, "none.sql"},
		{[]string{"serve", "--password", "x", "--ui", "0.0.0.0:0"}, 1, "it needs --tls-cert"},
		{[]string{"serve", "--trust", "--ui", "0.0.0.0:0"}, 1, "not a loopback address"},
		{[]string{"serve", "--trust", "--ui-write"}, 1, "--ui-write goes with --ui"},
	} {
		if code, _, errs := run(t, "", c.args...); code != c.code || !strings.Contains(errs, c.errs) {
			t.Errorf("%q: exit %d, %q", c.args, code, errs)
		}
	}
}

// page asks for the explorer's page, or what a path answers.
func page(t *testing.T, method, address, body, authorization string) (int, string) {
	t.Helper()
	r, err := http.NewRequest(method, address, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/json")
	if authorization != "" {
		r.Header.Set("Authorization", authorization)
	}
	a, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer a.Body.Close()
	b, err := io.ReadAll(a.Body)
	if err != nil {
		t.Fatal(err)
	}
	return a.StatusCode, string(b)
}

// until starts a command and waits for a line; end stops it, and it must end well.
func until(t *testing.T, before string, args ...string) (after string, end func()) {
	t.Helper()
	ctx, stop := context.WithCancel(context.Background())
	r, w := io.Pipe()
	code := make(chan int, 1)
	go func() {
		code <- dispatch(ctx, args, nil, w, w)
		_ = w.Close()
	}()
	lines := bufio.NewScanner(r)
	for lines.Scan() {
		if _, rest, ok := strings.Cut(lines.Text(), before); ok {
			go func() {
				for lines.Scan() { // what is printed later has a reader
				}
			}()
			return rest, func() {
				stop()
				select {
				case c := <-code:
					if c != 0 {
						t.Errorf("exit %d", c)
					}
				case <-time.After(20 * time.Second):
					t.Error("the command does not stop")
				}
			}
		}
		t.Log(lines.Text())
	}
	stop()
	t.Fatalf("no line with %q", before)
	return "", nil
}

// TestExplore serves the sample, and files of one's own.
func TestExplore(t *testing.T) {
	file := filepath.Join(t.TempDir(), "own.sql")
	if err := os.WriteFile(file, []byte("CREATE TABLE own (a int);\nINSERT INTO own VALUES (1) -- the last one has no semicolon"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, args := range [][]string{{"explore", "--listen", "127.0.0.1:0"}, {"explore", "--listen", "127.0.0.1:0", "--read-only", "redshiftsim://ann@?nodes=3&slices=1", file}} {
		address, end := until(t, "explorer at ", args...)
		if code, text := page(t, http.MethodGet, address, "", ""); code != http.StatusOK || !strings.Contains(text, "redshiftsim") {
			t.Errorf("%v: %d %s", args, code, text)
		}
		code, text := page(t, http.MethodPost, address+"api/open", `{"place": "cluster"}`, "")
		if own := len(args) > 3; code != http.StatusOK || own != strings.Contains(text, `"nodes":3`) || own != strings.Contains(text, `"read_only":true`) || own == strings.Contains(text, "zone maps skip") {
			t.Errorf("%v: %d %s", args, code, text)
		}
		end()
	}
}

// TestServeUI: the page of a server asks for the password that the server asks for.
func TestServeUI(t *testing.T) {
	address, end := until(t, "explorer at ", "serve", "--listen", "127.0.0.1:0", "--ui", "127.0.0.1:0", "--grace", "1s", "--password", "Secret123")
	defer end()
	basic := func(password string) string {
		return "Basic " + base64.StdEncoding.EncodeToString([]byte("awsuser:"+password))
	}
	for password, want := range map[string]int{"": http.StatusUnauthorized, "wrong": http.StatusUnauthorized, "Secret123": http.StatusOK} {
		if code, text := page(t, http.MethodPost, address+"api/open", `{"place": "cluster"}`, basic(password)); code != want || want == http.StatusOK && !strings.Contains(text, `"read_only":true`) {
			t.Errorf("%q: %d %s", password, code, text)
		}
	}
}
