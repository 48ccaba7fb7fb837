package engine

import (
	"context"
	"slices"
	"strconv"
	"strings"

	"github.com/redshiftsim/redshiftsim/engine/ast"
	"github.com/redshiftsim/redshiftsim/engine/catalog"
	"github.com/redshiftsim/redshiftsim/engine/load"
	"github.com/redshiftsim/redshiftsim/engine/parse"
	"github.com/redshiftsim/redshiftsim/engine/principal"
	"github.com/redshiftsim/redshiftsim/internal/sqlstate"
)

// Copy jobs: a COPY that is kept, and loads each file that comes into its place once.
//
//	COPY t FROM 's3://b/in/' .. JOB CREATE j      catalog.CopyJob {the COPY, the files that are there already}
//	b: in/1.csv comes
//	COPY JOB RUN j, or by itself (copyauto.go)    a COPY of in/1.csv alone, and in the same transaction catalog.JobFile {j, in/1.csv}
//
// https://docs.aws.amazon.com/redshift/latest/dg/r_COPY-JOB.html

// maxCopyJobs is how many copy jobs a cluster has at most.
// https://docs.aws.amazon.com/redshift/latest/dg/loading-data-copy-job.html#loading-data-copy-job-considerations
const maxCopyJobs = 200

// jobRun is the run of a job that a COPY belongs to.
type jobRun struct {
	job   uint32
	files map[string]bool // keys that are loaded
}

// copyJob is COPY .. JOB CREATE and COPY JOB.
func (s *Session) copyJob(c *call, st *ast.CopyJob) (*rowset, int64, error) {
	s.tx.Refresh()
	switch st.Verb {
	case "create":
		return nil, 0, s.createCopyJob(c, st)
	case "list":
		jobs := slices.DeleteFunc(s.catalog().CopyJobs(), func(j *catalog.CopyJob) bool { return !s.mayJob(j, principal.Alter) && !s.mayJob(j, principal.Drop) })
		return s.shownJobs(c, jobs, false), 0, nil
	case "drop":
		if err := s.alone(c, "COPY JOB DROP"); err != nil {
			return nil, 0, err
		}
	}
	j, err := s.copyJobNamed(st.Name.Name, st.Name.Offset())
	if err != nil {
		return nil, 0, err
	}
	want := principal.Alter
	if st.Verb == "drop" {
		want = principal.Drop
	}
	if !s.mayJob(j, want) {
		return nil, 0, denied("permission denied for copy job %s", j.Name)
	}
	switch st.Verb {
	case "show":
		return s.shownJobs(c, []*catalog.CopyJob{j}, true), 0, nil
	case "drop":
		s.removeCopyJob(j)
		return nil, 0, nil
	case "alter":
		if n := *j; st.Auto != "" {
			n.Auto = st.Auto == "on"
			s.tx.EditEntry(&n)
		}
		return nil, 0, nil
	}
	return nil, 0, s.runCopyJob(c, j)
}

// mayJob says whether the acting user has a privilege on a copy job.
func (s *Session) mayJob(j *catalog.CopyJob, want principal.Privilege) bool {
	return s.may(principal.CopyJob, j.ID, 0, j.Owner, want)
}

// copyJobNamed finds a copy job, or says that there is none.
func (s *Session) copyJobNamed(name string, pos int) (*catalog.CopyJob, error) {
	if j := s.catalog().CopyJob(name); j != nil {
		return j, nil
	}
	return nil, sqlstate.UndefinedObject.Errorf("copy job \"%s\" does not exist", name).At(pos)
}

// removeCopyJob takes a copy job away, with what it has loaded and the privileges on it.
func (s *Session) removeCopyJob(j *catalog.CopyJob) {
	for _, f := range s.catalog().JobFiles(j.ID) {
		s.tx.RemoveEntry(catalog.EntryKey(f))
	}
	s.tx.RemoveEntry(catalog.EntryKey(j))
	s.dropAccess(principal.CopyJob, j.ID)
}

// createCopyJob is COPY .. JOB CREATE. The values of the parameters are looked at when the job runs, as the guide has it; what no job may have is refused here.
func (s *Session) createCopyJob(c *call, st *ast.CopyJob) error {
	if err := s.alone(c, "COPY JOB CREATE"); err != nil {
		return err
	}
	if strings.Contains(st.Name.Name, "-") {
		return sqlstate.InvalidName.Errorf("the name of a copy job cannot contain a hyphen: \"%s\"", st.Name.Name).At(st.Name.Offset())
	}
	role, err := jobParameters(st.Copy)
	if err != nil {
		return err
	}
	o, err := s.resolve(st.Copy.Table)
	if err != nil {
		return err
	}
	if err := s.loadable(o, st.Copy.Table); err != nil {
		return err
	}
	if !s.may(principal.CopyJobsInDatabase, s.db.ID, 0, principal.BootstrapID, principal.Create) {
		return denied("permission denied to create copy jobs in database \"%s\"", s.db.Name)
	}
	switch {
	case s.catalog().CopyJob(st.Name.Name) != nil:
		return sqlstate.DuplicateObject.Errorf("copy job \"%s\" already exists", st.Name.Name).At(st.Name.Offset())
	case s.inAllDatabases((*catalog.Catalog).CopyJobCount) >= maxCopyJobs:
		return sqlstate.ProgramLimit.Errorf("a cluster cannot have more than %d copy jobs", maxCopyJobs)
	}
	j := &catalog.CopyJob{
		ID: s.c.newID(), Name: st.Name.Name, Owner: s.user.ID, Text: st.Text, CaseSensitive: s.caseful, Table: catalog.KeyOf(o), Source: st.Copy.From, Role: role,
		Auto: st.Auto != "off",
	}
	if at := slices.IndexFunc(st.Copy.Options, func(o ast.Option) bool { return o.Name == "USING TEMPLATE" }); at >= 0 && len(st.Copy.Options[at].Names) == 1 {
		if t, err := s.templateNamed(ast.Name{Parts: st.Copy.Options[at].Names}); err == nil {
			j.TemplateIn = t.Schema
		}
	}
	if !s.dry {
		if j.Before, err = s.present(c.ctx, j.Source); err != nil {
			return atOffset(err, st.Copy.FromPos.Offset())
		}
	}
	s.tx.EditEntry(j)
	return nil
}

// loadable refuses to keep a COPY into what is no table, or one of this session alone, or another's.
func (s *Session) loadable(o any, n ast.Name) error {
	t, ok := o.(*catalog.Table)
	switch {
	case !ok:
		return notTable(o, n)
	case t.Temp:
		return sqlstate.FeatureNotSupported.Errorf("copy jobs cannot load temporary table \"%s\"", t.Name).At(n.Offset())
	}
	if err := ofView(t, n); err != nil {
		return err
	}
	return s.needs(t, principal.Insert)
}

// bannedInJobs are the parameters that the COPY of a job cannot have.
// https://docs.aws.amazon.com/redshift/latest/dg/r_COPY-JOB.html#r_COPY-JOB-parameters
var bannedInJobs = []string{"MAXERROR", "IGNOREALLERRORS", "MANIFEST", "SSH", "CREDENTIALS", "ACCESS_KEY_ID", "SECRET_ACCESS_KEY", "SESSION_TOKEN"}

// jobParameters refuses a COPY that cannot be a job's, and gives the IAM role of one that can.
func jobParameters(st *ast.Copy) (role string, err error) {
	if !strings.HasPrefix(st.From, "s3://") {
		return "", sqlstate.FeatureNotSupported.Errorf("COPY JOB loads from Amazon S3 alone").At(st.FromPos.Offset())
	}
	if err := noneBanned(st.Options); err != nil {
		return "", err
	}
	for i := range st.Options {
		if a := &st.Options[i]; a.Name == "IAM_ROLE" {
			role = a.Value
		}
	}
	switch {
	case role == "":
		return "", sqlstate.Syntax.Errorf("COPY JOB requires the authorization IAM_ROLE").At(st.FromPos.Offset())
	case strings.EqualFold(role, principal.DefaultRole) || strings.EqualFold(role, "session"):
		return "", sqlstate.FeatureNotSupported.Errorf("COPY JOB does not support IAM_ROLE %s", upper(role)).WithHint("Name the role: IAM_ROLE 'arn:aws:iam::<account>:role/<name>'.")
	}
	if o, err := readOptions(st.Options); err == nil && o.unbuilt != nil { // what can never run
		return "", o.unbuilt
	}
	return role, nil
}

// noneBanned refuses parameters that the COPY of a job cannot have: its template may have them too.
func noneBanned(list []ast.Option) error {
	for i := range list {
		if a := &list[i]; slices.Contains(bannedInJobs, a.Name) {
			return sqlstate.FeatureNotSupported.Errorf("COPY JOB does not support the parameter %s", a.Name).At(a.Offset())
		}
	}
	return nil
}

// present lists the keys under a job's source. A bucket that is not there yet has none.
func (s *Session) present(ctx context.Context, source string) (map[string]bool, error) {
	out := map[string]bool{}
	if bucket, _, err := load.SplitURL(source); err == nil {
		if _, ok := s.store(bucket); !ok {
			return out, nil
		}
	}
	list, err := load.List(ctx, source, s.store)
	for i := range list {
		out[strings.Clone(list[i].Name)] = true
	}
	return out, err
}

// newFiles lists the files of a job that it has not loaded; failed = also those that it could not load.
func (s *Session) newFiles(ctx context.Context, cat *catalog.Catalog, j *catalog.CopyJob, failed bool) ([]load.Object, error) {
	list, err := load.List(ctx, j.Source, s.store)
	return slices.DeleteFunc(list, func(o load.Object) bool {
		f := cat.JobFile(j.ID, o.Name)
		return j.Before[o.Name] || f != nil && (f.Failure == "" || !failed)
	}), err
}

// runCopyJob is COPY JOB RUN: a COPY of all files that the job has not loaded, as a statement of the acting user, whose privileges count.
func (s *Session) runCopyJob(c *call, j *catalog.CopyJob) error {
	if s.dry { // there are no files to look at, but the COPY is checked
		st, err := copyOf(j)
		if err != nil {
			return err
		}
		return unplaced(s.copyInto(c, st, &jobRun{job: j.ID}))
	}
	files, err := s.newFiles(c.ctx, s.catalog(), j, true)
	if err != nil || len(files) == 0 {
		return err
	}
	return s.loadFiles(c, j, files)
}

// loadFiles runs a job's COPY over these files alone and notes that they are loaded, in the transaction of the COPY. They are noted first: when another
// transaction notes one of them meanwhile, this one cannot commit.
func (s *Session) loadFiles(c *call, j *catalog.CopyJob, files []load.Object) error {
	st, err := copyOf(j)
	if err != nil {
		return err
	}
	s.tx.Refresh()
	run := &jobRun{job: j.ID, files: make(map[string]bool, len(files))}
	for i := range files {
		if f := s.catalog().JobFile(j.ID, files[i].Name); f == nil || f.Failure != "" {
			n := &catalog.JobFile{Job: j.ID, Key: strings.Clone(files[i].Name), Size: files[i].Size, Found: s.c.cfg.Clock()}
			s.tx.EditEntry(n)
			run.files[n.Key] = true
		}
	}
	if len(run.files) == 0 {
		return nil
	}
	return unplaced(s.copyInto(c, st, run))
}

// copyOf parses the COPY of a job. Its names mean what they meant when the job was made.
func copyOf(j *catalog.CopyJob) (*ast.Copy, error) {
	stmts, err := parse.With(j.Text, parse.Options{CaseSensitive: j.CaseSensitive})
	if err != nil {
		return nil, err
	}
	st := *stmts[0].(*ast.Copy)
	st.Table = ast.Name{Pos: -1, Parts: []string{j.Table.Schema, j.Table.Name}}
	for i := range st.Options {
		if o := &st.Options[i]; o.Name == "USING TEMPLATE" && len(o.Names) == 1 && j.TemplateIn != "" {
			o.Names = []string{j.TemplateIn, o.Names[0]}
		}
	}
	return &st, nil
}

// shownJobs is COPY JOB LIST and SHOW. The guide has no output of either.
func (s *Session) shownJobs(c *call, jobs []*catalog.CopyJob, whole bool) *rowset {
	names := []string{"job_id", "job_name", "data_source", "destination_table", "iam_role", "is_auto"}
	if whole {
		names = append(names, "job_text")
	}
	rows := make([][]string, len(jobs))
	for i, j := range jobs {
		auto := "0"
		if j.Auto {
			auto = "1"
		}
		rows[i] = []string{strconv.Itoa(int(j.ID)), j.Name, j.Source, j.Table.Schema + "." + j.Table.Name, j.Role, auto}
		if whole {
			rows[i] = append(rows[i], j.Text)
		}
	}
	return s.rowsOf(names, rows, c.rec)
}
