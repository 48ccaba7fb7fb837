package explorer

import (
	"regexp"
	"slices"
	"testing"
)

// views are those that the page has.
var views = []string{"tables", "blocks", "plan", "moves", "time", "regions", "whatif"}

var joinWord = regexp.MustCompile(`DS_[A-Z_]+`)

func known(view string) bool { return slices.Contains(views, view) }

// claims are what the texts of steps say of what is seen there, by lesson and step; slices is the number of the cluster's.
var claims = map[string]func(t *testing.T, c *client, q int64, slices int){
	"distribution 0": func(t *testing.T, c *client, _ int64, _ int) {
		if x := tableOf(c, "sales_even"); x.Rows != 10000 || most(x.Parts)-least(x.Parts) > 1 {
			t.Errorf("%+v", x)
		}
	},
	"distribution 2": func(t *testing.T, c *client, _ int64, n int) {
		x := tableOf(c, "buyers")
		nodes := 0
		for _, p := range x.Parts {
			if p.Rows != 0 {
				nodes++
				if p.Rows != 500 {
					t.Errorf("%+v", x)
				}
			}
		}
		if nodes != map[int]int{4: 2, 12: 3}[n] {
			t.Errorf("%d nodes have a copy", nodes)
		}
	},
	"distribution 4": moves(false),
	"distribution 5": moves(true),
	"sortkeys 1":     skips("public.visits", 0, 0),
	"sortkeys 3":     skips("public.visits_sorted", 0.5, 1),
	"sortkeys 4":     skips("public.visits_sorted", 0, 0),
	"joins 1":        moves(true),
	"joins 4": func(t *testing.T, c *client, q int64, _ int) {
		joined(t, c, q, "DS_DIST_ALL_NONE")
	},
	"joins 3": func(t *testing.T, c *client, q int64, _ int) {
		joined(t, c, q, "DS_DIST_NONE")
	},
	"skew 0": func(t *testing.T, c *client, _ int64, _ int) {
		if x := tableOf(c, "hits"); most(x.Parts) < 80000 {
			t.Errorf("%+v", x)
		}
	},
	"skew 4": func(t *testing.T, c *client, _ int64, _ int) {
		if x := tableOf(c, "hits"); most(x.Parts)-least(x.Parts) > 1 {
			t.Errorf("%+v", x)
		}
	},
	"vacuum 0": regions(10000, 0, 0), "vacuum 1": regions(10000, 2500, 0), "vacuum 2": regions(10250, 2750, 250), "vacuum 3": regions(10500, 2750, 500),
	"vacuum 4": regions(10500, 2750, 500), "vacuum 5": regions(10500, 2750, 500), "vacuum 6": regions(7750, 0, 0),
}

// tableOf reads a table of the overview.
func tableOf(c *client, name string) table {
	for _, x := range ask[overview](c, "overview", nothing{}).Tables {
		if x.Name == name {
			return x
		}
	}
	c.t.Fatalf("there is no table %s", name)
	return table{}
}

// moves says whether rows go between slices, other than to the leader; on one slice they go nowhere.
func moves(want bool) func(*testing.T, *client, int64, int) {
	return func(t *testing.T, c *client, q int64, slices int) {
		n := int64(0)
		for _, m := range ask[queryView](c, "query", queryRequest{q}).Moves {
			if m.Label != "return" && m.From != m.To {
				n += m.Rows
			}
		}
		if (n > 0) != (want && slices > 1) {
			t.Errorf("%d rows move", n)
		}
	}
}

// joined says how a query's join finds its rows.
func joined(t *testing.T, c *client, q int64, want string) {
	for _, n := range ask[queryView](c, "query", queryRequest{q}).Plan {
		if m := joinWord.FindString(n.Line); m != "" {
			if m != want {
				t.Errorf("%s", n.Line)
			}
			return
		}
	}
	t.Error("the plan has no join")
}

// skips bounds the share of blocks that a query skips of those that it asks for.
func skips(name string, low, high float64) func(*testing.T, *client, int64, int) {
	return func(t *testing.T, c *client, q int64, _ int) {
		read, skipped := 0, 0
		for _, b := range ask[blockMap](c, "blocks", blocksRequest{name, q}).Blocks {
			if b.Read {
				read++
			}
			if b.Skipped {
				skipped++
			}
		}
		if share := float64(skipped) / float64(read+skipped); read == 0 || share < low || share > high {
			t.Errorf("%d blocks are read, %d skipped", read, skipped)
		}
	}
}

// regions says how many rows stock has in all, marked deleted, and in the unsorted region.
func regions(rows, deleted, unsorted int64) func(*testing.T, *client, int64, int) {
	return func(t *testing.T, c *client, _ int64, _ int) {
		var got [3]int64
		for _, s := range ask[blockMap](c, "blocks", blocksRequest{"public.stock", 0}).Slices {
			got[0], got[1], got[2] = got[0]+s.Rows, got[1]+s.Deleted, got[2]+s.Rows-s.Sorted
		}
		if got != [3]int64{rows, deleted, unsorted} {
			t.Errorf("rows, deleted, unsorted %v", got)
		}
	}
}

// TestLessons takes every lesson on every shape: the statements do what they say, and the figures are those that the texts tell of.
func TestLessons(t *testing.T) {
	used := map[string]bool{}
	for _, shape := range shapes {
		c := serveTest(t, shape, Config{Trust: true})
		first := c.open(inLesson)
		slices := first.Nodes * first.Slices
		if first.Nodes != max(2, shape[0]) || first.Slices != max(2, shape[1]) {
			t.Errorf("%v: the lessons have %d nodes of %d slices", shape, first.Nodes, first.Slices)
		}
		for _, l := range first.Lessons {
			if n := len(l.Steps); n < 5 || n > 8 || l.Title == "" || l.About == "" {
				t.Errorf("%s has %d steps", l.ID, n)
			}
			c.open(inLesson)
			for _, s := range l.Setup {
				c.run(s)
			}
			for i, st := range l.Steps {
				name := l.ID + " " + jsonText(i)
				if !known(st.View) || st.Title == "" || st.Text == "" {
					t.Errorf("%s: %+v", name, st)
				}
				a := ask[runAnswer](c, "run", runRequest{st.SQL})
				if code := ""; a.Error != nil || st.Fails != "" {
					if a.Error != nil {
						code = a.Error.Code
					}
					if code != st.Fails {
						t.Errorf("%v: %s: %+v", shape, name, a.Error)
					}
				}
				if claim := claims[name]; claim != nil {
					used[name] = true
					t.Run(name, func(t *testing.T) { claim(t, c, a.Query, slices) })
				}
				if st.Table != "" {
					ask[blockMap](c, "blocks", blocksRequest{st.Table, a.Query})
				}
			}
			ask[nothing](c, "close", nothing{})
		}
	}
	for name := range claims {
		if !used[name] {
			t.Errorf("there is no step %s", name)
		}
	}
}
