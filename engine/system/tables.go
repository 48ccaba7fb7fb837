package system

import "github.com/redshiftsim/redshiftsim/engine/catalog"

// Tables lists all system tables.
func Tables() []*catalog.Virtual { return nil }
