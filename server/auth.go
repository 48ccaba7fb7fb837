package server

import (
	"crypto/hmac"
	"crypto/md5"
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"encoding/hex"
	"net"
	"strconv"
	"strings"

	"github.com/jackc/pgx/v5/pgproto3"

	"github.com/redshiftsim/redshiftsim/engine"
	"github.com/redshiftsim/redshiftsim/engine/principal"
	"github.com/redshiftsim/redshiftsim/internal/sqlstate"
)

// authenticate proves the user. A user who does not exist, has no password, or one that is no longer valid, goes through the same exchange as any other,
// and fails at its end with the same words. So does one who is locked, but is told.
func (c *conn) authenticate(user string) (engine.Proof, error) {
	if c.srv.cfg.Auth == AuthTrust {
		c.method = "Trust"
		return engine.Trusted, nil
	}
	host := c.host()
	if !c.srv.failures.May(host, c.srv.cfg.MaxFailures) {
		return 0, fatal(sqlstate.InvalidAuthorization.Errorf("too many failed authentication attempts from %s", host)).WithHint("Wait a minute.")
	}
	password, verifier, valid := c.srv.cluster.Credentials(user)
	var ok bool
	var err error
	switch c.way(password, verifier, valid) {
	case AuthMD5:
		c.method = "md5"
		ok, err = c.md5(password)
	case AuthCleartext:
		if !c.encrypted && !c.inMemory {
			return 0, fatal(sqlstate.InvalidAuthorization.Errorf("password authentication of user \"%s\" needs an encrypted connection", user)).WithHint("Connect with sslmode=require.")
		}
		c.method = "password"
		ok, err = c.cleartext(user, password)
	default:
		c.method = "scram-sha-256"
		ok, err = c.scram(user, verifier)
	}
	if err != nil {
		return 0, err
	}
	if err := c.srv.cluster.Attempted(user, ok && valid); err != nil {
		c.srv.failures.Add(host)
		c.srv.counts.failed.Add(1)
		return 0, err
	}
	return engine.Proven, nil
}

// way is how a user proves itself. An unknown one does as most users do.
func (c *conn) way(p principal.Password, v principal.Verifier, valid bool) Auth {
	if c.srv.cfg.Auth != AuthPassword {
		return c.srv.cfg.Auth
	}
	if v != "" || !valid {
		return AuthPassword
	}
	if _, ok := p.MD5(); ok {
		return AuthMD5
	}
	return AuthCleartext
}

// host is from where the client comes.
func (c *conn) host() string {
	a := c.nc.RemoteAddr()
	if a == nil {
		return ""
	}
	if h, _, err := net.SplitHostPort(a.String()); err == nil {
		return h
	}
	return a.String()
}

// answer sends a request and reads what comes back: a message of type p, as kind reads it.
func (c *conn) answer(request pgproto3.BackendMessage, kind uint32) (pgproto3.FrontendMessage, error) {
	c.send(request)
	if err := c.flush(); err != nil {
		return nil, err
	}
	if err := c.be.SetAuthType(kind); err != nil {
		return nil, err
	}
	m, err := c.receive()
	if err != nil {
		return nil, err
	}
	switch m.(type) {
	case *pgproto3.PasswordMessage, *pgproto3.SASLInitialResponse, *pgproto3.SASLResponse:
		return m, nil
	case *pgproto3.Terminate:
		return nil, errDone
	}
	return nil, protocolError("expected password response, got another message")
}

// md5 asks for md5(md5(password || user) || salt). A user who has no such hash fails.
func (c *conn) md5(p principal.Password) (bool, error) {
	var salt [4]byte
	_, _ = rand.Read(salt[:])
	m, err := c.answer(&pgproto3.AuthenticationMD5Password{Salt: salt}, pgproto3.AuthTypeMD5Password)
	if err != nil {
		return false, err
	}
	hash, ok := p.MD5()
	if !ok {
		hash = strings.Repeat("0", 2*md5.Size)
	}
	sum := md5.Sum(append([]byte(hash), salt[:]...))
	given := m.(*pgproto3.PasswordMessage).Password
	return subtle.ConstantTimeCompare([]byte("md5"+hex.EncodeToString(sum[:])), []byte(given)) == 1 && ok, nil
}

// cleartext asks for the password itself.
func (c *conn) cleartext(user string, p principal.Password) (bool, error) {
	m, err := c.answer(&pgproto3.AuthenticationCleartextPassword{}, pgproto3.AuthTypeCleartextPassword)
	if err != nil {
		return false, err
	}
	return p.Opens(m.(*pgproto3.PasswordMessage).Password, user), nil
}

const scramName = "SCRAM-SHA-256"

// errSCRAM is what a client that does not keep to RFC 5802 hears.
func errSCRAM(detail string) error {
	return protocolError("malformed SCRAM message").WithDetail("%s", detail)
}

// scram is the exchange of RFC 5802 and 7677. Who has no verifier gets a salt that is always the same for the same name, and fails.
//
//	client  n,,n=,r=CLIENT                     server  r=CLIENT+SERVER,s=SALT,i=4096
//	client  c=biws,r=CLIENT+SERVER,p=PROOF     server  v=SIGNATURE
func (c *conn) scram(user string, v principal.Verifier) (bool, error) {
	keys, real := v.Parts()
	if !real {
		h := hmac.New(sha256.New, c.srv.secret[:])
		h.Write([]byte(user))
		mock := h.Sum(nil)
		keys = principal.Scram{Iterations: principal.ScramIterations, Salt: mock[:16], StoredKey: mock, ServerKey: mock}
	}
	m, err := c.answer(&pgproto3.AuthenticationSASL{AuthMechanisms: []string{scramName}}, pgproto3.AuthTypeSASL)
	if err != nil {
		return false, err
	}
	first, ok := m.(*pgproto3.SASLInitialResponse)
	if !ok || first.AuthMechanism != scramName {
		return false, protocolError("client selected an invalid SASL authentication mechanism")
	}
	header, bare, nonce, err := readFirst(string(first.Data))
	if err != nil {
		return false, err
	}
	own := make([]byte, 18)
	_, _ = rand.Read(own)
	nonce += base64.StdEncoding.EncodeToString(own)
	serverFirst := "r=" + nonce + ",s=" + base64.StdEncoding.EncodeToString(keys.Salt) + ",i=" + strconv.Itoa(keys.Iterations)
	if m, err = c.answer(&pgproto3.AuthenticationSASLContinue{Data: []byte(serverFirst)}, pgproto3.AuthTypeSASLContinue); err != nil {
		return false, err
	}
	last, ok := m.(*pgproto3.SASLResponse)
	if !ok {
		return false, errSCRAM("a response was expected")
	}
	body, proof, err := readLast(string(last.Data), header, nonce)
	if err != nil {
		return false, err
	}
	auth := bare + "," + serverFirst + "," + body
	if !keys.Proves(auth, proof) || !real {
		return false, nil
	}
	c.send(&pgproto3.AuthenticationSASLFinal{Data: []byte("v=" + base64.StdEncoding.EncodeToString(keys.Signature(auth)))})
	return true, nil
}

// readFirst takes the client's first message apart: the header about channel binding, the rest, and the nonce in it.
func readFirst(s string) (header, bare, nonce string, err error) {
	parts := strings.SplitN(s, ",", 3)
	if len(parts) != 3 {
		return "", "", "", errSCRAM("the first message has too few parts")
	}
	switch {
	case parts[0] != "n" && parts[0] != "y": // p=.. needs SCRAM-SHA-256-PLUS, which was not offered
		return "", "", "", errSCRAM("channel binding was not offered")
	case parts[1] != "":
		return "", "", "", fatal(sqlstate.FeatureNotSupported.Errorf("client uses authorization identity, but it is not supported"))
	}
	header, bare = parts[0]+",,", parts[2]
	attrs := strings.Split(bare, ",")
	if len(attrs) < 2 || !strings.HasPrefix(attrs[0], "n=") || !strings.HasPrefix(attrs[1], "r=") || len(attrs[1]) == 2 {
		return "", "", "", errSCRAM("the first message lacks a name or a nonce")
	}
	return header, bare, attrs[1][2:], nil
}

// readLast takes the client's last message apart: what is signed of it, and the proof.
func readLast(s, header, nonce string) (body string, proof []byte, err error) {
	at := strings.LastIndex(s, ",p=")
	if at < 0 {
		return "", nil, errSCRAM("the last message has no proof")
	}
	attrs := strings.Split(s[:at], ",")
	if len(attrs) < 2 || attrs[0] != "c="+base64.StdEncoding.EncodeToString([]byte(header)) {
		return "", nil, errSCRAM("the channel binding is not that of the first message")
	}
	if attrs[1] != "r="+nonce {
		return "", nil, errSCRAM("the nonce does not match")
	}
	if proof, err = base64.StdEncoding.DecodeString(s[at+3:]); err != nil {
		return "", nil, errSCRAM("the proof is no base64")
	}
	return s[:at], proof, nil
}
