package exec

import (
	"time"
	"unsafe"

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
	Helpers    int          // goroutines that were started beside the caller's

	raw *rawReport // Steps and Moves before they are asked for; nil = they are there
}

// rawReport is what a run leaves behind: counts alone, for most reports are never read.
type rawReport struct {
	p     *Program
	began time.Time
	runs  []segmentReport // by segment
	// insert is what an Inserter counted, instead of runs.
	insert *insertCounts
}

// segmentReport is what is kept of a segment. Without parts it never began.
type segmentReport struct {
	parts              []partReport
	counts             []stepCount           // room for those of the parts
	scan               *storage.ScanCounters // room for those of the first part that scans; nil = taken
	restricted, delays bool                  // of its scan
}

// Whole gives the report with its steps and moves. Making them costs more than the counts that are kept, so who reads them twice keeps what this gives.
func (r *Report) Whole() *Report {
	if r == nil || r.raw == nil {
		return r
	}
	w, raw := *r, *r.raw
	w.raw = nil
	if raw.insert != nil {
		raw.runs = raw.insert.runs()
	}
	number := 0
	for i := range raw.p.Streams {
		for _, g := range raw.p.Streams[i].Segments {
			raw.segment(&w, g, i, number)
			number++
		}
	}
	return &w
}

// Bytes is about what the report holds, in memory.
func (r *Report) Bytes() int64 {
	n := int64(unsafe.Sizeof(*r)) + int64(cap(r.Steps))*int64(unsafe.Sizeof(StepReport{})) + int64(cap(r.Moves))*int64(unsafe.Sizeof(Move{}))
	for i := range r.Moves {
		for j := range r.Moves[i].Rows {
			n += 2*int64(unsafe.Sizeof([]int64(nil))) + 8*int64(len(r.Moves[i].Rows[j])+len(r.Moves[i].Bytes[j]))
		}
	}
	if r.raw == nil {
		return n
	}
	n += int64(unsafe.Sizeof(*r.raw)) + int64(len(r.raw.runs))*int64(unsafe.Sizeof(segmentReport{}))
	if c := r.raw.insert; c != nil {
		n += int64(unsafe.Sizeof(*c))
		if len(c.parts) > len(c.one) {
			n += int64(cap(c.parts)) * int64(unsafe.Sizeof(insertPart{}))
		}
	}
	for i := range r.raw.runs {
		s := &r.raw.runs[i]
		n += int64(cap(s.parts))*int64(unsafe.Sizeof(partReport{})) + int64(cap(s.counts))*int64(unsafe.Sizeof(stepCount{}))
		for j := range s.parts {
			n += 16 * int64(len(s.parts[j].rows))
			if s.parts[j].scan != nil {
				n += int64(unsafe.Sizeof(*s.parts[j].scan))
			}
		}
	}
	return n
}

// StepReport is one step on one slice.
type StepReport struct {
	Stream, Segment, Step int
	Slice                 int    // LeaderSlice on the leader
	Label                 string // AWS's: scan project aggr hash hjoin nloop sort merge unique window limit dist bcast return insert delete parse
	NodeID                int    // of the plan node, 0 = none
	Rows                  int64  // given to the next step; of a hash step, kept
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
