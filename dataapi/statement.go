package dataapi

import (
	"context"
	"slices"
	"time"
)

// status is the status of a statement.
type status string

// Statuses.
// https://docs.aws.amazon.com/redshift-data/latest/APIReference/API_DescribeStatement.html
const (
	submittedStatus status = "SUBMITTED"
	picked          status = "PICKED"
	started         status = "STARTED"
	finished        status = "FINISHED"
	failed          status = "FAILED"
	aborted         status = "ABORTED"
)

// over says that a status is the last one.
func (s status) over() bool { return s == finished || s == failed || s == aborted }

// Times for which things are kept.
// https://docs.aws.amazon.com/redshift/latest/mgmt/data-api.html#data-api-calling-considerations
const (
	retention      = 24 * time.Hour // of results
	tokenRetention = 8 * time.Hour  // of client tokens
	maxRun         = 24 * time.Hour // of a statement
	maxSession     = 24 * time.Hour
	maxActive      = 500 // statements of a cluster that are not over
	maxSessions    = 500 // sessions of a cluster that are kept
	maxWaiting     = 100 // requests that wait for one statement
)

// statement is what one call of ExecuteStatement or BatchExecuteStatement runs. Handler.mu guards what changes.
type statement struct {
	id     string
	number int64 // in the order of submission
	caller caller
	target
	asked    who
	database string
	dbUser   string
	secret   string // SecretArn
	name     string
	params   []sqlParameter
	format   string // JSON or CSV
	batch    bool
	commits  bool // AUTO_COMMIT
	event    bool
	created  time.Time
	session  *session // that is kept; nil = one of its own

	stop     context.CancelFunc
	canceled bool // by CancelStatement
	status   status
	err      string
	updated  time.Time
	duration time.Duration // -1 = it is not over
	pid      int
	parts    []*part // one, or those of the batch
	done     chan struct{}
	waiting  int
}

// part is one SQL statement.
type part struct {
	sql      string
	status   status
	err      string
	updated  time.Time
	duration time.Duration
	query    int64 // its number in stl_query; 0 = it has not run, -1 = it ran on the leader alone
	rows     int64
	size     int64
	has      bool    // it has a result set
	result   *result // nil = there is none, or it has gone
	done     chan struct{}
}

// statements are those that are remembered.
type statements struct {
	next   int64
	byID   map[string]*statement
	active map[any]int  // by *engine.Cluster: not over
	ended  []*statement // in the order in which they ended
	spent  int          // how many of ended have lost their results
	bytes  int64        // of results
	tokens map[token]*promise
	issued []token // in their order
}

// token is a client token of a caller.
type token struct{ principal, operation, text string }

// promise is what a client token stood for.
type promise struct {
	body [32]byte // digest of the request
	st   *statement
	at   time.Time
}

func (s *statements) init() {
	s.byID, s.active, s.tokens = map[string]*statement{}, map[any]int{}, map[token]*promise{}
}

// begin remembers a new statement.
func (s *statements) begin(st *statement) error {
	if s.active[st.cluster] >= maxActive {
		return exceeded("ActiveStatementsExceededException", "Active statements exceeded the allowed quota (%d).", maxActive)
	}
	s.active[st.cluster]++
	s.next++
	st.number = s.next
	s.byID[st.id] = st
	return nil
}

// end moves a statement to those that have ended, and lets results go until the rest fits.
func (s *statements) end(st *statement, limit int64, most int) {
	if s.active[st.cluster]--; s.active[st.cluster] == 0 {
		delete(s.active, st.cluster)
	}
	s.ended = append(s.ended, st)
	for _, p := range st.parts {
		s.bytes += p.result.held()
	}
	for s.bytes > limit && s.spent < len(s.ended) {
		s.spend(s.ended[s.spent])
		s.spent++
	}
	for len(s.ended) > most {
		s.forget()
	}
}

// spend lets the results of a statement go.
func (s *statements) spend(st *statement) {
	for _, p := range st.parts {
		s.bytes -= p.result.held()
		p.result = nil
	}
}

// forget drops the statement that ended first.
func (s *statements) forget() {
	st := s.ended[0]
	s.spend(st)
	delete(s.byID, st.id)
	s.ended[0] = nil
	s.ended = s.ended[1:]
	s.spent = max(0, s.spent-1)
}

// expire drops what has been kept for long enough, each by the clock of its cluster.
func (s *statements) expire() {
	for len(s.ended) > 0 && s.ended[0].now().Sub(s.ended[0].updated) > retention {
		s.forget()
	}
	for len(s.issued) > 0 {
		t := s.tokens[s.issued[0]]
		if s.byID[t.st.id] != nil && t.st.now().Sub(t.at) <= tokenRetention {
			break
		}
		delete(s.tokens, s.issued[0])
		s.issued = s.issued[1:]
	}
}

// sees says whether a caller may act on what another has submitted.
func (c *caller) sees(other *caller) bool { return c.principal == other.principal }

// of finds a statement of a caller, and the part that a suffix names; nil = the whole.
func (h *Handler) of(c *caller, id string) (*statement, *part, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	whole, suffix, sub := cutID(id)
	st := h.byID[whole]
	if st == nil || !c.sees(&st.caller) {
		return nil, nil, notFound(id, "Query does not exist.")
	}
	if !sub {
		return st, nil, nil
	}
	if !st.batch || suffix < 1 || suffix > len(st.parts) {
		return nil, nil, notFound(id, "Query does not exist.")
	}
	return st, st.parts[suffix-1], nil
}

// wait waits until a channel is closed, for so many seconds at most. It is counted, for a statement has only so many waiters.
func (h *Handler) wait(ctx context.Context, st *statement, done <-chan struct{}, seconds *int64) error {
	if seconds == nil {
		return nil
	}
	h.mu.Lock()
	if st.waiting >= maxWaiting {
		h.mu.Unlock()
		return exceeded("ActiveWaitingRequestsExceededException", "Active requests with WaitTimeSeconds for the statement exceeded the allowed quota (%d).", maxWaiting)
	}
	st.waiting++
	h.mu.Unlock()
	t := time.NewTimer(time.Duration(*seconds) * time.Second)
	defer t.Stop()
	select {
	case <-done:
	case <-t.C:
	case <-ctx.Done():
	}
	h.mu.Lock()
	st.waiting--
	h.mu.Unlock()
	return ctx.Err()
}

// describeStatement is DescribeStatement.
func (h *Handler) describeStatement(ctx context.Context, c *caller, in *ofStatement) (answer, error) {
	st, p, err := h.asked(c, in)
	if err != nil {
		return nil, err
	}
	done := st.done
	if p != nil {
		done = p.done
	}
	if err := h.wait(ctx, st, done, in.WaitTimeSeconds); err != nil {
		return nil, err
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	return st.described(p), nil
}

// asked finds the statement of an input.
func (h *Handler) asked(c *caller, in *ofStatement) (*statement, *part, error) {
	err := first(required("id", in.ID), matches("id", in.ID, isUUID), within("waitTimeSeconds", in.WaitTimeSeconds, 1, maxWait))
	if err != nil {
		return nil, nil, err
	}
	return h.of(c, *in.ID)
}

// described describes a statement: its parts, too, when it is a batch, or the one that is asked for.
// https://docs.aws.amazon.com/redshift/latest/mgmt/data-api-calling-cli-describe-statement.html
func (st *statement) described(only *part) described {
	d := described{
		ID: st.id, ClusterIdentifier: st.identifier, WorkgroupName: st.workgroup, Database: st.database, DbUser: st.shownUser(), SecretArn: st.secret,
		SessionID: st.sessionID(), CreatedAt: stamp(st.created), UpdatedAt: stamp(st.updated), Duration: int64(st.duration), Error: st.err, Status: st.status,
		RedshiftPid: int64(st.pid), ResultFormat: st.format, QueryParameters: st.params, HasResultSet: st.has(), ResultRows: -1, ResultSize: -1,
	}
	if !st.batch {
		p := st.parts[0]
		d.QueryString, d.RedshiftQueryID, d.ResultRows, d.ResultSize = p.sql, p.query, p.rows, p.size
		return d
	}
	for i, p := range st.parts {
		if st.status.over() {
			d.ResultRows, d.ResultSize = sum(d.ResultRows, p.rows), sum(d.ResultSize, p.size)
		}
		if only != nil && only != p {
			continue
		}
		d.SubStatements = append(d.SubStatements, subStatementData{
			ID: st.id + ":" + str(int64(i+1)), CreatedAt: stamp(st.created), UpdatedAt: stamp(p.updated), Duration: int64(p.duration), Error: p.err,
			Status: p.status, HasResultSet: p.has, QueryString: p.sql, RedshiftQueryID: p.query, ResultRows: p.rows, ResultSize: p.size,
		})
	}
	return d
}

// sum adds numbers of which -1 is none.
func sum(a, b int64) int64 {
	if a < 0 || b < 0 {
		return max(a, b)
	}
	return a + b
}

// has says whether a statement, or a part of the batch, has a result set.
func (st *statement) has() bool {
	return slices.ContainsFunc(st.parts, func(p *part) bool { return p.has })
}

// shownUser is DbUser; who connects by a secret is not shown.
func (st *statement) shownUser() string {
	if st.secret != "" {
		return ""
	}
	return st.dbUser
}

func (st *statement) sessionID() string {
	if st.session == nil {
		return ""
	}
	return st.session.id
}

// cancelStatement is CancelStatement. It waits for the statement's end: what it has begun is rolled back when the answer comes.
// https://docs.aws.amazon.com/redshift-data/latest/APIReference/API_CancelStatement.html
func (h *Handler) cancelStatement(ctx context.Context, c *caller, in *ofStatement) (answer, error) {
	st, p, err := h.asked(c, in)
	if err != nil {
		return nil, err
	}
	if p != nil {
		return nil, invalid("A sub-statement cannot be canceled: cancel the batch, %s.", st.id)
	}
	h.mu.Lock()
	over := st.status.over()
	if !over {
		st.canceled = true
	}
	h.mu.Unlock()
	if !over {
		st.stop()
		select {
		case <-st.done:
		case <-ctx.Done():
			return nil, exceeded("QueryTimeoutException", "The statement is being canceled.")
		}
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	if over || st.status != aborted {
		return nil, invalid("Could not cancel a query that is already in %s state with ID: %s", st.status, st.id)
	}
	return map[string]bool{"Status": true}, nil
}

// listStatements is ListStatements: the newest first; without Status, those that are finished.
// https://docs.aws.amazon.com/redshift-data/latest/APIReference/API_ListStatements.html
func (h *Handler) listStatements(_ context.Context, c *caller, in *listStatementsInput) (answer, error) {
	from, n, err := in.page(shorter("statementName", in.StatementName, 0, 2048),
		oneOf("status", in.Status, "SUBMITTED", "PICKED", "STARTED", "FINISHED", "ABORTED", "FAILED", "ALL"))
	if err != nil {
		return nil, err
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	var all []*statement
	for _, st := range h.byID {
		if (from == 0 || st.number < from) && st.listed(c, in) {
			all = append(all, st)
		}
	}
	slices.SortFunc(all, func(a, b *statement) int { return int(b.number - a.number) })
	out := struct {
		Statements []statementData
		NextToken  string `json:",omitempty"`
	}{Statements: []statementData{}}
	for i, st := range all {
		if i == n {
			out.NextToken = tokenOf("s", all[i-1].number)
			break
		}
		out.Statements = append(out.Statements, st.data())
	}
	return out, nil
}

// page checks a list's input and says behind which number of an entry it goes on, 0 = at the first, and how many are asked for.
func (in *listInput) page(more ...error) (from int64, n int, err error) {
	if err := first(append(more, named(in.ClusterIdentifier, in.WorkgroupName))...); err != nil {
		return 0, 0, err
	}
	if n, err = pageOf(in.MaxResults, maxStatements); err != nil {
		return 0, 0, err
	}
	from, err = readToken("s", in.NextToken)
	return from, n, err
}

// of says whether something of a cluster and database is asked for.
func (in *listInput) of(t *target, database string) bool {
	return (in.ClusterIdentifier == nil || *in.ClusterIdentifier == t.identifier) && (in.WorkgroupName == nil || *in.WorkgroupName == t.workgroup) &&
		(in.Database == nil || *in.Database == database)
}

// lists says whether a caller's list has what somebody has submitted.
func (c *caller) lists(other *caller, role *bool) bool {
	return c.sees(other) && (role == nil || *role || c.login == other.login)
}

func (st *statement) listed(c *caller, in *listStatementsInput) bool {
	wanted := finished
	if in.Status != nil {
		wanted = status(*in.Status)
	}
	return c.lists(&st.caller, in.RoleLevel) && in.of(&st.target, st.database) && (wanted == "ALL" || wanted == st.status) &&
		(in.StatementName == nil || hasPrefix(st.name, *in.StatementName))
}

// data is a statement in a list.
func (st *statement) data() statementData {
	d := statementData{
		ID: st.id, CreatedAt: stamp(st.created), UpdatedAt: stamp(st.updated), Status: st.status, IsBatchStatement: st.batch, QueryParameters: st.params,
		ResultFormat: st.format, SecretArn: st.secret, SessionID: st.sessionID(), StatementName: st.name,
	}
	if !st.batch {
		d.QueryString = st.parts[0].sql
		return d
	}
	for _, p := range st.parts {
		d.QueryStrings = append(d.QueryStrings, p.sql)
	}
	return d
}
