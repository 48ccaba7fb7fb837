#!/usr/bin/env bash
# Everything beside its peers, on a quiet machine: run.sh [quick]. Results go to $OUT (default: a temporary folder), the page to ../../docs/performance.md.
# Needs Go, a C compiler (DuckDB, SQLite), and, for PostgreSQL, Debian's package postgresql, which it installs when it may; without it that column is left out.
set -euo pipefail
cd "$(dirname "$0")"
export GOFLAGS=-mod=mod
OUT=${OUT:-$(mktemp -d)}
FILES=${FILES:-$(mktemp -d)} # of the data; keep it to save the making
mkdir -p "$OUT/profiles" "$FILES"
quick=${1:-}
go build -o "$OUT/peers" .

server=
bin=$(ls -d /usr/lib/postgresql/*/bin 2>/dev/null | tail -1 || true)
if [ -z "$bin" ] && [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
  apt-get install -y -q postgresql >/dev/null 2>&1 || echo "postgresql could not be installed"
  bin=$(ls -d /usr/lib/postgresql/*/bin 2>/dev/null | tail -1 || true)
fi
if [ -n "$bin" ]; then
  pg=$(mktemp -d)
  as() { if [ "$(id -u)" = 0 ]; then su postgres -c "$1"; else bash -c "$1"; fi; }
  [ "$(id -u)" = 0 ] && chown postgres "$pg"
  as "$bin/initdb -D $pg/data -A trust -U postgres >/dev/null"
  as "$bin/pg_ctl -w -D $pg/data -o '-k $pg -p 5599 -c listen_addresses= -c fsync=off -c shared_buffers=1GB' -l $pg/log start >/dev/null"
  trap 'as "$bin/pg_ctl -D $pg/data -m immediate stop >/dev/null"; rm -rf "$pg"' EXIT
  server="host=$pg port=5599 user=postgres"
else
  echo "no PostgreSQL here: its column is left out"
fi

scale=1 rows=100000000 csv=2000000 rounds=9
if [ "$quick" = quick ]; then scale=0.05 rows=1000000 csv=200000 rounds=2; fi
run() { # name, then flags
  local name=$1
  shift
  echo "== $name"
  "$OUT/peers" -json "$OUT/$name.json" -postgres "$server" -profiles "$OUT/profiles" "$@"
}
run tpch -workload tpch -scale "$scale" -files "$FILES/tpch$scale" -rounds "$rounds"
run ssb -workload ssb -scale "$scale" -files "$FILES/ssb$scale" -rounds "$rounds"
run movies -workload movies -rows "$rows" -files "$FILES" -rounds "$rounds"
run load -workload load -scale "$scale" -files "$FILES/tpch$scale" -rounds 3
run formats -workload formats -scale "$scale" -files "$FILES/tpch$scale" -rounds 5
run csv -workload csv -rows "$csv" -files "$FILES/csv$csv" -rounds 5
run itest -workload itest -rounds 9 -budget 5s
run oltp -workload oltp -rounds 3
# How times grow: redshiftsim alone at other sizes. SCALES="0.1 10" takes 12 GB of memory and 16 GB for the files of both benchmarks.
for s in ${SCALES:-0.1}; do
  run "tpch-$s" -workload tpch -scale "$s" -files "$FILES/tpch$s" -rounds 3 -targets redshiftsim
  run "ssb-$s" -workload ssb -scale "$s" -files "$FILES/ssb$s" -rounds 3 -targets redshiftsim
  run "load-$s" -workload load -scale "$s" -files "$FILES/tpch$s" -rounds 1 -targets redshiftsim
done
for n in $((rows / 100)) $((rows / 10)); do
  run "movies-$n" -workload movies -rows "$n" -files "$FILES" -rounds "$rounds" -targets redshiftsim
done
for n in $((csv / 10)) $((csv * 10)); do
  run "csv-$n" -workload csv -rows "$n" -files "$FILES/csv$n" -rounds 3 -targets redshiftsim
done

echo "== program"
start=$(date +%s)
(cd ../.. && GOCACHE=$(mktemp -d) go build -o "$OUT/redshiftsim" ./cmd/redshiftsim)
built=$(($(date +%s) - start))
"$OUT/redshiftsim" bench -scale "$scale" -rounds 1 tpch >/dev/null 2>"$OUT/memory.txt"
{
  echo '{"workload": "program", "machine": ['
  grep '^memory' "$OUT/memory.txt" | sed "s/.*/\"TPC-H at scale factor $scale: &\",/"
  echo "\"the command redshiftsim: $(($(stat -c %s "$OUT/redshiftsim") / 1000000)) MB\","
  echo "\"built from nothing, standard library included, in $built s\""
  echo ']}'
} >"$OUT/program.json"
"$OUT/peers" -page "$OUT/performance.md" -from "$OUT"
if [ "$quick" != quick ]; then "$OUT/peers" -page ../../docs/performance.md -from "$OUT"; fi
echo "results in $OUT"
