package explorer

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"sync"
	"time"

	"github.com/redshiftsim/redshiftsim"
	"github.com/redshiftsim/redshiftsim/internal/attempts"
	"github.com/redshiftsim/redshiftsim/internal/sqlstate"
)

// Config is who may use a Handler, and for what. The zero value asks for a password and lets nobody change anything.
type Config struct {
	// Trust believes whoever reaches the handler and lets them act as User: for loopback. Without it the page asks for the name and password of a user of the
	// cluster, by HTTP's Basic authentication, so that anything but loopback needs TLS.
	Trust bool
	// User is who acts under Trust; "" = the administrator.
	User string
	// Database is where sessions begin; "" = the cluster's.
	Database string
	// Write lets the page's statements change the cluster. Without it they are refused (25006); lessons and comparisons of keys work all the same, for they
	// run on clusters of their own.
	Write bool
	// Hosts are names by which the page may be asked for, beside localhost and addresses: a page of elsewhere whose name is made to lead here is refused.
	Hosts []string
	// MaxFailures is how many wrong passwords a host has in a minute; 0 = 20.
	MaxFailures int
	// Examples are statements that the page offers.
	Examples []Example
}

// Example is a text that runs when its name is pressed; View is where its run is looked at: tables, blocks, plan, moves, time, regions or whatif, "" = any.
type Example struct {
	Name string `json:"name"`
	SQL  string `json:"sql"`
	View string `json:"view"`
}

// Bounds of a Handler.
const (
	maxTabs    = 32
	maxLessons = 8       // clusters of tabs' own
	maxBody    = 1 << 20 // bytes of a request
	idleTab    = 30 * time.Minute
)

// Handler serves the page and what it asks for. It is safe for many at once.
type Handler struct {
	cfg     Config
	cluster *redshiftsim.Cluster
	mux     *http.ServeMux
	cross   *http.CrossOriginProtection
	wrong   attempts.Counter

	mu     sync.Mutex
	closed bool
	tabs   map[string]*tab // by token
}

// New makes the handler of a cluster, which must live longer than it. Close ends its sessions.
func New(cluster *redshiftsim.Cluster, cfg Config) *Handler {
	if cfg.MaxFailures == 0 {
		cfg.MaxFailures = 20
	}
	h := &Handler{cfg: cfg, cluster: cluster, mux: http.NewServeMux(), cross: http.NewCrossOriginProtection(), tabs: map[string]*tab{}}
	h.mux.HandleFunc("GET /{$}", h.servePage)
	h.mux.HandleFunc("POST /api/open", h.serveOpen)
	h.mux.HandleFunc("POST /api/close", h.serveClose)
	h.mux.HandleFunc("POST /api/run", serve(h, (*tab).run))
	h.mux.HandleFunc("POST /api/overview", serve(h, (*tab).overview))
	h.mux.HandleFunc("POST /api/blocks", serve(h, (*tab).blocks))
	h.mux.HandleFunc("POST /api/query", serve(h, (*tab).query))
	h.mux.HandleFunc("POST /api/whatif", serve(h, (*tab).whatIf))
	return h
}

// ServeHTTP answers a request, after it has looked at where it comes from and who sends it.
func (h *Handler) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	head := w.Header()
	head.Set("Content-Security-Policy", page.policy)
	head.Set("X-Content-Type-Options", "nosniff")
	head.Set("X-Frame-Options", "DENY")
	head.Set("Referrer-Policy", "no-referrer")
	head.Set("Cross-Origin-Resource-Policy", "same-origin")
	head.Set("Cache-Control", "no-store")
	user, ok := h.admit(w, r)
	if !ok {
		return
	}
	r.Body = http.MaxBytesReader(w, r.Body, maxBody)
	h.mux.ServeHTTP(w, r.WithContext(context.WithValue(r.Context(), userKey{}, user)))
}

// userKey is where a request's context has the name of its user.
type userKey struct{}

// Close ends all sessions and the clusters of lessons. Requests that come later are refused.
func (h *Handler) Close() error {
	h.mu.Lock()
	tabs := h.tabs
	h.tabs, h.closed = map[string]*tab{}, true
	h.mu.Unlock()
	var errs []error
	for _, t := range tabs {
		errs = append(errs, t.close())
	}
	return errors.Join(errs...)
}

// problem is an error as the page gets it.
type problem struct {
	Code     string `json:"code"` // SQLSTATE
	Message  string `json:"message"`
	Detail   string `json:"detail,omitempty"`
	Hint     string `json:"hint,omitempty"`
	Position int    `json:"position,omitempty"` // 1-based character of the text that was sent; 0 = none
}

// problemOf turns an error into a problem; what is no error of the database has no code.
func problemOf(err error) *problem {
	var e *sqlstate.Error
	if !errors.As(err, &e) {
		return &problem{Message: err.Error()}
	}
	return &problem{Code: string(e.Code), Message: e.Message, Detail: e.Detail, Hint: e.Hint, Position: e.Position}
}

// refusal is an error with the status of its answer.
type refusal struct {
	status int
	error
}

// answer writes JSON.
func answer(w http.ResponseWriter, v any) {
	w.Header().Set("Content-Type", "application/json")
	e := json.NewEncoder(w)
	e.SetEscapeHTML(true)
	_ = e.Encode(v) // the page has gone
}

// fail writes a problem: 422 for what the database refused.
func fail(w http.ResponseWriter, err error) {
	status := http.StatusUnprocessableEntity
	var r refusal
	if errors.As(err, &r) {
		status = r.status
	}
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(map[string]*problem{"error": problemOf(err)}) // the page has gone
}

// serve makes a handler of what a tab does: the request's JSON is read, its tab found, the answer written.
func serve[Q, A any](h *Handler, do func(*tab, context.Context, *Q) (A, error)) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		var q Q
		t, err := h.tabOf(r)
		if err == nil {
			err = read(r, &q)
		}
		if err != nil {
			fail(w, err)
			return
		}
		a, err := do(t, r.Context(), &q)
		if err != nil {
			fail(w, err)
			return
		}
		answer(w, a)
	}
}

// read reads a request. Only JSON that says so is taken: a form of another page cannot send it.
func read(r *http.Request, q any) error {
	if t := r.Header.Get("Content-Type"); t != "application/json" {
		return refusal{http.StatusUnsupportedMediaType, errors.New("a request is application/json")}
	}
	d := json.NewDecoder(r.Body)
	d.DisallowUnknownFields()
	if err := d.Decode(q); err != nil && !errors.Is(err, io.EOF) {
		return refusal{http.StatusBadRequest, err}
	}
	return nil
}
