package engine

import (
	"maps"
	"strconv"
	"strings"

	"github.com/redshiftsim/redshiftsim/engine/catalog"
	"github.com/redshiftsim/redshiftsim/internal/sqlstate"
	"github.com/redshiftsim/redshiftsim/internal/types"
)

// priorities of queries, from the lowest. STV_WLM_QUERY_STATE, STL_WLM_QUERY and SYS_QUERY_HISTORY show them; queries do not queue here, so none waits
// for another.
// https://docs.aws.amazon.com/redshift/latest/dg/query-priority.html
var priorities = [...]string{"Lowest", "Low", normal, "High", "Highest", critical}

const (
	normal   = "Normal"
	critical = "Critical"
)

// prioritized is a query, a session or a user whose priority was changed.
type prioritized struct {
	what string // query, session, user
	key  string // its number, or its name
}

// priorityOf is the priority of a session's query: its own, else the session's, else the user's.
func (c *Cluster) priorityOf(s *Session, query int64) string {
	p := c.priorities.Load()
	if p == nil {
		return normal
	}
	for _, k := range [...]prioritized{{"query", strconv.FormatInt(query, 10)}, {"session", strconv.Itoa(s.pid)}, {"user", s.login.Name}} {
		if v := (*p)[k]; v != "" {
			return v
		}
	}
	return normal
}

// keepPriority lays a priority down; "" forgets it, as a query or a session that has ended is forgotten. c.mu is held.
func (c *Cluster) keepPriority(k prioritized, priority string) {
	old := c.priorities.Load()
	if old == nil && priority == "" || old != nil && (*old)[k] == priority {
		return
	}
	m := map[prioritized]string{}
	if old != nil {
		maps.Copy(m, *old)
	}
	if m[k] = priority; priority == "" {
		delete(m, k)
	}
	c.priorities.Store(&m)
}

// finalPriority is the priority with which a query ended; what was said of the query alone is forgotten.
func (s *Session) finalPriority(query int64) string {
	if s.c.priorities.Load() == nil {
		return normal
	}
	p := s.c.priorityOf(s, query)
	s.c.mu.Lock()
	s.c.keepPriority(prioritized{"query", strconv.FormatInt(query, 10)}, "")
	s.c.mu.Unlock()
	return p
}

// changePriority is CHANGE_QUERY_PRIORITY, CHANGE_SESSION_PRIORITY and CHANGE_USER_PRIORITY. A session's or a user's counts for queries that run
// already, too; session -1 is the one that asks.
// https://docs.aws.amazon.com/redshift/latest/dg/r_CHANGE_QUERY_PRIORITY.html
// https://docs.aws.amazon.com/redshift/latest/dg/r_CHANGE_SESSION_PRIORITY.html
// https://docs.aws.amazon.com/redshift/latest/dg/r_CHANGE_USER_PRIORITY.html
func (s *Session) changePriority(c *catalog.Catalog, what string, args []types.Datum) (types.Datum, error) {
	k := prioritized{what, args[0].Text}
	switch what {
	case "query":
		if k.key = strconv.FormatInt(args[0].Int, 10); !s.c.runs(args[0].Int) {
			return types.Datum{}, sqlstate.UndefinedObject.Errorf("query %s is not running", k.key)
		}
	case "session":
		pid := args[0].Int
		if pid == -1 {
			pid = int64(s.pid)
		}
		k.key = strconv.FormatInt(pid, 10)
		if o, err := s.backend(pid); err != nil || o == nil {
			return types.Datum{}, sqlstate.UndefinedObject.Errorf("session %s does not exist", k.key)
		}
	case "user":
		if c.User(k.key) == nil {
			return types.Datum{}, sqlstate.UndefinedObject.Errorf("user \"%s\" does not exist", k.key)
		}
	}
	if !s.user.Superuser {
		return types.Datum{}, sqlstate.InsufficientPrivilege.Errorf("must be superuser to change %s priority", what)
	}
	if what == "user" && strings.EqualFold(args[1].Text, "reset") {
		_, err := s.c.setPriority(k, "")
		return types.Datum{Type: types.TText, Text: "Succeeded to reset priority for user (" + k.key + ")."}, err
	}
	for _, p := range priorities {
		if strings.EqualFold(p, args[1].Text) {
			from, err := s.c.setPriority(k, p)
			return types.Datum{Type: types.TText, Text: k.changed(from, p)}, err
		}
	}
	return types.Datum{}, sqlstate.InvalidParameterValue.Errorf("invalid priority \"%s\": it is CRITICAL, HIGHEST, HIGH, NORMAL, LOW or LOWEST", args[1].Text)
}

// changed is what the functions say, letter for letter as their pages do; from is "" when nothing was said of a session or a user before.
func (k prioritized) changed(from, to string) string {
	var of string
	switch k.what {
	case "query":
		if from == "" {
			from = normal
		}
		return "Succeeded to change query priority. Priority changed from " + from + " to " + to + "."
	case "session":
		of, from = "session (pid:"+k.key+")", strings.ToLower(from)
	default:
		of = "user (" + k.key + ")"
	}
	if from != "" {
		from = " from " + from
	}
	return "Succeeded to change " + k.what + " priority. Changed " + of + " priority" + from + " to " + strings.ToLower(to) + "."
}

// setPriority gives k a priority, "" = none of its own, and says which it had. CRITICAL is one query's, session's or user's at a time.
func (c *Cluster) setPriority(k prioritized, priority string) (from string, err error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if p := c.priorities.Load(); p != nil {
		for other, v := range *p {
			if priority == critical && v == critical && other != k {
				return "", sqlstate.ObjectNotInPrerequisite.Errorf("only one query, user or session can run with the priority CRITICAL")
			}
		}
		from = (*p)[k]
	}
	c.keepPriority(k, priority)
	return from, nil
}
