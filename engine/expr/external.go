package expr

// Calls says whether an expression calls a Lambda function.
func Calls(e Expr) bool {
	found := false
	Walk(e, func(e Expr) bool {
		if c, ok := e.(*Call); ok && c.Fn.External != nil {
			found = true
		}
		return !found
	})
	return found
}
