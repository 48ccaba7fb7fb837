package sqlmatch

import (
	"reflect"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/redshiftsim/redshiftsim/engine/ast"
)

// clauses are the words for fields in the path of a difference, where the field's own name would not do; "" = no step.
var clauses = map[string]string{
	"Items": "the select list", "GroupBy": "GROUP BY", "OrderBy": "ORDER BY", "StartWith": "START WITH", "ConnectBy": "CONNECT BY",
	"Left": "the left query", "Right": "the right query", "L": "the left table", "R": "the right table",
	"X": "the operand", "Lo": "the lower bound", "Hi": "the upper bound", "Args": "the arguments", "Name": "the name", "Columns": "the columns",
	"Rows": "VALUES", "Query": "the query", "Expr": "", "Stmt": "the statement", "Parts": "", "Desc": "DESC", "Whens": "WHEN", "Cond": "the condition",
	"Then": "THEN", "Partition": "PARTITION BY", "Order": "ORDER BY", "WithinGroup": "WITHIN GROUP", "Over": "OVER", "Text": "the text", "Value": "the value",
	"IfNotExists": "IF NOT EXISTS", "IfExists": "IF EXISTS", "Options": "the options", "Type": "the type", "DistKey": "DISTKEY", "SortKey": "SORTKEY",
	"DistStyle": "DISTSTYLE", "SortStyle": "the style of SORTKEY", "NotNull": "NOT NULL", "Primary": "PRIMARY KEY", "References": "REFERENCES",
	"Block": "the body", "Attributes": "", "Table": "the table", "Source": "the source", "Call": "the call", "Steps": "the path", "Not": "NOT",
	"NotMatched": "WHEN NOT MATCHED", "Matched": "WHEN MATCHED", "RemoveDuplicates": "REMOVE DUPLICATES", "IntoTemp": "INTO TEMP", "IgnoreNulls": "IGNORE NULLS",
}

// phrase says in words which part of its node a field is.
func phrase(f reflect.StructField) string {
	if s, ok := clauses[f.Name]; ok {
		return s
	}
	if f.Type.Kind() == reflect.String {
		return "the " + strings.ToLower(f.Name)
	}
	return strings.ToUpper(f.Name)
}

// literalKinds says what sort of literal one is.
var literalKinds = map[ast.LiteralKind]string{ast.Null: "NULL", ast.Bool: "a boolean", ast.Number: "a number", ast.String: "a string", ast.Default: "DEFAULT"}

// kind says what sort of node one is.
func kind(n any) string {
	switch n := n.(type) {
	case *ast.Literal:
		return "a literal"
	case *ast.Param, *ast.NamedParam:
		return "a parameter"
	case *ast.ColumnRef:
		return "a column"
	case *ast.FuncCall, *ast.TableFunc:
		return "a function call"
	case *ast.Subquery, *ast.Select, *ast.Derived:
		return "a query"
	case *ast.TableRef:
		return "a table"
	case ast.Statement:
		return ast.KindOf(n)
	case *ast.Binary:
		return strings.ToUpper(n.Op)
	case *ast.Unary:
		return "a prefix " + strings.ToUpper(n.Op)
	}
	return strings.ToUpper(reflect.TypeOf(n).Elem().Name())
}

// lineColumn is the place of an offset in a text, both from 1, the column in characters.
func lineColumn(text string, at int) (line, column int) {
	before := text[:min(at, len(text))]
	from := strings.LastIndexByte(before, '\n') + 1
	return strings.Count(before, "\n") + 1, utf8.RuneCountInString(before[from:]) + 1
}

// excerpt is the beginning of a text, on one line.
func excerpt(text string) string {
	text, _, _ = strings.Cut(strings.TrimLeftFunc(text, unicode.IsSpace), "\n")
	if r := []rune(text); len(r) > 60 {
		return string(r[:57]) + "..."
	}
	return text
}
