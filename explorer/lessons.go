package explorer

import (
	"encoding/json"
)

// lesson is a guided lesson: tables that are made for it, and steps that the reader runs.
type lesson struct {
	ID    string       `json:"id"`
	Title string       `json:"title"`
	About string       `json:"about"`
	Setup []string     `json:"setup"` // statements before the first step
	Steps []lessonStep `json:"steps"`
}

// lessonStep is one step: what it is about, what runs, which view shows it, and what to look at there.
type lessonStep struct {
	Title string `json:"title"`
	Text  string `json:"text"`
	SQL   string `json:"sql"` // "" = there is only something to look at
	View  string `json:"view"`
	Table string `json:"table,omitempty"` // schema.name, for the views of blocks
	// Column is the column whose zone maps are drawn.
	Column string `json:"column,omitempty"`
	After  string `json:"after,omitempty"`
	Fails  string `json:"fails,omitempty"` // the SQLSTATE that the step is about
}

// lessons are those of page/lessons.json.
var lessons = readLessons()

func readLessons() (out []lesson) {
	b, err := files.ReadFile("page/lessons.json")
	if err == nil {
		err = json.Unmarshal(b, &out)
	}
	if err != nil {
		panic(err) // it is embedded
	}
	return out
}
