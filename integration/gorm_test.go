package integration

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"gorm.io/driver/postgres"
	"gorm.io/gorm"
	"gorm.io/gorm/clause"
	"gorm.io/gorm/logger"

	"github.com/redshiftsim/redshiftsim"
)

// Film is a model with types that Redshift has, and a key that the application gives.
type Film struct {
	ID       int64  `gorm:"primaryKey;autoIncrement:false"`
	Title    string `gorm:"size:80;not null"`
	Year     int16
	Rating   float64 `gorm:"type:numeric(3,1)"`
	Seen     bool
	Released time.Time `gorm:"type:timestamp"`
}

// Director has a key that the database gives: serial, which Redshift has not.
type Director struct {
	ID   int64
	Name string `gorm:"size:80"`
}

func gormDB(t *testing.T, c *redshiftsim.Cluster, mode pgx.QueryExecMode, withoutReturning bool) *gorm.DB {
	t.Helper()
	db, err := gorm.Open(postgres.New(postgres.Config{Conn: pgxDB(t, c, mode), WithoutReturning: withoutReturning}),
		&gorm.Config{Logger: logger.Default.LogMode(logger.Silent), TranslateError: false})
	if err != nil {
		t.Fatal(err)
	}
	return db
}

// TestGorm creates a table from a model, asks the migrator about it, writes and reads, in both protocols.
func TestGorm(t *testing.T) {
	for _, mode := range []pgx.QueryExecMode{pgx.QueryExecModeCacheStatement, pgx.QueryExecModeSimpleProtocol} {
		t.Run(mode.String(), func(t *testing.T) {
			db := gormDB(t, newCluster(t, redshiftsim.Config{}), mode, false)
			gormMigrates(t, db)
			gormWrites(t, db)
			gormRefused(t, db)
		})
	}
}

func gormMigrates(t *testing.T, db *gorm.DB) {
	t.Helper()
	m := db.Migrator()
	if m.CurrentDatabase() != "dev" || m.HasTable(&Film{}) {
		t.Fatal(m.CurrentDatabase(), m.HasTable(&Film{}))
	}
	if err := db.AutoMigrate(&Film{}); err != nil {
		t.Fatal(err)
	}
	if !m.HasTable(&Film{}) || !m.HasColumn(&Film{}, "Title") || m.HasColumn(&Film{}, "studio") || !m.HasConstraint(&Film{}, "films_pkey") || m.HasIndex(&Film{}, "i") {
		t.Error("the migrator does not see what it made")
	}
	if tables, err := m.GetTables(); err != nil || len(tables) != 1 || tables[0] != "films" {
		t.Error(tables, err)
	}
	// The migrator of every database reads the types from a query's columns.
	types, err := m.(postgres.Migrator).Migrator.ColumnTypes(&Film{})
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, c := range types {
		line := c.Name() + " " + c.DatabaseTypeName()
		if n, ok := c.Length(); ok && n < 1<<20 {
			line += fmt.Sprintf(" length %d", n)
		}
		if p, s, ok := c.DecimalSize(); ok {
			line += fmt.Sprintf(" size %d,%d", p, s)
		}
		got = append(got, line)
	}
	same(t, "column types", got, "id INT8", "title VARCHAR length 80", "year INT2", "rating NUMERIC size 3,1", "seen BOOL", "released TIMESTAMP")
}

func gormWrites(t *testing.T, db *gorm.DB) {
	t.Helper()
	day := time.Date(1979, 5, 25, 20, 15, 0, 123456000, time.UTC)
	if err := db.Create(&Film{1, "Alien", 1979, 8.5, true, day}).Error; err != nil {
		t.Fatal(err)
	}
	if err := db.Create([]Film{{2, "Brazil", 1985, 7.9, false, day}, {3, "Cube", 1997, 7.2, true, day}}).Error; err != nil {
		t.Fatal(err)
	}
	var f Film
	if err := db.First(&f, 1).Error; err != nil || f.Title != "Alien" || f.Year != 1979 || f.Rating != 8.5 || !f.Seen || !f.Released.Equal(day) {
		t.Fatal(f, err)
	}
	f.Title = "Alien 3"
	if err := db.Save(&f).Error; err != nil {
		t.Fatal(err)
	}
	if r := db.Model(&Film{}).Where("year > ?", 1980).Updates(map[string]any{"seen": true, "rating": gorm.Expr("rating + ?", 1)}); r.Error != nil || r.RowsAffected != 2 {
		t.Fatal(r.RowsAffected, r.Error)
	}
	var titles []string
	if err := db.Model(&Film{}).Where("title IN ? AND rating > ?", []string{"Alien 3", "Brazil", "Cube"}, 8.3).Order("id").Pluck("title", &titles).Error; err != nil {
		t.Fatal(err)
	}
	same(t, "titles", titles, "Alien 3", "Brazil")
	failed := errors.New("no")
	err := db.Transaction(func(tx *gorm.DB) error {
		if err := tx.Delete(&Film{}, []int{2, 3}).Error; err != nil {
			return err
		}
		return failed
	})
	var n int64
	if !errors.Is(err, failed) || db.Model(&Film{}).Count(&n).Error != nil || n != 3 {
		t.Fatal(n, err)
	}
	if r := db.Delete(&f); r.Error != nil || r.RowsAffected != 1 {
		t.Fatal(r.RowsAffected, r.Error)
	}
	if err := db.First(&f, 1).Error; !errors.Is(err, gorm.ErrRecordNotFound) {
		t.Fatal(err)
	}
	m := db.Migrator()
	for _, err := range []error{
		m.RenameColumn(&Film{}, "title", "name"), m.DropColumn(&Film{}, "seen"), m.RenameTable("films", "movies"),
		db.Exec("ALTER TABLE movies ALTER COLUMN name TYPE varchar(200)").Error, m.DropTable("movies"),
	} {
		if err != nil {
			t.Error(err)
		}
	}
	if m.HasTable("movies") || m.HasTable(&Film{}) {
		t.Error("a table has outlived DropTable")
	}
}

// gormRefused does what gorm's PostgreSQL driver does and Redshift refuses.
func gormRefused(t *testing.T, db *gorm.DB) {
	t.Helper()
	m := db.Migrator()
	refused(t, m.CreateTable(&Director{}), "0A000", `Column "directors.id" has unsupported type "bigserial".`)
	mustGorm(t, db, "CREATE TABLE directors (id BIGINT IDENTITY(1, 1), name VARCHAR(80))", "CREATE TABLE films (id BIGINT, title VARCHAR(80))")
	refused(t, db.Create(&Director{Name: "Scott"}).Error, "42601", `syntax error at or near "RETURNING"`)
	refused(t, db.Clauses(clause.OnConflict{DoNothing: true}).Create(&Film{ID: 1}).Error, "42601", `syntax error at or near "ON"`)
	refused(t, db.Clauses(clause.Locking{Strength: "UPDATE"}).First(&Film{}).Error, "0A000", "SELECT FOR UPDATE/SHARE is not supported")
	refused(t, m.CreateIndex(&Review{}, "idx_reviews_film"), "0A000",
		`SQL command "CREATE INDEX IF NOT EXISTS "idx_reviews_film" ON "reviews" ("film")" not supported on Redshift tables.`)
	// A transaction in a transaction is a SAVEPOINT, whose failure gorm does not look at: COMMIT tells.
	err := db.Transaction(func(tx *gorm.DB) error { return tx.Transaction(func(*gorm.DB) error { return nil }) })
	if !errors.Is(err, pgx.ErrTxCommitRollback) {
		t.Error(err)
	}
	// What the catalog of PostgreSQL 8.0 has not: a table that is there cannot be compared with its model.
	_, err = m.ColumnTypes(&Director{})
	refused(t, err, "42703", "column c.identity_increment does not exist")
	refused(t, db.AutoMigrate(&Director{}), "42703", "column c.identity_increment does not exist")
	_, err = m.GetIndexes(&Director{})
	refused(t, err, "42703", "column con.conindid does not exist")
	same(t, "rows", texts(t, must(db.DB()), "SELECT count(*) FROM directors"), "0")
}

// TestGormWithoutReturning writes to a table whose key is an identity column.
func TestGormWithoutReturning(t *testing.T) {
	db := gormDB(t, newCluster(t, redshiftsim.Config{}), pgx.QueryExecModeCacheStatement, true)
	mustGorm(t, db, "CREATE TABLE directors (id BIGINT IDENTITY(1, 1), name VARCHAR(80))")
	// Nobody tells gorm the key, as pgx has no LastInsertId: it takes that for a failure, and rolls back where it began a transaction.
	var d Director
	for _, skip := range []bool{false, true} {
		err := db.Session(&gorm.Session{SkipDefaultTransaction: skip}).Create(&Director{Name: "Scott"}).Error
		if err == nil || err.Error() != "LastInsertId is not supported by this driver" {
			t.Fatal(err)
		}
		var n int64
		if err := db.Model(&d).Count(&n).Error; err != nil || (n == 1) != skip {
			t.Fatal(n, err)
		}
	}
	if err := db.Where("name = ?", "Scott").Take(&d).Error; err != nil || d.ID < 1 {
		t.Fatal(d, err)
	}
}

// Review is a model with an index.
type Review struct {
	ID   int64 `gorm:"primaryKey;autoIncrement:false"`
	Film int64 `gorm:"index"`
}

func mustGorm(t *testing.T, db *gorm.DB, queries ...string) {
	t.Helper()
	mustExec(t, must(db.DB()), queries...)
}

// must is for what cannot fail.
func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}
