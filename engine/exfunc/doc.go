// Package exfunc calls Lambda functions: rows become JSON, replies become vectors. It knows neither plans nor sessions.
//
//	rows of a slice        Batch: {"request_id":..,"num_records":3,"arguments":[[1,"a"],[2,null],[3,"c"]]}
//	  1 a                    | closed at MAX_BATCH_ROWS, MAX_BATCH_SIZE or the end
//	  2 NULL                 v
//	  3 c                  Caller.Send ── Lambda.Invoke ──> {"success":true,"results":["x",null,"z"]}
//	                         | waits and sends again where the service refuses (RETRY_TIMEOUT)
//	                         v
//	                       Results: a value a row, in their order ──> a vector of the type that the function returns
//
// A Lambda is a function of the process, or an address that speaks the service's protocol (Endpoint): a Lambda Runtime Interface Emulator, SAM local.
// https://docs.aws.amazon.com/redshift/latest/dg/udf-creating-a-lambda-sql-udf.html
package exfunc
