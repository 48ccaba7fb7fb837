package redshifttest

import (
	"time"

	"github.com/redshiftsim/redshiftsim"
	"github.com/redshiftsim/redshiftsim/engine"
)

// Option says what a cluster for tests is to be. Fixtures (SQL, Files, Rows) are options too: New loads them in their order.
type Option interface{ apply(*options) }

// options are what the Options of one call came to.
type options struct {
	config   redshiftsim.Config
	fixtures []Fixture
	hooks    []*engine.Hook
	faults   []*Fault
	folder   string                        // of dumps
	cluster  []string                      // options that are of a cluster when it is made: Clone refuses them
	lambdas  map[string]redshiftsim.Lambda // by name
}

// collect applies options.
func collect(opts []Option) *options {
	o := &options{}
	for _, opt := range opts {
		opt.apply(o)
	}
	return o
}

type option func(*options)

func (f option) apply(o *options) { f(o) }

// made is an option of a cluster when it is made.
func made(name string, f func(*redshiftsim.Config)) Option {
	return option(func(o *options) {
		o.cluster = append(o.cluster, name)
		f(&o.config)
	})
}

// Shape gives the cluster another number of nodes, and of slices of each, than 2 and 2.
// https://docs.aws.amazon.com/redshift/latest/mgmt/working-with-clusters.html
func Shape(nodes, slices int) Option {
	return made("Shape", func(c *redshiftsim.Config) { c.Nodes, c.Slices = nodes, slices })
}

// MemoryLimit bounds the bytes that data and running statements hold together: what would pass it fails with 53200.
func MemoryLimit(bytes int64) Option {
	return made("MemoryLimit", func(c *redshiftsim.Config) { c.MemoryLimit = bytes })
}

// Bucket is what s3://name/ reaches in COPY and UNLOAD: redshiftsim.FS, redshiftsim.NewMemory, a store of one's own.
func Bucket(name string, store redshiftsim.ObjectStore) Option {
	return made("Bucket", func(c *redshiftsim.Config) {
		if c.Buckets == nil {
			c.Buckets = map[string]redshiftsim.ObjectStore{}
		}
		c.Buckets[name] = store
	})
}

// Lambda stands for the Lambda function of a name: redshiftsim.LambdaEach, redshiftsim.LambdaFunc, a handler of aws-lambda-go. A clone may have others than its base.
// https://docs.aws.amazon.com/redshift/latest/dg/udf-creating-a-lambda-sql-udf.html
func Lambda(name string, l redshiftsim.Lambda) Option {
	return option(func(o *options) {
		if o.lambdas == nil {
			o.lambdas = map[string]redshiftsim.Lambda{}
		}
		o.lambdas[name] = l
	})
}

// Seed makes what is random the same in each run: random(), and the order of rows that nothing orders (see Ordered). Without it each run has another seed, which a
// failed test prints. Sessions that run queries at once share what is random, so one seed gives one order only where one session is at work.
func Seed(seed uint64) Option {
	return made("Seed", func(c *redshiftsim.Config) { c.Seed = seed })
}

// Ordered has rows that no ORDER BY puts in order come as they happen to, the same each time: as an engine in one process does, and a cluster does not. Without
// it the results of a query without an ORDER BY, the rows that LIMIT takes of them, groups, what LISTAGG lists and ties of an ORDER BY come in a random order
// of the seed, so that a test finds an ORDER BY that is missing.
// https://docs.aws.amazon.com/redshift/latest/dg/r_ORDER_BY_clause.html
func Ordered() Option { return made("Ordered", func(c *redshiftsim.Config) { c.Order = "stable" }) }

// At stops the clock of the cluster (GETDATE, SYSDATE, the times in system tables) at a moment. Clock.Option gives a clock that can be advanced.
func At(moment time.Time) Option { return NewClock(moment).Option() }

// Config changes any other field of the cluster's configuration.
func Config(change func(*redshiftsim.Config)) Option { return made("Config", change) }

// Setting is a session parameter that every session begins with, as SET has it: Setting("search_path", "sales").
// https://docs.aws.amazon.com/redshift/latest/dg/cm_chap_ConfigurationRef.html
func Setting(name, value string) Option {
	return option(func(o *options) {
		if o.config.Settings == nil {
			o.config.Settings = map[string]string{}
		}
		o.config.Settings[name] = value
	})
}

// DumpTo has a failed test write what it would log, up to a thousand rows of each table as CSV, and explorer.html, a page that draws the cluster and its last
// query (explorer.Export), into a folder of its own name in folder.
func DumpTo(folder string) Option {
	return option(func(o *options) { o.folder = folder })
}
