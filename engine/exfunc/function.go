package exfunc

import (
	"context"
	"strings"
	"time"

	"github.com/redshiftsim/redshiftsim/internal/types"
)

// Bounds of the options of an external function.
// https://docs.aws.amazon.com/redshift/latest/dg/r_CREATE_EXTERNAL_FUNCTION.html
const (
	DefaultRetryTimeout = 20000 // ms
	MaxRetryTimeout     = 1<<31 - 1
	MaxRows             = 1<<31 - 1
	MaxBytes            = 5 << 20
)

// Function is an external function as calls need it. It is immutable.
type Function struct {
	Name     string // with its schema: public.f
	Lambda   string // what LAMBDA names: a name, name:qualifier or an ARN
	Args     []types.Type
	Returns  types.Type
	Stable   bool          // equal arguments give equal results within a statement
	Retry    time.Duration // that retries may wait for in all
	MaxRows  int           // of a batch
	MaxBytes int           // of a batch's payload
}

// Lambda answers the invocations of a Lambda function: payload and reply are JSON. The handlers of github.com/aws/aws-lambda-go/lambda are such. An error is a
// function that failed, a *ServiceError a service that refused. It is called from many goroutines at once, and should end when ctx does.
type Lambda interface {
	Invoke(ctx context.Context, payload []byte) ([]byte, error)
}

// ServiceError is an error of the Lambda service, not of the function: the invocation was refused.
// https://docs.aws.amazon.com/lambda/latest/api/API_Invoke.html#API_Invoke_Errors
type ServiceError struct {
	Exception string // such as TooManyRequestsException
	Message   string
}

// Error is the message as Redshift has it.
func (e *ServiceError) Error() string {
	retry := "0"
	if e.Retries() {
		retry = "1"
	}
	return e.Message + "; Exception: " + e.Exception + "; ShouldRetry: " + retry
}

// Retries says whether Redshift sends the batch again.
// https://docs.aws.amazon.com/redshift/latest/dg/r_CREATE_EXTERNAL_FUNCTION.html
func (e *ServiceError) Retries() bool {
	switch e.Exception {
	case "TooManyRequestsException", "EC2ThrottledException", "ServiceException":
		return true
	}
	return false
}

// BareName takes the name of a function, and its version or alias, from what LAMBDA names.
//
//	sum   sum:prod   123456789012:function:sum   arn:aws:lambda:us-east-1:123456789012:function:sum:prod
//
// https://docs.aws.amazon.com/lambda/latest/api/API_Invoke.html
func BareName(lambda string) (name, qualifier string) {
	if i := strings.Index(lambda, "function:"); i >= 0 {
		lambda = lambda[i+len("function:"):]
	}
	name, qualifier, _ = strings.Cut(lambda, ":")
	return name, qualifier
}

// Same says whether calls of two functions, of arguments of the same types, are calls of one. nil is no external function.
func (f *Function) Same(o *Function) bool {
	return f == o || f != nil && o != nil && f.Name == o.Name && f.Lambda == o.Lambda && f.Returns == o.Returns && f.Stable == o.Stable
}
