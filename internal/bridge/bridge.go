// Package bridge lets packages of this module reach what is behind the root package's exported types, and nobody else: redshifttest hangs its recorder and
// faults into the engine, and gives its own connectors settings; server serves its sessions.
//
//	redshifttest ── bridge.Engine(*redshiftsim.Cluster) ── *engine.Cluster       the root package fills the variables in its init
package bridge

import (
	"database/sql/driver"

	"github.com/redshiftsim/redshiftsim/engine"
	"github.com/redshiftsim/redshiftsim/engine/plan"
)

// Engine gives the engine of a *redshiftsim.Cluster.
var Engine func(cluster any) *engine.Cluster

// Session gives the session of a driver.Conn.
var Session func(conn any) *engine.Session

// Plan gives the plan of a query or change on a driver.Conn, without running it.
var Plan func(conn any, text string, args []driver.NamedValue) (plan.Node, error)

// Set gives a *redshiftsim.Connector session parameters, which its later sessions begin with.
var Set func(connector any, settings map[string]string)
