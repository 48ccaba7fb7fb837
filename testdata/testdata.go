// Package testdata carries the small load files that the demo and the tests read.
package testdata

import "embed"

// Files holds movies.csv: title, genre, year, minutes and director of 353 films, with a header line.
//
//go:embed movies.csv
var Files embed.FS
