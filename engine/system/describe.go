package system

import "github.com/redshiftsim/redshiftsim/engine/catalog"

// Description is a comment: a row of pg_description.
// https://docs.aws.amazon.com/redshift/latest/dg/r_COMMENT.html
type Description struct {
	Object int64  // number of what it is about
	Class  string // the catalog table that the object is in
	Column int64  // number of the column; 0 = the object as a whole
	Text   string
}

// Descriptions lists the comments of a database.
func Descriptions(c *catalog.Catalog) []Description {
	var out []Description
	add := func(object uint32, class string, column int64, text string) {
		if text != "" {
			out = append(out, Description{int64(object), class, column, text})
		}
	}
	for _, d := range c.Databases() {
		if d.ID == c.DatabaseID() {
			add(d.ID, "pg_database", 0, d.Comment)
		}
	}
	for _, s := range c.Schemas() {
		add(s.ID, "pg_namespace", 0, s.Comment)
	}
	columns := func(id uint32, list []catalog.Column) {
		for i := range list {
			add(id, "pg_class", list[i].Number(i), list[i].Comment)
		}
	}
	for _, o := range c.Objects() {
		switch o := o.(type) {
		case *catalog.Table:
			add(o.ID, "pg_class", 0, o.Comment)
			columns(o.ID, o.Columns)
			for i, k := range o.Constraints {
				add(constraintID(o, i), "pg_constraint", 0, k.Comment)
			}
		case *catalog.View:
			add(o.ID, "pg_class", 0, o.Comment)
			columns(o.ID, o.Columns)
		}
	}
	return out
}

// descriptions is pg_description.
func descriptions(e *Env, r *row) {
	for _, d := range Descriptions(e.Catalog) {
		r.int(d.Object, int64(classes8[d.Class]), d.Column)
		r.text(d.Text)
		r.send()
	}
}

// remark is the comment of a relation.
func (x *relation) remark() string {
	switch {
	case x.table != nil:
		return x.table.Comment
	case x.view != nil:
		return x.view.Comment
	}
	return ""
}

// remarked ends a row whose last column is a comment.
func (r *row) remarked(comment string) {
	r.null(len(r.cells) - r.at - 1)
	r.maybe(comment)
}
