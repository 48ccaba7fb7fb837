// Package sqlstate holds the errors that users see: PostgreSQL's five-letter codes and the fields that come with them.
//
// Every refusal of the engine is a *Error. A room makes one with Code.Errorf, adds what it knows (position, detail, hint) and returns it;
// nobody above rewrites it.
//
//	UndefinedTable.Errorf("relation %q does not exist", name).At(offset)
//	   |                        |                               |
//	   42P01                    PostgreSQL's wording            byte offset in the statement, printed as a 1-based character
package sqlstate

import (
	"fmt"
	"unicode/utf8"
)

// Code is a SQLSTATE of PostgreSQL's appendix A.
type Code string

// The codes that Redshift answers with.
const (
	SuccessfulCompletion    Code = "00000"
	Warning                 Code = "01000"
	ConnectionException     Code = "08000"
	FeatureNotSupported     Code = "0A000"
	CardinalityViolation    Code = "21000"
	StringTruncation        Code = "22001"
	NumericOutOfRange       Code = "22003"
	NullNotAllowed          Code = "22004"
	InvalidDatetime         Code = "22007"
	LengthMismatch          Code = "22026"
	DatetimeOverflow        Code = "22008"
	DivisionByZero          Code = "22012"
	InvalidParameterValue   Code = "22023"
	InvalidNtile            Code = "22014"
	InvalidNthValue         Code = "22016"
	InvalidRegexp           Code = "2201B"
	InvalidText             Code = "22P02"
	BadCopyFormat           Code = "22P04"
	InvalidByteSequence     Code = "22021"
	InvalidEscapeSequence   Code = "22025"
	NotNullViolation        Code = "23502"
	ActiveTransaction       Code = "25001"
	ReadOnlyTransaction     Code = "25006"
	NoActiveTransaction     Code = "25P01"
	InFailedTransaction     Code = "25P02"
	InvalidStatementName    Code = "26000"
	InvalidAuthorization    Code = "28000"
	InvalidPassword         Code = "28P01"
	InvalidGrant            Code = "0LP01"
	DependentObjects        Code = "2BP01"
	InvalidCursorName       Code = "34000"
	InvalidCatalogName      Code = "3D000"
	InvalidSchemaName       Code = "3F000"
	SerializationFailure    Code = "40001"
	DeadlockDetected        Code = "40P01"
	InsufficientPrivilege   Code = "42501"
	Syntax                  Code = "42601"
	InvalidColumnDefinition Code = "42611"
	InvalidName             Code = "42602"
	DuplicateAlias          Code = "42712"
	DuplicateCursor         Code = "42P03"
	DuplicateColumn         Code = "42701"
	AmbiguousColumn         Code = "42702"
	UndefinedColumn         Code = "42703"
	UndefinedObject         Code = "42704"
	DuplicateObject         Code = "42710"
	DuplicateFunction       Code = "42723"
	AmbiguousFunction       Code = "42725"
	Grouping                Code = "42803"
	DatatypeMismatch        Code = "42804"
	WrongObjectType         Code = "42809"
	CannotCoerce            Code = "42846"
	UndefinedFunction       Code = "42883"
	ReservedName            Code = "42939"
	UndefinedTable          Code = "42P01"
	UndefinedParameter      Code = "42P02"
	DuplicateDatabase       Code = "42P04"
	DuplicateSchema         Code = "42P06"
	DuplicateTable          Code = "42P07"
	AmbiguousParameter      Code = "42P08"
	InvalidColumnReference  Code = "42P10"
	InvalidTableDefinition  Code = "42P16"
	InvalidObjectDefinition Code = "42P17"
	IndeterminateDatatype   Code = "42P18"
	InvalidFunction         Code = "42P13"
	InvalidRecursion        Code = "42P19"
	WindowingError          Code = "42P20"
	OutOfMemory             Code = "53200"
	DiskFull                Code = "53100"
	TooManyConnections      Code = "53300"
	ProgramLimit            Code = "54000"
	StatementTooComplex     Code = "54001"
	TooManyColumns          Code = "54011"
	TooManyArguments        Code = "54023"
	ObjectInUse             Code = "55006"
	ObjectNotInPrerequisite Code = "55000"
	LockNotAvailable        Code = "55P03"
	QueryCanceled           Code = "57014"
	AdminShutdown           Code = "57P01"
	Internal                Code = "XX000" // Redshift's own engine errors also carry it
)

// Error is an error with PostgreSQL's fields. It is immutable once returned, but for Position, which the session turns from bytes to characters.
type Error struct {
	Severity string // ERROR, FATAL; WARNING, NOTICE, INFO for notices
	Code     Code
	Message  string
	Detail   string
	Hint     string
	Position int    // 1-based character in the statement, 0 = none
	Where    string // of a syntax error: the words before it, as Redshift prints them; of an internal one: the stack
	Schema   string
	Table    string
	Column   string
	// Constraint, File and Line, as Routine and the three above, are PostgreSQL's. Neither Redshift nor this engine tells them: they are there for the
	// errors of other databases.
	Constraint string
	File       string
	Line       int
	Routine    string
	offset     int // byte offset + 1 until Locate has turned it into Position
}

// Errorf makes an error of this code in PostgreSQL's style: lower case, no full stop.
func (c Code) Errorf(format string, args ...any) *Error {
	return &Error{Severity: "ERROR", Code: c, Message: fmt.Sprintf(format, args...)}
}

// Error is "message (SQLSTATE code)"; callers read the other fields.
func (e *Error) Error() string {
	s := e.Severity + ": " + e.Message
	if e.Detail != "" {
		s += "\nDETAIL: " + e.Detail
	}
	if e.Hint != "" {
		s += "\nHINT: " + e.Hint
	}
	return s + " (SQLSTATE " + string(e.Code) + ")"
}

// SQLState gives the code, as lib/pq and pgconn errors do.
func (e *Error) SQLState() string { return string(e.Code) }

// At records the byte offset in the statement at which the error lies; the first one set wins. Offsets below 0 are ignored.
func (e *Error) At(offset int) *Error {
	if offset >= 0 && e.offset == 0 && e.Position == 0 {
		e.offset = offset + 1
	}
	return e
}

// Offset gives the byte offset set by At, or -1.
func (e *Error) Offset() int { return e.offset - 1 }

// WithDetail and WithHint add the secondary lines.
func (e *Error) WithDetail(format string, args ...any) *Error {
	e.Detail = fmt.Sprintf(format, args...)
	return e
}

// WithHint adds advice to the user.
func (e *Error) WithHint(format string, args ...any) *Error {
	e.Hint = fmt.Sprintf(format, args...)
	return e
}

// Shift moves the byte offset by n: a statement inside a longer text was parsed on its own.
func (e *Error) Shift(n int) *Error {
	if e.offset > 0 {
		e.offset += n
	}
	return e
}

// Locate turns the byte offset into PostgreSQL's 1-based character position in text.
func (e *Error) Locate(text string) *Error {
	if e.offset > 0 && e.Position == 0 {
		e.Position = utf8.RuneCountInString(text[:min(e.offset-1, len(text))]) + 1
	}
	return e
}

// Fields gives the parts that a test prints: message, detail, hint and position.
func (e *Error) Fields() (message, detail, hint string, position int) {
	return e.Message, e.Detail, e.Hint, e.Position
}
