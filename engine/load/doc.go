// Package load turns files into batches (COPY), and will turn batches into files (UNLOAD).
//
//	s3://films/movies/        ObjectStore (a folder, an fs.FS)
//	   movies_00.csv.gz  ---- List(prefix) -> files dealt to slices: file i to slice i % slices
//	   movies_01.csv.gz
//	        | Open, gunzip
//	   records: one line, or one CSV row that spans lines
//	        | split into fields, NULL rules, blanks
//	   fields  ---- convert: text -> the lane of the column's type; a bad one is a row error
//	        |
//	   vector.Batch of up to 2,048 rows -> the parse step
//
// A bad row is recorded (Job.Errors) and skipped while fewer than MAXERROR rows were bad; then the COPY fails and nothing is loaded.
// https://docs.aws.amazon.com/redshift/latest/dg/copy-parameters-data-conversion.html
package load
