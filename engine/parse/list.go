package parse

import "slices"

// CopyOptions lists the first words of the options that COPY and UNLOAD may have, upper case and sorted.
func CopyOptions() []string {
	var out []string
	for name := range options {
		out = append(out, upper(name))
	}
	slices.Sort(out)
	return out
}

// ShowForms lists the forms of SHOW that list or describe objects: "SHOW COLUMNS".
func ShowForms() []string {
	out := make([]string, len(shows))
	for i := range shows {
		out[i] = "SHOW " + upper(join(shows[i].words))
	}
	return out
}
