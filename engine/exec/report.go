package exec

import (
	"time"

	"github.com/redshiftsim/redshiftsim/storage"
)

// LeaderSlice is the slice number under which Redshift's logs show the leader node.
// https://docs.aws.amazon.com/redshift/latest/dg/r_STV_SLICES.html
const LeaderSlice = 6411

// Report is what a run of a program did: plain data, read by the system tables (SVL_QUERY_REPORT, STL_SCAN, SVL_QUERY_SUMMARY ...). Streams, segments and
// steps are numbered as compile.Steps prints them: segments through the whole program, steps from 0 (the source) within a segment.
type Report struct {
	Start, End time.Time
	Steps      []StepReport // by segment, then step, then slice; a step that saw no row on a slice has an entry too
	Moves      []Move       // one a DistStep, BcastStep, PlaceStep and ReturnStep
	PeakMemory int64        // bytes charged to the query at most
	Batches    int64        // source batches that were started
}

// StepReport is one step on one slice.
type StepReport struct {
	Stream, Segment, Step int
	Slice                 int    // LeaderSlice on the leader
	Label                 string // AWS's: scan project aggr hash hjoin nloop sort merge unique window limit dist bcast return insert delete parse
	NodeID                int    // of the plan node, 0 = none
	Rows                  int64  // given to the next step
	Bytes                 int64  // of those, as they would travel or lie in memory (nominal widths)
	Start, End            time.Time
	Memory                int64 // working memory in bytes
	IsDelayed             bool  // a scan that a runtime filter restricted (is_rrscan tells zone-map restriction)
	// Of scans.
	Table    uint32 // 0 = not a table
	Name     string // of the table
	Restrict bool   // a predicate could use zone maps (is_rrscan)
	Scan     storage.ScanCounters
}

// Move is what one exchange carried: Rows and Bytes from slice to slice, as Redshift would send them.
type Move struct {
	Segment int
	Label   string // dist, bcast, return
	NodeID  int
	Rows    [][]int64 // [from][to]; the leader is the last index
	Bytes   [][]int64
}
