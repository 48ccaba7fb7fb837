package function

import "sync"

// lacking are the functions of Redshift that are not built: what is left of spatial functions and of administration. They are refused by name.
// https://docs.aws.amazon.com/redshift/latest/dg/c_SQL_functions.html
var lacking = sync.OnceValue(func() map[string]bool {
	return wordSet(`explain_model h3_boundary h3_center h3_distance h3_fromlonglat h3_frompoint h3_isvalid h3_polyfill h3_resolution h3_tochildren h3_toparent`)
})
