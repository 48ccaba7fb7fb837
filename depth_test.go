package redshiftsim_test

import (
	"database/sql"
	"errors"
	"strings"
	"testing"

	"github.com/redshiftsim/redshiftsim"
)

// TestDepth runs statements that are deep, long or large: each is answered rightly, or refused with 54001 or 54000.
func TestDepth(t *testing.T) {
	if testing.Short() {
		t.Skip("large statements")
	}
	db, err := sql.Open("redshiftsim", "redshiftsim://")
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	if _, err := db.Exec("CREATE TABLE t (a int); INSERT INTO t VALUES (1), (2)"); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct{ text, want string }{
		{"select count(*) from t where a = 0" + strings.Repeat(" or a = 1", 50_000), "1"},
		{"select count(*) from t where a = 1" + strings.Repeat(" and a = 1", 50_000), "1"},
		{"select " + strings.Repeat("(", 2000) + "max(a)" + strings.Repeat(")", 2000) + " from t", "2"},
		{"select " + strings.Repeat("abs(", 2000) + "max(a)" + strings.Repeat(")", 2000) + " from t", "2"},
		{"select max(a" + strings.Repeat(" + 0", 50_000) + ") from t", "2"},
		{"select count(*) from (select 1" + strings.Repeat(" union all select 1", 50_000) + ") x", "50001"},
		{"select count(*) from t where a in (1" + strings.Repeat(",3", 200_000) + ")", "1"},
		{"select count(*) from t /*" + strings.Repeat("x", 16<<20-64) + "*/", "2"},
		{"select count(*) from t /*" + strings.Repeat("x", 16<<20) + "*/", ""},
		{"select count(*) from t where a in (1" + strings.Repeat(",1", 8<<20-64) + ")", "1"},
	} {
		var got string
		err := db.QueryRow(c.text).Scan(&got)
		var e *redshiftsim.Error
		switch {
		case err == nil && got != c.want:
			t.Errorf("%.40s...: %s, want %s", c.text, got, c.want)
		case err != nil && (!errors.As(err, &e) || e.SQLState() != "54001" && e.SQLState() != "54000"):
			t.Errorf("%.40s...: %.200v", c.text, err)
		}
	}
}
