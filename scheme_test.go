package redshiftsim

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"strings"
	"testing"

	"github.com/DATA-DOG/go-sqlmock"
)

// elsewhere connects to the mock "schemetest".
type elsewhere struct{ d driver.Driver }

func (e elsewhere) Connect(context.Context) (driver.Conn, error) { return e.d.Open("schemetest") }
func (e elsewhere) Driver() driver.Driver                        { return e.d }

// TestRegisterScheme: DSNs of a registered scheme go to whoever registered it, all others to the engine.
func TestRegisterScheme(t *testing.T) {
	mocked, mock, err := sqlmock.NewWithDSN("schemetest")
	if err != nil {
		t.Fatal(err)
	}
	defer mocked.Close()
	mock.ExpectQuery("SELECT 1").WillReturnRows(sqlmock.NewRows([]string{"x"}).AddRow("elsewhere"))
	asked := ""
	RegisterScheme("schemetest", func(dsn string) (driver.Connector, error) {
		asked = dsn
		return elsewhere{mocked.Driver()}, nil
	})
	db, err := sql.Open("redshiftsim", "schemetest://host/db")
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	var x string
	if err := db.QueryRow("SELECT 1").Scan(&x); err != nil || x != "elsewhere" || asked != "schemetest://host/db" {
		t.Errorf("%q, %v, asked for %q", x, err, asked)
	}
	for _, taken := range []string{"schemetest", "redshiftsim"} {
		func() {
			defer func() {
				if recover() == nil {
					t.Errorf("%s: registered twice", taken)
				}
			}()
			RegisterScheme(taken, func(string) (driver.Connector, error) { return nil, nil })
		}()
	}
	if _, err := sql.Open("redshiftsim", "redshift://host/db"); err == nil || !strings.Contains(err.Error(), "import github.com/redshiftsim/redshiftsim/passthrough") {
		t.Errorf("redshift:// without the module: %v", err)
	}
}
