package txn

import (
	"fmt"
	"slices"
	"strings"
	"sync"

	"github.com/redshiftsim/redshiftsim/internal/sqlstate"
)

// graph is what SERIALIZABLE knows of transactions: who must come before whom in any serial order with the same results.
//
//	A reads t and does not see what B writes to it     A -> B
//	A reads t and sees what B wrote to it              B -> A
//
// Tables are read and written as wholes, as on Redshift. Two transactions that only append to a table are in no order, for a table has none; UPDATE,
// DELETE and MERGE read what they write. A cycle means that no serial order exists: who closes it fails with 1023. A transaction that has ended is kept
// while one that runs can reach it.
// https://docs.aws.amazon.com/redshift/latest/dg/c_serial_isolation.html
type graph struct {
	mu    sync.Mutex
	nodes []*node
}

// node is a transaction under SERIALIZABLE.
type node struct {
	id       int64
	snapshot uint64 // commits that it sees
	commit   uint64 // its own number among the commits; for one without changes the newest when it ended; 0 = it runs
	reads    []uint32
	writes   []uint32
	out      []*node // who comes after it
}

// join gives the transaction a node, or its node the newest root as its snapshot, under one lock with the root: what was committed is in the snapshot, or
// its node is still there.
func (g *graph) join(tx *Tx) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if tx.node == nil {
		tx.node = &node{id: tx.ID}
		g.nodes = append(g.nodes, tx.node)
	}
	tx.snapshot = tx.m.root.Load()
	tx.node.snapshot = tx.snapshot.Commits
}

// Read says that the transaction reads the table, Write that it changes it. Under SERIALIZABLE they fail with 1023 when no serial order is left; under
// SNAPSHOT they do nothing.
func (tx *Tx) Read(table uint32) error {
	n := tx.node
	if n == nil || tx.Conflict == 0 && slices.Contains(n.reads, table) {
		return nil
	}
	g := &tx.m.graph
	g.mu.Lock()
	defer g.mu.Unlock()
	n.reads = append(n.reads, table)
	for _, o := range g.nodes {
		switch {
		case o == n || !slices.Contains(o.writes, table):
		case o.commit == 0 || o.commit > n.snapshot:
			n.before(o)
		default:
			o.before(n)
		}
	}
	return tx.acyclic(table)
}

// Write is described at Read.
func (tx *Tx) Write(table uint32) error {
	n := tx.node
	if n == nil || tx.Conflict == 0 && slices.Contains(n.writes, table) {
		return nil
	}
	g := &tx.m.graph
	g.mu.Lock()
	defer g.mu.Unlock()
	n.writes = append(n.writes, table)
	for _, o := range g.nodes {
		if o != n && slices.Contains(o.reads, table) {
			o.before(n)
		}
	}
	return tx.acyclic(table)
}

// before orders n before o.
func (n *node) before(o *node) {
	if !slices.Contains(n.out, o) {
		n.out = append(n.out, o)
	}
}

// acyclic fails when the transaction comes before itself. g.mu is held.
func (tx *Tx) acyclic(table uint32) error {
	path := tx.node.path(tx.node, map[*node]bool{})
	if path == nil {
		return nil
	}
	ids := make([]int64, 0, len(path))
	for _, n := range path {
		ids = append(ids, n.id)
	}
	slices.Sort(ids)
	return tx.violation(table, ids)
}

// path finds the nodes from n to target, n first; nil = there is no way.
func (n *node) path(target *node, seen map[*node]bool) []*node {
	for _, o := range n.out {
		if o == target {
			return []*node{n}
		}
		if seen[o] {
			continue
		}
		seen[o] = true
		if p := o.path(target, seen); p != nil {
			return append([]*node{n}, p...)
		}
	}
	return nil
}

// violation is error 1023.
// https://docs.aws.amazon.com/redshift/latest/dg/c_serial_isolation-serializable-isolation-troubleshooting.html
func (tx *Tx) violation(table uint32, cycle []int64) error {
	tx.Conflict = table
	var b strings.Builder
	for i, id := range cycle {
		if i > 0 {
			b.WriteString(", ")
		}
		fmt.Fprint(&b, id)
	}
	if tx.PID != 0 {
		fmt.Fprintf(&b, " (pid:%d)", tx.PID)
	}
	return sqlstate.Internal.Errorf("1023").
		WithDetail("Serializable isolation violation on table - %d, transactions forming the cycle are: %s", table, b.String())
}

// committed gives the transaction its number, before the root that has its changes can be seen.
func (g *graph) committed(tx *Tx, number uint64) {
	if tx.node == nil {
		return
	}
	g.mu.Lock()
	tx.node.commit = number
	g.mu.Unlock()
}

// leave is the end of a transaction: one that failed is forgotten, and with it every node that no running transaction can reach any more. What it can
// reach later is what was committed after its snapshot.
func (g *graph) leave(tx *Tx) {
	if tx.node == nil {
		return
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	if gone := tx.node; gone.commit == 0 {
		g.nodes = slices.DeleteFunc(g.nodes, func(n *node) bool { return n == gone })
		for _, n := range g.nodes {
			n.out = slices.DeleteFunc(n.out, func(o *node) bool { return o == gone })
		}
	}
	tx.node = nil
	oldest := ^uint64(0)
	for _, n := range g.nodes {
		if n.commit == 0 {
			oldest = min(oldest, n.snapshot)
		}
	}
	kept := map[*node]bool{}
	var keep func(n *node)
	keep = func(n *node) {
		if !kept[n] {
			kept[n] = true
			for _, o := range n.out {
				keep(o)
			}
		}
	}
	for _, n := range g.nodes {
		if n.commit == 0 || len(n.writes) > 0 && n.commit > oldest {
			keep(n)
		}
	}
	g.nodes = slices.DeleteFunc(g.nodes, func(n *node) bool { return !kept[n] })
}
