// Package bridge lets packages of this module reach what is behind the root package's exported types, and nobody else: redshifttest hangs its recorder and
// faults into the engine, and gives its own connectors settings.
//
//	redshifttest ── bridge.Engine(*redshiftsim.Cluster) ── *engine.Cluster       the root package fills the variables in its init
package bridge

import "github.com/redshiftsim/redshiftsim/engine"

// Engine gives the engine of a *redshiftsim.Cluster.
var Engine func(cluster any) *engine.Cluster

// Set gives a *redshiftsim.Connector session parameters, which its later sessions begin with.
var Set func(connector any, settings map[string]string)
