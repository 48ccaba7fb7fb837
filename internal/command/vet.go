package command

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"math"
	"os"
	"strings"

	"github.com/redshiftsim/redshiftsim/engine/vet"
)

const vetUsage = `usage: redshiftsim vet [-strict] [-off RULE,...] FILE.sql ...

Reads the files as one script, in the order given, and runs none of it: what Redshift refuses is an error, what production would regret a warning.
- reads standard input. The exit code is 1 when there is an error (with -strict, or a warning), else 0; 2 = a file cannot be read.
Statements on tables that the files do not create are parsed, but their names and types cannot be checked.

  -strict        a warning makes exit code 1 too
  -off RULE,...  rules that do not warn

rules:
`

// runVet is redshiftsim vet.
func runVet(ctx context.Context, args []string, in io.Reader, out, errs io.Writer) int {
	fs := flag.NewFlagSet("vet", flag.ContinueOnError)
	strict := fs.Bool("strict", false, "")
	off := fs.String("off", "", "")
	if code, done := parse(fs, printVetUsage, args, math.MaxInt, out, errs); done {
		return code
	}
	if fs.NArg() == 0 {
		return misuse(fs, printVetUsage, errs, errors.New("no file is named"))
	}
	files := make([]vet.File, fs.NArg())
	for i, name := range fs.Args() {
		var text []byte
		var err error
		if files[i].Name = name; name == "-" {
			files[i].Name = "stdin"
			text, err = io.ReadAll(in)
		} else {
			text, err = os.ReadFile(name)
		}
		if err != nil {
			fmt.Fprintf(errs, "redshiftsim vet: %v\n", err)
			return 2
		}
		files[i].Text = strings.TrimPrefix(string(text), "\ufeff")
	}
	rep, err := vet.Vet(ctx, files, strings.FieldsFunc(*off, func(r rune) bool { return r == ',' }))
	if err != nil {
		fmt.Fprintf(errs, "redshiftsim vet: %v\n", err)
		return 2
	}
	printReport(rep, out, errs)
	if rep.Errors() > 0 || *strict && len(rep.Findings) > 0 {
		return 1
	}
	return 0
}

// printReport prints the findings to out, and what they come to, to errs.
func printReport(rep *vet.Report, out, errs io.Writer) {
	for i := range rep.Findings {
		f := &rep.Findings[i]
		fmt.Fprintln(out, f)
		if f.Detail != "" {
			fmt.Fprintf(out, "    DETAIL: %s\n", strings.ReplaceAll(f.Detail, "\n", "\n    "))
		}
		if f.Hint != "" {
			fmt.Fprintf(out, "    HINT: %s\n", f.Hint)
		}
	}
	fmt.Fprintf(errs, "%s: %s, %s\n", count(rep.Statements, "statement"), count(rep.Errors(), "error"), count(len(rep.Findings)-rep.Errors(), "warning"))
	if rep.Unbound > 0 {
		const most = 8
		names := rep.Missing
		more := ""
		if len(names) > most {
			names, more = names[:most], ", ..."
		}
		fmt.Fprintf(errs, "%s not bound, for nothing before created what is named: %s%s\n", count(rep.Unbound, "statement"), strings.Join(names, ", "), more)
	}
}

// count writes a number of things.
func count(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return fmt.Sprintf("%d %ss", n, what)
}

func printVetUsage(w io.Writer) {
	fmt.Fprint(w, vetUsage)
	for _, r := range vet.Rules {
		fmt.Fprintf(w, "  %-20s %s\n", r.Name, r.Why)
	}
}
