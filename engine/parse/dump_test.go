package parse

import (
	"reflect"
	"strings"

	"github.com/redshiftsim/redshiftsim/engine/ast"
)

// expressions are the types that printer.expr prints.
const expressions = ` Literal Param NamedParam ColumnRef Path Star Unary Binary Is Between In Like Quantified Array Exists Subquery Cast Interval Case Row FuncCall
 AtTimeZone Collate OuterMark Named Grouping Prior `

// dump prints any node as Type{field=value ..}: fields that say nothing are left out, names and expressions are printed as SQL.
func (p *printer) dump(v reflect.Value) {
	if v.Kind() == reflect.Interface || v.Kind() == reflect.Pointer && v.IsNil() {
		if v.IsNil() {
			p.put("<nil>")
			return
		}
		v = v.Elem()
	}
	switch x := v.Interface().(type) {
	case *ast.Select, *ast.Insert, *ast.Update, *ast.Delete:
		p.put("[")
		p.statement(x.(ast.Statement))
		p.put("]")
		return
	case ast.Name:
		p.names(x.Parts)
		return
	case *ast.Name:
		p.names(x.Parts)
		return
	case ast.ColumnName:
		p.put("%s", x.Name)
		return
	case *ast.TypeName:
		p.typ(x)
		return
	case ast.Assignment:
		p.put("%s=", x.Column.Name)
		p.expr(x.Value)
		return
	case ast.ColumnDef:
		if x.Type != nil {
			p.column(&x)
			return
		}
	case *ast.ColumnDef:
		p.column(x)
		return
	case *ast.FuncCall:
		p.expr(x)
		return
	case *ast.Formula: // its text is the expression's
		p.expr(x.X)
		return
	case *ast.TableRef, *ast.Derived, *ast.Join, *ast.TableFunc, *ast.Unnest, *ast.Pivot, *ast.Unpivot:
		p.item(x.(ast.From))
		return
	case ast.Statement:
	case ast.Expr: // whatever has a place; what is no expression is a struct here
		if v.Kind() == reflect.Pointer && strings.Contains(expressions, " "+v.Type().Elem().Name()+" ") {
			p.expr(x)
			return
		}
	}
	switch v.Kind() {
	case reflect.Pointer:
		p.dump(v.Elem())
	case reflect.Slice, reflect.Array:
		p.put("[")
		for i := range v.Len() {
			if i > 0 {
				p.put(" ")
			}
			p.dump(v.Index(i))
		}
		p.put("]")
	case reflect.Struct:
		p.put("%s{", v.Type().Name())
		p.fields(v, true)
		p.put("}")
	case reflect.String:
		if s := v.String(); strings.ContainsAny(s, " '\n") || s == "" {
			p.put("%q", s)
		} else {
			p.put("%s", s)
		}
	default:
		p.put("%v", v.Interface())
	}
}

// fields prints a struct's fields that say something.
func (p *printer) fields(v reflect.Value, first bool) {
	for i := range v.NumField() {
		f := v.Type().Field(i)
		if !f.IsExported() || v.Field(i).IsZero() || strings.HasSuffix(f.Name, "Pos") || f.Name == "Node" {
			continue
		}
		if !first {
			p.put(" ")
		}
		first = false
		if f.Anonymous {
			p.fields(v.Field(i), true)
			continue
		}
		if v.Field(i).Kind() == reflect.Bool {
			p.put("%s", f.Name)
			continue
		}
		p.put("%s=", f.Name)
		p.dump(v.Field(i))
	}
}
