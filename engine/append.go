package engine

import (
	"fmt"
	"strings"

	"github.com/redshiftsim/redshiftsim/engine/ast"
	"github.com/redshiftsim/redshiftsim/engine/catalog"
	"github.com/redshiftsim/redshiftsim/engine/function"
	"github.com/redshiftsim/redshiftsim/engine/principal"
	"github.com/redshiftsim/redshiftsim/engine/txn"
	"github.com/redshiftsim/redshiftsim/internal/sqlstate"
	"github.com/redshiftsim/redshiftsim/storage"
)

// appendTable is ALTER TABLE APPEND: the rows of one table go to another, and the first is empty. It is an INSERT and a TRUNCATE in one transaction, which
// commits.
// https://docs.aws.amazon.com/redshift/latest/dg/r_ALTER_TABLE_APPEND.html
func (s *Session) appendTable(c *call, st *ast.AppendTable) error {
	if err := s.alone(c, "ALTER TABLE APPEND"); err != nil {
		return err
	}
	needs := func(want principal.Privilege) func(*catalog.Table) error {
		return func(t *catalog.Table) error {
			if err := ofView(t, st.Table); err != nil {
				return err
			}
			if s.system(principal.AlterTable) {
				return nil
			}
			return s.needs(t, want)
		}
	}
	to, err := s.lockAllowed(c, st.Table, txn.AccessExclusive, needs(principal.Insert))
	if err != nil {
		return err
	}
	from, err := s.lockAllowed(c, st.Source, txn.AccessExclusive, needs(principal.Select|principal.Delete))
	if err != nil {
		return err
	}
	if err := s.appendsFrom(from); err != nil {
		return err
	}
	names, err := appended(to, from, st)
	if err != nil {
		return err
	}
	if err := s.appendRows(c, to, from, names); err != nil {
		return err
	}
	v, err := s.tx.Newest(from)
	if err != nil {
		return err
	}
	if err := s.tx.Put(from, v.Truncate()); err != nil {
		return err
	}
	s.laidAnew(c, from, "ALTER TABLE APPEND")
	return s.commitWithin()
}

// appendRows inserts the rows of the source, whose columns go by name. What is not named has its default.
func (s *Session) appendRows(c *call, to, from *catalog.Table, names []string) error {
	quoted := make([]string, len(names))
	for i, n := range names {
		quoted[i] = function.QuoteIdent(n)
	}
	list := strings.Join(quoted, ", ")
	name := func(t *catalog.Table) string {
		return function.QuoteIdent(t.Schema) + "." + function.QuoteIdent(t.Name)
	}
	ins, err := parseOne(fmt.Sprintf("INSERT INTO %s (%s) SELECT %s FROM %s", name(to), list, list, name(from)))
	if err != nil {
		return err
	}
	e, err := s.makePlan(ins, c.text, nil)
	if err != nil {
		return err
	}
	_, _, err = s.run(c, e, nil)
	return err
}

// appended checks that a table can take the rows of another, and gives the columns that both have.
func appended(to, from *catalog.Table, st *ast.AppendTable) ([]string, error) {
	refuse := func(format string, args ...any) error {
		return sqlstate.FeatureNotSupported.Errorf("ALTER TABLE APPEND: "+format, args...).At(st.Source.Offset())
	}
	switch {
	case to.ID == from.ID:
		return nil, refuse("source and target are the same table")
	case to.Temp || from.Temp:
		return nil, refuse("temporary tables are not supported")
	case !sameDistribution(to, from):
		return nil, refuse("tables \"%s\" and \"%s\" have different distribution styles or keys", to.Name, from.Name)
	case !sameSortKey(to, from):
		return nil, refuse("tables \"%s\" and \"%s\" have different sort keys", to.Name, from.Name)
	}
	var names []string
	for i := range from.Columns {
		c := &from.Columns[i]
		at := to.Column(c.Name)
		if c.Identity != nil && !c.Identity.ByDefault {
			if at >= 0 && to.Columns[at].Identity != nil {
				return nil, refuse("both tables have identity column \"%s\"", c.Name)
			}
			at = -1
		}
		switch {
		case at < 0 && !st.IgnoreExtra:
			return nil, refuse("column \"%s\" of table \"%s\" is not in table \"%s\": IGNOREEXTRA ignores it", c.Name, from.Name, to.Name)
		case at < 0:
			continue
		}
		if what := unlike(to, from, at, i); what != "" {
			return nil, refuse("column \"%s\" has another %s in table \"%s\"", c.Name, what, to.Name)
		}
		names = append(names, c.Name)
	}
	for i := range to.Columns {
		if c := &to.Columns[i]; from.Column(c.Name) < 0 && !st.FillTarget {
			return nil, refuse("column \"%s\" of table \"%s\" is not in table \"%s\": FILLTARGET fills it", c.Name, to.Name, from.Name)
		}
	}
	if len(names) == 0 {
		return nil, refuse("tables \"%s\" and \"%s\" have no column in common", to.Name, from.Name)
	}
	return names, nil
}

// unlike names an attribute in which two columns of one name differ, "" = none.
func unlike(to, from *catalog.Table, at, i int) string {
	a, b := &to.Columns[at], &from.Columns[i]
	switch {
	case a.Type != b.Type:
		return "data type"
	case a.NotNull != b.NotNull:
		return "NOT NULL"
	case to.Def.EncodingOf(at) != from.Def.EncodingOf(i):
		return "encoding"
	}
	return ""
}

// sameDistribution says whether two tables are distributed alike: by style, and by the key's name. The states of AUTO are one style.
func sameDistribution(a, b *catalog.Table) bool {
	x, y := a.Def.Dist, b.Def.Dist
	if x.Style.Auto() && y.Style.Auto() {
		return true
	}
	if x.Style != y.Style {
		return false
	}
	return !x.Keyed() || a.Columns[x.Column].Name == b.Columns[y.Column].Name
}

// sameSortKey says whether two tables have the same sort style and the same columns in it.
func sameSortKey(a, b *catalog.Table) bool {
	x, y := a.Def.Sort, b.Def.Sort
	keyed := func(k storage.SortKey) bool { return k.Style != storage.SortNone && len(k.Columns) > 0 }
	if !keyed(x) && !keyed(y) {
		return true
	}
	if x.Style != y.Style || len(x.Columns) != len(y.Columns) {
		return false
	}
	for i := range x.Columns {
		if a.Columns[x.Columns[i]].Name != b.Columns[y.Columns[i]].Name {
			return false
		}
	}
	return true
}
