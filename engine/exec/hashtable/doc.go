// Package hashtable holds the two tables on which aggregation and joins stand: Groups numbers distinct keys, Table finds the rows of a key.
//
//	Groups                 keys (any number of columns, NULL is a value)  ->  0, 1, 2 ... in order of appearance
//	  intTable             one key of a word:     direct   [key - origin] -> group+1        when the keys lie close together
//	                                              hashed   slots {key, group+1}             else; small ones when the keys lie less than 2^32 apart
//	                       several integers within known bounds are a word, too: those of a Table's rows (pack)
//	  pairTable            one or two keys, 16 bytes:      slots {a, b, group+1, nulls}
//	  tagTable             anything else:                  slots hash<<32 | group+1, verified column by column
//	  codes                in front of all: codes of dictionaries -> group, so that a text is hashed once a dictionary and not once a row
//
//	Table                  Columns: the rows, each column in chunks of vector.ChunkRows, so that growing moves nothing
//	  groups               the keys of the rows
//	  starts, order        group g's rows are order[starts[g]:starts[g+1]]; nothing of it when every key is there once
//
// A key is normalised before it is compared, so that it does not matter in which form it comes: narrow codes and plain integers, dictionary codes and
// texts, 'a' and 'a ', 0.0 and -0.0 are one key, as they have one vector.Hash.
//
// Groups and Table are shared; what a task needs to look something up (buffers, caches of dictionaries) is in its own Lookup or Probe. Once a Table is
// sealed any number of tasks may probe it at once. Nothing here knows steps, plans or memory limits; Bytes tells what is held.
package hashtable
