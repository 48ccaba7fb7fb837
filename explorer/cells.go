package explorer

import (
	"strconv"
	"strings"
	"time"
)

// cells is a row of a query of ours, as text; NULL is nothing.
type cells []*string

// text gives a cell without the blanks that CHAR pads with.
func (c cells) text(i int) string {
	if c[i] == nil {
		return ""
	}
	return strings.TrimRight(*c[i], " ")
}

// int gives a whole number; 0 for NULL.
func (c cells) int(i int) int64 {
	n, _ := strconv.ParseInt(c.text(i), 10, 64) // the queries are ours
	return n
}

// float gives a number; nil for NULL.
func (c cells) float(i int) *float64 {
	x, err := strconv.ParseFloat(c.text(i), 64)
	if err != nil {
		return nil
	}
	return &x
}

// time gives a timestamp.
func (c cells) time(i int) time.Time {
	at, _ := time.Parse("2006-01-02 15:04:05.999999", c.text(i)) // the queries are ours
	return at
}
