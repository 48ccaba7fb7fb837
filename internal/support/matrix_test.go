package support

import (
	"errors"
	"flag"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"maps"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/redshiftsim/redshiftsim/engine"
	sqlast "github.com/redshiftsim/redshiftsim/engine/ast"
	"github.com/redshiftsim/redshiftsim/engine/catalog"
	"github.com/redshiftsim/redshiftsim/engine/function"
	"github.com/redshiftsim/redshiftsim/engine/parse"
	"github.com/redshiftsim/redshiftsim/engine/system"
	"github.com/redshiftsim/redshiftsim/internal/sqlstate"
	"github.com/redshiftsim/redshiftsim/internal/types"
)

var update = flag.Bool("update", false, "write docs/support.md")

const root = "../../"

// page is the text being written.
type page struct {
	strings.Builder
	lab   *lab
	hints map[string]string // anchor: the sample whose refusal names it
}

// TestMatrix runs all samples and compares what came of them with docs/support.md.
func TestMatrix(t *testing.T) {
	p := &page{lab: newLab(t), hints: map[string]string{}}
	p.head()
	p.statements(t)
	p.copyOptions(t)
	p.types(t)
	p.functions(t)
	p.systemTables(t)
	p.parameters(t)
	p.leading(t)
	text := p.String()
	anchors := anchorsOf(text)
	for a, sample := range p.hints {
		if !anchors[a] {
			t.Errorf("%s: the hint names #%s, which the page has not: add the statement to rows_test.go", sample, a)
		}
	}
	path := root + sqlstate.SupportPage
	if *update {
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil { //nolint:gosec // documentation
			t.Fatal(err)
		}
		return
	}
	old, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if string(old) != text {
		t.Errorf("%s is not what the engine does now: run go test ./internal/support -update, and look at the difference:\n%s", sqlstate.SupportPage, firstDifference(string(old), text))
	}
}

func (p *page) head() {
	p.WriteString(`# Support matrix

Written by ` + "`go test ./internal/support -update`" + `, which runs a sample of every row; the tests run them again and hold the outcome against this page.

- **works**: the sample runs, and answers as Redshift does as far as the project's other tests say
- **refused**: the sample is read, and answered with SQLSTATE 0A000 and these words; nothing is accepted and ignored
- **partly**: some rows of it work and others are refused

`)
}

// state counts outcomes.
func state(list []outcome) string {
	n := 0
	for _, o := range list {
		if o.works {
			n++
		}
	}
	switch n {
	case len(list):
		return "works"
	case 0:
		return "refused"
	}
	return "partly"
}

func (o outcome) String() string {
	if o.works {
		return "works"
	}
	reason := o.reason
	if o.hint != "" && !strings.HasPrefix(o.hint, "see ") { // it says why
		reason += ". " + o.hint
	}
	return "refused: " + strings.ReplaceAll(reason, "|", `\|`)
}

func link(name, page string) string {
	if page == "" {
		return name
	}
	return "[" + name + "](https://docs.aws.amazon.com/redshift/latest/dg/" + page + ".html)"
}

// try runs a sample and notes what its hint names.
func (p *page) try(t *testing.T, stmts []string, tolerant func(code string) bool) outcome {
	t.Helper()
	o := p.lab.run(t, stmts, tolerant)
	if _, a, ok := strings.Cut(o.hint, sqlstate.SupportPage+"#"); ok {
		p.hints[a] = stmts[len(stmts)-1]
	}
	return o
}

// statements writes a section for each statement.
func (p *page) statements(t *testing.T) {
	sorted := slices.Clone(statements)
	slices.SortFunc(sorted, func(a, b statement) int { return strings.Compare(a.kind, b.kind) })
	outcomes := make([][]outcome, len(sorted))
	for i, s := range sorted {
		for _, c := range s.clauses {
			lines := strings.Split(c.sample, "\n")
			if got := kindOf(t, lines[len(lines)-1]); got != "" && got != s.kind {
				t.Errorf("%s: %s is a sample of %s", s.kind, c.sample, got)
			}
			outcomes[i] = append(outcomes[i], p.try(t, lines, nil))
		}
	}
	p.WriteString("## Statements\n\n| statement | state |\n|---|---|\n")
	for i, s := range sorted {
		fmt.Fprintf(p, "| [%s](#%s) | %s |\n", s.kind, sqlstate.Anchor(s.kind), state(outcomes[i]))
	}
	p.WriteString("\nStatements that are recognised by their leading words alone are [at the end](#leading-words).\n")
	for i, s := range sorted {
		fmt.Fprintf(p, "\n### %s\n\n%s.\n\n| clause | state | sample |\n|---|---|---|\n", s.kind, link("AWS: "+s.kind, s.page))
		for j, c := range s.clauses {
			fmt.Fprintf(p, "| %s | %s | `%s` |\n", strings.ReplaceAll(c.name, "|", `\|`), outcomes[i][j], strings.ReplaceAll(strings.ReplaceAll(c.sample, "\n", "; "), "|", `\|`))
		}
	}
}

// kindOf is the kind of a sample, "" when the parser refuses it; transactions are one kind here.
func kindOf(t *testing.T, text string) string {
	stmts := parsed(t, text)
	if stmts == nil {
		return ""
	}
	st := stmts[len(stmts)-1]
	if _, ok := st.(*sqlast.Transaction); ok {
		return "BEGIN"
	}
	return sqlast.KindOf(st)
}

// parsed parses a sample; nil = it is refused already there.
func parsed(t *testing.T, text string) []sqlast.Statement {
	t.Helper()
	stmts, err := parse.Parse(text)
	var e *sqlstate.Error
	if err != nil && !(errors.As(err, &e) && e.Code == sqlstate.FeatureNotSupported) {
		t.Errorf("%s: %v", text, err)
	}
	return stmts
}

func (p *page) copyOptions(t *testing.T) {
	p.WriteString("\n## COPY options\n\n" + link("AWS: COPY parameters", "r_COPY-parameters") + ". Those of UNLOAD are in [its section](#unload).\n\n| option | state | sample |\n|---|---|---|\n")
	for _, name := range parse.CopyOptions() {
		row, ok := copyRows[name]
		switch {
		case !ok && unloadOnly[name]:
			continue
		case !ok:
			t.Errorf("COPY option %s has no sample in rows_test.go", name)
			continue
		}
		source := "s3://test/" + row[0]
		if strings.Contains(row[0], "://") {
			source = row[0]
		}
		text := "COPY t FROM '" + source + "'"
		if !strings.Contains(row[1], "CREDENTIALS") && !strings.Contains(row[1], "ACCESS_KEY") {
			text += " IAM_ROLE DEFAULT"
		}
		text = strings.TrimSpace(text + " " + row[1])
		stmts := []string{text}
		if row[0] == "x.shp" {
			stmts = []string{"CREATE TABLE s (g geometry, b varchar)", strings.Replace(text, "COPY t", "COPY s", 1)}
		}
		if row[0] == "identity.txt" {
			stmts = []string{"CREATE TABLE i (id int IDENTITY (1, 1), a int)", strings.Replace(text, "COPY t", "COPY i", 1)}
		}
		fmt.Fprintf(p, "| %s | %s | `%s` |\n", name, p.try(t, stmts, nil), strings.Join(stmts, "; "))
	}
}

func (p *page) types(t *testing.T) {
	p.WriteString("\n## Data types\n\nA table with a column of the type, a row, and the row read again. " + link("AWS: data types", "c_Supported_data_types") + ".\n\n| type | state |\n|---|---|\n")
	seen := map[types.Kind]bool{}
	for _, r := range typeRows {
		for _, name := range r.names {
			stmts, err := parse.Parse("SELECT CAST(NULL AS " + name + ")")
			if err != nil {
				t.Errorf("%s: %v", name, err)
				continue
			}
			if c, ok := stmts[0].(*sqlast.Select).Items[0].Expr.(*sqlast.Cast); ok {
				seen[c.Type.Type.Kind] = true
			}
			o := p.try(t, []string{"CREATE TABLE n (x " + name + ")", "INSERT INTO n VALUES (" + r.sample + ")", "SELECT x FROM n"}, nil)
			fmt.Fprintf(p, "| %s | %s |\n", link(name, r.page), o)
		}
	}
	internal := []types.Kind{types.Unknown, types.Interval, types.OID, types.Name, types.Text} // no column has them
	for k := range types.NumKinds {
		if x := (types.Type{Kind: k}); !seen[k] && !slices.Contains(internal, k) && !x.IsReg() && !x.IsArray() && k != types.ACLItem {
			t.Errorf("type %s has no sample in rows_test.go", types.Type{Kind: k})
		}
	}
}

// systemTables lists the system tables, each of which is read.
func (p *page) systemTables(t *testing.T) {
	empty := system.Empty()
	tables := system.Tables()
	name := func(v *catalog.Virtual) string {
		if v.Schema == catalog.PgCatalog {
			return v.Name
		}
		return v.Schema + "." + v.Name
	}
	slices.SortFunc(tables, func(a, b *catalog.Virtual) int { return strings.Compare(name(a), name(b)) })
	fmt.Fprintf(p, "\n## System tables\n\n%d tables and views, %d of them without rows whatever the cluster does: what they would tell of ("+
		"indexes, rules of workload management, the progress of running queries) is not there. "+
		"They have their columns, so tools that ask find none. %s.\n\n| table | rows | read by | where |\n|---|---|---|---|\n",
		len(tables), len(empty), link("AWS: system tables", "cm_chap_system-tables"))
	for _, v := range tables {
		n := name(v)
		if o := p.try(t, []string{"SELECT count(*) FROM " + n}, nil); !o.works {
			t.Errorf("%s: %s", n, o.reason)
		}
		rows, by, where := "live", "all users", "compute nodes"
		if empty[n] {
			rows = "none"
		}
		if v.Superuser {
			by = "superusers"
		}
		if v.Leader {
			where = "leader"
		}
		fmt.Fprintf(p, "| %s | %s | %s | %s |\n", n, rows, by, where)
	}
}

// calls are samples of functions that NULLs of their parameters' types do not show.
var calls = map[string]string{
	"st_crosses": "SELECT st_crosses(st_point(1, 2), st_point(1, 2))", "st_equals": "SELECT st_equals(st_point(1, 2), st_point(1, 2))",
	"collate":          "SELECT collate('a', 'case_sensitive')",
	"object_transform": "SELECT object_transform(json_parse('{}') SET '\"a\"', 1)",
	"extract":          "SELECT extract(year FROM timestamp '2020-01-01')",
}

func (p *page) functions(t *testing.T) {
	unknown := func(code string) bool { return code == "42883" }
	p.WriteString("\n## Functions\n\nAn alias is a row of its own. A call with NULL or a value for each parameter must find the function. " + link("AWS: SQL functions", "c_SQL_functions") + ".\n\n### Scalar functions\n\n| function | state |\n|---|---|\n")
	signatures := function.Signatures()
	for _, name := range slices.Sorted(maps.Keys(signatures)) {
		samples := []string{calls[name]}
		if samples[0] == "" {
			samples = nil
			for _, g := range signatures[name] {
				args := make([]string, len(g.Args))
				for i, a := range g.Args {
					args[i] = "CAST(NULL AS " + a.String() + ")"
				}
				samples = append(samples, "SELECT "+quoted(name)+"("+strings.Join(args, ", ")+")")
			}
		}
		o := p.firstThatWorks(t, samples)
		if !o.works {
			t.Errorf("function %s: %s: add a call of it to calls", name, o.reason)
		}
		fmt.Fprintf(p, "| %s | %s |\n", link(name, signatures[name][0].Doc), o)
	}
	p.WriteString("\n### Aggregate functions\n\n| function | state |\n|---|---|\n")
	for _, name := range function.AggregateNames() {
		p.function(t, name, "SELECT %s(a) FROM t", "SELECT %s(a > 0) FROM t", "SELECT %s(b, ',') FROM t", "SELECT %s(0.5) WITHIN GROUP (ORDER BY a) FROM t", "SELECT %s(b) FROM t", "SELECT %s(a) FROM t GROUP BY a", "SELECT %s(CAST(NULL AS geometry)) FROM t", "SELECT %s(CAST(NULL AS hllsketch)) FROM t")
	}
	p.WriteString("\n### Window functions\n\nAggregates may have OVER too.\n\n| function | state |\n|---|---|\n")
	for _, name := range function.WindowNames() {
		p.function(t, name, "SELECT %s() OVER (ORDER BY a) FROM t", "SELECT %s(a) OVER (ORDER BY a) FROM t", "SELECT %s(2) OVER (ORDER BY a) FROM t", "SELECT %s(a, 1) OVER (ORDER BY a ROWS UNBOUNDED PRECEDING) FROM t",
			"SELECT %s(a) OVER (ORDER BY a ROWS UNBOUNDED PRECEDING) FROM t", "SELECT %s(a) OVER () FROM t")
	}
	p.WriteString("\n### Functions that are not built\n\nRefused by name: ")
	for i, name := range function.LackingNames() {
		o := p.lab.run(t, []string{"SELECT " + quoted(name) + "(1)"}, unknown)
		if o.works || !strings.Contains(o.reason, "is not supported") {
			t.Errorf("%s is listed as lacking: %+v", name, o)
		}
		if i > 0 {
			p.WriteString(", ")
		}
		p.WriteString("`" + name + "`")
	}
	p.WriteString(".\n")
}

// function writes the row of a function that one of the forms must show.
func (p *page) function(t *testing.T, name string, forms ...string) {
	t.Helper()
	for i := range forms {
		forms[i] = fmt.Sprintf(forms[i], name)
	}
	o := p.firstThatWorks(t, forms)
	if !o.works && !strings.HasSuffix(o.reason, "is not supported") {
		t.Errorf("function %s: %s", name, o.reason)
	}
	fmt.Fprintf(p, "| %s | %s |\n", name, o)
}

// firstThatWorks runs samples until one works, and gives the last outcome.
func (p *page) firstThatWorks(t *testing.T, samples []string) outcome {
	t.Helper()
	var o outcome
	for _, s := range samples {
		if o = p.lab.run(t, []string{s}, func(string) bool { return true }); o.works {
			return o
		}
	}
	return o
}

// quoted is a function's name, in quotes when it is a word of the grammar.
func quoted(name string) string {
	if _, err := parse.Parse("SELECT " + name + "(1)"); err != nil {
		return `"` + name + `"`
	}
	return name
}

// parameters shows which can be changed: some value other than the default must be taken.
func (p *page) parameters(t *testing.T) {
	p.WriteString("\n## Session parameters\n\n" + link("AWS: configuration reference", "cm_chap_ConfigurationRef") + ".\n\n| parameter | state | default | what it does |\n|---|---|---|---|\n")
	for _, r := range engine.Parameters() {
		what := "refused: only its default is built"
		for _, v := range []string{"on", "off", "2", "UTF8", "ISO, DMY", "sql_standard", "s", "Europe/Berlin", "NOTICE", "warning", "x"} {
			if strings.EqualFold(v, r.Default) || v == r.Default {
				continue
			}
			if p.lab.run(t, []string{"SET " + r.Name + " TO '" + v + "'"}, func(string) bool { return true }).works {
				what = "works"
				break
			}
		}
		if r.ReadOnly {
			if what == "works" {
				t.Errorf("%s is not read-only", r.Name)
			}
			what = "read only"
		}
		p.lab.run(t, []string{"SHOW " + r.Name}, nil)
		fmt.Fprintf(p, "| %s | %s | `%s` | %s |\n", link(r.Name, r.Page), what, r.Default, strings.ReplaceAll(r.Doc, "|", `\|`))
	}
}

// leading lists what is known by its leading words, each with the anchor that its refusal names.
func (p *page) leading(t *testing.T) {
	own, foreign := parse.Leading()
	p.WriteString("\n## Leading words\n\nThese statements of Redshift are recognised by their leading words alone, and refused by name.\n\n| statement | state |\n|---|---|\n")
	for _, kind := range own {
		o := p.try(t, []string{kind + " x"}, nil)
		if o.works {
			t.Errorf("%s works", kind)
		}
		fmt.Fprintf(p, "| <a id=\"%s\"></a>%s | %s |\n", sqlstate.Anchor(kind), kind, o)
	}
	p.WriteString("\n## Statements of PostgreSQL that Redshift has not\n\n| statement | state |\n|---|---|\n")
	for _, kind := range foreign {
		o := p.try(t, []string{kind + " x"}, nil)
		if o.works || o.hint != "" {
			t.Errorf("%s: %+v", kind, o)
		}
		fmt.Fprintf(p, "| %s | %s |\n", kind, o)
	}
}

// TestNodes: every kind of statement that the grammar has is in the matrix.
func TestNodes(t *testing.T) {
	sampled := map[string]bool{"Other": true}
	kinds := map[string]bool{}
	for _, s := range statements {
		kinds[s.kind] = true
		for _, c := range s.clauses {
			for _, line := range strings.Split(c.sample, "\n") {
				for _, st := range parsed(t, line) {
					sampled[reflect.TypeOf(st).Elem().Name()] = true
				}
			}
		}
	}
	for _, kind := range parse.ShowForms() {
		if !kinds[kind] {
			t.Errorf("%s has no row in rows_test.go", kind)
		}
	}
	for _, name := range nodes(t) {
		if !sampled[name] {
			t.Errorf("ast.%s has no sample in rows_test.go", name)
		}
	}
}

// nodes lists the statements of engine/ast: structs that embed Node.
func nodes(t *testing.T) []string {
	paths, err := filepath.Glob(root + "engine/ast/*.go")
	if err != nil || len(paths) == 0 {
		t.Fatal(paths, err)
	}
	var out []string
	for _, path := range paths {
		f, err := parser.ParseFile(token.NewFileSet(), path, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		ast.Inspect(f, func(n ast.Node) bool {
			s, ok := n.(*ast.TypeSpec)
			if !ok {
				return true
			}
			if st, ok := s.Type.(*ast.StructType); ok && len(st.Fields.List) > 0 {
				if id, ok := st.Fields.List[0].Type.(*ast.Ident); ok && id.Name == "Node" && len(st.Fields.List[0].Names) == 0 {
					out = append(out, s.Name.Name)
				}
			}
			return true
		})
	}
	return out
}

// TestAnchors: the page has the anchor of every refusal that the source writes out.
func TestAnchors(t *testing.T) {
	text, err := os.ReadFile(root + sqlstate.SupportPage)
	if err != nil {
		t.Fatal(err)
	}
	anchors := anchorsOf(string(text))
	call := regexp.MustCompile(`Unbuilt\("([^"]+)"`)
	found := 0
	err = filepath.WalkDir(root, func(path string, d os.DirEntry, err error) error {
		if err != nil || d.IsDir() || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
			return err
		}
		src, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		for _, m := range call.FindAllStringSubmatch(string(src), -1) {
			found++
			if !anchors[sqlstate.Anchor(m[1])] {
				t.Errorf("%s: %s has no section in %s", path, m[1], sqlstate.SupportPage)
			}
		}
		return nil
	})
	if err != nil || found == 0 {
		t.Errorf("%d refusals found, %v", found, err)
	}
	for _, m := range regexp.MustCompile(`\]\(#([^)]+)\)`).FindAllStringSubmatch(string(text), -1) {
		if !anchors[m[1]] {
			t.Errorf("the page links #%s, which it has not", m[1])
		}
	}
}

// anchorsOf lists the anchors of a page: headings and <a id>.
func anchorsOf(text string) map[string]bool {
	out := map[string]bool{}
	for _, m := range regexp.MustCompile(`(?m)^#+ (.+)$|<a id="([^"]+)">`).FindAllStringSubmatch(text, -1) {
		if m[1] != "" {
			out[sqlstate.Anchor(m[1])] = true
		} else {
			out[m[2]] = true
		}
	}
	return out
}

// firstDifference shows the first lines that differ.
func firstDifference(a, b string) string {
	x, y := strings.Split(a, "\n"), strings.Split(b, "\n")
	for i := range min(len(x), len(y)) {
		if x[i] != y[i] {
			return fmt.Sprintf("line %d\n- %s\n+ %s", i+1, x[i], y[i])
		}
	}
	return fmt.Sprintf("%d lines against %d", len(x), len(y))
}
