// Package redshifttest is the kit for tests of code that talks to Amazon Redshift.
//
//	func TestReport(t *testing.T) {
//		t.Parallel()
//		db := redshifttest.New(t, redshifttest.SQL(schema), redshifttest.Files(os.DirFS("testdata"), "*.csv"))
//		...
//	}
//
// New gives a *sql.DB on a cluster of its own, which ends with the test. When the test failed, the log says what there was: the seed, the tables and
// how many rows they have, the last statements.
//
//	Base ── SQL, Files, Rows: seeded once        blocks [######][######][######]
//	  │                                             ^        ^        ^
//	  ├─ Clone(t) ── *sql.DB of TestA  ─────────────┴────────┘        │     O(1): blocks are shared,
//	  └─ Clone(t) ── *sql.DB of TestB  ───────────────────────────────┘     what a test changes is its own
//
// A Base serves tests that begin from the same data: each has its own cluster, and all share the blocks.
//
// Rows that no ORDER BY puts in order come in a random order, of the seed: see Ordered.
//
// Code that uses pgx or lib/pq is tested on the same clusters, without a port: redshiftsim.ClusterOf(db) gives the cluster, and server.Dialer or server.PQDialer of it
// is the driver's dialer. Recorders, faults and the dump of a failed test are the cluster's, so they see its statements too.
//
// What tests ask of a plan: NoBroadcast, CoLocated, NoNestedLoop, UsesSortKey, MaxBlocksRead. A Recorder hears every statement of every session. A Fault is
// what goes wrong: Conflict, SlowSlice, LostSlice, DiskFull, Timeout, ResetConnection, SlowDown, Throttled, LambdaFails, SlowLambda. Interleave runs the statements
// of several sessions in a given order and says which of them waits.
package redshifttest
