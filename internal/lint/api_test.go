package lint

import (
	"bytes"
	"flag"
	"go/ast"
	"go/doc"
	"go/parser"
	"go/printer"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"sort"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "write docs/api anew")

// promised are the packages whose exports a release keeps; docs/compatibility.md says what that means.
var promised = []string{"", "server", "dataapi", "explorer", "bench", "redshifttest"}

// TestAPI holds the exports of the promised packages against docs/api, a line per export. A line that is gone or changed breaks somebody's build: it needs
// a line under "Breaking" in CHANGELOG.md, and `go test ./internal/lint -update` writes the lists anew.
func TestAPI(t *testing.T) {
	for _, room := range promised {
		if _, err := os.Stat(filepath.Join("../..", room)); err != nil {
			continue
		}
		got := exports(t, room)
		name := room
		if name == "" {
			name = "redshiftsim"
		}
		file := filepath.Join("../../docs/api", name+".txt")
		if *update {
			if err := os.WriteFile(file, []byte(strings.Join(got, "\n")+"\n"), 0o644); err != nil {
				t.Fatal(err)
			}
			continue
		}
		b, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		want := strings.Split(strings.TrimSpace(string(b)), "\n")
		for _, l := range lacking(want, got) {
			t.Errorf("%s: a promised export is gone or changed: %s", name, l)
		}
		for _, l := range lacking(got, want) {
			t.Errorf("%s: a new export, not in docs/api yet: %s", name, l)
		}
	}
	if t.Failed() {
		t.Log("go test ./internal/lint -update writes docs/api anew; what is gone or changed goes under Breaking in CHANGELOG.md")
	}
}

// lacking gives the lines of a that b does not have.
func lacking(a, b []string) []string {
	has := map[string]bool{}
	for _, l := range b {
		has[l] = true
	}
	var out []string
	for _, l := range a {
		if !has[l] {
			out = append(out, l)
		}
	}
	return out
}

// exports lists what a package exports, sorted, a line each.
func exports(t *testing.T, room string) []string {
	fset, pkg := documented(t, room)
	var out []string
	put := func(prefix string, n ast.Node) { out = append(out, prefix+line(t, fset, n)) }
	funcs := func(fs []*doc.Func) {
		for _, f := range fs {
			f.Decl.Doc, f.Decl.Body = nil, nil
			put("", f.Decl)
		}
	}
	values := func(vs []*doc.Value) {
		for _, v := range vs {
			for _, s := range v.Decl.Specs {
				if vs, ok := s.(*ast.ValueSpec); ok {
					for _, n := range vs.Names {
						if n.IsExported() {
							out = append(out, v.Decl.Tok.String()+" "+n.Name)
						}
					}
				}
			}
		}
	}
	funcs(pkg.Funcs)
	values(pkg.Consts)
	values(pkg.Vars)
	for _, typ := range pkg.Types {
		funcs(typ.Funcs)
		funcs(typ.Methods)
		values(typ.Consts)
		values(typ.Vars)
		out = append(out, shape(t, room, fset, typ)...)
	}
	sort.Strings(out)
	return out
}

// shape is a type: its kind, and a line per exported field or method of an interface. An alias of a type of another room is that type.
func shape(t *testing.T, room string, fset *token.FileSet, typ *doc.Type) []string {
	spec := typ.Decl.Specs[0].(*ast.TypeSpec)
	var fields *ast.FieldList
	head := "type " + typ.Name + " "
	switch s := spec.Type.(type) {
	case *ast.StructType:
		head, fields = head+"struct", s.Fields
	case *ast.InterfaceType:
		head, fields = head+"interface", s.Methods
	default:
		head += line(t, fset, spec.Type)
		if sel, ok := spec.Type.(*ast.SelectorExpr); ok && spec.Assign.IsValid() {
			return append([]string{head}, aliased(t, room, typ.Name, sel)...)
		}
	}
	out := []string{head}
	if fields == nil {
		return out
	}
	for _, f := range fields.List {
		text := line(t, fset, f.Type)
		if len(f.Names) == 0 {
			out = append(out, "field "+typ.Name+" "+text)
		}
		for _, n := range f.Names {
			if n.IsExported() {
				out = append(out, "field "+typ.Name+"."+n.Name+" "+text)
			}
		}
	}
	return out
}

// aliased lists the fields and methods behind an alias whose type is made in another package of the module.
func aliased(t *testing.T, room, name string, sel *ast.SelectorExpr) []string {
	dir := ""
	fset := token.NewFileSet()
	for _, f := range sources(t, fset, room) {
		for _, im := range f.Imports {
			p := strings.Trim(im.Path.Value, `"`)
			if rest, ok := strings.CutPrefix(p, module+"/"); ok && filepath.Base(rest) == sel.X.(*ast.Ident).Name {
				dir = rest
			}
		}
	}
	if dir == "" {
		return nil
	}
	fset, pkg := documented(t, dir)
	var out []string
	for _, typ := range pkg.Types {
		if typ.Name != sel.Sel.Name {
			continue
		}
		for _, f := range typ.Methods {
			f.Decl.Doc, f.Decl.Body = nil, nil
			out = append(out, "alias "+name+": "+line(t, fset, f.Decl))
		}
		for _, l := range shape(t, dir, fset, typ) {
			out = append(out, "alias "+name+": "+l)
		}
	}
	return out
}

func documented(t *testing.T, room string) (*token.FileSet, *doc.Package) {
	fset := token.NewFileSet()
	pkg, err := doc.NewFromFiles(fset, sources(t, fset, room), module+"/"+room)
	if err != nil {
		t.Fatal(err)
	}
	return fset, pkg
}

func sources(t *testing.T, fset *token.FileSet, room string) []*ast.File {
	dir := filepath.Join("../..", room)
	pkgs, err := parser.ParseDir(fset, dir, func(i fs.FileInfo) bool { return !strings.HasSuffix(i.Name(), "_test.go") }, parser.ParseComments) //nolint:staticcheck // the package is read as one set of files, whatever it builds on
	if err != nil {
		t.Fatal(err)
	}
	var out []*ast.File
	for _, p := range pkgs {
		for _, f := range p.Files {
			out = append(out, f)
		}
	}
	return out
}

// line prints a node on one line, without comments.
func line(t *testing.T, fset *token.FileSet, n ast.Node) string {
	ast.Inspect(n, func(n ast.Node) bool {
		if f, ok := n.(*ast.Field); ok {
			f.Doc, f.Comment = nil, nil
		}
		return true
	})
	var b bytes.Buffer
	if err := printer.Fprint(&b, fset, n); err != nil {
		t.Fatal(err)
	}
	return strings.Join(strings.Fields(b.String()), " ")
}
