package engine

import (
	"io/fs"
	"os"
	"reflect"
	"regexp"
	"strings"
	"testing"

	"github.com/redshiftsim/redshiftsim/engine/parse"
)

// TestUnnamed says which names leave a text, and that every place in it stays.
func TestUnnamed(t *testing.T) {
	for _, x := range []struct{ text, names string }{
		{"SELECT v FROM orders_17 WHERE id = $1", "orders_17"},
		{"SELECT o1x.v, Orders_17.w FROM ORDERS_17 JOIN o1x USING (key1)", "o1x orders_17 key1"},
		{"INSERT INTO orders_17(id, col_1) VALUES ($1, 'col_2''s')", "orders_17 col_1"},
		{"UPDATE t SET n123 = n123 + 1 WHERE f12(x) = 1 AND n45 = 'a'", "n123 n45"},
		{"CREATE TABLE orders_17 (id_1 int, PRIMARY KEY (id_1), f int REFERENCES other_2 (id_1)) DISTKEY(id_1)", "orders_17 id_1 other_2"},
		{"DROP TABLE IF EXISTS orders_17, orders_18", "orders_17 orders_18"},
		{"SELECT CAST(a AS int8), b::int4, int4 '5', c123 FROM t", "c123"},
		{"SELECT a AS a123 FROM t", ""},
		{"SELECT a FROM t1", ""},
		{"SELECT a FROM orders", ""},
		{`SELECT a FROM orders_1 WHERE "b" = 1`, ""},
		{"SELECT a FROM été_1", ""},
		{"SELECT \uE000s FROM orders_1", ""},
		{"SELECT 'orders_1' FROM t", ""},
	} {
		shape, names, count, ok := unnamed(nil, nil, []byte(x.text))
		if !ok {
			names = nil
		}
		if got := strings.Join(names, " "); got != x.names || ok != (x.names != "") {
			t.Errorf("%s: %q, %v", x.text, got, ok)
		}
		if ok && (len(shape) != len(x.text) || count != strings.Count(string(shape), standIn[:2])) {
			t.Errorf("%s: %q, %d stand-ins", x.text, shape, count)
		}
	}
}

// TestRenamed: the tree of a text is the same by both roads, in every statement of the tests of SQL. Names there have digits seldom: they get some.
func TestRenamed(t *testing.T) {
	word := regexp.MustCompile(`\b([a-z_]{2,})\b`)
	roads, texts := 0, 0
	check := func(text string) {
		key, _, kind := shapeOf(nil, nil, text)
		if kind == unshaped {
			return
		}
		shape, names, count, ok := unnamed(nil, nil, key)
		if !ok {
			return
		}
		texts++
		want, err := parse.Parse(string(key))
		var p parseCache
		x := p.parseUnnamed(string(shape), names, count)
		if x.stmts == nil {
			return
		}
		roads++
		if err != nil {
			t.Errorf("%s: %v, but it is parsed without names", key, err)
			return
		}
		got, _, _ := withNames(x.stmts[0], names)
		if !reflect.DeepEqual(got, want[0]) {
			t.Errorf("%s: another tree", key)
		}
	}
	err := fs.WalkDir(os.DirFS("../testdata"), ".", func(path string, d fs.DirEntry, err error) error {
		if err != nil || !strings.HasSuffix(path, ".test") {
			return err
		}
		file, err := os.ReadFile("../testdata/" + path)
		if err != nil {
			return err
		}
		for _, block := range strings.Split(string(file), "\n\n") {
			_, block, _ = strings.Cut(block, "\n")
			text, _, _ := strings.Cut(block, "----")
			for _, text := range strings.Split(text, ";") {
				check(text)
				check(word.ReplaceAllStringFunc(text, func(w string) string {
					if parse.Reserved(w) {
						return w
					}
					return w + "_17"
				}))
				check(regexp.MustCompile(`\b(from|join|into|update) ([a-z_]+)\b`).ReplaceAllString(strings.ToLower(text), "$1 ${2}_17"))
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if roads < 1000 {
		t.Errorf("%d of %d texts go without names", roads, texts)
	}
	t.Logf("%d of %d texts go without names", roads, texts)
}

// TestNamedTexts: statements that differ in names are read each with its own, errors have their places, and what they make is kept by the text.
func TestNamedTexts(t *testing.T) {
	s := connect(t, New(Config{}), "")
	run(t, s, "create table orders_17 (id int, val_1 int)", "create table orders_18 (id int, val_2 varchar(9))")
	run(t, s, "insert into orders_17 values (1, 10)", "insert into orders_18 values (1, 'x')", "insert into orders_17 (val_1, id) values (20, 2)")
	for _, x := range []struct{ text, want string }{
		{"select val_1 from orders_17 where id = 1", "10"},
		{"select val_2 from orders_18 where id = 1", "x"},
		{"select orders_17.val_1 + o_18.id from orders_17, orders_18 o_18 where orders_17.id = 2", "21"},
		{"select count(*) from orders_17 where id in (select id from orders_18)", "1"},
	} {
		for range 2 {
			got, err := rowsIn(s, x.text)
			if err != nil || strings.Join(got, " ") != x.want {
				t.Errorf("%s: %v, %v", x.text, got, err)
			}
		}
	}
	for _, x := range []struct{ text, want string }{
		{"select val_2 from orders_17 where id = 1", `42703: column "val_2" does not exist`},
		{"select val_1 from orders_99 where id = 1", `42P01: relation "orders_99" does not exist`},
	} {
		if _, err := rowsIn(s, x.text); err == nil || !strings.Contains(err.Error(), x.want[7:]) {
			t.Errorf("%s: %v", x.text, err)
		}
	}
	r, err := s.Query(t.Context(), "select val_1, id as id_17 from orders_17", nil)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	if c := r.Columns(); c[0].Name != "val_1" || c[1].Name != "id_17" {
		t.Errorf("%v", c)
	}
}
