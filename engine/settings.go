package engine

import (
	"strconv"
	"strings"
	"time"

	"github.com/redshiftsim/redshiftsim/engine/catalog"
	"github.com/redshiftsim/redshiftsim/engine/system"
	"github.com/redshiftsim/redshiftsim/internal/nested"
	"github.com/redshiftsim/redshiftsim/internal/sqlstate"
	"github.com/redshiftsim/redshiftsim/internal/types"
)

// effects are what a session's parameters come to. They are made anew when one of them changes.
type effects struct {
	path        []string // schemas for look-ups, made when needed
	context     string   // what besides a text decides its plan, made with path
	zone        *time.Location
	timeout     time.Duration // statement_timeout
	lockTimeout time.Duration // lock_timeout
	style       types.Style
	caseful     bool         // names in double quotes keep their case
	rounding    bool         // explicit casts of numerics round
	strict      bool         // an UPDATE that meets a row twice fails
	attributes  bool         // names of attributes of SUPER values keep their case
	strictCasts bool         // a cast of a SUPER that fails is an error
	strictPaths bool         // a path into a SUPER that leads nowhere is an error
	lax         bool         // interval literals lose the parts that their type lacks
	uncached    bool         // results are not kept, nor taken
	noPseudo    bool         // external tables have no pseudocolumns
	noOID       bool         // external tables have no $spectrum_oid
	json        *nested.JSON // columns of nested types are texts; nil = they are not
	readOnly    bool         // transactions that do not say READ WRITE may not write
	upper       bool         // column names of results are in upper case
	least       int          // client_min_messages, as messageLevel has it
	label       string       // query_group
	slots       int          // wlm_query_slot_count; 0 = it was not set
}

// clientMinMessages names the parameter that says which messages reach the client.
// https://www.postgresql.org/docs/8.0/runtime-config.html
const clientMinMessages = "client_min_messages"

// messageLevel orders levels of messages; what is none of them is 0.
func messageLevel(word string) int {
	switch strings.ToLower(word) {
	case "log":
		return 1
	case "notice":
		return 2
	case "warning":
		return 3
	case "error":
		return 4
	}
	return 0
}

// noLabel is the label of statements that were given none.
var noLabel = findParameter("query_group").def

// Setting gives a parameter's value in this session.
func (s *Session) Setting(name string) (string, bool) {
	name = strings.ToLower(name)
	if v, ok := s.vars[name]; ok {
		return v, true
	}
	switch name {
	case authorizationVar:
		return s.user.Name, true
	case "transaction_isolation":
		if s.db.Isolation == catalog.Serializable {
			return "serializable", true
		}
	case "transaction_read_only": // PostgreSQL 8.0's: clients ask it for a server that they may write to
		if s.mustRead() {
			return "on", true
		}
	case "is_superuser":
		if s.user.Superuser {
			return "on", true
		}
	}
	p := findParameter(name)
	switch {
	case p == nil:
		return "", false
	case p.system:
		return s.c.systemSetting(p), true
	}
	return p.def, true
}

// on says whether a boolean parameter is on.
func (s *Session) on(name string) bool {
	v, _ := s.Setting(name)
	return v == "on"
}

// set changes a parameter. s.vars is replaced, never changed: a transaction keeps the old one for its rollback.
func (s *Session) set(name, value string, toDefault bool) error {
	if p := findParameter(strings.ToLower(name)); p != nil && p.super && !s.user.Superuser {
		return denied("permission denied to set parameter \"%s\" to \"%s\"", p.name, value)
	}
	return s.put(name, value, toDefault)
}

// put is set, whoever asks: what ALTER USER has given a user counts in its sessions.
func (s *Session) put(name, value string, toDefault bool) error {
	name = strings.ToLower(name)
	p := findParameter(name)
	switch {
	case name == "seed":
		return s.setSeed(value, toDefault)
	case p == nil && !customName.MatchString(name):
		return unknownParameter(name)
	case p != nil && p.readOnly:
		return sqlstate.InvalidParameterValue.Errorf("parameter \"%s\" cannot be changed", name)
	}
	if !toDefault && p != nil {
		now, _ := s.Setting(name)
		var err error
		if value, err = p.check(p, now, value); err != nil {
			return err
		}
	}
	vars := make(map[string]string, len(s.vars)+1)
	for k, v := range s.vars {
		vars[k] = v
	}
	vars[name] = value
	if toDefault {
		delete(vars, name)
		if v, ok := s.initial[name]; ok {
			vars[name] = v
		}
	}
	s.use(vars)
	return nil
}

// assign is SET [LOCAL]: a local value lasts as long as the transaction.
// https://docs.aws.amazon.com/redshift/latest/dg/r_SET.html
func (s *Session) assign(name, value string, toDefault, local bool) error {
	if local {
		if !s.hasLocal {
			s.local, s.hasLocal = s.vars, true
		}
		return s.set(name, value, toDefault)
	}
	if s.hasLocal { // outlives the transaction's local ones
		vars := s.vars
		s.vars = s.local
		err := s.set(name, value, toDefault)
		s.local = s.vars
		s.vars = vars
		if err != nil {
			s.use(vars)
			return err
		}
	}
	return s.set(name, value, toDefault)
}

// setSeed is SET SEED TO v, with v from 0 to 1: random() of this session goes on from there.
// https://docs.aws.amazon.com/redshift/latest/dg/r_SET.html
func (s *Session) setSeed(value string, toDefault bool) error {
	if toDefault {
		value = "0.5"
	}
	v, err := strconv.ParseFloat(strings.TrimSpace(value), 64)
	switch {
	case err != nil:
		return sqlstate.InvalidParameterValue.Errorf("parameter \"seed\" requires a numeric value")
	case !(v >= 0 && v <= 1):
		return sqlstate.InvalidParameterValue.Errorf("%s is outside the valid range for parameter \"seed\" (0 .. 1)", value)
	}
	s.random.Store(newLaggedRandom(uint32(v * (1<<31 - 1))))
	return nil
}

// randomFloat is random(): from the session's seed if it was set, else from the cluster's.
func (s *Session) randomFloat() float64 {
	if r := s.random.Load(); r != nil {
		return r.float()
	}
	return s.c.randomFloat()
}

// use makes vars the session's parameters and what is computed from them.
func (s *Session) use(vars map[string]string) {
	s.vars = vars
	s.effects = effects{zone: time.UTC, label: noLabel, least: messageLevel("notice")}
	s.become(vars[authorizationVar])
	if len(vars) == 0 {
		return
	}
	if v, ok := vars[clientMinMessages]; ok {
		s.least = messageLevel(v)
	}
	if z, ok := vars["timezone"]; ok {
		if l, err := zoneOf(z); err == nil {
			s.zone = l
		}
	}
	s.timeout, s.lockTimeout = milliseconds(vars["statement_timeout"]), milliseconds(vars["lock_timeout"])
	if v, ok := vars["datestyle"]; ok {
		s.style = styleOf(v)
	}
	switch vars["intervalstyle"] {
	case "postgres_verbose":
		s.style.Spans = types.IntervalVerbose
	case "sql_standard":
		s.style.Spans = types.IntervalStandard
	}
	if d, err := strconv.Atoi(vars["extra_float_digits"]); err == nil {
		s.style.Digits = int8(d)
	}
	s.caseful = s.on("enable_case_sensitive_identifier") || !s.on("downcase_delimited_identifier")
	s.rounding = s.on("enable_numeric_rounding")
	s.strict = s.on("error_on_nondeterministic_update")
	s.attributes = s.on("enable_case_sensitive_super_attribute")
	s.strictCasts, s.strictPaths = !s.on("cast_super_null_on_error"), !s.on("navigate_super_null_on_error")
	s.lax = !s.on("interval_forbid_composite_literals")
	s.noPseudo = !s.on("spectrum_enable_pseudo_columns")
	s.noOID = !s.on("enable_spectrum_oid")
	s.json = nil
	if s.on("json_serialization_enable") {
		s.json = &nested.JSON{Inline: s.on("json_serialization_parse_nested_strings")}
	}
	s.uncached = !s.on("enable_result_cache_for_session")
	s.effects.readOnly = s.on("readonly")
	s.upper = s.on("describe_field_name_in_uppercase")
	s.label, _ = s.Setting("query_group")
	s.slots, _ = strconv.Atoi(vars["wlm_query_slot_count"]) // it was checked when it was set
}

// milliseconds reads a timeout; none is 0.
func milliseconds(v string) time.Duration {
	ms, err := strconv.Atoi(v)
	if err != nil {
		return 0
	}
	return time.Duration(ms) * time.Millisecond
}

// planContext names what besides its text decides what a statement's plan is.
func (s *Session) planContext() string {
	b := []byte(strings.Join(s.path, ","))
	b = append(append(append(b, '|'), s.db.Name...), '|')
	if z, ok := s.vars["timezone"]; ok {
		b = append(b, z...)
	}
	b = append(b, '|', '0'+byte(s.style.Form), '0'+byte(s.style.Order), '0'+byte(s.style.Spans), byte('a'+s.style.Digits+15))
	for _, on := range [...]bool{s.caseful, s.attributes, s.rounding, s.lax, s.strictCasts, s.strictPaths, s.db.CaseInsensitive, s.noPseudo, s.noOID, s.json != nil, s.json != nil && s.json.Inline} {
		if on {
			b = append(b, '+')
		} else {
			b = append(b, '-')
		}
	}
	return string(b) + keyOf(s.user)
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
