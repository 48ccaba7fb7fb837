package compile

import (
	"fmt"
	"strings"

	"github.com/redshiftsim/redshiftsim/engine/exec"
)

// Steps prints a program by AWS's step labels, a segment a line:
//
//	stream 0
//	  segment 0 slices  scan movies | aggr partial avg | return
//	  segment 1 leader  scan network | aggr final avg | return
//
// https://docs.aws.amazon.com/redshift/latest/dg/c-query-planning.html
func Steps(p *exec.Program) string {
	var b strings.Builder
	number := 0
	for i, s := range p.Streams {
		fmt.Fprintf(&b, "stream %d\n", i)
		for _, g := range s.Segments {
			parts := []string{sourceLabel(g.Source)}
			for _, st := range g.Steps {
				parts = append(parts, stepLabel(st))
			}
			if g.Where == exec.OnLeader && !ends(g) {
				parts = append(parts, "return")
			}
			fmt.Fprintf(&b, "  segment %d %s  %s\n", number, whereLabel(g), strings.Join(parts, " | "))
			number++
		}
		if s.Turn != nil && s.Turn.Repeat {
			fmt.Fprintf(&b, "  again from stream %d while rows are found\n", s.Turn.From)
		}
	}
	return b.String()
}

// ends says that a segment sends, keeps or writes its rows.
func ends(g *exec.Segment) bool {
	if len(g.Steps) == 0 {
		return false
	}
	switch g.Steps[len(g.Steps)-1].(type) {
	case *exec.HashStep, *exec.DistStep, *exec.BcastStep, *exec.ReturnStep, *exec.PlaceStep, *exec.InsertStep, *exec.DeleteStep, *exec.UnloadStep, *exec.CallStep:
		return true
	}
	return false
}

// whereLabel names who runs a segment. What one slice builds for all is, in Redshift, built by all.
func whereLabel(g *exec.Segment) string {
	switch g.Where {
	case exec.OnLeader:
		return "leader"
	case exec.OnOneSlice:
		if n := len(g.Steps); n > 0 {
			if _, ok := g.Steps[n-1].(*exec.HashStep); ok {
				return "slices"
			}
		}
		return "slice 0"
	}
	return "slices"
}

func sourceLabel(s exec.SourceSpec) string {
	switch s := s.(type) {
	case *exec.ScanSource:
		return "scan " + s.Table
	case *exec.InboxSource:
		return "scan network"
	case *exec.MergeSource:
		return "merge"
	case *exec.ValuesSource:
		return "scan constants"
	case *exec.SavedSource:
		return "scan " + s.Name
	case *exec.VirtualSource:
		return "scan " + s.Name
	case *exec.ExternalSource:
		return "scan " + s.Name
	case *exec.LoadSource:
		return "parse " + s.Name
	}
	panic(fmt.Sprintf("compile: Steps of %T", s))
}

func stepLabel(s exec.StepSpec) string {
	switch s := s.(type) {
	case *exec.FilterStep, *exec.ProjectStep, *exec.ExpandStep, *exec.UnnestStep:
		return "project"
	case *exec.CallStep:
		return "call " + s.Fn.Lambda
	case *exec.AggrStep:
		label := [...]string{"aggr", "aggr partial", "aggr final"}[s.Phase]
		for i, a := range s.Aggs {
			sep := ","
			if i == 0 {
				sep = " "
			}
			label += sep + a.Fn.Name
		}
		return label
	case *exec.HashStep:
		if s.Save || s.Merge || len(s.Keys) == 0 { // materialized, for whoever goes through it in order
			return "save"
		}
		return "hash"
	case *exec.HJoinStep:
		if s.Merge {
			return "mjoin"
		}
		return "hjoin"
	case *exec.NLoopStep:
		return "nloop"
	case *exec.SortStep:
		return "sort"
	case *exec.UniqueStep:
		return "unique"
	case *exec.LimitStep:
		return "limit"
	case *exec.WindowStep:
		return "window"
	case *exec.SetOpStep:
		return "hjoin"
	case *exec.DistStep:
		return "dist"
	case *exec.BcastStep:
		return "bcast"
	case *exec.ReturnStep:
		return "return"
	case *exec.PlaceStep:
		return "dist"
	case *exec.InsertStep:
		return "insert"
	case *exec.DeleteStep:
		return "delete"
	case *exec.UnloadStep:
		return "unload"
	}
	panic(fmt.Sprintf("compile: Steps of %T", s))
}
