package load

import (
	"bytes"
	"context"
	"io"
	"io/fs"
	"slices"
	"strings"
	"sync"
)

// Memory is a bucket in memory, which may be read and written by many at once.
type Memory struct {
	mu      sync.RWMutex
	objects map[string][]byte // never written in place
}

// NewMemory makes an empty bucket.
func NewMemory() *Memory { return &Memory{objects: map[string][]byte{}} }

// Open reads an object as it is now.
func (m *Memory) Open(_ context.Context, key string) (io.ReadCloser, error) {
	m.mu.RLock()
	defer m.mu.RUnlock()
	data, ok := m.objects[key]
	if !ok {
		return nil, &fs.PathError{Op: "open", Path: key, Err: fs.ErrNotExist}
	}
	return io.NopCloser(bytes.NewReader(data)), nil
}

// List gives the objects whose keys begin with prefix.
func (m *Memory) List(_ context.Context, prefix string) ([]Object, error) {
	m.mu.RLock()
	defer m.mu.RUnlock()
	var out []Object
	for key, data := range m.objects {
		if strings.HasPrefix(key, prefix) {
			out = append(out, Object{Name: key, Size: int64(len(data))})
		}
	}
	slices.SortFunc(out, func(a, b Object) int { return strings.Compare(a.Name, b.Name) })
	return out, nil
}

// Create writes an object, which is there once it is closed.
func (m *Memory) Create(ctx context.Context, key string) (io.WriteCloser, error) {
	return &memoryWriter{ctx: ctx, m: m, key: key}, nil
}

// Remove deletes an object.
func (m *Memory) Remove(_ context.Context, key string) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if _, ok := m.objects[key]; !ok {
		return &fs.PathError{Op: "remove", Path: key, Err: fs.ErrNotExist}
	}
	delete(m.objects, key)
	return nil
}

type memoryWriter struct {
	bytes.Buffer
	ctx context.Context
	m   *Memory
	key string
}

// Close makes the object visible, unless its context has ended.
func (w *memoryWriter) Close() error {
	if err := w.ctx.Err(); err != nil {
		return err
	}
	w.m.mu.Lock()
	defer w.m.mu.Unlock()
	w.m.objects[w.key] = w.Bytes()
	return nil
}
