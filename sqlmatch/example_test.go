package sqlmatch_test

import (
	"fmt"

	"github.com/DATA-DOG/go-sqlmock"

	"github.com/redshiftsim/redshiftsim/sqlmatch"
)

func Example() {
	db, mock, err := sqlmock.New(sqlmock.QueryMatcherOption(sqlmatch.New()))
	if err != nil {
		panic(err)
	}
	defer db.Close()
	mock.ExpectQuery(`SELECT title FROM movies WHERE year > $1`).WithArgs(1990).
		WillReturnRows(sqlmock.NewRows([]string{"title"}).AddRow("Fargo"))

	// The service writes the same query in its own way.
	var title string
	err = db.QueryRow("select TITLE\n  from \"movies\" where (year > $1) /* newer ones */", 1990).Scan(&title)
	fmt.Println(title, err)
	// Output: Fargo <nil>
}

func ExampleMatcher_Match() {
	err := sqlmatch.New().Match(
		"SELECT title FROM movies WHERE genre = $1 AND year > 1990",
		"select title from movies\nwhere genre = $1 and year > 1980")
	fmt.Println(err)
	// Output:
	// sqlmatch: the statements differ in WHERE, condition 2 of AND, the right of >: another literal
	//   expected: 1990    (line 1, column 54)
	//   actual:   1980    (line 2, column 29)
}

func ExampleCanonical() {
	text, err := sqlmatch.Canonical(`select "a", cast (b as int) from t where ((a) != 1 and not (b > 2))`)
	fmt.Println(text, err)
	// Output: SELECT a, b::integer FROM t WHERE a <> 1 AND NOT b > 2 <nil>
}
