package engine

import (
	"strconv"
	"strings"
	"time"

	"github.com/redshiftsim/redshiftsim/engine/system"
	"github.com/redshiftsim/redshiftsim/internal/sqlstate"
)

// parameter is a session parameter: its default, and what it takes.
// https://docs.aws.amazon.com/redshift/latest/dg/cm_chap_ConfigurationRef.html
type parameter struct {
	name, def string
	check     func(p *parameter, v string) (string, error) // the value as SHOW prints it
	lo, hi    int
	readOnly  bool
	doc       string
}

// parameters are all session parameters, by name.
var parameters = []parameter{
	{name: "analyze_threshold_percent", def: "10", check: percent, doc: "ANALYZE skips a table of which fewer rows changed"},
	{name: "application_name", def: "", check: anything, doc: "name of the client"},
	{name: "cast_super_null_on_error", def: "on", check: fixed, doc: "a cast of a SUPER value that fails gives NULL"},
	{name: "client_encoding", def: "UTF8", check: clientEncoding, doc: "encoding of the client"},
	{name: "datestyle", def: "ISO, MDY", check: dateStyle, doc: "form of dates"},
	{name: "default_geometry_encoding", def: "1", check: number, lo: 1, hi: 2, doc: "form of geometries"},
	{name: "describe_field_name_in_uppercase", def: "off", check: fixed, doc: "column names of results in upper case"},
	{name: "downcase_delimited_identifier", def: "on", check: fixed, doc: "quoted identifiers are folded"},
	{name: "enable_case_sensitive_identifier", def: "off", check: fixed, doc: "quoted identifiers keep their case"},
	{name: "enable_case_sensitive_super_attribute", def: "off", check: fixed, doc: "names in SUPER keep their case"},
	{name: "enable_result_cache_for_session", def: "on", check: boolean, doc: "results are cached"},
	{name: "enable_vacuum_boost", def: "off", check: boolean, doc: "VACUUM takes more resources"},
	{name: "error_on_nondeterministic_update", def: "off", check: fixed, doc: "an UPDATE that meets a row twice fails"},
	{name: "extra_float_digits", def: "0", check: number, lo: -15, hi: 2, doc: "digits of floating-point output"},
	{name: "json_serialization_enable", def: "off", check: fixed, doc: "SUPER output as JSON"},
	{name: "json_serialization_parse_nested_strings", def: "off", check: fixed, doc: "nested strings as JSON"},
	{name: "lock_timeout", def: "0", check: number, hi: 1<<31 - 1, doc: "milliseconds that a statement may wait for a lock"},
	{name: "max_concurrency_scaling_clusters", def: "1", check: number, hi: 10, doc: "concurrency scaling"},
	{name: "mv_enable_aqmv_for_session", def: "on", check: boolean, doc: "automatic rewriting to materialized views"},
	{name: "navigate_super_null_on_error", def: "on", check: fixed, doc: "a path that does not exist gives NULL"},
	{name: "parse_super_null_on_error", def: "off", check: fixed, doc: "invalid JSON gives NULL"},
	{name: "query_group", def: "unset", check: anything, doc: "label of queries"},
	{name: "search_path", def: "$user, public", check: searchPath, doc: "schemas in which names are looked up"},
	{name: "server_version", def: "8.0.2", readOnly: true, doc: "version of PostgreSQL that the server came from"},
	{name: "server_encoding", def: "UTF8", readOnly: true, doc: "encoding of the server"},
	{name: "spectrum_query_maxerror", def: "-1", check: number, lo: -1, hi: 1 << 30, doc: "errors that an external scan may meet"},
	{name: "standard_conforming_strings", def: "off", check: fixed, doc: "backslashes in strings are ordinary"},
	{name: "statement_timeout", def: "0", check: number, hi: 1<<31 - 1, doc: "milliseconds that a statement may take"},
	{name: "stored_proc_log_min_messages", def: "LOG", check: anything, doc: "messages of procedures that are kept"},
	{name: "timezone", def: "UTC", check: timeZone, doc: "time zone of the session"},
	{name: "use_fips_ssl", def: "off", check: boolean, doc: "FIPS-compliant TLS"},
	{name: "wlm_query_slot_count", def: "1", check: number, lo: 1, hi: 50, doc: "slots that a query takes"},
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

func anything(_ *parameter, v string) (string, error) { return v, nil }

func boolean(p *parameter, v string) (string, error) {
	switch strings.ToLower(v) {
	case "on", "true", "t", "yes", "1":
		return "on", nil
	case "off", "false", "f", "no", "0":
		return "off", nil
	}
	return "", sqlstate.InvalidParameterValue.Errorf("parameter \"%s\" requires a Boolean value", p.name)
}

// fixed takes a boolean that may only be what it is: the other behaviour is not built.
func fixed(p *parameter, v string) (string, error) {
	v, err := boolean(p, v)
	if err == nil && v != p.def {
		return "", sqlstate.FeatureNotSupported.Errorf("parameter \"%s\" = %s is not supported", p.name, v)
	}
	return v, err
}

// percent takes a number from 0 to 100, with a fraction or not.
func percent(p *parameter, v string) (string, error) {
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

func number(p *parameter, v string) (string, error) {
	n, err := strconv.Atoi(strings.TrimSpace(v))
	if err != nil {
		return "", sqlstate.InvalidParameterValue.Errorf("parameter \"%s\" requires an integer value", p.name)
	}
	if n < p.lo || n > p.hi {
		return "", sqlstate.InvalidParameterValue.Errorf("%d is outside the valid range for parameter \"%s\" (%d .. %d)", n, p.name, p.lo, p.hi)
	}
	return strconv.Itoa(n), nil
}

func clientEncoding(p *parameter, v string) (string, error) {
	switch strings.ToUpper(strings.NewReplacer("-", "", "_", "").Replace(v)) {
	case "UTF8", "UNICODE":
		return strings.ToUpper(v), nil
	}
	return "", sqlstate.InvalidParameterValue.Errorf("invalid value for parameter \"%s\": \"%s\"", p.name, v)
}

func dateStyle(p *parameter, v string) (string, error) {
	order := "MDY"
	for _, w := range strings.FieldsFunc(strings.ToUpper(v), func(r rune) bool { return r == ',' || r == ' ' }) {
		switch w {
		case "ISO":
		case "MDY", "DMY", "YMD":
			order = w
		case "US", "NONEURO", "NONEUROPEAN":
			order = "MDY"
		case "EURO", "EUROPEAN":
			order = "DMY"
		case "POSTGRES", "SQL", "GERMAN":
			return "", sqlstate.FeatureNotSupported.Errorf("datestyle %s is not supported", w)
		default:
			return "", sqlstate.InvalidParameterValue.Errorf("unrecognized \"datestyle\" key word: \"%s\"", strings.ToLower(w))
		}
	}
	if order != "MDY" {
		return "", sqlstate.FeatureNotSupported.Errorf("datestyle ISO, %s is not supported", order)
	}
	return "ISO, " + order, nil
}

func timeZone(p *parameter, v string) (string, error) {
	if _, err := time.LoadLocation(v); err != nil || v == "Local" || v == "" {
		return "", sqlstate.InvalidParameterValue.Errorf("unrecognized time zone name: \"%s\"", v)
	}
	return v, nil
}

func searchPath(_ *parameter, v string) (string, error) {
	return strings.Join(splitPath(v), ", "), nil
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
	p := findParameter(strings.ToLower(name))
	if p == nil || p.readOnly {
		return false, nil
	}
	_, err = p.check(p, value)
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

// Setting gives a parameter's value in this session.
func (s *Session) Setting(name string) (string, bool) {
	name = strings.ToLower(name)
	if v, ok := s.vars[name]; ok {
		return v, true
	}
	if p := findParameter(name); p != nil {
		return p.def, true
	}
	return "", false
}

// set changes a parameter. s.vars is replaced, never changed: a transaction keeps the old one for its rollback.
func (s *Session) set(name, value string, toDefault bool) error {
	name = strings.ToLower(name)
	p := findParameter(name)
	if p == nil {
		return unknownParameter(name)
	}
	if p.readOnly {
		return sqlstate.InvalidParameterValue.Errorf("parameter \"%s\" cannot be changed", name)
	}
	vars := make(map[string]string, len(s.vars)+1)
	for k, v := range s.vars {
		vars[k] = v
	}
	if toDefault {
		delete(vars, name)
		if v, ok := s.initial[name]; ok {
			vars[name] = v
		}
	} else {
		v, err := p.check(p, value)
		if err != nil {
			return err
		}
		vars[name] = v
	}
	s.use(vars)
	return nil
}

// use makes vars the session's parameters and what is computed from them.
func (s *Session) use(vars map[string]string) {
	s.vars = vars
	s.path = nil
	s.zone = time.UTC
	if z, ok := vars["timezone"]; ok {
		if l, err := time.LoadLocation(z); err == nil {
			s.zone = l
		}
	}
	s.timeout, s.lockTimeout = milliseconds(vars["statement_timeout"]), milliseconds(vars["lock_timeout"])
}

// milliseconds reads a timeout; none is 0.
func milliseconds(v string) time.Duration {
	ms, err := strconv.Atoi(v)
	if err != nil {
		return 0
	}
	return time.Duration(ms) * time.Millisecond
}

// settings lists the parameters for SHOW ALL and the system tables.
func (s *Session) settings() []system.Setting {
	out := make([]system.Setting, len(parameters))
	for i := range parameters {
		p := &parameters[i]
		v, _ := s.Setting(p.name)
		out[i] = system.Setting{Name: p.name, Value: v, Default: p.def, Doc: p.doc}
	}
	return out
}
