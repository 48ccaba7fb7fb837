package integration

import (
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/redshiftsim/redshiftsim"
	"github.com/redshiftsim/redshiftsim/server"
)

// facts runs a program with the port of a server that has a password and TLS, and gives the lines that it prints.
func facts(t *testing.T, program ...string) []string {
	t.Helper()
	at := listenWith(t, newCluster(t, redshiftsim.Config{User: "awsuser", Password: "Secret123"}), server.Config{})
	run := exec.CommandContext(t.Context(), program[0], append(program[1:], strconv.Itoa(at.Port))...)
	run.Env = append(os.Environ(), "TZ=UTC")
	var said strings.Builder
	run.Stderr = &said
	out, err := run.Output()
	if err != nil {
		t.Fatalf("%v\n%s%s", err, out, &said)
	}
	return strings.Split(strings.TrimSpace(string(out)), "\n")
}

// TestPsycopg runs a program on psycopg2, which writes values into texts, and on psycopg 3, which sends them apart.
func TestPsycopg(t *testing.T) {
	const python = "/usr/bin/python3" // Debian's, which Debian's modules are for
	for _, module := range []string{"psycopg2", "psycopg"} {
		t.Run(module, func(t *testing.T) {
			if err := exec.CommandContext(t.Context(), python, "-c", "import "+module).Run(); err != nil {
				t.Skipf("Debian's package python3-%s is not installed", module)
			}
			same(t, "output", facts(t, python, "testdata/python/client.py", module),
				"inserted: 1",
				"same row: True",
				"nulls: (None, None)",
				"types: [('title', 1043), ('at', 1184)]",
				"many: 5",
				`syntax: ('42601', 'syntax error at or near "SELEC"')`,
				"injected: ('22P02', 'invalid input syntax for integer: \"\\\\\\'; DROP TABLE films; --\"')",
				`returning: ('42601', 'syntax error at or near "RETURNING"')`,
				"left: 2",
				"any: True",
				"cursor with a name: [1, 2]",
				"vacuum: VACUUM",
				"password: True",
			)
		})
	}
}

// TestJDBC runs a program on PostgreSQL's JDBC driver.
func TestJDBC(t *testing.T) {
	const jar = "/usr/share/java/postgresql.jar"
	if _, err := os.Stat(jar); err != nil {
		t.Skip("Debian's package libpostgresql-jdbc-java is not installed")
	}
	if _, err := exec.LookPath("javac"); err != nil {
		t.Skip("no javac, which java needs to run a source")
	}
	same(t, "output", facts(t, "java", "-cp", jar, "testdata/jdbc/Client.java"),
		"inserted: 1",
		`row: [1 it's \ 100% 12.50 t 1979-05-25 2024-02-29 12:00:00.25 1099511627776 0.5]`,
		"batch: [1, 1, 1]",
		`column: 42703 ERROR: column "titel" does not exist in films`,
		`keys: 42601 ERROR: syntax error at or near "RETURNING"`,
		"in a transaction: 22012 ERROR: division by zero",
		"after an error: 25P02 ERROR: current transaction is aborted, commands ignored until end of transaction block",
		"savepoint: 0A000 ERROR: SAVEPOINT is not supported",
		"portions: 1, 2, 3, 4",
		"level: set",
		"read only: 25006 ERROR: transaction is read-only",
		"timeout: 57014 ERROR: canceling statement due to user request",
		"origins: [public.films.id 1, .. 2, public.titles.title 1, public.keyed.v 0, public.keyed.k 0]",
		"tables: [films, keyed]",
		"columns: [id int4 10, title varchar 40, price numeric 8, seen bool 1, day date 13, at timestamp 29, n int8 19, f float8 17]",
		"primary keys: 42883 ERROR: function information_schema._pg_expandarray(int2vector) does not exist",
		"imported keys: 99999 Unable to determine a value for MaxIndexKeys due to missing system catalog data.",
		`privileges: 42P01 ERROR: relation "pg_catalog.pg_roles" does not exist`,
	)
}

// TestODBC runs a program on psqlODBC. In a transaction it needs Protocol=7.4-1 or 7.4-0, and UseServerSidePrepare=0: otherwise it
// sets savepoints.
func TestODBC(t *testing.T) {
	const python = "/usr/bin/python3"
	drivers, err := filepath.Glob("/usr/lib/*/odbc/psqlodbcw.so")
	if err != nil || len(drivers) == 0 {
		t.Skip("Debian's package odbc-postgresql is not installed")
	}
	if err := exec.CommandContext(t.Context(), python, "-c", "import pyodbc").Run(); err != nil {
		t.Skip("Debian's package python3-pyodbc is not installed")
	}
	same(t, "output", facts(t, python, "testdata/python/odbc.py", drivers[0]),
		`rows: [('1', "it's", '12.50', '2024-02-29 12:00:00'), ('2', 'None', 'None', 'None')]`,
		"one: it's",
		"tables: ['films']",
		"columns: [('id', 'int4', 10), ('title', 'varchar', 40), ('price', 'numeric', 8), ('at', 'timestamp', 26)]",
		"in a transaction: 22012 ERROR: division by zero",
		"after an error: 2",
		"protocol 0: 22012 ERROR: division by zero",
		"after an error: 25P02 ERROR: current transaction is aborted, commands ignored until end of transaction block",
		"prepared: 1.00",
		"prepared: 2.00",
		"autocommit: -1 2",
		"savepoint: 0A000 ERROR: SAVEPOINT is not supported",
	)
}

// TestSQLAlchemy runs a program on SQLAlchemy with the dialect for Redshift, and pandas: reflection, statements, frames, a session.
func TestSQLAlchemy(t *testing.T) {
	const python = "/usr/bin/python3"
	if err := exec.CommandContext(t.Context(), python, "-c", "import sqlalchemy_redshift, pandas, psycopg2").Run(); err != nil {
		t.Skip("no sqlalchemy-redshift, which is on PyPI alone, or no pandas")
	}
	same(t, "output", facts(t, python, "testdata/python/alchemy.py"),
		"tables: ['child', 'parent'] ['late', 'v'] False",
		"parent: [('id', 'INTEGER', False), ('name', 'VARCHAR(30)', False)]",
		"child: [('id', 'INTEGER', True), ('parent', 'INTEGER', True), ('amount', 'NUMERIC(8, 2)', True), ('at', 'TIMESTAMP', True)]",
		"v: [('id', 'INTEGER', True), ('name', 'VARCHAR(30)', True)]",
		"late: [('id', 'INTEGER', True)]",
		"keys: ['id'] ['name'] [(['parent'], 'parent', ['id'])]",
		"options: parent ('at',) ALL",
		"view: SELECT id, name FROM parent",
		"reflected: ['child', 'parent'] parent.id",
		`join: [("it's", '1.50')]`,
		"frame: [['6', '8.0', '2024-01-02']] 6",
		"session: [(1, 'c')]",
	)
}
