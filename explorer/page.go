package explorer

import (
	"bytes"
	"crypto/sha256"
	"embed"
	"encoding/base64"
	"io"
	"net/http"
	"strings"
)

//go:embed page
var files embed.FS

// scripts are the parts of the page's program, in their order.
var scripts = []string{"base.js", "grid.js", "blocks.js", "plan.js", "moves.js", "whatif.js", "lesson.js", "app.js"}

// page is the page, put together once: one document with its style and program inside.
var page = assemble()

// whole is the page in two halves, between which an exported one has its data.
type whole struct {
	head, tail []byte
	policy     string // Content-Security-Policy: this style and this program run, and no other
}

// assemble puts the page together.
func assemble() *whole {
	get := func(name string) string {
		b, err := files.ReadFile("page/" + name)
		if err != nil {
			panic(err) // it is embedded
		}
		return string(b)
	}
	var program strings.Builder
	program.WriteString("'use strict';\n(() => {\n")
	for _, s := range scripts {
		program.WriteString(get(s))
	}
	program.WriteString("})();\n")
	style := get("style.css")
	text := strings.NewReplacer("/*STYLE*/", style, "/*PROGRAM*/", program.String()).Replace(get("index.html"))
	head, tail, ok := strings.Cut(text, "null/*DATA*/")
	if !ok {
		panic("explorer: index.html has no place for data")
	}
	return &whole{[]byte(head), []byte(tail), "default-src 'none'; connect-src 'self'; img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; style-src '" +
		hash(style) + "'; script-src '" + hash(program.String()) + "'"}
}

// hash names a style or a program in a Content-Security-Policy.
func hash(text string) string {
	sum := sha256.Sum256([]byte(text))
	return "sha256-" + base64.StdEncoding.EncodeToString(sum[:])
}

// write writes the page with data, which is JSON, inside.
func (p *whole) write(w io.Writer, data []byte) error {
	_, err := io.Copy(w, io.MultiReader(bytes.NewReader(p.head), bytes.NewReader(data), bytes.NewReader(p.tail)))
	return err
}

// servePage serves the page, which asks for its data.
func (h *Handler) servePage(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	_ = page.write(w, []byte("null")) // the reader has gone
}
