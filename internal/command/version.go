package command

import (
	"context"
	"flag"
	"fmt"
	"io"
	"runtime"
	"runtime/debug"
)

const versionUsage = `usage: redshiftsim version

Prints the version of this program, of Go, and of the Redshift that it behaves as.

`

// runVersion is redshiftsim version: the module's version, and the commit where the program was built in a clone.
func runVersion(_ context.Context, args []string, _ io.Reader, out, errs io.Writer) int {
	fl := flag.NewFlagSet("version", flag.ContinueOnError)
	if code, done := parse(fl, describe(fl, versionUsage), args, 0, out, errs); done {
		return code
	}
	version, commit := "(devel)", ""
	if info, ok := debug.ReadBuildInfo(); ok {
		version = info.Main.Version
		for _, s := range info.Settings {
			if s.Key == "vcs.revision" {
				commit = ", commit " + s.Value
			}
		}
	}
	fmt.Fprintf(out, "redshiftsim %s%s, %s %s/%s\n", version, commit, runtime.Version(), runtime.GOOS, runtime.GOARCH)
	return 0
}
