package redshiftsim_test

import (
	"context"
	"database/sql"
	"errors"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/redshiftsim/redshiftsim"
	"github.com/redshiftsim/redshiftsim/engine/parse/lex"
)

// script is a .test file as a list of its statements, and their tokens as they are written.
type script struct {
	path       string
	statements [][]string
}

// scripts reads the statements of testdata, once.
var scripts = sync.OnceValues(func() (out []script, err error) {
	err = filepath.WalkDir("testdata", func(path string, d fs.DirEntry, err error) error {
		if err != nil || filepath.Ext(path) != ".test" {
			return err
		}
		data, err := os.ReadFile(path)
		s := script{path: path}
		for _, block := range strings.Split(string(data), "\n----\n") {
			_, text, _ := strings.Cut("\n"+block, "\nexec")
			if text == "" {
				if _, text, _ = strings.Cut("\n"+block, "\nquery"); text == "" {
					_, text, _ = strings.Cut("\n"+block, "\nerror")
				}
			}
			_, text, _ = strings.Cut(text, "\n") // the rest of the directive's line
			if toks := written(text); len(toks) > 0 {
				s.statements = append(s.statements, toks)
			}
		}
		if len(s.statements) > 0 {
			out = append(out, s)
		}
		return err
	})
	return out, err
})

// written cuts a text into its tokens, nil when it has none.
func written(text string) []string {
	toks, err := lex.Scan(text, lex.Options{})
	if err != nil {
		return nil
	}
	var out []string
	for _, t := range toks {
		if t.End > t.Pos {
			out = append(out, text[t.Pos:t.End])
		}
	}
	return out
}

// oddities take the place of a token: what is often at the edge of something.
var oddities = []string{
	"NULL", "0", "-1", "''", "1e308", "9223372036854775807", "-9223372036854775808", "0.00000000000000000000000000000000000001", "'\\\\x'", "'9999-12-31'", "'NaN'::float8", "DISTINCT", "*", "(SELECT 1)",
	"count(*)", "sum(1) OVER ()", "JSON_PARSE('[1,{}]')", "'a'::varbyte", "ST_Point(1, 2)", "interval '1 month'", "true", "random()", "current_date", "(", ")", ",", "AND", "NOT", "::int", "::super", "::varchar(1)", "::numeric(38,37)",
}

// mutated changes some of a statement's tokens: leaves one out, has one twice, has two change places, or takes others, of the same statements or from anywhere.
func mutated(r *rand.Rand, toks []string, near [][]string, all []script) string {
	out := slices.Clone(toks)
	for range 1 + r.IntN(3) {
		if len(out) == 0 {
			break
		}
		i := r.IntN(len(out))
		switch r.IntN(8) {
		case 0:
			out = slices.Delete(out, i, i+1)
		case 1:
			out = slices.Insert(out, i, out[i])
		case 2:
			j := r.IntN(len(out))
			out[i], out[j] = out[j], out[i]
		case 3:
			out[i] = oddities[r.IntN(len(oddities))]
		case 4:
			out = slices.Insert(out, i, oddities[r.IntN(len(oddities))])
		case 5:
			s := near[r.IntN(len(near))]
			out[i] = s[r.IntN(len(s))]
		case 6:
			s := near[r.IntN(len(near))]
			n := r.IntN(len(s))
			out = slices.Insert(out, i, s[n:min(len(s), n+1+r.IntN(8))]...)
		case 7:
			list := all[r.IntN(len(all))].statements
			s := list[r.IntN(len(list))]
			out[i] = s[r.IntN(len(s))]
		}
	}
	return strings.Join(out, " ")
}

// TestRandomMutations runs the statements of testdata with tokens changed, and beside each the statement as it is: whatever comes of them, none is XX000 for a
// bug of the engine, none hangs, and the cluster goes on.
func TestRandomMutations(t *testing.T) {
	all, err := scripts()
	if err != nil || len(all) < 50 {
		t.Fatal(len(all), err)
	}
	few := uint64(10)
	if testing.Short() {
		few = 3
	}
	asked, accepted := 0, 0
	seeds(t, few, func(seed uint64) {
		r := rand.New(rand.NewPCG(seed, 5))
		s := all[r.IntN(len(all))]
		db := open(t, []string{
			"redshiftsim://?nodes=1&slices=1&bucket=testdata=testdata&bucket=test=mem:&memory_limit=256MB&statement_timeout=20000",
			"redshiftsim://?nodes=2&slices=2&bucket=testdata=testdata&bucket=test=mem:&memory_limit=256MB&statement_timeout=20000",
		}[r.IntN(2)])
		defer db.Close()
		for i, toks := range s.statements {
			texts := []string{strings.Join(toks, " ")}
			for range r.IntN(4) {
				texts = append(texts, mutated(r, toks, s.statements, all))
			}
			r.Shuffle(len(texts), func(i, j int) { texts[i], texts[j] = texts[j], texts[i] })
			for _, text := range texts {
				err := run(db, text)
				if asked++; err == nil {
					accepted++
				}
				var e *redshiftsim.Error
				if errors.As(err, &e) && e.SQLState() == "XX000" && strings.HasPrefix(e.Message, "internal error") || errors.Is(err, context.DeadlineExceeded) {
					t.Errorf("seed %d, %s, statement %d: %s\n%v\n%s", seed, s.path, i, text, err, firstLines(where(e), 24))
				}
			}
		}
	})
	t.Logf("%d statements, %d accepted", asked, accepted)
	if accepted*10 < asked {
		t.Errorf("%d of %d statements accepted", accepted, asked)
	}
}

func where(e *redshiftsim.Error) string {
	if e == nil {
		return ""
	}
	return e.Where
}

// run runs a text and reads its rows.
func run(db *sql.DB, text string) error {
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	rows, err := db.QueryContext(ctx, text)
	if err != nil {
		return err
	}
	defer rows.Close()
	for {
		for rows.Next() {
		}
		if !rows.NextResultSet() {
			return rows.Err()
		}
	}
}

// firstLines are the first n lines of a text.
func firstLines(text string, n int) string {
	lines := strings.SplitN(text, "\n", n+1)
	return strings.Join(lines[:min(n, len(lines))], "\n")
}
