// Package nested knows the types struct, array and map of columns of external tables, and the bytes of their values.
//
//	struct<given:varchar(20),phones:map<int,varchar(20)>>        Type{Struct, Names [given phones], Parts [varchar(20), Type{Map, Parts [int, varchar(20)]}]}
//
//	a struct    array of its fields in the order of the type     {"given":"Ann","phones":{"7":"x"}}   ->   ["Ann", [[7, "x"]]]
//	an array    array
//	a map       array of pairs, key and value
//	a scalar    boolean, whole number, decimal of the type's scale, double, string; a date is its days, a timestamp its microseconds, as lanes have them
//
// They are values of package super, read in place: a field is an element by its number, an array is gone through as one of SUPER is. What a query does not
// read of a column is null in them. No value leaves the engine as it is: queries read scalars of it, or its JSON.
// https://docs.aws.amazon.com/redshift/latest/dg/tutorial-query-nested-data.html
package nested
