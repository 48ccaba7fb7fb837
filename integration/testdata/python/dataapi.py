"""Runs statements by boto3's redshift-data; AWS_ENDPOINT_URL_REDSHIFT_DATA says where."""
import datetime
import time

import boto3

api = boto3.client("redshift-data")
on = {"WorkgroupName": "work", "Database": "dev"}


def wait(out):
    while True:
        d = api.describe_statement(Id=out["Id"])
        if d["Status"] in ("FINISHED", "FAILED", "ABORTED"):
            return d
        time.sleep(0.01)


def run(sql, **more):
    d = wait(api.execute_statement(Sql=sql, **{**on, **more}))
    if d["Status"] != "FINISHED":
        raise RuntimeError(d["Error"])
    return d


d = run("select 1 as a, 12.5::numeric(8,2) as b, null::varchar(3) as c")
print("user:", d["DbUser"])
got = api.get_statement_result(Id=d["Id"])
print("records:", got["Records"])
print("columns:", [c["name"] + " " + c["typeName"] for c in got["ColumnMetadata"]])
print("created:", abs(datetime.datetime.now(datetime.timezone.utc) - d["CreatedAt"]) < datetime.timedelta(minutes=1))
run("create table t (a int)")
d = wait(api.batch_execute_statement(Sqls=["insert into t values (1)", "insert into nowhere values (1)", "select 3"], **on))
print("batch:", [s["Status"] for s in d["SubStatements"]])
print("error:", d["Error"].splitlines()[0])
pages = api.get_paginator("list_tables").paginate(SchemaPattern="public", **on)
print("tables:", [t["name"] for p in pages for t in p["Tables"]])
try:
    api.describe_statement(Id="d9b6c0c9-0747-4bf4-b142-e8883122f766")
except api.exceptions.ResourceNotFoundException as e:
    print("not found:", e.response["Error"]["Code"], e.response["ResponseMetadata"]["HTTPStatusCode"])
first = api.execute_statement(Sql="create temp table x as select 7 as a", SessionKeepAliveSeconds=60, **on)
wait(first)
d = wait(api.execute_statement(Sql="select a from x", SessionId=first["SessionId"]))
print("session:", api.get_statement_result(Id=d["Id"])["Records"][0][0]["longValue"])
