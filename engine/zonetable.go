package engine

import (
	"time"

	"github.com/redshiftsim/redshiftsim/engine/catalog"
	"github.com/redshiftsim/redshiftsim/internal/types"
)

// zoneNames is PG_TIMEZONE_NAMES: the zones with a name, and what they keep now.
// https://docs.aws.amazon.com/redshift/latest/dg/CONVERT_TIMEZONE.html#CONVERT_TIMEZONE-usage-notes
func (s *Session) zoneNames() *catalog.Virtual {
	now := s.c.cfg.Clock()
	return &catalog.Virtual{
		Schema: catalog.PgCatalog, Name: "pg_timezone_names", Leader: true,
		Columns: []catalog.Column{{Name: "name", Type: types.TVarcharMax}, {Name: "abbrev", Type: types.TVarcharMax}, {Name: "utc_offset", Type: types.TInterval}, {Name: "is_dst", Type: types.TBool}},
		Rows: func(_ any, emit func([]types.Datum) bool) error {
			for _, name := range types.ZoneNames() {
				loc, err := time.LoadLocation(name)
				if err != nil {
					return err
				}
				at := now.In(loc)
				abbrev, offset := at.Zone()
				if !emit([]types.Datum{
					{Type: types.TVarcharMax, Text: name}, {Type: types.TVarcharMax, Text: abbrev}, interval(offset), {Type: types.TBool, Bool: at.IsDST()},
				}) {
					break
				}
			}
			return nil
		},
	}
}

// zoneAbbreviations is PG_TIMEZONE_ABBREVS: the abbreviations, which have an offset for ever.
// https://docs.aws.amazon.com/redshift/latest/dg/CONVERT_TIMEZONE.html#CONVERT_TIMEZONE-usage-notes
func zoneAbbreviations() *catalog.Virtual {
	return &catalog.Virtual{
		Schema: catalog.PgCatalog, Name: "pg_timezone_abbrevs", Leader: true,
		Columns: []catalog.Column{{Name: "abbrev", Type: types.TVarcharMax}, {Name: "utc_offset", Type: types.TInterval}, {Name: "is_dst", Type: types.TBool}},
		Rows: func(_ any, emit func([]types.Datum) bool) error {
			for _, z := range types.ZoneAbbreviations() {
				if !emit([]types.Datum{{Type: types.TVarcharMax, Text: z.Name}, interval(int(z.Hours * 3600)), {Type: types.TBool, Bool: z.Summer}}) {
					break
				}
			}
			return nil
		},
	}
}

// interval is so many seconds as a value.
func interval(seconds int) types.Datum {
	return types.Datum{Type: types.TInterval, Wide: types.MakeInterval(0, int64(seconds)*types.MicrosPerSecond)}
}
