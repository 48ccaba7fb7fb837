package command

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"os"
	"strings"
	"time"

	"github.com/redshiftsim/redshiftsim"
	"github.com/redshiftsim/redshiftsim/bench"
)

// scheme is the scheme of a DSN, "" when it has none.
func scheme(dsn string) string {
	s, _, ok := strings.Cut(dsn, "://")
	if !ok {
		return ""
	}
	return s
}

// flavor is the SQL that the database of a DSN speaks, by its scheme.
func flavor(dsn string) string {
	if strings.HasPrefix(scheme(dsn), "postgres") {
		return "postgres"
	}
	return "redshift"
}

// prepared is a connector whose connections run statements before anybody uses them.
type prepared struct {
	driver.Connector
	first []string
}

// Connect connects and runs the statements.
func (p prepared) Connect(ctx context.Context) (driver.Conn, error) {
	c, err := p.Connector.Connect(ctx)
	if err != nil {
		return nil, err
	}
	for _, q := range p.first {
		if _, err := c.(driver.ExecerContext).ExecContext(ctx, q, nil); err != nil {
			return nil, errors.Join(err, c.Close())
		}
	}
	return c, nil
}

// remote makes a target of the database of a DSN. Tables go to a new schema, which end drops.
func remote(ctx context.Context, dsn string) (t bench.Target, end func(context.Context) error, err error) {
	k, err := redshiftsim.Driver{}.OpenConnector(dsn)
	if err != nil {
		return t, nil, err
	}
	db := sql.OpenDB(k)
	schema := fmt.Sprintf("redshiftsim_bench_%d_%d", os.Getpid(), time.Now().Unix())
	if _, err := db.ExecContext(ctx, "CREATE SCHEMA "+schema); err != nil {
		return t, nil, errors.Join(err, db.Close())
	}
	p := prepared{k, []string{"SET search_path TO " + schema}}
	if flavor(dsn) == "redshift" {
		p.first = append(p.first, "SET enable_result_cache_for_session TO off")
	}
	t = bench.Target{Name: scheme(dsn), Flavor: flavor(dsn), Remote: true, Open: func() (*sql.DB, error) { return sql.OpenDB(p), nil }}
	return t, func(ctx context.Context) error {
		_, err := db.ExecContext(ctx, "DROP SCHEMA "+schema+" CASCADE")
		return errors.Join(err, db.Close())
	}, nil
}
