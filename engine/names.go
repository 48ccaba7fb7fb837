package engine

// Parameter is a session parameter as the documentation shows it.
type Parameter struct {
	Name, Default, Doc string
	Page               string // of the guide, "" = none
	ReadOnly           bool
}

// Parameters lists the session parameters by name.
func Parameters() []Parameter {
	out := make([]Parameter, len(parameters))
	for i := range parameters {
		p := &parameters[i]
		out[i] = Parameter{Name: p.name, Default: p.def, Doc: p.doc, Page: p.page, ReadOnly: p.readOnly}
	}
	return out
}
