package ast

import (
	"reflect"

	"github.com/redshiftsim/redshiftsim/internal/types"
)

// Inspect calls f for every node of a statement or a part of one, parents first; what is below a node for which f gives false is left out. Nodes are pointers
// to structs. It finds the fields by reflection, so that no kind of node is forgotten: it is for what happens once per DDL statement or vet, not per query.
func Inspect(n any, f func(any) bool) { inspect(reflect.ValueOf(n), f) }

func inspect(v reflect.Value, f func(any) bool) {
	switch v.Kind() {
	case reflect.Interface:
		inspect(v.Elem(), f)
	case reflect.Pointer:
		if v.IsNil() || v.Elem().Kind() != reflect.Struct || !f(v.Interface()) {
			return
		}
		inspect(v.Elem(), f)
	case reflect.Struct:
		if v.Type() == reflect.TypeFor[types.Type]() {
			return
		}
		for i := range v.NumField() {
			if v.Type().Field(i).IsExported() {
				inspect(v.Field(i), f)
			}
		}
	case reflect.Slice:
		for i := range v.Len() {
			inspect(v.Index(i), f)
		}
	}
}
