package function

import (
	"strconv"
	"strings"

	"github.com/redshiftsim/redshiftsim/internal/types"
	"github.com/redshiftsim/redshiftsim/internal/vector"
)

// The functions of arrays. Redshift has arrays in its catalog alone, so they run on the leader.
// https://www.postgresql.org/docs/8.0/functions-array.html, https://docs.aws.amazon.com/redshift/latest/dg/t_Analyzing_tables.html
var arrayFunctions = []Scalar{
	{Name: "array_to_string", Args: sig(array, text), Returns: always(types.TText), Kernel: build(arrayToString), Place: LeaderOnly, Doc: "t_Analyzing_tables"},
	{Name: "array_upper", Args: sig(array, int4), Returns: always(types.TInt4), Kernel: each(arrayUpper), Place: LeaderOnly, Doc: "c_sql-functions-leader-node"},
	{Name: "array_lower", Args: sig(array, int4), Returns: always(types.TInt4), Kernel: each(arrayLower), Place: LeaderOnly, Doc: "c_sql-functions-leader-node"},
	{Name: "array_dims", Args: sig(array), Returns: always(types.TText), Kernel: each(arrayDims), Place: LeaderOnly, Doc: "c_sql-functions-leader-node"},
	{Name: "array_out", Args: sig(array), Returns: always(types.TText), Kernel: each(func(r *row) error { r.setText(r.text(0)); return nil }), Place: LeaderOnly, Doc: "c_sql-functions-leader-node"},
}

// array is a parameter that takes arrays; a literal is one of texts.
var array = Param{Type: types.TTextArray, As: types.Type.IsArray}

// items takes argument i, an array, apart.
func (r *row) items(i int) ([]types.Item, error) { return types.ArrayItems(r.text(i), r.args[i].Type) }

// arrayToString is array_to_string: the elements with a text between them; NULL elements are left out.
func arrayToString(dst []byte, r *row) ([]byte, error) {
	list, err := r.items(0)
	if err != nil {
		return dst, err
	}
	first := true
	for _, it := range list {
		if it.Null {
			continue
		}
		if !first {
			dst = append(dst, r.text(1)...)
		}
		dst, first = append(dst, it.Text...), false
	}
	return dst, nil
}

// lowest is the first subscript of an array: 0 of a vector, 1 of others.
func lowest(t types.Type) int {
	if t.Kind == types.Int2Vector || t.Kind == types.OIDVector {
		return 0
	}
	return 1
}

// arrayUpper is array_upper: the last subscript of a dimension, NULL where there is none.
func arrayUpper(r *row) error { return arrayBound(r, func(first, n int) int { return first + n - 1 }) }

// arrayLower is array_lower: the first subscript.
func arrayLower(r *row) error { return arrayBound(r, func(first, _ int) int { return first }) }

func arrayBound(r *row, bound func(first, n int) int) error {
	list, err := r.items(0)
	switch {
	case err != nil:
		return err
	case len(list) == 0 || r.int(1) != 1:
		r.setNull()
	default:
		r.setInt(int64(bound(lowest(r.args[0].Type), len(list))))
	}
	return nil
}

// arrayDims is array_dims: [1:3].
func arrayDims(r *row) error {
	list, err := r.items(0)
	switch {
	case err != nil:
		return err
	case len(list) == 0:
		r.setNull()
	default:
		first := lowest(r.args[0].Type)
		r.setText("[" + strconv.Itoa(first) + ":" + strconv.Itoa(first+len(list)-1) + "]")
	}
	return nil
}

// Subscript is x[i] of an array: an element, NULL where there is none. ok is false when x is no array.
// https://www.postgresql.org/docs/8.0/arrays.html
func Subscript(x types.Type) (b *Bound, ok bool) {
	if !x.IsArray() {
		return nil, false
	}
	to := x.Element()
	return &Bound{
		Name: "array_element", Params: []types.Type{x, types.TInt4}, Returns: to, Strict: true, Place: LeaderOnly,
		Kernel: each(func(r *row) error {
			list, err := r.items(0)
			if err != nil {
				return err
			}
			i := r.int(1) - int64(lowest(x))
			if i < 0 || i >= int64(len(list)) || list[i].Null {
				r.setNull()
				return nil
			}
			d, err := types.Parse(list[i].Text, to, nil)
			if err != nil {
				return err
			}
			r.out.Set(r.i, d)
			return nil
		}),
	}, true
}

// Quantified is x op ANY (array), or ALL: what x is compared with is of type as. NULL elements make it unknown unless another decides.
// https://www.postgresql.org/docs/8.0/functions-comparisons.html
func Quantified(list types.Type, op string, all bool, as types.Type) *Bound {
	return &Bound{
		Name: "?column?", Params: []types.Type{as, list}, Returns: types.TBool, Place: LeaderOnly,
		Kernel: each(func(r *row) error {
			if r.null(1) {
				r.setNull()
				return nil
			}
			items, err := r.items(1)
			if err != nil {
				return err
			}
			left := r.args[0].Get(r.i & maskOf(r.args[0]))
			unknown := left.Null && len(items) > 0
			if unknown {
				items = nil
			}
			for _, it := range items {
				if it.Null {
					unknown = true
					continue
				}
				d, err := types.Parse(it.Text, as, nil)
				if err != nil {
					return err
				}
				if holds(op, types.Compare(&left, &d)) != all {
					r.out.Bools[r.i] = !all
					return nil
				}
			}
			if unknown {
				r.setNull()
			} else {
				r.out.Bools[r.i] = all
			}
			return nil
		}),
	}
}

// holds says whether a comparison that came out as c is one of op.
func holds(op string, c int) bool {
	switch op {
	case "=":
		return c == 0
	case "<>":
		return c != 0
	case "<":
		return c < 0
	case "<=":
		return c <= 0
	case ">":
		return c > 0
	}
	return c >= 0
}

// ArrayOf is ARRAY[a, b ..]: of elements of one type.
func ArrayOf(element types.Type, n int) *Bound {
	params := make([]types.Type, n)
	for i := range params {
		params[i] = element
	}
	t := types.ArrayOf(element)
	return &Bound{
		Name: "array", Params: params, Returns: t, Place: LeaderOnly,
		Kernel: func(env *Env, n int, args []*vector.Vector, out *vector.Vector) error {
			items := make([]types.Item, len(args))
			for i := range n {
				for k, v := range args {
					d := v.Get(i & maskOf(v))
					items[k] = types.Item{Null: d.Null}
					if !d.Null {
						items[k].Text = strings.TrimRight(types.Format(d, zoneOf(env)), " ")
					}
				}
				out.Texts[i] = string(types.AppendArray(nil, t, items))
			}
			return nil
		},
	}
}

// aclContains is aclcontains: whether a list of privileges has one item that gives the same principal, by the same grantor, all that another item gives.
// https://www.postgresql.org/docs/8.0/functions-info.html
func aclContains(r *row) error {
	list, err := r.items(0)
	if err != nil {
		return err
	}
	to, rights, by := aclParts(r.text(1))
	for _, it := range list {
		t, have, b := aclParts(it.Text)
		if t != to || b != by {
			continue
		}
		all := true
		for i := 0; i < len(rights); i++ {
			star := i+1 < len(rights) && rights[i+1] == '*'
			k := strings.IndexByte(have, rights[i])
			all = all && k >= 0 && (!star || k+1 < len(have) && have[k+1] == '*')
			if star {
				i++
			}
		}
		if all {
			r.out.Bools[r.i] = true
			return nil
		}
	}
	r.out.Bools[r.i] = false
	return nil
}

// aclParts takes group staff=r*w/awsuser apart: to whom, what, by whom.
func aclParts(item string) (to, rights, by string) {
	i, k := strings.LastIndexByte(item, '='), strings.LastIndexByte(item, '/')
	if i < 0 || k < i {
		return item, "", ""
	}
	return item[:i], item[i+1 : k], item[k+1:]
}
