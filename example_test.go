package redshiftsim_test

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"testing/fstest"

	"github.com/redshiftsim/redshiftsim"
)

// Example is the README's program.
func Example() {
	db, _ := sql.Open("redshiftsim", "redshiftsim://")
	defer db.Close()
	db.Exec("CREATE TABLE movies (title varchar(80), year int) DISTSTYLE EVEN SORTKEY (year); INSERT INTO movies VALUES ('Alien', 1979), ('Brazil', 1985)")
	var avg int64
	err := db.QueryRow("SELECT avg(year) FROM movies WHERE year < $1", 2000).Scan(&avg)
	fmt.Println(avg, err) // AVG of integers is a BIGINT
	// Output: 1982 <nil>
}

// ExampleLambdaEach gives a Lambda UDF the Go function that stands for it.
func ExampleLambdaEach() {
	c, err := redshiftsim.NewConnector(redshiftsim.Config{Lambdas: map[string]redshiftsim.Lambda{
		"lambda_sum": redshiftsim.LambdaEach(func(_ context.Context, args []any) (any, error) {
			return args[0].(int64) + args[1].(int64), nil
		}),
	}})
	if err != nil {
		fmt.Println(err)
		return
	}
	db := sql.OpenDB(c)
	defer db.Close()
	db.Exec("CREATE EXTERNAL FUNCTION exfunc_sum(INT, INT) RETURNS INT VOLATILE LAMBDA 'lambda_sum' IAM_ROLE default")
	var sum int
	err = db.QueryRow("SELECT exfunc_sum(1, 2)").Scan(&sum)
	fmt.Println(sum, err)
	// Output: 3 <nil>
}

// ExampleNewConnector loads a file that is part of the program.
func ExampleNewConnector() {
	films := fstest.MapFS{"movies.csv": {Data: []byte("Alien,1979\nBrazil,1985\n")}} // an embed.FS will do as well
	c, err := redshiftsim.NewConnector(redshiftsim.Config{
		Nodes: 3, Slices: 4,
		Buckets: map[string]redshiftsim.ObjectStore{"films": redshiftsim.FS(films)},
		Notice:  func(n *redshiftsim.Error) { fmt.Println(n.Severity+":", n.Message) },
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	db := sql.OpenDB(c)
	defer db.Close()
	if _, err := db.Exec("CREATE TABLE movies (title varchar(80), year int); COPY movies FROM 's3://films/movies' IAM_ROLE DEFAULT CSV"); err != nil {
		fmt.Println(err)
	}
	// Output: INFO: Load into table 'movies' completed, 2 record(s) loaded successfully.
}

// ExampleError looks at what the database said.
func ExampleError() {
	db, _ := sql.Open("redshiftsim", "redshiftsim://")
	defer db.Close()
	_, err := db.Query("SELECT title FROM movies")
	var e *redshiftsim.Error
	if errors.As(err, &e) {
		fmt.Println(e.SQLState(), e.Message, "at", e.Position)
	}
	// Output: 42P01 relation "movies" does not exist at 19
}

// ExampleCluster_Clone gives each test a copy of one prepared cluster.
func ExampleCluster_Clone() {
	base, _ := sql.Open("redshiftsim", "redshiftsim://")
	defer base.Close()
	base.Exec("CREATE TABLE t (a int); INSERT INTO t VALUES (1), (2)")
	cluster, err := redshiftsim.ClusterOf(base)
	if err != nil {
		fmt.Println(err)
		return
	}
	test := sql.OpenDB(cluster.Clone())
	defer test.Close()
	test.Exec("DELETE FROM t")
	var inBase, inClone int
	base.QueryRow("SELECT count(*) FROM t").Scan(&inBase)
	test.QueryRow("SELECT count(*) FROM t").Scan(&inClone)
	fmt.Println(inBase, inClone)
	// Output: 2 0
}
