// Package redshiftsim is a database/sql driver with an in-process, in-memory engine that works as Amazon Redshift does: a leader parses and plans, the
// slices of compute nodes run fragments of the plan in parallel over 1 MB column blocks, the leader merges. It needs no port, no container, no cgo.
//
//	import _ "github.com/redshiftsim/redshiftsim"
//
//	db, err := sql.Open("redshiftsim", "redshiftsim://")                           // a private cluster, 2 nodes x 2 slices
//	db, err := sql.Open("redshiftsim", "redshiftsim://orders/dev?nodes=3&slices=4") // shared by all who open "orders"
//	db, err := sql.Open("redshiftsim", "redshiftsim://?bucket=films=./testdata")    // COPY .. FROM 's3://films/...' reads ./testdata
//
// With the module passthrough linked in, the same driver opens redshift:// and postgres://: a real cluster (RegisterScheme).
//
// A cluster ends with the last *sql.DB that has it open. What Redshift refuses is refused with its SQLSTATE and words; what is not built yet answers
// with 0A000 and names the feature. It is not affiliated with AWS, and simulated costs and times are no promise about a real cluster.
//
// # The life of one query
//
// SELECT avg(year) FROM movies on 2 nodes x 2 slices, in 15 stops:
//
//	 1  database/sql      (*sql.DB).QueryContext
//	 2  conn.go           (*conn).QueryContext: arguments become values
//	 3  engine            (*Session).Query: the plan cache is asked; it knows the text: go to 9
//	 4  engine/parse      text -> ast: lexer, bridge, TiDB's parser, lift
//	 5  engine/txn        the transaction: the newest catalog; the snapshot is kept at stop 9
//	 6  engine/bind       ast -> plan: names and types; avg of integers is a BIGINT
//	 7  engine/optimize   one plan: where rows must move, which joins, avg as sums and counts on the slices
//	 8  engine/compile    plan -> program: segment 0 on the slices scan | aggr | return, segment 1 on the leader aggr | return
//	 9  engine/exec       the program starts over views of the tables
//	10  storage           each slice scans its blocks; zone maps skip, values stay encoded
//	11  engine/exec       aggr adds a batch at a time to the slice's sum and count
//	12  engine/exec       the leader merges four sums and counts: one row
//	13  engine            (*Result).Next: a batch
//	14  rows.go           (*rows).Next: int64(1982) leaves its vector here
//	15  engine            the transaction ends; the log has the statement, which STL and SVL tables show
//
// # Tests
//
// Package redshifttest gives each test a cluster of its own, clones of a seeded one in O(1), fixtures, assertions on plans, a recorder, faults, and results whose
// order is random where no ORDER BY fixes it.
//
// Package explorer shows a cluster in a browser: redshiftsim explore.
//
// # Values
//
// smallint, integer and bigint are int64; real and double precision float64; boolean bool; date, timestamp and timestamptz time.Time; char (padded) and
// varchar string; numeric is a string with its digits, as pgx gives it; SUPER a string of JSON. NULL is nil. A json.RawMessage serves as an argument for a SUPER.
package redshiftsim
