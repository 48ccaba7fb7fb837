// Package support writes docs/support.md, the support matrix, and holds it against the engine.
//
//	rows_test.go      a sample of each clause of each statement ──┐
//	parse.Leading, parse.CopyOptions, function.*, engine.*        ├─ run on a fresh cluster ─> works | refused (0A000) ─> docs/support.md
//	types.Kind                                                    ┘
//
// Nothing in the page is written by hand but names and samples: a state is what came of the sample. A sample that fails in another way than by 0A000
// fails the test, and so does a page that is not what the engine says now:
//
//	go test ./internal/support -update
package support
