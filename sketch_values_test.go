package redshiftsim_test

import "testing"

// TestSketchValues: a sketch is a string for database/sql, as a result and as an argument.
// https://docs.aws.amazon.com/redshift/latest/dg/hyperloglog-functions-limitations.html
func TestSketchValues(t *testing.T) {
	db := open(t, "redshiftsim://")
	const one = `{"version":1,"logm":15,"sparse":{"indices":[22362299],"values":[1]}}`
	exec(t, db, "CREATE TABLE h (id int, s hllsketch)")
	if _, err := db.Exec("INSERT INTO h VALUES ($1, $2), (2, $3)", 1, one, nil); err != nil {
		t.Fatal(err)
	}
	rows, err := db.Query("SELECT s, hll_create_sketch(id), hll_combine_sketches(s, $1) FROM h WHERE id = 1 GROUP BY id, hll_cardinality(s), s IS NULL")
	if err == nil {
		rows.Close()
		t.Fatal("a sketch outside GROUP BY is taken")
	}
	rows, err = db.Query("SELECT s, hll_cardinality(hll_combine_sketches(s, $1)) FROM h WHERE id = 1", `{"logm":15,"sparse":{"indices":[7],"values":[2]}}`)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	types, err := rows.ColumnTypes()
	if err != nil || types[0].DatabaseTypeName() != "HLLSKETCH" || types[0].ScanType().Kind().String() != "string" {
		t.Errorf("%v %v %v", types[0].DatabaseTypeName(), types[0].ScanType(), err)
	}
	var v any
	var n int64
	if !rows.Next() || rows.Scan(&v, &n) != nil || v != one || n != 2 {
		t.Errorf("%T %v, %d", v, v, n)
	}
}
