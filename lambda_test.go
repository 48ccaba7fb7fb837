package redshiftsim_test

import (
	"context"
	"encoding/json"
	"errors"
	"math"
	"strings"

	"github.com/redshiftsim/redshiftsim"
)

// guideLambdas are the Lambda functions of the guide's page, and a few that show what Redshift sends.
// https://docs.aws.amazon.com/redshift/latest/dg/r_CREATE_EXTERNAL_FUNCTION.html
func guideLambdas() map[string]redshiftsim.Lambda {
	text := func(f func(arguments [][]json.RawMessage) any) redshiftsim.Lambda {
		return redshiftsim.LambdaFunc(func(_ context.Context, payload []byte) ([]byte, error) {
			var request struct{ Arguments [][]json.RawMessage }
			if err := json.Unmarshal(payload, &request); err != nil {
				return nil, err
			}
			return json.Marshal(f(request.Arguments))
		})
	}
	reply := func(answer string) redshiftsim.Lambda {
		return redshiftsim.LambdaFunc(func(context.Context, []byte) ([]byte, error) { return []byte(answer), nil })
	}
	return map[string]redshiftsim.Lambda{
		"lambda_sum": redshiftsim.LambdaEach(func(_ context.Context, args []any) (any, error) {
			sum := int64(0)
			for _, a := range args {
				n, _ := a.(int64) // JavaScript's null is 0 in a sum
				sum += n
			}
			return sum, nil
		}),
		"lambda_multiplication": redshiftsim.LambdaEach(func(_ context.Context, args []any) (any, error) {
			product := 1.0
			for _, a := range args {
				product *= float64(a.(int64))
			}
			if math.Abs(product) >= 9223372036854775807 {
				return nil, errors.New("Integer multiplication overflow")
			}
			return int64(product), nil
		}),
		"exfunc_sleep_3": redshiftsim.LambdaEach(func(_ context.Context, args []any) (any, error) {
			s, ok := args[0].(string)
			if !ok {
				return nil, nil
			}
			return strings.ToUpper(s), nil
		}),
		// records gives each record as it came, as Python's runtime gives what json.dumps makes: a string with the reply in it.
		"records": text(func(arguments [][]json.RawMessage) any {
			results := make([]string, len(arguments))
			for i, r := range arguments {
				b, _ := json.Marshal(r)
				results[i] = string(b)
			}
			b, _ := json.Marshal(map[string]any{"results": results})
			return string(b)
		}),
		// as_is gives the JSON value of a text.
		"as_is": text(func(arguments [][]json.RawMessage) any {
			results := make([]json.RawMessage, len(arguments))
			for i, r := range arguments {
				var s string
				_ = json.Unmarshal(r[0], &s)
				results[i] = json.RawMessage(s)
			}
			return map[string]any{"results": results}
		}),
		// batch gives the number of rows of the batch that a row was in.
		"batch": text(func(arguments [][]json.RawMessage) any {
			results := make([]int, len(arguments))
			for i := range results {
				results[i] = len(arguments)
			}
			return map[string]any{"success": "true", "num_records": len(results), "results": results}
		}),
		"no_json":      reply(`{"results": [`),
		"no_results":   reply(`{"success": true}`),
		"one_result":   reply(`{"success": true, "results": [1]}`),
		"wrong_number": reply(`{"success": true, "num_records": 7, "results": [1]}`),
		"no_message":   reply(`{"success": false}`),
		"no_success":   reply(`{"success": "perhaps", "results": [1]}`),
		"throttled": redshiftsim.LambdaFunc(func(context.Context, []byte) ([]byte, error) {
			return nil, &redshiftsim.LambdaError{Exception: "TooManyRequestsException", Message: "Rate Exceeded."}
		}),
		"panics": redshiftsim.LambdaFunc(func(context.Context, []byte) ([]byte, error) { panic("at the disco") }),
	}
}
