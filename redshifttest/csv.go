package redshifttest

import (
	"bytes"
	"context"
	"database/sql"
	"encoding/csv"
	"errors"
	"fmt"
	"strings"

	"github.com/redshiftsim/redshiftsim"
	"github.com/redshiftsim/redshiftsim/internal/bridge"
)

// copyCSV copies a file with a header into a table, through a bucket that is there for that alone.
func copyCSV(ctx context.Context, db *sql.DB, name, table string, data []byte) error {
	header, err := csv.NewReader(bytes.NewReader(data)).Read()
	if err != nil {
		return fmt.Errorf("%s: the line with the names of the columns: %w", name, err)
	}
	cluster, err := redshiftsim.ClusterOf(db)
	if err != nil {
		return err
	}
	store := redshiftsim.NewMemory()
	w, err := store.Create(ctx, "data")
	if err == nil {
		_, err = w.Write(data)
		err = errors.Join(err, w.Close())
	}
	if err != nil {
		return err
	}
	e := bridge.Engine(cluster)
	bucket := fmt.Sprintf("redshifttest-%p", store)
	if err := e.AddBucket(bucket, store); err != nil {
		return err
	}
	defer e.DropBucket(bucket)
	_, err = db.ExecContext(ctx, fmt.Sprintf("COPY %s (%s) FROM 's3://%s/data' IAM_ROLE DEFAULT CSV IGNOREHEADER 1 EMPTYASNULL DATEFORMAT 'auto' TIMEFORMAT 'auto'",
		table, names(header), bucket))
	if err == nil {
		return nil
	}
	var line int64
	var column, value, reason string
	if db.QueryRowContext(ctx, "SELECT line_number, trim(colname), trim(raw_field_value), trim(err_reason) FROM stl_load_errors WHERE filename LIKE '%' || $1 || '%' LIMIT 1",
		bucket).Scan(&line, &column, &value, &reason) != nil {
		return fmt.Errorf("%s: table %s: %w", name, table, err)
	}
	return fmt.Errorf("%s:%d: table %s, column %s: %q: %s", name, line, table, column, value, reason)
}

// names lists columns as SQL does.
func names(columns []string) string {
	quoted := make([]string, len(columns))
	for i, c := range columns {
		quoted[i] = `"` + strings.ReplaceAll(strings.TrimSpace(c), `"`, `""`) + `"`
	}
	return strings.Join(quoted, ", ")
}
