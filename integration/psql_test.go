package integration

import (
	"bufio"
	"bytes"
	"fmt"
	"net"
	"os"
	"os/exec"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/redshiftsim/redshiftsim"
	"github.com/redshiftsim/redshiftsim/server"
)

// psql is Debian's, of PostgreSQL 15, run for a cluster on a port.
type psql struct {
	path string
	at   *net.TCPAddr
}

func newPsql(t *testing.T, srv server.Config, c redshiftsim.Config) psql {
	t.Helper()
	path, err := exec.LookPath("psql")
	if err != nil {
		t.Skip("psql is not installed: apt-get install postgresql-client")
	}
	return psql{path, listenWith(t, newCluster(t, c), srv)}
}

// trusting is a cluster without passwords.
func trusting(t *testing.T) psql {
	t.Helper()
	return newPsql(t, server.Config{Auth: server.AuthTrust}, redshiftsim.Config{})
}

// command is psql with arguments, not started yet.
func (p psql) command(t *testing.T, input string, args ...string) *exec.Cmd {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), p.path, append([]string{"-X"}, args...)...)
	cmd.Env = append(os.Environ(), "PGHOST=127.0.0.1", "PGPORT="+strconv.Itoa(p.at.Port), "PGUSER=awsuser", "PGDATABASE=dev", "LC_ALL=C")
	cmd.Stdin = strings.NewReader(input)
	return cmd
}

// run gives what psql printed, without blanks at the ends of lines, and its exit code.
func (p psql) run(t *testing.T, input string, args ...string) (stdout, stderr string, code int) {
	t.Helper()
	cmd := p.command(t, input, args...)
	var out, fail bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &fail
	if err := cmd.Run(); err != nil && cmd.ProcessState == nil {
		t.Fatal(err)
	}
	blanks := regexp.MustCompile(`(?m)[ \t]+$`)
	return blanks.ReplaceAllString(out.String(), ""), blanks.ReplaceAllString(fail.String(), ""), cmd.ProcessState.ExitCode()
}

// prints checks that psql succeeds and prints this; lines of want are those of the output.
func (p psql) prints(t *testing.T, want, input string, args ...string) {
	t.Helper()
	out, fail, code := p.run(t, input, args...)
	if code != 0 || fail != "" {
		t.Errorf("psql %q %s: exit code %d\n%s", args, input, code, fail)
	}
	if strings.TrimSpace(out) != strings.TrimSpace(want) {
		t.Errorf("psql %q %s: got\n%s\nwant\n%s", args, input, out, want)
	}
}

// fails checks psql's exit code and the first line that it prints to standard error.
func (p psql) fails(t *testing.T, code int, want, input string, args ...string) {
	t.Helper()
	_, fail, got := p.run(t, input, args...)
	if line, _, _ := strings.Cut(fail, "\n"); got != code || line != want {
		t.Errorf("psql %q %s: exit code %d, want %d\ngot  %s\nwant %s", args, input, got, code, fail, want)
	}
}

func TestPsql(t *testing.T) {
	p := trusting(t)
	p.prints(t, "loaded 3 into dev", "", "-q", "-f", "testdata/psql/movies.sql")
	p.prints(t, `
 id | title  | year
----+--------+------
  1 | Alien  | 1979
  2 | Brazil | 1985
  3 |        | 1997
(3 rows)`, "", "-c", "SELECT * FROM movies ORDER BY id")
	p.prints(t, "title,year\nAlien,1979\nBrazil,1985", "", "--csv", "-c", "SELECT title, year FROM movies WHERE title IS NOT NULL ORDER BY 1")
	p.prints(t, "Alien 1979", "SELECT title, year FROM movies WHERE title = :'film' AND year > :year;", "-At", "-F", " ", "-v", "film=Alien", "-v", "year=1970")
	p.prints(t, "INSERT 0 1\nUPDATE 1\nDELETE 1\nBEGIN\nROLLBACK", `INSERT INTO movies VALUES (9); UPDATE movies SET year = 1 WHERE id = 9; DELETE FROM movies WHERE id = 9;
		BEGIN; ROLLBACK;`)
	p.prints(t, "8.0.2 UTF8", `\echo :SERVER_VERSION_NAME :ENCODING`)
	p.prints(t, "1\n2\n3", "SELECT id FROM movies ORDER BY id;", "-At", "-v", "FETCH_COUNT=2")
	p.prints(t, "sales", "SELECT 'SELECT ' || quote_literal(nspname) FROM pg_namespace WHERE nspname = 'sales' \\gexec", "-At")
	out, _, code := p.run(t, "\\timing on\nSELECT 1;", "-At")
	if code != 0 || !regexp.MustCompile(`(?s)^Timing is on\.\n1\nTime: [0-9.]+ ms\n$`).MatchString(out) {
		t.Error(out)
	}
}

// TestPsqlDescribes lists relations, schemas and privileges.
func TestPsqlDescribes(t *testing.T) {
	p := trusting(t)
	p.prints(t, "loaded 3 into dev", "", "-q", "-f", "testdata/psql/movies.sql")
	heads := "schema|name|type|owner\n"
	for command, want := range map[string]string{
		`\d`:        heads + "public|good|view|awsuser\npublic|movies|table|awsuser\n(2 rows)",
		`\dt`:       heads + "public|movies|table|awsuser\n(1 row)",
		`\dt mov*`:  heads + "public|movies|table|awsuser\n(1 row)",
		`\dt *.mo*`: heads + "public|movies|table|awsuser\n(1 row)",
		`\dv good`:  heads + "public|good|view|awsuser\n(1 row)",
		`\dn`:       "name|owner\npublic|rdsdb\nsales|awsuser\n(2 rows)",
		`\dn s*`:    "name|owner\nsales|awsuser\n(1 row)",
		`\do`:       "schema|name|left arg type|right arg type|result type|description\n(0 rows)",
		`\dc`:       "schema|name|source|destination|default?\n(0 rows)",
	} {
		out, fail, code := p.run(t, "", "-A", "-c", command)
		_, table, _ := strings.Cut(out, "\n") // the title
		if code != 0 || strings.TrimSpace(table) != want {
			t.Errorf("%s: exit code %d\n%s%s", command, code, out, fail)
		}
	}
	p.fails(t, 0, `Did not find any relation named "nothing".`, "", "-c", `\dt nothing`)
	p.fails(t, 0, "Did not find any relations.", "", "-c", `\di`)
}

// TestPsqlRefused runs what psql 15, made for PostgreSQL 9.2 and later, asks Redshift in vain, and what Redshift has not.
func TestPsqlRefused(t *testing.T) {
	p := trusting(t)
	if version, _, _ := p.run(t, "", "--version"); !strings.Contains(version, " 15.") {
		t.Skip("these are the questions of psql 15, not of ", version)
	}
	p.prints(t, "loaded 3 into dev", "", "-q", "-f", "testdata/psql/movies.sql")
	for command, want := range map[string]string{
		`\d movies`:                       "ERROR:  column c.relhastriggers does not exist",
		`\dt+`:                            "ERROR:  column c.relpersistence does not exist",
		`\l`:                              "ERROR:  column d.datcollate does not exist",
		`\du`:                             `ERROR:  relation "pg_catalog.pg_roles" does not exist`,
		`\df`:                             "ERROR:  function pg_catalog.pg_get_function_result(oid) does not exist",
		`\da`:                             "ERROR:  function pg_catalog.pg_get_function_arguments(oid) does not exist",
		`\dp`:                             `ERROR:  column "attacl" does not exist in a`,
		`\dT`:                             "ERROR:  column el.typarray does not exist",
		`\dD`:                             `ERROR:  relation "pg_catalog.pg_collation" does not exist`,
		`\dC`:                             "ERROR:  column c.castmethod does not exist",
		`\db`:                             "ERROR:  function pg_catalog.pg_tablespace_location(oid) does not exist",
		`\dd`:                             "ERROR:  column o.opcmethod does not exist",
		`\ddp`:                            "ERROR:  column d.defaclrole does not exist",
		`\dL`:                             "ERROR:  column l.lanowner does not exist",
		`\dx`:                             `ERROR:  relation "pg_catalog.pg_extension" does not exist`,
		`\sv good`:                        "ERROR:  column c.reloptions does not exist",
		`\sf f`:                           `ERROR:  function "f" does not exist`,
		`\dl`:                             `ERROR:  relation "pg_catalog.pg_largeobject_metadata" does not exist`,
		`\copy movies from '/dev/null'`:   `ERROR:  syntax error at or near "STDIN"`,
		`\copy movies to '/dev/null'`:     `ERROR:  syntax error at or near "TO"`,
		"LISTEN changes":                  "ERROR:  LISTEN is not supported",
		"CREATE INDEX i ON movies (year)": `ERROR:  SQL command "CREATE INDEX i ON movies (year)" not supported on Redshift tables.`,
	} {
		p.fails(t, 1, want, "", "-c", command)
	}
}

// TestPsqlStopsAtErrors runs a script whose second statement fails: on, stopped, and as one transaction.
func TestPsqlStopsAtErrors(t *testing.T) {
	p := trusting(t)
	p.prints(t, "loaded 3 into dev", "", "-q", "-f", "testdata/psql/movies.sql")
	const script = "testdata/psql/broken.sql"
	failed := "psql:" + script + `:2: ERROR:  column "titel" of relation "movies" does not exist`
	count := func(want string) {
		t.Helper()
		p.prints(t, want, "", "-At", "-c", "SELECT count(*) FROM movies")
	}
	p.fails(t, 3, failed, "", "-1", "-v", "ON_ERROR_STOP=1", "-f", script)
	count("3")
	p.fails(t, 3, failed, "", "-v", "ON_ERROR_STOP=1", "-f", script)
	count("4")
	p.fails(t, 0, failed, "", "-f", script)
	count("6")
	// Where psql knows nothing of transactions: the statements of one -c are one.
	p.fails(t, 1, "ERROR:  division by zero", "", "-c", "DELETE FROM movies; SELECT 1 / (count(*) - count(*)) FROM movies")
	count("6")
}

// TestPsqlPassword proves the user over TLS, or not.
func TestPsqlPassword(t *testing.T) {
	p := newPsql(t, server.Config{}, redshiftsim.Config{User: "awsuser", Password: "Secret123"})
	t.Setenv("PGSSLMODE", "require")
	t.Setenv("PGPASSWORD", "Secret123")
	p.prints(t, "awsuser", "", "-At", "-c", "SELECT current_user")
	t.Setenv("PGPASSWORD", "wrong")
	p.fails(t, 2, fmt.Sprintf(`psql: error: connection to server at "127.0.0.1", port %d failed: FATAL:  password authentication failed for user "awsuser"`, p.at.Port), "", "-c", "SELECT 1")
}

// TestPsqlCancel presses Ctrl-C while a statement runs.
func TestPsqlCancel(t *testing.T) {
	p := trusting(t)
	cmd := p.command(t, "", "-At", "-c", `\echo started`, "-c", "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 1000000000) SELECT count(*) FROM n")
	var fail bytes.Buffer
	cmd.Stderr = &fail
	out, err := cmd.StdoutPipe()
	if err == nil {
		err = cmd.Start()
	}
	if err != nil {
		t.Fatal(err)
	}
	if line, err := bufio.NewReader(out).ReadString('\n'); err != nil || line != "started\n" {
		t.Fatal(line, err)
	}
	ended := make(chan error, 1)
	go func() { ended <- cmd.Wait() }()
	for {
		select {
		case <-ended:
			if got := strings.TrimPrefix(fail.String(), "Cancel request sent\n"); cmd.ProcessState.ExitCode() != 1 || !strings.HasSuffix(got, "ERROR:  canceling statement due to user request\n") {
				t.Errorf("exit code %d\n%s", cmd.ProcessState.ExitCode(), got)
			}
			return
		case <-time.After(50 * time.Millisecond):
			_ = cmd.Process.Signal(os.Interrupt)
		}
	}
}
