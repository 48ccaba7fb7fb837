package server

import (
	"github.com/jackc/pgx/v5/pgproto3"

	"github.com/redshiftsim/redshiftsim/engine"
	"github.com/redshiftsim/redshiftsim/internal/types"
)

// simple runs a text of any number of statements, which are one transaction.
func (c *conn) simple(text string) error {
	if err := c.endPipeline(); err != nil {
		c.fail(err)
		return c.ready()
	}
	c.unnamed = nil
	c.answered = false
	err := c.text(c.read(text))
	switch {
	case c.broken != nil:
		return c.broken
	case err != nil && ends(err):
		return err
	case err != nil:
		c.fail(err)
	case !c.answered:
		c.send(&pgproto3.EmptyQueryResponse{})
	}
	return c.ready()
}

// text runs a text to its end. A cancel request that comes later stops nothing.
func (c *conn) text(text string) error {
	ctx, stop := c.statementContext()
	defer stop()
	c.runs(stop)
	defer c.ran()
	r, err := c.s.Query(ctx, text, nil)
	if err != nil {
		return err
	}
	return c.results(r)
}

// results sends the rows of all statements of a text.
func (c *conn) results(r *engine.Result) error {
	for {
		if columns := r.Columns(); columns != nil {
			for first := true; ; first = false {
				b, err := r.Next()
				if err != nil {
					_ = r.Close() // the same error
					return err
				}
				if first { // after it: an error that PostgreSQL finds while it plans comes before columns there, too
					c.rowDescription(columns, r.Origins(), nil)
					c.rows.begin(c.s, columns, nil)
				}
				if b == nil {
					break
				}
				if err := c.sendRows(&c.rows, b, 0, b.Rows()); err != nil {
					_ = r.Close()
					return err
				}
			}
		}
		more, err := r.NextResult()
		if err != nil || !more {
			_ = r.Close() // what is left of it is the error that NextResult gave
			return err
		}
	}
}

// formatOf is the format of column or parameter i: none given = text, one = that of all.
func formatOf(formats []int16, i int) int16 {
	switch len(formats) {
	case 0:
		return textFormat
	case 1:
		return formats[0]
	}
	return formats[i]
}

// wireOID is a type's number in the description of rows: clusters send 3999 for GEOMETRY, whose number in pg_type is 3000.
func wireOID(t types.Type) uint32 {
	if t.Kind == types.Geometry {
		return 3999
	}
	return t.OID()
}

// sizeOf is the width of a type on the wire; -1 = it varies.
func sizeOf(t types.Type) int16 {
	switch t.Kind {
	case types.Bool:
		return 1
	case types.Int2:
		return 2
	case types.Int4, types.Float4, types.Date, types.OID, types.IntervalYM:
		return 4
	case types.Int8, types.Float8, types.Time, types.Timestamp, types.TimestampTZ, types.IntervalDS:
		return 8
	case types.TimeTZ:
		return 12
	case types.Interval:
		return 16
	case types.Name:
		return 64
	case types.Unknown:
		return -2
	}
	return -1
}
