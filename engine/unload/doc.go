// Package unload turns batches into files (UNLOAD).
//
//	vector.Batch, from the unload step of a slice; SUPER values become their JSON
//	   | layout: text, CSV, fixed width or JSON, a row at a time into one buffer; or Parquet, a column at a time into a row group
//	   | PARTITION BY: the rows come sorted by the partition; where it changes, the file does
//	   | MAXFILESIZE: a row that does not fit begins the next part
//	   | GZIP, BZIP2, ZSTD
//	   v
//	ObjectStore.Create   s3://films/out/0003_part_00.gz, which is there once it is whole
//
//	Job     one UNLOAD: where to, how, and what was written; it is shared by the slices
//	Writer  the rows of one slice
//	output  one file
//
// A slice has one file open. What was whole when an UNLOAD failed stays, as on S3; the manifest is written last, so that there is none of a failure.
// https://docs.aws.amazon.com/redshift/latest/dg/r_UNLOAD.html
package unload
