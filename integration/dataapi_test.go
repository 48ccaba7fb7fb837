package integration

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/redshiftdata"
	"github.com/aws/aws-sdk-go-v2/service/redshiftdata/types"

	"github.com/redshiftsim/redshiftsim"
	"github.com/redshiftsim/redshiftsim/dataapi"
)

// dataKey is a key of AWS's documentation.
var dataKey = dataapi.AccessKey{ID: "AKIAIOSFODNN7EXAMPLE", Secret: "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY", ARN: "arn:aws:iam::123456789012:role/etl"}

// dataHandler serves a cluster, with keys or without.
func dataHandler(t *testing.T, keys ...dataapi.AccessKey) *dataapi.Handler {
	t.Helper()
	h := dataapi.New(newCluster(t, redshiftsim.Config{}), dataapi.Options{Keys: keys})
	t.Cleanup(func() { _ = h.Close() })
	return h
}

// dataClient is AWS's SDK.
func dataClient(url string, client *http.Client, secret string) *redshiftdata.Client {
	return redshiftdata.New(redshiftdata.Options{Region: "us-east-1", Credentials: credentials.NewStaticCredentialsProvider(dataKey.ID, secret, "")}, func(o *redshiftdata.Options) {
		o.BaseEndpoint = aws.String(url)
		if client != nil {
			o.HTTPClient = client
		}
	})
}

// TestDataAPISDK does with AWS's SDK what a Lambda does: submit, wait, read pages; errors come as the SDK's types.
func TestDataAPISDK(t *testing.T) {
	h := dataHandler(t)
	api := dataClient(dataapi.Endpoint, h.Client(), "any")
	ctx := t.Context()
	run := func(sql string, params ...types.SqlParameter) *redshiftdata.DescribeStatementOutput {
		t.Helper()
		out, err := api.ExecuteStatement(ctx, &redshiftdata.ExecuteStatementInput{
			Sql: &sql, ClusterIdentifier: aws.String("orders"), Database: aws.String("dev"), Parameters: params, StatementName: aws.String("s"),
		})
		if err != nil {
			t.Fatal(err)
		}
		if age := time.Since(*out.CreatedAt); age < -time.Second || age > time.Minute {
			t.Errorf("created %v ago", age)
		}
		for {
			d, err := api.DescribeStatement(ctx, &redshiftdata.DescribeStatementInput{Id: out.Id})
			if err != nil {
				t.Fatal(err)
			}
			switch d.Status {
			case types.StatusStringFinished, types.StatusStringFailed:
				return d
			}
			time.Sleep(time.Millisecond)
		}
	}
	run("create table films (id int not null, title varchar(20), price numeric(8,2), seen bool, score float, raw varbyte(4))")
	d := run("insert into films values (:id, :title, :price, true, 0.5, 'abcd'), (2, null, null, null, null, null)",
		types.SqlParameter{Name: aws.String("id"), Value: aws.String("1")}, types.SqlParameter{Name: aws.String("title"), Value: aws.String("Alien's")},
		types.SqlParameter{Name: aws.String("price"), Value: aws.String("12.5")})
	if d.Status != types.StatusStringFinished || d.ResultRows != 2 || len(d.QueryParameters) != 3 {
		t.Errorf("insert: %+v, %s", d, aws.ToString(d.Error))
	}
	d = run("select * from films order by id")
	got, err := api.GetStatementResult(ctx, &redshiftdata.GetStatementResultInput{Id: d.Id})
	if err != nil {
		t.Fatal(err)
	}
	var cells []string
	for _, row := range got.Records {
		for _, f := range row {
			cells = append(cells, field(f))
		}
	}
	same(t, "cells", cells, "1", "Alien's", "12.50", "true", "0.5", "abcd", "2", "null", "null", "null", "null", "null")
	if c := got.ColumnMetadata[1]; got.TotalNumRows != 2 || aws.ToString(c.TypeName) != "varchar" || c.Precision != 20 || aws.ToString(c.TableName) != "films" {
		t.Errorf("%+v", got)
	}
	if d := run("select x from films"); d.Status != types.StatusStringFailed || aws.ToString(d.Error) != "ERROR: column \"x\" does not exist in films\n  Position: 8" {
		t.Errorf("%s: %q", d.Status, aws.ToString(d.Error))
	}
	batch, err := api.BatchExecuteStatement(ctx, &redshiftdata.BatchExecuteStatementInput{Sqls: []string{"select 1", "select 2"}, WorkgroupName: aws.String("work"), Database: aws.String("dev"), ResultFormat: types.ResultFormatStringCsv})
	if err != nil {
		t.Fatal(err)
	}
	for d := new(redshiftdata.DescribeStatementOutput); d.Status != types.StatusStringFinished; time.Sleep(time.Millisecond) {
		if d, err = api.DescribeStatement(ctx, &redshiftdata.DescribeStatementInput{Id: batch.Id}); err != nil || d.Status == types.StatusStringFailed {
			t.Fatal(err, d)
		}
	}
	csv, err := api.GetStatementResultV2(ctx, &redshiftdata.GetStatementResultV2Input{Id: aws.String(*batch.Id + ":2")})
	if err != nil || csv.Records[0].(*types.QueryRecordsMemberCSVRecords).Value != "?column?\r\n2\r\n" || csv.ResultFormat != types.ResultFormatStringCsv {
		t.Errorf("%+v, %v", csv, err)
	}
	names := redshiftdata.NewListTablesPaginator(api, &redshiftdata.ListTablesInput{Database: aws.String("dev"), ClusterIdentifier: aws.String("orders"), SchemaPattern: aws.String("pub%"), MaxResults: 1})
	for names.HasMorePages() {
		page, err := names.NextPage(ctx)
		if err != nil || len(page.Tables) != 1 || aws.ToString(page.Tables[0].Name) != "films" {
			t.Fatalf("%+v, %v", page, err)
		}
	}
	dataErrors(ctx, t, api)
}

// dataErrors are the SDK's types of errors.
func dataErrors(ctx context.Context, t *testing.T, api *redshiftdata.Client) {
	t.Helper()
	const nobody = "d9b6c0c9-0747-4bf4-b142-e8883122f766"
	_, err := api.DescribeStatement(ctx, &redshiftdata.DescribeStatementInput{Id: aws.String(nobody)})
	if e := (*types.ResourceNotFoundException)(nil); !errorsAs(err, &e) || aws.ToString(e.ResourceId) != nobody || e.ErrorMessage() != "Query does not exist." {
		t.Errorf("%v", err)
	}
	_, err = api.ListStatements(ctx, &redshiftdata.ListStatementsInput{NextToken: aws.String("x")})
	if e := (*types.ValidationException)(nil); !errorsAs(err, &e) || e.ErrorMessage() != "Invalid NextToken." {
		t.Errorf("%v", err)
	}
}

// field is a field as a text.
func field(f types.Field) string {
	switch f := f.(type) {
	case *types.FieldMemberLongValue:
		return fmt.Sprint(f.Value)
	case *types.FieldMemberStringValue:
		return f.Value
	case *types.FieldMemberBooleanValue:
		return fmt.Sprint(f.Value)
	case *types.FieldMemberDoubleValue:
		return fmt.Sprint(f.Value)
	case *types.FieldMemberBlobValue:
		return string(f.Value)
	case *types.FieldMemberIsNull:
		return "null"
	}
	return "another"
}

// TestDataAPISigned: what AWS's SDK for Go signs is verified, over a port, and nothing that another key signed.
func TestDataAPISigned(t *testing.T) {
	srv := httptest.NewServer(dataHandler(t, dataKey))
	defer srv.Close()
	out, err := dataClient(srv.URL, nil, dataKey.Secret).ExecuteStatement(t.Context(), &redshiftdata.ExecuteStatementInput{
		Sql: aws.String("select 1"), WorkgroupName: aws.String("work"), Database: aws.String("dev"),
	})
	if err != nil || aws.ToString(out.DbUser) != "IAMR:etl" {
		t.Errorf("%+v, %v", out, err)
	}
	if _, err := dataClient(srv.URL, nil, "wrong").ListStatements(t.Context(), nil); err == nil || !strings.Contains(err.Error(), "InvalidSignatureException") {
		t.Errorf("a wrong secret: %v", err)
	}
}

// TestDataAPIBoto does the same with boto3, which finds the server by AWS_ENDPOINT_URL_REDSHIFT_DATA.
func TestDataAPIBoto(t *testing.T) {
	python, err := exec.LookPath("python3")
	if err != nil || exec.CommandContext(t.Context(), python, "-c", "import boto3").Run() != nil {
		t.Skip("boto3 is not installed")
	}
	srv := httptest.NewServer(dataHandler(t, dataKey))
	defer srv.Close()
	run := exec.CommandContext(t.Context(), python, "testdata/python/dataapi.py")
	run.Env = append(os.Environ(), "AWS_ENDPOINT_URL_REDSHIFT_DATA="+srv.URL, "AWS_ACCESS_KEY_ID="+dataKey.ID, "AWS_SECRET_ACCESS_KEY="+dataKey.Secret, "AWS_DEFAULT_REGION=us-east-1", "AWS_CONFIG_FILE=/dev/null")
	out, err := run.CombinedOutput()
	if err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	same(t, "output", strings.Split(strings.TrimSpace(string(out)), "\n"),
		"user: IAMR:etl",
		"records: [[{'longValue': 1}, {'stringValue': '12.50'}, {'isNull': True}]]",
		"columns: ['a int4', 'b numeric', 'c varchar']",
		"created: True",
		"batch: ['FINISHED', 'FAILED', 'ABORTED']",
		`error: Query #2 failed with ERROR: relation "nowhere" does not exist`,
		"tables: ['t']",
		"not found: ResourceNotFoundException 404",
		"session: 7",
	)
}
