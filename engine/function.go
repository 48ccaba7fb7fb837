package engine

import (
	"strings"

	"github.com/redshiftsim/redshiftsim/engine/catalog"
	"github.com/redshiftsim/redshiftsim/engine/system"
	"github.com/redshiftsim/redshiftsim/internal/sqlstate"
	"github.com/redshiftsim/redshiftsim/internal/types"
)

// catalogFunction answers the leader's functions that ask for the state of the session or the catalog.
// https://docs.aws.amazon.com/redshift/latest/dg/r_System_information_functions.html
func (s *Session) catalogFunction(name string, args []types.Datum) (types.Datum, error) {
	for i := range args {
		if args[i].Null {
			return types.NullOf(types.TUnknown), nil
		}
	}
	c := s.c.txns.Root().Of(s.db.ID)
	if s.tx != nil {
		c = s.tx.Catalog()
	}
	if answer, known, err := s.privilegeFunction(name, args); known {
		return types.Datum{Type: types.TBool, Bool: answer}, err
	}
	if answer, known, err := s.describeFunction(c, name, args); known {
		return answer, err
	}
	if len(args) == 1 {
		if answer, known, err := s.regCast(name, args[0]); known {
			return answer, err
		}
	}
	if answer, known, err := s.sessionFunction(c, name, args); known {
		return answer, err
	}
	if answer, known, err := s.objectFunction(c, name, args); known {
		return answer, err
	}
	return types.Datum{}, sqlstate.FeatureNotSupported.Errorf("function %s() is not supported", name)
}

// intAnswer is an integer as an answer.
func intAnswer(v int64, t types.Type) types.Datum { return types.Datum{Type: t, Int: v} }

// textAnswer is a text as an answer.
func textAnswer(v string) types.Datum { return types.Datum{Type: types.TText, Text: v} }

// sessionFunction answers what concerns the session and the cluster.
func (s *Session) sessionFunction(c *catalog.Catalog, name string, args []types.Datum) (answer types.Datum, known bool, err error) {
	switch name {
	case "pg_last_query_id":
		return intAnswer(s.lastQuery, types.TInt8), true, nil
	case "pg_last_copy_id":
		return intAnswer(s.lastCopy, types.TInt8), true, nil
	case "pg_last_copy_count":
		return intAnswer(s.lastCopyCount, types.TInt8), true, nil
	case "pg_last_unload_id":
		return intAnswer(s.lastUnload, types.TInt8), true, nil
	case "pg_last_unload_count":
		return intAnswer(s.lastUnloadCount, types.TInt8), true, nil
	case "pg_cancel_backend", "pg_terminate_backend":
		stop := s.cancelBackend
		if name == "pg_terminate_backend" {
			stop = s.terminateBackend
		}
		done, err := stop(args[0].Int)
		return types.Datum{Type: types.TBool, Bool: done}, true, err
	case "change_query_priority", "change_session_priority", "change_user_priority":
		answer, err = s.changePriority(c, strings.TrimSuffix(strings.TrimPrefix(name, "change_"), "_priority"), args)
		return answer, true, err
	case "current_namespace":
		return textAnswer(s.c.namespace()), true, nil
	case "current_aws_account":
		return intAnswer(s.c.cfg.Account, types.TInt8), true, nil
	case "default_iam_role":
		if s.c.cfg.IAMRole == "" {
			return textAnswer("none"), true, nil
		}
		return textAnswer(s.c.cfg.IAMRole), true, nil
	case "reboot_cluster":
		return textAnswer("The cluster was rebooted."), true, s.reboot()
	}
	return answer, false, nil
}

// objectFunction answers what concerns objects of the catalog, and SET as a function.
func (s *Session) objectFunction(c *catalog.Catalog, name string, args []types.Datum) (answer types.Datum, known bool, err error) {
	switch name {
	case "pg_get_constraintdef":
		visible := func(t *catalog.Table) bool {
			found, err := c.Resolve(s.searchPath(), "", t.Name)
			return err == nil && found == any(t)
		}
		t, _ := s.index.relation(c, system.ConstraintTable(args[0].Int)).(*catalog.Table)
		if def := system.ConstraintDefinition(c, t, args[0].Int, visible); def != "" {
			return textAnswer(def), true, nil
		}
		return types.NullOf(types.TText), true, nil
	case "obj_description", "col_description":
		id, class, column := args[0].Int, "", int64(0)
		if name == "col_description" {
			column = args[1].Int
		} else if len(args) > 1 {
			class = args[1].Text
		}
		if t, ok := s.index.comment(c, id, column, class); ok {
			return textAnswer(t), true, nil
		}
		return types.NullOf(types.TText), true, nil
	case "set_config":
		answer, err = s.setConfig(args[0].Text, args[1].Text, args[2].Bool)
		return answer, true, err
	case "makeaclitem":
		answer, err = s.makeACLItem(args)
		return answer, true, err
	case "format_encoding":
		if name := system.EncodingName(args[0].Int); name != "" {
			return textAnswer(name), true, nil
		}
		return types.NullOf(types.TText), true, nil
	case "pg_get_userbyid":
		if u := c.UserByID(int(args[0].Int)); u != nil {
			return textAnswer(u.Name), true, nil
		}
		return textAnswer("unknown (OID=" + types.Format(args[0], s.zone) + ")"), true, nil
	case "current_schema":
		if sch := s.currentSchema(c); sch != "" {
			return textAnswer(sch), true, nil
		}
		return types.NullOf(types.TText), true, nil
	case "pg_get_viewdef":
		if args[0].Type.IsText() {
			o, err := s.relationArgument(args[0])
			if v, ok := o.(*catalog.View); ok {
				return textAnswer(v.Definition() + ";"), true, nil
			}
			return textAnswer("Not a view"), true, err
		}
		if v, ok := s.index.relation(c, args[0].Int).(*catalog.View); ok {
			return textAnswer(v.Definition() + ";"), true, nil
		}
		return textAnswer("Not a view"), true, nil
	case "pg_table_is_visible":
		if o := s.index.relation(c, args[0].Int); o != nil {
			found, err := c.Resolve(s.searchPath(), "", catalog.KeyOf(o).Name)
			return types.Datum{Type: types.TBool, Bool: err == nil && found == o}, true, nil
		}
		return types.NullOf(types.TBool), true, nil
	}
	return answer, false, nil
}

// setConfig is SET as a function. Local to a transaction that has ended, as that of a query alone has when its rows are read, it changes nothing.
// https://docs.aws.amazon.com/redshift/latest/dg/r_SET_CONFIG.html
func (s *Session) setConfig(name, value string, local bool) (types.Datum, error) {
	before := s.vars
	if err := s.assign(name, value, false, local && s.tx != nil); err != nil {
		return types.Datum{}, err
	}
	v, _ := s.Setting(name)
	if local && s.tx == nil {
		s.use(before)
	}
	return types.Datum{Type: types.TText, Text: v}, nil
}
