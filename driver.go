package redshiftsim

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"io"
	"maps"
	"reflect"
	"sync"
	"sync/atomic"

	"github.com/redshiftsim/redshiftsim/engine"
	"github.com/redshiftsim/redshiftsim/engine/load"
	"github.com/redshiftsim/redshiftsim/engine/plan"
	"github.com/redshiftsim/redshiftsim/internal/bridge"
)

func init() {
	sql.Register("redshiftsim", Driver{})
	bridge.Engine = func(c any) *engine.Cluster { return c.(*Cluster).s.cluster }
	bridge.Plan = func(dc any, text string, args []driver.NamedValue) (plan.Node, error) {
		return planOn(dc, text, args)
	}
	bridge.Session = func(dc any) *engine.Session { return dc.(*conn).s }
	bridge.Set = func(k any, settings map[string]string) { k.(*Connector).cfg.Settings = settings }
}

// Driver is the database/sql driver "redshiftsim".
type Driver struct{}

var (
	_ driver.Driver        = Driver{}
	_ driver.DriverContext = Driver{}
	_ driver.Connector     = (*Connector)(nil)
	_ io.Closer            = (*Connector)(nil)
)

// Open makes a connector and a connection of it. The connector is closed with the connection: database/sql uses OpenConnector instead.
func (d Driver) Open(dsn string) (driver.Conn, error) {
	k, err := d.OpenConnector(dsn)
	if err != nil {
		return nil, err
	}
	own, ours := k.(*Connector)
	c, err := k.Connect(context.Background())
	switch {
	case !ours:
		return c, err
	case err != nil:
		return nil, errors.Join(err, own.Close())
	}
	c.(*conn).owner = own
	return c, nil
}

// OpenConnector reads a DSN and takes a handle of its cluster. A scheme of RegisterScheme's is opened by whoever registered it.
func (Driver) OpenConnector(dsn string) (driver.Connector, error) {
	if open, err := foreign(dsn); open != nil || err != nil {
		if err != nil {
			return nil, err
		}
		return open(dsn)
	}
	cfg, err := ParseDSN(dsn)
	if err != nil {
		return nil, err
	}
	return NewConnector(cfg)
}

// shared is a cluster with those who hold it.
//
//	registry "orders" -> shared {cluster, handles 2} <- Connector of db1, Connector of db2
//
// It lives as long as one handle is open: a handle is a *sql.DB, not one of the connections in its pool.
type shared struct {
	name    string // "" = in no registry
	cluster *engine.Cluster
	folders *folders
	handles int  // guarded by registry.mu, as the next is
	keep    bool // outlives its handles
}

// registry finds the named clusters of the process.
var registry = struct {
	mu     sync.Mutex
	byName map[string]*shared
}{byName: map[string]*shared{}}

// folders are the folders that a cluster, and its clones, have open.
type folders struct {
	mu   sync.Mutex
	refs int
	list map[string]openFolder
}

type openFolder struct {
	Folder
	close func() error
}

// inMemory is the path of a folder that is none: a bucket in memory.
const inMemory = "mem:"

// bucket opens a folder.
func (f *Folder) bucket() (store ObjectStore, end func() error, err error) {
	if f.Path == inMemory {
		return load.NewMemory(), func() error { return nil }, nil
	}
	dir, err := load.OpenDir(f.Path, f.Write)
	if err != nil {
		return nil, nil, err
	}
	return dir, dir.Close, nil
}

// open opens the folders of a configuration that are not open yet and maps them to buckets.
func (f *folders) open(c *engine.Cluster, want map[string]Folder) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	for name, w := range want {
		if have, ok := f.list[name]; ok {
			if have.Folder != w {
				return fmt.Errorf("redshiftsim: bucket %s is %s already", name, have.Path)
			}
			continue
		}
		store, end, err := w.bucket()
		if err != nil {
			return fmt.Errorf("redshiftsim: bucket %s: %w", name, err)
		}
		if err := c.AddBucket(name, store); err != nil {
			return errors.Join(err, end())
		}
		if f.list == nil {
			f.list = map[string]openFolder{}
		}
		f.list[name] = openFolder{w, end}
	}
	return nil
}

// hold counts one more cluster that uses the folders.
func (f *folders) hold() {
	f.mu.Lock()
	f.refs++
	f.mu.Unlock()
}

// release closes them after the last.
func (f *folders) release() error {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.refs--; f.refs > 0 {
		return nil
	}
	var errs []error
	for _, o := range f.list {
		errs = append(errs, o.close())
	}
	f.list = nil
	return errors.Join(errs...)
}

// Connector is a handle of a cluster; sql.OpenDB makes a *sql.DB of it, whose Close closes it.
type Connector struct {
	cfg    Config
	shared *shared
	closed atomic.Bool
}

// NewConnector takes a handle of the cluster that cfg names, which is made if there is none. A cluster of that name with another shape is an error.
func NewConnector(cfg Config) (*Connector, error) {
	if err := cfg.check(); err != nil {
		return nil, err
	}
	cfg.Settings = maps.Clone(cfg.Settings)
	registry.mu.Lock()
	defer registry.mu.Unlock()
	s := registry.byName[cfg.Name]
	if cfg.Name == "" || s == nil {
		s = &shared{name: cfg.Name, folders: &folders{refs: 1}}
		s.cluster = engine.New(engine.Config{
			Nodes: cfg.Nodes, Slices: cfg.Slices, BlockBytes: cfg.BlockBytes, Database: cfg.Database, Serializable: isolations[cfg.Isolation], Clock: cfg.Clock,
			Seed: cfg.Seed, Buckets: cfg.Buckets, Workers: cfg.Workers, MemoryLimit: cfg.MemoryLimit, LogLimit: cfg.LogLimit,
			Background: cfg.Background, Shuffle: orders[cfg.Order], Account: cfg.Account, IAMRole: cfg.IAMRole,
			Lambdas: maps.Clone(cfg.Lambdas), LambdaURL: cfg.LambdaURL,
		})
		if cfg.User != "" && cfg.Password != "" {
			s.cluster.Launch(cfg.User, cfg.Password)
		}
	} else if err := s.fits(&cfg); err != nil {
		return nil, err
	}
	if err := s.folders.open(s.cluster, cfg.Folders); err != nil {
		if s.handles == 0 && !s.keep {
			err = errors.Join(err, s.folders.release())
		}
		return nil, err
	}
	if cfg.Name != "" {
		registry.byName[cfg.Name] = s
	}
	s.handles++
	s.keep = s.keep || cfg.Keep
	return &Connector{cfg: cfg, shared: s}, nil
}

// fits says whether a cluster that exists is what cfg asks for, and adds the buckets that it lacks.
func (s *shared) fits(cfg *Config) error {
	is := s.cluster.Config()
	for _, x := range []struct {
		option   string
		want, is int64
	}{
		{"nodes", int64(cfg.Nodes), int64(is.Nodes)},
		{"slices", int64(cfg.Slices), int64(is.Slices)},
		{"block_size", int64(cfg.BlockBytes), int64(is.BlockBytes)},
		{"workers", int64(cfg.Workers), int64(is.Workers)},
		{"memory_limit", cfg.MemoryLimit, is.MemoryLimit},
		{"log_limit", cfg.LogLimit, is.LogLimit},
		{"seed", int64(cfg.Seed), int64(is.Seed)},
		{"account", cfg.Account, is.Account},
	} {
		if x.want != 0 && x.want != x.is {
			return fmt.Errorf("redshiftsim: option %s=%d: cluster %q exists with %s=%d", x.option, x.want, s.name, x.option, x.is)
		}
	}
	if cfg.IAMRole != "" && cfg.IAMRole != is.IAMRole {
		return fmt.Errorf("redshiftsim: option iam_role=%s: cluster %q exists with iam_role=%s", cfg.IAMRole, s.name, is.IAMRole)
	}
	if cfg.Background && !is.Background {
		return fmt.Errorf("redshiftsim: option background=true: cluster %q exists without it", s.name)
	}
	if cfg.Order != "" && orders[cfg.Order] != is.Shuffle {
		return fmt.Errorf("redshiftsim: option order=%s: cluster %q exists with another one", cfg.Order, s.name)
	}
	if cfg.Isolation != "" && isolations[cfg.Isolation] != is.Serializable {
		return fmt.Errorf("redshiftsim: option isolation=%s: cluster %q exists with another one", cfg.Isolation, s.name)
	}
	for name, store := range cfg.Buckets {
		if have, ok := s.cluster.Bucket(name); ok {
			if !same(have, store) {
				return fmt.Errorf("redshiftsim: cluster %q exists with another bucket %s", s.name, name)
			}
		} else if err := s.cluster.AddBucket(name, store); err != nil {
			return err
		}
	}
	if cfg.LambdaURL != "" && cfg.LambdaURL != is.LambdaURL {
		return fmt.Errorf("redshiftsim: option lambda=%s: cluster %q exists with another one", cfg.LambdaURL, s.name)
	}
	for name, l := range cfg.Lambdas {
		if have := s.cluster.Lambda(name); have == nil {
			s.cluster.SetLambda(name, l)
		} else if !same(have, l) {
			return fmt.Errorf("redshiftsim: cluster %q exists with another Lambda %s", s.name, name)
		}
	}
	return nil
}

// same says whether two stores, or two Lambdas, are one; those that cannot be compared are not.
func same(a, b any) bool {
	x, y := reflect.ValueOf(a), reflect.ValueOf(b)
	return x.Comparable() && y.Comparable() && a == b
}

// Connect opens a session.
func (k *Connector) Connect(context.Context) (driver.Conn, error) {
	if k.closed.Load() {
		return nil, errors.New("redshiftsim: the database is closed")
	}
	s, err := k.shared.cluster.NewSession(engine.SessionOptions{User: k.cfg.User, Password: k.cfg.Password, Database: k.cfg.Database, Settings: k.cfg.Settings, Notice: k.cfg.Notice})
	if err != nil {
		return nil, err
	}
	return &conn{s: s, shared: k.shared}, nil
}

// Driver is the driver of the connector.
func (k *Connector) Driver() driver.Driver { return Driver{} }

// Cluster is what the connector holds.
func (k *Connector) Cluster() *Cluster { return &Cluster{k.shared} }

// Close gives the handle back. The cluster ends with its last handle, unless it is kept.
func (k *Connector) Close() error {
	if k.closed.Swap(true) {
		return nil
	}
	registry.mu.Lock()
	defer registry.mu.Unlock()
	k.shared.handles--
	return k.shared.end()
}

// end ends a cluster that nobody holds. registry.mu is held.
func (s *shared) end() error {
	if s.handles > 0 || s.keep {
		return nil
	}
	if s.name != "" && registry.byName[s.name] == s {
		delete(registry.byName, s.name)
	}
	s.cluster.Close()
	return s.folders.release()
}

// Drop ends a cluster that was kept (keep=true). While handles are open it lives on, and ends with the last of them.
func Drop(name string) error {
	registry.mu.Lock()
	defer registry.mu.Unlock()
	s := registry.byName[name]
	if s == nil {
		return fmt.Errorf("redshiftsim: there is no cluster %q", name)
	}
	s.keep = false
	return s.end()
}
