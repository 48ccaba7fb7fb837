package server

import (
	"encoding/binary"
	"math"
	"strconv"
	"time"

	"github.com/redshiftsim/redshiftsim/internal/types"
)

// The catalog's arrays travel in the engine as the text that they print; in binary they are dimensions and elements.
//
//	{1,NULL}   ->   dimensions 1, has NULLs 1, OID of an element 23 | elements 2, from number 1 | 4 00000001 | -1

// arrayHeader is the length of what comes before the elements of an array of one dimension.
const arrayHeader = 20

// hasBinary says whether the elements of an array have a binary form here.
func hasBinary(t types.Type) bool {
	switch t.Kind {
	case types.Int2, types.Int4, types.Int8, types.OID, types.Float4, types.Bool, types.Char, types.Name, types.Varchar, types.Text:
		return true
	}
	return false
}

// appendArray writes an array that is printed as text. One whose text cannot be read, which no query makes, is empty.
func appendArray(dst []byte, t types.Type, text string) []byte {
	elem := t.Element()
	items, err := types.ArrayItems(text, t)
	if err != nil || len(items) == 0 {
		dst = append(dst, 0, 0, 0, 0, 0, 0, 0, 0)
		return binary.BigEndian.AppendUint32(dst, elem.OID())
	}
	nulls := uint32(0)
	for i := range items {
		if items[i].Null {
			nulls = 1
		}
	}
	dst = binary.BigEndian.AppendUint32(dst, 1)
	dst = binary.BigEndian.AppendUint32(dst, nulls)
	dst = binary.BigEndian.AppendUint32(dst, elem.OID())
	dst = binary.BigEndian.AppendUint32(dst, uint32(len(items)))
	from := uint32(1)
	if t.Kind == types.Int2Vector || t.Kind == types.OIDVector { // vectors are counted from 0
		from = 0
	}
	dst = binary.BigEndian.AppendUint32(dst, from)
	for i := range items {
		if items[i].Null {
			dst = append(dst, 0xff, 0xff, 0xff, 0xff)
			continue
		}
		at := len(dst)
		dst = append(dst, 0, 0, 0, 0)
		dst = appendItem(dst, elem, items[i].Text)
		binary.BigEndian.PutUint32(dst[at:], uint32(len(dst)-at-4))
	}
	return dst
}

// appendItem writes an element in binary.
func appendItem(dst []byte, t types.Type, text string) []byte {
	d, err := types.Parse(text, t, time.UTC)
	if err != nil {
		return append(dst, text...)
	}
	switch t.Kind {
	case types.Int2:
		return binary.BigEndian.AppendUint16(dst, uint16(d.Int))
	case types.Int4, types.OID:
		return binary.BigEndian.AppendUint32(dst, uint32(d.Int))
	case types.Int8:
		return binary.BigEndian.AppendUint64(dst, uint64(d.Int))
	case types.Float4:
		return binary.BigEndian.AppendUint32(dst, math.Float32bits(float32(d.Float)))
	case types.Bool:
		if d.Bool {
			return append(dst, 1)
		}
		return append(dst, 0)
	}
	return append(dst, text...)
}

// arrayParameter reads an array of at most one dimension in binary; false = it is none, or has another type of elements.
func arrayParameter(b []byte, t types.Type) (d types.Datum, ok bool, err error) {
	d.Type = types.TUnknown
	if len(b) < 12 {
		return d, false, nil
	}
	dims, elem := binary.BigEndian.Uint32(b), t.Element()
	switch {
	case dims == 0:
		d.Text = types.FormatArray(t)
		return d, true, nil
	case dims != 1 || len(b) < arrayHeader || binary.BigEndian.Uint32(b[8:]) != elem.OID():
		return d, false, nil
	}
	n := binary.BigEndian.Uint32(b[12:])
	b = b[arrayHeader:]
	if uint64(n)*4 > uint64(len(b)) {
		return d, false, nil
	}
	items := make([]types.Item, n)
	for i := range items {
		if len(b) < 4 {
			return d, false, nil
		}
		size := int32(binary.BigEndian.Uint32(b))
		b = b[4:]
		if size == -1 {
			items[i].Null = true
			continue
		}
		if size < 0 || int(size) > len(b) {
			return d, false, nil
		}
		x, ok, err := binaryParameter(b[:size], elem)
		if err != nil || !ok {
			return d, ok, err
		}
		items[i].Text = itemText(x)
		b = b[size:]
	}
	d.Text = string(types.AppendArray(nil, t, items))
	return d, len(b) == 0, nil
}

// itemText prints an element so that reading it gives the same one.
func itemText(d types.Datum) string {
	switch d.Type.Kind {
	case types.Float4:
		return strconv.FormatFloat(d.Float, 'g', -1, 32)
	case types.Bool:
		return strconv.FormatBool(d.Bool)[:1]
	case types.Int2, types.Int4, types.Int8, types.OID:
		return strconv.FormatInt(d.Int, 10)
	}
	return d.Text
}
