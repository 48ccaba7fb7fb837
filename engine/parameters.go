package engine

import (
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/redshiftsim/redshiftsim/internal/sqlstate"
	"github.com/redshiftsim/redshiftsim/internal/types"
)

// parameter is a session parameter: its default, what it takes, and what it does here.
// https://docs.aws.amazon.com/redshift/latest/dg/cm_chap_ConfigurationRef.html
type parameter struct {
	name, def string
	// check gives the value as SHOW prints it. now is the value so far.
	check    func(p *parameter, now, v string) (string, error)
	lo, hi   int
	words    string // of oneOf
	readOnly bool
	super    bool // superusers alone set it
	system   bool // the cluster's: ALTER SYSTEM alone sets it; readOnly, too
	doc      string
	page     string // of the guide
}

// parameters are all session parameters, by name. Those that are fixed belong to features that are refused by name.
var parameters = []parameter{
	{name: "analyze_threshold_percent", def: "10", check: percent, doc: "ANALYZE skips a table of which fewer rows changed", page: "r_analyze_threshold_percent"},
	{name: "application_name", def: "", check: anything, doc: "name of the client, in system tables"},
	{name: "cast_super_null_on_error", def: "on", check: boolean, doc: "a cast of a SUPER value that fails gives NULL", page: "r_cast_super_null_on_error"},
	{name: "client_encoding", def: "UTF8", check: clientEncoding, doc: "encoding of the client"},
	{
		name: clientMinMessages, def: "notice", check: oneOf, words: "debug5 debug4 debug3 debug2 debug1 log notice warning error", super: true,
		doc: "messages below this level do not reach the client, but for INFO; superusers alone set it",
	},
	{name: "datashare_break_glass_session_var", def: "", check: fixedText, doc: "permits changes of AWS Data Exchange datashares", page: "r_datashare_break_glass_session_var"},
	{name: "datestyle", def: "ISO, MDY", check: dateStyle, doc: "form of dates as text, and order of day, month and year in what is read", page: "r_datestyle"},
	{name: "default_array_search_null_handling", def: "on", check: boolean, doc: "searches of SUPER arrays find null as they find other values", page: "r_default_array_search_null_handling"},
	{name: "default_geometry_encoding", def: "2", check: fixedText, doc: "whether new geometries are stored with their bounding box: 2 yes, 1 no", page: "r_default_geometry_encoding"},
	{name: "describe_field_name_in_uppercase", def: "off", check: boolean, doc: "column names of results are in upper case", page: "r_describe_field_name_in_uppercase"},
	{name: "downcase_delimited_identifier", def: "on", check: boolean, doc: "off is enable_case_sensitive_identifier on, which replaces it", page: "r_downcase_delimited_identifier"},
	{name: "enable_case_sensitive_identifier", def: "off", check: boolean, doc: "names in double quotes keep their case", page: "r_enable_case_sensitive_identifier"},
	{name: "enable_case_sensitive_super_attribute", def: "off", check: boolean, doc: "names of attributes of SUPER values keep their case in paths", page: "r_enable_case_sensitive_super_attribute"},
	{name: "enable_numeric_rounding", def: "off", check: boolean, doc: "explicit casts of a NUMERIC to a smaller scale round; off: they truncate", page: "r_enable_numeric_rounding"},
	{name: "enable_result_cache_for_session", def: "on", check: boolean, doc: "a query whose result is kept is not run again", page: "r_enable_result_cache_for_session"},
	{name: "enable_spectrum_oid", def: "on", check: boolean, doc: "external tables have the pseudocolumn $spectrum_oid, which correlated subqueries need", page: "r_spectrum_enable_spectrum_oid"},
	{name: "enable_vacuum_boost", def: "off", check: boolean, doc: "VACUUM takes more resources; no effect here, where it takes what there is", page: "r_enable_vacuum_boost"},
	{name: "error_on_nondeterministic_update", def: "off", check: boolean, doc: "an UPDATE that meets a row twice fails", page: "r_error_on_nondeterministic_update"},
	{name: "extra_float_digits", def: "0", check: number, lo: -15, hi: 2, doc: "digits of floating-point numbers as text, more or fewer than 6 and 15", page: "r_extra_float_digits"},
	{name: "interval_forbid_composite_literals", def: "on", check: boolean, doc: "an interval literal with parts that its type lacks fails; off: it loses them", page: "r_interval_forbid_composite_literals"},
	{name: "intervalstyle", def: "postgres", check: oneOf, words: "postgres postgres_verbose sql_standard", doc: "form of intervals as text", page: "r_interval_data_types"},
	{name: "is_superuser", def: "off", readOnly: true, doc: "whether the user is a superuser"},
	{name: "json_parse_dedup_attributes", def: "off", check: boolean, doc: "JSON_PARSE keeps the last of attributes of one name; off: they are an error", page: "super-configurations"},
	{name: "json_parse_truncate_strings", def: "off", check: boolean, doc: "JSON_PARSE cuts strings that are too long; off: they are an error", page: "super-configurations"},
	{name: "json_serialization_enable", def: "off", check: boolean, doc: "columns of external tables that are structs, arrays and maps are texts of JSON", page: "r_json_serialization_enable"},
	{name: "json_serialization_parse_nested_strings", def: "off", check: boolean, doc: "in these texts strings that are JSON stand as they are", page: "r_json_serialization_parse_nested_strings"},
	{name: "lc_monetary", def: "C", check: fixedText, super: true, doc: "form of amounts of money; superusers alone set it"},
	{name: "lock_timeout", def: "0", check: number, hi: 1<<31 - 1, doc: "milliseconds that a statement may wait for a lock; 0 = no limit"},
	{name: "max_concurrency_scaling_clusters", def: "1", check: number, hi: 10, doc: "bound of clusters added for a burst; here none is ever added", page: "r_max_concurrency_scaling_clusters"},
	{name: "max_cursor_result_set_size", def: "0", check: number, hi: 14400000, doc: "no longer used", page: "max_cursor_result_set_size"},
	{
		name: maxFailedLogins, def: "5", check: number, lo: 2, hi: 50, readOnly: true, system: true,
		doc: "wrong passwords, one after the other, that lock a user; the cluster's: ALTER SYSTEM sets it", page: "max_failed_login_attempts",
	},
	{name: "mv_enable_aqmv_for_session", def: "on", check: boolean, doc: "queries may read materialized views that are up to date in the place of their base tables; results are the same", page: "r_mv_enable_aqmv_for_session"},
	{name: "navigate_super_null_on_error", def: "on", check: boolean, doc: "a path that does not exist gives NULL", page: "r_navigate_super_null_on_error"},
	{name: "parse_super_null_on_error", def: "off", check: boolean, doc: "JSON_PARSE of what is no JSON gives NULL", page: "r_parse_super_null_on_error"},
	{name: "pg_federation_repeatable_read", def: "on", check: fixed, doc: "isolation of federated queries", page: "r_pg_federation_repeatable_read"},
	{name: "query_group", def: "unset", check: anything, doc: "label of queries, in stl_query.label and svl_qlog.label", page: "r_query_group"},
	{name: "read_srid_on_shapefile_ingestion", def: "on", check: boolean, doc: "COPY of a shapefile reads its spatial reference from the .prj file", page: "spatial-copy-shapefile"},
	{name: "readonly", def: "off", check: boolean, doc: "transactions that do not begin with READ WRITE are READ ONLY; AWS's JDBC driver sets it"},
	{name: "search_path", def: "$user, public", check: searchPath, doc: "schemas in which names are looked up", page: "r_search_path"},
	{name: "server_encoding", def: "UTF8", readOnly: true, doc: "encoding of the server"},
	{name: "server_version", def: "8.0.2", readOnly: true, doc: "version of PostgreSQL that the server came from"},
	{name: "session_authorization", def: "", readOnly: true, doc: "the session's user"},
	{name: "spectrum_enable_pseudo_columns", def: "on", check: boolean, doc: "external tables have the pseudocolumns $path and $size", page: "r_spectrum_enable_pseudo_columns"},
	{name: "spectrum_query_maxerror", def: "-1", check: number, lo: -1 << 31, hi: 1<<31 - 1, doc: "values that do not fit their columns which a query of external tables may meet; -1 = no limit", page: "r_spectrum_query_maxerror"},
	{name: "statement_timeout", def: "0", check: number, hi: 1<<31 - 1, doc: "milliseconds that a statement may take; 0 = no limit", page: "r_statement_timeout"},
	{
		name: "stored_proc_log_min_messages", def: "LOG", check: oneOf, words: "LOG INFO NOTICE WARNING EXCEPTION",
		doc: "messages of procedures that are kept", page: "r_stored_proc_log_min_messages",
	},
	{name: "timezone", def: "UTC", check: timeZone, doc: "time zone of the session", page: "r_timezone_config"},
	{name: "transaction_isolation", def: "snapshot", readOnly: true, doc: "isolation level of the database"},
	{name: "transaction_read_only", def: "off", readOnly: true, doc: "whether the transaction is READ ONLY"},
	{name: "use_fips_ssl", def: "off", check: fixed, doc: "FIPS-compliant TLS", page: "use_fips_ssl"},
	{name: "wlm_query_slot_count", def: "1", check: number, lo: 1, hi: 50, doc: "slots of its queue that a query takes, as stl_wlm_query shows; here queries do not queue, and share one budget of memory", page: "r_wlm_query_slot_count"},
}

// findParameter finds a parameter by name, nil when there is none.
func findParameter(name string) *parameter {
	for i := range parameters {
		if parameters[i].name == name {
			return &parameters[i]
		}
	}
	return nil
}

// customName is the form of a session context variable: two identifiers and a dot.
// https://docs.aws.amazon.com/redshift/latest/dg/r_SET.html
var customName = regexp.MustCompile(`^[a-z_\x80-\xff][a-z0-9_$\x80-\xff]*\.[a-z_\x80-\xff][a-z0-9_$\x80-\xff]*$`)

func anything(_ *parameter, _, v string) (string, error) { return v, nil }

func boolean(p *parameter, _, v string) (string, error) {
	switch strings.ToLower(v) {
	case "on", "true", "t", "yes", "1":
		return "on", nil
	case "off", "false", "f", "no", "0":
		return "off", nil
	}
	return "", sqlstate.InvalidParameterValue.Errorf("parameter \"%s\" requires a Boolean value", p.name)
}

// fixed takes a boolean that may only be what it is: the feature whose behaviour it changes is not built.
func fixed(p *parameter, now, v string) (string, error) {
	v, err := boolean(p, now, v)
	if err == nil && v != p.def {
		return "", notBuilt(p, v)
	}
	return v, err
}

// fixedText is fixed for other values.
func fixedText(p *parameter, _, v string) (string, error) {
	if v != p.def {
		return "", notBuilt(p, v)
	}
	return v, nil
}

func notBuilt(p *parameter, v string) error {
	return sqlstate.FeatureNotSupported.Errorf("parameter \"%s\" = %s is not supported", p.name, v)
}

// oneOf takes one of some words, in any case.
func oneOf(p *parameter, _, v string) (string, error) {
	for _, w := range strings.Fields(p.words) {
		if strings.EqualFold(w, v) {
			return w, nil
		}
	}
	return "", invalidValue(p, v)
}

func invalidValue(p *parameter, v string) error {
	return sqlstate.InvalidParameterValue.Errorf("invalid value for parameter \"%s\": \"%s\"", p.name, v)
}

// percent takes a number from 0 to 100, with a fraction or not.
func percent(p *parameter, _, v string) (string, error) {
	v = strings.TrimSpace(v)
	f, err := strconv.ParseFloat(v, 64)
	if err != nil {
		return "", sqlstate.InvalidParameterValue.Errorf("parameter \"%s\" requires a numeric value", p.name)
	}
	if !(f >= 0 && f <= 100) {
		return "", sqlstate.InvalidParameterValue.Errorf("%s is outside the valid range for parameter \"%s\" (0 .. 100)", v, p.name)
	}
	return v, nil
}

func number(p *parameter, _, v string) (string, error) {
	n, err := strconv.Atoi(strings.TrimSpace(v))
	if err != nil {
		return "", sqlstate.InvalidParameterValue.Errorf("parameter \"%s\" requires an integer value", p.name)
	}
	if n < p.lo || n > p.hi {
		return "", sqlstate.InvalidParameterValue.Errorf("%d is outside the valid range for parameter \"%s\" (%d .. %d)", n, p.name, p.lo, p.hi)
	}
	return strconv.Itoa(n), nil
}

// clientEncoding takes UTF-8 by its names. Of a name only letters and digits count, as in PostgreSQL: asyncpg sends 'utf-8' with its quotes.
func clientEncoding(p *parameter, _, v string) (string, error) {
	name := strings.Map(func(r rune) rune {
		switch {
		case r >= '0' && r <= '9', r >= 'A' && r <= 'Z':
			return r
		case r >= 'a' && r <= 'z':
			return r - 'a' + 'A'
		}
		return -1
	}, v)
	if name == "UTF8" || name == "UNICODE" {
		return name, nil
	}
	return "", invalidValue(p, v)
}

var (
	dateForms  = [...]string{types.FormISO: "ISO", types.FormSQL: "SQL", types.FormPostgres: "Postgres", types.FormGerman: "German"}
	dateOrders = [...]string{types.MonthFirst: "MDY", types.DayFirst: "DMY", types.YearFirst: "YMD"}
)

// dateStyle takes a form, an order, or both; what is not said stays. German brings its order with it.
// https://docs.aws.amazon.com/redshift/latest/dg/r_datestyle.html
func dateStyle(_ *parameter, now, v string) (string, error) {
	form, order, _ := strings.Cut(now, ", ")
	ordered := false
	for _, w := range strings.FieldsFunc(strings.ToUpper(v), func(r rune) bool { return r == ',' || r == ' ' }) {
		switch w {
		case "ISO", "SQL":
			form = w
		case "POSTGRES", "POSTGRESQL":
			form = "Postgres"
		case "GERMAN":
			if form = "German"; !ordered {
				order = "DMY"
			}
		case "MDY", "US", "NONEURO", "NONEUROPEAN":
			order, ordered = "MDY", true
		case "DMY", "EURO", "EUROPEAN":
			order, ordered = "DMY", true
		case "YMD":
			order, ordered = w, true
		default:
			return "", sqlstate.InvalidParameterValue.Errorf("unrecognized \"datestyle\" key word: \"%s\"", strings.ToLower(w))
		}
	}
	return form + ", " + order, nil
}

// styleOf reads the value of datestyle.
func styleOf(v string) types.Style {
	var s types.Style
	form, order, _ := strings.Cut(v, ", ")
	for i, f := range dateForms {
		if f == form {
			s.Form = types.DateForm(i)
		}
	}
	for i, o := range dateOrders {
		if o == order {
			s.Order = types.DateOrder(i)
		}
	}
	return s
}

func timeZone(_ *parameter, _, v string) (string, error) {
	_, err := zoneOf(v)
	return v, err
}

// isoOffset is an offset east of Greenwich: -8:00, +7:30, -8, 5.5 hours as SET TIME ZONE 5.5 has them.
var isoOffset = regexp.MustCompile(`^([+-]?)(\d{1,2})(?::(\d\d)(?::\d\d)?|(\.\d+))?$`)

// zoneOf finds the zone that a value of timezone names: a place, an offset, an interval, or POSIX's form, whose offsets are west of Greenwich.
// https://docs.aws.amazon.com/redshift/latest/dg/r_timezone_config.html
func zoneOf(v string) (*time.Location, error) {
	if m := isoOffset.FindStringSubmatch(v); m != nil {
		h, _ := strconv.ParseFloat("0"+m[2]+m[4], 64)
		min, _ := strconv.Atoi("0" + m[3])
		s := int(h*3600) + min*60
		if m[1] == "-" {
			s = -s
		}
		return time.FixedZone(v, s), nil
	}
	unknown := sqlstate.InvalidParameterValue.Errorf("unrecognized time zone name: \"%s\"", v)
	if l, err := time.LoadLocation(v); err == nil && v != "" && v != "Local" {
		return l, nil
	}
	if l, err := types.LoadZone(v); err == nil {
		if l != time.UTC && l.String() == strings.ToUpper(v) && !strings.ContainsAny(v, "0123456789/") { // an abbreviation that is no name of a place
			return nil, unknown
		}
		return l, nil
	}
	months, micros, err := types.ParseInterval(v, "")
	if err != nil || months != 0 || micros%types.MicrosPerSecond != 0 || micros/types.MicrosPerDay != 0 {
		return nil, unknown
	}
	return time.FixedZone(v, int(micros/types.MicrosPerSecond)), nil
}

func searchPath(_ *parameter, _, v string) (string, error) {
	list := splitPath(v)
	for i := range list {
		list[i] = quoteName(list[i])
	}
	return strings.Join(list, ", "), nil
}

// quoteName puts a name between double quotes where it needs them.
func quoteName(s string) string {
	for i := 0; i < len(s); i++ {
		c := s[i]
		if !(c >= 'a' && c <= 'z' || c == '_' || c >= 0x80 || i > 0 && (c >= '0' && c <= '9' || c == '$')) {
			return `"` + strings.ReplaceAll(s, `"`, `""`) + `"`
		}
	}
	return s
}

// splitPath cuts a search path into its schemas.
func splitPath(v string) []string {
	var out []string
	for _, s := range strings.Split(v, ",") {
		s = strings.Trim(strings.TrimSpace(s), `"'`)
		if s != "" {
			out = append(out, strings.ToLower(s))
		}
	}
	return out
}

// unknownParameter is the error of SET, SHOW and RESET.
func unknownParameter(name string) error {
	return sqlstate.UndefinedObject.Errorf("unrecognized configuration parameter \"%s\"", name)
}

// CheckSetting says whether a session parameter exists and may have a value; known is false when there is none of that name.
func CheckSetting(name, value string) (known bool, err error) {
	name = strings.ToLower(name)
	if customName.MatchString(name) {
		return true, nil
	}
	p := findParameter(name)
	if p == nil || p.readOnly {
		return false, nil
	}
	_, err = p.check(p, p.def, value)
	return true, err
}

// SettingNames lists the session parameters that can be set.
func SettingNames() []string {
	var out []string
	for i := range parameters {
		if !parameters[i].readOnly {
			out = append(out, parameters[i].name)
		}
	}
	return out
}
