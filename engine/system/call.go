package system

import "time"

// Call is what the log has of a CALL besides its Record. What its procedure runs has a Call without Query.
type Call struct {
	Query       int64 // its number among the queries
	From        int64 // that of the CALL whose procedure runs it; 0 = the client does
	SessionUser int   // number of the user who connected
	Messages    []Message
}

// Message is one of RAISE.
type Message struct {
	Time  time.Time
	Level int
	Text  string
	Line  int
	XID   int64
}

// levels are those of messages.
// https://docs.aws.amazon.com/redshift/latest/dg/r_SVL_STORED_PROC_MESSAGES.html
var levels = map[string]int{"LOG": 20, "INFO": 30, "NOTICE": 40, "WARNING": 50, "EXCEPTION": 60}

// MessageLevel is the number of a level by its name; 0 = it has none, as DEBUG.
func MessageLevel(name string) int { return levels[name] }

// maxMessages is how many messages of a CALL are kept: the oldest go first.
const maxMessages = 10000

// Raise keeps a message. Of two the later has the later time, however fast they come.
func (c *Call) Raise(m Message) {
	m.Time = m.Time.Truncate(time.Microsecond)
	if n := len(c.Messages); n > 0 && !m.Time.After(c.Messages[n-1].Time) {
		m.Time = c.Messages[n-1].Time.Add(time.Microsecond)
	}
	c.Messages = keep(c.Messages, m, maxMessages)
}

// bytes estimates what a call keeps alive.
func (c *Call) bytes() int64 {
	if c == nil {
		return 0
	}
	n := int64(64)
	for i := range c.Messages {
		n += 64 + int64(len(c.Messages[i].Text))
	}
	return n
}
