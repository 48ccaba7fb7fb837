// Package server speaks PostgreSQL's wire protocol, version 3, for a simulated cluster: pgx, lib/pq, psql and what is built on them connect to it as to
// Amazon Redshift, over a port or, in tests, over none.
//
//	srv := server.New(cluster, server.Config{})                     cfg.DialFunc = server.Dialer(cluster)      // pgx, pgxpool
//	go srv.Serve(listener)                                          connector.Dialer(server.PQDialer(cluster)) // lib/pq
//
// # The life of a connection
//
//	bytes ── startup.go   SSLRequest, parameters          TLS, or not
//	         auth.go      SCRAM-SHA-256, md5, cleartext   the user is proved; nothing runs before
//	         conn.go      ParameterStatus .. ReadyForQuery, then message by message:
//	            Query     simple.go     a text of statements: rows, tag, rows, tag, Z
//	            Parse     extended.go   statement {text, parameter types, columns}
//	            Bind         │          portal {statement, values, formats}    parameter.go: text or binary -> types.Datum
//	            Execute      │          rows, until a limit; PortalSuspended
//	            Sync         └─         the transaction of the pipeline ends; Z
//	            watch.go     while a statement runs for long: is the client still there?
//	         encode.go    batch -> DataRow messages in one buffer: a value leaves its vector as text or binary, without an allocation
//
//	batch [year: narrow U16+1900 | title: dict]   ->   'D' len 2 | 4 "1979" | 5 "Alien" | 'D' len ..
//
// A connection is one goroutine, a second while a statement runs for long, and one engine.Session. It stops when its client goes, when the server shuts down, or when another session ends it. What is
// not the engine's answer is the protocol's: 08P01 for what is out of place, and the connection ends where PostgreSQL ends it.
//
// https://www.postgresql.org/docs/8.0/protocol.html
package server
