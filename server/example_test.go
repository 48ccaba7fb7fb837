package server_test

import (
	"context"
	"fmt"
	"log"
	"net"

	"github.com/jackc/pgx/v5/pgproto3"

	"github.com/redshiftsim/redshiftsim"
	"github.com/redshiftsim/redshiftsim/server"
)

// Without a port: a client that takes a dial function connects in memory. pgx, pgxpool and lib/pq take one; here the messages are written by hand.
func ExampleDialer() {
	connector, err := redshiftsim.NewConnector(redshiftsim.Config{})
	if err != nil {
		log.Fatal(err)
	}
	defer connector.Close()

	dial := server.Dialer(connector.Cluster())
	conn, err := dial(context.Background(), "tcp", "redshift:5439") // neither is looked at
	if err != nil {
		log.Fatal(err)
	}
	defer conn.Close()
	fe := pgproto3.NewFrontend(conn, conn)
	fe.Send(&pgproto3.StartupMessage{ProtocolVersion: pgproto3.ProtocolVersion30, Parameters: map[string]string{"user": "awsuser", "database": "dev"}})
	fe.Send(&pgproto3.Query{String: "SELECT version() LIKE '%Redshift%' AS redshift, 6 * 7 AS answer"})
	if err := fe.Flush(); err != nil {
		log.Fatal(err)
	}
	for ready := 0; ready < 2; { // once for the start, once for the query
		m, err := fe.Receive()
		if err != nil {
			log.Fatal(err)
		}
		switch m := m.(type) {
		case *pgproto3.RowDescription:
			for _, f := range m.Fields {
				fmt.Printf("%s (type %d)\n", f.Name, f.DataTypeOID)
			}
		case *pgproto3.DataRow:
			fmt.Printf("%s\n", m.Values)
		case *pgproto3.CommandComplete:
			fmt.Printf("%s\n", m.CommandTag)
		case *pgproto3.ReadyForQuery:
			ready++
		}
	}
	// Output:
	// redshift (type 16)
	// answer (type 23)
	// [t 42]
	// SELECT
}

// With a port, as `redshiftsim serve` does it: for tools that take none but an address.
func ExampleServer() {
	connector, err := redshiftsim.NewConnector(redshiftsim.Config{User: "awsuser", Password: "Secret123"})
	if err != nil {
		log.Fatal(err)
	}
	defer connector.Close()

	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		log.Fatal(err)
	}
	srv := server.New(connector.Cluster(), server.Config{MaxConnections: 10})
	served := make(chan error)
	go func() { served <- srv.Serve(l) }()
	// postgres://awsuser:Secret123@127.0.0.1:PORT/dev, with l.Addr()'s port
	if err := srv.Shutdown(context.Background()); err != nil {
		log.Fatal(err)
	}
	fmt.Println(<-served)
	// Output: redshiftsim/server: server closed
}
