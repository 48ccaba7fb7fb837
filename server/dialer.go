package server

import (
	"context"
	"net"
	"time"

	"github.com/redshiftsim/redshiftsim"
)

// dialer is a server without a port.
func dialer(cluster *redshiftsim.Cluster) *Server {
	return New(cluster, Config{Auth: AuthTrust, NoTLS: true, MaxConnections: 10000, StandardStrings: true})
}

// dial opens a connection in memory.
func (s *Server) dial(ctx context.Context) (net.Conn, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	client, srv := pipe()
	s.start(srv, true)
	return client, nil
}

// Dialer gives a function for pgx's Config.DialFunc, which connects to the cluster in memory: no port, no TLS, and each user is believed, as the driver
// believes a DSN. Host and port of the configuration are not looked at.
//
//	cfg, _ := pgxpool.ParseConfig("postgres://app@redshift/dev?sslmode=disable")
//	cfg.ConnConfig.DialFunc = server.Dialer(cluster)
//	cfg.ConnConfig.LookupFunc = func(_ context.Context, host string) ([]string, error) { return []string{host}, nil }
func Dialer(cluster *redshiftsim.Cluster) func(ctx context.Context, network, addr string) (net.Conn, error) {
	s := dialer(cluster)
	return func(ctx context.Context, _, _ string) (net.Conn, error) { return s.dial(ctx) }
}

// PQ is a dialer for lib/pq: its methods are those of pq.Dialer and pq.DialerContext.
type PQ struct{ s *Server }

// PQDialer gives a dialer for pq.Connector, as Dialer does for pgx:
//
//	connector, _ := pq.NewConnector("user=app dbname=dev sslmode=disable")
//	connector.Dialer(server.PQDialer(cluster))
//	db := sql.OpenDB(connector)
func PQDialer(cluster *redshiftsim.Cluster) PQ { return PQ{dialer(cluster)} }

// Dial connects.
func (d PQ) Dial(_, _ string) (net.Conn, error) { return d.s.dial(context.Background()) }

// DialTimeout connects: it takes no time.
func (d PQ) DialTimeout(_, _ string, _ time.Duration) (net.Conn, error) {
	return d.s.dial(context.Background())
}

// DialContext connects, unless ctx has ended.
func (d PQ) DialContext(ctx context.Context, _, _ string) (net.Conn, error) {
	return d.s.dial(ctx)
}
