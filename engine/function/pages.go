package function

import (
	"slices"
	"strings"

	"github.com/redshiftsim/redshiftsim/internal/types"
)

// Entry is a function as the documentation shows it: docs/functions.md is made of the list of them.
type Entry struct {
	Name      string
	Signature string // name(parameters), overloads after another
	Returns   string // "" = it depends on the arguments
	Place     Place
	Page      string // of the guide
	Form      bool   // grammar of its own, which may be called without parentheses: CASE
}

// Chapter is a group of functions under one heading.
type Chapter struct {
	Title, Page string
	Entries     []Entry
}

// Chapters lists all functions, by the guide's chapters and in them by name. A name that is another's synonym has its own entry.
func Chapters() []Chapter {
	scalar := func(title, page string, lists ...[]Scalar) Chapter {
		c := Chapter{Title: title, Page: page}
		at := map[string]int{}
		for _, list := range lists {
			for i := range list {
				s := &list[i]
				for _, n := range append([]string{s.Name}, s.Aliases...) {
					k, ok := at[n]
					if !ok {
						k = len(c.Entries)
						at[n] = k
						c.Entries = append(c.Entries, Entry{Name: n, Returns: s.returns(), Place: s.Place, Page: s.Doc})
					}
					if sig := s.signature(n); !strings.Contains(c.Entries[k].Signature, sig) {
						c.Entries[k].Signature = strings.TrimPrefix(c.Entries[k].Signature+"; "+sig, "; ")
					}
				}
			}
		}
		sortEntries(c.Entries)
		return c
	}
	aggregate := Chapter{Title: "Aggregates", Page: "c_Aggregate_Functions"}
	for n, page := range aggregatePages {
		aggregate.Entries = append(aggregate.Entries, Entry{Name: n, Signature: page.signature, Page: page.page, Place: page.place})
	}
	sortEntries(aggregate.Entries)
	window := Chapter{Title: "Window functions", Page: "c_Window_functions"}
	for n, page := range windowPages {
		window.Entries = append(window.Entries, Entry{Name: n, Signature: page.signature, Page: page.page, Place: page.place})
	}
	sortEntries(window.Entries)
	forms := func(c Chapter, pages map[string]page) Chapter {
		for n, p := range pages {
			c.Entries = append(c.Entries, Entry{Name: n, Signature: p.signature, Page: p.page, Place: p.place, Form: true})
		}
		sortEntries(c.Entries)
		return c
	}
	return []Chapter{
		scalar("Strings", "String_functions_header", stringFunctions, regexpFunctions, asciiFunctions),
		scalar("Mathematics", "Math_functions", mathFunctions),
		forms(scalar("Dates and times", "Date_functions_header", datetimeFunctions, clockFunctions), timeForms),
		forms(scalar("Conditions", "c_conditional_expressions", conditionalFunctions), conditionalForms),
		forms(scalar("Formatting of types", "r_Data_type_formatting", formatFunctions), castForms),
		scalar("Hashes", "hash-functions", hashFunctions),
		scalar("VARBYTE", "varbyte-functions", varbyteFunctions),
		scalar("Spatial", "geospatial-functions", spatialFunctions),
		scalar("HyperLogLog sketches", "hyperloglog-functions", sketchFunctions),
		scalar("JSON texts", "json-functions", jsonFunctions),
		scalar("SUPER values", "operators-functions", superFunctions, superArrayFunctions),
		forms(scalar("System information and administration", "r_System_information_functions", systemFunctions, privilegeFunctions, arrayFunctions), tableForms),
		forms(aggregate, groupingForms), window,
	}
}

func sortEntries(list []Entry) {
	slices.SortFunc(list, func(a, b Entry) int { return strings.Compare(a.Name, b.Name) })
}

// signature writes a row of the book as name(type, type [, type]).
func (s *Scalar) signature(name string) string {
	if s.Grammar != "" {
		return s.Grammar
	}
	var b strings.Builder
	b.WriteString(name + "(")
	for i, p := range s.Args {
		switch optional := i >= len(s.Args)-s.Optional; {
		case optional && i == 0:
			b.WriteString("[")
		case optional:
			b.WriteString(" [")
		}
		if i > 0 {
			b.WriteString(", ")
		}
		b.WriteString(p.name())
	}
	if s.Variadic {
		b.WriteString(", ...")
	}
	b.WriteString(strings.Repeat("]", s.Optional) + ")")
	return b.String()
}

// name is the word for what a parameter takes.
func (p *Param) name() string {
	switch p.Type.Kind {
	case types.Unknown:
		return "any"
	case types.Text:
		return "text"
	case types.Float8:
		if p.As != nil && p.As(types.TInt4) {
			return "number"
		}
	}
	return bareName(p.Type)
}

// returns is the type of the results, "" where the arguments decide it.
func (s *Scalar) returns() string {
	if s.Returns == nil || s.Bind != nil {
		return ""
	}
	params := make([]types.Type, len(s.Args))
	for i := range params {
		params[i] = s.Args[i].Type
	}
	t := s.Returns(params)
	if t.Kind == types.Unknown || t.Kind == types.Float8 && len(params) > 0 && s.Args[0].name() == "number" {
		return ""
	}
	if t.Kind == types.Text {
		t = types.TVarcharMax
	}
	return bareName(t)
}

// page is what the documentation says of a function that is no row of the book.
type page struct {
	signature, page string
	place           Place
}

// Forms that bind knows by their grammar, and functions that give rows.
var (
	timeForms        = map[string]page{"at time zone": {"timestamp AT TIME ZONE text", "r_AT_TIME_ZONE", Anywhere}}
	conditionalForms = map[string]page{
		"case":     {"CASE [any] WHEN any THEN any [...] [ELSE any] END", "r_CASE_function", Anywhere},
		"coalesce": {"coalesce(any, ...)", "r_NVL_function", Anywhere},
		"decode":   {"decode(any, search, result [, ...] [, default])", "r_DECODE_expression", Anywhere},
		"nullif":   {"nullif(any, any)", "r_NULLIF_function", Anywhere},
		"nvl":      {"nvl(any, ...)", "r_NVL_function", Anywhere},
		"nvl2":     {"nvl2(any, not_null, null)", "r_NVL2", Anywhere},
	}
	castForms = map[string]page{
		"cast":     {"cast(any AS type); any::type", "r_CAST_function", Anywhere},
		"convert":  {"convert(type, any)", "r_CONVERT_function", Anywhere},
		"try_cast": {"try_cast(any AS type)", "r_TRY_CAST", Anywhere},
	}
	groupingForms = map[string]page{
		"grouping":    {"grouping(any)", "r_GROUP_BY_aggregation-extensions", Anywhere},
		"grouping_id": {"grouping_id(any, ...)", "r_GROUP_BY_aggregation-extensions", Anywhere},
	}
	tableForms = map[string]page{
		"generate_series":               {"generate_series(start, stop [, step])", "c_unsupported-postgresql-functions", LeaderOnly},
		"pg_get_cols":                   {"pg_get_cols(text)", "PG_GET_COLS", LeaderOnly},
		"pg_get_late_binding_view_cols": {"pg_get_late_binding_view_cols()", "PG_GET_LATE_BINDING_VIEW_COLS", LeaderOnly},
		"pg_get_grantee_by_iam_role":    {"pg_get_grantee_by_iam_role(text)", "PG_GET_GRANTEE_BY_IAMROLE", LeaderOnly},
		"pg_get_session_roles":          {"pg_get_session_roles()", "PG_GET_SESSION_ROLES", LeaderOnly},
		"pg_timezone_abbrevs":           {"pg_timezone_abbrevs()", "CONVERT_TIMEZONE", LeaderOnly},
		"pg_timezone_names":             {"pg_timezone_names()", "CONVERT_TIMEZONE", LeaderOnly},
		"pg_get_iam_role_by_user":       {"pg_get_iam_role_by_user(text)", "PG_GET_IAM_ROLE_BY_USER", LeaderOnly},
	}
)

var aggregatePages = map[string]page{
	"any_value":         {"any_value([DISTINCT] any)", "r_ANY_VALUE", Anywhere},
	"avg":               {"avg([DISTINCT] number)", "r_AVG", Anywhere},
	"bit_and":           {"bit_and([DISTINCT] integer)", "r_BIT_AND", Anywhere},
	"bit_or":            {"bit_or([DISTINCT] integer)", "r_BIT_OR", Anywhere},
	"bool_and":          {"bool_and([DISTINCT] boolean)", "r_BOOL_AND", Anywhere},
	"bool_or":           {"bool_or([DISTINCT] boolean)", "r_BOOL_OR", Anywhere},
	"count":             {"count(*); [APPROXIMATE] count([DISTINCT] any)", "r_COUNT", Anywhere},
	"hll":               {"hll(any)", "r_HLL_function", Anywhere},
	"hll_combine":       {"hll_combine(hllsketch)", "r_HLL_COMBINE", Anywhere},
	"hll_create_sketch": {"hll_create_sketch(any)", "r_HLL_CREATE_SKETCH", Anywhere},
	"listagg":           {"listagg([DISTINCT] text [, delimiter]) [WITHIN GROUP (ORDER BY ...)]", "r_LISTAGG", ComputeOnly},
	"max":               {"max([DISTINCT] any)", "r_MAX", Anywhere},
	"median":            {"median(number or datetime)", "r_MEDIAN", ComputeOnly},
	"min":               {"min([DISTINCT] any)", "r_MIN", Anywhere},
	"percentile_cont":   {"percentile_cont(fraction) WITHIN GROUP (ORDER BY number or datetime)", "r_PERCENTILE_CONT", ComputeOnly},
	"percentile_disc":   {"[APPROXIMATE] percentile_disc(fraction) WITHIN GROUP (ORDER BY any)", "r_APPROXIMATE_PERCENTILE_DISC", ComputeOnly},
	"st_collect":        {"st_collect(geometry) [WITHIN GROUP (ORDER BY ...)]", "ST_Collect-function", Anywhere},
	"stddev":            {"stddev([DISTINCT] number)", "r_STDDEV_functions", Anywhere},
	"stddev_pop":        {"stddev_pop([DISTINCT] number)", "r_STDDEV_functions", Anywhere},
	"stddev_samp":       {"stddev_samp([DISTINCT] number)", "r_STDDEV_functions", Anywhere},
	"sum":               {"sum([DISTINCT] number)", "r_SUM", Anywhere},
	"var_pop":           {"var_pop([DISTINCT] number)", "r_VARIANCE_functions", Anywhere},
	"var_samp":          {"var_samp([DISTINCT] number)", "r_VARIANCE_functions", Anywhere},
	"variance":          {"variance([DISTINCT] number)", "r_VARIANCE_functions", Anywhere},
}

var windowPages = map[string]page{
	"cume_dist":       {"cume_dist() OVER (... ORDER BY ...)", "r_WF_CUME_DIST", Anywhere},
	"dense_rank":      {"dense_rank() OVER (... [ORDER BY ...])", "r_WF_DENSE_RANK", Anywhere},
	"first_value":     {"first_value(any [IGNORE NULLS]) OVER (...)", "r_WF_first_value", Anywhere},
	"lag":             {"lag(any [, offset]) [IGNORE NULLS] OVER (...)", "r_WF_LAG", Anywhere},
	"last_value":      {"last_value(any [IGNORE NULLS]) OVER (...)", "r_WF_last_value", Anywhere},
	"lead":            {"lead(any [, offset]) [IGNORE NULLS] OVER (...)", "r_WF_LEAD", Anywhere},
	"nth_value":       {"nth_value(any, offset) [IGNORE NULLS] OVER (...)", "r_WF_NTH", Anywhere},
	"ntile":           {"ntile(integer) OVER (... ORDER BY ...)", "r_WF_NTILE", Anywhere},
	"percent_rank":    {"percent_rank() OVER (... ORDER BY ...)", "r_WF_PERCENT_RANK", Anywhere},
	"rank":            {"rank() OVER (... [ORDER BY ...])", "r_WF_RANK", Anywhere},
	"ratio_to_report": {"ratio_to_report(number) OVER (...)", "r_WF_RATIO_TO_REPORT", Anywhere},
	"row_number":      {"row_number() OVER (...)", "r_WF_ROW_NUMBER", Anywhere},
}
