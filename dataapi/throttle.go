package dataapi

import (
	"sync"
	"time"
)

// quotas are requests in a second. GetStatementResultV2 and ListSessions are not on the page: they have those of their like.
// https://docs.aws.amazon.com/redshift/latest/mgmt/amazon-redshift-limits.html#data-api-quotas-account
var quotas = map[string]float64{
	"BatchExecuteStatement": 20, "CancelStatement": 3, "DescribeStatement": 100, "DescribeTable": 3, "ExecuteStatement": 30, "GetStatementResult": 20,
	"GetStatementResultV2": 20, "ListDatabases": 3, "ListSchemas": 3, "ListSessions": 3, "ListStatements": 3, "ListTables": 3,
}

// rates are buckets of tokens, one for each operation: a second's requests fill one.
type rates struct {
	mu      sync.Mutex
	buckets map[string]bucket
}

type bucket struct {
	left float64
	at   time.Time
}

// take says whether an operation may be called now.
func (r *rates) take(operation string, now time.Time) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.buckets == nil {
		r.buckets = map[string]bucket{}
	}
	quota := quotas[operation]
	b, known := r.buckets[operation]
	if !known {
		b = bucket{left: quota, at: now}
	}
	b.left = min(quota, b.left+quota*now.Sub(b.at).Seconds())
	b.at = now
	ok := b.left >= 1
	if ok {
		b.left--
	}
	r.buckets[operation] = b
	return ok
}
