package integration

import "errors"

// errorsAs is errors.As for a type that the caller names by its variable.
func errorsAs[T error](err error, target *T) bool { return errors.As(err, target) }
