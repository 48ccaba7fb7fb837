module github.com/redshiftsim/redshiftsim/sqlmatch

go 1.25.0

require (
	github.com/DATA-DOG/go-sqlmock v1.5.2
	github.com/redshiftsim/redshiftsim v0.0.0
)

require (
	github.com/coreos/go-semver v0.3.1 // indirect
	github.com/peterstace/simplefeatures v0.50.0 // indirect
	github.com/pingcap/errors v0.11.5-0.20250523034308-74f78ae071ee // indirect
	github.com/pingcap/failpoint v0.0.0-20240528011301-b51a646c7c86 // indirect
	github.com/pingcap/log v1.1.0 // indirect
	github.com/pingcap/tidb/pkg/parser v0.0.0-20260418072757-ce92298d1124 // indirect
	go.uber.org/atomic v1.11.0 // indirect
	go.uber.org/multierr v1.11.0 // indirect
	go.uber.org/zap v1.27.0 // indirect
	golang.org/x/text v0.41.0 // indirect
	gopkg.in/natefinch/lumberjack.v2 v2.2.1 // indirect
)

replace github.com/redshiftsim/redshiftsim => ../
