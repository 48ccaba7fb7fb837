package passthrough

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"strconv"
	"strings"
	"time"

	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgtype"

	"github.com/redshiftsim/redshiftsim/engine"
	"github.com/redshiftsim/redshiftsim/engine/parse/lex"
	"github.com/redshiftsim/redshiftsim/internal/sqldriver"
	"github.com/redshiftsim/redshiftsim/internal/sqlstate"
	"github.com/redshiftsim/redshiftsim/internal/types"
)

// conn is a connection to the cluster.
type conn struct {
	pg        *pgconn.PgConn
	prepared  int  // statements so far, which gives them names
	describes bool // queries are described before they run: the server does not print all digits of floats
}

var (
	_ driver.Conn               = (*conn)(nil)
	_ driver.ConnPrepareContext = (*conn)(nil)
	_ driver.ConnBeginTx        = (*conn)(nil)
	_ driver.QueryerContext     = (*conn)(nil)
	_ driver.ExecerContext      = (*conn)(nil)
	_ driver.Pinger             = (*conn)(nil)
	_ driver.SessionResetter    = (*conn)(nil)
	_ driver.Validator          = (*conn)(nil)
	_ driver.NamedValueChecker  = (*conn)(nil)
	_ driver.Tx                 = tx{}
	_ driver.Stmt               = (*stmt)(nil)
	_ driver.StmtQueryContext   = (*stmt)(nil)
	_ driver.StmtExecContext    = (*stmt)(nil)
)

// leaving is how long a good-bye may take.
const leaving = 2 * time.Second

// Close says good-bye.
func (c *conn) Close() error {
	ctx, cancel := context.WithTimeout(context.Background(), leaving)
	defer cancel()
	return c.pg.Close(ctx)
}

// Ping asks the cluster for nothing.
func (c *conn) Ping(ctx context.Context) error {
	if err := c.pg.Ping(ctx); err != nil {
		if c.pg.IsClosed() {
			return driver.ErrBadConn
		}
		return translated(err)
	}
	return nil
}

// ResetSession is asked before the connection serves somebody else. What SET changed stays, as with the engine.
func (c *conn) ResetSession(context.Context) error {
	if c.pg.IsClosed() {
		return driver.ErrBadConn
	}
	return nil
}

// IsValid says whether the pool may keep the connection; a transaction that was left open is rolled back first, as with the engine.
func (c *conn) IsValid() bool {
	if c.pg.IsClosed() || c.pg.IsBusy() {
		return false
	}
	if c.pg.TxStatus() != 'I' {
		ctx, cancel := context.WithTimeout(context.Background(), leaving)
		defer cancel()
		_, err := c.ExecContext(ctx, "ROLLBACK", nil)
		return err == nil
	}
	return true
}

// CheckNamedValue turns an argument into a value that travels as text; unsigned numbers of 64 bits go as digits.
func (c *conn) CheckNamedValue(v *driver.NamedValue) error {
	return sqldriver.Check(v)
}

// values writes arguments as text, nil for NULL, in the order of the parameters: by number, or by names when the text had any.
func values(args []driver.NamedValue, names []string) ([][]byte, error) {
	list, err := sqldriver.Bind(nil, args, names)
	if err != nil {
		return nil, err
	}
	out := make([][]byte, len(list))
	for i := range list {
		if !list[i].Null {
			out[i] = types.AppendText([]byte{}, &list[i], time.UTC)
		}
	}
	return out, nil
}

// send starts a text: several statements without arguments, or one with.
func (c *conn) send(ctx context.Context, text string, args []driver.NamedValue) (results, error) {
	if len(args) == 0 && !(c.describes && query(text)) {
		return &several{m: c.pg.Exec(ctx, text)}, nil
	}
	text, names, err := sqldriver.Named(text, args)
	if err != nil {
		return nil, err
	}
	vals, err := values(args, names)
	if err != nil {
		return nil, err
	}
	if !c.describes {
		return &single{r: c.pg.ExecParams(ctx, text, vals, nil, nil, nil)}, nil
	}
	d, err := c.pg.Prepare(ctx, "", text, nil)
	if err != nil {
		return nil, translated(err)
	}
	return &single{r: c.pg.ExecPrepared(ctx, "", vals, nil, formats(d.Fields))}, nil
}

// query says whether a text is one statement that gives rows, so far as its words tell.
func query(text string) bool {
	toks, err := lex.Scan(text, lex.Options{})
	if err != nil {
		return false
	}
	for len(toks) > 1 && toks[len(toks)-2].Kind == lex.Op && toks[len(toks)-2].Text == ";" {
		toks = toks[:len(toks)-1]
	}
	for _, t := range toks[:len(toks)-1] {
		if t.Kind == lex.Op && t.Text == ";" {
			return false
		}
	}
	switch toks[0].Text {
	case "select", "with", "fetch", "execute", "(":
		return true
	}
	return false
}

// formats asks for floats as bytes and for all else as text.
func formats(fields []pgconn.FieldDescription) (out []int16) {
	for i, f := range fields {
		if f.DataTypeOID == pgtype.Float4OID || f.DataTypeOID == pgtype.Float8OID {
			if out == nil {
				out = make([]int16, len(fields))
			}
			out[i] = pgtype.BinaryFormatCode
		}
	}
	return out
}

// QueryContext runs a text up to its first rows.
func (c *conn) QueryContext(ctx context.Context, text string, args []driver.NamedValue) (driver.Rows, error) {
	res, err := c.send(ctx, text, args)
	if err != nil {
		return nil, err
	}
	return newRows(c, res)
}

// ExecContext runs a text to its end.
func (c *conn) ExecContext(ctx context.Context, text string, args []driver.NamedValue) (driver.Result, error) {
	res, err := c.send(ctx, text, args)
	if err != nil {
		return nil, err
	}
	return exhaust(res)
}

// exhaust reads results to their end and gives what the last statement changed.
func exhaust(res results) (driver.Result, error) {
	var n int64
	for r := res.next(); r != nil; r = res.next() {
		tag, err := r.Close()
		if err != nil {
			_ = res.close()
			return nil, translated(err)
		}
		n = 0
		if tag.Insert() || tag.Update() || tag.Delete() || strings.HasPrefix(tag.String(), "MERGE ") {
			n = tag.RowsAffected()
		}
	}
	if err := res.close(); err != nil {
		return nil, translated(err)
	}
	return sqldriver.Result(n), nil
}

// levels are the isolation levels as BEGIN has them.
var levels = map[sql.IsolationLevel]string{
	sql.LevelDefault: "", sql.LevelReadUncommitted: " ISOLATION LEVEL READ UNCOMMITTED", sql.LevelReadCommitted: " ISOLATION LEVEL READ COMMITTED",
	sql.LevelRepeatableRead: " ISOLATION LEVEL REPEATABLE READ", sql.LevelSnapshot: " ISOLATION LEVEL REPEATABLE READ",
	sql.LevelSerializable: " ISOLATION LEVEL SERIALIZABLE",
}

// tx is a transaction that BeginTx began.
type tx struct{ c *conn }

// BeginTx opens a transaction block.
func (c *conn) BeginTx(ctx context.Context, opts driver.TxOptions) (driver.Tx, error) {
	level, ok := levels[sql.IsolationLevel(opts.Isolation)]
	if !ok {
		return nil, sqlstate.FeatureNotSupported.Errorf("isolation level %s is not supported", sql.IsolationLevel(opts.Isolation))
	}
	if opts.ReadOnly {
		level += " READ ONLY"
	}
	if _, err := c.ExecContext(ctx, "BEGIN"+level, nil); err != nil {
		return nil, err
	}
	return tx{c}, nil
}

// Begin is BeginTx for callers of the first interface.
func (c *conn) Begin() (driver.Tx, error) {
	return c.BeginTx(context.Background(), driver.TxOptions{})
}

// Commit commits. A cluster answers COMMIT of a failed transaction with a rollback and no error; here it is an error, as with the engine.
func (t tx) Commit() error {
	failed := t.c.pg.TxStatus() == 'E'
	if _, err := t.c.ExecContext(context.Background(), "COMMIT", nil); err != nil {
		return err
	}
	if failed {
		return sqlstate.InFailedTransaction.Errorf("current transaction is aborted, commands ignored until end of transaction block")
	}
	return nil
}

// Rollback drops the transaction's changes.
func (t tx) Rollback() error {
	_, err := t.c.ExecContext(context.Background(), "ROLLBACK", nil)
	return err
}

// stmt is a statement that the cluster has prepared.
type stmt struct {
	c     *conn
	name  string
	names []string // of :name parameters, by number; nil = the text has none
	as    []int16  // formats of the columns
}

// PrepareContext prepares one statement. Parameters are $1, $2, .. or :name.
func (c *conn) PrepareContext(ctx context.Context, text string) (driver.Stmt, error) {
	text, names, err := engine.NamedParameters(text)
	if err != nil {
		return nil, err
	}
	c.prepared++
	s := &stmt{c: c, name: "redshiftsim_" + strconv.Itoa(c.prepared), names: names}
	d, err := c.pg.Prepare(ctx, s.name, text, nil)
	if err != nil {
		return nil, translated(err)
	}
	s.as = formats(d.Fields)
	return s, nil
}

// Prepare is PrepareContext for callers of the first interface.
func (c *conn) Prepare(text string) (driver.Stmt, error) {
	return c.PrepareContext(context.Background(), text)
}

// Close forgets the statement. In a failed transaction, where the cluster takes nothing, it lives until the connection ends.
func (s *stmt) Close() error {
	if s.c.pg.IsClosed() || s.c.pg.TxStatus() == 'E' {
		return nil
	}
	ctx, cancel := context.WithTimeout(context.Background(), leaving)
	defer cancel()
	return translated(s.c.pg.Deallocate(ctx, s.name))
}

// NumInput leaves the number of arguments to the cluster, whose error has a SQLSTATE.
func (s *stmt) NumInput() int { return -1 }

func (s *stmt) send(ctx context.Context, args []driver.NamedValue) (results, error) {
	vals, err := values(args, s.names)
	if err != nil {
		return nil, err
	}
	return &single{r: s.c.pg.ExecPrepared(ctx, s.name, vals, nil, s.as)}, nil
}

// QueryContext runs the statement.
func (s *stmt) QueryContext(ctx context.Context, args []driver.NamedValue) (driver.Rows, error) {
	res, err := s.send(ctx, args)
	if err != nil {
		return nil, err
	}
	return newRows(s.c, res)
}

// ExecContext runs the statement to its end.
func (s *stmt) ExecContext(ctx context.Context, args []driver.NamedValue) (driver.Result, error) {
	res, err := s.send(ctx, args)
	if err != nil {
		return nil, err
	}
	return exhaust(res)
}

// Query is QueryContext for callers of the first interface.
func (s *stmt) Query(args []driver.Value) (driver.Rows, error) {
	return s.QueryContext(context.Background(), sqldriver.Numbered(args))
}

// Exec is ExecContext for callers of the first interface.
func (s *stmt) Exec(args []driver.Value) (driver.Result, error) {
	return s.ExecContext(context.Background(), sqldriver.Numbered(args))
}
