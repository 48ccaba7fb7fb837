package command

import (
	"context"
	"database/sql"
	"errors"
	"flag"
	"fmt"
	"io"
	"math"
	"net/url"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/redshiftsim/redshiftsim/internal/diff"
)

const diffUsage = `usage: redshiftsim diff -ref DSN [-sim DSN] [-record CASSETTE] SUITE ...
       redshiftsim diff -replay CASSETTE [-sim DSN]

Runs the statements of .sql and .test files (folders with all below them) on a reference and on the simulator, and says where they answer differently.
Each file runs in a schema of its own, which is dropped afterwards. -record keeps what the reference answered, without hosts, users, passwords and process
numbers, and -replay compares the simulator with that, where no reference can be reached.
The exit code is 0 when nothing differs, 1 when something does, 2 when the run could not be completed.

`

// runDiff is redshiftsim diff.
func runDiff(ctx context.Context, args []string, _ io.Reader, out, errs io.Writer) int {
	fl := flag.NewFlagSet("diff", flag.ContinueOnError)
	ref := fl.String("ref", "", "`DSN` of the reference: redshift://.. or postgres://.. where passthrough is linked in")
	sim := fl.String("sim", "redshiftsim://", "`DSN` of the simulator")
	record := fl.String("record", "", "write what the reference answers to a `CASSETTE`")
	replay := fl.String("replay", "", "compare with a `CASSETTE` instead of a reference")
	ignore := fl.String("ignore", "", "`KINDS` of differences that are none, with commas between: rows, columns, types, affected, sqlstate, message")
	timeout := fl.Duration("timeout", time.Minute, "how long a statement may take")
	usage := describe(fl, diffUsage)
	if code, done := parse(fl, usage, args, math.MaxInt, out, errs); done {
		return code
	}
	var wrong error
	switch {
	case (*ref == "") == (*replay == ""):
		wrong = errors.New("one of -ref and -replay is needed")
	case *replay != "" && *record != "":
		wrong = errors.New("-record keeps what a reference answers, and with -replay there is none")
	case *replay != "" && fl.NArg() > 0:
		wrong = errors.New("-replay takes no suite: its statements are in the cassette")
	case *replay == "" && fl.NArg() == 0:
		wrong = errors.New("no suite is named")
	}
	if wrong != nil {
		return misuse(fl, usage, errs, wrong)
	}
	o := diff.Options{Each: func(d *diff.Difference) { fmt.Fprint(out, d) }}
	for _, k := range strings.FieldsFunc(*ignore, func(r rune) bool { return r == ',' }) {
		if !slices.Contains(diff.Kinds, diff.Kind(k)) {
			fmt.Fprintf(errs, "redshiftsim diff: -ignore %s: the kinds are %v\n", k, diff.Kinds)
			return 2
		}
		o.Ignore = append(o.Ignore, diff.Kind(k))
	}
	schema := fmt.Sprintf("redshiftsim_diff_%d", os.Getpid())
	hide := append(secrets(*ref), schema) // on both sides, so that they stay comparable
	simulator := diffTarget("simulator", *sim, schema, *timeout, hide)
	var rep *diff.Report
	var err error
	if *replay != "" {
		rep, err = replayed(ctx, *replay, simulator, o)
	} else {
		rep, err = compared(ctx, fl.Args(), diffTarget("reference", *ref, schema, *timeout, hide), simulator, *ref, *record, o)
	}
	if rep != nil && (err == nil || rep.Statements > 0) { // else there is nothing to report but the error
		fmt.Fprintf(out, "%s, %s", count(rep.Statements, "statement"), count(len(rep.Differences), "difference"))
		if rep.Skipped > 0 {
			fmt.Fprintf(out, "; %d blocks of .test files are not for this comparison", rep.Skipped)
		}
		fmt.Fprintln(out)
	}
	switch {
	case err != nil:
		fmt.Fprintf(errs, "redshiftsim diff: %v\n", err)
		return 2
	case len(rep.Differences) > 0:
		return 1
	}
	return 0
}

// diffTarget makes a target of a DSN.
func diffTarget(name, dsn, schema string, timeout time.Duration, hide []string) *diff.Target {
	t := &diff.Target{Name: name, Schema: schema, Timeout: timeout, Open: func() (*sql.DB, error) { return sql.Open("redshiftsim", dsn) }}
	t.Scrub(hide...)
	return t
}

// secrets are the host, the user and the password of a DSN, and those that libpq's variables of the environment say in its place.
func secrets(dsn string) (out []string) {
	u, err := url.Parse(dsn)
	if err != nil {
		return nil
	}
	password, _ := u.User.Password()
	out = append(out, u.Hostname(), password)
	if scheme(dsn) != "redshiftsim" {
		out = append(out, u.User.Username())
	}
	for _, name := range []string{"host", "user", "password"} {
		out = append(out, u.Query()[name]...)
		if s := os.Getenv("PG" + strings.ToUpper(name)); s != "" && scheme(dsn) != "redshiftsim" {
			out = append(out, s)
		}
	}
	return out
}

func replayed(ctx context.Context, cassette string, sim *diff.Target, o diff.Options) (*diff.Report, error) {
	f, err := os.Open(cassette)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return diff.Play(ctx, f, sim, o)
}

func compared(ctx context.Context, paths []string, ref, sim *diff.Target, dsn, record string, o diff.Options) (rep *diff.Report, err error) {
	suite, err := diff.Read(paths...)
	if err != nil {
		return nil, err
	}
	var tape *diff.Tape
	if record != "" {
		server, err := ref.Version(ctx)
		if err != nil {
			return nil, err
		}
		if tape, err = diff.NewTape(record, scheme(dsn), server); err != nil {
			return nil, err
		}
		defer func() { err = errors.Join(err, tape.Close(err == nil)) }()
	}
	return diff.Run(ctx, suite, ref, sim, tape, o)
}
