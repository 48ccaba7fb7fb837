package function

import (
	"strings"

	"github.com/redshiftsim/redshiftsim/internal/sqlstate"
	"github.com/redshiftsim/redshiftsim/internal/types"
)

// asciiFunctions is TO_ASCII, of PostgreSQL 8.0, which runs on the leader.
// https://docs.aws.amazon.com/redshift/latest/dg/c_SQL_functions_leader_node_only.html
var asciiFunctions = []Scalar{
	{Name: "to_ascii", Args: sig(text), Returns: always(types.TVarcharMax), Kernel: build(toASCII), Place: LeaderOnly, Doc: "c_SQL_functions_leader_node_only"},
	{Name: "to_ascii", Args: sig(text, text), Returns: always(types.TVarcharMax), Kernel: build(toASCII), Place: LeaderOnly, Doc: "c_SQL_functions_leader_node_only"},
}

// asciiOf are the letters that stand for the bytes from 128 on of the encodings that TO_ASCII knows, as far as UTF-8 has such bytes; a blank is every other.
var asciiOf = map[string]string{
	"latin1":  "                                  cL Y  \"Ca  -R     'u .,      ?  AAAAACEEEEIIII NOOOOOxOUUUUYTBaaaaaaaceeeeiiii nooo",
	"latin2":  "                                 A L LS \"SSTZ-ZZ a,l'ls ,sstz\"zz  AAALCCCEEEEIIDDNNOOOOxRUUUUYTBraaaalccceeeeiiddnnoo",
	"latin9":  "                                  cL YS sCa  -R     Zu .z   EeY?  AAAAACEEEEIIII NOOOOOxOUUUUYTBaaaaaaaceeeeiiii nooo",
	"win1250": "  ' \"    %S<STZZ `'\"\".--  s>stzz   L A  \"CS  -RZ  ,l'u .,as L\"lz  AAALCCCEEEEIIDDNNOOOOxRUUUUYTBraaaalccceeeeiiddnnoo",
}

// encodingNames are PostgreSQL's names of encodings, without what is neither letter nor digit.
var (
	encodingNames = map[string]string{
		"latin1": "latin1", "iso88591": "latin1", "latin2": "latin2", "iso88592": "latin2", "latin9": "latin9", "iso885915": "latin9",
		"win1250": "win1250", "windows1250": "win1250",
	}
	// otherEncodings have no table.
	otherEncodings = map[string]string{
		"utf8": "UTF8", "unicode": "UTF8", "sqlascii": "SQL_ASCII", "win": "WIN1251", "win1251": "WIN1251", "windows1251": "WIN1251", "win1252": "WIN1252",
		"windows1252": "WIN1252", "koi8": "KOI8R", "koi8r": "KOI8R", "latin3": "LATIN3", "latin4": "LATIN4", "latin5": "LATIN5", "latin6": "LATIN6",
		"latin7": "LATIN7", "latin8": "LATIN8", "latin10": "LATIN10", "eucjp": "EUC_JP", "euccn": "EUC_CN", "euckr": "EUC_KR", "euctw": "EUC_TW",
		"sjis": "SJIS", "big5": "BIG5", "gbk": "GBK", "uhc": "UHC",
	}
)

// toASCII replaces every byte beyond ASCII by the letter that it is in an encoding without its accent. The database's own encoding, UTF8, has no such letters.
func toASCII(dst []byte, r *row) ([]byte, error) {
	if len(r.args) < 2 {
		return nil, noASCII("UTF8")
	}
	name := strings.Map(func(c rune) rune {
		if c >= 'a' && c <= 'z' || c >= '0' && c <= '9' {
			return c
		}
		return -1
	}, strings.ToLower(r.text(1)))
	encoding := encodingNames[name]
	switch {
	case encoding != "":
	case otherEncodings[name] != "":
		return nil, noASCII(otherEncodings[name])
	default:
		return nil, sqlstate.UndefinedObject.Errorf("%s is not a valid encoding name", r.text(1))
	}
	table, s := asciiOf[encoding], r.text(0)
	for i := range len(s) {
		c := s[i]
		if c >= 128 {
			if at := int(c) - 128; at < len(table) {
				c = table[at]
			} else {
				c = ' '
			}
		}
		dst = append(dst, c)
	}
	return dst, nil
}

func noASCII(encoding string) error {
	return sqlstate.FeatureNotSupported.Errorf("encoding conversion from %s to ASCII not supported", encoding)
}
