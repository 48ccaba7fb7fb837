// Command redshiftsim is the command of the main module with real clusters linked in: where it takes a DSN, redshift:// and postgres:// work too.
//
//	redshiftsim sql -c 'SELECT 1' redshift://user@host:5439/dev
//	redshiftsim diff -ref redshift://user@host:5439/dev suite/
//	redshiftsim bench -dsn redshift://user@host:5439/dev tpch
package main

import (
	"github.com/redshiftsim/redshiftsim/internal/command"

	_ "github.com/redshiftsim/redshiftsim/passthrough"
)

func main() { command.Main() }
