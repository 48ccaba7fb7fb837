package main

import (
	"bufio"
	"bytes"
	_ "embed"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"regexp"
	"slices"
	"strings"
)

// result is how a test at the top of a suite ended: pass, fail or skip. What fails has a reason, which names one of reasons.
type result struct {
	suite, test, outcome, reason string
	output                       string // of a failed test, its subtests' too
}

// resultsFile lists each test: suite, test, outcome, reason, between tabs.
const resultsFile = "drivers/results.tsv"

// parse reads the events of go test -json. A test that began and did not end, because the time was up or the process ended, has failed.
func parse(suite string, events []byte) ([]result, error) {
	found := map[string]*result{}
	var order []string
	sc := bufio.NewScanner(bytes.NewReader(events))
	sc.Buffer(nil, 16<<20)
	for sc.Scan() {
		var e struct{ Action, Test, Output string }
		if json.Unmarshal(sc.Bytes(), &e) != nil || e.Test == "" { // lines of the compiler, and of the package
			continue
		}
		name, sub, _ := strings.Cut(e.Test, "/")
		r := found[name]
		if r == nil {
			r = &result{suite: suite, test: name, outcome: "fail"}
			found[name] = r
			order = append(order, name)
		}
		switch e.Action {
		case "pass", "fail", "skip":
			if sub == "" {
				r.outcome = e.Action
			}
		case "output":
			if len(r.output) < 1<<16 && !strings.HasPrefix(strings.TrimSpace(e.Output), "===") {
				r.output += e.Output
			}
		}
	}
	out := make([]result, len(order))
	for i, name := range order {
		out[i] = *found[name]
	}
	return out, sc.Err()
}

// readResults reads what is expected.
func readResults() (map[string]result, error) {
	text, err := os.ReadFile(resultsFile)
	if errors.Is(err, os.ErrNotExist) {
		return nil, nil
	}
	out := map[string]result{}
	for line := range strings.Lines(string(text)) {
		f := strings.Split(strings.TrimRight(line, "\n"), "\t")
		if len(f) != 4 {
			return nil, fmt.Errorf("%s: %q has not four fields", resultsFile, line)
		}
		r := result{suite: f[0], test: f[1], outcome: f[2], reason: f[3]}
		out[r.key()] = r
	}
	return out, err
}

func (r result) key() string { return r.suite + "\t" + r.test }

// failing lists the tests of a suite that are listed as passing and did not pass, or did not run.
func failing(suite string, known map[string]result, got []result) []string {
	var out []string
	passed := map[string]bool{}
	for _, r := range got {
		passed[r.key()] = r.outcome == "pass"
	}
	for key, r := range known {
		if r.suite == suite && r.outcome == "pass" && !passed[key] {
			out = append(out, r.test)
		}
	}
	slices.Sort(out)
	return out
}

// compare holds a run against what is expected. A test that passes now is no error: it is to be listed.
func compare(known map[string]result, got []result, only []string) error {
	var bad []string
	seen := map[string]bool{}
	for _, r := range got {
		seen[r.key()] = true
		switch was := known[r.key()]; {
		case was.outcome == "":
			bad = append(bad, fmt.Sprintf("%s %s is not listed: %s", r.suite, r.test, r.outcome))
		case was.outcome == r.outcome:
		case was.outcome == "fail" && r.outcome == "pass":
			fmt.Printf("passes now, and is listed as failing: %s %s\n", r.suite, r.test)
		case was.outcome == "pass":
			bad = append(bad, fmt.Sprintf("%s %s passed, and now: %s\n%s", r.suite, r.test, r.outcome, r.output))
		}
	}
	for key, r := range known {
		if r.outcome == "pass" && !seen[key] && (len(only) == 0 || slices.Contains(only, r.suite)) {
			bad = append(bad, fmt.Sprintf("%s %s passed, and has not run", r.suite, r.test))
		}
	}
	if len(bad) > 0 {
		slices.Sort(bad)
		return fmt.Errorf("%d tests are not as %s has them:\n%s", len(bad), resultsFile, strings.Join(bad, "\n"))
	}
	return nil
}

// tally is one line about a suite.
func tally(suite string, n map[string]int) string {
	return fmt.Sprintf("%-12s %3d tests, %3d pass, %3d fail, %2d skipped by the suite", suite, n["pass"]+n["fail"]+n["skip"], n["pass"], n["fail"], n["skip"])
}

func count(list []result, suite string) map[string]int {
	n := map[string]int{}
	for _, r := range list {
		if r.suite == suite {
			n[r.outcome]++
		}
	}
	return n
}

// reason is why tests fail on Redshift.
type reason struct {
	name    string
	pattern *regexp.Regexp // of what a test says that fails so, for tests that are not listed yet
	text    string
	instead string // what Redshift has
}

//go:embed reasons.tsv
var reasonsText string

// readReasons reads reasons.tsv: name, pattern, text, what there is instead, between tabs. A test's reason is the first whose pattern its words match.
func readReasons() ([]reason, error) {
	var out []reason
	for line := range strings.Lines(reasonsText) {
		f := strings.Split(strings.TrimRight(line, "\n"), "\t")
		if len(f) != 4 {
			return nil, fmt.Errorf("reasons.tsv: %q has not four fields", line)
		}
		p, err := regexp.Compile(f[1])
		if err != nil {
			return nil, fmt.Errorf("reasons.tsv: %w", err)
		}
		out = append(out, reason{f[0], p, f[2], f[3]})
	}
	return out, nil
}

// explain finds the reason of a test that fails: the one it was listed with, or that of its words.
func explain(r result, known map[string]result, reasons []reason) string {
	if was := known[r.key()]; was.reason != "" {
		return was.reason
	}
	for _, why := range reasons {
		if why.pattern.String() != "" && why.pattern.MatchString(r.test+"\n"+r.output) {
			return why.name
		}
	}
	return ""
}

// writeAll writes results.tsv and the page. A test that fails without a reason is an error: somebody must look at it.
func writeAll(known map[string]result, all []result) error {
	reasons, err := readReasons()
	if err != nil {
		return err
	}
	var b strings.Builder
	var open []string
	for i := range all {
		r := &all[i]
		if r.reason = ""; r.outcome == "fail" {
			if r.reason = explain(*r, known, reasons); r.reason == "" {
				open = append(open, r.suite+" "+r.test+"\n"+r.output)
			}
		}
	}
	slices.SortFunc(all, func(a, b result) int { return strings.Compare(a.key(), b.key()) })
	for _, r := range all {
		fmt.Fprintf(&b, "%s\t%s\t%s\t%s\n", r.suite, r.test, r.outcome, r.reason)
	}
	if err := os.WriteFile(resultsFile, []byte(b.String()), 0o644); err != nil {
		return err
	}
	if err := writePage(all, reasons); err != nil {
		return err
	}
	if len(open) > 0 {
		return fmt.Errorf("%d tests fail without a reason:\n%s", len(open), strings.Join(open, "\n"))
	}
	return nil
}
