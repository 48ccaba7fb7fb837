package dataapi

import (
	"encoding/base64"
	"strconv"
	"strings"
)

// tokenOf makes a NextToken: what it goes on with, and where.
func tokenOf(kind string, at int64) string {
	return base64.RawURLEncoding.EncodeToString([]byte(kind + "/" + str(at)))
}

// readToken reads a NextToken; none or an empty one = from the beginning, 0.
func readToken(kind string, token *string) (int64, error) {
	if value(token) == "" {
		return 0, nil
	}
	b, err := base64.RawURLEncoding.DecodeString(*token)
	n := int64(0)
	if err == nil {
		digits, ok := strings.CutPrefix(string(b), kind+"/")
		n, err = strconv.ParseInt(digits, 10, 64)
		if ok && err == nil && n > 0 {
			return n, nil
		}
	}
	return 0, invalid("Invalid NextToken.")
}

// cutID takes the suffix off the id of a sub-statement.
func cutID(id string) (whole string, number int, sub bool) {
	whole, suffix, sub := strings.Cut(id, ":")
	if sub {
		number, _ = strconv.Atoi(suffix) // 0 is nobody's
	}
	return whole, number, sub
}

func str(n int64) string { return strconv.FormatInt(n, 10) }

func hasPrefix(s, prefix string) bool { return strings.HasPrefix(s, prefix) }
