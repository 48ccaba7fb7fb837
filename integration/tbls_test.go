package integration

import (
	"database/sql"
	"regexp"
	"strings"
	"testing"

	"github.com/redshiftsim/redshiftsim"
)

// The questions that tbls asks a Redshift cluster through lib/pq: the relations of its queries, their functions and parameters, in our words.
const (
	tblsRelations = `
		SELECT c.oid, n.nspname || '.' || c.relname AS name, d.description,
		  CASE WHEN c.relkind = 'v' THEN 'VIEW' WHEN c.relkind = 'm' THEN 'MATERIALIZED VIEW' WHEN c.relkind = 'f' THEN 'FOREIGN TABLE' WHEN c.relkind IN ('r', 'p') THEN 'BASE TABLE' END AS kind
		FROM pg_class c
		JOIN pg_namespace n ON n.oid = c.relnamespace
		LEFT JOIN pg_description d ON d.objoid = c.oid AND d.objsubid = 0
		WHERE c.relkind IN ('r', 'p', 'v', 'f', 'm') AND n.nspname NOT IN ('information_schema', 'pg_catalog')
		ORDER BY c.oid`
	tblsColumns = `
		SELECT a.attname, pg_get_expr(def.adbin, def.adrelid) AS initial, '' AS generated, NOT (a.attnotnull OR t.typnotnull AND t.typtype = 'd') AS nullable,
		  CASE WHEN 'character varying'::regtype = ANY(ARRAY[a.atttypid, t.typelem]) THEN REPLACE(format_type(a.atttypid, a.atttypmod), 'character varying', 'varchar')
		  ELSE format_type(a.atttypid, a.atttypmod) END AS type,
		  d.description
		FROM pg_attribute a
		JOIN pg_type t ON t.oid = a.atttypid
		LEFT JOIN pg_attrdef def ON a.atthasdef AND def.adnum = a.attnum AND def.adrelid = a.attrelid
		LEFT JOIN pg_description d ON d.objsubid = a.attnum AND d.objoid = a.attrelid
		WHERE a.attrelid = $1::oid AND NOT a.attisdropped AND a.attnum > 0
		ORDER BY a.attnum;`
	tblsConstraints = `SELECT conname, pg_get_constraintdef(oid), contype, NULL, NULL FROM pg_constraint WHERE conrelid = $1::oid ORDER BY conname`
	tblsIndexes     = `
		SELECT i.relname, pg_get_indexdef(x.indexrelid), NULL
		FROM pg_index x JOIN pg_class i ON i.oid = x.indexrelid
		WHERE x.indrelid = $1::oid ORDER BY x.indexrelid`
)

// TestTbls describes a database as tbls does: relations with comments, columns, constraints, views' texts, and the parent of a foreign key.
func TestTbls(t *testing.T) {
	db := pqDB(t, newCluster(t, redshiftsim.Config{}))
	mustExec(t, db,
		"CREATE TABLE movies (id BIGINT NOT NULL, title VARCHAR(80), year INT DEFAULT 1979, price NUMERIC(8, 2), code CHAR(3), PRIMARY KEY (id))",
		"CREATE TABLE ratings (movie BIGINT REFERENCES movies (id), stars INT NOT NULL, given TIMESTAMP, UNIQUE (stars))",
		"CREATE VIEW good AS SELECT title FROM movies WHERE id IN (SELECT movie FROM ratings WHERE stars > 3)",
		"COMMENT ON TABLE movies IS 'what was shown'", "COMMENT ON COLUMN movies.title IS 'in its own language'")

	version := texts(t, db, "SELECT version();")[0]
	if v := regexp.MustCompile(`[0-9]+(\.[0-9]+)*`).FindString(version); v != "8.0.2" {
		t.Error(version)
	}
	same(t, "schema", texts(t, db, "SELECT current_schema()"), "public")
	same(t, "path", texts(t, db, "SHOW search_path"), `$user, public`)
	same(t, "user", texts(t, db, "SELECT current_user"), "awsuser")

	oids := map[string]string{}
	var kinds []string
	for _, line := range texts(t, db, tblsRelations) {
		f := strings.Split(line, "|")
		oids[f[1]] = f[0]
		kinds = append(kinds, strings.Join(f[1:], "|"))
	}
	same(t, "relations", kinds, "public.movies|what was shown|BASE TABLE", "public.ratings|<nil>|BASE TABLE", "public.good|<nil>|VIEW")
	same(t, "columns of movies", texts(t, db, tblsColumns, oids["public.movies"]),
		"id|<nil>||false|bigint|<nil>", "title|<nil>||true|varchar(80)|in its own language", "year|1979||true|integer|<nil>", "price|<nil>||true|numeric(8,2)|<nil>", "code|<nil>||true|character(3)|<nil>")
	same(t, "columns of ratings", texts(t, db, tblsColumns, oids["public.ratings"]),
		"movie|<nil>||true|bigint|<nil>", "stars|<nil>||false|integer|<nil>", "given|<nil>||true|timestamp without time zone|<nil>")
	same(t, "constraints of movies", texts(t, db, tblsConstraints, oids["public.movies"]), "movies_pkey|PRIMARY KEY (id)|p|<nil>|<nil>")
	same(t, "constraints of ratings", texts(t, db, tblsConstraints, oids["public.ratings"]),
		"ratings_movie_fkey|FOREIGN KEY (movie) REFERENCES movies(id)|f|<nil>|<nil>", "ratings_stars_key|UNIQUE (stars)|u|<nil>|<nil>")
	same(t, "indexes", texts(t, db, tblsIndexes, oids["public.movies"]))
	if def := texts(t, db, "SELECT pg_get_viewdef($1::oid);", oids["public.good"])[0]; !strings.Contains(strings.ToLower(def), "from ratings") {
		t.Error(def)
	}
	same(t, "prokind", texts(t, db, "SELECT column_name FROM information_schema.columns WHERE table_name = 'pg_proc' AND column_name = 'prokind'"))
}

// TestTblsRefused asks what tbls must not ask Redshift: enumerations, and the arguments of functions.
func TestTblsRefused(t *testing.T) {
	db := pqDB(t, newCluster(t, redshiftsim.Config{}))
	_, err := db.Exec("SELECT t.typname, e.enumlabel FROM pg_type t JOIN pg_enum e ON e.enumtypid = t.oid")
	refused(t, err, "42P01", `relation "pg_enum" does not exist`)
	var arguments sql.NullString
	err = db.QueryRow("SELECT pg_get_function_arguments(p.oid) FROM pg_proc p LIMIT 1").Scan(&arguments)
	refused(t, err, "42883", "function pg_get_function_arguments(oid) does not exist")
}
