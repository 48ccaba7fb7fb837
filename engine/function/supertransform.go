package function

import (
	"strings"

	"github.com/redshiftsim/redshiftsim/internal/sqlstate"
	"github.com/redshiftsim/redshiftsim/internal/super"
	"github.com/redshiftsim/redshiftsim/internal/types"
)

// pathNode is an attribute on the way of a path of OBJECT_TRANSFORM:
//
//	KEEP '"name"."first"', '"age"'  SET '"age"', v     root -- name -- first (keep)
//	                                                        `- age (keep, set v)
type pathNode struct {
	keep  bool
	set   int // argument; 0 = none
	under map[string]*pathNode
	order []string // of under
}

// at goes to an attribute, which may be new.
func (n *pathNode) at(name string) *pathNode {
	if x := n.under[name]; x != nil {
		return x
	}
	if n.under == nil {
		n.under = map[string]*pathNode{}
	}
	x := &pathNode{}
	n.under[name] = x
	n.order = append(n.order, name)
	return x
}

// sets says that the attribute, or one within it, is set.
func (n *pathNode) sets() bool {
	if n.set > 0 {
		return true
	}
	for _, x := range n.under {
		if x.sets() {
			return true
		}
	}
	return false
}

// transformPath reads a constant path: names in double quotes with points between them.
// https://docs.aws.amazon.com/redshift/latest/dg/r_object_transform_function.html#r_object_transform_function-arguments
func transformPath(a Arg) ([]string, error) {
	s, ok := constText(a)
	if !ok {
		return nil, invalid("a path of OBJECT_TRANSFORM must be a constant string")
	}
	return SuperNames(s)
}

// SuperNames reads a path of attributes: "a"."b" (22023).
func SuperNames(s string) ([]string, error) {
	var names []string
	for rest := s; ; rest = rest[1:] {
		if !strings.HasPrefix(rest, `"`) {
			break
		}
		name, end := "", 1
		for {
			k := strings.IndexByte(rest[end:], '"')
			if k < 0 {
				return nil, badPath(s)
			}
			name, end = name+rest[end:end+k], end+k+1
			if !strings.HasPrefix(rest[end:], `"`) {
				break
			}
			name, end = name+`"`, end+1 // two quotes are one
		}
		names, rest = append(names, name), rest[end:]
		if rest == "" {
			return names, nil
		}
		if rest[0] != '.' {
			break
		}
	}
	return nil, badPath(s)
}

func badPath(s string) error {
	return sqlstate.InvalidParameterValue.Errorf("invalid path \"%s\" of OBJECT_TRANSFORM", s).WithHint(`A path is written as '"a"."b"'.`)
}

// bindTransform reads the paths. The second argument is the number of those to keep.
func bindTransform(b *Bound, args []Arg) error {
	if len(args) < 3 {
		b.Kernel = superBuild(func(to *super.Builder, r *row) (bool, error) {
			to.Value(r.super(0))
			return !r.null(0), nil
		})
		return nil
	}
	kept, ok := constInt(args[1])
	if !ok || kept < 0 || kept > len(args)-2 || (len(args)-2-kept)%2 != 0 {
		return sqlstate.Syntax.Errorf("OBJECT_TRANSFORM takes KEEP path, .. SET path, value, ..")
	}
	root := &pathNode{}
	for i := 2; i < len(args); i++ {
		names, err := transformPath(args[i])
		if err != nil {
			return err
		}
		n := root
		for _, name := range names {
			if n.set > 0 {
				return invalid("OBJECT_TRANSFORM sets a path and one within it")
			}
			n = n.at(name)
		}
		if i < kept+2 {
			n.keep = true
			continue
		}
		if n.sets() {
			return invalid("OBJECT_TRANSFORM sets a path twice, or a path and one within it")
		}
		i++
		n.set = i
		if err := checkConvertible("OBJECT_TRANSFORM", args[:i+1], i, 1); err != nil {
			return err
		}
	}
	b.Kernel = superBuild(func(to *super.Builder, r *row) (bool, error) {
		v := r.super(0)
		if v.Kind() != super.Object {
			to.Value(v)
			return v.Kind() != super.Null, nil
		}
		t := transform{b: to, r: r, params: b.Params}
		t.object(root, v, false)
		return true, t.err
	})
	return nil
}

// SuperSet sets attributes of a SUPER value, its first argument, to the values of the others, and keeps what else there is of it: OBJECT_TRANSFORM with a SET
// for each path, and a KEEP of all. No path leads to another or into it; values are of types that become SUPER values.
func SuperSet(paths []string, values []types.Type) (*Bound, error) {
	root := &pathNode{}
	for i, p := range paths {
		names, err := SuperNames(p)
		if err != nil {
			return nil, err
		}
		n := root
		for _, name := range names {
			n = n.at(name)
		}
		n.set = i + 1
	}
	b := &Bound{Name: "object_transform", Params: append([]types.Type{types.TSuper}, values...), Returns: types.TSuper}
	b.Kernel = superBuild(func(to *super.Builder, r *row) (bool, error) {
		v := r.super(0)
		if v.Kind() != super.Object {
			to.Value(v)
			return v.Kind() != super.Null, nil
		}
		t := transform{b: to, r: r, params: b.Params}
		t.object(root, v, true)
		return true, t.err
	})
	return b, nil
}

// BecomesSuper says whether values of a type become SUPER values; dates and times do not.
// https://docs.aws.amazon.com/redshift/latest/dg/limitations-super.html
func BecomesSuper(t types.Type) bool { return convertible(t) }

// transform builds the object of one row.
type transform struct {
	b      *super.Builder
	r      *row
	params []types.Type
	depth  int
	err    error
}

// object builds what stays and what is set of v, which is an object or nothing; all says that attributes without a path stay.
func (t *transform) object(n *pathNode, v super.Value, all bool) {
	t.depth++
	t.b.BeginObject()
	for i := range v.Len() {
		name, value := v.Attribute(i)
		x := n.under[name]
		if x == nil {
			x = &pathNode{keep: all}
		}
		t.attribute(x, name, value, all)
	}
	for _, name := range n.order {
		if _, there := v.Field(name); !there && n.under[name].sets() {
			t.attribute(n.under[name], name, "", false)
		}
	}
	t.b.EndObject()
	t.depth--
}

// attribute adds one attribute, if it stays or is set.
func (t *transform) attribute(n *pathNode, name string, v super.Value, all bool) {
	all = all || n.keep
	switch {
	case n.set > 0:
		if a := t.r.args[n.set]; a.Type.Kind == types.Super && t.r.super(n.set).Depth()+t.depth > super.MaxDepth {
			t.err = super.TooDeep()
		}
		t.b.Name(name)
		addSuper(t.b, t.params[n.set], t.r.args[n.set], t.r.i)
	case v.Kind() == super.Object:
		if all || n.stays(v) {
			t.b.Name(name)
			t.object(n, v, all)
		}
	case n.sets(): // a new object, of what is set in it
		t.b.Name(name)
		t.object(n, "", false)
	case all:
		t.b.Name(name)
		t.b.Value(v)
	}
}

// stays says that something of an object stays or is set.
func (n *pathNode) stays(v super.Value) bool {
	for name, x := range n.under {
		if x.sets() {
			return true
		}
		f, there := v.Field(name)
		if there && (x.keep || f.Kind() == super.Object && x.stays(f)) {
			return true
		}
	}
	return false
}
