package server

import (
	"bytes"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"strings"
	"testing"
	"time"

	"github.com/cockroachdb/datadriven"
	"github.com/jackc/pgx/v5/pgproto3"

	"github.com/redshiftsim/redshiftsim"
)

// TestProtocol plays the scripts of testdata: messages as they go over the wire, and what must come back. What must come back is written from the
// protocol's description, not from what the server says.
//
//	startup [conn=NAME] [auth=password] [unicode]    name=value lines; an empty line is left out. Output: all up to ReadyForQuery, or the end
//	send [conn=NAME]                                 lines: a type of pgproto3 and its fields in JSON. Output: all up to the number of ReadyForQuery
//	   [until=TYPE] [count=N]                        (or TYPE) that the number of Sync and Query messages is, or N
//	raw                                              hexadecimal bytes on a new connection; output: all up to its end
//	bytes [conn=NAME]                                the same on one that is there
func TestProtocol(t *testing.T) {
	datadriven.Walk(t, "testdata", func(t *testing.T, path string) {
		k, err := redshiftsim.NewConnector(redshiftsim.Config{})
		if err != nil {
			t.Fatal(err)
		}
		defer k.Close()
		p := &player{t: t, servers: map[string]*Server{}, conns: map[string]*client{}, cluster: k.Cluster()}
		defer p.close()
		datadriven.RunTest(t, path, p.play)
	})
}

// player plays a script.
type player struct {
	t       *testing.T
	cluster *redshiftsim.Cluster
	servers map[string]*Server
	conns   map[string]*client
}

// client is the client's end of a connection.
type client struct {
	nc net.Conn
	fe *pgproto3.Frontend
}

func (p *player) close() {
	for _, c := range p.conns {
		_ = c.nc.Close()
	}
	for _, s := range p.servers {
		shutdown(p.t, s)
	}
}

func (p *player) play(t *testing.T, d *datadriven.TestData) string {
	name := "main"
	d.MaybeScanArgs(t, "conn", &name)
	switch d.Cmd {
	case "startup":
		if old := p.conns[name]; old != nil {
			_ = old.nc.Close()
		}
		c := p.dial(d)
		p.conns[name] = c
		return p.startup(c, d)
	case "raw":
		c := p.dial(d)
		defer c.nc.Close()
		_, _ = c.nc.Write(hexadecimal(d))
		return c.read("", 0)
	case "bytes":
		_, _ = p.conns[name].nc.Write(hexadecimal(d))
		return p.conns[name].read("", 0)
	case "send":
		c := p.conns[name]
		until, n := "ReadyForQuery", c.write(t, d)
		d.MaybeScanArgs(t, "until", &until)
		d.MaybeScanArgs(t, "count", &n)
		return c.read(until, n)
	}
	t.Fatalf("unknown command %s", d.Cmd)
	return ""
}

// dial opens a connection of a server as the command's arguments want it.
func (p *player) dial(d *datadriven.TestData) *client {
	auth := "trust"
	d.MaybeScanArgs(p.t, "auth", &auth)
	cfg := Config{Auth: map[string]Auth{"trust": AuthTrust, "password": AuthPassword, "md5": AuthMD5, "cleartext": AuthCleartext}[auth], UnicodeEncoding: d.HasArg("unicode"), NoTLS: true, MaxFailures: 4}
	s := p.servers[auth]
	if s == nil || d.HasArg("unicode") {
		s = New(p.cluster, cfg)
		p.servers[auth+fmt.Sprint(len(p.servers))] = s
		p.servers[auth] = s
	}
	nc, sc := pipe()
	_ = nc.SetDeadline(time.Now().Add(10 * time.Second))
	s.start(sc, !d.HasArg("network"))
	return &client{nc, pgproto3.NewFrontend(nc, nc)}
}

// startup sends a start-up packet.
func (p *player) startup(c *client, d *datadriven.TestData) string {
	version := uint32(pgproto3.ProtocolVersion30)
	d.MaybeScanArgs(p.t, "version", &version)
	body := binary.BigEndian.AppendUint32(nil, version)
	for _, line := range strings.Split(d.Input, "\n") {
		if name, value, ok := strings.Cut(line, "="); ok {
			body = append(append(append(append(body, name...), 0), value...), 0)
		}
	}
	body = append(body, 0)
	_, _ = c.nc.Write(append(binary.BigEndian.AppendUint32(nil, uint32(len(body)+4)), body...))
	until := "ReadyForQuery"
	d.MaybeScanArgs(p.t, "until", &until)
	return c.read(until, 1)
}

// hexadecimal reads the bytes of a command.
func hexadecimal(d *datadriven.TestData) []byte {
	b, _ := hex.DecodeString(strings.Join(strings.Fields(d.Input), ""))
	return b
}

// write sends the messages of a command, and counts those that ReadyForQuery answers.
func (c *client) write(t *testing.T, d *datadriven.TestData) int {
	n := 0
	var b []byte
	for _, line := range strings.Split(d.Input, "\n") {
		kind, fields, _ := strings.Cut(line, " ")
		m := message(kind)
		if m == nil {
			d.Fatalf(t, "unknown message %q", kind)
		}
		if fields != "" {
			if err := json.Unmarshal([]byte(fields), m); err != nil {
				d.Fatalf(t, "%s: %v", line, err)
			}
		}
		var err error
		if b, err = m.Encode(b); err != nil {
			d.Fatalf(t, "%s: %v", line, err)
		}
		if kind == "Sync" || kind == "Query" || kind == "FunctionCall" {
			n++
		}
	}
	_, _ = c.nc.Write(b)
	return n
}

func message(kind string) pgproto3.FrontendMessage {
	for _, m := range []pgproto3.FrontendMessage{
		&pgproto3.Query{}, &pgproto3.Parse{}, &pgproto3.Bind{}, &pgproto3.Describe{}, &pgproto3.Execute{}, &pgproto3.Close{}, &pgproto3.Flush{}, &pgproto3.Sync{},
		&pgproto3.Terminate{}, &pgproto3.FunctionCall{}, &pgproto3.CopyData{}, &pgproto3.CopyDone{}, &pgproto3.CopyFail{}, &pgproto3.PasswordMessage{},
		&pgproto3.SASLInitialResponse{}, &pgproto3.SASLResponse{},
	} {
		if fmt.Sprintf("%T", m) == "*pgproto3."+kind {
			return m
		}
	}
	return nil
}

// read prints what comes, up to the n-th message of a type, or the end of the connection.
func (c *client) read(until string, n int) string {
	var out strings.Builder
	for {
		m, err := c.fe.Receive()
		if err != nil {
			if err == io.EOF || err == io.ErrUnexpectedEOF {
				out.WriteString("(end)\n")
			} else {
				fmt.Fprintf(&out, "(%v)\n", err)
			}
			return out.String()
		}
		kind := strings.TrimPrefix(fmt.Sprintf("%T", m), "*pgproto3.")
		out.WriteString(printed(kind, m))
		if kind == until {
			if n--; n == 0 {
				return out.String()
			}
		}
	}
}

// printed is a message on a line: its type and its fields; those that are empty are left out.
func printed(kind string, m pgproto3.BackendMessage) string {
	switch m := m.(type) {
	case *pgproto3.BackendKeyData:
		return fmt.Sprintf("%s %d bytes\n", kind, len(m.SecretKey))
	case *pgproto3.AuthenticationMD5Password:
		return kind + "\n"
	case *pgproto3.ParameterStatus:
		return fmt.Sprintf("%s %s=%s\n", kind, m.Name, m.Value)
	case *pgproto3.ReadyForQuery:
		return fmt.Sprintf("%s %c\n", kind, m.TxStatus)
	case *pgproto3.CommandComplete:
		return fmt.Sprintf("%s %s\n", kind, m.CommandTag)
	case *pgproto3.ErrorResponse:
		return kind + " " + fields(m.Severity, m.Code, m.Message, m.Detail, m.Hint, m.Position) + "\n"
	case *pgproto3.NoticeResponse:
		return kind + " " + fields(m.Severity, m.Code, m.Message, m.Detail, m.Hint, m.Position) + "\n"
	case *pgproto3.RowDescription:
		var cols []string
		for _, f := range m.Fields {
			cols = append(cols, fmt.Sprintf("%s oid=%d size=%d mod=%d format=%d", f.Name, f.DataTypeOID, f.DataTypeSize, f.TypeModifier, f.Format))
		}
		return kind + " " + strings.Join(cols, ", ") + "\n"
	case *pgproto3.DataRow:
		var cells []string
		for _, v := range m.Values {
			switch {
			case v == nil:
				cells = append(cells, "NULL")
			case bytes.ContainsFunc(v, func(r rune) bool { return r < 32 || r > 126 }):
				cells = append(cells, fmt.Sprintf("\\x%x", v))
			default:
				cells = append(cells, string(v))
			}
		}
		return kind + " " + strings.Join(cells, " | ") + "\n"
	case *pgproto3.ParameterDescription:
		return fmt.Sprintf("%s %v\n", kind, m.ParameterOIDs)
	case *pgproto3.NegotiateProtocolVersion:
		return fmt.Sprintf("%s %d %v\n", kind, m.NewestMinorProtocol, m.UnrecognizedOptions)
	}
	return kind + "\n"
}

func fields(severity, code, message, detail, hint string, position int32) string {
	s := severity + " " + code + " " + message
	if detail != "" {
		s += " DETAIL " + detail
	}
	if hint != "" {
		s += " HINT " + hint
	}
	if position != 0 {
		s += fmt.Sprintf(" AT %d", position)
	}
	return s
}
