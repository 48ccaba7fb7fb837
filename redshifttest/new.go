package redshifttest

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"math/rand/v2"
	"strings"
	"sync"
	"testing"

	"github.com/redshiftsim/redshiftsim"
	"github.com/redshiftsim/redshiftsim/internal/bridge"
)

// New gives a database on a fresh cluster of its own, which ends with the test. Tests may run in parallel: nothing is shared. A fixture that cannot be
// loaded ends the test. When the test failed, its log has the seed, the tables and the last statements; see DumpTo.
func New(t testing.TB, opts ...Option) *sql.DB {
	t.Helper()
	o := collect(opts)
	k, err := o.connector()
	if err != nil {
		t.Fatalf("redshifttest: %v", err)
	}
	return serve(t, k, o)
}

// connector makes a cluster.
func (o *options) connector() (*redshiftsim.Connector, error) {
	if o.config.Name != "" {
		return nil, errors.New("a cluster for one test has no name: others could open it")
	}
	if o.config.Order == "" {
		o.config.Order = "shuffle"
	}
	if o.config.Seed == 0 {
		o.config.Seed = rand.Uint64()
	}
	return redshiftsim.NewConnector(o.config)
}

// serve opens the database of a test on a cluster, and loads its fixtures.
func serve(t testing.TB, k *redshiftsim.Connector, o *options) *sql.DB {
	t.Helper()
	db := sql.OpenDB(k)
	served.Store(db, k)
	t.Cleanup(func() {
		served.Delete(db)
		if t.Failed() {
			dump(t, k, o)
		}
		if err := db.Close(); err != nil {
			t.Errorf("redshifttest: %v", err)
		}
	})
	for name, l := range o.lambdas {
		k.Cluster().SetLambda(name, l)
	}
	Load(t, db, o.fixtures...)
	for _, h := range o.hooks {
		bridge.Engine(k.Cluster()).Hook(h)
	}
	inject(t, bridge.Engine(k.Cluster()), o.faults)
	return db
}

// Base is a cluster that many tests begin from: seeded once, cloned in the same time whatever its size. It is usually a variable of the package under test:
//
//	var base = redshifttest.NewBase(redshifttest.SQL(schema), redshifttest.Files(os.DirFS("testdata"), "*.csv"))
//
//	func TestOrders(t *testing.T) {
//		t.Parallel()
//		db := base.Clone(t)
//		...
//	}
type Base struct {
	opts []Option

	mu      sync.Mutex // guards what follows; held while the base is seeded
	started bool
	k       *redshiftsim.Connector
	seed    uint64
	err     error
}

// NewBase describes a cluster. It is made, and the fixtures are loaded, when the first test clones it.
func NewBase(opts ...Option) *Base { return &Base{opts: opts} }

// Clone gives a database on a cluster that begins with what the base has, and ends with the test. It costs the same whatever the data: blocks are shared, and
// what either changes afterwards the other does not see. opts may be settings, fixtures and whatever else is not of the making of a cluster. A base that
// could not be seeded ends every test that clones it.
func (b *Base) Clone(t testing.TB, opts ...Option) *sql.DB {
	t.Helper()
	k, seed, err := b.start()
	if err != nil {
		t.Fatalf("redshifttest: the base: %v", err)
	}
	all := collect(b.opts)
	own := collect(opts)
	if len(own.cluster) > 0 {
		t.Fatalf("redshifttest: %s: a clone has the cluster's of its base", strings.Join(own.cluster, ", "))
	}
	if len(all.faults) > 0 {
		t.Fatal("redshifttest: a fault is an option of Clone, not of the base: it strikes in one test")
	}
	for _, opt := range opts { // over those of the base
		opt.apply(all)
	}
	all.fixtures, all.config.Seed = own.fixtures, seed
	clone := k.Cluster().Clone()
	bridge.Set(clone, all.config.Settings)
	return serve(t, clone, all)
}

// start gives the cluster, made and seeded by the first who asks.
func (b *Base) start() (*redshiftsim.Connector, uint64, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if !b.started {
		b.started = true
		b.err = b.fill()
	}
	return b.k, b.seed, b.err
}

// fill makes the cluster and loads its fixtures.
func (b *Base) fill() (err error) {
	o := collect(b.opts)
	if b.k, err = o.connector(); err != nil {
		return err
	}
	b.seed = o.config.Seed
	db := sql.OpenDB(held{b.k})
	defer db.Close()
	return load(context.Background(), db, o.fixtures)
}

// Close ends the base: no test may clone it any more. Clones live on. Bases that are variables need it not.
func (b *Base) Close() error {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.started, b.err = true, errors.New("it is closed")
	if b.k == nil {
		return nil
	}
	return b.k.Close()
}

// held is a connector whose databases do not close it.
type held struct{ k *redshiftsim.Connector }

func (h held) Connect(ctx context.Context) (driver.Conn, error) { return h.k.Connect(ctx) }
func (h held) Driver() driver.Driver                            { return h.k.Driver() }

// served are the connectors of this package's databases, which are asked for their cluster even when all their connections are in use.
var served sync.Map

// clusterOf gives the cluster of a test's database.
func clusterOf(t testing.TB, db *sql.DB) *redshiftsim.Cluster {
	t.Helper()
	if k, ok := served.Load(db); ok {
		return k.(*redshiftsim.Connector).Cluster()
	}
	c, err := redshiftsim.ClusterOf(db)
	if err != nil {
		t.Fatalf("redshifttest: %v", err)
	}
	return c
}
