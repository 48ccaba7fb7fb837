// Package load turns the files of buckets into batches: COPY. What UNLOAD writes is of package unload.
//
//	s3://films/movies/        ObjectStore (a folder, an fs.FS, memory)
//	   movies_00.csv.gz  ---- List(prefix), or a manifest -> files, cut into pieces where the format lets them -> piece i to slice i % slices
//	   movies_01.csv.gz
//	        | open: gunzip .. lzop, UTF-16 .. ISO 8859-1 to UTF-8
//	        +---- plain lines of text: fields are converted as they are passed over; few texts become codes ----------------+
//	        | cut: one line, or one CSV row that spans lines, or one JSON object; an Avro record comes as JSON text         |
//	        |      a shape with the row of its table                                                                       |
//	   record                                                                                                               |
//	        | split into fields: by delimiters, quotes, widths, or by the keys and JSONPaths of a mapping                   |
//	   fields                                                                                                               |
//	        | NULL rules, then convert: text -> the lane of the column's type; a bad one is a row error                     |
//	   vector.Batch of up to 2,048 rows -> the parse step  <---- Parquet: pages of row groups, by position ------------------+
//	                                                             nested columns: one SUPER value of the leaves of a row, or one of package nested
//
// A bad row is recorded (Job.Errors) and skipped while fewer than MAXERROR rows were bad; then the COPY fails and nothing is loaded. A slice holds one
// buffer of its file, one batch and the texts of it, whatever the sizes of the files.
// https://docs.aws.amazon.com/redshift/latest/dg/copy-parameters-data-conversion.html
package load
