package exfunc

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
)

// Endpoint is a Lambda behind an address that takes invocations as the service does: a POST of the payload. A Lambda Runtime Interface Emulator, SAM local and
// LocalStack do. A status is an error of the service, the header X-Amz-Function-Error that of a function.
// https://docs.aws.amazon.com/lambda/latest/api/API_Invoke.html
type Endpoint struct{ URL string }

// EndpointOf is the address of a function below the address of a service: http://127.0.0.1:9001/2015-03-31/functions/ has them as <name>/invocations.
func EndpointOf(base, lambda string) Endpoint {
	name, qualifier := BareName(lambda)
	u := strings.TrimSuffix(base, "/") + "/" + url.PathEscape(name) + "/invocations"
	if qualifier != "" {
		u += "?Qualifier=" + url.QueryEscape(qualifier)
	}
	return Endpoint{u}
}

// CheckURL refuses what is no address of HTTP.
func CheckURL(address string) error {
	u, err := url.Parse(address)
	if err != nil {
		return err
	}
	if u.Scheme != "http" && u.Scheme != "https" || u.Host == "" || u.RawQuery != "" || u.Fragment != "" {
		return fmt.Errorf("%q is no address http://host:port/path", address)
	}
	return nil
}

// client has no timeout of its own: the statement's context ends a request. Lambda redirects nobody, so neither do its stand-ins.
var client = &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}

// Invoke posts a payload.
func (e Endpoint) Invoke(ctx context.Context, payload []byte) ([]byte, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, e.URL, bytes.NewReader(payload))
	if err != nil {
		return nil, err
	}
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("X-Amz-Invocation-Type", "RequestResponse")
	resp, err := client.Do(req)
	if err != nil {
		return nil, fmt.Errorf("could not reach Lambda: %w", err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(io.LimitReader(resp.Body, maxPayload+1))
	if err != nil {
		return nil, fmt.Errorf("could not read the answer of Lambda: %w", err)
	}
	switch {
	case resp.StatusCode/100 != 2:
		return nil, serviceError(resp, body)
	case resp.Header.Get("X-Amz-Function-Error") != "":
		return nil, functionError(body)
	}
	if e := failedFunction(body); e != nil { // emulators leave the header out
		return nil, e
	}
	return body, nil
}

// serviceError is the exception that a status stands for.
func serviceError(resp *http.Response, body []byte) error {
	e := &ServiceError{Exception: resp.Header.Get("X-Amzn-ErrorType")}
	e.Exception, _, _ = strings.Cut(e.Exception, ":")
	var said struct{ Message string } // or message: names match in any case
	if json.Unmarshal(body, &said) == nil {
		e.Message = said.Message
	}
	if e.Exception == "" {
		switch s := resp.StatusCode; {
		case s == http.StatusTooManyRequests:
			e.Exception = "TooManyRequestsException"
		case s == http.StatusNotFound:
			e.Exception = "ResourceNotFoundException"
		case s == http.StatusForbidden:
			e.Exception = "AccessDeniedException"
		case s == http.StatusRequestEntityTooLarge:
			e.Exception = "RequestTooLargeException"
		case s >= http.StatusInternalServerError:
			e.Exception = "ServiceException"
		default:
			e.Exception = "InvalidRequestContentException"
		}
	}
	switch {
	case e.Message != "":
	case e.Exception == "TooManyRequestsException":
		e.Message = "Rate Exceeded."
	default:
		e.Message = resp.Status
	}
	return e
}

// failure is how a runtime tells that a function failed.
type failure struct {
	ErrorMessage *string `json:"errorMessage"`
	ErrorType    string  `json:"errorType"`
}

func (f *failure) err() error {
	if f.ErrorType == "" {
		return errors.New(*f.ErrorMessage)
	}
	return errors.New(f.ErrorType + ": " + *f.ErrorMessage)
}

// functionError is what a function that failed says.
func functionError(body []byte) error {
	if err := failedFunction(body); err != nil {
		return err
	}
	return fmt.Errorf("the function failed: %s", clip(body))
}

// failedFunction reads a failure, nil = it is none.
func failedFunction(body []byte) error {
	var f failure
	if !bytes.Contains(body, []byte(`"errorMessage"`)) || json.Unmarshal(body, &f) != nil || f.ErrorMessage == nil {
		return nil
	}
	return f.err()
}
