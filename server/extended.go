package server

import (
	"context"
	"slices"

	"github.com/jackc/pgx/v5/pgproto3"

	"github.com/redshiftsim/redshiftsim/engine"
	"github.com/redshiftsim/redshiftsim/engine/exec"
	"github.com/redshiftsim/redshiftsim/internal/sqlstate"
	"github.com/redshiftsim/redshiftsim/internal/types"
	"github.com/redshiftsim/redshiftsim/internal/vector"
)

// maxParameters is Redshift's limit, half of PostgreSQL's: the number is a signed one.
// https://github.com/aws/amazon-redshift-python-driver/issues/165
const maxParameters = 32767

// portal is what Bind makes: a statement with its values, and its rows once it runs.
type portal struct {
	st      *engine.Statement
	args    []types.Datum
	formats []int16
	columns []exec.ResultColumn // of its rows, once it has run

	r     *engine.Result
	ctx   context.Context
	stop  context.CancelFunc
	rows  encoder
	batch *vector.Batch
	at    int // next row of batch
	ended bool
}

// extended takes the end of a message: after an error, which is sent at once, all is dropped up to Sync.
func (c *conn) extended(err error) error {
	switch {
	case c.broken != nil:
		return c.broken
	case err == nil && len(c.out) < flushAt:
		return nil
	case err == nil:
		return c.flush()
	case ends(err):
		return err
	}
	c.s.Fail()
	c.fail(err)
	c.skip = true
	return c.flush()
}

// parse is Parse: the text gets a name, or none.
func (c *conn) parse(m *pgproto3.Parse) error {
	if m.Name == "" {
		c.unnamed = nil
	}
	declared := make([]types.Type, len(m.ParameterOIDs))
	for i, oid := range m.ParameterOIDs {
		declared[i] = typeOf(oid)
	}
	ctx, stop := c.statementContext()
	defer stop()
	c.runs(stop)
	defer c.ran()
	st, err := c.s.PrepareTyped(ctx, c.read(m.Query), declared)
	switch {
	case err != nil:
		return err
	case st.Statements() > 1:
		return sqlstate.Syntax.Errorf("cannot insert multiple commands into a prepared statement")
	case len(st.Params) > maxParameters:
		return sqlstate.UndefinedParameter.Errorf("there is no parameter $-32768")
	}
	st.OIDs, st.Doubled = slices.Clone(m.ParameterOIDs), c.doubled
	if m.Name == "" {
		c.unnamed = st
	} else if err := c.s.Keep(m.Name, st); err != nil {
		return err
	}
	c.send(&pgproto3.ParseComplete{})
	return nil
}

// named finds a statement, also one of PREPARE.
func (c *conn) named(name string) (*engine.Statement, error) {
	switch {
	case name == "" && c.unnamed == nil:
		return nil, sqlstate.InvalidStatementName.Errorf("unnamed prepared statement does not exist")
	case name == "":
		return c.unnamed, nil
	}
	if st := c.s.Named(name); st != nil {
		return st, nil
	}
	return nil, sqlstate.InvalidStatementName.Errorf("prepared statement \"%s\" does not exist", name)
}

// portal finds a portal.
func (c *conn) portal(name string) (*portal, error) {
	if p := c.portals[name]; p != nil {
		return p, nil
	}
	return nil, sqlstate.InvalidCursorName.Errorf("portal \"%s\" does not exist", name)
}

// aborted refuses a statement in a failed transaction, unless it ends it.
func (c *conn) aborted(st *engine.Statement) error {
	if c.s.Status() == 'E' && !st.Ends() {
		return sqlstate.InFailedTransaction.Errorf("current transaction is aborted, commands ignored until end of transaction block")
	}
	return nil
}

// bind is Bind: a statement gets its values.
func (c *conn) bind(m *pgproto3.Bind) error {
	st, err := c.named(m.PreparedStatement)
	if err != nil {
		return err
	}
	if m.DestinationPortal != "" && c.portals[m.DestinationPortal] != nil {
		return sqlstate.DuplicateCursor.Errorf("portal \"%s\" already exists", m.DestinationPortal)
	}
	params := st.Params
	switch n := len(m.ParameterFormatCodes); {
	case n > 1 && n != len(m.Parameters):
		return sqlstate.Code("08P01").Errorf("bind message has %d parameter formats but %d parameters", n, len(m.Parameters))
	}
	if err := st.CheckCount(m.PreparedStatement, len(m.Parameters)); err != nil {
		return err
	}
	if err := c.aborted(st); err != nil {
		return err
	}
	p := &portal{st: st, formats: slices.Clone(m.ResultFormatCodes), args: make([]types.Datum, len(params))}
	for i := range params {
		if p.args[i], err = parameter(m.Parameters[i], params[i], formatOf(m.ParameterFormatCodes, i), i+1); err != nil {
			return err
		}
	}
	for _, f := range p.formats {
		if f != textFormat && f != binaryFormat {
			return sqlstate.InvalidParameterValue.Errorf("unsupported format code: %d", f)
		}
	}
	if n := len(p.formats); n > 1 {
		columns, err := st.Columns()
		if err != nil {
			return err
		}
		if n != len(columns) {
			return sqlstate.Code("08P01").Errorf("bind message has %d result formats but query has %d columns", n, len(columns))
		}
	}
	c.closePortal(m.DestinationPortal)
	if c.portals == nil {
		c.portals = map[string]*portal{}
	}
	c.portals[m.DestinationPortal] = p
	c.send(&pgproto3.BindComplete{})
	return nil
}

// describe is Describe of a statement or of a portal.
func (c *conn) describe(m *pgproto3.Describe) error {
	var st *engine.Statement
	var formats []int16
	switch m.ObjectType {
	case 'S':
		s, err := c.named(m.Name)
		if err != nil {
			return err
		}
		if err := c.aborted(s); err != nil {
			return err
		}
		oids := make([]uint32, len(s.Params))
		for i := range oids {
			oids[i] = s.Params[i].OID()
			if i < len(s.OIDs) && s.OIDs[i] != 0 {
				oids[i] = s.OIDs[i]
			}
		}
		c.send(&pgproto3.ParameterDescription{ParameterOIDs: oids})
		st = s
	case 'P':
		p, err := c.portal(m.Name)
		if err != nil {
			if columns, e := c.s.CursorColumns(m.Name); columns != nil || e != nil { // of DECLARE
				return c.described(columns, c.s.CursorOrigins(m.Name), nil, e)
			}
			return err
		}
		st, formats = p.st, p.formats
	default:
		return sqlstate.Code("08P01").Errorf("invalid DESCRIBE message subtype %d", m.ObjectType)
	}
	columns, err := st.Columns()
	return c.described(columns, st.Origins(), formats, err)
}

// described answers Describe with columns, nil = no rows.
func (c *conn) described(columns []exec.ResultColumn, from engine.Origins, formats []int16, err error) error {
	switch {
	case err != nil:
		return err
	case columns == nil:
		c.send(&pgproto3.NoData{})
	default:
		c.rowDescription(columns, from, formats)
	}
	return nil
}

// execute is Execute: a portal runs, or goes on, up to a number of rows; 0 = all.
func (c *conn) execute(name string, limit uint32) error {
	p, err := c.portal(name)
	if err != nil {
		return err
	}
	if p.st.Statements() == 0 {
		c.send(&pgproto3.EmptyQueryResponse{})
		return nil
	}
	if p.ended {
		if p.columns == nil {
			return sqlstate.ObjectNotInPrerequisite.Errorf("portal \"%s\" cannot be run", name)
		}
		c.completed("SELECT")
		return nil
	}
	if err := c.aborted(p.st); err != nil {
		return err
	}
	c.doubled = p.st.Doubled
	if !c.piped && !p.st.Alone() && !c.lastBeforeSync() {
		c.s.Pipeline()
		c.piped = true
	}
	if p.r == nil {
		p.ctx, p.stop = c.statementContext()
	}
	c.runs(p.stop)
	defer c.ran()
	if p.r == nil {
		if err := c.open(p); err != nil {
			p.ended = true
			p.stop()
			return err
		}
	}
	return c.pull(p, int(limit))
}

// open runs a portal up to its first rows.
func (c *conn) open(p *portal) (err error) {
	if p.r, err = p.st.Query(p.ctx, p.args); err != nil {
		return err
	}
	columns := p.r.Columns()
	if columns == nil {
		return nil
	}
	if p.st.Planned() {
		if known, err := p.st.Columns(); err != nil || !slices.Equal(columns, known) {
			_ = p.r.Close() // no row of it is sent
			return sqlstate.FeatureNotSupported.Errorf("cached plan must not change result type")
		}
	}
	p.columns = columns
	if n := len(p.formats); n > 1 && n != len(columns) {
		_ = p.r.Close()
		return sqlstate.Code("08P01").Errorf("bind message has %d result formats but query has %d columns", n, len(columns))
	}
	p.rows.begin(c.s, columns, p.formats)
	return nil
}

// pull sends rows of a portal that runs, and its tag after the last.
func (c *conn) pull(p *portal, limit int) (err error) {
	left := limit
	for p.r.Columns() != nil {
		if p.batch == nil || p.at >= p.batch.Rows() {
			if p.batch, err = p.r.Next(); err != nil {
				c.end(p)
				return err
			}
			p.at = 0
			if p.batch == nil {
				break
			}
		}
		n := p.batch.Rows() - p.at
		if limit > 0 {
			n = min(n, left)
		}
		if err = c.sendRows(&p.rows, p.batch, p.at, p.at+n); err != nil {
			c.end(p)
			return err
		}
		p.at += n
		if left -= n; limit > 0 && left == 0 {
			c.send(&pgproto3.PortalSuspended{})
			return nil
		}
	}
	_, err = p.r.NextResult()
	c.end(p)
	return err
}

// end drops what a portal runs.
func (c *conn) end(p *portal) {
	if p.ended = true; p.r != nil {
		_ = p.r.Close() // its error was told
		p.stop()
		p.r, p.batch = nil, nil
	}
}

// lastBeforeSync says that Sync follows: the statement is a transaction of its own. A client that wants an answer sends Sync or Flush, so one may wait for it.
func (c *conn) lastBeforeSync() bool {
	if c.ahead == nil && c.aheadErr == nil {
		c.ahead, c.aheadErr = c.next()
	}
	_, ok := c.ahead.(*pgproto3.Sync)
	return ok
}

// endPipeline commits what was run since the last Sync.
func (c *conn) endPipeline() error {
	if !c.piped {
		return nil
	}
	c.piped = false
	return c.s.Sync()
}

// sync is Sync: the pipeline ends, and with it what an error has left over.
func (c *conn) sync() error {
	c.skip = false
	if err := c.endPipeline(); err != nil {
		c.fail(err)
	}
	return c.ready()
}

// close is Close of a statement or portal; one that is not there is no error.
func (c *conn) close(m *pgproto3.Close) error {
	switch m.ObjectType {
	case 'S': // its portals live on
		if m.Name == "" {
			c.unnamed = nil
		} else {
			c.s.Forget(m.Name)
		}
	case 'P':
		c.closePortal(m.Name)
	default:
		return sqlstate.Code("08P01").Errorf("invalid CLOSE message subtype %d", m.ObjectType)
	}
	c.send(&pgproto3.CloseComplete{})
	return nil
}

// closePortal drops a portal.
func (c *conn) closePortal(name string) {
	if p := c.portals[name]; p != nil {
		c.end(p)
		delete(c.portals, name)
	}
}

// closePortals drops all portals: their transaction has ended.
func (c *conn) closePortals() {
	for name := range c.portals {
		c.closePortal(name)
	}
}
