package nested

import (
	"strings"

	"github.com/redshiftsim/redshiftsim/internal/types"
)

// Kind says what a type is.
type Kind uint8

// Kinds.
const (
	Scalar Kind = iota
	Struct
	Array
	Map
)

// String is the word of a kind.
// https://docs.aws.amazon.com/redshift/latest/dg/tutorial-query-nested-data.html
func (k Kind) String() string { return [...]string{"scalar", "struct", "array", "map"}[k] }

// MaxDepth is how deep types may be nested.
// https://docs.aws.amazon.com/redshift/latest/dg/nested-data-restrictions.html
const MaxDepth = 100

// Type is the type of a column of an external table, or of a part of one.
type Type struct {
	Kind   Kind
	Scalar types.Type // of a Scalar
	Names  []string   // of a struct's fields; of a map key and value
	Parts  []*Type    // fields; the element of an array; key and value of a map
	// Read says that a query reads the scalar, or goes through the array or map. It is set in the copy that a query has.
	Read bool
}

// Of is a scalar.
func Of(t types.Type) *Type { return &Type{Scalar: t} }

// mapNames are the names by which queries reach the parts of a map.
// https://docs.aws.amazon.com/redshift/latest/dg/tutorial-query-nested-data.html#nested-data-sqlextension4
var mapNames = []string{"key", "value"}

// ArrayOf, MapOf and StructOf make the others; names of fields are one for each part.
func ArrayOf(e *Type) *Type { return &Type{Kind: Array, Parts: []*Type{e}} }

// MapOf is a map.
func MapOf(key, value *Type) *Type {
	return &Type{Kind: Map, Names: mapNames, Parts: []*Type{key, value}}
}

// StructOf is a struct.
func StructOf(names []string, parts []*Type) *Type {
	return &Type{Kind: Struct, Names: names, Parts: parts}
}

// SQL is the type by which plans know its values: TNested of what is no scalar.
func (t *Type) SQL() types.Type {
	if t.Kind == Scalar {
		return t.Scalar
	}
	return types.TNested
}

// Element is what FROM goes through: the element of an array, and of a map a struct of key and value. nil = it is neither.
// https://docs.aws.amazon.com/redshift/latest/dg/tutorial-query-nested-data.html#nested-data-sqlextension4
func (t *Type) Element() *Type {
	switch t.Kind {
	case Array:
		return t.Parts[0]
	case Map:
		return StructOf(t.Names, t.Parts)
	}
	return nil
}

// Field finds the field of a struct by its name, or, with fold, by one of other capitals; -1 when it has none.
// https://docs.aws.amazon.com/redshift/latest/dg/r_enable_case_sensitive_identifier.html#r_enable_case_sensitive_identifier-usage-notes
func (t *Type) Field(name string, fold bool) int {
	if t.Kind == Struct {
		for i, n := range t.Names {
			if n == name || fold && strings.EqualFold(n, name) {
				return i
			}
		}
	}
	return -1
}

// Copy is t for a query to mark in it what it reads.
func (t *Type) Copy() *Type {
	c := *t
	c.Read, c.Parts = false, make([]*Type, len(t.Parts))
	for i, p := range t.Parts {
		c.Parts[i] = p.Copy()
	}
	return &c
}

// Reads says whether a query reads something of it.
func (t *Type) Reads() bool {
	if t.Read {
		return true
	}
	for _, p := range t.Parts {
		if p.Reads() {
			return true
		}
	}
	return false
}

// ReadAll marks all of it.
func (t *Type) ReadAll() {
	t.Read = true
	for _, p := range t.Parts {
		p.ReadAll()
	}
}

// Depth is how many types lie within each other, 0 of a scalar. A parser bounds it.
func (t *Type) Depth() int {
	most := 0
	for _, p := range t.Parts {
		most = max(most, p.Depth())
	}
	if t.Kind != Scalar {
		most++
	}
	return most
}

// Text writes the type: struct<given:varchar(20),phones:array<int>>. scalar names the scalars, field writes the name of a field, nil = as it is.
// https://docs.aws.amazon.com/redshift/latest/dg/tutorial-query-nested-data.html#tutorial-nested-data-create-table
func (t *Type) Text(scalar func(types.Type) string, field func(string) string) string {
	if t.Kind == Scalar {
		return scalar(t.Scalar)
	}
	var b strings.Builder
	b.WriteString(t.Kind.String() + "<")
	for i, p := range t.Parts {
		if i > 0 {
			b.WriteByte(',')
		}
		if t.Kind == Struct {
			name := t.Names[i]
			if field != nil {
				name = field(name)
			}
			b.WriteString(name + ":")
		}
		b.WriteString(p.Text(scalar, field))
	}
	b.WriteByte('>')
	return b.String()
}
