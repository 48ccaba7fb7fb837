package engine

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/redshiftsim/redshiftsim/internal/sqlstate"
)

// scribe writes a body in PL/pgSQL as bytes tell it; when they end it writes the shortest.
type scribe struct {
	data  []byte
	out   strings.Builder
	depth int
}

func (w *scribe) pick(n int) int {
	if len(w.data) == 0 {
		return 0
	}
	b := int(w.data[0])
	w.data = w.data[1:]
	return b % n
}

func (w *scribe) one(list ...string) string { return list[w.pick(len(list))] }

func (w *scribe) number() string {
	return w.one("1", "a", "b", "0", "null", "a + 1", "b * a", "a / b", "r.n", "(select count(*) from t)", "length(s)", "-7", "2147483647", "f", "s", "nosuch")
}

func (w *scribe) condition() string {
	return w.one("true", "a > b", "found", "s like 'x%'", "a is null", "not found", "null", "exists (select 1 from t where x = a)", "r.n = 1", "s = a")
}

func (w *scribe) target() string { return w.one("a", "b", "s", "f", "r.n", "c", "r") }

func (w *scribe) list() {
	for range 1 + w.pick(4) {
		w.statement()
	}
}

func (w *scribe) within(head, tail string) {
	w.out.WriteString(head + "\n")
	if w.depth++; w.depth > 6 {
		w.out.WriteString("NULL;\n")
	} else {
		w.list()
	}
	w.depth--
	w.out.WriteString(tail + ";\n")
}

func (w *scribe) statement() {
	put := func(format string, args ...any) { fmt.Fprintf(&w.out, format+";\n", args...) }
	switch w.pick(22) {
	case 0:
		put("NULL")
	case 1:
		put("%s := %s", w.target(), w.number())
	case 2:
		w.within("IF "+w.condition()+" THEN", "END IF")
	case 3:
		w.within(w.one("", "<<l>> ")+"LOOP EXIT WHEN "+w.condition()+";", "END LOOP")
	case 4:
		w.within("WHILE "+w.condition()+" LOOP", "END LOOP")
	case 5:
		w.within(fmt.Sprintf("FOR i IN %s%s..%s LOOP", w.one("", "REVERSE "), w.number(), w.number()), "END LOOP")
	case 6:
		w.within("FOR r IN SELECT x AS n FROM t LOOP", "END LOOP")
	case 7:
		put("INSERT INTO t VALUES (%s)", w.number())
	case 8:
		put("SELECT x INTO %s FROM t ORDER BY x LIMIT 1", w.target())
	case 9:
		w.within("BEGIN", "EXCEPTION WHEN OTHERS THEN RAISE INFO '% %', sqlstate, sqlerrm; END")
	case 10:
		put("%s", w.one("EXIT", "CONTINUE", "RETURN", "RAISE EXCEPTION 'e %', a", "EXIT l", "RAISE"))
	case 11:
		put("EXECUTE %s", w.one("'select 1/0'", "'insert into t values (5)'", "s", "'truncate t'", "'drop table if exists u; create table u (a int)'", "null"))
	case 12:
		put("%s", w.one("COMMIT", "ROLLBACK", "TRUNCATE t", "DELETE FROM t", "START TRANSACTION"))
	case 13:
		put("CALL p(%s)", w.one("a", "b", "r.n", "1", "s"))
	case 14:
		put("OPEN k FOR SELECT x FROM t WHERE x > %s", w.number())
	case 15:
		put("FETCH k INTO %s", w.target())
	case 16:
		put("CLOSE k")
	case 17:
		w.within("CASE a WHEN "+w.number()+" THEN", "END CASE")
	case 18:
		put("RAISE INFO '%% %%', %s, %s", w.one("a", "s", "r.n", "k"), w.one("b", "f"))
	case 19:
		put("GET DIAGNOSTICS %s = ROW_COUNT", w.target())
	case 20:
		w.within("DECLARE a int := b; s varchar(3) := 'abc'; BEGIN", "END")
	case 21:
		put("PERFORM %s FROM t", w.number())
	}
}

// FuzzProcedure runs random bodies. Whatever they say, they fail as a user can understand, or end when they are cancelled, and the session lives on.
func FuzzProcedure(f *testing.F) {
	for i := range 200 {
		data := make([]byte, 40)
		for j := range data {
			data[j] = byte(uint64((i+3)*(j+7)) * 2654435761 >> 11)
		}
		f.Add(data)
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		w := &scribe{data: data}
		mode := w.one("", "NONATOMIC")
		w.list()
		body := w.out.String()
		s := connect(t, New(Config{}), "")
		defer s.Close()
		ctx := context.Background()
		text := "CREATE PROCEDURE p(a inout int) " + mode + " AS $$ DECLARE b bigint := 2; s varchar(20) := 'x'; f boolean; c CONSTANT int := 1; r record; k refcursor; BEGIN " + body + " END $$ LANGUAGE plpgsql"
		_, err := s.Exec(ctx, "CREATE TABLE t (x int)", nil)
		if err == nil {
			_, err = s.Exec(ctx, text, nil)
		}
		if err == nil {
			short, cancel := context.WithTimeout(ctx, 20*time.Millisecond)
			defer cancel()
			begun := time.Now()
			_, err = s.Exec(short, "CALL p(1)", nil)
			if d := time.Since(begun); d > 5*time.Second {
				t.Errorf("%v: %s", d, body)
			}
		}
		var e *sqlstate.Error
		if err != nil && (!errors.As(err, &e) || e.Code == sqlstate.Internal) {
			t.Errorf("%v\n%s\n%s", err, body, coded(err).Where)
		}
		if s.Status() != 'I' || s.calling != nil || s.definer != nil || s.owned {
			t.Errorf("the session is left as %c: %s", s.Status(), body)
		}
		if n, err := s.Exec(ctx, "SELECT 1", nil); err != nil || n != 1 {
			t.Errorf("%v after %s", err, body)
		}
	})
}
