package load

import (
	"bufio"
	"bytes"
	"compress/flate"
	"encoding/binary"
	"encoding/json"
	"errors"
	"hash/crc32"
	"io"
	"math"
	"strconv"
	"unicode/utf8"

	"github.com/klauspost/compress/s2"

	"github.com/redshiftsim/redshiftsim/internal/sqlstate"
)

// Limits of Avro files.
// https://docs.aws.amazon.com/redshift/latest/dg/copy-parameters-data-format.html#copy-avro
const (
	maxAvroHeader = 1 << 20
	maxAvroBlock  = 4 << 20
)

// avroFile reads an Avro object container file. Each record comes as the text of a JSON object, because that is what COPY makes of it: names are matched
// as keys, paths lead into nested values, what is nested is loaded as JSON text, and logical types do not count.
//
//	"Obj" 1 {avro.schema, avro.codec} sync | count size data sync | count size data sync ...
//
// https://avro.apache.org/docs/1.12.0/specification/#object-container-files
type avroFile struct {
	in     *bufio.Reader
	url    string
	schema *avroType
	codec  string
	sync   [16]byte
	block  []byte // undecoded rest of the block in hand, uncompressed
	count  int64  // records in it
	raw    []byte // the block as it is stored
	plain  []byte
	out    []byte
}

// avroType is a type of a schema.
type avroType struct {
	kind   string // null, boolean, int, long, float, double, bytes, string, record, enum, array, map, union, fixed
	names  []string
	types  []*avroType // of a record's fields, of a union's branches; of an array and a map the one type of their values
	length int
}

// avroError is the error of a file that is no Avro file, or a broken one.
func avroError(url, why string) error {
	return sqlstate.Internal.Errorf("Cannot init avro reader from s3 file %s", url).WithDetail("%s", why)
}

var errAvro = errors.New("the data ends within a value, or does not fit the schema")

// openAvro reads the header.
func openAvro(in io.Reader, url string) (*avroFile, error) {
	f := &avroFile{url: url, codec: "null"}
	head := bufio.NewReaderSize(&io.LimitedReader{R: in, N: maxAvroHeader}, 4096)
	var magic [4]byte
	if _, err := io.ReadFull(head, magic[:]); err != nil || string(magic[:]) != "Obj\x01" {
		return nil, avroError(url, "Incorrect Avro container file magic number")
	}
	var schema []byte
	for {
		n, err := binary.ReadVarint(head)
		if err == nil && n < 0 { // the size of the block in bytes follows
			n = -n
			_, err = binary.ReadVarint(head)
		}
		if err != nil {
			return nil, avroError(url, "The header is broken, or longer than 1 MB")
		}
		if n == 0 {
			break
		}
		for range n {
			key, err := avroBytes(head)
			if err != nil {
				return nil, avroError(url, "The header is broken, or longer than 1 MB")
			}
			value, err := avroBytes(head)
			if err != nil {
				return nil, avroError(url, "The header is broken, or longer than 1 MB")
			}
			switch string(key) {
			case "avro.schema":
				schema = value
			case "avro.codec":
				f.codec = string(value)
			}
		}
	}
	if _, err := io.ReadFull(head, f.sync[:]); err != nil {
		return nil, avroError(url, "The header is broken, or longer than 1 MB")
	}
	switch f.codec {
	case "null", "deflate", "snappy":
	default:
		return nil, avroError(url, "The codec "+strconv.Quote(f.codec)+" is not supported: COPY reads null, deflate and snappy")
	}
	var tree any
	if err := json.Unmarshal(schema, &tree); err != nil {
		return nil, avroError(url, "Invalid schema: "+err.Error())
	}
	p := avroParser{named: map[string]*avroType{}}
	var err error
	if f.schema, err = p.parse(tree, "", 0); err != nil {
		return nil, avroError(url, "Invalid schema: "+err.Error())
	}
	if f.schema.kind != "record" {
		return nil, avroError(url, "Invalid schema: the type must be a record")
	}
	rest, _ := head.Peek(head.Buffered()) // what was read ahead of the blocks
	f.in = bufio.NewReaderSize(io.MultiReader(bytes.NewReader(bytes.Clone(rest)), in), chunk/4)
	return f, nil
}

// avroBytes reads a length and as many bytes.
func avroBytes(in *bufio.Reader) ([]byte, error) {
	n, err := binary.ReadVarint(in)
	if err != nil || n < 0 || n > maxAvroHeader {
		return nil, errAvro
	}
	b := make([]byte, n)
	_, err = io.ReadFull(in, b)
	return b, err
}

// next gives the next record as JSON, good until the next call; ok is false at the end. read is the number of bytes that were taken from the file.
func (f *avroFile) next() (rec []byte, read int64, ok bool, err error) {
	for f.count == 0 {
		n, err := f.readBlock()
		read += n
		if err == io.EOF {
			return nil, read, false, nil
		}
		if err != nil {
			return nil, read, false, avroError(f.url, "A block is broken: "+err.Error())
		}
	}
	f.count--
	d := avroDecoder{b: f.block, out: f.out[:0]}
	if err := d.value(f.schema, 0); err != nil {
		return nil, read, false, avroError(f.url, "A block is broken: "+err.Error())
	}
	f.block, f.out = d.b, d.out
	if f.count == 0 && len(f.block) > 0 {
		return nil, read, false, avroError(f.url, "A block is broken: it is longer than its records")
	}
	return f.out, read, true, nil
}

// readBlock reads the next block and undoes its compression.
func (f *avroFile) readBlock() (int64, error) {
	if _, err := f.in.Peek(1); err == io.EOF {
		return 0, io.EOF
	}
	var err error
	if f.count, err = binary.ReadVarint(f.in); err != nil {
		return 0, err
	}
	size, err := binary.ReadVarint(f.in)
	if err != nil {
		return 0, err
	}
	if f.count < 0 || f.count > maxAvroBlock || size < 0 || size > maxAvroBlock {
		return 0, errors.New("it is larger than 4 MB")
	}
	if int64(cap(f.raw)) < size {
		f.raw = make([]byte, size)
	}
	f.raw = f.raw[:size]
	if _, err := io.ReadFull(f.in, f.raw); err != nil {
		return 0, errAvro
	}
	var sync [16]byte
	if _, err := io.ReadFull(f.in, sync[:]); err != nil || sync != f.sync {
		return 0, errors.New("the sync marker is not that of the header")
	}
	f.block, err = f.uncompressed()
	return size, err
}

func (f *avroFile) uncompressed() ([]byte, error) {
	switch f.codec {
	case "deflate":
		b := bytes.NewBuffer(f.plain[:0])
		n, err := io.Copy(b, io.LimitReader(flate.NewReader(bytes.NewReader(f.raw)), maxAvroBlock+1))
		if err != nil {
			return nil, err
		}
		if n > maxAvroBlock {
			return nil, errors.New("it is larger than 4 MB")
		}
		f.plain = b.Bytes()
		return f.plain, nil
	case "snappy":
		if len(f.raw) < 4 {
			return nil, errAvro
		}
		body, sum := f.raw[:len(f.raw)-4], binary.BigEndian.Uint32(f.raw[len(f.raw)-4:])
		if n, err := s2.DecodedLen(body); err != nil || n > maxAvroBlock {
			return nil, errors.New("it is no snappy, or larger than 4 MB")
		}
		plain, err := s2.Decode(f.plain, body)
		if err != nil {
			return nil, err
		}
		if crc32.ChecksumIEEE(plain) != sum {
			return nil, errors.New("the checksum is wrong")
		}
		f.plain = plain
		return plain, nil
	}
	return f.raw, nil
}

// avroParser reads a schema.
type avroParser struct{ named map[string]*avroType }

var errSchema = errors.New("it is no Avro schema")

// parse reads the type of a JSON value: a name, an array (a union), or an object.
func (p *avroParser) parse(v any, space string, depth int) (*avroType, error) {
	if depth > 100 {
		return nil, errors.New("it is nested too deep")
	}
	switch v := v.(type) {
	case string:
		switch v {
		case "null", "boolean", "int", "long", "float", "double", "bytes", "string":
			return &avroType{kind: v}, nil
		}
		if t := p.named[fullName(v, space)]; t != nil {
			return t, nil
		}
		if t := p.named[v]; t != nil {
			return t, nil
		}
		return nil, errors.New("there is no type " + strconv.Quote(v))
	case []any:
		t := &avroType{kind: "union"}
		for _, b := range v {
			u, err := p.parse(b, space, depth+1)
			if err != nil {
				return nil, err
			}
			t.types = append(t.types, u)
		}
		if len(t.types) == 0 {
			return nil, errSchema
		}
		return t, nil
	case map[string]any:
		return p.object(v, space, depth)
	}
	return nil, errSchema
}

func fullName(name, space string) string {
	if space == "" || bytes.IndexByte([]byte(name), '.') >= 0 {
		return name
	}
	return space + "." + name
}

func (p *avroParser) object(v map[string]any, space string, depth int) (*avroType, error) {
	kind, ok := v["type"].(string)
	if !ok {
		return p.parse(v["type"], space, depth+1)
	}
	t := &avroType{kind: kind}
	switch kind {
	case "record", "enum", "fixed", "error":
		name, _ := v["name"].(string)
		if s, ok := v["namespace"].(string); ok {
			space = s
		} else if i := bytes.LastIndexByte([]byte(name), '.'); i >= 0 {
			space = name[:i]
		}
		if name == "" {
			return nil, errSchema
		}
		p.named[fullName(name, space)] = t
	}
	switch kind {
	case "record", "error":
		t.kind = "record"
		fields, ok := v["fields"].([]any)
		if !ok {
			return nil, errSchema
		}
		for _, f := range fields {
			m, _ := f.(map[string]any)
			name, ok := m["name"].(string)
			if !ok {
				return nil, errSchema
			}
			u, err := p.parse(m["type"], space, depth+1)
			if err != nil {
				return nil, err
			}
			t.names, t.types = append(t.names, name), append(t.types, u)
		}
	case "enum":
		symbols, _ := v["symbols"].([]any)
		for _, s := range symbols {
			name, ok := s.(string)
			if !ok {
				return nil, errSchema
			}
			t.names = append(t.names, name)
		}
	case "fixed":
		n, ok := v["size"].(float64)
		if !ok || n < 0 || n > maxAvroBlock {
			return nil, errSchema
		}
		t.length = int(n)
	case "array", "map":
		of := v["items"]
		if kind == "map" {
			of = v["values"]
		}
		u, err := p.parse(of, space, depth+1)
		if err != nil {
			return nil, err
		}
		t.types = []*avroType{u}
	default: // a primitive type with properties, or a name
		return p.parse(kind, space, depth+1)
	}
	return t, nil
}

// avroDecoder turns values into JSON text.
type avroDecoder struct {
	b   []byte
	out []byte
}

func (d *avroDecoder) long() (int64, error) {
	v, n := binary.Varint(d.b)
	if n <= 0 {
		return 0, errAvro
	}
	d.b = d.b[n:]
	return v, nil
}

func (d *avroDecoder) take(n int64) ([]byte, error) {
	if n < 0 || n > int64(len(d.b)) {
		return nil, errAvro
	}
	out := d.b[:n]
	d.b = d.b[n:]
	return out, nil
}

func (d *avroDecoder) value(t *avroType, depth int) error {
	if depth > maxDepth || len(d.out) > 4*maxRecord {
		return errors.New("a record is too large")
	}
	switch t.kind {
	case "null":
		d.out = append(d.out, "null"...)
	case "boolean":
		b, err := d.take(1)
		if err != nil {
			return err
		}
		d.out = strconv.AppendBool(d.out, b[0] != 0)
	case "int", "long":
		v, err := d.long()
		if err != nil {
			return err
		}
		d.out = strconv.AppendInt(d.out, v, 10)
	case "float":
		b, err := d.take(4)
		if err != nil {
			return err
		}
		d.float(float64(math.Float32frombits(binary.LittleEndian.Uint32(b))), 32)
	case "double":
		b, err := d.take(8)
		if err != nil {
			return err
		}
		d.float(math.Float64frombits(binary.LittleEndian.Uint64(b)), 64)
	case "bytes", "string", "fixed":
		return d.bytes(t)
	case "record":
		return d.record(t, depth)
	case "enum":
		v, err := d.long()
		if err != nil || v < 0 || v >= int64(len(t.names)) {
			return errAvro
		}
		d.out = appendQuoted(d.out, []byte(t.names[v]))
	case "union":
		v, err := d.long()
		if err != nil || v < 0 || v >= int64(len(t.types)) {
			return errAvro
		}
		return d.value(t.types[v], depth+1)
	default:
		return d.items(t, depth)
	}
	return nil
}

// float writes a number, or the name of what JSON has no number for.
func (d *avroDecoder) float(v float64, bits int) {
	if math.IsNaN(v) || math.IsInf(v, 0) {
		d.out = appendQuoted(d.out, strconv.AppendFloat(nil, v, 'g', -1, bits))
		return
	}
	format := byte('f')
	if a := math.Abs(v); a != 0 && (a < 1e-6 || a >= 1e21) {
		format = 'e'
	}
	d.out = strconv.AppendFloat(d.out, v, format, -1, bits)
}

// bytes writes a string as it is, and bytes as characters of the same numbers.
func (d *avroDecoder) bytes(t *avroType) error {
	n, err := int64(t.length), error(nil)
	if t.kind != "fixed" {
		if n, err = d.long(); err != nil {
			return err
		}
	}
	b, err := d.take(n)
	if err != nil {
		return err
	}
	if t.kind != "string" {
		var wide []byte
		for _, c := range b {
			wide = utf8.AppendRune(wide, rune(c))
		}
		b = wide
	}
	d.out = appendQuoted(d.out, b)
	return nil
}

func (d *avroDecoder) record(t *avroType, depth int) error {
	d.out = append(d.out, '{')
	for i, u := range t.types {
		if i > 0 {
			d.out = append(d.out, ',')
		}
		d.out = append(appendQuoted(d.out, []byte(t.names[i])), ':')
		if err := d.value(u, depth+1); err != nil {
			return err
		}
	}
	d.out = append(d.out, '}')
	return nil
}

// items writes an array or a map: blocks of a count and as many values, the last one empty.
func (d *avroDecoder) items(t *avroType, depth int) error {
	open, end := byte('['), byte(']')
	if t.kind == "map" {
		open, end = '{', '}'
	}
	d.out = append(d.out, open)
	first := true
	for {
		n, err := d.long()
		if err == nil && n < 0 { // the size of the block in bytes follows
			n = -n
			_, err = d.long()
		}
		if err != nil || n < 0 {
			return errAvro
		}
		if n == 0 {
			d.out = append(d.out, end)
			return nil
		}
		for range n {
			if !first {
				d.out = append(d.out, ',')
			}
			first = false
			if t.kind == "map" {
				if err := d.bytes(&avroType{kind: "string"}); err != nil {
					return err
				}
				d.out = append(d.out, ':')
			}
			if err := d.value(t.types[0], depth+1); err != nil {
				return err
			}
		}
	}
}

// appendQuoted appends a JSON string; bytes that are no UTF-8 stay as they are.
func appendQuoted(out, s []byte) []byte {
	const digits = "0123456789abcdef"
	out = append(out, '"')
	for _, c := range s {
		switch {
		case c == '"' || c == '\\':
			out = append(out, '\\', c)
		case c < ' ':
			out = append(out, '\\', 'u', '0', '0', digits[c>>4], digits[c&15])
		default:
			out = append(out, c)
		}
	}
	return append(out, '"')
}
