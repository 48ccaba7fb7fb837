package plpgsql

import (
	"github.com/redshiftsim/redshiftsim/internal/sqlstate"
	"github.com/redshiftsim/redshiftsim/internal/types"
)

// flow is where a statement leads to: the next one, the end of a loop or block, its next turn, the end of the procedure.
type flow struct {
	kind flowKind
	at   *scope
}

type flowKind uint8

const (
	next flowKind = iota
	exits
	continues
	returns
)

// value is what a slot holds: of a record also the names of its fields, nil as long as nothing was assigned to it.
type value struct {
	types.Datum
	names  []string
	fields []types.Datum
}

// run is one run of a Program: its frame.
type run struct {
	p      *Program
	host   Host
	slots  []value
	count  int64 // ROW_COUNT
	step   *step // that runs
	told   error // that has its context
	caught []error

	handler *handlerNode // of the innermost block that has one, while its body runs
}

// Run runs a procedure: in are the values of its input arguments, of their types. It gives those of its output arguments. Errors have a CONTEXT.
// https://docs.aws.amazon.com/redshift/latest/dg/r_CALL_procedure.html
func (p *Program) Run(host Host, in []types.Datum) (out []types.Datum, err error) {
	r := &run{p: p, host: host, slots: make([]value, len(p.vars))}
	r.slots[p.found].Datum = types.Datum{Type: types.TBool}
	first := p.found + 1
	for i := range p.Args {
		a := &p.Args[i]
		r.slots[first+i].Datum = types.NullOf(a.Type)
		if a.In {
			r.slots[first+i].Datum, in = in[0], in[1:]
		}
	}
	if _, err := p.body.run(r); err != nil {
		return nil, r.placed(err)
	}
	for i := range p.Args {
		if p.Args[i].Out {
			out = append(out, r.slots[first+i].Datum)
		}
	}
	return out, nil
}

// list runs statements one after the other.
func (r *run) list(list []step) (flow, error) {
	for i := range list {
		s := &list[i]
		if err := r.host.Check(); err != nil {
			r.step = s
			return flow{}, r.placed(err)
		}
		was, handler := r.step, r.handler
		r.step = s
		f, err := s.node.run(r)
		if err != nil {
			err = r.placed(err)
			if handler == nil || !handler.continues || !trappable(err) || from(err) == handler {
				return flow{}, err
			}
			if f, err = r.handle(handler, err); err != nil {
				return flow{}, err
			}
		}
		r.step = was
		if f.kind != next {
			return f, nil
		}
	}
	return flow{}, nil
}

// handlerError is an error of a handler: the handler does not get it again.
type handlerError struct {
	error
	of *handlerNode
}

func (e *handlerError) Unwrap() error { return e.error }

// from is the handler whose error it is.
func from(err error) *handlerNode {
	if h, ok := err.(*handlerError); ok {
		return h.of
	}
	return nil
}

// trappable says whether OTHERS matches an error: all but the cancellation of the query, and the end of the session.
// https://docs.aws.amazon.com/redshift/latest/dg/stored-procedure-trapping-errors.html
func trappable(err error) bool {
	e := stated(err)
	return e == nil || e.Code != sqlstate.QueryCanceled && e.Severity != "FATAL"
}

// handle runs the handler of an error in a transaction of its own. What it does in an atomic procedure is committed, and the error goes on.
func (r *run) handle(h *handlerNode, failed error) (flow, error) {
	if err := r.host.Trap(); err != nil {
		return flow{}, err
	}
	code, message := sqlstate.Internal, failed.Error()
	if e := stated(failed); e != nil {
		code, message = e.Code, e.Message
	}
	outer := r.handler
	r.handler = nil
	defer func() { r.handler = outer }()
	r.slots[h.state].Datum = types.Datum{Type: types.TVarcharMax, Text: string(code)}
	r.slots[h.text].Datum = types.Datum{Type: types.TVarcharMax, Text: message}
	r.caught = append(r.caught, failed)
	f, err := r.list(h.body)
	r.caught = r.caught[:len(r.caught)-1]
	if err != nil {
		if from(err) == nil {
			err = &handlerError{err, h}
		}
		return flow{}, err
	}
	if r.p.nonatomic {
		return f, nil
	}
	if err := r.host.Handled(); err != nil {
		return flow{}, err
	}
	return flow{}, failed
}

// run runs a block: its variables begin anew.
func (n *blockNode) run(r *run) (flow, error) {
	f, err := n.guarded(r)
	if f.at == n.scope && f.kind == exits {
		f = flow{}
	}
	return f, err
}

// guarded runs a block with its handler.
func (n *blockNode) guarded(r *run) (flow, error) {
	outer := r.handler
	if n.handler != nil {
		r.handler = n.handler
	}
	f, err := n.inner(r)
	r.handler = outer
	switch {
	case err == nil || n.handler == nil:
	case from(err) == n.handler: // its own error, which belongs to the blocks around
		return flow{}, err.(*handlerError).error
	case trappable(err):
		f, err = r.handle(n.handler, err)
		if from(err) == n.handler {
			err = err.(*handlerError).error
		}
	}
	return f, err
}

// inner runs the declarations and the statements.
func (n *blockNode) inner(r *run) (flow, error) {
	for i := range n.declared {
		d := &n.declared[i]
		was := r.step
		r.step = &step{line: d.line, what: "block variables initialization"}
		if err := r.begin(d); err != nil {
			return flow{}, r.placed(err)
		}
		r.step = was
	}
	return r.list(n.body)
}

// begin gives a variable its first value.
func (r *run) begin(d *declared) error {
	v := &r.p.vars[d.slot]
	s := &r.slots[d.slot]
	switch {
	case v.kind == record:
		*s = value{}
		if len(v.fields) > 0 {
			s.names, s.fields = v.fields, make([]types.Datum, len(v.types))
			for i, t := range v.types {
				s.fields[i] = types.NullOf(t)
			}
		}
		return nil
	case v.cursor != nil:
		s.Datum = types.Datum{Type: v.typ, Text: v.name}
		return nil
	case d.value == nil:
		s.Datum = types.NullOf(v.typ)
		return nil
	}
	x, err := r.eval(d.value)
	if err != nil {
		return err
	}
	return r.put(d.slot, x)
}

// get is the value of a variable or a field.
func (r *run) get(x ref) (types.Datum, error) {
	s := &r.slots[x.slot]
	if x.field == "" {
		return s.Datum, nil
	}
	i, err := r.fieldOf(x)
	if err != nil {
		return types.Datum{}, err
	}
	return s.fields[i], nil
}

// fieldOf finds a field of a record.
func (r *run) fieldOf(x ref) (int, error) {
	s, name := &r.slots[x.slot], r.p.vars[x.slot].name
	if s.names == nil {
		return 0, sqlstate.ObjectNotInPrerequisite.Errorf("record \"%s\" is not assigned yet", name).
			WithDetail("The tuple structure of a not-yet-assigned record is indeterminate.")
	}
	for i, n := range s.names {
		if n == x.field {
			return i, nil
		}
	}
	return 0, sqlstate.UndefinedColumn.Errorf("record \"%s\" has no field \"%s\"", name, x.field)
}

// values are those of variables, in room when it has their number.
func (r *run) values(from []ref, room []types.Datum) ([]types.Datum, error) {
	if len(from) == 0 {
		return nil, nil
	}
	if room == nil {
		room = make([]types.Datum, len(from))
	}
	for i, x := range from {
		var err error
		if room[i], err = r.get(x); err != nil {
			return nil, err
		}
	}
	return room, nil
}

// eval computes an expression.
func (r *run) eval(f *Formula) (types.Datum, error) {
	if f.Query != nil {
		values, err := r.values(f.Query.from, nil)
		if err != nil {
			return types.Datum{}, err
		}
		rows, err := r.host.Run(f.Query, values, false)
		switch {
		case err != nil:
			return types.Datum{}, err
		case len(rows.Values) == 0:
			return types.NullOf(types.TUnknown), nil
		}
		return rows.Values[0][0], nil
	}
	values, err := r.values(f.from, f.room)
	if err != nil {
		return types.Datum{}, err
	}
	return r.host.Eval(f, values)
}

// holds computes a condition; NULL does not hold.
func (r *run) holds(f *Formula) (bool, error) {
	d, err := r.eval(f)
	if err != nil || d.Null {
		return false, err
	}
	if d.Type.Kind != types.Bool {
		if d, err = r.host.Cast(d, types.TBool); err != nil {
			return false, err
		}
	}
	return d.Bool, nil
}

// put assigns a value to a scalar variable.
func (r *run) put(slot int, d types.Datum) error {
	v := &r.p.vars[slot]
	switch {
	case d.Null && v.notNull:
		return sqlstate.NullNotAllowed.Errorf("null value cannot be assigned to variable \"%s\" declared NOT NULL", v.name)
	case d.Null:
		r.slots[slot].Datum = types.NullOf(v.typ)
		return nil
	case d.Type != v.typ:
		var err error
		if d, err = r.host.Cast(d, v.typ); err != nil {
			return err
		}
	}
	r.slots[slot].Datum = d
	return nil
}

// assign assigns a value to a variable or a field of a record.
func (r *run) assign(x ref, d types.Datum) error {
	if x.field == "" {
		return r.put(x.slot, d)
	}
	i, err := r.fieldOf(x)
	if err != nil {
		return err
	}
	s := &r.slots[x.slot]
	if t := s.fields[i].Type; d.Null {
		d = types.NullOf(t)
	} else if d.Type != t {
		if d, err = r.host.Cast(d, t); err != nil {
			return err
		}
	}
	s.fields[i] = d
	return nil
}

// assignRow assigns a row to a record or a list of variables; no row is NULLs.
func (r *run) assignRow(into []ref, rows *Rows, row []types.Datum) error {
	if row == nil {
		row = make([]types.Datum, len(rows.Types))
		for i, t := range rows.Types {
			row[i] = types.NullOf(t)
		}
	}
	if v := &r.p.vars[into[0].slot]; into[0].field == "" && v.kind == record {
		s := &r.slots[into[0].slot]
		if len(v.fields) == 0 {
			*s = value{names: rows.Names, fields: row}
			return nil
		}
		if len(row) != len(v.fields) {
			return differentNumber()
		}
		for i, name := range v.fields {
			if err := r.assign(ref{into[0].slot, name}, row[i]); err != nil {
				return err
			}
		}
		return nil
	}
	if len(row) != len(into) {
		return differentNumber()
	}
	for i, x := range into {
		if err := r.assign(x, row[i]); err != nil {
			return err
		}
	}
	return nil
}

// differentNumber is the error of a row that does not match the structure of its target.
// https://docs.aws.amazon.com/redshift/latest/dg/c_PLpgSQL-statements.html#r_PLpgSQL-select-into
func differentNumber() error {
	return sqlstate.DatatypeMismatch.Errorf("number of source and target fields in assignment does not match")
}

// setFound sets FOUND.
func (r *run) setFound(yes bool) { r.slots[r.p.found].Bool = yes }
