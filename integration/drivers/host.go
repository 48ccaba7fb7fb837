package main

import (
	"context"
	"crypto/md5" //nolint:gosec // Redshift's hash of a password
	"database/sql"
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"github.com/redshiftsim/redshiftsim"
	"github.com/redshiftsim/redshiftsim/server"
)

// host is a server of a new cluster on loopback, and on a socket beside, with the users that the suites name.
type host struct {
	connector *redshiftsim.Connector
	servers   []*server.Server
	port      string // where all are believed
	locked    string // where passwords are asked for
	clear     string // where they are asked for as clear text
	dir       string // of the socket

	mu   sync.Mutex
	bugs []string // panics, which the server has survived
}

// users are those of the suites' own set-up scripts.
var users = []string{
	"CREATE USER pqgo PASSWORD 'Secret123' CREATEUSER",
	createUser("pgx_md5", "Secret123"),
	"CREATE USER pgx_scram PASSWORD 'Secret123' CREATEUSER",
	"CREATE USER pgx_pw PASSWORD 'Secret123' CREATEUSER",
	"CREATE USER pgx_ssl PASSWORD 'Secret123' CREATEUSER",
	createUser("pqgomd5", "wordpass"),
	createUser("pqgopassword", "wordpass"),
	createUser("pqgoscram", "wordpass"),
	"CREATE DATABASE pqgo", // lib/pq's
}

// createUser makes a superuser by the hash of a password, which may be one that Redshift does not take as clear text.
func createUser(name, password string) string {
	return fmt.Sprintf("CREATE USER %s PASSWORD 'md5%x' CREATEUSER", name, md5.Sum([]byte(password+name))) //nolint:gosec // Redshift's hash
}

func newHost() (_ *host, err error) {
	h := &host{}
	defer func() {
		if err != nil {
			h.close()
		}
	}()
	if h.connector, err = redshiftsim.NewConnector(redshiftsim.Config{User: "awsuser", Password: "Secret123", Database: "pgx_test"}); err != nil {
		return nil, err
	}
	if h.dir, err = os.MkdirTemp("", "drivers"); err != nil {
		return nil, err
	}
	if err := os.WriteFile(filepath.Join(h.dir, ".pgpass"), []byte("*:*:*:pqgo:Secret123\n"), 0o600); err != nil {
		return nil, err
	}
	db := sql.OpenDB(h.connector)
	for _, text := range users {
		if _, err := db.Exec(text); err != nil {
			return nil, fmt.Errorf("%s: %w", text, err)
		}
	}
	trust, err := h.listen("tcp", "127.0.0.1:0", server.Config{Auth: server.AuthTrust, StandardStrings: true})
	if err != nil {
		return nil, err
	}
	_, h.port, _ = net.SplitHostPort(trust)
	locked, err := h.listen("tcp", "127.0.0.1:0", server.Config{StandardStrings: true})
	if err != nil {
		return nil, err
	}
	_, h.locked, _ = net.SplitHostPort(locked)
	clear, err := h.listen("tcp", "127.0.0.1:0", server.Config{Auth: server.AuthCleartext, StandardStrings: true})
	if err != nil {
		return nil, err
	}
	_, h.clear, _ = net.SplitHostPort(clear)
	_, err = h.listen("unix", filepath.Join(h.dir, ".s.PGSQL."+h.port), server.Config{Auth: server.AuthTrust, StandardStrings: true})
	return h, err
}

// listen serves the cluster at an address more.
func (h *host) listen(network, addr string, cfg server.Config) (string, error) {
	l, err := net.Listen(network, addr)
	if err != nil {
		return "", err
	}
	cfg.Log = func(format string, args ...any) {
		if line := fmt.Sprintf(format, args...); strings.Contains(line, "panic") || strings.Contains(line, "internal error") {
			h.mu.Lock()
			defer h.mu.Unlock()
			h.bugs = append(h.bugs, line)
		}
	}
	srv := server.New(h.connector.Cluster(), cfg)
	h.servers = append(h.servers, srv)
	go func() { _ = srv.Serve(l) }() // until close
	return l.Addr().String(), nil
}

// complaint is the error of a server that had a bug, whatever the tests say.
func (h *host) complaint() error {
	h.mu.Lock()
	defer h.mu.Unlock()
	if len(h.bugs) == 0 {
		return nil
	}
	return errors.New("the server had bugs:\n" + strings.Join(h.bugs, "\n"))
}

func (h *host) close() {
	ctx, cancel := context.WithTimeout(context.Background(), time.Second)
	defer cancel()
	for _, s := range h.servers {
		_ = s.Shutdown(ctx) // what still runs is stopped
	}
	if h.connector != nil {
		_ = h.connector.Close()
	}
	_ = os.RemoveAll(h.dir)
}

// env is where a suite finds the server.
func (h *host) env(s suite) []string {
	if s.pq {
		return []string{"PGHOST=localhost", "PGPORT=" + h.locked, "PGDATABASE=pqgo", "PGUSER=pqgo", "HOME=" + h.dir} // where .pgpass is
	}
	conn := func(user, port, more string) string {
		return fmt.Sprintf("host=127.0.0.1 port=%s user=%s password=Secret123 dbname=pgx_test %s", port, user, more)
	}
	return []string{
		"PGX_TEST_DATABASE=" + conn("awsuser", h.port, "sslmode=disable"),
		"PGX_TEST_TCP_CONN_STRING=" + conn("awsuser", h.port, "sslmode=disable"),
		"PGX_TEST_UNIX_SOCKET_CONN_STRING=host=" + h.dir + " port=" + h.port + " user=awsuser dbname=pgx_test",
		"PGX_TEST_TLS_CONN_STRING=" + conn("pgx_ssl", h.locked, "sslmode=require"),
		"PGX_TEST_SCRAM_PASSWORD_CONN_STRING=" + conn("pgx_scram", h.locked, "sslmode=disable"),
		"PGX_TEST_MD5_PASSWORD_CONN_STRING=" + conn("pgx_md5", h.locked, "sslmode=disable"),
		"PGX_TEST_PLAIN_PASSWORD_CONN_STRING=" + conn("pgx_pw", h.clear, "sslmode=require"),
	}
}
