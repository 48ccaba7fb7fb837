package catalog

import "math/bits"

// Key names a relation within the database.
type Key struct{ Schema, Name string }

// hash is FNV-1a over both parts.
func (k Key) hash() uint64 {
	h := uint64(14695981039346656037)
	for i := 0; i < len(k.Schema); i++ {
		h = (h ^ uint64(k.Schema[i])) * 1099511628211
	}
	h = (h ^ 0xff) * 1099511628211
	for i := 0; i < len(k.Name); i++ {
		h = (h ^ uint64(k.Name[i])) * 1099511628211
	}
	return h ^ h>>29
}

// tree is a persistent map from Key: with and without copy the path to what changes, at most a few nodes, and share the rest.
//
//	root [bits 0010..1 | kids] -> branch -> leaf {key value} -> next leaf of an equal hash
type tree struct {
	root *branch
	size int
}

// branch is a node of up to 32 kids; bit i of bits says that a kid for the hash digit i exists.
type branch struct {
	bits uint32
	kids []any // *branch or *leaf
}

// leaf is an entry; next chains entries whose hashes are equal in all 64 bits.
type leaf struct {
	hash  uint64
	key   Key
	value any
	next  *leaf
}

const digit = 5

// get finds the value of k, nil when there is none.
func (t tree) get(k Key) any {
	h := k.hash()
	b := t.root
	for shift := uint(0); b != nil; shift += digit {
		bit := uint32(1) << (h >> shift & 31)
		if b.bits&bit == 0 {
			return nil
		}
		switch kid := b.kids[bits.OnesCount32(b.bits&(bit-1))].(type) {
		case *branch:
			b = kid
		case *leaf:
			for l := kid; l != nil; l = l.next {
				if l.key == k {
					return l.value
				}
			}
			return nil
		}
	}
	return nil
}

// with gives a tree that also has k.
func (t tree) with(k Key, v any) tree {
	added := t.get(k) == nil
	t.root = t.root.with(&leaf{hash: k.hash(), key: k, value: v}, 0)
	if added {
		t.size++
	}
	return t
}

func (b *branch) with(l *leaf, shift uint) *branch {
	bit := uint32(1) << (l.hash >> shift & 31)
	if b == nil {
		return &branch{bits: bit, kids: []any{l}}
	}
	at := bits.OnesCount32(b.bits & (bit - 1))
	if b.bits&bit == 0 {
		kids := make([]any, len(b.kids)+1)
		copy(kids, b.kids[:at])
		kids[at] = l
		copy(kids[at+1:], b.kids[at:])
		return &branch{bits: b.bits | bit, kids: kids}
	}
	c := &branch{bits: b.bits, kids: append([]any(nil), b.kids...)}
	switch kid := b.kids[at].(type) {
	case *branch:
		c.kids[at] = kid.with(l, shift+digit)
	case *leaf:
		if kid.hash == l.hash {
			l.next = kid.without(l.key)
			c.kids[at] = l
		} else {
			c.kids[at] = (*branch)(nil).with(kid, shift+digit).with(l, shift+digit)
		}
	}
	return c
}

// without copies a chain of equal hashes but for k.
func (l *leaf) without(k Key) *leaf {
	if l == nil {
		return nil
	}
	if l.key == k {
		return l.next
	}
	c := *l
	c.next = l.next.without(k)
	return &c
}

// without gives a tree that lacks k.
func (t tree) without(k Key) tree {
	if t.get(k) == nil {
		return t
	}
	t.root = t.root.without(k, k.hash(), 0)
	t.size--
	return t
}

func (b *branch) without(k Key, h uint64, shift uint) *branch {
	bit := uint32(1) << (h >> shift & 31)
	at := bits.OnesCount32(b.bits & (bit - 1))
	var left any
	switch kid := b.kids[at].(type) {
	case *branch:
		if n := kid.without(k, h, shift+digit); n != nil {
			left = n
		}
	case *leaf:
		if n := kid.without(k); n != nil {
			left = n
		}
	}
	if left != nil {
		c := &branch{bits: b.bits, kids: append([]any(nil), b.kids...)}
		c.kids[at] = left
		return c
	}
	if len(b.kids) == 1 {
		return nil
	}
	kids := make([]any, 0, len(b.kids)-1)
	kids = append(append(kids, b.kids[:at]...), b.kids[at+1:]...)
	return &branch{bits: b.bits &^ bit, kids: kids}
}

// each calls f for every value, in no useful order.
func (t tree) each(f func(v any)) { t.root.each(f) }

func (b *branch) each(f func(v any)) {
	if b == nil {
		return
	}
	for _, kid := range b.kids {
		switch kid := kid.(type) {
		case *branch:
			kid.each(f)
		case *leaf:
			for l := kid; l != nil; l = l.next {
				f(l.value)
			}
		}
	}
}
