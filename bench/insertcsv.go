package bench

import (
	"context"
	"database/sql"
	"encoding/csv"
	"errors"
	"io"
	"os"
	"strings"
)

// insertCSV loads a file by a prepared INSERT in one transaction: for engines without a bulk load in SQL.
func insertCSV(ctx context.Context, db *sql.DB, table, file string, columns int) (err error) {
	tx, err := db.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, ignoreDone(tx.Rollback()))
		}
	}()
	st, err := tx.PrepareContext(ctx, "INSERT INTO "+table+" VALUES ("+strings.TrimSuffix(strings.Repeat("?,", columns), ",")+")")
	if err != nil {
		return err
	}
	defer st.Close()
	args := make([]any, columns)
	err = eachRecord(file, func(rec []string) error {
		for i := range args {
			args[i] = strings.Clone(rec[i])
		}
		_, err := st.ExecContext(ctx, args...)
		return err
	})
	if err != nil {
		return err
	}
	return tx.Commit()
}

// eachRecord gives the records of a CSV file; a record is good until the next.
func eachRecord(file string, do func(rec []string) error) error {
	f, err := os.Open(file)
	if err != nil {
		return err
	}
	defer f.Close()
	r := csv.NewReader(f)
	r.ReuseRecord = true
	for {
		rec, err := r.Read()
		if err == io.EOF {
			return nil
		}
		if err == nil {
			err = do(rec)
		}
		if err != nil {
			return err
		}
	}
}

func ignoreDone(err error) error {
	if errors.Is(err, sql.ErrTxDone) {
		return nil
	}
	return err
}
