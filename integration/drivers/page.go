package main

import (
	_ "embed"
	"fmt"
	"os"
	"slices"
	"strings"
)

// page is docs/drivers.md, whose tables come from a run.
const page = "../docs/drivers.md"

//go:embed page.md.tmpl
var frame string

// writePage fills the frame: {{suites}} is a row for each suite, {{reasons}} one for each reason with the number of tests and their names, most tests first.
func writePage(all []result, reasons []reason) error {
	var table strings.Builder
	for _, s := range suites {
		n := count(all, s.name)
		fmt.Fprintf(&table, "| %s | %d | %d | %d | %d |\n", s.name, n["pass"]+n["fail"]+n["skip"], n["pass"], n["fail"], n["skip"])
	}
	tests := map[string][]string{}
	for _, r := range all {
		if r.outcome == "fail" {
			tests[r.reason] = append(tests[r.reason], r.test)
		}
	}
	slices.SortStableFunc(reasons, func(a, b reason) int { return len(tests[b.name]) - len(tests[a.name]) })
	var why strings.Builder
	for _, r := range reasons {
		if n := len(tests[r.name]); n > 0 {
			fmt.Fprintf(&why, "| %s | %d | %s | %s |\n", r.text, n, r.instead, examples(tests[r.name]))
		}
	}
	var versions []string
	for _, m := range []string{pgx, pq} {
		v, err := version(m)
		if err != nil {
			return err
		}
		versions = append(versions, v)
	}
	text := strings.NewReplacer("{{pgx}}", versions[0], "{{pq}}", versions[1], "{{suites}}\n", table.String(), "{{reasons}}\n", why.String()).Replace(frame)
	return os.WriteFile(page, []byte(text), 0o644)
}

// examples names up to three tests.
func examples(tests []string) string {
	return strings.Join(tests[:min(3, len(tests))], ", ")
}
