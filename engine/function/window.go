package function

// IsWindow says whether name is a function that only OVER can call.
func IsWindow(name string) bool { return false }

// FindWindow chooses a window function.
func FindWindow(name string, args []Arg) (*WindowFunction, error) {
	return nil, undefinedFunction(name, args)
}
