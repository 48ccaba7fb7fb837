package unload

import (
	"cmp"
	"fmt"
	"strings"

	"github.com/redshiftsim/redshiftsim/engine/load"
	"github.com/redshiftsim/redshiftsim/internal/types"
)

// writeManifest writes the list of the files.
// https://docs.aws.amazon.com/redshift/latest/dg/r_UNLOAD_command_examples.html#unload-examples-manifest-verbose
func (j *Job) writeManifest() error {
	key := j.prefix + "manifest"
	w, err := j.store.Create(j.ctx, key)
	if err == nil {
		if _, err = w.Write(j.manifest()); err != nil {
			j.cancel()
		}
		err = cmp.Or(err, w.Close())
	}
	if err != nil {
		return load.StoreError(j.url(key), err)
	}
	return nil
}

// manifest is the text of the manifest.
//
//	{
//	  "entries": [
//	    {"url":"s3://films/out/0000_part_00", "meta": { "content_length": 53316 }}
//	  ]
//	}
func (j *Job) manifest() []byte {
	var b strings.Builder
	var bytes, lines int64
	b.WriteString("{\n  \"entries\": [\n")
	files := j.Files()
	for i := range files {
		f := &files[i]
		n := f.Rows
		if f.Header {
			n++
		}
		fmt.Fprintf(&b, "    {\"url\":%s, \"meta\": { \"content_length\": %d", quoted(f.URL), f.Bytes)
		if j.Options.Verbose {
			fmt.Fprintf(&b, ", \"record_count\": %d", n)
		}
		b.WriteString(" }}")
		endItem(&b, i, len(files))
		bytes, lines = bytes+f.Bytes, lines+n
	}
	b.WriteString("  ]")
	if j.Options.Verbose {
		b.WriteString(",\n  \"schema\": {\n    \"elements\": [\n")
		for k, i := range j.written {
			c := &j.Columns[i]
			fmt.Fprintf(&b, "      {\"name\": %s, \"type\": { \"base\": %s%s }}", quoted(c.Name), quoted(base(c.Type)), dimensions(c.Type))
			endItem(&b, k, len(j.written))
		}
		fmt.Fprintf(&b, "    ]\n  },\n  \"meta\": {\n    \"content_length\": %d,\n    \"record_count\": %d\n  },\n", bytes, lines)
		b.WriteString("  \"author\": {\n    \"name\": \"Amazon Redshift\",\n    \"version\": \"1.0.0\"\n  }")
	}
	b.WriteString("\n}\n")
	return []byte(b.String())
}

// endItem ends item i of n in a list.
func endItem(b *strings.Builder, i, n int) {
	if i < n-1 {
		b.WriteByte(',')
	}
	b.WriteByte('\n')
}

// quoted is s as JSON has it.
func quoted(s string) string {
	return string(appendString(nil, s))
}

// base is a type without its dimensions.
func base(t types.Type) string {
	return types.Type{Kind: t.Kind}.String()
}

// dimensions are the length of a text, or the precision and scale of a number.
func dimensions(t types.Type) string {
	switch t.Kind {
	case types.Char, types.Varchar:
		return fmt.Sprintf(", \"length\": %d", t.Len)
	case types.Numeric:
		return fmt.Sprintf(", \"precision\": %d, \"scale\": %d", t.Prec, t.Scale)
	}
	return ""
}
