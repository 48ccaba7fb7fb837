package explorer

import (
	"context"
	"crypto/rand"
	"errors"
	"net/http"
	"sync"
	"time"

	"github.com/redshiftsim/redshiftsim"
	"github.com/redshiftsim/redshiftsim/engine"
	"github.com/redshiftsim/redshiftsim/internal/bridge"
	"github.com/redshiftsim/redshiftsim/internal/sqlstate"
)

// Places of a tab.
const (
	onCluster = "cluster"
	inLesson  = "lesson"
)

// lessonBlocks is the size of a block of a lesson's cluster: the guide's is 1 MB; with fewer bytes some thousand rows show what some million do.
const lessonBlocks = 16 << 10

// tab is a page that is open: a session for its SQL box, which keeps what was SET, temporary tables and an open transaction, and one that looks.
type tab struct {
	token, user, place string
	cluster            *redshiftsim.Cluster
	own                *redshiftsim.Connector // of a lesson's cluster; nil = the cluster is the handler's
	readOnly           bool
	options            engine.SessionOptions // who acts

	turn sync.Mutex // of the SQL box
	box  *engine.Session
	told []*sqlstate.Error // notices of the statement that runs
	tags []string

	looking sync.Mutex
	look    *engine.Session

	used time.Time // guarded by Handler.mu
}

// openRequest asks for a tab.
type openRequest struct {
	Place string `json:"place"` // cluster or lesson
}

// openAnswer is a tab, and what the page says of itself.
type openAnswer struct {
	Tab        string    `json:"tab"`
	Place      string    `json:"place"`
	User       string    `json:"user"`
	Database   string    `json:"database"`
	Nodes      int       `json:"nodes"`
	Slices     int       `json:"slices"` // of each node
	BlockBytes int       `json:"block_bytes"`
	ReadOnly   bool      `json:"read_only"`
	Lessons    []lesson  `json:"lessons"`
	Examples   []Example `json:"examples"`
}

// serveOpen opens a tab.
func (h *Handler) serveOpen(w http.ResponseWriter, r *http.Request) {
	var q openRequest
	if err := read(r, &q); err != nil {
		fail(w, err)
		return
	}
	user, _ := r.Context().Value(userKey{}).(string)
	t, err := h.open(user, q.Place)
	if err != nil {
		fail(w, err)
		return
	}
	a, err := t.describe(r.Context())
	if err != nil {
		fail(w, err)
		return
	}
	a.Examples = h.cfg.Examples
	answer(w, a)
}

// describe is the answer to who opened the tab.
func (t *tab) describe(ctx context.Context) (*openAnswer, error) {
	c := bridge.Engine(t.cluster)
	topo := c.Topology()
	a := &openAnswer{Tab: t.token, Place: t.place, Nodes: topo.Nodes, Slices: topo.SlicesPerNode, BlockBytes: c.Config().BlockBytes, ReadOnly: t.readOnly, Lessons: lessons}
	err := t.each(ctx, "SELECT current_user, current_database()", func(c cells) { a.User, a.Database = c.text(0), c.text(1) })
	return a, err
}

// open makes a tab for a user.
func (h *Handler) open(user, place string) (t *tab, err error) {
	t = &tab{token: rand.Text(), user: user, place: place, cluster: h.cluster, readOnly: !h.cfg.Write}
	switch {
	case place == inLesson:
		nodes, slices := h.cluster.Shape()
		t.own, err = redshiftsim.NewConnector(redshiftsim.Config{Nodes: max(2, nodes), Slices: max(2, slices), BlockBytes: lessonBlocks, MemoryLimit: 256 << 20, LogLimit: 8 << 20, Seed: 1})
		if err != nil {
			return nil, err
		}
		t.cluster, t.readOnly = t.own.Cluster(), false
	case place != onCluster:
		return nil, refusal{http.StatusBadRequest, errors.New("a tab's place is cluster or lesson")}
	case user != "":
		t.options = engine.SessionOptions{User: user, Proof: engine.Proven, Database: h.cfg.Database}
		if h.cfg.Trust {
			t.options.Proof = engine.Trusted
		}
	default:
		t.options.Database = h.cfg.Database
	}
	if t.box, t.look, err = t.sessions(); err == nil {
		err = h.keep(t)
	}
	if err != nil {
		return nil, errors.Join(err, t.close())
	}
	return t, nil
}

// sessions connects for the SQL box and for who looks. Kept results are left out: what ran is what the page is for.
func (t *tab) sessions() (box, look *engine.Session, err error) {
	o := t.options
	o.ReadOnly = t.readOnly
	o.Settings = map[string]string{"enable_result_cache_for_session": "off", "application_name": "redshiftsim explorer"}
	o.Notice = func(n *sqlstate.Error) { t.told = append(t.told, n) }
	o.Completed = func(tag string) { t.tags = append(t.tags, tag) }
	if box, err = bridge.Engine(t.cluster).NewSession(o); err != nil {
		return nil, nil, err
	}
	look, err = looker(t.cluster, t.options)
	return box, look, err
}

// looker is a session that reads, and leaves nothing in the log.
func looker(c *redshiftsim.Cluster, o engine.SessionOptions) (*engine.Session, error) {
	o.ReadOnly, o.Unlogged = true, true
	return bridge.Engine(c).NewSession(o)
}

// keep puts a tab among those that are open. Tabs that nobody has used for long make room.
func (h *Handler) keep(t *tab) error {
	h.mu.Lock()
	var old []*tab
	for token, x := range h.tabs {
		if time.Since(x.used) > idleTab {
			old = append(old, x)
			delete(h.tabs, token)
		}
	}
	clusters := 0
	for _, x := range h.tabs {
		if x.own != nil {
			clusters++
		}
	}
	full := h.closed || len(h.tabs) >= maxTabs || t.own != nil && clusters >= maxLessons
	if !full {
		t.used = time.Now()
		h.tabs[t.token] = t
	}
	h.mu.Unlock()
	var errs []error
	for _, x := range old {
		errs = append(errs, x.close())
	}
	if full {
		errs = append(errs, refusal{http.StatusServiceUnavailable, errors.New("too many pages are open: close one, or wait")})
	}
	return errors.Join(errs...)
}

// tabOf finds the tab of a request, which must be its user's.
func (h *Handler) tabOf(r *http.Request) (*tab, error) {
	user, _ := r.Context().Value(userKey{}).(string)
	h.mu.Lock()
	defer h.mu.Unlock()
	t := h.tabs[r.Header.Get("X-Redshiftsim-Tab")]
	if t == nil || t.user != user {
		return nil, refusal{http.StatusGone, errors.New("the tab is closed: open another")}
	}
	t.used = time.Now()
	return t, nil
}

// nothing is a request, or an answer, without content.
type nothing struct{}

// serveClose closes a tab.
func (h *Handler) serveClose(w http.ResponseWriter, r *http.Request) {
	t, err := h.tabOf(r)
	if err == nil {
		h.mu.Lock()
		delete(h.tabs, t.token)
		h.mu.Unlock()
		err = t.close()
	}
	if err != nil {
		fail(w, err)
		return
	}
	answer(w, nothing{})
}

// close ends a tab's sessions, and its cluster if that is its own. It waits for the statement that runs.
func (t *tab) close() error {
	t.turn.Lock()
	defer t.turn.Unlock()
	t.looking.Lock()
	defer t.looking.Unlock()
	var errs []error
	for _, s := range []*engine.Session{t.box, t.look} {
		if s != nil {
			errs = append(errs, s.Close())
		}
	}
	if t.own != nil {
		errs = append(errs, t.own.Close())
	}
	return errors.Join(errs...)
}
