package types

import (
	"strings"
	"sync"
	"time"
	_ "time/tzdata" // time zones must not depend on the machine

	"github.com/redshiftsim/redshiftsim/internal/sqlstate"
)

// zones keeps the time zones that have been asked for; a name is parsed once.
var zones sync.Map

// LoadZone finds a time zone: an abbreviation has a fixed offset, a name follows its place's summer time, and 'XYZ5' or 'XYZ+5:30' are hours WEST
// of Greenwich, in POSIX's manner, whatever the name.
// https://docs.aws.amazon.com/redshift/latest/dg/CONVERT_TIMEZONE.html#CONVERT_TIMEZONE-usage-notes
func LoadZone(name string) (*time.Location, error) {
	if l, ok := zones.Load(name); ok {
		return l.(*time.Location), nil
	}
	l := findZone(strings.TrimSpace(name))
	if l == nil {
		return nil, sqlstate.InvalidParameterValue.Errorf("time zone \"%s\" not recognized", name)
	}
	zones.Store(name, l)
	return l, nil
}

// findZone is LoadZone without its memory; nil = there is none.
func findZone(name string) *time.Location {
	lower := strings.ToLower(name)
	if lower == "utc" || lower == "gmt" || lower == "z" || lower == "zulu" {
		return time.UTC
	}
	if h, ok := zoneAbbreviations[lower]; ok {
		return time.FixedZone(strings.ToUpper(name), int(h*3600))
	}
	if len(name) < 2 || lower == "local" {
		return nil
	}
	for _, n := range [3]string{name, strings.ToUpper(name), zoneCase(lower)} {
		if l, err := time.LoadLocation(n); err == nil {
			return l
		}
	}
	return posixZone(name)
}

// zoneCase writes a zone's name as the zone database does: america/new_york is America/New_York.
func zoneCase(lower string) string {
	b := []byte(lower)
	for i, c := range b {
		if isLetter(c) && (i == 0 || !isLetter(b[i-1])) {
			b[i] = c &^ 0x20
		}
	}
	return string(b)
}

// posixZone reads a name followed by hours west: GMT+2, NEWZONE -2:15, PST8. A summer time after them is dropped.
func posixZone(name string) *time.Location {
	i := 0
	for i < len(name) && (isLetter(name[i]) || name[i] == '/' || name[i] == '_') {
		i++
	}
	std := name[:i]
	for i < len(name) && name[i] == ' ' {
		i++
	}
	if i == len(name) || i == 0 {
		return nil
	}
	sign := -1
	if name[i] == '+' || name[i] == '-' {
		if name[i] == '-' {
			sign = 1
		}
		i++
	}
	h, end := number(name, i)
	if end == i || end-i > 3 {
		return nil
	}
	m := int64(0)
	if end < len(name) && name[end] == ':' {
		m, end = number(name, end+1)
	}
	for _, c := range []byte(name[end:]) {
		if !isLetter(c) {
			return nil
		}
	}
	return time.FixedZone(std, sign*int(h*3600+m*60))
}
