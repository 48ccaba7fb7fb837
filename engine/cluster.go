// Package engine is the leader: sessions, and the life of a statement from text to rows.
//
//	Cluster ── txn.Manager ── root {catalog, versions}          one atomic pointer; Clone copies it
//	   │   ├── plans: text -> plan and program                  bounded by bytes
//	   │   ├── system.Log                                       a ring bounded by bytes
//	   │   └── upkeep: ANALYZE, VACUUM between transactions     with Config.Background only    (background.go)
//	   └── Session ── settings, the transaction, prepared statements
//	          │
//	          text -> parse -> one switch (statement.go) ─┬─ query road: bind, optimize, compile, exec      (query.go)
//	                                                      ├─ DDL: catalog edits and new versions            (create.go, drop.go, alter.go)
//	                                                      └─ utility: SET, ANALYZE, EXPLAIN, BEGIN ...
//	          Result: batches, one set of rows after the other
//
// A session belongs to one goroutine at a time; a cluster to all.
package engine

import (
	"context"
	"maps"
	"math/rand/v2"
	"slices"
	"strconv"
	"sync"
	"sync/atomic"
	"time"

	"github.com/redshiftsim/redshiftsim/engine/catalog"
	"github.com/redshiftsim/redshiftsim/engine/exfunc"
	"github.com/redshiftsim/redshiftsim/engine/load"
	"github.com/redshiftsim/redshiftsim/engine/principal"
	"github.com/redshiftsim/redshiftsim/engine/system"
	"github.com/redshiftsim/redshiftsim/engine/txn"
	"github.com/redshiftsim/redshiftsim/internal/sqlstate"
	"github.com/redshiftsim/redshiftsim/internal/types"
	"github.com/redshiftsim/redshiftsim/storage"
)

// Version is what version() says.
// https://docs.aws.amazon.com/redshift/latest/dg/r_VERSION.html
const Version = "PostgreSQL 8.0.2 on i686-pc-linux-gnu, compiled by GCC gcc (GCC) 3.4.2 20041017 (Red Hat 3.4.2-6.fc3), Redshift " + release

// release is the engine's version.
const release = "1.0.41533"

// Config is the shape of a cluster and its limits. The zero value of a field means its default.
type Config struct {
	Nodes        int              // compute nodes; 2
	Slices       int              // slices of each node; 2
	BlockBytes   int              // of a block; 1 MB
	Database     string           // dev
	Serializable bool             // the first database has isolation level SERIALIZABLE, not SNAPSHOT
	Admin        string           // the administrator; awsuser
	Clock        func() time.Time // time.Now
	Seed         uint64           // of random(); 0 = another one each time
	Buckets      map[string]load.ObjectStore
	Lambdas      map[string]exfunc.Lambda // what stands for Lambda functions, by name
	LambdaURL    string                   // of a service that has the others; "" = there is none
	Workers      int                      // tasks of one query that may run at once; GOMAXPROCS
	MemoryLimit  int64                    // bytes that data and statements may hold together; 0 = no limit
	LogLimit     int64                    // bytes of the query log; 16 MB
	Account      int64                    // the AWS account; 123456789012, which AWS's documentation uses
	IAMRole      string                   // the ARN of the default IAM role; "" = none
	// Shuffle has rows that no ORDER BY puts in order come in a random one, of Seed, from queries; ties too.
	Shuffle    bool
	Background bool // tables are analyzed and vacuumed by themselves, and AUTO chooses keys and encodings
}

// seeded is the configured seed, or another one each time.
func (c *Config) seeded() uint64 {
	if c.Seed == 0 {
		return rand.Uint64()
	}
	return c.Seed
}

// withDefaults fills in what was left out.
func (c Config) withDefaults() Config {
	if c.Nodes == 0 {
		c.Nodes = 2
	}
	if c.Slices == 0 {
		c.Slices = 2
	}
	if c.BlockBytes == 0 {
		c.BlockBytes = storage.DefaultBlockBytes
	}
	if c.Database == "" {
		c.Database = "dev"
	}
	if c.Admin == "" {
		c.Admin = "awsuser"
	}
	if c.Clock == nil {
		c.Clock = time.Now
	}
	if c.Account == 0 {
		c.Account = 123456789012
	}
	return c
}

// Cluster is a simulated cluster: its data, its sessions, its log.
type Cluster struct {
	cfg  Config
	seed uint64
	topo atomic.Pointer[storage.Topology]
	txns *txn.Manager

	ids      atomic.Uint32 // last number given to an object
	users    atomic.Int64  // last number given to a user
	groups   atomic.Int64  // last number given to a group
	pids     atomic.Int64
	queries  atomic.Int64
	shuffles atomic.Uint64 // queries that were shuffled
	closed   atomic.Bool
	altered  sync.Map // parameters that ALTER SYSTEM has set: name -> value
	upkeep   background
	copies   autoCopy
	// priorities are those that CHANGE_QUERY_PRIORITY and its like gave, nil at first; who changes them holds mu, and makes new ones.
	priorities atomic.Pointer[map[prioritized]string]
	hooks      atomic.Pointer[[]*Hook] // nil = none
	log        atomic.Pointer[system.Log]

	mu       sync.Mutex // guards what follows
	sessions map[int]*Session
	identity map[columnKey]*identityCounter
	guesses  map[int]guesses // wrong passwords, by the number of the user; a user has none, mostly
	// predicates are the columns that queries filtered, joined or grouped by, and when they first did.
	predicates map[columnKey]time.Time
	plans      planCache
	texts      parseCache
	results    resultCache
	violations []system.QuotaViolation // of quotas, the last maxViolations
	uuid       string                  // current_namespace
	foreign    map[foreignObject]uint32
	// importedCatalogs are the catalogs of databases of datashares, as they were last asked for.
	importedCatalogs map[uint32]*keptImport
	random           *rand.Rand
	lambdas          map[string]exfunc.Lambda
	buckets          map[string]load.ObjectStore
}

// systemTables are shared by all clusters of the process.
var systemTables = catalog.NewSystem(system.Tables)

// New makes a cluster without tables. It starts nothing: system tables, plans and log are made when first asked for.
func New(cfg Config) *Cluster {
	cfg = cfg.withDefaults()
	c := &Cluster{cfg: cfg, seed: cfg.seeded(), buckets: maps.Clone(cfg.Buckets), lambdas: maps.Clone(cfg.Lambdas), copies: newAutoCopy()}
	c.texts.limit = textBytes
	c.topo.Store(&storage.Topology{Nodes: cfg.Nodes, SlicesPerNode: cfg.Slices})
	c.txns = txn.NewManager(firstCatalog(&cfg))
	c.txns.Budget = storage.NewBudget(cfg.MemoryLimit)
	c.ids.Store(catalog.FirstID)
	c.users.Store(principal.AdminID)
	c.groups.Store(principal.FirstGroupID - 1)
	c.pids.Store(firstPID)
	c.queries.Store(firstQuery)
	return c
}

// beginning is the first catalog of a cluster, with what it was made from.
type beginning struct {
	database, admin string
	serializable    bool
	catalog         *catalog.Catalog
}

// lastBeginning is that of the last cluster that was made.
var lastBeginning atomic.Pointer[beginning]

// firstCatalog is what a cluster begins with. Catalogs are immutable, so that clusters which are made alike begin with one.
func firstCatalog(cfg *Config) *catalog.Catalog {
	if l := lastBeginning.Load(); l != nil && l.database == cfg.Database && l.admin == cfg.Admin && l.serializable == cfg.Serializable {
		return l.catalog
	}
	first := catalog.New(systemTables, cfg.Database, cfg.Admin)
	if cfg.Serializable {
		db := *first.DatabaseByName(cfg.Database)
		db.Isolation = catalog.Serializable
		first = first.WithDatabase(&db)
	}
	lastBeginning.Store(&beginning{cfg.Database, cfg.Admin, cfg.Serializable, first})
	return first
}

// Numbers of the first session and query.
const (
	firstPID   = 10000
	firstQuery = 100
)

// Clone makes a cluster that has the data that is committed now, and none of the sessions or the log. It shares all blocks: it costs the same
// whatever the data.
func (c *Cluster) Clone() *Cluster {
	n := &Cluster{cfg: c.cfg, seed: c.cfg.seeded(), txns: c.txns.Clone(), copies: newAutoCopy()}
	if n.txns.Budget = storage.NewBudget(c.cfg.MemoryLimit); n.txns.Budget != nil {
		n.txns.Budget.Resize(n.txns.Bytes())
	}
	n.topo.Store(c.topo.Load())
	n.ids.Store(c.ids.Load())
	n.users.Store(c.users.Load())
	n.groups.Store(c.groups.Load())
	n.pids.Store(firstPID)
	n.queries.Store(c.queries.Load())
	c.altered.Range(func(name, value any) bool {
		n.altered.Store(name, value)
		return true
	})
	c.mu.Lock()
	defer c.mu.Unlock()
	n.guesses = maps.Clone(c.guesses)
	n.buckets, n.lambdas, n.predicates, n.foreign = maps.Clone(c.buckets), maps.Clone(c.lambdas), maps.Clone(c.predicates), maps.Clone(c.foreign)
	if len(c.identity) > 0 {
		n.identity = make(map[columnKey]*identityCounter, len(c.identity))
		for k, v := range c.identity {
			n.identity[k] = v.clone()
		}
	}
	return n
}

// Close refuses what comes after it, and ends the upkeep of tables. Data goes when nobody refers to the cluster any more.
func (c *Cluster) Close() {
	c.closed.Store(true)
	c.stopUpkeep()
}

// Config is what the cluster was made with, defaults filled in. Resize does not change it.
func (c *Cluster) Config() Config { return c.cfg }

// Topology is its nodes and slices. It does not change while a transaction is open.
func (c *Cluster) Topology() storage.Topology { return *c.topo.Load() }

// Resize gives the cluster another number of nodes, and of slices of each, and distributes the rows of all tables anew. Transactions that are open end
// first, and none begins meanwhile: ctx bounds the wait. A transaction of the caller's own would be waited for until ctx ends.
// https://docs.aws.amazon.com/redshift/latest/mgmt/resizing-cluster.html
func (c *Cluster) Resize(ctx context.Context, nodes, slices int) error {
	if nodes < 1 || slices < 1 {
		return sqlstate.InvalidParameterValue.Errorf("a cluster has at least one node of one slice")
	}
	topo := storage.Topology{Nodes: nodes, SlicesPerNode: slices}
	return c.txns.Relay(ctx, topo, func() {
		c.topo.Store(&topo)
		c.plans.clear()
		c.mu.Lock()
		for _, n := range c.identity {
			n.raise()
		}
		c.mu.Unlock()
	})
}

// Log gives the query log.
func (c *Cluster) Log() *system.Log {
	if l := c.log.Load(); l != nil {
		return l
	}
	c.log.CompareAndSwap(nil, system.NewLog(c.cfg.LogLimit))
	return c.log.Load()
}

// tableOf finds a table by its full name.
func tableOf(c *catalog.Catalog, schema, name string) (*catalog.Table, error) {
	o, err := c.Resolve(nil, schema, name)
	if err != nil {
		return nil, err
	}
	t, ok := o.(*catalog.Table)
	if !ok {
		return nil, sqlstate.WrongObjectType.Errorf("\"%s\" is not a table", name)
	}
	return t, nil
}

// TableColumns lists the columns of a table.
func (c *Cluster) TableColumns(schema, name string) ([]storage.Column, error) {
	t, err := tableOf(c.txns.Root().Catalog, schema, name)
	if err != nil {
		return nil, err
	}
	return t.Def.Columns, nil
}

// SetStatistics gives a table the statistics of another cluster, so that plans can be compared: what
// ANALYZE would have found there.
func (c *Cluster) SetStatistics(ctx context.Context, schema, name string, st *storage.Statistics) error {
	tx := c.txns.Begin(c.cfg.Clock())
	defer tx.Rollback()
	t, err := tableOf(tx.Catalog(), schema, name)
	if err != nil {
		return err
	}
	if err := tx.Lock(ctx, t.ID, txn.ShareRowExclusive); err != nil {
		return err
	}
	tx.Refresh()
	if t, err = tableOf(tx.Catalog(), schema, name); err != nil {
		return err
	}
	v, err := tx.Newest(t)
	if err != nil {
		return err
	}
	if err := tx.Put(t, v.WithStatistics(st)); err != nil {
		return err
	}
	return tx.Commit()
}

// memory is what the cluster holds, for redshiftsim_memory_use.
func (c *Cluster) memory() system.Memory {
	limit, _, granted := c.txns.Budget.Held()
	return system.Memory{Limit: limit, Data: c.txns.Bytes(), Granted: granted, Old: c.txns.OldBytes()}
}

// DataBytes is what the tables hold.
func (c *Cluster) DataBytes() int64 { return c.txns.Bytes() }

// maxViolations is how many violations of quotas are told.
const maxViolations = 1000

// quotaViolations lists the violations of quotas that are kept.
func (c *Cluster) quotaViolations() []system.QuotaViolation {
	c.mu.Lock()
	defer c.mu.Unlock()
	return slices.Clone(c.violations)
}

// violated keeps violations of quotas.
func (c *Cluster) violated(list []system.QuotaViolation) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.violations = append(c.violations, list...)
	if n := len(c.violations) - maxViolations; n > 0 {
		c.violations = slices.Delete(c.violations, 0, n)
	}
}

// newID numbers a new object.
func (c *Cluster) newID() uint32 { return c.ids.Add(1) }

// newUserID and newGroupID number a new user and a new group.
func (c *Cluster) newUserID() int { return int(c.users.Add(1)) }

func (c *Cluster) newGroupID() int { return int(c.groups.Add(1)) }

// counter gives the counter of an identity column.
func (c *Cluster) counter(table uint32, column int) *identityCounter {
	c.mu.Lock()
	defer c.mu.Unlock()
	k := columnKey{table, column}
	n := c.identity[k]
	if n == nil {
		n = &identityCounter{}
		if c.identity == nil {
			c.identity = map[columnKey]*identityCounter{}
		}
		c.identity[k] = n
	}
	return n
}

// randomFloat is random(): [0,1), from the cluster's seed.
func (c *Cluster) randomFloat() float64 {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.random == nil {
		c.random = rand.New(rand.NewPCG(c.seed, c.seed))
	}
	return c.random.Float64()
}

// shuffle is the seed of a query's order; 0 = its rows come as they come.
func (c *Cluster) shuffle() uint64 {
	if !c.cfg.Shuffle {
		return 0
	}
	return rand.New(rand.NewPCG(c.seed, c.shuffles.Add(1))).Uint64() | 1
}

// forget drops a session.
func (c *Cluster) forget(s *Session) {
	c.mu.Lock()
	defer c.mu.Unlock()
	delete(c.sessions, s.pid)
	c.keepPriority(prioritized{"session", strconv.Itoa(s.pid)}, "")
}

// open lists the sessions for STV_SESSIONS.
func (c *Cluster) open() []system.Session {
	c.mu.Lock()
	defer c.mu.Unlock()
	out := make([]system.Session, 0, len(c.sessions))
	for _, s := range c.sessions {
		o := system.Session{
			PID: s.pid, User: s.login.Name, UserID: s.login.ID, Timeout: s.login.Timeout, DB: s.home.Name, Start: s.start, Running: s.running.Load(), Cursor: s.shown.Load(),
			XID: s.xid.Load(), Begun: types.TimeFromMicros(s.begunAt.Load()),
		}
		if o.Running != nil && o.Running.Query.Load() > 0 {
			o.Priority = c.priorityOf(s, o.Running.Query.Load())
		}
		out = append(out, o)
	}
	return out
}
