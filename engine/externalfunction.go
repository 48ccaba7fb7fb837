package engine

import (
	"context"
	"strconv"
	"strings"
	"time"

	"github.com/redshiftsim/redshiftsim/engine/ast"
	"github.com/redshiftsim/redshiftsim/engine/catalog"
	"github.com/redshiftsim/redshiftsim/engine/exec"
	"github.com/redshiftsim/redshiftsim/engine/exfunc"
	"github.com/redshiftsim/redshiftsim/engine/principal"
	"github.com/redshiftsim/redshiftsim/engine/system"
	"github.com/redshiftsim/redshiftsim/internal/sqlstate"
	"github.com/redshiftsim/redshiftsim/internal/types"
)

// createExternalFunction is CREATE [OR REPLACE] EXTERNAL FUNCTION. That something stands for the Lambda function is only asked for by a call.
// https://docs.aws.amazon.com/redshift/latest/dg/r_CREATE_EXTERNAL_FUNCTION.html
func (s *Session) createExternalFunction(st *ast.CreateRoutine) error {
	s.tx.Refresh()
	o, err := lambdaOptions(st)
	if err != nil {
		return err
	}
	fn := &catalog.Function{Name: st.Name.Object(), Owner: s.user.ID, Volatility: st.Volatility, Language: "exfunc", Body: s.kept(o.call.Lambda)}
	switch fn.Volatility {
	case "":
		fn.Volatility = "volatile"
	case "immutable":
		return sqlstate.FeatureNotSupported.Errorf("IMMUTABLE is not supported for external functions").WithHint("Use STABLE or VOLATILE.")
	}
	if fn.Schema, err = s.place(st.Name, false, principal.CreateExternalFunction); err != nil {
		return err
	}
	if !s.may(principal.Language, catalog.LanguageExfunc, 0, principal.BootstrapID, principal.Usage) && !s.system(principal.CreateExternalFunction) {
		return denied("permission denied for language exfunc")
	}
	if err := s.assumes(o.role, principal.ExternalFunctionCommand); err != nil {
		return err
	}
	if err := lambdaSignature(fn, st); err != nil {
		return err
	}
	set := s.catalog().Functions(fn.Schema, fn.Name)
	old := set.Find(fn.Args)
	if old != nil {
		if err := s.replaces(st, old); err != nil {
			return err
		}
		if old.Returns.Kind != fn.Returns.Kind {
			return sqlstate.InvalidFunction.Errorf("cannot change return type of existing function").WithHint("Use DROP FUNCTION first.")
		}
	}
	o.call.Args, o.call.Returns, o.call.Stable = fn.Args, fn.Returns, fn.Volatility == "stable"
	fn.External = &catalog.External{Call: &o.call, IAMRole: s.iamRole(o.role)}
	s.makeRoutine(set, fn, old)
	return nil
}

// lambdaSignature gives an external function its arguments and result, of the types that Lambda functions may have.
// https://docs.aws.amazon.com/redshift/latest/dg/udf-creating-a-lambda-sql-udf.html
func lambdaSignature(fn *catalog.Function, st *ast.CreateRoutine) (err error) {
	if fn.Args, err = argumentTypes(st.Args); err != nil {
		return err
	}
	for i, t := range fn.Args {
		if err := lambdaType(t, st.Args[i].Type); err != nil {
			return err
		}
	}
	if fn.Returns, err = routineType(st.Returns); err != nil {
		return err
	}
	return lambdaType(fn.Returns, st.Returns)
}

// lambdaType refuses types that Lambda functions do not have.
func lambdaType(t types.Type, n *ast.TypeName) error {
	switch t.Kind {
	case types.Int2, types.Int4, types.Int8, types.Numeric, types.Float4, types.Float8, types.Char, types.Varchar, types.Bool, types.Date, types.Timestamp:
		return nil
	}
	return sqlstate.FeatureNotSupported.Errorf("external functions of type %s are not supported", t).
		WithHint("Lambda functions take and give SMALLINT, INTEGER, BIGINT, DECIMAL, REAL, DOUBLE PRECISION, CHAR, VARCHAR, BOOLEAN, DATE and TIMESTAMP.").At(n.Offset())
}

// lambdaOption is what the options of an external function say.
type lambdaOption struct {
	call exfunc.Function
	role string
}

// lambdaOptions reads the options of CREATE EXTERNAL FUNCTION.
// https://docs.aws.amazon.com/redshift/latest/dg/r_CREATE_EXTERNAL_FUNCTION.html
func lambdaOptions(st *ast.CreateRoutine) (*lambdaOption, error) {
	o := &lambdaOption{call: exfunc.Function{Retry: exfunc.DefaultRetryTimeout * time.Millisecond, MaxRows: exfunc.MaxRows, MaxBytes: exfunc.MaxBytes}}
	seen := map[string]bool{}
	for i := range st.Options {
		a := &st.Options[i]
		if seen[a.Name] {
			return nil, sqlstate.Syntax.Errorf("conflicting or redundant options").WithDetail("%s is given twice.", a.Name).At(a.Offset())
		}
		seen[a.Name] = true
		if err := o.read(a); err != nil {
			return nil, err
		}
	}
	if !seen["IAM_ROLE"] {
		return nil, sqlstate.Syntax.Errorf("CREATE EXTERNAL FUNCTION needs IAM_ROLE")
	}
	return o, nil
}

// read takes one option in.
func (o *lambdaOption) read(a *ast.Option) error {
	switch a.Name {
	case "SAGEMAKER":
		return sqlstate.FeatureNotSupported.Errorf("CREATE EXTERNAL FUNCTION SAGEMAKER is not supported").At(a.Offset())
	case "LAMBDA":
		if o.call.Lambda = strings.TrimSpace(a.Value); o.call.Lambda == "" {
			return sqlstate.InvalidParameterValue.Errorf("the name of the Lambda function is empty").At(a.Offset())
		}
	case "IAM_ROLE":
		if o.role = a.Value; !strings.EqualFold(o.role, principal.DefaultRole) && !isARN(o.role) {
			return sqlstate.Internal.Errorf("Invalid IAM role ARN '%s'", a.Value).WithHint("Use IAM_ROLE DEFAULT or 'arn:aws:iam::<account>:role/<name>'.").At(a.Offset())
		}
	case "RETRY_TIMEOUT":
		n, err := lambdaNumber(a, a.Value, 0, exfunc.MaxRetryTimeout, "milliseconds")
		o.call.Retry = time.Duration(n) * time.Millisecond
		return err
	case "MAX_BATCH_ROWS":
		n, err := lambdaNumber(a, a.Value, 1, exfunc.MaxRows, "rows")
		o.call.MaxRows = n
		return err
	case "MAX_BATCH_SIZE":
		number, unit, _ := strings.Cut(a.Value, " ")
		most, bytes := exfunc.MaxBytes>>10, 1<<10
		if unit == "MB" {
			most, bytes = exfunc.MaxBytes>>20, 1<<20
		} else {
			unit = "KB"
		}
		n, err := lambdaNumber(a, number, 1, most, unit)
		o.call.MaxBytes = n * bytes
		return err
	}
	return nil
}

// lambdaNumber reads the number of an option.
func lambdaNumber(a *ast.Option, text string, lo, hi int, unit string) (int, error) {
	n, err := strconv.Atoi(text)
	if err != nil || n < lo || n > hi {
		return 0, sqlstate.InvalidParameterValue.Errorf("%s is %s: it takes %d to %d %s", a.Name, text, lo, hi, unit).At(a.Offset())
	}
	return n, nil
}

// caller calls external functions for a statement.
func (s *Session) caller(c *call) *exfunc.Caller {
	if c.rec.Functions == nil {
		c.rec.Functions = &system.Functions{}
	}
	messages := c.rec.Functions
	x := exfunc.Caller{
		Cluster: "arn:aws:redshift:us-east-1:" + strconv.FormatInt(s.c.cfg.Account, 10) + ":cluster:redshiftsim", User: s.user.Name, Database: s.db.Name,
		Query: c.rec.Query, Find: s.lambda,
		Failed: func(fn *exfunc.Function, slice int, message string) {
			if slice >= s.topology().Slices() { // SLICE_NUM of the leader
				slice = exec.LeaderSlice
			}
			messages.Add(system.FunctionMessage{Time: s.c.cfg.Clock(), Function: fn.Name, Slice: slice, Text: message})
		},
	}
	return x.Begin(c.ctx)
}

// lambda finds what stands for a Lambda function: what is registered under the whole name, then under the bare one, then the address of a service.
func (s *Session) lambda(name string) (exfunc.Lambda, error) {
	bare, _ := exfunc.BareName(name)
	l := s.c.Lambda(name)
	if l == nil {
		l = s.c.Lambda(bare)
	}
	if l == nil {
		if s.c.cfg.LambdaURL == "" {
			return nil, sqlstate.FeatureNotSupported.Errorf("nothing stands for the Lambda function '%s': calling AWS is not supported", name).
				WithHint("Give one with Config.Lambdas[%q], or an address with Config.LambdaURL or the option lambda of the DSN.", bare)
		}
		l = exfunc.EndpointOf(s.c.cfg.LambdaURL, name)
	}
	if hooks := s.c.hooked(); hooks != nil {
		return hookedLambda{l, bare, hooks}, nil
	}
	return l, nil
}

// hookedLambda asks the hooks before each invocation.
type hookedLambda struct {
	exfunc.Lambda
	name  string
	hooks []*Hook
}

func (h hookedLambda) Invoke(ctx context.Context, payload []byte) ([]byte, error) {
	for _, k := range h.hooks {
		if k.Lambda == nil {
			continue
		}
		if err := k.Lambda(ctx, h.name); err != nil {
			return nil, err
		}
	}
	return h.Lambda.Invoke(ctx, payload)
}

// Lambda gives what stands for the Lambda function of a name; nil = nothing does.
func (c *Cluster) Lambda(name string) exfunc.Lambda {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.lambdas[name]
}

// SetLambda gives a Lambda function what stands for it, in the place of what did; nil takes that away. Statements that run go on as they began a batch.
func (c *Cluster) SetLambda(name string, l exfunc.Lambda) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if l == nil {
		delete(c.lambdas, name)
		return
	}
	if c.lambdas == nil {
		c.lambdas = map[string]exfunc.Lambda{}
	}
	c.lambdas[name] = l
}
