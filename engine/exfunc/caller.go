package exfunc

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/redshiftsim/redshiftsim/internal/sqlstate"
	"github.com/redshiftsim/redshiftsim/internal/types"
	"github.com/redshiftsim/redshiftsim/internal/vector"
)

// Caller calls the external functions of one statement. Its tasks share it.
type Caller struct {
	Cluster  string // the ARN
	User     string
	Database string
	Query    int64 // number of the query; 0 = it reads no table
	// Find gives what stands for a Lambda function.
	Find func(lambda string) (Lambda, error)
	// Failed hears of a function that failed; nil = nobody does. slice is -1 on the leader.
	Failed func(fn *Function, slice int, message string)
	// Context ends with the statement.
	Context context.Context

	shared *constants
}

// Begin gives the caller of a run that ends with ctx.
func (c *Caller) Begin(ctx context.Context) *Caller {
	n := *c
	n.Context, n.shared = ctx, &constants{}
	return &n
}

// First and last wait between two attempts, which doubles each time.
const (
	firstWait = 50 * time.Millisecond
	lastWait  = 5 * time.Second
)

// Limits of an invocation's payloads.
// https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html
const maxPayload = 6291456

// Send sends a batch and gives its results. What the service refuses for the moment is sent again, as long as the waits between make less than RETRY_TIMEOUT in
// all. Errors: XX000 in the words of the service or the function, 57014 when the statement ends meanwhile, 0A000 when nothing stands for the Lambda function.
// https://docs.aws.amazon.com/redshift/latest/dg/r_CREATE_EXTERNAL_FUNCTION.html
func (c *Caller) Send(b *Batch, slice int) (*Results, error) {
	r, err := c.send(b)
	if e, ok := err.(*sqlstate.Error); ok && c.Failed != nil && e.Code != sqlstate.QueryCanceled {
		c.Failed(b.fn, slice, e.Message)
	}
	return r, err
}

func (c *Caller) send(b *Batch) (*Results, error) {
	l, err := c.Find(b.fn.Lambda)
	if err != nil {
		return nil, err
	}
	waited, wait := time.Duration(0), firstWait
	for {
		if err := c.ended(); err != nil {
			return nil, err
		}
		body, err := c.invoke(l, b.payload(c))
		if err == nil {
			return b.fn.read(body, b.Rows)
		}
		if ended := c.ended(); ended != nil {
			return nil, ended
		}
		var refused *ServiceError
		if !errors.As(err, &refused) {
			return nil, b.fn.fails(dataCode, err.Error())
		}
		if !refused.Retries() || waited >= b.fn.Retry {
			return nil, b.fn.fails(clientCode, refused.Error())
		}
		pause := min(wait, b.fn.Retry-waited)
		t := time.NewTimer(pause)
		select {
		case <-t.C:
		case <-c.Context.Done():
			t.Stop()
		}
		waited, wait = waited+pause, min(2*wait, lastWait)
	}
}

// invoke calls a Lambda, whose panic is an error like another.
func (c *Caller) invoke(l Lambda, payload []byte) (body []byte, err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("panic: %v", p)
		}
	}()
	if len(payload) > maxPayload {
		return nil, &ServiceError{"RequestTooLargeException", fmt.Sprintf("Request must be smaller than %d bytes for the InvokeFunction operation", maxPayload)}
	}
	if body, err = l.Invoke(c.Context, payload); err == nil && len(body) > maxPayload {
		return nil, fmt.Errorf("Response payload size (%d bytes) exceeded maximum allowed payload size (%d bytes).", len(body), maxPayload)
	}
	return body, err
}

// ended is 57014 when the statement has ended.
func (c *Caller) ended() error {
	if c.Context.Err() == nil {
		return nil
	}
	return sqlstate.QueryCanceled.Errorf("canceling statement due to user request")
}

// Call computes n rows where an expression stands that not all rows need: in batches of at most n rows. Arguments that are all constant, of a function that is
// stable, are sent once a run.
func (c *Caller) Call(fn *Function, slice, n int, args []*vector.Vector, out *vector.Vector) error {
	fixed := fn.Stable
	for _, v := range args {
		fixed = fixed && v.Form == vector.Const
	}
	if fixed {
		return c.constant(fn, slice, n, args, out)
	}
	b, at := NewBatch(fn), 0
	for i := 0; i < n; i++ {
		if b.Add(args, i) {
			continue
		}
		if err := c.write(b, slice, out, at); err != nil {
			return err
		}
		b, at = NewBatch(fn), i
		b.Add(args, i)
	}
	return c.write(b, slice, out, at)
}

// write sends a batch and sets the rows from at on.
func (c *Caller) write(b *Batch, slice int, out *vector.Vector, at int) error {
	if b.Rows == 0 {
		return nil
	}
	r, err := c.Send(b, slice)
	if err != nil {
		return err
	}
	return r.Write(out, at, 0, b.Rows)
}

// constants are the calls whose arguments are constant: each is sent once, whoever asks first.
type constants struct {
	mu   sync.Mutex
	sent map[constantKey]*constantCall
}

type constantKey struct {
	name, lambda string
	returns      types.Type
	records      string
}

type constantCall struct {
	once   sync.Once
	result *Results
	err    error
}

// constant computes n rows of a call whose arguments are constant.
func (c *Caller) constant(fn *Function, slice, n int, args []*vector.Vector, out *vector.Vector) error {
	b := NewBatch(fn)
	b.Add(args, 0)
	key := constantKey{fn.Name, fn.Lambda, fn.Returns, string(b.records)}
	c.shared.mu.Lock()
	x := c.shared.sent[key]
	if x == nil {
		if x = new(constantCall); c.shared.sent == nil {
			c.shared.sent = map[constantKey]*constantCall{}
		}
		c.shared.sent[key] = x
	}
	c.shared.mu.Unlock()
	x.once.Do(func() { x.result, x.err = c.Send(b, slice) })
	if x.err != nil {
		return x.err
	}
	d, err := fn.value(x.result.list[0])
	if err != nil {
		return err
	}
	for i := range n {
		out.Set(i, d)
	}
	return nil
}

// newUUID is a random UUID, in capitals as the guide prints one.
func newUUID() []byte {
	var b [16]byte
	_, _ = rand.Read(b[:]) // it does not fail
	b[6], b[8] = b[6]&0x0f|0x40, b[8]&0x3f|0x80
	out := make([]byte, 0, 36)
	for i, part := range [][]byte{b[:4], b[4:6], b[6:8], b[8:10], b[10:]} {
		if i > 0 {
			out = append(out, '-')
		}
		out = hex.AppendEncode(out, part)
	}
	for i, c := range out {
		if c >= 'a' {
			out[i] = c - 'a' + 'A'
		}
	}
	return out
}
