package ast

// RoutineArg is an argument of a function or procedure.
type RoutineArg struct {
	Pos
	Mode string // "", "in", "out", "inout"
	Name string
	Type *TypeName
}
