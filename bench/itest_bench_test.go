package bench

import (
	"context"
	"database/sql"
	"testing"
)

// BenchmarkITest is one integration test: a fresh cluster, a table, ten inserts, two selects, drop, close; and, of it, opening and the first query.
func BenchmarkITest(b *testing.B) {
	open := func() (*sql.DB, error) { return sql.Open("redshiftsim", "redshiftsim://") }
	w := ITest{Open: map[string]func() (*sql.DB, error){"redshiftsim": open}}
	b.Run("test", func(b *testing.B) {
		b.ReportAllocs()
		for i := range b.N {
			if err := w.one(context.Background(), Target{Name: "redshiftsim", Flavor: "redshift"}, i); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("open", func(b *testing.B) {
		b.ReportAllocs()
		for range b.N {
			db, err := open()
			if err != nil {
				b.Fatal(err)
			}
			var one int
			if err := db.QueryRow("SELECT 1").Scan(&one); err != nil {
				b.Fatal(err)
			}
			if err := db.Close(); err != nil {
				b.Fatal(err)
			}
		}
	})
}
