package system

import (
	"strconv"
	"strings"

	"github.com/redshiftsim/redshiftsim/engine/catalog"
	"github.com/redshiftsim/redshiftsim/engine/function"
	"github.com/redshiftsim/redshiftsim/internal/types"
)

// Numbers of pseudo-types.
// https://www.postgresql.org/docs/8.0/datatype-pseudo.html
const (
	refcursorOID = 1790
	recordOID    = 2249
	voidOID      = 2278
)

// languagePLpgSQL is pg_language.oid of procedures.
const languagePLpgSQL = 101040

// procedureTables tell of CALLs and of the messages of RAISE, which stand in the records of the log.
//
//	Record {CALL outer(), Procedure: {Query 7, Messages: [..]}}
//	Record {CALL inner(), Procedure: {Query 8, From 7}}
var procedureTables = []table{
	// https://docs.aws.amazon.com/redshift/latest/dg/r_SVL_STORED_PROC_CALL.html
	{
		"svl_stored_proc_call", 0, "userid integer, session_userid integer, query integer, label character(320), xid bigint, pid integer, " +
			"database character(32), querytxt character(4000), starttime timestamp, endtime timestamp, aborted integer, from_sp_call integer",
		func(e *Env, r *row) {
			e.calls(func(x *Record) bool {
				r.int(int64(x.UserID), int64(x.Procedure.SessionUser), x.Procedure.Query)
				r.text(x.labelOr("default"))
				r.int(x.XID, int64(x.PID))
				r.text(x.Database, x.Text)
				r.time(x.Start, x.End)
				r.flagged(x.Aborted())
				r.caller(x.Procedure.From)
				r.send()
				return !r.over
			})
		},
	},
	// https://docs.aws.amazon.com/redshift/latest/dg/r_SVL_STORED_PROC_MESSAGES.html
	{
		"svl_stored_proc_messages", 0, "userid integer, session_userid integer, pid integer, xid bigint, query integer, recordtime timestamp, loglevel integer, " +
			"loglevel_text character(10), message character(1024), linenum integer, querytext character(500), label character(320), aborted integer, message_xid bigint",
		func(e *Env, r *row) {
			e.messages(func(x *Record, m *Message) bool {
				r.int(int64(x.UserID), int64(x.Procedure.SessionUser), int64(x.PID), x.XID, x.Procedure.Query)
				r.time(m.Time)
				r.int(int64(m.Level))
				r.text(m.levelText(), m.Text)
				r.int(int64(m.Line))
				r.text(x.Text, x.labelOr("default"))
				r.flagged(x.Aborted())
				r.int(m.XID)
				r.send()
				return !r.over
			})
		},
	},
	// https://docs.aws.amazon.com/redshift/latest/dg/SYS_PROCEDURE_CALL.html
	{
		"sys_procedure_call", 0, "session_user_id integer, security_user_id integer, query_id integer, query_text character(4000), start_time timestamp, " +
			"end_time timestamp, status character(10), caller_procedure_query_id integer, query_uuid character(36)",
		func(e *Env, r *row) {
			numbers := map[int64]int64{}
			e.calls(func(x *Record) bool {
				numbers[x.Procedure.Query] = x.Number
				return true
			})
			e.calls(func(x *Record) bool {
				r.int(int64(x.Procedure.SessionUser), int64(x.UserID), x.Number)
				r.text(x.Text)
				r.time(x.Start, x.End)
				if x.Aborted() {
					r.text("canceled")
				} else {
					r.text("success")
				}
				r.caller(numbers[x.Procedure.From])
				r.text(e.uuid(x))
				r.send()
				return !r.over
			})
		},
	},
	// https://docs.aws.amazon.com/redshift/latest/dg/SYS_PROCEDURE_MESSAGES.html
	{
		"sys_procedure_messages", 0, "transaction_id bigint, query_id integer, record_time timestamp, log_level character(10), message character(1024), " +
			"line_number integer, query_uuid character(36)",
		func(e *Env, r *row) {
			e.messages(func(x *Record, m *Message) bool {
				r.int(m.XID, x.Number)
				r.time(m.Time)
				r.text(m.levelText(), m.Text)
				r.int(int64(m.Line))
				r.text(e.uuid(x))
				r.send()
				return !r.over
			})
		},
	},
}

// calls are the records of CALLs.
func (e *Env) calls(f func(x *Record) bool) {
	e.records(func(x *Record) bool { return x.Procedure == nil || x.Procedure.Query == 0 || f(x) })
}

// messages are those of RAISE.
func (e *Env) messages(f func(x *Record, m *Message) bool) {
	e.calls(func(x *Record) bool {
		for i := range x.Procedure.Messages {
			if !f(x, &x.Procedure.Messages[i]) {
				return false
			}
		}
		return true
	})
}

// caller writes the number of the CALL around something; 0 = there is none.
func (r *row) caller(query int64) {
	if query == 0 {
		r.null(1)
		return
	}
	r.int(query)
}

// levelText is the level by its name.
func (m *Message) levelText() string {
	for name, n := range levels {
		if n == m.Level {
			return name
		}
	}
	return ""
}

// argumentOID is the number of an argument's type.
func argumentOID(t types.Type) uint32 {
	if t.Kind == types.Text {
		return refcursorOID
	}
	return t.OID()
}

// procedure makes the row of pg_proc of a procedure.
func (p *proc) procedure(f *catalog.Function) {
	p.language, p.definer, p.oids, p.result = languagePLpgSQL, f.Procedure.Definer, []uint32{}, voidOID
	for _, t := range f.Args {
		p.oids = append(p.oids, argumentOID(t))
	}
	var names, modes, all []string
	named, plain := false, true
	for i := range f.Procedure.Args {
		a := &f.Procedure.Args[i]
		if a.Out {
			p.result, plain = recordOID, false
		}
		named = named || a.Name != ""
		names, all = append(names, a.Name), append(all, strconv.FormatUint(uint64(argumentOID(a.Type)), 10))
		modes = append(modes, map[string]string{"IN": "i", "OUT": "o", "INOUT": "b"}[a.Mode()])
	}
	if named {
		p.names = types.FormatArray(types.TTextArray, names...)
	}
	if !plain {
		p.modes, p.all = types.FormatArray(types.Type{Kind: types.CharArray}, modes...), types.FormatArray(types.Type{Kind: types.OIDArray}, all...)
	}
}

// ShowProcedures is SHOW PROCEDURES, of those that sees lets through.
// https://docs.aws.amazon.com/redshift/latest/dg/r_SHOW_PROCEDURES.html
func (e *Env) ShowProcedures(schema string, sees func(f *catalog.Function) bool) Listing {
	return e.list(routineColumns("procedure"), 2, func(e *Env, r *row) {
		for _, f := range e.Catalog.AllFunctions() {
			if f.Schema != schema || f.Procedure == nil || !sees(f) {
				continue
			}
			r.text(e.Database, f.Schema, f.Name)
			r.int(int64(len(f.Args)))
			r.text(catalog.KindNames(f.Args), catalog.KindNames(f.Procedure.Outputs()))
			r.null(1)
			r.send()
		}
	})
}

// ShowProcedureParameters is SHOW PARAMETERS OF PROCEDURE. f nil = the columns alone are wanted.
// https://docs.aws.amazon.com/redshift/latest/dg/r_SHOW_PARAMETERS.html
func (e *Env) ShowProcedureParameters(f *catalog.Function) Listing {
	return e.list(parameterColumns("procedure"), 3, func(e *Env, r *row) {
		for i := range f.Procedure.Args {
			a := &f.Procedure.Args[i]
			r.text(e.Database, f.Schema, f.Name, a.Name)
			r.int(int64(i + 1))
			r.text(a.Mode())
			if a.Type.Kind == types.Text {
				r.text("refcursor")
				r.null(3)
				r.send()
				continue
			}
			r.text(plainName(a.Type))
			switch g := figuresOf(a.Type); {
			case a.Type.IsText():
				r.int(g.length)
				r.null(2)
			case g.precision < 0:
				r.null(3)
			default:
				r.null(1)
				g.put(r, g.precision, g.scale)
			}
			r.send()
		}
	})
}

// ShowProcedure is the definition of a procedure, as SHOW PROCEDURE gives it: the statement makes it again.
// https://docs.aws.amazon.com/redshift/latest/dg/r_SHOW_PROCEDURE.html
func ShowProcedure(f *catalog.Function) string {
	var b strings.Builder
	b.WriteString("CREATE OR REPLACE PROCEDURE " + function.QuoteIdent(f.Schema) + "." + function.QuoteIdent(f.Name) + "(")
	for i := range f.Procedure.Args {
		a := &f.Procedure.Args[i]
		if i > 0 {
			b.WriteString(", ")
		}
		if a.Out {
			b.WriteString(a.Mode() + " ")
		}
		if a.Name != "" {
			b.WriteString(function.QuoteIdent(a.Name) + " ")
		}
		b.WriteString(declaredType(a.Type))
	}
	b.WriteString(")\nLANGUAGE plpgsql\n")
	if f.Procedure.NonAtomic {
		b.WriteString("NONATOMIC\n")
	}
	if f.Procedure.Definer {
		b.WriteString("SECURITY DEFINER\n")
	}
	for _, v := range f.Procedure.Set {
		value := "DEFAULT"
		if !v.Default {
			value = "'" + strings.ReplaceAll(v.Value, "'", "''") + "'"
		}
		if v.Name == "search_path" && !v.Default { // a list of names
			value = v.Value
		}
		b.WriteString("SET " + v.Name + " TO " + value + "\n")
	}
	quote := "$_$"
	for strings.Contains(f.Body, quote) {
		quote = "$_" + quote[1:]
	}
	b.WriteString("AS " + quote + f.Body + quote)
	return b.String()
}

// declaredType is a type as it is written: without the modifiers that it has anyhow.
func declaredType(t types.Type) string {
	switch {
	case t.Kind == types.Text:
		return "refcursor"
	case t.Kind == types.Varchar && t.Len == 256, t.Kind == types.Numeric && t.Prec == 18 && t.Scale == 0:
		return plainName(t)
	}
	return t.String()
}
