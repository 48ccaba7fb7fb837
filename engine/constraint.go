package engine

import (
	"github.com/redshiftsim/redshiftsim/engine/catalog"
	"github.com/redshiftsim/redshiftsim/internal/sqlstate"
)

// addConstraint is ADD of a key, which is not enforced; a primary key needs columns that are NOT NULL.
func (a *alteration) addConstraint() error {
	nt := a.copied()
	k, err := a.s.constraint(nt, a.st.Cons)
	if err != nil {
		return err
	}
	for _, o := range nt.Constraints {
		switch {
		case o.Name == k.Name:
			return sqlstate.DuplicateObject.Errorf("constraint \"%s\" for relation \"%s\" already exists", k.Name, a.t.Name).At(a.st.Cons.Offset())
		case o.Kind == 'p' && k.Kind == 'p':
			return sqlstate.InvalidTableDefinition.Errorf("multiple primary keys for table \"%s\" are not allowed", a.t.Name).At(a.st.Cons.Offset())
		}
	}
	if k.Kind == 'p' {
		for _, c := range k.Columns {
			if !nt.Columns[c].NotNull {
				return sqlstate.FeatureNotSupported.Errorf("cannot add a primary key constraint to nullable column \"%s\"", nt.Columns[c].Name).At(a.st.Cons.Offset())
			}
		}
	}
	nt.Constraints = append(nt.Constraints, k)
	nt.Version = a.t.Version + 1
	a.s.tx.Edit(nt)
	return nil
}

// dropConstraint is DROP CONSTRAINT.
func (a *alteration) dropConstraint() error {
	nt := a.copied()
	for i, k := range nt.Constraints {
		if k.Name != a.st.Old.Name {
			continue
		}
		nt.Constraints = append(nt.Constraints[:i:i], nt.Constraints[i+1:]...)
		nt.Version = a.t.Version + 1
		a.s.tx.Edit(nt)
		return nil
	}
	return sqlstate.UndefinedObject.Errorf("constraint \"%s\" does not exist", a.st.Old.Name).At(a.st.Old.Offset())
}

// withoutColumn is the keys of table own when table lost its column i: positions behind it move up. Keys of that column alone go; whole is false when
// one of several columns, or another table's key, goes with it. nil = own has no key that names the table's columns.
func withoutColumn(list []catalog.Constraint, own, table uint32, i int) (out []catalog.Constraint, whole bool) {
	whole = true
	touched := false
	move := func(cols []int) (moved []int, has bool) {
		for _, c := range cols {
			switch {
			case c == i:
				has = true
			case c > i:
				moved = append(moved, c-1)
			default:
				moved = append(moved, c)
			}
		}
		return moved, has
	}
	for _, k := range list {
		gone := false
		if own == table {
			touched = true
			n := len(k.Columns)
			if k.Columns, gone = move(k.Columns); gone {
				whole = whole && n == 1
			}
		}
		if k.Kind == 'f' && (k.RefTable == table || k.RefTable == 0 && own == table) {
			touched = true
			var has bool
			if k.RefColumns, has = move(k.RefColumns); has {
				gone, whole = true, false
			}
		}
		if !gone {
			out = append(out, k)
		}
	}
	if !touched {
		return nil, whole
	}
	if out == nil {
		out = []catalog.Constraint{}
	}
	return out, whole
}
