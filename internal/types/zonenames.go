package types

import (
	_ "embed"
	"fmt"
	"strings"
)

// The names of the zone database that Go brings, and the abbreviations that PostgreSQL knows: hours, minutes, and whether they are summer time.
var (
	//go:embed zones.txt
	zoneNames string
	//go:embed zoneabbrevs.txt
	zoneAbbrevs string
)

// ZoneNames are the time zones that have a name, as the zone database writes them.
// https://docs.aws.amazon.com/redshift/latest/dg/CONVERT_TIMEZONE.html#CONVERT_TIMEZONE-usage-notes
func ZoneNames() []string { return strings.Fields(zoneNames) }

// ZoneAbbreviation is a short name of a fixed offset, and whether it is summer time's.
type ZoneAbbreviation struct {
	Name   string
	Hours  float64 // east of Greenwich
	Summer bool
}

// ZoneAbbreviations lists them by name.
func ZoneAbbreviations() []ZoneAbbreviation {
	var out []ZoneAbbreviation
	for _, line := range strings.Split(strings.TrimSpace(zoneAbbrevs), "\n") {
		var z ZoneAbbreviation
		var h, m int
		var summer string
		if _, err := fmt.Sscanf(line, "%s %d:%d %s", &z.Name, &h, &m, &summer); err != nil {
			panic("types: zoneabbrevs.txt: " + line)
		}
		if z.Hours = float64(h) + float64(m)/60; strings.Contains(line, " -") {
			z.Hours = float64(h) - float64(m)/60
		}
		z.Summer = summer == "t"
		out = append(out, z)
	}
	return out
}

// zoneAbbreviations are the hours of abbreviations, in lower case.
var zoneAbbreviations = func() map[string]float64 {
	m := map[string]float64{}
	for _, z := range ZoneAbbreviations() {
		m[strings.ToLower(z.Name)] = z.Hours
	}
	return m
}()
