package server

import (
	"encoding/binary"

	"github.com/redshiftsim/redshiftsim/engine"
	"github.com/redshiftsim/redshiftsim/engine/exec"
)

// The messages that every statement has are written into the buffer of answers by hand: pgproto3's have their parts on the heap.
//
//	T len n {name 0 table column type size modifier format}..    C len tag 0    Z len status

// opened begins a message of a kind; its length is set by sealed.
func opened(dst []byte, kind byte) (out []byte, start int) {
	return append(dst, kind, 0, 0, 0, 0), len(dst)
}

// sealed sets the length of the message that begins at start.
func sealed(dst []byte, start int) []byte {
	binary.BigEndian.PutUint32(dst[start+1:], uint32(len(dst)-start-1))
	return dst
}

// rowDescription sends the columns of rows that are to come, and of which tables they are; formats are those of Bind, nil = text.
func (c *conn) rowDescription(columns []exec.ResultColumn, from engine.Origins, formats []int16) {
	out, start := opened(c.told.take(c.out), 'T')
	out = binary.BigEndian.AppendUint16(out, uint16(len(columns)))
	for i := range columns {
		t := columns[i].Type
		out = append(append(out, columns[i].Name...), 0)
		relation, attribute := from.At(i).Number()
		out = binary.BigEndian.AppendUint32(out, relation)
		out = binary.BigEndian.AppendUint16(out, uint16(attribute))
		out = binary.BigEndian.AppendUint32(out, wireOID(t))
		out = binary.BigEndian.AppendUint16(out, uint16(sizeOf(t)))
		out = binary.BigEndian.AppendUint32(out, uint32(t.Modifier()))
		out = binary.BigEndian.AppendUint16(out, uint16(formatOf(formats, i)))
	}
	c.out, c.answered = sealed(out, start), true
}

// tag sends CommandComplete.
func (c *conn) tag(text string) {
	out, start := opened(c.told.take(c.out), 'C')
	c.out = sealed(append(append(out, text...), 0), start)
}

// readyFor sends ReadyForQuery with the state of the transaction.
func (c *conn) readyFor(status byte) {
	c.out = append(c.told.take(c.out), 'Z', 0, 0, 0, 5, status)
}
