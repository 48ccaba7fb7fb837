package vet

// Rule is a kind of warning.
type Rule struct{ Name, Why string }

// Rules lists the warnings. Names do not change.
var Rules = []Rule{
	{"cross-join", "every row of one table meets every row of the other"},
	{"nested-loop", "a join without an equality compares all pairs of rows"},
	{"join-not-on-distkey", "rows of at least one table must move between the slices for the join"},
	{"sort-key-missed", "conditions, but none on the first sort key column: all blocks are read"},
	{"sort-key-wrapped", "the sort key stands inside an expression, so that zone maps cannot be asked"},
	{"compared-as-text", "numbers and times are compared as they are written: '9' is greater than '10', and no zone map is asked"},
	{"varchar-max", "queries reserve memory for the declared length: 65,535 bytes a value"},
	{"varchar-no-length", "TEXT and VARCHAR without a length hold 256 bytes"},
	{"char-multibyte", "CHAR holds single-byte characters only"},
	{"key-not-enforced", "PRIMARY KEY and UNIQUE are not enforced, and the planner believes them"},
	{"not-in-transaction", "the statement fails inside a transaction, as migration tools open one (25001)"},
	{"null-as-letter", "NULL AS '\\N' is the letter N: a backslash in an ordinary string escapes what follows"},
	{"truncate-commits", "TRUNCATE commits the transaction that it is in"},
}
