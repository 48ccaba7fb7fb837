// Command drivers runs the tests that pgx and lib/pq bring along, as they are, against a server of this module, and compares them with results.tsv:
//
//	go run ./drivers            a test that is listed as passing and fails is an error; one that passes and is not listed so is named
//	go run ./drivers -write     writes results.tsv and docs/drivers.md from this run
//	go run ./drivers -v pgx     one suite, with what its failing tests say
//
//	module cache ──copied──▶ temporary folder ── go test -json ──▶ loopback ──▶ server of a new cluster
//	                                   └ results of the tests at the top ──▶ results.tsv, docs/drivers.md
//
// The sources come from the module cache: a module's archive has its tests.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"
)

// suite is a package of tests.
type suite struct {
	name   string
	module string
	dir    string
	skip   string // a pattern of tests that wait for ever when a feature is missing; page.go names them
	pq     bool   // the suite is configured as libpq is
	only   string // a pattern of the tests to run; empty = all
}

const (
	pgx = "github.com/jackc/pgx/v5"
	pq  = "github.com/lib/pq"
)

// suites are those whose tests need a server.
var suites = []suite{
	{name: "pgx", module: pgx, dir: ".", skip: "TestListenNotifyWhileBusyIsSafe"},
	{name: "pgx/pgconn", module: pgx, dir: "pgconn", skip: "Stress"},
	{name: "pgx/pgxpool", module: pgx, dir: "pgxpool"},
	{name: "pgx/stdlib", module: pgx, dir: "stdlib"},
	{name: "pgx/pgtype", module: pgx, dir: "pgtype", skip: "TestJSONCodec$"},
	{name: "lib/pq", module: pq, dir: ".", skip: "TestListenerConnCloseWhileQueryIsExecuting", pq: true},
}

func main() {
	write := flag.Bool("write", false, "write results.tsv and docs/drivers.md")
	verbose := flag.Bool("v", false, "print what failing tests say")
	limit := flag.Duration("timeout", 3*time.Minute, "for each suite")
	flag.Parse()
	if err := run(*write, *verbose, *limit, flag.Args()); err != nil {
		fmt.Fprintln(os.Stderr, "drivers:", err)
		os.Exit(1)
	}
}

func run(write, verbose bool, limit time.Duration, only []string) error {
	known, err := readResults()
	if err != nil {
		return err
	}
	dir, err := os.MkdirTemp("", "drivers")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	all, err := runSuites(dir, limit, only)
	for _, s := range suites {
		if n := count(all, s.name); len(n) > 0 {
			fmt.Println(tally(s.name, n))
		}
	}
	if err != nil {
		return err
	}
	for _, r := range all {
		if verbose && r.outcome == "fail" {
			fmt.Printf("--- %s %s\n%s", r.suite, r.test, r.output)
		}
	}
	if write {
		if len(only) > 0 {
			return errors.New("-write needs a run of all suites")
		}
		return writeAll(known, all)
	}
	for range 2 {
		if all, err = again(dir, limit, known, all, only); err != nil {
			return err
		}
	}
	return compare(known, all, only)
}

// again runs the tests once more that are listed as passing and did not pass: many of them wait for a fixed time, which a busy machine does not keep.
// One that never passes is still an error.
func again(dir string, limit time.Duration, known map[string]result, all []result, only []string) ([]result, error) {
	for _, s := range suites {
		if len(only) > 0 && !slices.Contains(only, s.name) {
			continue
		}
		names := failing(s.name, known, all)
		if len(names) == 0 {
			continue
		}
		fmt.Printf("%s again: %s\n", s.name, strings.Join(names, " "))
		s.only = "^(" + strings.Join(names, "|") + ")$"
		got, err := s.run(filepath.Join(dir, strings.ReplaceAll(s.module, "/", "_")), limit)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", s.name, err)
		}
		all = slices.DeleteFunc(all, func(r result) bool { return r.suite == s.name && slices.Contains(names, r.test) })
		all = append(all, got...)
	}
	return all, nil
}

// atOnce is how many suites run side by side: each spends most of its time waiting.
const atOnce = 2

// runSuites runs the suites named, or all.
func runSuites(dir string, limit time.Duration, only []string) ([]result, error) {
	got, errs := make([][]result, len(suites)), make([]error, len(suites))
	var g sync.WaitGroup
	turn := make(chan struct{}, atOnce)
	for i, s := range suites {
		if len(only) > 0 && !slices.Contains(only, s.name) {
			continue
		}
		src := filepath.Join(dir, strings.ReplaceAll(s.module, "/", "_"))
		if err := copyModule(s.module, src); err != nil {
			return nil, err
		}
		g.Go(func() {
			turn <- struct{}{}
			defer func() { <-turn }()
			var err error
			if got[i], err = s.run(src, limit); err != nil {
				errs[i] = fmt.Errorf("%s: %w", s.name, err)
			}
		})
	}
	g.Wait()
	return slices.Concat(got...), errors.Join(errs...)
}

// copyModule copies a module's files out of the module cache, which nobody may write.
func copyModule(module, to string) error {
	if _, err := os.Stat(to); err == nil {
		return nil
	}
	if out, err := exec.Command("go", "mod", "download", module).CombinedOutput(); err != nil {
		return fmt.Errorf("go mod download %s: %s", module, out)
	}
	out, err := exec.Command("go", "list", "-m", "-f", "{{.Dir}}", module).Output()
	if err != nil {
		return fmt.Errorf("go list -m %s: %w", module, err)
	}
	from := strings.TrimSpace(string(out))
	if err := os.CopyFS(to, os.DirFS(from)); err != nil {
		return err
	}
	return filepath.WalkDir(to, func(path string, d os.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() {
			return os.Chmod(path, 0o755)
		}
		return os.Chmod(path, 0o644)
	})
}

// run runs the tests of a suite against a cluster of its own.
func (s suite) run(src string, limit time.Duration) ([]result, error) {
	h, err := newHost()
	if err != nil {
		return nil, err
	}
	defer h.close()
	ctx, cancel := context.WithTimeout(context.Background(), limit+2*time.Minute) // what the compiler needs
	defer cancel()
	args := []string{"test", "-json", "-vet=off", "-timeout", limit.String()}
	if s.skip != "" {
		args = append(args, "-skip", s.skip)
	}
	if s.only != "" {
		args = append(args, "-run", s.only)
	}
	cmd := exec.CommandContext(ctx, "go", append(args, ".")...)
	cmd.Dir = filepath.Join(src, s.dir)
	goEnv, err := exec.Command("go", "env", "GOCACHE", "GOPATH", "GOMODCACHE").Output()
	if err != nil {
		return nil, err
	}
	at := strings.Fields(string(goEnv)) // the suite has another HOME
	cmd.Env = append(append(os.Environ(), "GOCACHE="+at[0], "GOPATH="+at[1], "GOMODCACHE="+at[2]), h.env(s)...)
	out, err := cmd.Output()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		return nil, err
	}
	got, err := parse(s.name, out)
	if err == nil && len(got) == 0 {
		err = fmt.Errorf("no test has run: %s", exit.Stderr)
	}
	return got, errors.Join(err, h.complaint())
}

// version is the version of a module that integration's go.mod has.
func version(module string) (string, error) {
	out, err := exec.Command("go", "list", "-m", "-f", "{{.Version}}", module).Output()
	return strings.TrimSpace(string(out)), err
}
