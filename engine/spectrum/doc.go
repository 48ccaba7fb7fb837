// Package spectrum reads and writes external tables: Amazon Redshift Spectrum.
//
//	catalog.ExternalTable {columns, partitions, storage, properties}
//	   | Understand: storage and properties -> Format (load.Options, rules for values that do not fit)
//	   v
//	Run, of one query --- Scan, of one external table in it
//	   | partitions whose values meet the conditions on partition columns    (Total, Qualified)
//	   | Locate: their files, of folders or a manifest
//	   | load.Job: pieces of files, dealt to slices; columns that nobody reads, and parts of nested ones, are skipped, row groups of Parquet that no row can meet are not read
//	   v
//	reader, of a slice: batches of load.Reader + partition columns, "$path" and "$size" as constants of the file -> the scan step of exec
//
// Rows are written as UNLOAD writes them (Writing), into files whose names no others have; WithFiles registers the partitions that came with them.
//
// What is read is counted: SVL_S3QUERY, SVL_S3PARTITION and their likes show it (package system).
// https://docs.aws.amazon.com/redshift/latest/dg/c-using-spectrum.html
package spectrum
