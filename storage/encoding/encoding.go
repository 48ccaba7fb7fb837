// Package encoding knows Redshift's column encodings: their names, the types that each may hold, the defaults, and how many bytes a run of
// values takes in a block under each.
//
//	ENCODE word   Kind        what a block holds                              bytes
//	raw, none     Raw         plain values                                    their widths
//	az64          AZ64        frames of reference                             a base and packed differences
//	bytedict      Bytedict    <= 256 distinct values, a byte a row            each value once and a byte a row; the width beyond 256 values
//	delta         Delta       differences to the value before                 1 or 2; 1 + width when a difference does not fit
//	runlength     Runlength   (count, value) pairs                            1 + width a run
//	mostly8 ...   Mostly8     narrow values, wide ones as they are            1, 2 or 4, or the width
//	text255       Text255     a dictionary of words, a byte each              words once, then 1 or 2 a word
//	lzo, zstd     LZO, Zstd   compressed bytes                                by a compressed sample
//
//	values -> Encode -> Block -> Decode -> values        the layouts, in a file each, both ways
//	       -> Sizer                        -> bytes      the same code, which only counts: what a block would take
//
// This is the nominal side of storage: what Redshift's system tables would show. How a column lies in this process's memory is decided by
// package storage from the values alone, whatever the encoding says; so an encoding never changes an answer or the plan.
// https://docs.aws.amazon.com/redshift/latest/dg/c_Compression_encodings.html
package encoding

import (
	"strings"

	"github.com/redshiftsim/redshiftsim/internal/sqlstate"
	"github.com/redshiftsim/redshiftsim/internal/types"
)

// Kind is a column encoding.
type Kind uint8

// Kinds. Auto is "not named": Default decides.
const (
	Auto Kind = iota
	Raw
	AZ64
	Bytedict
	Delta
	Delta32K
	LZO
	Mostly8
	Mostly16
	Mostly32
	Runlength
	Text255
	Text32K
	Zstd
	numKinds
)

var kindNames = [numKinds]string{
	"auto", "none", "az64", "bytedict", "delta", "delta32k", "lzo", "mostly8", "mostly16", "mostly32", "runlength", "text255", "text32k", "zstd",
}

// Kinds lists all encodings but Auto.
func Kinds() []Kind {
	out := make([]Kind, 0, numKinds-1)
	for k := Raw; k < numKinds; k++ {
		out = append(out, k)
	}
	return out
}

// String is the word of pg_table_def.encoding: none, az64, bytedict...
func (k Kind) String() string { return kindNames[k] }

// Parse reads the word after ENCODE, in any case.
func Parse(word string) (Kind, bool) {
	word = strings.ToLower(word)
	if word == "raw" {
		return Raw, true
	}
	for k, n := range kindNames {
		if n == word {
			return Kind(k), true
		}
	}
	return Auto, false
}

// Legal says whether a column of type t may have encoding k.
// https://docs.aws.amazon.com/redshift/latest/dg/c_Compression_encodings.html
func (k Kind) Legal(t types.Type) bool {
	number := t.Kind == types.Int2 || t.Kind == types.Int4 || t.Kind == types.Int8 || t.Kind == types.Numeric
	clock := t.Kind == types.Date || t.Kind == types.Timestamp || t.Kind == types.TimestampTZ
	text := t.Kind == types.Char || t.Kind == types.Varchar
	switch k {
	case Auto, Raw:
		return true
	case AZ64:
		return number || clock || t.Kind == types.Time || t.Kind == types.TimeTZ || t.Kind == types.IntervalYM || t.Kind == types.IntervalDS
	case Bytedict:
		return number || clock || text || t.IsFloat()
	case Delta, Delta32K:
		return t.Kind == types.Date || t.Kind == types.Timestamp || number && !(k == Delta32K && t.Kind == types.Int2)
	case LZO:
		return number || clock || text || t.Kind == types.Super || t.Kind == types.Varbyte
	case Mostly8:
		return number
	case Mostly16:
		return number && t.Kind != types.Int2
	case Mostly32:
		return t.Kind == types.Int8 || t.Kind == types.Numeric
	case Runlength:
		return number || clock || text || t.IsFloat() || t.Kind == types.Bool
	case Text255, Text32K:
		return t.Kind == types.Varchar
	case Zstd:
		return number || clock || text || t.IsFloat() || t.Kind == types.Bool || t.Kind == types.Super || t.Kind == types.Varbyte
	}
	return false
}

// Check is Legal as Redshift's error.
func (k Kind) Check(column string, t types.Type) error {
	if k.Legal(t) {
		return nil
	}
	return sqlstate.FeatureNotSupported.Errorf("invalid encoding type specified for column \"%s\"", column)
}

// Default is the encoding of a column for which none is named: RAW for sort keys, temporary tables, booleans and floats, AZ64 for numbers and
// times, LZO for text.
// https://docs.aws.amazon.com/redshift/latest/dg/r_CREATE_TABLE_NEW.html
func Default(t types.Type, sortKey, temp bool) Kind {
	if sortKey || temp {
		return Raw
	}
	switch t.Kind {
	case types.Int2, types.Int4, types.Int8, types.Numeric, types.Date, types.Time, types.TimeTZ, types.Timestamp, types.TimestampTZ,
		types.IntervalYM, types.IntervalDS:
		return AZ64
	case types.Char, types.Varchar, types.Varbyte:
		return LZO
	case types.Super:
		return Zstd
	}
	return Raw
}
