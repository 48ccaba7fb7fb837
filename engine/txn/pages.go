package txn

import (
	"github.com/redshiftsim/redshiftsim/engine/catalog"
	"github.com/redshiftsim/redshiftsim/storage"
)

// pages maps table numbers to versions. It is persistent: put copies one page on each level and shares the rest.
//
//	height 2   [ . | . | . .. 64 ]           number - 100000, six bits a level
//	height 1     [ . | . .. 64 ]
//	leaves         [ *Version .. up to 64 ]  as long as the last version needs, by eights: a cluster of a few tables copies a few words a commit
type pages struct {
	root   *page
	height uint // levels above the leaf pages
}

const pageBits = 6

// page is an inner page (kids) or a leaf page (versions); one of the two is nil.
type page struct {
	kids     *[1 << pageBits]*page
	versions []*storage.Version
}

func index(id uint32) uint32 { return id - catalog.FirstID }

// get finds the version of a table, nil when there is none.
func (p pages) get(id uint32) *storage.Version {
	i := index(id)
	if p.root == nil || i>>((p.height+1)*pageBits) != 0 {
		return nil
	}
	n := p.root
	for h := p.height; h > 0; h-- {
		if n = n.kids[i>>(h*pageBits)&(1<<pageBits-1)]; n == nil {
			return nil
		}
	}
	return n.version(i & (1<<pageBits - 1))
}

// version is entry i of a leaf page.
func (n *page) version(i uint32) *storage.Version {
	if int(i) >= len(n.versions) {
		return nil
	}
	return n.versions[i]
}

// put gives pages in which the table has version v; nil drops it.
func (p pages) put(id uint32, v *storage.Version) pages {
	i := index(id)
	if p.root == nil {
		p.root = newPage(0)
	}
	for i>>((p.height+1)*pageBits) != 0 {
		p.height++
		up := newPage(p.height)
		up.kids[0] = p.root
		p.root = up
	}
	p.root = p.root.put(i, v, p.height)
	return p
}

func newPage(height uint) *page {
	if height == 0 {
		return &page{}
	}
	return &page{kids: new([1 << pageBits]*page)}
}

// newLeaf makes a leaf page for so many versions; a small one lies in one piece.
func newLeaf(versions int) *page {
	if small := (*smallLeaf)(nil); versions <= len(small.room) {
		small = &smallLeaf{}
		small.versions = small.room[:versions]
		return &small.page
	}
	return &page{versions: make([]*storage.Version, versions)}
}

// smallLeaf is a leaf page with its versions.
type smallLeaf struct {
	page
	room [8]*storage.Version
}

func (n *page) put(i uint32, v *storage.Version, height uint) *page {
	at := i >> (height * pageBits) & (1<<pageBits - 1)
	if height == 0 {
		next := newLeaf(max(len(n.versions), int(at)&^7+8))
		copy(next.versions, n.versions)
		next.versions[at] = v
		return next
	}
	kids := *n.kids
	kid := kids[at]
	if kid == nil {
		kid = newPage(height - 1)
	}
	kids[at] = kid.put(i, v, height-1)
	return &page{kids: &kids}
}

// each calls f for every table that has a version, up to the first error.
func (p pages) each(f func(id uint32, v *storage.Version) error) error {
	if p.root == nil {
		return nil
	}
	return p.root.each(0, p.height, f)
}

func (n *page) each(first uint32, height uint, f func(id uint32, v *storage.Version) error) error {
	for i := range uint32(1 << pageBits) {
		at := first + i<<(height*pageBits)
		switch {
		case height == 0:
			if v := n.version(i); v != nil {
				if err := f(at+catalog.FirstID, v); err != nil {
					return err
				}
			}
		case n.kids[i] != nil:
			if err := n.kids[i].each(at, height-1, f); err != nil {
				return err
			}
		}
	}
	return nil
}
