package integration

import (
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/redshiftsim/redshiftsim"
	"github.com/redshiftsim/redshiftsim/server"
)

// TestNode runs a program on node's pg, which npm installs into a temporary folder, with a password and TLS.
func TestNode(t *testing.T) {
	dir := t.TempDir()
	for _, name := range []string{"package.json", "client.js"} {
		text, err := os.ReadFile(filepath.Join("testdata/node", name))
		if err == nil {
			err = os.WriteFile(filepath.Join(dir, name), text, 0o600)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if _, err := exec.LookPath("npm"); err != nil {
		t.Skip("node and npm are not installed")
	}
	install := exec.CommandContext(t.Context(), "npm", "install", "--ignore-scripts", "--no-audit", "--no-fund", "--prefer-offline")
	install.Dir = dir
	if out, err := install.CombinedOutput(); err != nil {
		t.Skipf("npm cannot have pg: %v\n%s", err, out)
	}
	at := listenWith(t, newCluster(t, redshiftsim.Config{User: "awsuser", Password: "Secret123"}), server.Config{})
	run := exec.CommandContext(t.Context(), "node", "client.js", strconv.Itoa(at.Port))
	run.Dir, run.Env = dir, append(os.Environ(), "TZ=UTC")
	out, err := run.CombinedOutput()
	if err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	same(t, "output", strings.Split(strings.TrimSpace(string(out)), "\n"),
		`results: [["CREATE",null],["INSERT",1]]`,
		`inserted: 2`,
		`row: {"id":"1","title":"Alien","year":1979,"price":"12.50","seen":true,"day":"1979-05-25","at":20}`,
		`types: [["id",20,-1],["title",1043,84],["year",23,-1],["price",1700,524294],["seen",16,-1],["day",1082,-1],["at",1114,-1]]`,
		`named: [["Brazil"]]`,
		`named: [["Alien"]]`,
		`big: [{"id":"9007199254740993","title":null}]`,
		`portal: [["Alien"],["Brazil"]]`,
		`in a transaction: ["ERROR","22012","division by zero",null]`,
		`after an error: ["ERROR","25P02","current transaction is aborted, commands ignored until end of transaction block",null]`,
		`rolled back: [{"n":"3"}]`,
		`column: ["ERROR","42703","column \"titel\" does not exist in movies","8"]`,
		`parameter: ["ERROR","22P02","invalid input syntax for integer: \"one\"",null]`,
		`returning: ["ERROR","42601","syntax error at or near \"RETURNING\"","37"]`,
		`listen: ["ERROR","0A000","LISTEN is not supported","1"]`,
		`notices: ["Table \"nothing\" does not exist and will be skipped"]`,
		`pool: ["4","5","6","7","8"]`,
		`password: ["FATAL","28P01","password authentication failed for user \"awsuser\"",null]`,
	)
}
