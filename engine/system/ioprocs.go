package system

import (
	"slices"
	"sync"

	"github.com/redshiftsim/redshiftsim/engine/function"
	"github.com/redshiftsim/redshiftsim/engine/principal"
	"github.com/redshiftsim/redshiftsim/internal/types"
)

// Each type is read and written by four functions, which pg_type names and pg_proc lists behind those of the book. Nobody can call them.
//
//	pg_type   int4   typinput = int4in   typoutput = int4out   typreceive = int4recv   typsend = int4send
//	pg_type   _int4  typinput = array_in ..                                                             as of all arrays

// Types of arguments and results that no column has.
const (
	cstringOID  = 2275
	internalOID = 2281
	byteaOID    = 17
)

// ioFunctions are the names of a type's functions for text in, text out, binary in and binary out, as PostgreSQL 8.0 has them.
// https://www.postgresql.org/docs/8.0/catalog-pg-type.html
func ioFunctions(t types.Type) [4]string {
	name := t.InternalName()
	switch {
	case t.Kind == types.AnyArray:
		name += "_"
	case t.IsArray() && t.Kind != types.Int2Vector && t.Kind != types.OIDVector:
		name = "array_"
	case t.IsDatetime() || t.Kind == types.Interval || t.Kind == types.Numeric:
		name += "_"
	}
	return [4]string{name + "in", name + "out", name + "recv", name + "send"}
}

// ioProcs are the rows of pg_proc of these functions, without those that the book has.
var ioProcs = sync.OnceValue(func() []proc {
	var known []string
	for _, f := range function.Builtins() {
		known = append(known, f.Name)
	}
	var out []proc
	for k := range types.NumKinds {
		t := types.Type{Kind: k}
		for way, name := range ioFunctions(t) {
			if slices.Contains(known, name) {
				continue
			}
			known = append(known, name)
			p := proc{
				id: uint32(firstProc + builtins() + int64(len(out))), name: name, source: name, space: pgCatalogID, owner: principal.BootstrapID,
				language: languageInternal, strict: true, oids: []uint32{t.OID()}, result: t.OID(),
			}
			switch way {
			case 0:
				p.oids = []uint32{cstringOID}
			case 1:
				p.result = cstringOID
			case 2:
				p.oids = []uint32{internalOID}
			case 3:
				p.result = byteaOID
			}
			out = append(out, p)
		}
	}
	return out
})

// ProcNamed finds a built-in function of pg_proc by its name, and how many have it.
func ProcNamed(name string) (id int64, count int) {
	for i, f := range function.Builtins() {
		if f.Name == name {
			id = firstProc + int64(i)
			count++
		}
	}
	for _, p := range ioProcs() {
		if p.name == name {
			id = int64(p.id)
			count++
		}
	}
	return id, count
}

// ProcName is the name of a built-in function of pg_proc.
func ProcName(id int64) (name string, ok bool) {
	n := id - firstProc
	switch {
	case n < 0:
	case n < builtins():
		return function.Builtins()[n].Name, true
	case n < builtins()+int64(len(ioProcs())):
		return ioProcs()[n-builtins()].name, true
	}
	return "", false
}
