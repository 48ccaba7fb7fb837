// Package explorer shows a cluster in a browser: which rows lie on which slice, what the zone maps of its blocks say, what a query did on each slice, what it
// sent between them, and what it would have cost with other keys. It is an http.Handler, one page without anything from outside, and all that the page shows is
// read from the cluster: from system tables by a session that leaves no trace in the log, and from runs.
//
//	browser ── POST /api/open ──> tab {session of the SQL box, session that looks}        place "cluster": the cluster itself
//	           POST /api/run  ──> statements ── rows, errors, number of the query                "lesson":  a cluster of the tab's own
//	           POST /api/query, /api/blocks, /api/overview ──> stl_, stv_, svl_ ── JSON ── SVG
//	           POST /api/whatif ──> Cluster.Clone() x keys, ALTER TABLE there, run, compare
//
//	Export ── the same JSON inside the same page ── one file, for a test that failed
//
// What a query did not do is not shown: there is no model beside the engine.
package explorer
