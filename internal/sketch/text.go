package sketch

import (
	"encoding/base64"
	"encoding/json"
	"slices"
	"strconv"
	"strings"

	"github.com/redshiftsim/redshiftsim/internal/sqlstate"
)

// AppendText writes a sketch as it is printed and unloaded: JSON if it is sparse, Base64 if it is dense, one letter for each register: "A" is 0, "B" is 1.
// https://docs.aws.amazon.com/redshift/latest/dg/hyperloglog-functions-usage-notes.html
func AppendText(dst []byte, value string) []byte {
	if isDense(value) {
		return base64.StdEncoding.AppendEncode(dst, []byte(value[headSize:]))
	}
	dst = append(dst, `{"version":1,"logm":15,"sparse":{"indices":[`...)
	dst = appendNumbers(dst, value, Entry.index)
	dst = append(dst, `],"values":[`...)
	dst = appendNumbers(dst, value, func(e Entry) uint32 { return uint32(e.rank()) })
	return append(dst, `]}}`...)
}

// appendNumbers writes a number of each entry.
func appendNumbers(dst []byte, value string, of func(Entry) uint32) []byte {
	for i := range entries(value) {
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = strconv.AppendUint(dst, uint64(of(entryAt(value, i))), 10)
	}
	return dst
}

// Parse reads what AppendText writes. The version may be missing, as in the page of the type, and Base64 may stand in double quotes. Other texts are refused
// with 22P02.
// https://docs.aws.amazon.com/redshift/latest/dg/copy-usage_notes-hll.html
func Parse(text string) (string, error) {
	s := strings.TrimSpace(text)
	if strings.HasPrefix(s, "{") {
		return parseSparse(text, s)
	}
	if len(s) >= 2 && s[0] == '"' && s[len(s)-1] == '"' {
		s = s[1 : len(s)-1]
	}
	if len(s) != registers {
		return "", malformed(text, "A dense sketch has 32768 letters of Base64, a sparse one is JSON.")
	}
	b := make([]byte, headSize, MaxSize)
	copy(b, Empty)
	b[2] = dense
	b, err := base64.StdEncoding.AppendDecode(b, []byte(s))
	if err != nil || len(b) != MaxSize { // line breaks are no letters
		return "", malformed(text, "A dense sketch has 32768 letters of Base64, a sparse one is JSON.")
	}
	return string(b), nil
}

// document is the JSON of a sparse sketch.
type document struct {
	Version *int `json:"version"`
	LogM    *int `json:"logm"`
	Sparse  *struct {
		Indices []uint32 `json:"indices"`
		Values  []uint32 `json:"values"`
	} `json:"sparse"`
}

// parseSparse reads JSON.
func parseSparse(text, s string) (string, error) {
	d := document{}
	in := json.NewDecoder(strings.NewReader(s))
	in.DisallowUnknownFields()
	if err := in.Decode(&d); err != nil || in.InputOffset() != int64(len(s)) {
		return "", malformed(text, `A sparse sketch is JSON: {"version":1,"logm":15,"sparse":{"indices":[..],"values":[..]}}.`)
	}
	switch {
	case d.Version != nil && *d.Version != 1:
		return "", malformed(text, "The version of a sketch is 1.")
	case d.LogM == nil || *d.LogM != precision:
		return "", malformed(text, "Only sketches with a precision (logm) of 15 are supported.")
	case d.Sparse == nil || d.Sparse.Indices == nil || d.Sparse.Values == nil || len(d.Sparse.Indices) != len(d.Sparse.Values):
		return "", malformed(text, "A sparse sketch has as many indices as values.")
	}
	list := make([]Entry, len(d.Sparse.Indices))
	for i, x := range d.Sparse.Indices {
		r := d.Sparse.Values[i]
		if x > fineMask || r < 1 || r > mostRank {
			return "", malformed(text, "Indices are between 0 and 67108863, values between 1 and 63.")
		}
		list[i] = entryOf(x, uint8(r))
	}
	return ofEntries(list), nil
}

// ofEntries is the value of entries in any order, among which indices may be met again.
func ofEntries(list []Entry) string {
	slices.Sort(list)
	n := 0
	for _, e := range list { // of one index the highest rank comes last
		if n > 0 && list[n-1].index() == e.index() {
			n--
		}
		list[n] = e
		n++
	}
	if n < sparseLimit {
		return string(appendSparse(make([]byte, 0, headSize+entrySize*n), list[:n]))
	}
	s := Sketch{dense: new([registers]uint8)}
	s.AddAll(list[:n])
	return string(s.Append(make([]byte, 0, MaxSize)))
}

// malformed refuses a text that is no sketch; long ones are cut.
func malformed(text, detail string) error {
	const most = 80
	if len(text) > most {
		text = strings.ToValidUTF8(text[:most], "") + "..."
	}
	return sqlstate.InvalidText.Errorf("invalid input syntax for type hllsketch: \"%s\"", text).WithDetail("%s", detail)
}
