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

// procTables are the functions: those that SQL has made, and those of the book, which belong to rdsdb. There are no procedures.
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

// IsBuiltin says that a number is that of a function of the book, in pg_proc.
func IsBuiltin(id int64) bool { return id >= firstProc && id < firstProc+builtins() }

// procs is one row a function and list of arguments.
func procs(e *Env, r *row, info bool) {
	n := uint32(firstProc)
	for _, f := range function.Builtins() {
		put := proc{
			id: n, name: f.Name, space: pgCatalogID, owner: principal.BootstrapID, language: languageInternal, aggregate: f.Aggregate, strict: f.Strict,
			volatility: f.Volatility, args: f.Args, returns: f.Returns, source: f.Name,
		}
		put.send(e, r, info)
		n++
		if r.over {
			return
		}
	}
	spaces := e.namespaces()
	for _, f := range e.Catalog.AllFunctions() {
		put := proc{
			id: f.ID, name: f.Name, space: spaces[f.Schema], owner: f.Owner, language: catalog.LanguageSQL, volatility: function.VolatilityNamed(f.Volatility),
			args: f.Args, returns: f.Returns, source: f.Body, made: true,
		}
		put.send(e, r, info)
	}
}

// proc is a row of pg_proc.
type proc struct {
	id, space, language     uint32
	name, source            string
	owner                   int
	aggregate, strict, made bool
	volatility              function.Volatility
	args                    []types.Type
	returns                 types.Type
}

// send sends the row.
func (p *proc) send(e *Env, r *row, info bool) {
	if info {
		r.id(p.id)
	}
	r.text(p.name)
	r.int(int64(p.space), int64(p.owner), int64(p.language))
	r.bool(p.aggregate, false, p.strict, false)
	r.text(string("isv"[p.volatility]))
	r.int(int64(len(p.args)), int64(p.returns.OID()))
	list := make([]string, len(p.args))
	for i, t := range p.args {
		list[i] = strconv.FormatUint(uint64(t.OID()), 10)
	}
	r.text(strings.Join(list, " "))
	r.null(1) // arguments have no names: $1, $2 ..
	r.text(p.source)
	r.null(1)
	if p.made {
		e.acl(r, principal.Function, p.id)
	} else {
		r.null(1)
	}
	if info {
		kind := "f"
		if p.aggregate {
			kind = "a"
		}
		r.text(kind)
		r.null(2)
	} else {
		r.id(p.id)
	}
	r.send()
}
