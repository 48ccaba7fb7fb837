package function

import (
	"math/rand"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/redshiftsim/redshiftsim/internal/types"
	"github.com/redshiftsim/redshiftsim/internal/vector"
)

// The examples of the guide's pages on each function, of https://docs.aws.amazon.com/redshift/latest/dg/String_functions_header.html, and
// PostgreSQL's results where the guide has none.
func TestStrings(t *testing.T) {
	check(t, [][2]string{
		{`lower('MLB')`, "mlb"},
		{`lower('ÀÉÎ 東京 X')`, "àéî 東京 x"},
		{`upper('straße')`, "STRAßE"},
		{`upper('Classical')`, "CLASSICAL"},
		{`initcap('All non-musical theatre')`, "All Non-Musical Theatre"},
		{`initcap('Etiam.laoreet.libero@sodalesMaurisblandit.edu')`, "Etiam.Laoreet.Libero@Sodalesmaurisblandit.Edu"},
		{`len('cat')`, "3"},
		{`len('cat   ')`, "6"},
		{`len('cat   '::char(8))`, "3"},
		{`len('français')`, "8"},
		{`octet_length('français')`, "9"},
		{`len('aaa'::varchar(9)::varbyte)`, "3"},
		{`len('')`, "0"},
		{`len(null)`, "NULL"},
		{`btrim('     abc    ')`, "abc"},
		{`btrim('xyzaxyzbxyzcxyz', 'xyz')`, "axyzbxyzc"},
		{`ltrim('2008-01-24 06:43:29', '2008-')`, "1-24 06:43:29"},
		{`rtrim('CommunityAmerica Ballpark', 'Park')`, "CommunityAmerica Ballp"},
		{`rtrim('  x  ')`, "  x"},
		{`btrim('éaé', 'é')`, "a"},
		{`trim('"dog"', '"')`, "dog"},
		{`btrim(timestamp'2013-10-14 09:19:03.55')`, "2013-10-14 09:19:03.55"},
		{`substring('caterpillar',6,4)`, "pill"},
		{`substring('caterpillar',6,8)`, "pillar"},
		{`substring('caterpillar',6)`, "pillar"},
		{`substring('caterpillar',-2,6)`, "cat"},
		{`substring('caterpillar',-5,4)`, ""},
		{`substring('caterpillar',0,2)`, "c"},
		{`substring('caterpillar',40,2)`, ""},
		{`substring('東京都庁', 2, 2)`, "京都"},
		{`substring('abc', 1, -1)`, "22011 negative substring length not allowed"},
		{`substring(timestamp'2008-01-24 06:43:29', 6, 2)`, "01"},
		{`substring('abc'::varchar(3)::varbyte, -3)`, "616263"},
		{`substring('abc'::varchar(3)::varbyte, 3)`, "63"},
		{`substring('abc'::varchar(3)::varbyte, 2, 10)`, "6263"},
		{`substring('abc'::varchar(3)::varbyte, 2, 1)`, "62"},
		{`substr('knowledge', 3, 4)`, "owle"},
		{`left('Chicago', 5)`, "Chica"},
		{`right('The King and I', 5)`, "and I"},
		{`right('東京都', 2)`, "京都"},
		{`left('ab', 9)`, "ab"},
		{`left('ab', 0)`, ""},
		{`lpad('Salome', 20)`, "              Salome"},
		{`lpad('La Cenerentola (Cinderella)', 20)`, "La Cenerentola (Cind"},
		{`rpad('Boris Godunov', 20, '0123456789')`, "Boris Godunov0123456"},
		{`rpad('x', 4, '')`, "x"},
		{`rpad('x', 0)`, ""},
		{`lpad('x', -1)`, ""},
		{`lpad('é', 4, 'üö')`, "üöüé"},
		{`position('dog', 'fish')`, "0"},
		{`position('fish', 'dogfish')`, "4"},
		{`charindex('fish', 'dogfish')`, "4"},
		{`charindex('.', 1234.50)`, "5"},
		{`charindex('都', '東京都')`, "3"},
		{`strpos('dogfish', 'fish')`, "4"},
		{`strpos('dogfish', '')`, "1"},
		{`octetindex('AWS', 'Amazon AWS')`, "8"},
		{`octetindex('AWS', 'Άμαζον AWS')`, "14"},
		{`replace('Shows', 'Shows', 'Theatre')`, "Theatre"},
		{`replace('aaa', 'aa', 'b')`, "ba"},
		{`replace('aaa', '', 'b')`, "aaa"},
		{`replace('abc', 'b', null)`, "NULL"},
		{`repeat('*', 3)`, "***"},
		{`replicate('ab', 2)`, "abab"},
		{`repeat('ab', 0)`, ""},
		{`repeat('ab', -5)`, ""},
		{`repeat('ab', 8000001)`, "22001 value too long for type character varying(16000000)"},
		{`reverse('Aberdeen')`, "needrebA"},
		{`reverse('東京')`, "京東"},
		{`reverse(172456)`, "654271"},
		{`concat('December 25, ', '2008')`, "December 25, 2008"},
		{`concat('Thursday, ', concat('December 25, ', '2008'))`, "Thursday, December 25, 2008"},
		{`concat(' seats ', 73298)`, " seats 73298"},
		{`concat('a', null)`, "NULL"},
		{`concat('abc'::varchar(3)::varbyte, 'def'::varchar(3)::varbyte)`, "616263646566"},
		// https://docs.aws.amazon.com/redshift/latest/dg/SPLIT_PART.html
		{`split_part('abc$def$ghi','$',2)`, "def"},
		{`split_part('abc$def$ghi','$',4)`, ""},
		{`split_part('abc$def$ghi','#',1)`, "abc$def$ghi"},
		{`split_part('2008-01-05','-',2)`, "01"},
		{`split_part('abc','$',0)`, "22023 field position must be greater than zero"},
		{`translate('mint tea', 'inea', 'osin')`, "most tin"},
		{`translate('St. George', ' .', '_')`, "St_George"},
		{`ascii('amazon')`, "97"},
		{`ascii('Amazon')`, "65"},
		{`ascii('')`, "0"},
		{`ascii('東')`, "26481"},
		{`chr(65)`, "A"},
		{`chr(26481)`, "NULL"},
		{`quote_ident('MLB')`, `"MLB"`},
		{`quote_ident('mlb')`, "mlb"},
		{`quote_ident('"CAT"')`, `"""CAT"""`},
		{`quote_ident('select')`, `"select"`},
		{`quote_literal(10)`, "'10'"},
		{`quote_literal('it''s a \ b')`, `'it''s a \\ b'`},
		{`bpcharcmp('Rafael', 'Taylor')`, "-1"},
		{`bpcharcmp('Vladimir', 'Humphrey')`, "1"},
		{`bpcharcmp('Chase', 'Chase  ')`, "0"},
		{`soundex('AWS Amazon')`, "A252"},
		{`soundex('+-*/%')`, ""},
		{`soundex('Amazon')`, "A525"},
		{`soundex('Ashcraft')`, "A261"}, // h does not part equal digits: https://www.archives.gov/research/census/soundex
		{`difference('%', '@')`, "1"},
		{`difference('Amazon', '')`, "0"},
		{`difference('Amazon', 'Ama')`, "2"},
		{`difference('Amazon', '+-*/%Amazon')`, "4"},
		{`difference('AC/DC', 'Ay See Dee See')`, "4"},
		{`strtol('0xf',16)`, "15"},
		{`strtol('abcd1234',16)`, "2882343476"},
		{`strtol('1234567', 10)`, "1234567"},
		{`strtol('1234567', 8)`, "342391"},
		{`strtol('110101', 2)`, "53"},
		{`strtol(' -7f', 16)`, "-127"},
		{`strtol('', 10)`, "0"},
		{"strtol('\x00', 2)", "0"},
		{`strtol('12', 1)`, "22023 invalid base 1: it must be between 2 and 36"},
	})
}

func TestConditional(t *testing.T) {
	check(t, [][2]string{
		// https://docs.aws.amazon.com/redshift/latest/dg/r_GREATEST_LEAST.html
		{`greatest('Lars', 'Ratliff')`, "Ratliff"},
		{`least('Lars', 'Ratliff')`, "Lars"},
		{`greatest(1, 2.5, null)`, "2.5"},
		{`least(3, null, 2)`, "2"},
		{`greatest(null, null)`, "NULL"},
		{`greatest(date'2008-01-01', timestamp'2008-01-01 01:00:00')`, "2008-01-01 01:00:00"},
		{`least(2, '10')`, "2"},
		{`greatest(1.5::float8, 7)`, "7"},
		{`greatest(interval'1 month', interval'31 days')`, "31 days"},
	})
}

// Cutting a text anywhere and joining the parts gives the text, in characters.
func TestLeftRightProperty(t *testing.T) {
	rnd := rand.New(rand.NewSource(1))
	letters := []rune("abc xyzéüß東京😀")
	for range 300 {
		var b strings.Builder
		for range rnd.Intn(20) {
			b.WriteRune(letters[rnd.Intn(len(letters))])
		}
		s := b.String()
		n := rnd.Intn(22)
		k := max(0, utf8.RuneCountInString(s)-n)
		l := call(t, "left", s, n)
		r := call(t, "right", s, k)
		if l+r != s {
			t.Fatalf("left(%q,%d) %q + right %q", s, n, l, r)
		}
		if twice := call(t, "reverse", call(t, "reverse", s)); twice != s {
			t.Fatalf("reverse twice of %q is %q", s, twice)
		}
		if p := call(t, "substring", s, n+1); l+p != s {
			t.Fatalf("left(%q,%d) %q + substring %q", s, n, l, p)
		}
	}
}

// call computes a function of texts and integers.
func call(t *testing.T, name string, args ...any) string {
	t.Helper()
	list, vs := make([]Arg, len(args)), make([]*vector.Vector, len(args))
	for i, a := range args {
		var d types.Datum
		switch a := a.(type) {
		case string:
			d = types.Datum{Type: types.TVarcharMax, Text: a}
		case int:
			d = types.Datum{Type: types.TInt4, Int: int64(a)}
		}
		list[i].Type, vs[i] = d.Type, vector.NewConst(d, 1)
	}
	b, err := Find(name, list)
	if err != nil {
		t.Fatal(err)
	}
	out := vector.New(b.Returns, 1)
	if err := b.Kernel(testEnv(), 1, vs, out); err != nil {
		t.Fatal(err)
	}
	return out.Texts[0]
}

// Long texts fill more than one buffer.
func TestBuildManyRows(t *testing.T) {
	const n = 1000
	in, out := vector.New(types.TVarcharMax, n), vector.New(types.TVarcharMax, n)
	for i := range n {
		in.Texts[i] = strings.Repeat(string(rune('a'+i%26)), i*7%900)
	}
	if err := build1(upper)(testEnv(), n, []*vector.Vector{in}, out); err != nil {
		t.Fatal(err)
	}
	for i := range n {
		if out.Texts[i] != strings.ToUpper(in.Texts[i]) {
			t.Fatalf("row %d: %q", i, out.Texts[i])
		}
	}
}
