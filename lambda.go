package redshiftsim

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"

	"github.com/redshiftsim/redshiftsim/engine/exfunc"
)

// Lambda stands for an AWS Lambda function that CREATE EXTERNAL FUNCTION names: it gets the JSON that Redshift sends, a batch of rows, and gives the JSON that
// Redshift reads. It has the method of github.com/aws/aws-lambda-go/lambda.Handler, so that lambda.NewHandler(handler) is one; LambdaFunc and LambdaEach make
// one of a function. It is called by many goroutines at once, and should end when ctx does: a statement that is cancelled waits for it.
//
//	payload  {"request_id":"23FF1F97-..","cluster":"arn:aws:redshift:..","user":"awsuser","database":"dev","external_function":"public.f_sum",
//	          "query_id":103,"num_records":2,"arguments":[[1,2],[3,null]]}
//	reply    {"success":true,"num_records":2,"results":[3,null]}   or   {"success":false,"error_msg":"overflow"}
//
// An error is a function that failed, a *LambdaError a service that refused.
// https://docs.aws.amazon.com/redshift/latest/dg/udf-creating-a-lambda-sql-udf.html#udf-lambda-json
type Lambda = exfunc.Lambda

// LambdaError is an error of the Lambda service. A TooManyRequestsException, EC2ThrottledException or ServiceException has the batch sent again, as RETRY_TIMEOUT
// of the function allows; others end the statement (XX000).
// https://docs.aws.amazon.com/redshift/latest/dg/r_CREATE_EXTERNAL_FUNCTION.html
type LambdaError = exfunc.ServiceError

// LambdaFunc is a Lambda that takes and gives JSON.
type LambdaFunc func(ctx context.Context, payload []byte) ([]byte, error)

// Invoke calls the function.
func (f LambdaFunc) Invoke(ctx context.Context, payload []byte) ([]byte, error) {
	return f(ctx, payload)
}

// LambdaEach makes a Lambda of a function of one row. Its arguments are nil for NULL, bool, string, int64 for numbers without a fraction, json.Number for other
// numbers: with the digits that they have. DATE and TIMESTAMP are strings. Its result is nil or what encoding/json writes as a number, a string or a boolean. An error
// is the answer {"success":false,"error_msg":..}: the statement fails with its words (XX000), but for a *LambdaError, which is the service's.
func LambdaEach(f func(ctx context.Context, args []any) (any, error)) Lambda {
	return LambdaFunc(func(ctx context.Context, payload []byte) ([]byte, error) {
		var request struct {
			Arguments [][]any `json:"arguments"`
		}
		d := json.NewDecoder(bytes.NewReader(payload))
		d.UseNumber()
		if err := d.Decode(&request); err != nil {
			return nil, fmt.Errorf("redshiftsim: the payload: %w", err)
		}
		reply := eachReply{Success: true, Results: make([]any, len(request.Arguments))}
		for i, args := range request.Arguments {
			if err := ctx.Err(); err != nil {
				return nil, err
			}
			integers(args)
			v, err := f(ctx, args)
			if refused, ok := err.(*LambdaError); ok {
				return nil, refused
			}
			if err != nil {
				return json.Marshal(eachReply{ErrorMsg: err.Error()})
			}
			reply.Results[i] = v
		}
		reply.NumRecords = len(reply.Results)
		return json.Marshal(reply)
	})
}

// eachReply is what LambdaEach answers.
type eachReply struct {
	Success    bool   `json:"success"`
	ErrorMsg   string `json:"error_msg,omitempty"`
	NumRecords int    `json:"num_records"`
	Results    []any  `json:"results"`
}

// integers makes int64 of the numbers that are.
func integers(args []any) {
	for i, a := range args {
		if n, ok := a.(json.Number); ok {
			if v, err := n.Int64(); err == nil {
				args[i] = v
			}
		}
	}
}

// SetLambda gives a Lambda function what stands for it on this cluster, in the place of what did; nil takes that away.
func (c *Cluster) SetLambda(name string, l Lambda) { c.s.cluster.SetLambda(name, l) }
