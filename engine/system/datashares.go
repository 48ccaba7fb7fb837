package system

import (
	"time"

	"github.com/redshiftsim/redshiftsim/engine/catalog"
	"github.com/redshiftsim/redshiftsim/engine/principal"
)

// Share is a datashare as the reading cluster has it: one of its own, OUTBOUND, or one that it may read, INBOUND.
type Share struct {
	Name      string
	ID        int64 // 0 = it is inbound: ID, Owner, Source, Created and ACL are not told
	Owner     int
	Source    string // the producer's database
	Database  string // the consumer's, "" = none was made
	Inbound   bool
	Public    bool
	Created   time.Time
	ACL       string
	Account   string // of the producer
	Namespace string
	Objects   []SharedObject
	Consumers []catalog.Consumer
}

// SharedObject is an object of a datashare.
type SharedObject struct {
	Type       string // schema, table, view, late binding view, materialized view, function
	Name       string // with its schema
	IncludeNew bool   // of a schema of an outbound datashare
}

// Type is OUTBOUND or INBOUND.
func (s *Share) Type() string {
	if s.Inbound {
		return "INBOUND"
	}
	return "OUTBOUND"
}

// datashareTables are the datashares. Who owns one, or has a privilege on it, sees it, and who may use the database that was made from it.
var datashareTables = []table{
	// https://docs.aws.amazon.com/redshift/latest/dg/r_SVV_DATASHARES.html
	{
		"svv_datashares", leader, "share_name character varying(128), share_id integer, share_owner integer, source_database character varying(128), " +
			"consumer_database character varying(128), share_type character varying(8), createdate timestamp, is_publicaccessible boolean, " +
			"share_acl character varying(256), producer_account character varying(16), producer_namespace character varying(64), managed_by character varying(64)",
		func(e *Env, r *row) {
			for _, s := range e.shares() {
				r.text(s.Name)
				r.numberOr(!s.Inbound, s.ID)
				r.share(&s)
				r.null(1)
				r.send()
			}
		},
	},
	// https://docs.aws.amazon.com/redshift/latest/dg/r_SVV_DATASHARE_PRIVILEGES.html
	{
		"svv_datashare_privileges", leader, "datashare_name text, " + identityColumns + ", admin_option boolean",
		func(e *Env, r *row) {
			for _, d := range e.Catalog.Datashares() {
				e.granted(e.Catalog.Access(principal.Datashare, d.ID).ACL, principal.Datashare, d.Owner, func(i *principal.Item, p principal.Privilege) {
					r.text(d.Name)
					e.identity(r, i, p)
					r.bool(i.Grant&p != 0)
					r.send()
				})
			}
		},
	},
	// https://docs.aws.amazon.com/redshift/latest/dg/r_SVV_DATASHARE_CONSUMERS.html
	{
		"svv_datashare_consumers", leader, "share_name character varying(128), consumer_account character varying(16), consumer_namespace character varying(64), " +
			"share_date timestamp",
		func(e *Env, r *row) {
			for _, s := range e.shares() {
				for _, c := range s.Consumers {
					r.text(s.Name)
					r.maybe(c.Account)
					r.maybe(c.Namespace)
					r.time(c.Since)
					r.send()
				}
			}
		},
	},
	// https://docs.aws.amazon.com/redshift/latest/dg/r_SVV_DATASHARE_OBJECTS.html
	{
		"svv_datashare_objects", leader, "share_type character varying(8), share_name character varying(128), object_type character varying(64), " +
			"object_name character varying(512), producer_account character varying(16), producer_namespace character varying(64), include_new boolean",
		func(e *Env, r *row) {
			for _, s := range e.shares() {
				for _, o := range s.Objects {
					r.text(s.Type(), s.Name, o.Type, o.Name, s.Account, s.Namespace)
					r.includesNew(&s, &o)
					r.send()
				}
			}
		},
	},
}

// shares are the datashares that the user may see.
func (e *Env) shares() []Share {
	if e.Datashares == nil {
		return nil
	}
	return e.Datashares()
}

// numberOr puts a number where there is one, else NULL.
func (r *row) numberOr(ok bool, n int64) {
	if !ok {
		r.null(1)
		return
	}
	r.int(n)
}

// share puts what SVV_DATASHARES and SHOW DATASHARES have of a datashare, from its owner to the producer's namespace.
func (r *row) share(s *Share) {
	r.numberOr(!s.Inbound, int64(s.Owner))
	r.maybe(s.Source)
	r.maybe(s.Database)
	r.text(s.Type())
	if s.Inbound {
		r.null(1)
	} else {
		r.time(s.Created)
	}
	r.bool(s.Public)
	r.maybe(s.ACL)
	r.text(s.Account, s.Namespace)
}

// includesNew puts INCLUDENEW, which only schemas of outbound datashares have.
func (r *row) includesNew(s *Share, o *SharedObject) {
	if s.Inbound || o.Type != "schema" {
		r.null(1)
		return
	}
	r.bool(o.IncludeNew)
}

// ShowDatashares is SHOW DATASHARES.
// https://docs.aws.amazon.com/redshift/latest/dg/r_SHOW_DATASHARES.html
func (e *Env) ShowDatashares() Listing {
	return e.list("share_name character varying(128), share_owner integer, source_database character varying(128), consumer_database character varying(128), "+
		"share_type character varying(8), createdate timestamp, is_publicaccessible boolean, share_acl character varying(256), "+
		"producer_account character varying(16), producer_namespace character varying(64)", 0, func(e *Env, r *row) {
		for _, s := range e.shares() {
			r.text(s.Name)
			r.share(&s)
			r.send()
		}
	})
}

// DescDatashare is DESC DATASHARE: the objects of one.
// https://docs.aws.amazon.com/redshift/latest/dg/r_DESC_DATASHARE.html
func (e *Env) DescDatashare(s *Share) Listing {
	return e.list("producer_account character varying(16), producer_namespace character varying(64), share_type character varying(8), share_name character varying(128), "+
		"object_type character varying(64), object_name character varying(512), include_new boolean", 3, func(_ *Env, r *row) {
		for _, o := range s.Objects {
			r.text(s.Account, s.Namespace, s.Type(), s.Name, o.Type, o.Name)
			r.includesNew(s, &o)
			r.send()
		}
	})
}
