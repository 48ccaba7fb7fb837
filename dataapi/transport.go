package dataapi

import (
	"bytes"
	"context"
	"io"
	"net/http"
)

// inMemory marks the requests of Client, which no network can send.
type inMemory struct{}

// Client gives an HTTP client whose requests are served in memory, by the goroutine that sends them, whatever address they name. For aws-sdk-go-v2:
//
//	redshiftdata.NewFromConfig(cfg, func(o *redshiftdata.Options) {
//		o.BaseEndpoint, o.HTTPClient = aws.String(dataapi.Endpoint), h.Client()
//	})
func (h *Handler) Client() *http.Client { return &http.Client{Transport: memory{h}} }

// memory is a transport without a network.
type memory struct{ h *Handler }

// RoundTrip serves a request.
func (m memory) RoundTrip(r *http.Request) (*http.Response, error) {
	ctx := r.Context()
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	in := r.Clone(context.WithValue(ctx, inMemory{}, true))
	if in.Body == nil {
		in.Body = http.NoBody
	}
	defer in.Body.Close()
	if in.Host == "" {
		in.Host = in.URL.Host
	}
	w := &recorded{header: http.Header{}, code: http.StatusOK}
	m.h.ServeHTTP(w, in)
	if err := ctx.Err(); err != nil { // what was answered nobody waits for
		return nil, err
	}
	return &http.Response{
		Status: http.StatusText(w.code), StatusCode: w.code, Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1, Header: w.header,
		Body: io.NopCloser(&w.body), ContentLength: int64(w.body.Len()), Request: r,
	}, nil
}

// recorded is an answer in memory.
type recorded struct {
	header http.Header
	code   int
	body   bytes.Buffer
}

// Header is the answer's.
func (w *recorded) Header() http.Header { return w.header }

// WriteHeader sets the status.
func (w *recorded) WriteHeader(code int) { w.code = code }

// Write adds to the body.
func (w *recorded) Write(p []byte) (int, error) { return w.body.Write(p) }
