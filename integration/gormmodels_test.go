package integration

import (
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"gorm.io/gorm"
	"gorm.io/gorm/clause"

	"github.com/redshiftsim/redshiftsim"
)

// Studio and Movie are models of which one has many of the other.
type Studio struct {
	ID     int64  `gorm:"primaryKey;autoIncrement:false"`
	Name   string `gorm:"size:40;unique"`
	Movies []Movie
}

// Movie belongs to a Studio, and is deleted by a mark.
type Movie struct {
	ID        int64 `gorm:"primaryKey;autoIncrement:false"`
	StudioID  int64
	Studio    Studio
	Title     string `gorm:"size:80;default:untitled;comment:in its own language"`
	Price     *float64
	DeletedAt gorm.DeletedAt
	CreatedAt time.Time
}

// TestGormAssociations makes tables with foreign keys, comments and defaults, and reads models with what belongs to them.
func TestGormAssociations(t *testing.T) {
	for _, mode := range []pgx.QueryExecMode{pgx.QueryExecModeCacheStatement, pgx.QueryExecModeSimpleProtocol} {
		t.Run(mode.String(), func(t *testing.T) {
			db := gormDB(t, newCluster(t, redshiftsim.Config{}), mode, true)
			if err := db.AutoMigrate(&Studio{}, &Movie{}); err != nil {
				t.Fatal(err)
			}
			same(t, "constraints", texts(t, must(db.DB()), "SELECT contype, pg_get_constraintdef(oid) FROM pg_constraint ORDER BY 1, 2"),
				"f|FOREIGN KEY (studio_id) REFERENCES studios(id)", "p|PRIMARY KEY (id)", "p|PRIMARY KEY (id)", "u|UNIQUE (name)")
			same(t, "comments", texts(t, must(db.DB()), "SELECT description FROM pg_description d JOIN pg_class c ON c.oid = d.objoid WHERE c.relname = 'movies'"), "in its own language")
			gormFills(t, db)
			gormReads(t, db)
		})
	}
}

func gormFills(t *testing.T, db *gorm.DB) {
	t.Helper()
	price := 3.5
	if err := db.CreateInBatches([]Studio{{ID: 1, Name: "Fox"}, {ID: 2, Name: "Universal"}, {ID: 3, Name: "Cineplex"}}, 2).Error; err != nil {
		t.Fatal(err)
	}
	for _, m := range []Movie{{ID: 1, StudioID: 1, Title: "Alien", Price: &price}, {ID: 2, StudioID: 2, Title: "Brazil"}, {ID: 3, StudioID: 1}} {
		if err := db.Omit(clause.Associations).Create(&m).Error; err != nil {
			t.Fatal(err)
		}
	}
	// gorm writes what belongs to a model, and what may be there, by ON CONFLICT.
	refused(t, db.Create(&Movie{ID: 4, Studio: Studio{ID: 4, Name: "WB"}}).Error, "42601", `syntax error at or near "ON"`)
	refused(t, db.Save(&Studio{ID: 5, Name: "A24"}).Error, "42601", `syntax error at or near "ON"`)
}

func gormReads(t *testing.T, db *gorm.DB) {
	t.Helper()
	var s Studio
	// The type that gorm has for a float is DECIMAL, which has no digits behind the point here: name another in the model.
	if err := db.Preload("Movies", func(db *gorm.DB) *gorm.DB { return db.Order("id") }).First(&s, 1).Error; err != nil || len(s.Movies) != 2 ||
		*s.Movies[0].Price != 4 || s.Movies[1].Title != "untitled" || s.Movies[1].Price != nil {
		t.Fatal(s, err)
	}
	var totals []struct{ StudioID, N int64 }
	if err := db.Model(&Movie{}).Select("studio_id, count(*) AS n").Group("studio_id").Having("count(*) > ?", 1).Scan(&totals).Error; err != nil || len(totals) != 1 || totals[0].N != 2 {
		t.Fatal(totals, err)
	}
	var m []Movie
	if err := db.Where("studio_id IN (?)", db.Model(&Studio{}).Select("id").Where("name LIKE ?", "Uni%")).Find(&m).Error; err != nil || len(m) != 1 || m[0].Title != "Brazil" {
		t.Fatal(m, err)
	}
	if err := db.Delete(&Movie{}, 1).Error; err != nil {
		t.Fatal(err)
	}
	var left, all int64
	if err := db.Model(&Movie{}).Count(&left).Error; err != nil {
		t.Fatal(err)
	}
	if err := db.Unscoped().Model(&Movie{}).Count(&all).Error; err != nil || left != 2 || all != 3 {
		t.Fatal(left, all, err)
	}
	// Joins names its columns Studio__name. Redshift makes small letters of that unless told otherwise, and gorm finds nothing for the field.
	for i, where := range []string{"movies.id = ?", "movies.id IN (?)"} { // two texts: a statement that is prepared keeps its names
		var m []Movie
		sensitive := i == 1
		err := db.Connection(func(db *gorm.DB) error {
			if sensitive {
				if err := db.Exec("SET enable_case_sensitive_identifier TO true").Error; err != nil {
					return err
				}
			}
			return db.Joins("Studio").Where(where, 2).Find(&m).Error
		})
		if err != nil || len(m) != 1 || (m[0].Studio.Name == "Universal") != sensitive {
			t.Fatal(sensitive, m, err)
		}
	}
}
