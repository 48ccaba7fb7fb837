package engine

import "testing"

// BenchmarkProcedure runs loops of 10,000 turns: arithmetic alone, rows inserted one by one, calls, rows of a query.
func BenchmarkProcedure(b *testing.B) {
	for _, c := range []struct{ name, body string }{
		{"arithmetic", "FOR i IN 1..10000 LOOP IF i % 2 = 0 THEN s := s + i * 2; END IF; END LOOP"},
		{"text", "FOR i IN 1..10000 LOOP v := substring(v || i, 1, 20); END LOOP"},
		{"insert", "FOR i IN 1..10000 LOOP INSERT INTO t VALUES (i, s); END LOOP"},
		{"insert into a new table", "CREATE TEMP TABLE n (a int, b bigint); FOR i IN 1..10000 LOOP INSERT INTO n VALUES (i, s); END LOOP; DROP TABLE n"},
		{"select into", "FOR i IN 1..10000 LOOP SELECT i + count(*) INTO s FROM few WHERE a = i; END LOOP"},
		{"call", "FOR i IN 1..10000 LOOP CALL add(s, i); END LOOP"},
		{"rows", "FOR r IN SELECT a FROM many LOOP s := s + r.a; END LOOP"},
		{"dynamic", "FOR i IN 1..10000 LOOP EXECUTE 'INSERT INTO t VALUES (' || i || ', 1)'; END LOOP"},
	} {
		b.Run(c.name, func(b *testing.B) {
			s := connect(b, New(Config{}), "")
			run(b, s, "CREATE TABLE t (a int, b bigint)", "CREATE TABLE few (a int)", "INSERT INTO few VALUES (1), (2), (3)", "CREATE TABLE many (a int)",
				"CREATE PROCEDURE add(s INOUT bigint, i int) AS $$ BEGIN s := s + i; END $$ LANGUAGE plpgsql",
				"CREATE PROCEDURE fill() AS $$ BEGIN FOR i IN 1..10000 LOOP INSERT INTO many VALUES (i); END LOOP; END $$ LANGUAGE plpgsql", "CALL fill()",
				"CREATE PROCEDURE p() AS $$ DECLARE s bigint := 0; v varchar := ''; r record; BEGIN "+c.body+"; END $$ LANGUAGE plpgsql")
			b.ReportAllocs()
			for b.Loop() {
				run(b, s, "CALL p()")
				b.StopTimer()
				run(b, s, "TRUNCATE t")
				b.StartTimer()
			}
		})
	}
}
