package parse

import (
	"fmt"
	"reflect"
	"strings"
	"testing"

	"github.com/redshiftsim/redshiftsim/engine/ast"
)

// astray finds a column, literal or parameter of a tree that does not stand where its text is. Trees of other texts, of bodies and of UNLOAD's query, are
// left out.
func astray(v reflect.Value, text string) string {
	switch v.Kind() {
	case reflect.Interface, reflect.Pointer:
		if v.IsNil() {
			return ""
		}
		if bad := strayed(v.Interface(), text); bad != "" {
			return bad
		}
		return astray(v.Elem(), text)
	case reflect.Slice:
		for i := range v.Len() {
			if bad := astray(v.Index(i), text); bad != "" {
				return bad
			}
		}
	case reflect.Struct:
		switch v.Type() {
		case reflect.TypeFor[ast.CreateRoutine](), reflect.TypeFor[ast.Unload](), reflect.TypeFor[ast.TypeName]():
			return ""
		}
		for i := range v.NumField() {
			if v.Type().Field(i).IsExported() {
				if bad := astray(v.Field(i), text); bad != "" {
					return bad
				}
			}
		}
	}
	return ""
}

// strayed says what is wrong with the place of one node.
func strayed(x any, text string) string {
	var (
		word string
		at   int
	)
	switch x := x.(type) {
	case *ast.ColumnRef:
		word, at = x.Parts[0], x.Offset()
	case *ast.Param:
		word, at = fmt.Sprintf("$%d", x.N), x.Offset()
	case *ast.NamedParam:
		word, at = ":"+x.Name, x.Offset()
	case *ast.Literal:
		at = x.Offset()
		switch x.Kind {
		case ast.Null:
			word = "null"
		case ast.Default:
			word = "default"
		case ast.Number, ast.Bool:
			word = x.Text
		}
	default:
		return ""
	}
	if at >= len(text) {
		return fmt.Sprintf("%s (%T) at %d of %d", word, x, at, len(text))
	}
	here := text[at:]
	if here[0] == '"' {
		here = strings.ReplaceAll(here[1:], `""`, `"`)
	}
	lower := strings.Map(func(r rune) rune {
		if r >= 'A' && r <= 'Z' {
			return r + 'a' - 'A'
		}
		return r
	}, here[:min(len(here), 2*len(word)+8)])
	if l, ok := x.(*ast.Literal); ok && (l.Kind == ast.String || l.Kind == ast.Number && word == "1") { // SUBSTRING .. FOR begins at a 1 that nobody wrote
		return ""
	}
	if p, ok := x.(*ast.Param); ok {
		if len(here) < 2 || here[0] != '$' {
			return fmt.Sprintf("$%d at %d: %.20s", p.N, at, here)
		}
		return ""
	}
	if !strings.HasPrefix(lower, strings.ToLower(word)) && !strings.HasPrefix(lower, word) {
		return fmt.Sprintf("%s (%T) at %d: %.20s", word, x, at, here)
	}
	return ""
}

// TestAstray says that astray sees what it looks for.
func TestAstray(t *testing.T) {
	text := `select "Abc", x.y + 1 from t where b in (select c from u)`
	list, err := Parse(text)
	if err != nil {
		t.Fatal(err)
	}
	if bad := astray(reflect.ValueOf(list), text); bad != "" {
		t.Error(bad)
	}
	in := list[0].(*ast.Select).Where.(*ast.In)
	in.Query.Items[0].Expr.(*ast.ColumnRef).Pos--
	if astray(reflect.ValueOf(list), text) == "" {
		t.Error("a column that is moved is not seen")
	}
}
