package redshiftsim

import (
	"database/sql/driver"
	"fmt"
	"slices"
	"strings"
	"sync"
)

// schemes are the schemes of DSNs that other packages open, by name.
var schemes = struct {
	mu     sync.RWMutex
	opener map[string]func(dsn string) (driver.Connector, error)
}{opener: map[string]func(dsn string) (driver.Connector, error){}}

// RegisterScheme makes the driver "redshiftsim" open DSNs of a scheme with another driver's connector, so that a program changes its DSN and nothing else
// to run against a real cluster:
//
//	import _ "github.com/redshiftsim/redshiftsim/passthrough"
//
//	redshiftsim://orders/dev           this engine
//	redshift://user@host:5439/dev      a cluster, through passthrough's RegisterScheme("redshift", ..)
//
// It is for init functions, and panics when the scheme is taken, as sql.Register does.
func RegisterScheme(scheme string, open func(dsn string) (driver.Connector, error)) {
	schemes.mu.Lock()
	defer schemes.mu.Unlock()
	if _, taken := schemes.opener[scheme]; taken || scheme == "redshiftsim" || open == nil {
		panic("redshiftsim: RegisterScheme called twice, or without a function, for " + scheme)
	}
	schemes.opener[scheme] = open
}

// clusterSchemes are those of DSNs that the module passthrough opens.
var clusterSchemes = []string{"postgres", "postgresql", "redshift"}

// foreign finds who opens a DSN; nil = this engine. A DSN for a cluster that nobody is there to open is an error.
func foreign(dsn string) (func(dsn string) (driver.Connector, error), error) {
	scheme, _, ok := strings.Cut(dsn, "://")
	if !ok {
		return nil, nil
	}
	schemes.mu.RLock()
	open := schemes.opener[scheme]
	schemes.mu.RUnlock()
	if open == nil && slices.Contains(clusterSchemes, scheme) {
		return nil, fmt.Errorf("redshiftsim: this program opens redshiftsim:// only; for %s:// import github.com/redshiftsim/redshiftsim/passthrough (or use its command redshiftsim)", scheme)
	}
	return open, nil
}
