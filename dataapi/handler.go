package dataapi

import (
	"context"
	"net/http"
	"sync"
	"time"

	"github.com/redshiftsim/redshiftsim"
	"github.com/redshiftsim/redshiftsim/engine"
	"github.com/redshiftsim/redshiftsim/internal/bridge"
)

// Endpoint is an address for clients that reach the handler by Handler.Client: any http address serves, this one says what it is.
const Endpoint = "http://redshift-data.memory"

// Options is how the API serves. The zero value of a field means its default.
type Options struct {
	// Clusters are served by cluster identifier or workgroup name, beside the cluster that New gets, which answers to every other name.
	Clusters map[string]*redshiftsim.Cluster

	// Keys are the access keys that may sign requests. None = every signed request is believed, but it must come from this machine or through Client.
	Keys []AccessKey
	// DbUser is the database user of a request that names none by DbUser or SecretArn, and whose key has no ARN: an ordinary user, made when it is new.
	// "" = the cluster's administrator.
	DbUser string
	// Secrets are what SecretArn may name, by ARN or name; another one is refused.
	// https://docs.aws.amazon.com/redshift/latest/mgmt/data-api-secrets.html
	Secrets map[string]Secret
	// Event gets what EventBridge would of statements that were sent with WithEvent, when they have ended; nil = as a bus without rules, nobody.
	// It is called by the goroutine that ran the statement.
	Event func(Event)
	// Throttle has the operations refuse (ThrottlingException) what exceeds AWS's quotas of requests in a second.
	// https://docs.aws.amazon.com/redshift/latest/mgmt/amazon-redshift-limits.html#data-api-quotas-account
	Throttle bool

	ResultBytes int64 // that all kept results hold together; 1 GB. When there are more, the oldest go.
	Statements  int   // how many ended statements are remembered; 100,000. When there are more, the oldest go.
}

// AccessKey is a key that signs requests, with AWS's Signature Version 4.
type AccessKey struct {
	ID, Secret string
	Token      string // the session token that must come with it; "" = none
	// ARN is of the IAM user or role that has the key. Who has it sees its statements and sessions alone, and acts as the database user IAM:name or IAMR:role,
	// which is made when it is new, where the request names no other. "" = all such keys are one, and act as Options.DbUser.
	// https://docs.aws.amazon.com/redshift/latest/mgmt/data-api.html#data-api-calling-considerations-authentication
	ARN string
}

// Secret is what AWS Secrets Manager would keep for a database user.
type Secret struct {
	User     string
	Password string // "" = it is not asked for
}

// Event is what EventBridge gets of a statement that has ended.
// https://docs.aws.amazon.com/redshift/latest/mgmt/data-api-monitoring-events.html
type Event struct {
	Principal       string `json:"principal"`
	StatementName   string `json:"statementName"`
	StatementID     string `json:"statementId"`
	RedshiftQueryID int64  `json:"redshiftQueryId"`
	State           string `json:"state"` // FINISHED, FAILED or ABORTED
	Rows            int64  `json:"rows"`
	ExpireAt        int64  `json:"expireAt"` // seconds since 1970: when the result goes
}

// Handler is the API of one or several clusters. It is an http.Handler for any number of goroutines.
type Handler struct {
	o        Options
	cluster  *engine.Cluster // of every name that clusters has not; nil = there is none
	clusters map[string]*engine.Cluster
	keys     map[string]*AccessKey
	rates    rates

	base context.Context // ends with Close
	stop context.CancelFunc
	work sync.WaitGroup // requests, statements, the timer

	mu     sync.Mutex // guards what follows, and statements and sessions
	closed bool
	statements
	sessions
	timer *time.Timer // of the next session that ends
}

// New makes the API of a cluster, which answers to every cluster identifier and workgroup name that o.Clusters has not; nil = to none. It starts nothing. The
// clusters must live longer: keep their *sql.DB or connector open. Close it.
func New(cluster *redshiftsim.Cluster, o Options) *Handler {
	h := &Handler{o: o, clusters: map[string]*engine.Cluster{}, keys: map[string]*AccessKey{}}
	if cluster != nil {
		h.cluster = bridge.Engine(cluster)
	}
	for name, c := range o.Clusters {
		h.clusters[name] = bridge.Engine(c)
	}
	for i := range o.Keys {
		h.keys[o.Keys[i].ID] = &o.Keys[i]
	}
	if h.o.ResultBytes == 0 {
		h.o.ResultBytes = 1 << 30
	}
	if h.o.Statements == 0 {
		h.o.Statements = 100_000
	}
	h.base, h.stop = context.WithCancel(context.Background())
	h.statements.init()
	h.sessions.init()
	return h
}

// Close ends the API: statements that run are canceled, sessions that were kept end. No goroutine of the handler is left when it returns.
func (h *Handler) Close() error {
	h.mu.Lock()
	h.closed = true
	if h.timer != nil && h.timer.Stop() {
		h.work.Done()
	}
	h.timer = nil
	idle := h.dismiss(func(s *session) bool { return s.busy == nil })
	h.mu.Unlock()
	h.stop()
	err := closeAll(idle)
	h.work.Wait()
	return err
}

// enter says that somebody works for the handler, unless it is closed; leave is its work.Done.
func (h *Handler) enter() bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.closed {
		return false
	}
	h.work.Add(1)
	return true
}

// target is the cluster that a request means.
type target struct {
	cluster               *engine.Cluster
	identifier, workgroup string // one of them is ""
}

// find finds the cluster that has a name.
func (h *Handler) find(identifier, workgroup string) (target, error) {
	t := target{identifier: identifier, workgroup: workgroup}
	name := identifier
	if name == "" {
		name = workgroup
	}
	t.cluster = h.cluster
	if c := h.clusters[name]; c != nil {
		t.cluster = c
	}
	if t.cluster == nil {
		return t, invalid("Redshift endpoint doesn't exist in this region.")
	}
	return t, nil
}

// now is the time of the cluster.
func (t *target) now() time.Time { return t.cluster.Config().Clock() }

var _ http.Handler = (*Handler)(nil)
