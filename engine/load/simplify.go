package load

import (
	"github.com/redshiftsim/redshiftsim/internal/spatial"
	"github.com/redshiftsim/redshiftsim/internal/sqlstate"
)

// Simplify is what COPY does with shapes: SIMPLIFY [AUTO] [tolerance].
// https://docs.aws.amazon.com/redshift/latest/dg/spatial-copy-shapefile.html
type Simplify struct {
	On        bool
	Auto      bool    // only those that are too large
	Tolerance float64 // of all of them; with Auto the largest that is allowed, < 0 = any
}

// Simplified is a shape that SIMPLIFY AUTO has met, or of SIMPLIFY the whole COPY, as SVL_SPATIAL_SIMPLIFY shows it.
// https://docs.aws.amazon.com/redshift/latest/dg/r_SVL_SPATIAL_SIMPLIFY.html
type Simplified struct {
	Record    int64 // 0-based
	Initial   int64 // bytes
	Done      bool
	Final     int64 // bytes; 0 = it did not get small enough
	Tolerance float64
}

// Simplified are the shapes that SIMPLIFY AUTO has met so far.
func (j *Job) Simplified() []Simplified {
	j.mu.Lock()
	defer j.mu.Unlock()
	return append([]Simplified(nil), j.simplified...)
}

// simplified appends the value of a shape, with fewer points where SIMPLIFY says so. The error is that of a value that is too large.
func (r *Reader) simplified(dst []byte, g *spatial.Geometry) ([]byte, error) {
	o := &r.job.Options.Simplify
	if o.On && !o.Auto {
		s := g.Simplify(o.Tolerance)
		g = &s
	}
	size := spatial.Size(g)
	if size <= spatial.MaxBytes {
		return spatial.Append(dst, g, true)
	}
	if !o.On || !o.Auto {
		return nil, tooLargeShape(size)
	}
	var s spatial.Geometry
	tolerance := o.Tolerance
	if tolerance >= 0 {
		s = g.Simplify(tolerance)
	} else {
		s, tolerance = g.Fit(spatial.MaxBytes)
	}
	e := Simplified{Record: r.line - 1, Initial: int64(size)}
	defer func() {
		r.job.mu.Lock()
		defer r.job.mu.Unlock()
		r.job.simplified = append(r.job.simplified, e)
	}()
	n := spatial.Size(&s)
	if n > spatial.MaxBytes {
		return nil, tooLargeShape(size)
	}
	e.Final, e.Done, e.Tolerance = int64(n), true, tolerance
	return spatial.Append(dst, &s, true)
}

func tooLargeShape(size int) error {
	return sqlstate.ProgramLimit.Errorf("Geometry size: %d is larger than maximum supported size: %d", size, spatial.MaxBytes)
}
