// Package command is the program redshiftsim: its subcommands, each a function of arguments and files. Two programs are made of it, which differ in the
// databases that they reach only:
//
//	cmd/redshiftsim              ──┐
//	passthrough/cmd/redshiftsim  ──┴── Main ── dispatch ── runShell, runBench, ... ── sql.Open("redshiftsim", DSN) ── the DSN's scheme
//
// The second links the schemes postgres:// and redshift:// in (see redshiftsim.RegisterScheme).
package command

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"
)

// command is a subcommand: its name, its line of help, and what runs.
type command struct {
	name, help string
	run        func(ctx context.Context, args []string, in io.Reader, out, errs io.Writer) int
}

var commands = []command{
	{"demo", "load 353 films into a cluster of 2 nodes x 2 slices and show what a distributed warehouse does", runDemo},
	{"sql", "an SQL shell: redshiftsim sql [-c SQL] [-f FILE] [DSN]", runShell},
	{"vet", "check SQL files without running them: redshiftsim vet [-strict] [-off RULE,...] FILE.sql ...", runVet},
	{"diff", "run SQL files on a cluster and on the simulator and compare: redshiftsim diff -ref DSN SUITE, or -replay CASSETTE", runDiff},
	{"serve", "serve a cluster to pgx, lib/pq and psql: redshiftsim serve [--listen ADDR] [--password PASSWORD] [DSN]", runServe},
	{"explore", "show a cluster in a browser, with lessons: redshiftsim explore [--listen ADDR] [DSN] [FILE.sql ..]", runExplore},
	{"version", "print the version of this program", runVersion},
	{"bench", "time a workload on this engine: redshiftsim bench [FLAGS] [" + workloads + "]", runBench},
}

// Main runs the program with the arguments of the process, and ends it.
func Main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	code := dispatch(ctx, os.Args[1:], os.Stdin, os.Stdout, os.Stderr)
	stop()
	os.Exit(code)
}

func dispatch(ctx context.Context, args []string, in io.Reader, out, errs io.Writer) int {
	if len(args) > 0 {
		if args[0] == "--version" {
			args = []string{"version"}
		}
		for _, c := range commands {
			if c.name == args[0] {
				return c.run(ctx, args[1:], in, out, errs)
			}
		}
		if args[0] != "help" && args[0] != "-h" && args[0] != "--help" {
			fmt.Fprintf(errs, "redshiftsim: unknown command %q\n\n", args[0])
			usage(errs)
			return 2
		}
		usage(out)
		return 0
	}
	usage(errs)
	return 2
}

func usage(w io.Writer) {
	fmt.Fprintln(w, "usage: redshiftsim COMMAND [ARGUMENTS]")
	for _, c := range commands {
		fmt.Fprintf(w, "  %-8s %s\n", c.name, c.help)
	}
}

// parse reads the flags of a command, before, between and behind which at most so many arguments may stand, as for psql. When the command need not run, done is true: -h prints the usage
// to out, with exit code 0; what is wrong goes to errs with the usage behind it, and the code is 2.
func parse(fl *flag.FlagSet, usage func(io.Writer), args []string, most int, out, errs io.Writer) (code int, done bool) {
	fl.SetOutput(io.Discard)
	err := parseAll(fl, args)
	if err == nil && fl.NArg() > most {
		err = fmt.Errorf("%q is one argument too many", fl.Arg(most))
	}
	switch {
	case err == nil:
		return 0, false
	case errors.Is(err, flag.ErrHelp):
		usage(out)
		return 0, true
	}
	return misuse(fl, usage, errs, err), true
}

// parseAll reads flags wherever they stand up to a "--"; the flag set has the arguments then.
func parseAll(fl *flag.FlagSet, args []string) error {
	var plain []string
	for len(args) > 0 {
		if err := fl.Parse(args); err != nil {
			return err
		}
		rest := fl.Args()
		if read := len(args) - len(rest); read > 0 && args[read-1] == "--" {
			plain = append(plain, rest...)
			break
		}
		if len(rest) > 0 {
			plain, rest = append(plain, rest[0]), rest[1:]
		}
		args = rest
	}
	return fl.Parse(append([]string{"--"}, plain...))
}

// misuse says what is wrong with a command's arguments; its result is the exit code.
func misuse(fl *flag.FlagSet, usage func(io.Writer), errs io.Writer, err error) int {
	fmt.Fprintf(errs, "redshiftsim %s: %v\n\n", fl.Name(), err)
	usage(errs)
	return 2
}

// describe makes a usage of a text and the list of flags.
func describe(fl *flag.FlagSet, text string) func(io.Writer) {
	return func(w io.Writer) {
		fmt.Fprint(w, text)
		fl.SetOutput(w)
		fl.PrintDefaults()
	}
}
