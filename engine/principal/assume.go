package principal

import "strings"

// Command is a set of the commands for which a user assumes an IAM role.
// https://docs.aws.amazon.com/redshift/latest/dg/r_GRANT.html#grant-for
type Command uint8

// The commands, in the order in which PG_GET_IAM_ROLE_BY_USER lists them.
const (
	CopyCommand Command = 1 << iota
	UnloadCommand
	ExternalFunctionCommand
	CreateModelCommand

	AllCommands = CopyCommand | UnloadCommand | ExternalFunctionCommand | CreateModelCommand
)

var commandWords = [...]string{"COPY", "UNLOAD", "EXTERNAL FUNCTION", "CREATE MODEL"}

// ParseCommand reads a command's name, in any case; ALL is all of them.
func ParseCommand(word string) (Command, bool) {
	word = strings.ToUpper(strings.TrimSpace(word))
	if word == "ALL" {
		return AllCommands, true
	}
	for i, w := range commandWords {
		if w == word {
			return 1 << i, true
		}
	}
	return 0, false
}

// String lists the commands as the guide's functions show them: COPY|UNLOAD, and None.
func (c Command) String() string {
	var out []string
	for i, w := range commandWords {
		if c>>i&1 != 0 {
			out = append(out, w)
		}
	}
	if out == nil {
		return "None"
	}
	return strings.Join(out, "|")
}

// Roles that have no ARN in a grant of ASSUMEROLE.
const (
	AnyRole     = "ALL"
	DefaultRole = "default"
)

// Assumption lets a principal assume an IAM role for some commands. Role is an ARN, several ARNs of a chain with commas between them, AnyRole or
// DefaultRole.
type Assumption struct {
	Role string
	To   Identity
	For  Command
}

// Assumptions are all that was granted of ASSUMEROLE in a cluster.
// https://docs.aws.amazon.com/redshift/latest/dg/r_GRANT-usage-notes.html#r_GRANT-usage-notes-assumerole
type Assumptions struct{ List []Assumption }

// FirstAssumptions are those of a new cluster: everybody may assume any role.
func FirstAssumptions() *Assumptions {
	return &Assumptions{[]Assumption{{Role: AnyRole, For: AllCommands}}}
}

// May says whether a user may assume a role for a command; superusers always may.
func (a *Assumptions) May(is *Reach, role string, c Command) bool {
	if is.Super {
		return true
	}
	for _, x := range a.List {
		if x.For&c != 0 && (x.Role == AnyRole || x.Role == role) && is.Is(x.To) {
			return true
		}
	}
	return false
}

// With gives assumptions in which a principal may also assume a role for commands.
func (a *Assumptions) With(role string, to Identity, c Command) *Assumptions {
	n := &Assumptions{append([]Assumption(nil), a.List...)}
	for i := range n.List {
		if x := &n.List[i]; x.Role == role && x.To == to {
			x.For |= c
			return n
		}
	}
	n.List = append(n.List, Assumption{role, to, c})
	return n
}

// Without gives assumptions in which a principal may no longer assume a role for commands; of AnyRole, no role at all. What was granted on AnyRole
// stays in the list without commands, as PG_GET_IAM_ROLE_BY_USER shows it.
func (a *Assumptions) Without(role string, to Identity, c Command) *Assumptions {
	n := &Assumptions{}
	for _, x := range a.List {
		if x.To == to && (role == AnyRole || x.Role == role) {
			if x.For &^= c; x.For == 0 && x.Role != AnyRole {
				continue
			}
		}
		n.List = append(n.List, x)
	}
	return n
}

// Has says whether a principal may assume any role for anything.
func (a *Assumptions) Has(to Identity) bool {
	for _, x := range a.List {
		if x.To == to && x.For != 0 {
			return true
		}
	}
	return false
}

// Forget gives assumptions without a principal.
func (a *Assumptions) Forget(to Identity) *Assumptions {
	n := &Assumptions{}
	for _, x := range a.List {
		if x.To != to {
			n.List = append(n.List, x)
		}
	}
	return n
}
