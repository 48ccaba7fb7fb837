package dataapi

import (
	"context"
	"crypto/sha256"
	"encoding/json"
	"slices"
	"strings"
	"time"

	"github.com/redshiftsim/redshiftsim/engine"
)

// who is as whom a session connects.
type who struct {
	user, password string
	proof          engine.Proof
}

// executeStatement is ExecuteStatement.
// https://docs.aws.amazon.com/redshift-data/latest/APIReference/API_ExecuteStatement.html
func (h *Handler) executeStatement(ctx context.Context, c *caller, in *executeInput) (answer, error) {
	err := first(required("sql", in.SQL), in.check())
	if err == nil {
		err = checkSQL(*in.SQL)
	}
	if err != nil {
		return nil, err
	}
	return h.submit(ctx, c, &in.submission, []string{*in.SQL}, "ExecuteStatement", in, false)
}

// batchExecuteStatement is BatchExecuteStatement.
// https://docs.aws.amazon.com/redshift-data/latest/APIReference/API_BatchExecuteStatement.html
func (h *Handler) batchExecuteStatement(ctx context.Context, c *caller, in *batchInput) (answer, error) {
	err := in.check()
	switch {
	case err != nil:
	case in.SQLs == nil:
		err = violation("sqls", "", "not be null")
	case len(in.SQLs) == 0:
		err = violation("sqls", "", "have length greater than or equal to 1")
	case len(in.SQLs) > maxBatch:
		err = violation("sqls", "", "have length less than or equal to "+str(maxBatch))
	default:
		err = oneOf("executionMode", in.ExecutionMode, "TRANSACTION", "AUTO_COMMIT")
	}
	for _, sql := range in.SQLs {
		err = first(err, checkSQL(sql))
	}
	if err != nil {
		return nil, err
	}
	return h.submit(ctx, c, &in.submission, in.SQLs, "BatchExecuteStatement", in, value(in.ExecutionMode) == "AUTO_COMMIT")
}

// submit makes a statement of a request and starts it, unless the client token has made one already.
func (h *Handler) submit(ctx context.Context, c *caller, in *submission, sqls []string, operation string, request any, commits bool) (answer, error) {
	if err := used(in.Parameters, sqls); err != nil {
		return nil, err
	}
	st, err := h.newStatement(c, in, sqls)
	if err != nil {
		return nil, err
	}
	st.batch, st.commits = operation == "BatchExecuteStatement", commits
	if st, err = h.start(st, in, token{c.principal, operation, value(in.ClientToken)}, request); err != nil {
		return nil, err
	}
	if err := h.wait(ctx, st, st.done, in.WaitTimeSeconds); err != nil {
		return nil, err
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	out := submitted{
		ID: st.id, CreatedAt: stamp(st.created), ClusterIdentifier: st.identifier, WorkgroupName: st.workgroup, Database: st.database, DbUser: st.shownUser(),
		SecretArn: st.secret, SessionID: st.sessionID(),
	}
	if in.WaitTimeSeconds != nil {
		pid, has := int64(st.pid), st.has()
		out.Status, out.RedshiftPid, out.HasResultSet = st.status, &pid, &has
	}
	return out, nil
}

// used says that every parameter is one of a statement's.
// https://docs.aws.amazon.com/redshift/latest/mgmt/data-api.html#data-api-calling-considerations-parameters
func used(params []sqlParameter, sqls []string) error {
	if len(params) == 0 {
		return nil
	}
	var names []string
	for _, sql := range sqls {
		_, n, err := engine.BareParameters(sql)
		if err != nil {
			return nil // the statement fails by itself: its error says where
		}
		names = append(names, n...)
	}
	var left []string
	for _, p := range params {
		if !slices.Contains(names, *p.Name) {
			left = append(left, *p.Name)
		}
	}
	if left != nil {
		return invalid("Parameters list contains unused parameters. Unused parameters: [%s]", strings.Join(left, ", "))
	}
	return nil
}

// newStatement makes a statement that nobody knows yet.
func (h *Handler) newStatement(c *caller, in *submission, sqls []string) (*statement, error) {
	st := &statement{
		id: newID(), caller: *c, name: value(in.StatementName), params: in.Parameters, format: "JSON", event: in.WithEvent != nil && *in.WithEvent,
		status: submittedStatus, duration: -1, done: make(chan struct{}),
	}
	if in.ResultFormat != nil {
		st.format = *in.ResultFormat
	}
	for _, sql := range sqls {
		st.parts = append(st.parts, &part{sql: sql, status: submittedStatus, duration: -1, rows: -1, size: -1, done: make(chan struct{})})
	}
	if in.SessionID != nil {
		return st, nil
	}
	var err error
	if st.target, err = h.find(value(in.ClusterIdentifier), value(in.WorkgroupName)); err != nil {
		return nil, err
	}
	st.database, st.secret = *in.Database, value(in.SecretArn)
	st.asked, err = h.as(c, &in.connection, st.cluster)
	st.dbUser = st.asked.user
	return st, err
}

// as says as whom a connection is made.
func (h *Handler) as(c *caller, in *connection, cluster *engine.Cluster) (who, error) {
	switch {
	case in.SecretArn != nil:
		s, ok := h.o.Secrets[*in.SecretArn]
		if !ok {
			return who{}, notFound(*in.SecretArn, "Secrets Manager can't find the specified secret.")
		}
		if s.Password == "" {
			return who{user: s.User, proof: engine.Proven}, nil
		}
		return who{user: s.User, password: s.Password, proof: engine.ByPassword}, nil
	case in.DbUser != nil:
		return who{user: *in.DbUser, proof: engine.Proven}, nil
	case c.user != "":
		return who{user: c.user, proof: engine.Trusted}, nil
	case h.o.DbUser != "":
		return who{user: h.o.DbUser, proof: engine.Trusted}, nil
	}
	return who{user: cluster.Config().Admin, proof: engine.Proven}, nil
}

// start remembers a statement and runs it; or gives the one that the client token has made.
func (h *Handler) start(st *statement, in *submission, t token, request any) (*statement, error) {
	b, err := json.Marshal(request)
	if err != nil {
		return nil, err
	}
	sum := sha256.Sum256(b)
	h.mu.Lock()
	defer h.mu.Unlock()
	if old := h.tokens[t]; t.text != "" && old != nil {
		if old.body != sum {
			return nil, invalid("ClientToken %s was used with other parameters.", t.text)
		}
		return old.st, nil
	}
	if h.closed {
		return nil, errClosed
	}
	if err := h.occupy(st, in); err != nil {
		return nil, err
	}
	st.created = st.now()
	st.updated = st.created
	for _, p := range st.parts {
		p.updated = st.created
	}
	if err := h.begin(st); err != nil {
		h.vacate(st)
		return nil, err
	}
	if t.text != "" {
		h.tokens[t] = &promise{body: sum, st: st, at: st.created}
		h.issued = append(h.issued, t)
	}
	var ctx context.Context
	ctx, st.stop = context.WithTimeout(h.base, maxRun)
	h.work.Add(1)
	go h.run(ctx, st)
	return st, nil
}

// took is for how long something has run, which goes by no clock that may be set.
func took(since time.Time) time.Duration { return max(time.Since(since), 1) }
