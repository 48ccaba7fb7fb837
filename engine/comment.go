package engine

import (
	"slices"

	"github.com/redshiftsim/redshiftsim/engine/ast"
	"github.com/redshiftsim/redshiftsim/engine/catalog"
	"github.com/redshiftsim/redshiftsim/internal/sqlstate"
)

// comment is COMMENT ON: the text stands with the object, pg_description and obj_description show it.
// https://docs.aws.amazon.com/redshift/latest/dg/r_COMMENT.html
func (s *Session) comment(st *ast.Comment) error {
	s.tx.Refresh()
	text := ""
	if st.Text != nil {
		text = *st.Text
	}
	switch st.Kind {
	case "table", "view":
		return s.commentRelation(st, text)
	case "column":
		return s.commentColumn(st, text)
	case "constraint":
		return s.commentConstraint(st, text)
	case "schema":
		return s.commentSchema(st, text)
	case "database":
		return s.commentDatabase(st, text)
	}
	return unsupported(st, "COMMENT ON "+upper(st.Kind))
}

// commented finds the table or view that COMMENT names, which must be the user's.
func (s *Session) commented(n ast.Name) (any, error) {
	o, err := s.resolve(n)
	if err != nil {
		return nil, err
	}
	switch o := o.(type) {
	case *catalog.Table:
		return o, s.owns(o.Owner, o.Name)
	case *catalog.View:
		return o, s.owns(o.Owner, o.Name)
	}
	if catalog.IsExternal(o) {
		return nil, notExternalTables().At(n.Offset())
	}
	return nil, sqlstate.InsufficientPrivilege.Errorf("permission denied: \"%s\" is a system catalog", n.Object()).At(n.Offset())
}

func (s *Session) commentRelation(st *ast.Comment, text string) error {
	o, err := s.commented(st.Name)
	if err != nil {
		return err
	}
	switch o := o.(type) {
	case *catalog.Table:
		if st.Kind != "table" {
			return sqlstate.WrongObjectType.Errorf("\"%s\" is not a view", o.Name).At(st.Name.Offset())
		}
		n := *o
		n.Comment = text
		s.tx.Edit(&n)
	case *catalog.View:
		if st.Kind != "view" {
			return sqlstate.WrongObjectType.Errorf("\"%s\" is not a table", o.Name).At(st.Name.Offset())
		}
		n := *o
		n.Comment = text
		s.tx.Edit(&n)
	}
	return nil
}

func (s *Session) commentColumn(st *ast.Comment, text string) error {
	last := len(st.Name.Parts) - 1
	if last == 0 {
		return sqlstate.Syntax.Errorf("column name must be qualified").At(st.Name.Offset())
	}
	o, err := s.commented(ast.Name{Pos: st.Name.Pos, Parts: st.Name.Parts[:last]})
	if err != nil {
		return err
	}
	var list *[]catalog.Column
	var edited any
	var relation string
	switch o := o.(type) {
	case *catalog.Table:
		n := *o
		list, edited, relation = &n.Columns, &n, o.Name
	case *catalog.View:
		if o.LateBinding {
			return sqlstate.FeatureNotSupported.Errorf("comments on columns of late-binding views are not supported").At(st.Name.Offset())
		}
		n := *o
		list, edited, relation = &n.Columns, &n, o.Name
	}
	*list = slices.Clone(*list)
	for i := range *list {
		if c := &(*list)[i]; c.Name == st.Name.Parts[last] {
			c.Comment = text
			s.tx.Edit(edited)
			return nil
		}
	}
	return sqlstate.UndefinedColumn.Errorf("column \"%s\" of relation \"%s\" does not exist", st.Name.Parts[last], relation).At(st.Name.Offset())
}

func (s *Session) commentConstraint(st *ast.Comment, text string) error {
	o, err := s.commented(*st.On)
	if err != nil {
		return err
	}
	t, ok := o.(*catalog.Table)
	if !ok {
		return sqlstate.WrongObjectType.Errorf("\"%s\" is not a table", st.On.Object()).At(st.On.Offset())
	}
	n := *t
	n.Constraints = slices.Clone(t.Constraints)
	for i := range n.Constraints {
		if n.Constraints[i].Name == st.Name.Object() {
			n.Constraints[i].Comment = text
			s.tx.Edit(&n)
			return nil
		}
	}
	return sqlstate.UndefinedObject.Errorf("constraint \"%s\" for table \"%s\" does not exist", st.Name.Object(), t.Name).At(st.Name.Offset())
}

func (s *Session) commentSchema(st *ast.Comment, text string) error {
	sch := s.tx.Catalog().Schema(st.Name.Object())
	if sch == nil {
		return sqlstate.InvalidSchemaName.Errorf("schema \"%s\" does not exist", st.Name.Object()).At(st.Name.Offset())
	}
	if !s.user.Superuser && sch.Owner != s.user.ID {
		return sqlstate.InsufficientPrivilege.Errorf("must be owner of schema %s", sch.Name)
	}
	n := *sch
	n.Comment = text
	s.tx.EditSchema(&n)
	return nil
}

// commentDatabase is COMMENT ON DATABASE: of another than the session's it is a warning and nothing else.
func (s *Session) commentDatabase(st *ast.Comment, text string) error {
	if st.Name.Object() != s.db.Name {
		s.tell("WARNING", sqlstate.Warning, "database comments may only be applied to the current database")
		return nil
	}
	db := s.tx.Catalog().DatabaseByName(s.db.Name)
	if !s.user.Superuser && db.Owner != s.user.ID {
		return sqlstate.InsufficientPrivilege.Errorf("must be owner of database %s", db.Name)
	}
	n := *db
	n.Comment = text
	s.tx.EditDatabase(&n)
	return nil
}
