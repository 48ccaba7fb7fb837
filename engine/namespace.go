package engine

import (
	"fmt"
	"math/rand/v2"
	"runtime"
	"slices"
	"sync"
	"weak"
)

// Clusters of the process know each other by namespace, for datashares: whoever asks for a cluster's namespace makes it known. A cluster that nobody holds any more
// goes, and its namespace with it.
var namespaces = struct {
	mu     sync.Mutex
	byName map[string]weak.Pointer[Cluster]
}{byName: map[string]weak.Pointer[Cluster]{}}

// namespace is the cluster's, a UUID that stays while the cluster does.
// https://docs.aws.amazon.com/redshift/latest/dg/r_CURRENT_NAMESPACE.html
func (c *Cluster) namespace() string {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.uuid != "" {
		return c.uuid
	}
	hi, lo := rand.Uint64(), rand.Uint64()
	hi = hi&^0xf000 | 0x4000 // version 4
	lo = lo&^(3<<62) | 2<<62
	c.uuid = fmt.Sprintf("%08x-%04x-%04x-%04x-%012x", hi>>32, hi>>16&0xffff, hi&0xffff, lo>>48, lo&(1<<48-1))
	namespaces.mu.Lock()
	defer namespaces.mu.Unlock()
	namespaces.byName[c.uuid] = weak.Make(c)
	runtime.AddCleanup(c, unknown, c.uuid)
	return c.uuid
}

// unknown forgets a namespace.
func unknown(namespace string) {
	namespaces.mu.Lock()
	defer namespaces.mu.Unlock()
	delete(namespaces.byName, namespace)
}

// clusterOf finds the cluster of a namespace, nil when it is not open in this process.
func clusterOf(namespace string) *Cluster {
	namespaces.mu.Lock()
	defer namespaces.mu.Unlock()
	c := namespaces.byName[namespace].Value()
	if c == nil || c.closed.Load() {
		return nil
	}
	return c
}

// neighbours lists the clusters of the process that are known, but c, by namespace.
func (c *Cluster) neighbours() []*Cluster {
	namespaces.mu.Lock()
	var out []*Cluster
	for _, p := range namespaces.byName {
		if o := p.Value(); o != nil && o != c && !o.closed.Load() {
			out = append(out, o)
		}
	}
	namespaces.mu.Unlock()
	slices.SortFunc(out, func(a, b *Cluster) int { // namespace takes a lock of its own
		switch x, y := a.namespace(), b.namespace(); {
		case x < y:
			return -1
		case x > y:
			return 1
		}
		return 0
	})
	return out
}
