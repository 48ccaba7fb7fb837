package load

import (
	"bytes"
	"io"
)

// piece is a part of a file that one reader reads: the records that begin in [from, to).
//
//	file   |aaaaa\nbbbb\ncccccc\ndd\n|
//	pieces |--------:-------:--------|   from and to lie anywhere: a record belongs to the piece in which it begins
//
// Files in which a record cannot be found from the middle are one piece, those of Parquet are cut between row groups (from and to count these). In CSV a line end within quotes ends no record; whether a piece
// begins within quotes follows from the number of quotes before it, which are counted once.
// https://docs.aws.amazon.com/redshift/latest/dg/c_best-practices-use-multiple-files.html
type piece struct {
	file     int   // of Job.Files
	from, to int64 // to < 0 = the end of the file
	quoted   bool  // the byte before from lies within quotes
	size     int64 // bytes of the file that are its own, as they are stored
}

// cut says that the piece is not the whole file.
func (p *piece) cut() bool { return p.from > 0 || p.to >= 0 }

// minPiece is the size below which a file is not worth cutting.
const minPiece = 4 << 20

// deal makes the pieces of all files, once a job.
func (j *Job) deal(slices int) error {
	j.dealt.Do(func() {
		o := &j.Options
		for i := range j.Files {
			if o.Format == Parquet {
				if j.dealErr = j.dealRowGroups(i, slices); j.dealErr != nil {
					return
				}
				continue
			}
			n := int64(1)
			if o.splittable() && j.packed(&j.Files[i]) == None {
				n = max(1, min(int64(slices), j.Files[i].Size/j.minPiece))
			}
			if n > 1 {
				n, j.dealErr = j.seekable(i, n)
			}
			if n == 1 {
				j.pieces = append(j.pieces, piece{file: i, to: -1, size: max(0, j.Files[i].Size)})
				continue
			}
			first := len(j.pieces)
			for k := range n {
				p := piece{file: i, from: j.Files[i].Size * k / n, to: j.Files[i].Size * (k + 1) / n}
				if p.size = p.to - p.from; k == n-1 {
					p.to = -1
				}
				j.pieces = append(j.pieces, p)
			}
			if o.Format == CSV && j.dealErr == nil {
				j.dealErr = j.countQuotes(j.pieces[first:])
			}
			if j.dealErr != nil {
				return
			}
		}
	})
	return j.dealErr
}

// seekable gives the number of pieces of file i: 1 when the store's objects cannot be read from the middle, or the file is skipped for its encoding.
func (j *Job) seekable(i int, n int64) (int64, error) {
	in, err := j.open(&j.Files[i], new(int64))
	if err != nil {
		return 1, err
	}
	defer in.Close()
	if _, ok := in.(io.Seeker); !ok {
		return 1, nil
	}
	var mark [2]byte
	if k, _ := io.ReadFull(in, mark[:]); wideMark(mark[:k]) { // an error comes again when the file is read
		return 1, nil
	}
	return n, nil
}

// countQuotes says of each piece of a file whether it begins within quotes.
func (j *Job) countQuotes(ps []piece) error {
	in, err := j.open(&j.Files[ps[0].file], new(int64))
	if err != nil {
		return err
	}
	defer in.Close()
	buf := make([]byte, 1<<20)
	at, quotes := int64(0), 0
	for k := 1; k < len(ps); k++ {
		for at < ps[k].from-1 {
			if err := j.ctx.Err(); err != nil {
				return err
			}
			n, err := in.Read(buf[:min(int64(len(buf)), ps[k].from-1-at)])
			quotes += bytes.Count(buf[:n], []byte{j.Options.Quote})
			at += int64(n)
			if err == io.EOF { // the file has shrunk
				break
			}
			if err != nil {
				return storeError(j.Files[ps[0].file].URL(), err)
			}
		}
		ps[k].quoted = quotes%2 == 1
	}
	return nil
}

// linesBefore counts the line ends of a file before an offset, for the line numbers of a piece's errors.
func (j *Job) linesBefore(file int, offset int64) int64 {
	in, err := j.open(&j.Files[file], new(int64))
	if err != nil {
		return 0
	}
	defer in.Close()
	buf := make([]byte, 1<<20)
	lines := int64(0)
	for offset > 0 {
		n, err := in.Read(buf[:min(int64(len(buf)), offset)])
		lines += int64(bytes.Count(buf[:n], nl))
		offset -= int64(n)
		if err != nil {
			break
		}
	}
	return lines
}
