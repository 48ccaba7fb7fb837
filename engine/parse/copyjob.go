package parse

import (
	"strings"

	"github.com/redshiftsim/redshiftsim/engine/ast"
)

// jobVerbs are the words behind COPY JOB. A table may be called job: then FROM or a list of columns follows.
var jobVerbs = []string{"alter", "run", "list", "show", "drop"}

// copyJob parses COPY JOB ALTER, RUN, LIST, SHOW and DROP, at JOB; nil when it is a COPY into a table of that name.
// https://docs.aws.amazon.com/redshift/latest/dg/r_COPY-JOB.html
func (p *parser) copyJob() (ast.Statement, error) {
	for _, verb := range jobVerbs {
		if !p.Words("job", verb) {
			continue
		}
		st := &ast.CopyJob{Verb: verb}
		if verb == "list" {
			return st, nil
		}
		return st, p.jobName(st)
	}
	if n := p.Ahead(1); p.Is("job") && n.Text != "from" && n.Text != "(" && n.Text != "." {
		p.I++
		return nil, p.Unexpected()
	}
	return nil, nil
}

// createJob parses JOB CREATE name [AUTO ON | OFF] behind a COPY; nil when that has no job.
func (p *parser) createJob(c *ast.Copy, from int) (ast.Statement, error) {
	to := p.end()
	if !p.Words("job") {
		return nil, nil
	}
	if err := p.Expect("create"); err != nil {
		return nil, err
	}
	st := &ast.CopyJob{Verb: "create", Copy: c, Text: strings.Clone(p.Src[from:to])}
	return st, p.jobName(st)
}

// jobName parses the name of a job, and what may follow it.
func (p *parser) jobName(st *ast.CopyJob) (err error) {
	if st.Name, err = p.Column(); err != nil || st.Verb != "create" && st.Verb != "alter" || !p.Words("auto") {
		return err
	}
	st.Auto = p.Tok().Text
	if !p.Words("on") && !p.Words("off") {
		return p.Unexpected()
	}
	return nil
}
