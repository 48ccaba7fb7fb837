package parse

import (
	"errors"
	"fmt"
	"sort"
	"strings"

	"github.com/redshiftsim/redshiftsim/engine/parse/lex"
	"github.com/redshiftsim/redshiftsim/internal/sqlstate"
)

// contextWords is how many words Redshift shows of a text before an error, the wrong one included; a parameter counts as two, $ and its number.
const contextWords = 5

// inContext adds to a syntax error where it is, as newer versions of Redshift do behind the message:
//
//	syntax error at or near "RETURNING" in context ", $5) RETURNING", at line 3, column 751
//	syntax error at or near "$" in context "search_path TO "dwd_views", $", at line 1
//
// The message stays as the guide and older versions print it; the rest is the error's Where. A column is given from the second line on.
func (p *parser) inContext(err error) error {
	var e *sqlstate.Error
	if !errors.As(err, &e) || e.Code != sqlstate.Syntax || e.Offset() < 0 || e.Where != "" {
		return err
	}
	at := e.Offset()
	last := sort.Search(len(p.Toks), func(i int) bool { return p.Toks[i].Pos >= at })
	if last == len(p.Toks) || p.Toks[last].Pos != at { // inside a word: the body of a procedure
		return err
	}
	first, words := last, 1
	if p.Toks[last].Kind == lex.EOF {
		words = 0
	}
	for first > 0 && p.Toks[first-1].Text != ";" {
		n := 1
		if p.Toks[first-1].Kind == lex.Param {
			n = 2
		}
		if words += n; words > contextWords {
			break
		}
		first--
	}
	line := strings.Count(p.Src[:at], "\n") + 1
	e.Where = fmt.Sprintf("in context \"%s\", at line %d", strings.Join(strings.Fields(p.Src[p.Toks[first].Pos:p.Toks[last].End]), " "), line)
	if line > 1 {
		e.Where += fmt.Sprintf(", column %d", len([]rune(p.Src[strings.LastIndexByte(p.Src[:at], '\n')+1:at]))+1)
	}
	return e
}
