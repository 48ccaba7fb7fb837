package redshiftsim_test

import (
	"context"
	"database/sql"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/redshiftsim/redshiftsim/internal/sqltest"
)

// tickit is AWS's sample data, of which a copy lies beside this checkout or the test is skipped: four genuine files and three look-alikes.
// https://docs.aws.amazon.com/redshift/latest/dg/c_sampledb.html
const tickit = "../shared/data/tickit"

// TestTickit loads the sample database with AWS's own DDL and COPY statements and runs joins, groupings and sorts over it.
func TestTickit(t *testing.T) {
	ddl, err := os.ReadFile(filepath.Join(tickit, "tickit_ddl.sql"))
	if err != nil {
		t.Skip("the TICKIT files are not here: ", err)
	}
	load, err := os.ReadFile(filepath.Join(tickit, "tickit_load.sql"))
	if err != nil {
		t.Fatal(err)
	}
	// What a user fills in. The three files that AWS publishes in full only on S3 have look-alikes here, which are compressed.
	text := strings.NewReplacer("<myBucket>/tickit/", "tickit/", "<iam-role-arn>", "arn:aws:iam::123456789012:role/load", "<aws-region>", "us-east-1").Replace(string(load))
	for _, f := range []string{"allusers_pipe.txt", "listings_pipe.txt", "sales_tab.txt"} {
		i := strings.Index(text, "tickit/"+f)
		end := i + strings.Index(text[i:], ";")
		text = text[:i] + "tickit/lookalike/" + f + ".gz" + text[i+len("tickit/")+len(f):end] + " gzip" + text[end:]
	}
	sqltest.Run(t, "testdata/tickit", sqltest.Options{
		Open: func(t *testing.T, s sqltest.Shape, _, _ string, _ func(severity, message string)) *sql.DB {
			db := open(t, fmt.Sprintf("redshiftsim://?nodes=%d&slices=%d&bucket=tickit=%s", s.Nodes, s.Slices, url.QueryEscape(tickit)))
			for _, q := range []string{string(ddl), text} {
				if _, err := db.ExecContext(context.Background(), q); err != nil {
					t.Fatal(err)
				}
			}
			return db
		},
	})
}
