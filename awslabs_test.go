package redshiftsim_test

import (
	"cmp"
	"context"
	"database/sql"
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/redshiftsim/redshiftsim"
)

// awslabsSetup is what the scripts find: tables of all kinds, keys, comments, principals with privileges, a function, a load, queries.
const awslabsSetup = `
CREATE SCHEMA admin;
CREATE SCHEMA shop;
CREATE TABLE shop.customer (id int IDENTITY(1, 1) PRIMARY KEY, name varchar(40) NOT NULL ENCODE lzo, born date DEFAULT '2000-01-01' ENCODE az64) DISTSTYLE ALL;
CREATE TABLE shop.orders (id bigint NOT NULL, customer int REFERENCES shop.customer (id), amount numeric(12,2), placed timestamp, UNIQUE (id)) DISTKEY (customer) COMPOUND SORTKEY (placed, id);
CREATE TABLE shop.visits (customer int, page varchar(200), seen timestamptz) BACKUP NO DISTSTYLE EVEN INTERLEAVED SORTKEY (customer, page);
CREATE TABLE plain (a int, b char(3));
COMMENT ON TABLE shop.orders IS 'what was bought';
COMMENT ON COLUMN shop.orders.amount IS 'in euros';
CREATE VIEW shop.big AS SELECT id, amount FROM shop.orders WHERE amount > 100;
CREATE VIEW late AS SELECT a FROM public.plain WITH NO SCHEMA BINDING;
CREATE FUNCTION shop.gross(numeric(12,2)) RETURNS numeric(12,2) IMMUTABLE AS $$ SELECT $1 * 1.2 $$ LANGUAGE sql;
CREATE USER ann PASSWORD DISABLE CREATEDB;
CREATE USER ben PASSWORD DISABLE VALID UNTIL '2100-01-01';
CREATE GROUP staff WITH USER ann, ben;
GRANT USAGE, CREATE ON SCHEMA shop TO GROUP staff;
GRANT SELECT, INSERT ON shop.orders TO ann WITH GRANT OPTION;
GRANT SELECT (name) ON shop.customer TO ben;
GRANT SELECT ON shop.big TO GROUP staff;
GRANT EXECUTE ON FUNCTION shop.gross(numeric(12,2)) TO ben;
ALTER DEFAULT PRIVILEGES IN SCHEMA shop GRANT SELECT ON TABLES TO GROUP staff;
INSERT INTO shop.customer (name) VALUES ('Ada'), ('Bob'), ('Cyd');
INSERT INTO shop.orders VALUES (1, 1, 12.50, '2024-01-01'), (2, 1, 250, '2024-02-01'), (3, 3, 7, '2024-03-01');
INSERT INTO shop.visits SELECT c.id, 'page ' || o.id, o.placed FROM shop.customer c, shop.orders o;
COPY plain FROM 's3://test/plain.csv' CSV IAM_ROLE default;
ANALYZE shop.orders;
SELECT c.name, sum(o.amount) FROM shop.customer c JOIN shop.orders o ON o.customer = c.id WHERE o.placed > '2024-01-15' GROUP BY 1 ORDER BY 2;
SELECT count(*) FROM shop.orders a, shop.visits b WHERE a.amount > b.customer;
DELETE FROM shop.orders WHERE id = 2
`

// awslabsCluster opens a cluster in which awslabsSetup has run.
func awslabsCluster(t *testing.T) *sql.DB {
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "plain.csv"), []byte("1,one\n2,two\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	db := open(t, "redshiftsim://?nodes=2&slices=2&bucket=test="+dir)
	for _, text := range strings.Split(awslabsSetup, ";\n") {
		if _, err := db.Exec(text); err != nil {
			t.Fatalf("%s: %v", text, err)
		}
	}
	if _, err := db.Exec("VACUUM shop.orders"); err != nil {
		t.Fatal(err)
	}
	return db
}

// awslabsFiles finds the scripts: AdminViews and AdminScripts below src of a copy of https://github.com/awslabs/amazon-redshift-utils, whose place
// REDSHIFTSIM_AWSLABS tells. They are not part of this repository.
func awslabsFiles(t *testing.T) (dir string, files []string) {
	dir = os.Getenv("REDSHIFTSIM_AWSLABS")
	if dir == "" {
		t.Skip("REDSHIFTSIM_AWSLABS is not set: it is the folder of a copy of github.com/awslabs/amazon-redshift-utils")
	}
	for _, sub := range []string{"AdminViews", "AdminScripts"} {
		list, err := filepath.Glob(filepath.Join(dir, "src", sub, "*.sql"))
		if err != nil || len(list) == 0 {
			t.Fatalf("no scripts in %s of %s: %v", sub, dir, err)
		}
		slices.Sort(list)
		files = append(files, list...)
	}
	return dir, files
}

// runScript runs a script and reads all rows of all its results.
func runScript(db *sql.DB, text string) (rows int, err error) {
	r, err := db.QueryContext(context.Background(), text)
	if err != nil {
		return 0, err
	}
	defer r.Close()
	for more := true; more; more = r.NextResultSet() {
		cols, err := r.Columns()
		if err != nil {
			return rows, err
		}
		cells := make([]any, len(cols))
		for i := range cells {
			cells[i] = new(any)
		}
		for r.Next() {
			if err := r.Scan(cells...); err != nil {
				return rows, err
			}
			rows++
		}
	}
	return rows, r.Err()
}

// TestAWSLabs runs AWS's admin views and scripts as they are, and selects from every view; docs/awslabs.md lists what comes of each. -rewrite writes it.
func TestAWSLabs(t *testing.T) {
	_, files := awslabsFiles(t)
	db := awslabsCluster(t)
	outcome := map[string]string{}
	fail := func(err error) string {
		var e *redshiftsim.Error
		if !errors.As(err, &e) {
			t.Errorf("not an error of SQL: %v", err)
			return err.Error()
		}
		return fmt.Sprintf("refused: %s %s", e.SQLState(), e.Message)
	}
	for again := true; again; { // a view may need another one
		again = false
		for _, f := range files {
			name := strings.TrimSuffix(filepath.Base(f), ".sql")
			view := strings.Contains(f, "AdminViews")
			if o, done := outcome[name]; done && (!view || !strings.Contains(o, "42P01")) {
				continue
			}
			text, err := os.ReadFile(f)
			if err != nil {
				t.Fatal(err)
			}
			before := outcome[name]
			if _, err := runScript(db, string(text)); err != nil {
				outcome[name] = fail(err)
			} else if outcome[name] = "runs"; view {
				if _, err := runScript(db, "SELECT * FROM admin."+name); err != nil {
					outcome[name] = fail(err)
				}
			}
			again = again || before != "" && before != outcome[name] || before == "" && strings.Contains(outcome[name], "42P01")
		}
	}
	var b strings.Builder
	b.WriteString("# The admin views and scripts of AWS\n\nWhat comes of the scripts of [amazon-redshift-utils](https://github.com/awslabs/amazon-redshift-utils/tree/master/src), " +
		"run as they are, and of SELECT * FROM the views that they create. `REDSHIFTSIM_AWSLABS=FOLDER go test . -run TestAWSLabs` runs them; " +
		"`-rewrite` writes this page.\n\n| script | outcome | why |\n|---|---|---|\n")
	why := map[string]string{
		"generate_calendar": "refused as Redshift refuses it: its function is written in Python, and \"Amazon Redshift will no longer support the use of Python UDFs after June 30, 2026\" ([page](https://docs.aws.amazon.com/redshift/latest/dg/udf-python-language-support.html))",
	}
	n := 0
	for _, name := range slices.SortedFunc(func(yield func(string) bool) {
		for k := range outcome {
			if !yield(k) {
				return
			}
		}
	}, cmp.Compare[string]) {
		if outcome[name] == "runs" {
			n++
		} else if why[name] == "" {
			t.Errorf("%s: %s", name, outcome[name])
		}
		fmt.Fprintf(&b, "| %s | %s | %s |\n", name, outcome[name], why[name])
	}
	fmt.Fprintf(&b, "\n%d of %d run.\n", n, len(outcome))
	if t.Failed() {
		return
	}
	const page = "docs/awslabs.md"
	if f := flag.Lookup("rewrite"); f != nil && f.Value.String() == "true" {
		if err := os.WriteFile(page, []byte(b.String()), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if now, err := os.ReadFile(page); err != nil || string(now) != b.String() {
		t.Errorf("%s is not what comes of the scripts: go test . -run TestAWSLabs -rewrite (%v)", page, err)
	}
}
