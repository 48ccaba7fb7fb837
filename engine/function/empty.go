package function

// Emptier is a State that can be used anew: Empty forgets its groups and keeps their room, so that what numbers the groups of one slice after the other
// asks for memory once. Its parameters stay. States that hold rows are not: what one slice held is of no use to the next.
type Emptier interface {
	State
	Empty()
}

// emptied gives s without elements; those that it had are zero, as growTo expects.
func emptied[T any](s []T) []T {
	clear(s)
	return s[:0]
}

// Empty forgets the counts.
func (s *countState) Empty() { s.n = emptied(s.n) }

// Empty forgets the sums.
func (s *sumState) Empty() { s.cells, s.wide, s.used, s.rows = emptied(s.cells), nil, 0, 0 }

// Empty forgets the sums.
func (s *wideSumState) Empty() { s.sums, s.n = emptied(s.sums), emptied(s.n) }

// Empty forgets the sums.
func (s *floatSumState) Empty() { s.cells = emptied(s.cells) }

// Empty forgets the sums.
func (s *intervalSumState) Empty() { s.cells = emptied(s.cells) }

// Empty forgets the values.
func (s *minMaxInts) Empty() { s.best, s.seen = emptied(s.best), emptied(s.seen) }

// Empty forgets the values.
func (s *minMaxFloats) Empty() { s.best, s.seen = emptied(s.best), emptied(s.seen) }

// Empty forgets the values.
func (s *minMaxWides) Empty() { s.best, s.seen = emptied(s.best), emptied(s.seen) }

// Empty forgets the moments.
func (s *varianceState) Empty() { s.groups = emptied(s.groups) }

// Empty forgets the values.
func (s *boolState) Empty() { s.decided, s.seen = emptied(s.decided), emptied(s.seen) }

// Empty forgets the values.
func (s *bitState) Empty() { s.bits, s.seen = emptied(s.bits), emptied(s.seen) }
