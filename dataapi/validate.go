package dataapi

import (
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"
)

// Limits of the API.
// https://docs.aws.amazon.com/redshift/latest/mgmt/data-api.html#data-api-calling-considerations
const (
	maxStatement  = 200 << 10 // bytes of a statement
	maxBatch      = 40        // statements of a batch
	maxAlive      = 86400     // seconds that a session is kept
	maxWait       = 30        // seconds of WaitTimeSeconds
	maxPage       = 1000      // MaxResults of lists of databases, schemas, tables and columns
	maxStatements = 100       // MaxResults of lists of statements and sessions
)

// Patterns of the service's model.
var (
	isUUID      = regexp.MustCompile(`^[a-z0-9]{8}(-[a-z0-9]{4}){3}-[a-z0-9]{12}(:\d{0,2})?$`)
	isCluster   = regexp.MustCompile(`^[a-z][a-z0-9]*(-[a-z0-9]+)*$`)
	isWorkgroup = regexp.MustCompile(`^[a-z0-9-]{3,63}$|^arn:aws(-[a-z]+)*:redshift-serverless:[a-z]{2}(-gov|-iso[a-z]?)?-[a-z]+-\d:\d{12}:workgroup/` +
		`[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$`)
	isParameter = regexp.MustCompile(`^[0-9a-zA-Z_]+$`)
)

// violation is the error of a member that does not keep to the model, in AWS's words.
func violation(member, value, constraint string) error {
	if value != "" {
		value = " '" + clip(value) + "'"
	}
	return invalid("1 validation error detected: Value%s at '%s' failed to satisfy constraint: Member must %s", value, member, constraint)
}

// clip shortens a value that an error repeats.
func clip(s string) string {
	if len(s) <= 100 {
		return s
	}
	s = s[:100]
	for !utf8.ValidString(s) && len(s) > 96 {
		s = s[:len(s)-1]
	}
	return s + "..."
}

// required says that a member must be there.
func required(member string, v *string) error {
	if v == nil {
		return violation(member, "", "not be null")
	}
	return nil
}

// matches says that a member, if it is there, must match a pattern.
func matches(member string, v *string, pattern *regexp.Regexp) error {
	if v != nil && !pattern.MatchString(*v) {
		return violation(member, *v, "satisfy regular expression pattern: "+pattern.String())
	}
	return nil
}

// within says that a number, if it is there, must lie between two.
func within(member string, v *int64, low, high int64) error {
	switch {
	case v == nil:
	case *v < low:
		return violation(member, str(*v), "have value greater than or equal to "+str(low))
	case *v > high:
		return violation(member, str(*v), "have value less than or equal to "+str(high))
	}
	return nil
}

// shorter says that a text, if it is there, must have so many characters.
func shorter(member string, v *string, low, high int) error {
	switch {
	case v == nil:
	case utf8.RuneCountInString(*v) < low:
		return violation(member, *v, "have length greater than or equal to "+str(int64(low)))
	case utf8.RuneCountInString(*v) > high:
		return violation(member, *v, "have length less than or equal to "+str(int64(high)))
	}
	return nil
}

// oneOf says that a text, if it is there, must be one of some.
func oneOf(member string, v *string, values ...string) error {
	if v != nil && !slices.Contains(values, *v) {
		return violation(member, *v, "satisfy enum value set: ["+strings.Join(values, ", ")+"]")
	}
	return nil
}

// first gives the first error.
func first(errs ...error) error {
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}

// names checks the names of clusters.
func (c *connection) names() error { return named(c.ClusterIdentifier, c.WorkgroupName) }

func named(cluster, workgroup *string) error {
	if cluster != nil && workgroup != nil {
		return invalid("ClusterIdentifier and WorkgroupName cannot be specified together.")
	}
	return first(matches("clusterIdentifier", cluster, isCluster), shorter("clusterIdentifier", cluster, 1, 63), matches("workgroupName", workgroup, isWorkgroup))
}

// check checks what a connection that is not a session's needs.
// https://docs.aws.amazon.com/redshift/latest/mgmt/data-api.html#data-api-calling-considerations-authentication
func (c *connection) check() error {
	switch {
	case c.ClusterIdentifier == nil && c.WorkgroupName == nil:
		return invalid("Either ClusterIdentifier or WorkgroupName must be specified.")
	case value(c.Database) == "":
		return invalid("Database must be specified.")
	case c.DbUser != nil && c.SecretArn != nil:
		return invalid("DbUser and SecretArn cannot be specified together.")
	case c.DbUser != nil && c.WorkgroupName != nil:
		return invalid("DbUser cannot be specified with WorkgroupName: the database user of a workgroup is that of the IAM identity or of the secret.")
	}
	return c.names()
}

// check checks what the model and the guide say of a submission.
func (s *submission) check() error {
	err := first(
		shorter("statementName", s.StatementName, 0, 2048), shorter("clientToken", s.ClientToken, 1, 64),
		oneOf("resultFormat", s.ResultFormat, "JSON", "CSV"), matches("sessionId", s.SessionID, isUUID),
		within("sessionKeepAliveSeconds", s.SessionKeepAliveSeconds, 0, maxAlive), within("waitTimeSeconds", s.WaitTimeSeconds, 1, maxWait),
		s.parameters(),
	)
	switch {
	case err != nil:
		return err
	case s.SessionID == nil:
		return s.connection.check()
	case s.ClusterIdentifier != nil || s.WorkgroupName != nil || s.DbUser != nil || s.SecretArn != nil:
		return invalid("ClusterIdentifier, WorkgroupName, DbUser and SecretArn cannot be specified with SessionId: they are the session's.")
	}
	return nil
}

// parameters checks names and values. A value cannot be empty.
// https://docs.aws.amazon.com/redshift/latest/mgmt/data-api.html#data-api-calling-considerations-parameters
func (s *submission) parameters() error {
	if s.Parameters != nil && len(s.Parameters) == 0 {
		return violation("parameters", "", "have length greater than or equal to 1")
	}
	seen := map[string]bool{}
	for i, p := range s.Parameters {
		at := "parameters." + str(int64(i+1)) + ".member."
		err := first(required(at+"name", p.Name), required(at+"value", p.Value))
		if err == nil {
			err = matches(at+"name", p.Name, isParameter)
		}
		if err == nil && *p.Value == "" {
			err = violation(at+"value", "", "have length greater than or equal to 1")
		}
		if err == nil && seen[*p.Name] {
			err = invalid("Parameters list contains the parameter %s more than once.", *p.Name)
		}
		if err != nil {
			return err
		}
		seen[*p.Name] = true
	}
	return nil
}

// checkSQL checks the length of a statement.
func checkSQL(sql string) error {
	if len(sql) > maxStatement {
		return invalid("The statement has %d bytes; it can have %d KB.", len(sql), maxStatement>>10)
	}
	return nil
}

// value is a text, "" when there is none.
func value(s *string) string {
	if s == nil {
		return ""
	}
	return *s
}

// page gives how many entries one page of a list has, and where it begins.
func pageOf(limit *int64, most int64) (int, error) {
	if err := within("maxResults", limit, 0, most); err != nil {
		return 0, err
	}
	if limit == nil || *limit == 0 {
		return int(most), nil
	}
	return int(*limit), nil
}
