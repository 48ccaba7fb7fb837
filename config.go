package redshiftsim

import (
	"fmt"
	"io/fs"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/redshiftsim/redshiftsim/engine"
	"github.com/redshiftsim/redshiftsim/engine/exfunc"
	"github.com/redshiftsim/redshiftsim/engine/load"
)

// ObjectStore is a bucket: what s3://bucket/key reaches in COPY and UNLOAD. FS, OpenDir and NewMemory make one, the module
// objectstore makes one of a cloud's.
type ObjectStore = load.ObjectStore

// ObjectRemover is what an ObjectStore may have besides: CLEANPATH of UNLOAD needs it.
type ObjectRemover = load.Remover

// Object is an object that a store lists.
type Object = load.Object

// Dir is a bucket in a folder of the machine.
type Dir = load.Dir

// Memory is a bucket in memory.
type Memory = load.Memory

// NewMemory makes an empty bucket in memory.
func NewMemory() *Memory { return load.NewMemory() }

// FS makes a bucket of a file system, read only: an embed.FS, a testing/fstest.MapFS.
func FS(fsys fs.FS) ObjectStore { return load.FS(fsys) }

// OpenDir makes a bucket of a folder. Keys that leave it, by .. or by a link, are refused. write lets UNLOAD create objects. Close it when it is no
// longer used.
func OpenDir(folder string, write bool) (*Dir, error) { return load.OpenDir(folder, write) }

// Folder names a folder that becomes a bucket while the cluster lives. The path mem: is no folder, but a bucket in memory.
type Folder struct {
	Path  string
	Write bool // UNLOAD may create objects
}

// Config describes a cluster and a session on it. The zero value of a field means its default, or, when a cluster of that name exists, whatever that
// cluster has.
type Config struct {
	Name string // "" = a cluster of its own
	Keep bool   // a named cluster outlives its last handle, until Drop

	Nodes      int    // compute nodes; 2
	Slices     int    // slices of each node; 2
	BlockBytes int    // of a block, 4 KB to 1 MB; 1 MB
	Seed       uint64 // of random() and of Order; 0 = another one each time
	// Order is what rows of a SELECT that no ORDER BY puts in order do: "shuffle" has them come in a random order, "stable", the default, as they happen to.
	Order       string
	Clock       func() time.Time // time.Now
	Workers     int              // tasks of one query that may run at once; GOMAXPROCS
	MemoryLimit int64            // bytes that data and running statements may hold together; 0 = no limit
	LogLimit    int64            // bytes of the query log behind the STL tables; 16 MB; below 0 = no log
	Account     int64            // the AWS account that CURRENT_AWS_ACCOUNT tells; 123456789012
	IAMRole     string           // the ARN of the cluster's default IAM role, that DEFAULT_IAM_ROLE tells; "" = none
	Background  bool             // tables are analyzed and vacuumed by themselves, and AUTO chooses keys and encodings, as on a cluster that has time

	Buckets map[string]ObjectStore // by name
	Folders map[string]Folder      // buckets too

	// Lambdas stand for the Lambda functions that CREATE EXTERNAL FUNCTION names, by name; LambdaURL is the address of a service that has the others, such as
	// http://127.0.0.1:9001/2015-03-31/functions/. What neither has is refused (0A000): no other address is ever called.
	Lambdas   map[string]Lambda
	LambdaURL string

	Database  string            // dev
	Isolation string            // of that database, when it is made: snapshot (the default) or serializable
	User      string            // awsuser, who is a superuser; any other is an ordinary user
	Password  string            // of User, who takes it when there is none yet; "" = none
	Settings  map[string]string // session parameters, as SET has them
	// Notice gets what the database tells besides errors (INFO, WARNING, NOTICE), while a statement runs.
	Notice func(*Error)
}

// DefaultConfig is a private cluster of 2 nodes x 2 slices with a database dev.
func DefaultConfig() Config { return Config{} }

// ParseDSN reads a data source name:
//
//	redshiftsim://[user[:password]@]name[/database][?option=value&...]
//
// An empty name is a cluster of its own. A user is made when it is first named without a password, and takes a password when it is first named with one;
// afterwards the password must be right. Options: nodes, slices, block_size, seed, order, clock, workers, memory_limit, log_limit, account, iam_role,
// background, isolation, keep,
// bucket=NAME=DIR[,rw] or bucket=NAME=mem: (may be repeated), lambda=URL of a service or lambda=NAME=URL of one function (may be repeated), and every session parameter that SET takes (search_path, timezone, statement_timeout, query_group, application_name ...).
func ParseDSN(dsn string) (Config, error) {
	var c Config
	rest, ok := strings.CutPrefix(dsn, "redshiftsim://")
	if !ok {
		return c, fmt.Errorf("redshiftsim: a DSN is redshiftsim://[user[:password]@]name[/database][?option=value&...], not %q", dsn)
	}
	rest, query, _ := strings.Cut(rest, "?")
	rest, path, _ := strings.Cut(rest, "/")
	if at := strings.LastIndexByte(rest, '@'); at >= 0 {
		user, password, _ := strings.Cut(rest[:at], ":")
		var err error
		if c.User, err = url.PathUnescape(user); err == nil {
			c.Password, err = url.PathUnescape(password)
		}
		if err != nil {
			return c, fmt.Errorf("redshiftsim: the user in the DSN: %w", err)
		}
		rest = rest[at+1:]
	}
	var err error
	if c.Name, err = url.PathUnescape(rest); err != nil {
		return c, fmt.Errorf("redshiftsim: the cluster's name in the DSN: %w", err)
	}
	if strings.ContainsAny(c.Name, ": \t") {
		return c, fmt.Errorf("redshiftsim: the cluster's name %q in the DSN: a name has no blank and no port, for nothing listens on one", c.Name)
	}
	if c.Database, err = url.PathUnescape(path); err != nil {
		return c, fmt.Errorf("redshiftsim: the database in the DSN: %w", err)
	}
	if strings.Contains(c.Database, "/") {
		return c, fmt.Errorf("redshiftsim: the database %q in the DSN: options follow a question mark", c.Database)
	}
	return c, c.options(query)
}

// options reads the part of a DSN behind the question mark. Pairs are cut by hand because a folder may have characters that a query may not.
func (c *Config) options(query string) error {
	for query != "" {
		var pair string
		pair, query, _ = strings.Cut(query, "&")
		if pair == "" {
			continue
		}
		name, value, ok := strings.Cut(pair, "=")
		if !ok {
			return fmt.Errorf("redshiftsim: option %q has no value", name)
		}
		value, err := url.PathUnescape(value)
		if err != nil {
			return fmt.Errorf("redshiftsim: option %s: %w", name, err)
		}
		if err := c.option(name, value); err != nil {
			return err
		}
	}
	return nil
}

// dsnOption is an option of the DSN: what it takes, and what it sets.
type dsnOption struct {
	name, takes string
	set         func(c *Config, v string) bool
}

// dsnOptions are the options of a DSN that are not session parameters.
var dsnOptions = []dsnOption{
	{"nodes", "a number of nodes from 1 to 128", func(c *Config, v string) bool { return number(v, 1, 128, &c.Nodes) }},
	{"slices", "a number of slices of a node from 1 to 64", func(c *Config, v string) bool { return number(v, 1, 64, &c.Slices) }},
	{"block_size", "bytes from 4KB to 1MB", func(c *Config, v string) bool {
		n, ok := size(v)
		c.BlockBytes = int(n)
		return ok && n >= minBlock && n <= maxBlock
	}},
	{"seed", "a number", func(c *Config, v string) (ok bool) {
		n, err := strconv.ParseUint(v, 10, 64)
		c.Seed = n
		return err == nil
	}},
	{"order", "stable or shuffle", func(c *Config, v string) (ok bool) {
		c.Order = strings.ToLower(v)
		_, ok = orders[c.Order]
		return ok && v != ""
	}},
	{"clock", "a moment such as 2008-02-15T12:00:00Z, at which the clock stands", func(c *Config, v string) bool {
		at, err := time.Parse(time.RFC3339Nano, v)
		c.Clock = func() time.Time { return at }
		return err == nil
	}},
	{"workers", "a number of tasks from 1 to 1024", func(c *Config, v string) bool { return number(v, 1, 1024, &c.Workers) }},
	{"memory_limit", "bytes, such as 512MB", func(c *Config, v string) (ok bool) { c.MemoryLimit, ok = size(v); return ok }},
	{"log_limit", "bytes, such as 16MB, or -1 for no log", func(c *Config, v string) (ok bool) {
		if v == "-1" {
			c.LogLimit = -1
			return true
		}
		c.LogLimit, ok = size(v)
		return ok
	}},
	{"account", "the number of an AWS account", func(c *Config, v string) bool {
		n, err := strconv.ParseInt(v, 10, 64)
		c.Account = n
		return err == nil && n > 0 && n <= maxAccount
	}},
	{"iam_role", "the ARN of an IAM role", func(c *Config, v string) bool {
		c.IAMRole = v
		return isARN(v)
	}},
	{"isolation", "snapshot or serializable", func(c *Config, v string) (ok bool) {
		c.Isolation = strings.ToLower(v)
		_, ok = isolations[c.Isolation]
		return ok
	}},
	{"background", "true or false", func(c *Config, v string) bool {
		on, err := strconv.ParseBool(v)
		c.Background = on
		return err == nil
	}},
	{"keep", "true or false", func(c *Config, v string) bool {
		keep, err := strconv.ParseBool(v)
		c.Keep = keep
		return err == nil
	}},
	{"bucket", "NAME=DIR, NAME=DIR,rw or NAME=mem:", func(c *Config, v string) bool {
		name, dir, ok := strings.Cut(v, "=")
		f := Folder{Path: dir}
		f.Path, f.Write = strings.CutSuffix(dir, ",rw")
		if !ok || name == "" || f.Path == "" || strings.Contains(name, "/") {
			return false
		}
		if c.Folders == nil {
			c.Folders = map[string]Folder{}
		}
		c.Folders[name] = f
		return true
	}},
	{"lambda", "an address http://host:port/path of a service, or NAME=http://host:port/path of one function", lambdaOption},
}

// lambdaOption is lambda=URL, of a service that has Lambda functions as <name>/invocations, or lambda=NAME=URL, of one function.
func lambdaOption(c *Config, v string) bool {
	name, address, one := strings.Cut(v, "=")
	if !one || strings.Contains(name, "/") { // the = is in the address
		c.LambdaURL = v
		return exfunc.CheckURL(v) == nil
	}
	if c.Lambdas == nil {
		c.Lambdas = map[string]Lambda{}
	}
	c.Lambdas[name] = exfunc.Endpoint{URL: address}
	return name != "" && exfunc.CheckURL(address) == nil
}

// orders says which values of Order shuffle.
var orders = map[string]bool{"": false, "stable": false, "shuffle": true}

// isolations are the levels of a database's transactions: is it SERIALIZABLE? "" = the default.
var isolations = map[string]bool{"": false, "snapshot": false, "serializable": true}

// maxAccount is the greatest number of an AWS account: it has twelve digits.
const maxAccount = 999_999_999_999

// isARN says whether a text may be the ARN of an IAM role.
func isARN(v string) bool {
	return strings.HasPrefix(v, "arn:") && strings.Contains(v, ":role/") && !strings.ContainsAny(v, ", \t\n")
}

// Sizes of blocks.
const (
	minBlock = 4 << 10
	maxBlock = 1 << 20
)

// number reads a number between lo and hi.
func number(v string, lo, hi int, out *int) bool {
	n, err := strconv.Atoi(v)
	*out = n
	return err == nil && n >= lo && n <= hi
}

// size reads a number of bytes, with B, KB, MB or GB behind it or without.
func size(v string) (int64, bool) {
	unit := int64(1)
	for _, u := range []struct {
		suffix string
		bytes  int64
	}{{"KB", 1 << 10}, {"MB", 1 << 20}, {"GB", 1 << 30}, {"B", 1}} {
		if rest, ok := strings.CutSuffix(strings.ToUpper(v), u.suffix); ok {
			v, unit = strings.TrimSpace(rest), u.bytes
			break
		}
	}
	n, err := strconv.ParseInt(v, 10, 64)
	return n * unit, err == nil && n >= 0 && n <= (1<<62)/unit
}

// option sets one option of the DSN.
func (c *Config) option(name, value string) error {
	for _, o := range dsnOptions {
		if o.name == name {
			if !o.set(c, value) {
				return fmt.Errorf("redshiftsim: option %s=%s: it takes %s", name, value, o.takes)
			}
			return nil
		}
	}
	known, err := engine.CheckSetting(name, value)
	if err != nil {
		return fmt.Errorf("redshiftsim: option %s=%s: %w", name, value, err)
	}
	if !known {
		var names []string
		for _, o := range dsnOptions {
			names = append(names, o.name)
		}
		return fmt.Errorf("redshiftsim: unknown option %q: there are %s, and the session parameters that SHOW ALL lists", name, strings.Join(names, ", "))
	}
	if c.Settings == nil {
		c.Settings = map[string]string{}
	}
	c.Settings[name] = value
	return nil
}

// check refuses values that no cluster can have, in the words of the DSN's options.
func (c *Config) check() error {
	for _, x := range []struct {
		name   string
		value  int
		lo, hi int
	}{{"Nodes", c.Nodes, 1, 128}, {"Slices", c.Slices, 1, 64}, {"BlockBytes", c.BlockBytes, minBlock, maxBlock}, {"Workers", c.Workers, 1, 1024}} {
		if x.value != 0 && (x.value < x.lo || x.value > x.hi) {
			return fmt.Errorf("redshiftsim: Config.%s is %d: it takes a number from %d to %d", x.name, x.value, x.lo, x.hi)
		}
	}
	if _, ok := isolations[c.Isolation]; !ok {
		return fmt.Errorf("redshiftsim: Config.Isolation is %q: it takes snapshot or serializable", c.Isolation)
	}
	if _, ok := orders[c.Order]; !ok {
		return fmt.Errorf("redshiftsim: Config.Order is %q: it takes stable or shuffle", c.Order)
	}
	if c.MemoryLimit < 0 {
		return fmt.Errorf("redshiftsim: Config.MemoryLimit is %d: it takes a number of bytes, 0 for no limit", c.MemoryLimit)
	}
	if c.Account < 0 || c.Account > maxAccount {
		return fmt.Errorf("redshiftsim: Config.Account is %d: it takes the number of an AWS account, 0 for the default", c.Account)
	}
	if c.IAMRole != "" && !isARN(c.IAMRole) {
		return fmt.Errorf("redshiftsim: Config.IAMRole is %q: it takes the ARN of an IAM role", c.IAMRole)
	}
	if c.LambdaURL != "" {
		if err := exfunc.CheckURL(c.LambdaURL); err != nil {
			return fmt.Errorf("redshiftsim: Config.LambdaURL: %w", err)
		}
	}
	for name, l := range c.Lambdas {
		if name == "" || l == nil {
			return fmt.Errorf("redshiftsim: Config.Lambdas[%q] is %v: it takes a Lambda under a name", name, l)
		}
	}
	for name, value := range c.Settings {
		if known, err := engine.CheckSetting(name, value); err != nil {
			return fmt.Errorf("redshiftsim: Config.Settings: %s: %w", name, err)
		} else if !known {
			return fmt.Errorf("redshiftsim: Config.Settings: unknown session parameter %q: there are %s", name, strings.Join(engine.SettingNames(), ", "))
		}
	}
	return nil
}
