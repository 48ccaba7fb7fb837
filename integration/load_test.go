package integration

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"math/rand/v2"
	"os"
	"runtime"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/redshiftsim/redshiftsim"
	"github.com/redshiftsim/redshiftsim/server"
)

var loadFor = flag.Duration("load", 5*time.Second, "how long TestLoad goes on")

const loadConnections = 64

// TestLoad runs 64 connections over loopback that read and write: no statement fails, and no goroutine and no memory is left behind. With REDSHIFTSIM_POSTGRES=URL the same
// runs on PostgreSQL, so that there is something to compare with:
//
//	go test -run TestLoad -load 60s -v
func TestLoad(t *testing.T) {
	if testing.Short() {
		t.Skip("it takes seconds")
	}
	before, held := runtime.NumGoroutine(), heap()
	t.Run("redshiftsim", func(t *testing.T) {
		c := newCluster(t, redshiftsim.Config{User: "awsuser", Password: "Admin123"})
		load(t, "postgres://awsuser:Admin123@"+serve(t, c, server.Config{})+"/dev?sslmode=disable", "CREATE TABLE kv (id int, v int) DISTKEY(id) SORTKEY(id)")
	})
	for wait := 0; runtime.NumGoroutine() > before+2; wait++ {
		if wait == 100 {
			t.Fatalf("%d goroutines, %d before", runtime.NumGoroutine(), before)
		}
		time.Sleep(20 * time.Millisecond)
	}
	if now := heap(); now > held+leaves {
		t.Errorf("the heap holds %d MB, %d before: a cluster that is closed leaves nothing", now>>20, held>>20)
	} else {
		t.Logf("heap %d MB, %d before", now>>20, held>>20)
	}
	if url := os.Getenv("REDSHIFTSIM_POSTGRES"); url != "" {
		t.Run("PostgreSQL", func(t *testing.T) { load(t, url, "CREATE TABLE kv (id int PRIMARY KEY, v int)") })
	}
}

// leaves is what the program itself may keep of a run: pools and buffers of drivers.
const leaves = 6 << 20

// heap is the bytes of what is reachable, once pools and finalizers have had their rounds.
func heap() uint64 {
	for range 6 {
		runtime.GC()
		time.Sleep(50 * time.Millisecond)
	}
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.HeapAlloc
}

// load fills two tables and lets all connections at them.
func load(t *testing.T, url, create string) {
	ctx := context.Background()
	admin, err := pgx.Connect(ctx, url)
	if err != nil {
		t.Fatal(err)
	}
	defer admin.Close(ctx)
	exec := func(text string) {
		if _, err := admin.Exec(ctx, text); err != nil {
			t.Fatal(text, err)
		}
	}
	exec("DROP TABLE IF EXISTS kv")
	exec("DROP TABLE IF EXISTS events")
	exec(create)
	exec("CREATE TABLE events (who int, n int)")
	for i := 0; i < 10000; i += 1000 {
		text := "INSERT INTO kv VALUES "
		for k := range 1000 {
			if k > 0 {
				text += ","
			}
			text += fmt.Sprintf("(%d,%d)", i+k, k)
		}
		exec(text)
	}
	var wg sync.WaitGroup
	var mu sync.Mutex
	var times []time.Duration
	var wrote int64
	var failed error
	end := time.Now().Add(*loadFor)
	for who := range loadConnections {
		wg.Add(1)
		go func() {
			defer wg.Done()
			own, n, err := work(ctx, url, who, end)
			mu.Lock()
			defer mu.Unlock()
			times, wrote, failed = append(times, own...), wrote+n, errors.Join(failed, err)
		}()
	}
	wg.Wait()
	if failed != nil {
		t.Fatal(failed)
	}
	var kept int64
	if err := admin.QueryRow(ctx, "SELECT count(*) FROM events").Scan(&kept); err != nil || kept != wrote {
		t.Errorf("%d events were written, %d are there: %v", wrote, kept, err)
	}
	slices.Sort(times)
	t.Logf("%d connections, %v: %d statements a second, median %v, p99 %v, worst %v", loadConnections, *loadFor,
		int(float64(len(times))/loadFor.Seconds()), times[len(times)/2], times[len(times)*99/100], times[len(times)-1])
}

// work is one connection: of ten statements eight read a row, one adds up a range, one writes.
func work(ctx context.Context, url string, who int, end time.Time) (times []time.Duration, wrote int64, err error) {
	conn, err := pgx.Connect(ctx, url)
	if err != nil {
		return nil, 0, err
	}
	defer conn.Close(ctx)
	r := rand.New(rand.NewPCG(uint64(who), 1))
	for time.Now().Before(end) {
		start, id := time.Now(), r.IntN(10000)
		var v int64
		switch r.IntN(10) {
		case 0:
			if _, err = conn.Exec(ctx, "INSERT INTO events VALUES ($1, $2)", who, wrote); err == nil {
				wrote++
			}
		case 1:
			err = conn.QueryRow(ctx, "SELECT sum(v) FROM kv WHERE id BETWEEN $1 AND $2", id/2, id/2+100).Scan(&v)
		default:
			if err = conn.QueryRow(ctx, "SELECT v FROM kv WHERE id = $1", id).Scan(&v); err == nil && v != int64(id%1000) {
				err = fmt.Errorf("row %d has %d", id, v)
			}
		}
		if err != nil {
			return nil, 0, fmt.Errorf("connection %d: %w", who, err)
		}
		times = append(times, time.Since(start))
	}
	return times, wrote, nil
}
