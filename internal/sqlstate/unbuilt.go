package sqlstate

import "strings"

// SupportPage is the page of the repository that says, statement by statement, what works and what is refused.
const SupportPage = "docs/support.md"

// Unbuilt refuses what Redshift has and this engine has not built yet (0A000). what names the feature as a user would; kind is the kind of statement,
// "CREATE MODEL", whose section of SupportPage the hint points at. All refusals of that sort are made here, so that the page and they agree.
func Unbuilt(kind, what string) *Error {
	return FeatureNotSupported.Errorf("%s is not supported", what).WithHint("see %s#%s", SupportPage, Anchor(kind))
}

// Anchor is the anchor of a heading in a Markdown page as GitHub makes it: lower case, words joined by hyphens, no other punctuation.
//
//	CREATE MODEL  ->  create-model
func Anchor(heading string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r >= 'A' && r <= 'Z':
			return r + 'a' - 'A'
		case r >= 'a' && r <= 'z', r >= '0' && r <= '9', r == '-', r == '_':
			return r
		case r == ' ':
			return '-'
		}
		return -1
	}, heading)
}
