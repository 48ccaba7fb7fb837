package engine

import (
	"github.com/redshiftsim/redshiftsim/engine/system"
)

// BlockMap gives a table's blocks on all slices, and, of a query in the log (0 = none), which of them its conditions let it skip. It is no statement: the log
// does not have it. The session's user must be one who may read STV_BLOCKLIST (42501); a table that is not there is 42P01.
// https://docs.aws.amazon.com/redshift/latest/dg/r_STV_BLOCKLIST.html
func (s *Session) BlockMap(schema, table string, query int64) (m *system.BlockMap, err error) {
	defer s.recovered("", &err)
	if s.tx == nil {
		s.begin()
		defer s.rollback()
	}
	env := s.systemEnv()
	t, err := tableOf(env.Catalog, schema, table)
	if err != nil {
		return nil, err
	}
	return env.BlockMap(t, query, *s.env(nil))
}
