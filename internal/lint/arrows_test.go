package lint

import (
	"encoding/json"
	"errors"
	"io"
	"os/exec"
	"strings"
	"testing"
)

const module = "github.com/redshiftsim/redshiftsim"

// floors is the plan of the house: each room and the rooms it may import besides its own subfolders. A room that is missing here may not exist.
var floors = map[string]string{
	"internal/sqlstate":     "",
	"internal/spatial":      "internal/sqlstate",
	"internal/sketch":       "internal/sqlstate",
	"internal/types":        "internal/spatial internal/sketch internal/sqlstate",
	"internal/super":        "internal/types internal/sqlstate",
	"internal/vector":       "internal/super internal/types internal/sqlstate",
	"internal/nested":       "internal/vector internal/super internal/types internal/sqlstate",
	"internal/sqltest":      "",
	"internal/attempts":     "",
	"internal/lint":         "",
	"internal/support":      "",
	"engine/ast":            "internal/types internal/sqlstate",
	"engine/parse":          "engine/ast internal/types internal/sqlstate engine/parse/lex engine/parse/bridge engine/parse/lift",
	"engine/parse/lex":      "internal/sqlstate internal/types",
	"engine/parse/bridge":   "engine/ast engine/parse/lex internal/sqlstate internal/types",
	"engine/parse/lift":     "engine/ast engine/parse/lex engine/parse/bridge internal/sqlstate internal/types",
	"storage/encoding":      "internal/vector internal/types internal/sqlstate",
	"storage":               "storage/encoding internal/vector internal/super internal/types internal/sqlstate",
	"engine/exfunc":         "internal/vector internal/types internal/sqlstate",
	"engine/function":       "engine/exfunc internal/nested internal/vector internal/super internal/types internal/spatial internal/sketch internal/sqlstate",
	"engine/expr":           "engine/function internal/vector internal/super internal/types internal/sqlstate",
	"engine/load":           "engine/ast engine/function internal/nested internal/vector internal/super internal/types internal/spatial internal/sqlstate",
	"engine/unload":         "engine/load internal/vector internal/super internal/types internal/spatial internal/sketch internal/sqlstate",
	"engine/principal":      "internal/sqlstate",
	"engine/catalog":        "engine/exfunc engine/principal storage storage/encoding internal/nested internal/vector internal/super internal/types internal/sqlstate",
	"engine/plan":           "engine/catalog engine/expr engine/function storage internal/nested internal/types internal/sqlstate",
	"engine/exec":           "engine/exfunc engine/expr engine/function engine/exec/hashtable engine/exec/sortkey storage internal/nested internal/vector internal/super internal/types internal/sqlstate",
	"engine/exec/hashtable": "engine/exec/sortkey internal/vector internal/super internal/types internal/sqlstate",
	"engine/exec/sortkey":   "internal/vector internal/super internal/types internal/sqlstate",
	"engine/txn":            "engine/principal engine/catalog storage internal/types internal/sqlstate",
	"engine/bind":           "engine/principal engine/plan engine/catalog engine/expr engine/function engine/ast storage internal/nested internal/vector internal/super internal/types internal/sqlstate",
	"engine/optimize":       "engine/plan engine/catalog engine/expr engine/function storage internal/vector internal/super internal/types internal/sqlstate",
	"engine/mvrewrite":      "engine/plan engine/catalog engine/expr engine/function internal/types",
	"engine/compile":        "engine/plan engine/exec engine/catalog engine/expr engine/function engine/load storage internal/vector internal/super internal/types internal/sqlstate",
	"engine/spectrum":       "engine/plan engine/exec engine/catalog engine/function engine/load engine/unload storage internal/vector internal/types internal/sqlstate",
	"engine/system":         "engine/spectrum engine/principal engine/plan engine/exec engine/txn engine/catalog engine/expr engine/function engine/load engine/unload engine/parse/lex storage storage/encoding internal/vector internal/super internal/types internal/sqlstate",
	"engine/advise":         "engine/system engine/compile engine/plan engine/exec engine/catalog engine/expr storage",
	"engine/plpgsql":        "engine/ast internal/types internal/sqlstate",
	"engine": "engine/exfunc engine/spectrum engine/plpgsql engine/advise engine/principal engine/compile engine/bind engine/mvrewrite engine/optimize engine/system engine/exec engine/plan engine/txn engine/load engine/unload engine/expr engine/catalog engine/function " +
		"engine/parse engine/parse/lex engine/ast storage storage/encoding internal/nested internal/vector internal/super internal/types internal/sqlstate",
	"engine/vet":         "engine engine/compile engine/parse engine/parse/lex engine/plan engine/expr engine/catalog engine/ast storage internal/types internal/sqlstate",
	"":                   "engine engine/exfunc engine/load engine/plan engine/system internal/bridge internal/sqldriver internal/vector internal/super internal/super internal/types internal/sqlstate storage",
	"internal/bridge":    "engine engine/plan",
	"internal/sqldriver": "engine internal/super internal/types internal/sqlstate",
	"redshifttest":       ". dataapi explorer engine engine/compile engine/parse/lex engine/plan internal/bridge internal/sqlstate storage",
	"bench":              "",
	"internal/diff":      "engine/parse/lex internal/types",
	"internal/command":   "* bench dataapi explorer internal/diff server", // the root, and what a shell shows of the engine
	"cmd/redshiftsim":    "internal/command",
	"dataapi":            ". engine engine/exec engine/plan internal/bridge internal/vector internal/types internal/sqlstate",
	"server":             ". engine engine/exec engine/principal engine/system internal/attempts internal/bridge internal/vector internal/super internal/types internal/sqlstate",
	"explorer":           ". engine engine/parse/lex engine/system internal/attempts internal/bridge internal/sqlstate internal/types",
}

// TestArrows holds every package's imports against the plan.
func TestArrows(t *testing.T) {
	cmd := exec.Command("go", "list", "-json=ImportPath,Imports", "./...")
	cmd.Dir = "../.."
	out, err := cmd.Output()
	if err != nil {
		var e *exec.ExitError
		if errors.As(err, &e) {
			t.Fatalf("go list: %s", e.Stderr)
		}
		t.Fatal(err)
	}
	dec := json.NewDecoder(strings.NewReader(string(out)))
	seen := 0
	for {
		var p struct {
			ImportPath string
			Imports    []string
		}
		if err := dec.Decode(&p); err == io.EOF {
			break
		} else if err != nil {
			t.Fatal(err)
		}
		room := strings.TrimPrefix(strings.TrimPrefix(p.ImportPath, module), "/")
		allowed, ok := floors[room]
		if !ok {
			t.Errorf("%s is in no floor of the house: add it to floors, with what it may import", room)
			continue
		}
		seen++
		may := map[string]bool{}
		for _, a := range strings.Fields(allowed) {
			may[a] = true
		}
		for _, i := range p.Imports {
			if i != module && !strings.HasPrefix(i, module+"/") {
				if strings.HasPrefix(i, "github.com/pingcap/tidb") && !strings.HasPrefix(room, "engine/parse") {
					t.Errorf("%s imports %s <- only engine/parse may know TiDB's parser", room, i)
				}
				continue
			}
			to := strings.TrimPrefix(strings.TrimPrefix(i, module), "/")
			if to == "" {
				to = "." // the root
			}
			if !may[to] && !may["*"] {
				t.Errorf("%s imports %s <- arrows point down: the rooms it may use are %q", room, to, allowed)
			}
		}
	}
	if seen < 15 {
		t.Fatalf("only %d rooms found", seen)
	}
}
