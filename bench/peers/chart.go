package main

import (
	"bytes"
	"fmt"
	"image/color"
	"math"
	"os"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/plotutil"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
	_ "gonum.org/v1/plot/vg/vgsvg"
)

// Sizes of a chart in points. A letter of a label is about so wide.
const (
	plotHeight  = 160
	plotMargins = 120 // beside the bars: the axis and its labels
	legendLine  = 13
	letter      = 6.5 // where the reader's font is a wide one
	widestBar   = 24
)

// chart draws bars per query and target, on a logarithmic scale. The legend has a strip of its own above the bars; labels that are wider than their
// query's bars are turned.
func (k kept) chart(file, title string) error {
	p := plot.New()
	p.Title.Text = title
	p.Y.Label.Text = "ms"
	p.Legend.Top, p.Legend.Left = true, true
	qs, ts := k.queries(), k.targets()
	low, high := math.MaxFloat64, 0.0
	for _, r := range k.Results {
		if r.Median > 0 {
			low, high = math.Min(low, float64(r.Median)/1e6), math.Max(high, float64(r.Median)/1e6)
		}
	}
	low = math.Pow(10, math.Floor(math.Log10(low)-0.1))
	p.Y.Tick.Marker = decades{low, high}
	total := math.Max(float64(len(qs)*max(len(ts), 2)*9+plotMargins), 400)
	pitch := (total - plotMargins) / float64(len(qs)) // of one query
	width := vg.Points(math.Min(widestBar, 0.75*pitch/float64(len(ts))))
	for i, t := range ts {
		vs := make(plotter.Values, len(qs))
		for j, q := range qs {
			if r := k.find(q, t); r != nil && r.Error == "" && r.Median > 0 {
				vs[j] = math.Log10(float64(r.Median) / 1e6 / low)
			}
		}
		bars, err := plotter.NewBarChart(vs, width)
		if err != nil {
			return err
		}
		bars.LineStyle.Width = 0
		bars.Color = plotutil.Color(i)
		bars.Offset = width * vg.Length(float64(i)-float64(len(ts)-1)/2)
		p.Add(bars)
		p.Legend.Add(t, bars)
	}
	p.NominalX(qs...)
	p.X.Min, p.X.Max = -0.5, float64(len(qs))-0.5
	longest := 0
	for _, q := range qs {
		longest = max(longest, len(q))
	}
	height, foot := plotHeight+legendLine*float64(len(ts))+60, 0.0 // the title's and the labels' with it; below the axis
	if wide := letter * float64(longest); wide > 0.95*pitch {
		p.X.Tick.Label.Rotation = math.Pi / 4
		p.X.Tick.Label.XAlign, p.X.Tick.Label.YAlign = 1.25*draw.XRight, draw.YCenter // a wide font must not reach the bars
		foot = 0.25 * wide * math.Sqrt2 / 2
		height += wide*math.Sqrt2/2 + foot
	}
	p.Y.Min, p.Y.Max = 0, math.Log10(high/low)*(plotHeight+legendLine*float64(len(ts)))/plotHeight
	c, err := draw.NewFormattedCanvas(vg.Length(total), vg.Length(height), "svg")
	if err != nil {
		return err
	}
	area := draw.New(c)
	area.SetColor(color.White)
	area.Fill(area.Path())
	p.Draw(draw.Crop(area, 0, 0, vg.Length(foot), 0))
	var b bytes.Buffer
	if _, err := c.WriteTo(&b); err != nil {
		return err
	}
	return os.WriteFile(file, b.Bytes(), 0o644)
}

// decades labels an axis of logarithms, where 0 is at low; nothing above high has a label.
type decades struct{ low, high float64 }

// Ticks are the powers of ten between lo and hi, and where these are few their doubles and fivefolds.
func (d decades) Ticks(lo, hi float64) []plot.Tick {
	steps := []float64{1}
	hi = math.Min(hi, math.Log10(d.high/d.low))
	if hi-lo < 2 {
		steps = []float64{1, 2, 5}
	}
	var out []plot.Tick
	for i := math.Floor(lo); i <= hi; i++ {
		for _, s := range steps {
			if at := i + math.Log10(s); at >= lo && at <= hi {
				out = append(out, plot.Tick{Value: at, Label: fmt.Sprintf("%.6g", d.low*s*math.Pow(10, i))})
			}
		}
	}
	return out
}
