// Command redshiftsim shows and serves a local Amazon Redshift.
//
//	redshiftsim demo                 the lesson: a table over four slices, a query from text to answer
//	redshiftsim sql [-c SQL] [-f FILE] [DSN]
//	redshiftsim vet [-strict] [-off RULE,...] FILE.sql ...
//	redshiftsim serve [--listen ADDR] [--password PASSWORD | --trust] [DSN]
//	redshiftsim explore [--listen ADDR] [--read-only] [DSN] [FILE.sql ...]
//	redshiftsim diff [-ref DSN [-record CASSETTE] SUITE ... | -replay CASSETTE] [-sim DSN]
//	redshiftsim bench [-dsn DSN] [-rows N] [-scale N] [movies|itest|cancel|load|formats|csv|tpch|ssb|oltp]
//	redshiftsim version
package main

import "github.com/redshiftsim/redshiftsim/internal/command"

func main() { command.Main() }
