package command

import (
	"context"
	"crypto/tls"
	"errors"
	"flag"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/pprof"
	"os"
	"strings"
	"sync"
	"time"

	"github.com/redshiftsim/redshiftsim"
	"github.com/redshiftsim/redshiftsim/explorer"
	"github.com/redshiftsim/redshiftsim/server"
)

const serveUsage = `usage: redshiftsim serve [FLAGS] [DSN]

Serves a cluster over PostgreSQL's protocol, as Amazon Redshift does, until SIGINT or SIGTERM. The DSN names its shape and buckets:
redshiftsim://USER:PASSWORD@/dev?nodes=2&slices=2&bucket=films=./data

  --listen ADDR        where; 127.0.0.1:5439
  --password PASSWORD  of the administrator (or of the DSN's user); else the environment's REDSHIFTSIM_PASSWORD, else the DSN's
  --trust              believe every name without a password; on a loopback address only
  --auth METHOD        password (SCRAM, the default), md5, cleartext (over TLS alone)
  --tls-cert FILE      certificate and key in PEM; without them one is made and signed by itself
  --tls-key FILE
  --no-tls             refuse TLS
  --connections N      how many at once; 500
  --idle DURATION      a connection that is idle for longer ends; 0 = never
  --data-api ADDR      serve the Amazon Redshift Data API there, too (HTTPS with --tls-cert): AWS_ENDPOINT_URL_REDSHIFT_DATA=http://ADDR
  --data-api-key ID:SECRET  an access key that may sign its requests (again for more), else the environment's REDSHIFTSIM_DATA_API_KEY; it acts as the DSN's
                       user; without keys the address must be on loopback, and --trust be given: then every signature is believed
  --data-api-secret NAME=USER  what SecretArn may name (again for more)
  --metrics ADDR       serve /metrics (Prometheus) and /debug/pprof there, to whoever can reach it
  --ui ADDR            show the cluster in a browser there, to users with their passwords (with --trust on loopback: to everybody); over TLS with --tls-cert,
                       without it on a loopback address only. Statements of the page may change nothing
  --ui-write           they may
  --grace DURATION     how long statements may run on after a signal; 10s
`

// serveOptions are the flags of redshiftsim serve.
type serveOptions struct {
	listen, password, auth, cert, key, metrics, ui string
	trust, noTLS, uiWrite                          bool
	connections                                    int
	idle, grace                                    time.Duration
	data                                           dataOptions
}

// runServe is redshiftsim serve.
func runServe(ctx context.Context, args []string, _ io.Reader, out, errs io.Writer) int {
	var o serveOptions
	fs := flag.NewFlagSet("serve", flag.ContinueOnError)
	fs.StringVar(&o.listen, "listen", "127.0.0.1:5439", "")
	fs.StringVar(&o.password, "password", os.Getenv("REDSHIFTSIM_PASSWORD"), "")
	fs.BoolVar(&o.trust, "trust", false, "")
	fs.StringVar(&o.auth, "auth", "password", "")
	fs.StringVar(&o.cert, "tls-cert", "", "")
	fs.StringVar(&o.key, "tls-key", "", "")
	fs.BoolVar(&o.noTLS, "no-tls", false, "")
	fs.IntVar(&o.connections, "connections", 0, "")
	fs.DurationVar(&o.idle, "idle", 0, "")
	o.data.flags(fs)
	fs.StringVar(&o.metrics, "metrics", "", "")
	fs.StringVar(&o.ui, "ui", "", "")
	fs.BoolVar(&o.uiWrite, "ui-write", false, "")
	fs.DurationVar(&o.grace, "grace", 10*time.Second, "")
	if code, done := parse(fs, func(w io.Writer) { fmt.Fprint(w, serveUsage) }, args, 1, out, errs); done {
		return code
	}
	dsn := "redshiftsim://"
	if fs.NArg() == 1 {
		dsn = fs.Arg(0)
	}
	if err := serve(ctx, &o, dsn, out, errs); err != nil {
		fmt.Fprintf(errs, "redshiftsim serve: %v\n", err)
		return 1
	}
	return 0
}

// config turns the flags into a server's configuration and a cluster's.
func (o *serveOptions) config(dsn string) (server.Config, redshiftsim.Config, error) {
	s := server.Config{NoTLS: o.noTLS, MaxConnections: o.connections, IdleTimeout: o.idle}
	c, err := redshiftsim.ParseDSN(dsn)
	if err != nil {
		return s, c, err
	}
	switch o.auth {
	case "password":
	case "md5":
		s.Auth = server.AuthMD5
	case "cleartext":
		s.Auth = server.AuthCleartext
	default:
		return s, c, fmt.Errorf("--auth %s: it takes password, md5 or cleartext", o.auth)
	}
	if c.User == "" {
		c.User = "awsuser"
	}
	if o.password != "" {
		c.Password = o.password
	}
	switch {
	case o.trust && !loopback(o.listen):
		return s, c, fmt.Errorf("--trust: %s is not a loopback address", o.listen)
	case o.trust:
		s.Auth = server.AuthTrust
	case c.Password == "":
		return s, c, errors.New("a password is needed: --password, REDSHIFTSIM_PASSWORD or one in the DSN (on a loopback address --trust does without)")
	}
	if err := o.data.check(o.trust); err != nil {
		return s, c, err
	}
	if (o.cert == "") != (o.key == "") {
		return s, c, errors.New("--tls-cert and --tls-key go together")
	}
	if err := o.checkUI(); err != nil {
		return s, c, err
	}
	if o.cert != "" {
		pair, err := tls.LoadX509KeyPair(o.cert, o.key)
		if err != nil {
			return s, c, err
		}
		s.TLS = &tls.Config{Certificates: []tls.Certificate{pair}, MinVersion: tls.VersionTLS12}
	}
	return s, c, nil
}

// checkUI holds the explorer's address against what may be seen on the way to it: passwords, and what the page shows.
func (o *serveOptions) checkUI() error {
	switch {
	case o.ui == "" && o.uiWrite:
		return errors.New("--ui-write goes with --ui")
	case o.ui == "" || loopback(o.ui):
		return nil
	case o.trust:
		return fmt.Errorf("--trust: %s is not a loopback address", o.ui)
	case o.cert == "":
		return fmt.Errorf("--ui: %s is not a loopback address: it needs --tls-cert and --tls-key", o.ui)
	}
	return nil
}

// loopback says whether an address reaches no further than this machine.
func loopback(addr string) bool {
	host, _, err := net.SplitHostPort(addr)
	if err != nil {
		return false
	}
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}

// serve serves until ctx ends.
func serve(ctx context.Context, o *serveOptions, dsn string, out, errs io.Writer) error {
	cfg, cluster, err := o.config(dsn)
	if err != nil {
		return err
	}
	var mu sync.Mutex
	cfg.Log = func(format string, args ...any) {
		mu.Lock()
		defer mu.Unlock()
		fmt.Fprintf(errs, "%s %s\n", time.Now().UTC().Format(time.RFC3339), strings.TrimRight(fmt.Sprintf(format, args...), "\n"))
	}
	k, err := redshiftsim.NewConnector(cluster)
	if err != nil {
		return err
	}
	defer func() { _ = k.Close() }() // it ends with the process
	srv := server.New(k.Cluster(), cfg)
	var lc net.ListenConfig
	l, err := lc.Listen(ctx, "tcp", o.listen)
	if err != nil {
		return err
	}
	if o.metrics != "" {
		end, err := serveMetrics(ctx, o.metrics, srv, out)
		if err != nil {
			return errors.Join(err, l.Close())
		}
		defer end()
	}
	if o.data.addr != "" {
		end, err := o.data.serve(ctx, k.Cluster(), cfg.TLS, cluster.User, out)
		if err != nil {
			return errors.Join(err, l.Close())
		}
		defer end()
	}
	if o.ui != "" {
		end, err := o.serveUI(ctx, k.Cluster(), &cfg, &cluster, out)
		if err != nil {
			return errors.Join(err, l.Close())
		}
		defer func() { _ = end() }() // it ends with the process
	}
	nodes, slices := k.Cluster().Shape()
	database := cluster.Database
	if database == "" {
		database = "dev"
	}
	fmt.Fprintf(out, "%d nodes x %d slices at postgres://%s@%s/%s\n", nodes, slices, cluster.User, l.Addr(), database)
	done := make(chan error, 1)
	go func() { done <- srv.Serve(l) }()
	select {
	case err := <-done:
		return err
	case <-ctx.Done():
	}
	fmt.Fprintln(out, "stopping: statements have", o.grace, "to end")
	grace, cancel := context.WithTimeout(context.WithoutCancel(ctx), o.grace)
	defer cancel()
	if err := srv.Shutdown(grace); err != nil && !errors.Is(err, context.DeadlineExceeded) {
		return err
	}
	if err := <-done; !errors.Is(err, server.ErrServerClosed) {
		return err
	}
	return nil
}

// serveUI serves the explorer of the cluster that the server serves: whom it trusts, and with whose certificate.
func (o *serveOptions) serveUI(ctx context.Context, c *redshiftsim.Cluster, cfg *server.Config, cluster *redshiftsim.Config, out io.Writer) (end func() error, err error) {
	var names []string
	if host, _, err := net.SplitHostPort(o.ui); err == nil && host != "" {
		names = append(names, strings.ToLower(host))
	}
	if cfg.TLS != nil {
		if leaf := cfg.TLS.Certificates[0].Leaf; leaf != nil {
			names = append(names, leaf.DNSNames...)
		}
	}
	e := explorer.Config{Trust: o.trust, Database: cluster.Database, Write: o.uiWrite, Hosts: names}
	if o.trust {
		e.User = cluster.User
	}
	return serveExplorer(ctx, o.ui, explorer.New(c, e), cfg.TLS, out)
}

// serveMetrics serves what the server counts, and the profiles of the process, to who asks for them by an address of their own.
func serveMetrics(ctx context.Context, addr string, srv *server.Server, out io.Writer) (end func(), err error) {
	var lc net.ListenConfig
	l, err := lc.Listen(ctx, "tcp", addr)
	if err != nil {
		return nil, err
	}
	mux := http.NewServeMux()
	mux.Handle("/metrics", srv.Metrics())
	mux.HandleFunc("/debug/pprof/", pprof.Index)
	mux.HandleFunc("/debug/pprof/cmdline", pprof.Cmdline)
	mux.HandleFunc("/debug/pprof/profile", pprof.Profile)
	mux.HandleFunc("/debug/pprof/symbol", pprof.Symbol)
	mux.HandleFunc("/debug/pprof/trace", pprof.Trace)
	h := &http.Server{Handler: mux, ReadHeaderTimeout: 5 * time.Second}
	done := make(chan struct{})
	go func() {
		defer close(done)
		_ = h.Serve(l) // it ends with Close
	}()
	fmt.Fprintf(out, "metrics at http://%s/metrics\n", l.Addr())
	return func() { _ = h.Close(); <-done }, nil
}
