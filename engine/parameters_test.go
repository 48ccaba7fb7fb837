package engine

import (
	"flag"
	"fmt"
	"os"
	"strings"
	"testing"
)

var rewrite = flag.Bool("rewrite", false, "write docs/settings.md")

// takes says what values a parameter takes.
func takes(p *parameter) string {
	switch {
	case p.readOnly && !p.system:
		return "read only"
	case p.words != "":
		return "`" + strings.ReplaceAll(p.words, " ", "`, `") + "`"
	case p.hi > 0:
		return fmt.Sprintf("%d .. %d", p.lo, p.hi)
	}
	if _, err := p.check(p, p.def, "off"); err == nil {
		if _, err := p.check(p, p.def, "on"); err == nil {
			if _, err := p.check(p, p.def, "neither"); err != nil {
				return "`on`, `off`"
			}
			return "any text"
		}
	}
	switch p.name {
	case "analyze_threshold_percent":
		return "0 .. 100"
	case "client_encoding":
		return "`UTF8`"
	case "datestyle":
		return "`ISO`, `SQL`, `Postgres`, `German` and `MDY`, `DMY`, `YMD`"
	case "timezone":
		return "a place, an offset, an interval, or POSIX's form"
	}
	return strings.Replace("`"+p.def+"`", "``", "the empty text", 1) + " alone: the feature is not built"
}

// TestParameterPage: docs/settings.md shows the table of parameters. go test ./engine -run TestParameterPage -rewrite writes it.
func TestParameterPage(t *testing.T) {
	var b strings.Builder
	b.WriteString(`# Session parameters

[The guide's list](https://docs.aws.amazon.com/redshift/latest/dg/cm_chap_ConfigurationRef.html), with what each does here. Other values than those shown are refused:
22023, or 0A000 where the feature is not built; unknown names: 42704. Names of two parts (` + "`app.user`" + `) are session context variables and keep any text.
The page is generated: ` + "`go test ./engine -run TestParameterPage -rewrite`" + `.

| parameter | default | values | effect |
|---|---|---|---|
`)
	last := ""
	for i := range parameters {
		p := &parameters[i]
		if p.name <= last {
			t.Errorf("%s stands behind %s", p.name, last)
		}
		last = p.name
		name := "`" + p.name + "`"
		if p.page != "" {
			name = "[" + name + "](https://docs.aws.amazon.com/redshift/latest/dg/" + p.page + ".html)"
		}
		def := "`" + p.def + "`"
		if p.def == "" {
			def = "''"
		}
		fmt.Fprintf(&b, "| %s | %s | %s | %s |\n", name, def, takes(p), p.doc)
		if !p.readOnly {
			if v, err := p.check(p, p.def, p.def); err != nil || v != p.def && p.name != "search_path" {
				t.Errorf("%s does not take its default: %q, %v", p.name, v, err)
			}
		}
	}
	const page = "../docs/settings.md"
	if *rewrite {
		if err := os.WriteFile(page, []byte(b.String()), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if now, err := os.ReadFile(page); err != nil || string(now) != b.String() {
		t.Errorf("%s is not what the table says: go test ./engine -run TestParameterPage -rewrite (%v)", page, err)
	}
}
