package explorer

import (
	"errors"
	"net"
	"net/http"
	"slices"
	"strings"

	"github.com/redshiftsim/redshiftsim/internal/bridge"
)

// admit looks at a request before anything is done for it: the name by which it asks for this server, the page that sends it, and the user.
//
//	Host: evil.example           a name that was made to lead here           421
//	Origin: https://evil.example a page of elsewhere                          403
//	no or a wrong password       unless Trust                                 401
func (h *Handler) admit(w http.ResponseWriter, r *http.Request) (user string, ok bool) {
	switch err := h.cross.Check(r); {
	case !h.known(r.Host):
		fail(w, refusal{http.StatusMisdirectedRequest, errors.New("the page is not served under this name")})
	case err != nil:
		fail(w, refusal{http.StatusForbidden, err})
	case h.cfg.Trust:
		return h.cfg.User, true
	default:
		return h.prove(w, r)
	}
	return "", false
}

// known says whether a request may name its host so. An address cannot be made to lead elsewhere.
func (h *Handler) known(host string) bool {
	if name, _, err := net.SplitHostPort(host); err == nil {
		host = name
	}
	host = strings.ToLower(strings.Trim(host, "[]"))
	return host == "localhost" || net.ParseIP(host) != nil || slices.Contains(h.cfg.Hosts, host)
}

// prove takes the user's name and password, as the server takes them of other clients: a host that has been wrong too often waits a minute.
func (h *Handler) prove(w http.ResponseWriter, r *http.Request) (user string, ok bool) {
	host, _, err := net.SplitHostPort(r.RemoteAddr)
	if err != nil {
		host = r.RemoteAddr
	}
	if !h.wrong.May(host, h.cfg.MaxFailures) {
		fail(w, refusal{http.StatusTooManyRequests, errors.New("too many failed authentication attempts: wait a minute")})
		return "", false
	}
	user, given, ok := r.BasicAuth()
	if ok {
		e := bridge.Engine(h.cluster)
		password, _, valid := e.Credentials(user)
		if e.Attempted(user, valid && password.Opens(given, user)) == nil {
			return user, true
		}
		h.wrong.Add(host)
	}
	w.Header().Set("WWW-Authenticate", `Basic realm="redshiftsim", charset="UTF-8"`)
	fail(w, refusal{http.StatusUnauthorized, errors.New("the name and password of a user of the cluster are needed")})
	return "", false
}
