// Package storage keeps tables on slices, in immutable column blocks.
//
//	Version (what one snapshot sees of a table)
//	  shard of slice 0                                  shard of slice 1 ...
//	    group 0: zones 0..63       group 1 ...   tail
//	      column "year"   u8 codes + base   |      |   [1979 1985 ....]   plain lanes, appended in place by who owns its end
//	      column "title"  codes of symbols  |      |
//	      zone maps: min, max, nulls        |      |
//	    deletes: a leaf of bits per zone that has deleted rows
//
// Words. A ZONE is up to 2,048 rows: one batch, one zone map entry; all zones of a shard but the last (its tail) are full, so row r of a shard
// lies in zone r / zone rows. A GROUP is what was encoded at one time, up to 64 zones. A BLOCK is Redshift's: one column's values up to 1 MB of
// encoded bytes, always ending at a zone boundary; blocks are counted (blocks.go), not stored as such, for their size follows the column's
// ENCODE, while the bytes in this process's memory follow the values alone. Nominal figures (blocks, megabytes) and actual bytes never mix.
//
// Everything is immutable but the unclaimed end of a tail: Versions share all that did not change. A row's id is its ordinal in its shard and
// keeps its meaning as long as the Version's generation.
//
// With a sort key a shard has two REGIONS: rows 0 to sorted-1 lie in key order, the rest in the order of their loads (sortkey.go). Vacuum rewrites shards;
// an interleaved key is dealt to buckets (interleave.go). Groups and shards know the bytes that they hold; a Budget bounds them.
//
// The way of a row: Writer.Append -> tail, or builder (builder.go; texts that come as codes stay codes) -> group (with a sort key: a group that waits for the
// statement's end, waiting.go); View.Scan -> zone maps -> Scanner.Next -> a batch whose vectors point into the group. Texts under symbols (symbols.go, pack.go)
// are the exception: those that pass are made, a string a batch. Nothing here knows SQL.
package storage
