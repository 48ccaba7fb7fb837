package principal

import (
	"crypto/hmac"
	"crypto/pbkdf2"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"fmt"
	"strconv"
	"strings"
)

// Verifier is what SCRAM-SHA-256 needs of a password, in the form of RFC 5803: SCRAM-SHA-256$iterations:salt$StoredKey:ServerKey. "" = none: the
// password was given as a hash. It tells nobody the password, and nobody logs in with it alone.
type Verifier string

const (
	scramPrefix = "SCRAM-SHA-256$"
	// ScramIterations is PostgreSQL's number of rounds of PBKDF2.
	ScramIterations = 4096
	scramSalt       = 16
)

// NewVerifier makes the verifier of what CREATE USER was given: "" for a hash.
func NewVerifier(given string) Verifier {
	clear, ok := clearText(given)
	if !ok {
		return ""
	}
	return verifierOf(clear, newSalt()[:scramSalt])
}

// LaunchVerifier is NewVerifier of a password that is no SQL: any text is a clear one.
func LaunchVerifier(given string) Verifier { return verifierOf(given, newSalt()[:scramSalt]) }

func verifierOf(clear string, salt []byte) Verifier {
	k, err := pbkdf2.Key(sha256.New, clear, salt, ScramIterations, sha256.Size)
	if err != nil { // of a FIPS mode that refuses the length of a key or salt
		return ""
	}
	stored := sha256.Sum256(mac(k, "Client Key"))
	b64 := base64.StdEncoding.EncodeToString
	return Verifier(fmt.Sprintf("%s%d:%s$%s:%s", scramPrefix, ScramIterations, b64(salt), b64(stored[:]), b64(mac(k, "Server Key"))))
}

func mac(key []byte, text string) []byte {
	h := hmac.New(sha256.New, key)
	h.Write([]byte(text))
	return h.Sum(nil)
}

// Scram is a verifier in its parts.
type Scram struct {
	Iterations           int
	Salt                 []byte
	StoredKey, ServerKey []byte
}

// Parts takes a verifier apart; false = there is none.
func (v Verifier) Parts() (s Scram, ok bool) {
	rest, ok := strings.CutPrefix(string(v), scramPrefix)
	head, keys, both := strings.Cut(rest, "$")
	n, salt, _ := strings.Cut(head, ":")
	stored, server, _ := strings.Cut(keys, ":")
	if !ok || !both {
		return s, false
	}
	var errs [4]error
	s.Iterations, errs[0] = strconv.Atoi(n)
	s.Salt, errs[1] = base64.StdEncoding.DecodeString(salt)
	s.StoredKey, errs[2] = base64.StdEncoding.DecodeString(stored)
	s.ServerKey, errs[3] = base64.StdEncoding.DecodeString(server)
	return s, errs == [4]error{} && len(s.StoredKey) == sha256.Size && len(s.ServerKey) == sha256.Size
}

// Proves says whether a client's proof of the messages in auth is one of the password's.
func (s *Scram) Proves(auth string, proof []byte) bool {
	sig := mac(s.StoredKey, auth)
	if len(proof) != len(sig) {
		return false
	}
	key := make([]byte, len(sig))
	subtle.XORBytes(key, sig, proof)
	h := sha256.Sum256(key)
	return subtle.ConstantTimeCompare(h[:], s.StoredKey) == 1
}

// Signature proves to the client that the server knows the password's verifier.
func (s *Scram) Signature(auth string) []byte { return mac(s.ServerKey, auth) }
