package command

import (
	"context"
	"crypto/tls"
	"database/sql"
	_ "embed"
	"errors"
	"flag"
	"fmt"
	"io"
	"io/fs"
	"net"
	"net/http"
	"os"
	"strings"
	"time"

	"github.com/redshiftsim/redshiftsim"
	"github.com/redshiftsim/redshiftsim/explorer"
	"github.com/redshiftsim/redshiftsim/testdata"
)

const exploreUsage = `usage: redshiftsim explore [FLAGS] [DSN] [FILE.sql ..]

Starts a cluster and shows it in a browser, until SIGINT or SIGTERM: which rows lie on which slice, zone maps, plans as they ran, what moved between slices, what
other keys would cost, lessons. The cluster begins with what the files make, without files with a sample: films, and tickets that are sold. The page is for
this machine, whose users may all use it; redshiftsim serve --ui shows a cluster to those who have a password.

  --listen ADDR  where, on a loopback address; 127.0.0.1:8080
  --read-only    the page's statements may change nothing
`

// sample is what a cluster begins with when no file is given.
//
//go:embed sample.sql
var sample string

// sampleBlocks is the size of the sample's blocks, unless the DSN says another: 100,000 rows do not fill blocks of 1 MB.
const sampleBlocks = 32 << 10

// sampleQueries are what the page offers of the sample.
var sampleQueries = []explorer.Example{
	{Name: "zone maps skip", SQL: "SELECT count(*), sum(pricepaid) FROM sales WHERE saletime BETWEEN '2008-02-01' AND '2008-02-05'", View: "blocks"},
	{Name: "a join at home", SQL: "SELECT u.state, sum(s.pricepaid) FROM sales s JOIN users u ON s.buyerid = u.userid GROUP BY 1 ORDER BY 2 DESC LIMIT 5", View: "plan"},
	{Name: "a join that moves", SQL: "SELECT u.state, sum(l.numtickets) FROM listing l JOIN users u ON l.sellerid = u.userid GROUP BY 1 ORDER BY 2 DESC LIMIT 5", View: "moves"},
	{Name: "a skewed key", SQL: "SELECT campaign, count(*), min(at) FROM clicks GROUP BY 1 ORDER BY 2 DESC", View: "time"},
}

// runExplore is redshiftsim explore.
func runExplore(ctx context.Context, args []string, _ io.Reader, out, errs io.Writer) int {
	fl := flag.NewFlagSet("explore", flag.ContinueOnError)
	listen := fl.String("listen", "127.0.0.1:8080", "")
	readOnly := fl.Bool("read-only", false, "")
	usage := func(w io.Writer) { fmt.Fprint(w, exploreUsage) }
	if code, done := parse(fl, usage, args, 1000, out, errs); done {
		return code
	}
	if !loopback(*listen) {
		return misuse(fl, usage, errs, fmt.Errorf("--listen: %s is not a loopback address", *listen))
	}
	files := fl.Args()
	cfg := redshiftsim.DefaultConfig()
	if len(files) > 0 && strings.Contains(files[0], "://") {
		var err error
		if cfg, err = redshiftsim.ParseDSN(files[0]); err != nil {
			return misuse(fl, usage, errs, err)
		}
		files = files[1:]
	}
	if err := explore(ctx, cfg, files, *listen, !*readOnly, out); err != nil {
		fmt.Fprintf(errs, "redshiftsim explore: %v\n", err)
		return 1
	}
	return 0
}

// explore makes the cluster and serves its page until ctx ends.
func explore(ctx context.Context, cfg redshiftsim.Config, files []string, listen string, write bool, out io.Writer) (err error) {
	var examples []explorer.Example
	if len(files) == 0 {
		examples = sampleQueries
		if cfg.BlockBytes == 0 {
			cfg.BlockBytes = sampleBlocks
		}
		cfg.Buckets = map[string]redshiftsim.ObjectStore{"films": redshiftsim.FS(fs.FS(testdata.Files))}
	}
	k, err := redshiftsim.NewConnector(cfg)
	if err != nil {
		return err
	}
	db := sql.OpenDB(k) // its Close is the connector's
	defer func() { err = errors.Join(err, db.Close()) }()
	if err := fill(ctx, db, files); err != nil {
		return err
	}
	h := explorer.New(k.Cluster(), explorer.Config{Trust: true, User: cfg.User, Database: cfg.Database, Write: write, Examples: examples})
	end, err := serveExplorer(ctx, listen, h, nil, out)
	if err != nil {
		return err
	}
	<-ctx.Done()
	return end()
}

// fill runs the files, or the sample, on one connection.
func fill(ctx context.Context, db *sql.DB, files []string) error {
	texts := map[string]string{"the sample": sample}
	order := []string{"the sample"}
	if len(files) > 0 {
		order = files
		for _, f := range files {
			b, err := os.ReadFile(f)
			if err != nil {
				return err
			}
			texts[f] = string(b)
		}
	}
	c, err := db.Conn(ctx)
	if err != nil {
		return err
	}
	defer func() { _ = c.Close() }() // the database is closed later
	for _, name := range order {
		for rest := texts[name] + "\n;"; ; {
			var text string
			var ok bool
			if text, rest, ok = cutStatement(rest); !ok {
				break
			}
			if _, err := c.ExecContext(ctx, text); err != nil {
				return fmt.Errorf("%s: %w", name, err)
			}
		}
	}
	return nil
}

// serveExplorer serves an explorer until end is called, over TLS when there is a configuration of it.
func serveExplorer(ctx context.Context, addr string, h *explorer.Handler, secure *tls.Config, out io.Writer) (end func() error, err error) {
	var lc net.ListenConfig
	l, err := lc.Listen(ctx, "tcp", addr)
	if err != nil {
		return nil, errors.Join(err, h.Close())
	}
	scheme := "http"
	if secure != nil {
		scheme = "https"
		secure = secure.Clone()
		secure.NextProtos = []string{"http/1.1"}
		l = tls.NewListener(l, secure)
	}
	s := &http.Server{Handler: h, ReadHeaderTimeout: 5 * time.Second}
	done := make(chan struct{})
	go func() {
		defer close(done)
		_ = s.Serve(l) // it ends with Close
	}()
	fmt.Fprintf(out, "explorer at %s://%s/\n", scheme, l.Addr())
	return func() error {
		err := s.Close()
		<-done
		return errors.Join(err, h.Close())
	}, nil
}
