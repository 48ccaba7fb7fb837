package principal

import (
	"crypto/md5"
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/hex"
	"strings"

	"github.com/redshiftsim/redshiftsim/internal/sqlstate"
)

// Password is what is kept of a password: "" = none was ever set, "!" = disabled, md5 and 32 digits, or sha256|digest|salt.
type Password string

// Disabled is PASSWORD DISABLE: nobody logs in with one.
const Disabled Password = "!"

// saltBytes is the length of a salt: 256 bits.
const saltBytes = 32

// NewPassword makes what is kept of what CREATE USER was given: a clear text, which must keep the rules and is hashed with the user's name, or a hash.
// https://docs.aws.amazon.com/redshift/latest/dg/r_CREATE_USER.html
func NewPassword(given, user string) (Password, error) {
	if rest, ok := strings.CutPrefix(given, "md5"); ok && len(rest) == 2*md5.Size && isHex(rest) {
		return Password("md5" + strings.ToLower(rest)), nil
	}
	if rest, ok := strings.CutPrefix(given, "sha256|"); ok {
		digest, salt, both := strings.Cut(rest, "|")
		if both {
			if len(digest) != 2*sha256.Size || !isHex(digest) || len(salt) != 2*saltBytes || !isHex(salt) {
				return "", sqlstate.InvalidParameterValue.Errorf("invalid SHA-256 password hash").
					WithHint("It is sha256|digest|salt, each of 64 hexadecimal digits.")
			}
			return Password("sha256|" + strings.ToLower(digest) + "|" + strings.ToLower(salt)), nil
		}
		if err := checkClear(rest); err != nil {
			return "", err
		}
		return sha256Of(rest, newSalt()), nil
	}
	if err := checkClear(given); err != nil {
		return "", err
	}
	return md5Of(given, user), nil
}

// LaunchPassword makes what is kept of the password that came with a connection which made the cluster, or its user: any is taken.
func LaunchPassword(given, user string) Password { return md5Of(given, user) }

// checkClear holds a clear password against the guide's rules.
func checkClear(p string) error {
	bad := func(text string) error { return sqlstate.InvalidParameterValue.Errorf("%s", text) }
	var upper, lower, digit bool
	for _, r := range p {
		upper = upper || 'A' <= r && r <= 'Z'
		lower = lower || 'a' <= r && r <= 'z'
		digit = digit || '0' <= r && r <= '9'
		if r < 33 || r > 126 || strings.ContainsRune(forbidden, r) {
			return bad("password contains an invalid character")
		}
	}
	switch {
	case len(p) < 8 || len(p) > 64:
		return bad("password must be 8 to 64 characters in length")
	case !upper:
		return bad("password must contain an uppercase letter")
	case !lower:
		return bad("password must contain a lowercase letter")
	case !digit:
		return bad("password must contain a number")
	}
	return nil
}

// forbidden are the characters that a clear password may not have. The guide also lists @ and uses it in its examples ('@AbC4321!'): it is allowed here.
const forbidden = `'"\/`

// md5Of hashes a clear password with the user's name.
func md5Of(clear, user string) Password {
	sum := md5.Sum([]byte(clear + user))
	return Password("md5" + hex.EncodeToString(sum[:]))
}

// sha256Of hashes a clear password with a salt.
func sha256Of(clear string, salt []byte) Password {
	sum := sha256.Sum256(append([]byte(clear), salt...))
	return Password("sha256|" + hex.EncodeToString(sum[:]) + "|" + hex.EncodeToString(salt))
}

func newSalt() []byte {
	salt := make([]byte, saltBytes)
	_, _ = rand.Read(salt) // crypto/rand never fails
	return salt
}

// Opens says whether a clear text is the password of the user.
func (p Password) Opens(clear, user string) bool {
	var is Password
	switch {
	case strings.HasPrefix(string(p), "md5"):
		is = md5Of(clear, user)
	case strings.HasPrefix(string(p), "sha256|"):
		_, salt, _ := strings.Cut(strings.TrimPrefix(string(p), "sha256|"), "|")
		raw, err := hex.DecodeString(salt)
		if err != nil {
			return false
		}
		is = sha256Of(clear, raw)
	default:
		return false
	}
	return subtle.ConstantTimeCompare([]byte(is), []byte(p)) == 1
}

// clearText gives the clear text of what CREATE USER was given; false = it is a hash.
func clearText(given string) (string, bool) {
	if rest, ok := strings.CutPrefix(given, "md5"); ok && len(rest) == 2*md5.Size && isHex(rest) {
		return "", false
	}
	if rest, ok := strings.CutPrefix(given, "sha256|"); ok {
		return rest, !strings.Contains(rest, "|")
	}
	return given, true
}

// MD5 is the hash of an MD5 password: 32 digits of md5(password || user). false = it is none.
func (p Password) MD5() (string, bool) { return strings.CutPrefix(string(p), "md5") }

// Hashed says that there is a password that can be given, in whatever form it is kept.
func (p Password) Hashed() bool { return p != "" && p != Disabled }

// Renamed is what is left of a password when its user has another name: an MD5 hash holds the name and is of no use any more.
// https://docs.aws.amazon.com/redshift/latest/dg/r_ALTER_USER.html
func (p Password) Renamed() Password {
	if strings.HasPrefix(string(p), "md5") || strings.HasPrefix(string(p), "sha256|") {
		return Disabled
	}
	return p
}

func isHex(s string) bool {
	_, err := hex.DecodeString(s)
	return err == nil
}
