package system

import (
	"strconv"
	"strings"
	"sync"

	"github.com/redshiftsim/redshiftsim/engine/catalog"
	"github.com/redshiftsim/redshiftsim/engine/function"
	"github.com/redshiftsim/redshiftsim/engine/principal"
	"github.com/redshiftsim/redshiftsim/internal/types"
)

const procColumns = "proname name, pronamespace oid, proowner integer, prolang oid, proisagg boolean, prosecdef boolean, proisstrict boolean, " +
	"proretset boolean, provolatile character(1), pronargs smallint, prorettype oid, proargtypes oidvector, proargnames text[], prosrc text, probin text, " +
	"proacl aclitem[]"

// procTables are the functions: those that SQL has made, and those of the book, which belong to rdsdb, and the procedures.
var procTables = []table{
	// https://www.postgresql.org/docs/8.0/catalog-pg-proc.html
	{"pg_proc", leader, procColumns + ", oid oid hidden", func(e *Env, r *row) { procs(e, r, false) }},
	// https://docs.aws.amazon.com/redshift/latest/dg/r_PG_PROC_INFO.html
	{
		"pg_proc_info", leader, "prooid oid, " + procColumns + `, prokind character(1), proargmodes "char"[], proallargtypes oid[]`,
		func(e *Env, r *row) { procs(e, r, true) },
	},
}

// languageInternal is pg_language.oid of functions that are built in.
const languageInternal = 12

// firstProc numbers the functions of the book.
const firstProc = 2000

// builtins counts the functions of the book.
var builtins = sync.OnceValue(func() int64 { return int64(len(function.Builtins())) })

// IsBuiltin says that a number is that of a function in pg_proc that SQL has not made.
func IsBuiltin(id int64) bool {
	_, ok := ProcName(id)
	return ok
}

// procs is one row a function and list of arguments.
func procs(e *Env, r *row, info bool) {
	e.eachProc(func(p *proc) bool {
		p.send(e, r, info)
		return !r.over
	})
}

// eachProc calls f for each function until it says no: those of the book, those of types, those that SQL has made.
func (e *Env) eachProc(f func(p *proc) bool) {
	n := uint32(firstProc)
	for _, b := range function.Builtins() {
		if !f(&proc{
			id: n, name: b.Name, space: pgCatalogID, owner: principal.BootstrapID, language: languageInternal, aggregate: b.Aggregate, strict: b.Strict,
			volatility: b.Volatility, args: b.Args, returns: b.Returns, source: b.Name,
		}) {
			return
		}
		n++
	}
	for i := range ioProcs() {
		if !f(&ioProcs()[i]) {
			return
		}
	}
	spaces := e.namespaces()
	for _, m := range e.Catalog.AllFunctions() {
		p := &proc{
			id: m.ID, name: m.Name, space: spaces[m.Schema], owner: m.Owner, language: catalog.LanguageSQL, volatility: function.VolatilityNamed(m.Volatility),
			args: m.Args, returns: m.Returns, source: m.Body, made: m,
		}
		switch {
		case m.Procedure != nil:
			p.procedure(m)
		case m.External != nil:
			p.language = catalog.LanguageExfunc
		}
		if !f(p) {
			return
		}
	}
}

// proc is a row of pg_proc.
type proc struct {
	id, space, language uint32
	name, source        string
	owner               int
	aggregate, strict   bool
	definer             bool
	names, modes, all   string            // of a procedure's arguments, as arrays; "" = NULL
	made                *catalog.Function // nil = nobody has made it
	volatility          function.Volatility
	args                []types.Type
	returns             types.Type
	oids                []uint32 // instead of args and returns
	result              uint32
}

// send sends the row.
func (p *proc) send(e *Env, r *row, info bool) {
	if info {
		r.id(p.id)
	}
	r.text(p.name)
	r.int(int64(p.space), int64(p.owner), int64(p.language))
	r.bool(p.aggregate, p.definer, p.strict, false)
	r.text(string("isv"[p.volatility]))
	oids, result := p.oids, p.result
	if oids == nil {
		result = p.returns.OID()
		for _, t := range p.args {
			oids = append(oids, t.OID())
		}
	}
	r.int(int64(len(oids)), int64(result))
	list := make([]string, len(oids))
	for i, id := range oids {
		list[i] = strconv.FormatUint(uint64(id), 10)
	}
	r.text(strings.Join(list, " "))
	r.maybe(p.names) // those of functions have none: $1, $2 ..
	r.text(p.source)
	r.null(1)
	if p.made != nil {
		e.acl(r, p.made.Object(), p.id)
	} else {
		r.null(1)
	}
	if info {
		kind := "f"
		switch {
		case p.aggregate:
			kind = "a"
		case p.made != nil && p.made.Procedure != nil:
			kind = "p"
		}
		r.text(kind)
		r.maybe(p.modes)
		r.maybe(p.all)
	} else {
		r.id(p.id)
	}
	r.send()
}
