// Package dataapi serves a cluster as the Amazon Redshift Data API does: SQL over HTTP, without a connection. Programs that use AWS's SDK (aws-sdk-go-v2's
// service/redshiftdata, boto3, the AWS CLI, Step Functions, Grafana) run against it unchanged, but for the address.
//
//	h := dataapi.New(cluster, dataapi.Options{})
//	defer h.Close()
//	client := redshiftdata.NewFromConfig(cfg, func(o *redshiftdata.Options) {
//		o.BaseEndpoint = aws.String(dataapi.Endpoint)
//		o.HTTPClient = h.Client() // in memory: no port
//	})
//
// A call only submits; the statement runs in a session of its own, and its rows wait for who asks:
//
//	POST / X-Amz-Target: RedshiftData.ExecuteStatement
//	  └─ Handler ── signature ── operation ── statement {id, SUBMITTED} ──> Id
//	                                            │ a goroutine, an engine.Session
//	                                            v
//	                        PICKED ── STARTED ── FINISHED | FAILED | ABORTED
//	                                                │
//	     DescribeStatement <── status, rows, pid ───┤
//	     GetStatementResult(V2) <── pages ──────────┘   result {columns, [page of 1 MB]..}, kept for 24 hours of the cluster's clock
//
//	BatchExecuteStatement:  statement {id} ── parts id:1, id:2 ..   one transaction, or AUTO_COMMIT: one each
//	SessionKeepAliveSeconds: session {SessionId} ── engine.Session stays open between statements
//
// The protocol is AWS JSON 1.1. What its pages leave open is in docs/decisions/0195-data-api.md, who may call in 0196-data-api-signatures.md.
//
// https://docs.aws.amazon.com/redshift/latest/mgmt/data-api.html
package dataapi
