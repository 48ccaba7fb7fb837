package server

import (
	"crypto/rand"
	"crypto/subtle"
	"crypto/tls"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"net"
	"sort"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/jackc/pgx/v5/pgproto3"

	"github.com/redshiftsim/redshiftsim/engine"
	"github.com/redshiftsim/redshiftsim/engine/system"
	"github.com/redshiftsim/redshiftsim/internal/sqlstate"
)

// Codes that stand where a version does.
const (
	cancelCode  = 80877102
	sslCode     = 80877103
	gssCode     = 80877104
	maxStartup  = 10_000 // bytes of a start-up packet, as in PostgreSQL
	majorThree  = 3
	newestMinor = 0 // Redshift's protocol is 3.0
)

// errDone ends a connection that has had its answer.
var errDone = errors.New("done")

// protocolError is a violation of the protocol; the connection ends.
func protocolError(format string, args ...any) *sqlstate.Error {
	return fatal(sqlstate.Code("08P01").Errorf(format, args...))
}

func fatal(e *sqlstate.Error) *sqlstate.Error {
	e.Severity = "FATAL"
	return e
}

// readStartup reads a packet of the start of a connection: it has no type, only a length. Not a byte behind it is read, for what comes next may be TLS.
func readStartup(r io.Reader) (code uint32, body []byte, err error) {
	var head [8]byte
	if _, err := io.ReadFull(r, head[:4]); err != nil {
		return 0, nil, err
	}
	n := int64(binary.BigEndian.Uint32(head[:4]))
	if n < 8 || n > maxStartup {
		return 0, nil, protocolError("invalid length of startup packet")
	}
	if _, err := io.ReadFull(r, head[4:]); err != nil {
		return 0, nil, err
	}
	body = make([]byte, n-8)
	if _, err := io.ReadFull(r, body); err != nil {
		return 0, nil, err
	}
	return binary.BigEndian.Uint32(head[4:]), body, nil
}

// negotiate reads packets until the one that says who connects: TLS begins on the way, and a cancel request is a connection of its own.
func (c *conn) negotiate() (map[string]string, error) {
	encrypted, gss := false, false
	for {
		code, body, err := readStartup(c.nc)
		if err != nil {
			return nil, err
		}
		switch {
		case code == cancelCode:
			c.cancelRequest(body)
			return nil, errDone
		case code == sslCode && !encrypted:
			if encrypted, err = c.startTLS(); err != nil {
				return nil, err
			}
		case code == gssCode && !gss:
			gss = true
			if err := c.reply('N'); err != nil {
				return nil, err
			}
		case code>>16 == majorThree:
			return c.parameters(code, body)
		default:
			return nil, fatal(sqlstate.FeatureNotSupported.Errorf("unsupported frontend protocol %d.%d: server supports 3.0 to 3.0", code>>16, code&0xffff))
		}
	}
}

// reply answers a request for encryption with one byte.
func (c *conn) reply(b byte) error {
	_, err := c.nc.Write([]byte{b})
	return err
}

// startTLS answers an SSLRequest, and shakes hands.
func (c *conn) startTLS() (bool, error) {
	if c.srv.cfg.NoTLS {
		return false, c.reply('N')
	}
	cfg, err := c.srv.tls()
	if err != nil {
		return false, errors.Join(err, c.reply('N'))
	}
	if err := c.reply('S'); err != nil {
		return false, err
	}
	t := tls.Server(c.nc, cfg)
	if err := t.Handshake(); err != nil {
		if c.srv.cfg.TLS == nil { // what the client objects to comes under keys that TLS 1.3 has left behind: "bad record MAC"
			return false, fmt.Errorf("TLS handshake: %w (does the client verify certificates? This server's is signed by itself)", err)
		}
		return false, fmt.Errorf("TLS handshake: %w", err)
	}
	c.setConn(t)
	c.encrypted = true
	return true, nil
}

// parameters reads name and value of all parameters of a start-up packet, and says what of the protocol is not known here.
func (c *conn) parameters(code uint32, body []byte) (map[string]string, error) {
	out := map[string]string{}
	var unknown []string
	for {
		name, rest, ok := cutZero(body)
		if !ok {
			return nil, protocolError("invalid startup packet layout: expected terminator as last byte")
		}
		if name == "" {
			if len(rest) > 0 {
				return nil, protocolError("invalid startup packet layout: expected terminator as last byte")
			}
			break
		}
		value, rest, ok := cutZero(rest)
		if !ok {
			return nil, protocolError("invalid startup packet layout: expected terminator as last byte")
		}
		body = rest
		for _, s := range [...]string{name, value} {
			if !utf8.ValidString(s) {
				return nil, fatal(sqlstate.InvalidByteSequence.Errorf("invalid byte sequence for encoding \"UTF8\" in the startup packet"))
			}
		}
		if strings.HasPrefix(name, "_pq_.") {
			unknown = append(unknown, name)
			continue
		}
		out[strings.ToLower(name)] = value
	}
	if code&0xffff > newestMinor || len(unknown) > 0 {
		sort.Strings(unknown)
		c.send(&pgproto3.NegotiateProtocolVersion{NewestMinorProtocol: majorThree<<16 | newestMinor, UnrecognizedOptions: unknown})
	}
	return out, nil
}

// cutZero takes a text that a zero byte ends.
func cutZero(b []byte) (string, []byte, bool) {
	for i := range b {
		if b[i] == 0 {
			return string(b[:i]), b[i+1:], true
		}
	}
	return "", nil, false
}

// ignored are parameters of the start-up packet with which Redshift's own drivers tell about themselves.
var ignored = map[string]bool{
	"driver_version": true, "os_version": true, "plugin_name": true, "client_protocol_version": true, "driver_discovery_version": true,
}

// federated are those of a user whom an identity provider vouches for: the password is the provider's token.
var federated = map[string]bool{
	"idp_type": true, "provider_name": true, "token_type": true, "identity_namespace": true, "idc_client_display_name": true,
}

// settings takes session parameters out of the start-up packet; options are those of -c name=value.
func settings(p map[string]string) (map[string]string, error) {
	out := map[string]string{}
	for name, value := range p {
		switch {
		case name == "user" || name == "database" || name == "options" || ignored[name]:
		case federated[name]:
			return nil, fatal(sqlstate.FeatureNotSupported.Errorf("authentication by an identity provider is not supported"))
		case name == "replication":
			switch strings.ToLower(value) {
			case "", "false", "off", "no", "0":
			default:
				return nil, fatal(sqlstate.FeatureNotSupported.Errorf("replication connections are not supported"))
			}
		default:
			out[name] = value
		}
	}
	words := splitOptions(p["options"])
	for i := 0; i < len(words); i++ {
		w := words[i]
		switch {
		case w == "-c" && i+1 < len(words):
			i++
			w = words[i]
		case strings.HasPrefix(w, "-c"), strings.HasPrefix(w, "--"):
			w = w[2:]
		default:
			return nil, fatal(sqlstate.Syntax.Errorf("invalid command-line argument for server process: %s", w))
		}
		name, value, ok := strings.Cut(w, "=")
		if !ok {
			return nil, fatal(sqlstate.Syntax.Errorf("-c %s requires a value", w))
		}
		out[strings.ToLower(strings.ReplaceAll(name, "-", "_"))] = value
	}
	return out, nil
}

// splitOptions cuts at blanks; a backslash keeps the next character.
func splitOptions(s string) []string {
	var out []string
	var b []byte
	word := false
	for i := 0; i < len(s); i++ {
		switch ch := s[i]; {
		case ch == ' ' || ch == '\t' || ch == '\n' || ch == '\r' || ch == '\f' || ch == '\v':
			if word {
				out = append(out, string(b))
			}
			b, word = b[:0], false
		case ch == '\\' && i+1 < len(s):
			i++
			b, word = append(b, s[i]), true
		default:
			b, word = append(b, ch), true
		}
	}
	if word {
		out = append(out, string(b))
	}
	return out
}

// cancelRequest stops what the connection with a key runs. The client learns nothing, and a wrong key takes as long as a right one.
func (c *conn) cancelRequest(body []byte) {
	if len(body) < 8 {
		return
	}
	s := c.srv
	s.mu.Lock()
	o := s.byPID[binary.BigEndian.Uint32(body)]
	s.mu.Unlock()
	var none [keyBytes]byte
	key := none[:]
	if o != nil {
		key = o.key
	}
	if subtle.ConstantTimeCompare(key, body[4:]) == 1 && o != nil {
		s.counts.canceled.Add(1)
		o.cancel()
	}
}

// keyBytes is the length of a cancel key in protocol 3.0.
const keyBytes = 4

// begin goes from the first byte to the first ReadyForQuery.
func (c *conn) begin() error {
	_ = c.nc.SetDeadline(time.Now().Add(c.srv.cfg.AuthTimeout))
	p, err := c.negotiate()
	if err != nil {
		return err
	}
	user := p["user"]
	if user == "" {
		return fatal(sqlstate.InvalidAuthorization.Errorf("no PostgreSQL user name specified in startup packet"))
	}
	set, err := settings(p)
	if err != nil {
		return err
	}
	c.standard = standardStrings(set)
	c.in.c = c
	c.be = pgproto3.NewBackend(&c.in, nil)
	c.be.SetMaxBodyLen(maxStartup)
	proof, err := c.authenticate(user)
	if err != nil {
		c.srv.cluster.Log().Arrive(system.Visit{User: user, DB: p["database"], Start: time.Now(), Application: set["application_name"], Client: c.client(p)})
		return err
	}
	if n := c.srv.admitted.Add(1); n > int64(c.srv.cfg.MaxConnections) {
		c.srv.admitted.Add(-1)
		return fatal(sqlstate.TooManyConnections.Errorf("connection limit \"%d\" exceeded for non-bootstrap users", c.srv.cfg.MaxConnections))
	}
	c.admitted = true
	database := p["database"]
	if database == "" {
		database = user
	}
	c.s, err = c.srv.cluster.NewSession(engine.SessionOptions{
		User: user, Database: database, Settings: set, Proof: proof, Client: c.client(p), Notice: c.notice, Completed: c.completed, Terminated: c.finish,
	})
	if err != nil {
		var e *sqlstate.Error
		if errors.As(err, &e) {
			n := *e
			return fatal(&n)
		}
		return err
	}
	c.greet(p, set)
	c.be.SetMaxBodyLen(c.srv.cfg.MaxMessage)
	return c.nc.SetDeadline(time.Time{})
}

// client is what the connection log tells of the client.
func (c *conn) client(p map[string]string) system.Client {
	out := system.Client{Auth: c.method, Driver: p["driver_version"], OS: p["os_version"]}
	if host, port, err := net.SplitHostPort(c.nc.RemoteAddr().String()); err == nil {
		out.Host, out.Port = host, port
	}
	if t, ok := c.nc.(*tls.Conn); ok {
		st := t.ConnectionState()
		out.TLSVersion, out.TLSCipher = strings.Replace(tls.VersionName(st.Version), "TLS ", "TLSv", 1), tls.CipherSuiteName(st.CipherSuite)
	}
	return out
}

// greet says that the user is in, and what a client must know of the session.
func (c *conn) greet(p, set map[string]string) {
	c.send(&pgproto3.AuthenticationOk{})
	c.unicode = c.srv.cfg.UnicodeEncoding && set["client_encoding"] == ""
	c.report()
	if v := p["client_protocol_version"]; v != "" { // of AWS's drivers; docs/decisions/0097-aws-drivers.md
		c.send(&pgproto3.ParameterStatus{Name: "server_protocol_version", Value: "0"})
		c.send(&pgproto3.ParameterStatus{Name: "show_discovery", Value: "4"})
	}
	c.pid, c.key = uint32(c.s.PID()), make([]byte, keyBytes)
	_, _ = rand.Read(c.key) // never fails
	c.srv.mu.Lock()
	c.srv.byPID[c.pid] = c
	c.srv.mu.Unlock()
	c.send(&pgproto3.BackendKeyData{ProcessID: c.pid, SecretKey: c.key})
}
