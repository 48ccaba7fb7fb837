package bench

import (
	"context"
	"database/sql"
	_ "embed"
	"regexp"
)

//go:embed tpch/queries.sql
var tpchQueries string

// TPCH is the 22 queries of TPC-H over its tables, made and loaded as [Load] makes them, with the keys that AWS's DDL for the benchmark gives them.
type TPCH struct {
	Load
	Only string // queries to run, separated by commas: "q01,q06"; empty = all
}

// tpchKeys are the keys of AWS's DDL for TPC-H.
// https://github.com/awslabs/amazon-redshift-utils/tree/master/src/CloudDataWarehouseBenchmark/Cloud-DWB-Derived-from-TPCH
var tpchKeys = map[string]string{
	"region":   "DISTKEY(r_regionkey) SORTKEY(r_regionkey)",
	"nation":   "DISTKEY(n_nationkey) SORTKEY(n_nationkey)",
	"supplier": "DISTKEY(s_suppkey) SORTKEY(s_suppkey)",
	"part":     "DISTKEY(p_partkey) SORTKEY(p_partkey)",
	"partsupp": "DISTKEY(ps_partkey) SORTKEY(ps_partkey)",
	"customer": "DISTKEY(c_custkey) SORTKEY(c_custkey)",
	"orders":   "DISTKEY(o_orderkey) SORTKEY(o_orderdate, o_orderkey)",
	"lineitem": "DISTKEY(l_orderkey) SORTKEY(l_shipdate, l_orderkey)",
}

// Name is tpch.
func (w TPCH) Name() string { return "tpch" }

// Prepare writes the files when they are not there, and loads them.
func (w TPCH) Prepare(ctx context.Context, t Target, db *sql.DB) error {
	if err := w.Load.Prepare(ctx, t, db); err != nil {
		return err
	}
	for _, x := range TPCHTables {
		x.Attributes = tpchKeys[x.Name]
		if err := fill(ctx, t, db, x, w.Dir); err != nil {
			return err
		}
	}
	if err := analyze(ctx, t, db); err != nil {
		return err
	}
	return w.tell(ctx, t, db, "after loading")
}

// Finish tells Memory what the tables take after the queries, with what they have left in caches.
func (w TPCH) Finish(ctx context.Context, t Target, db *sql.DB) error {
	return w.tell(ctx, t, db, "after the queries")
}

// tpchDate is the one function of the texts that other engines do not have.
var tpchDate = regexp.MustCompile(`dateadd\((\w+), (-?\d+), (date '[\d-]+')\)`)

// Queries are q01 to q22.
func (w TPCH) Queries(t Target) []Query {
	out := queries(tpchQueries, w.Only)
	for i := range out {
		switch text := &out[i].Text; t.Flavor {
		case "redshift":
		case "sqlite":
			*text = sqliteText(*text)
		default:
			*text = tpchDate.ReplaceAllString(*text, "CAST($3 + INTERVAL '$2 $1' AS date)")
		}
	}
	return out
}
