package system

// emptyTables show what a cluster of this engine never has: external schemas, datashares, materialized views, indexes,
// procedures, waiting queries. That they have no rows is the truth; tools that ask for them find none.
var emptyTables = []table{
	{
		"pg_index", leader, "indexrelid oid, indrelid oid, indkey text, indclass text, indnatts smallint, indisunique boolean, indisprimary boolean, " +
			"indisclustered boolean, indexprs text, indpred text", nil,
	},
	{"pg_indexes", leader, "schemaname name, tablename name, indexname name, tablespace name, indexdef text", nil},
	{
		"pg_trigger", leader, "tgrelid oid, tgname name, tgfoid oid, tgtype smallint, tgenabled boolean, tgisconstraint boolean, tgconstrname name, " +
			"tgconstrrelid oid, tgdeferrable boolean, tginitdeferred boolean, tgnargs smallint, tgattr text, tgargs text", nil,
	},
	{"pg_external_schema", leader, "esoid oid, eskind integer, esdbname text, esoptions text", nil},
	{"pg_library", leader, "name name, language_oid oid, file_store_id integer, owner integer", nil},
	{"svv_external_schemas", leader, "esoid oid, eskind integer, schemaname name, esowner integer, databasename text, esoptions text", nil},
	{
		"svv_external_tables", leader, "redshift_database_name text, schemaname text, tablename text, tabletype text, location text, input_format text, " +
			"output_format text, serialization_lib text, serde_parameters text, compressed integer, parameters text", nil,
	},
	{
		"svv_external_columns", leader, "redshift_database_name text, schemaname text, tablename text, columnname text, external_type text, columnnum integer, " +
			"part_key integer, is_nullable text", nil,
	},
	{
		"svv_mv_info", leader, "database_name character(128), schema_name character(128), user_name character(128), name character(128), " +
			"is_stale character(1), state integer, autorefresh character(1), autorewrite character(1)", nil,
	},
	{
		"stv_mv_info", 0, "db_name character(128), schema character(128), name character(128), updated_upto_xid bigint, is_stale character(1), " +
			"owner_user_name character(128), state integer, autorewrite character(1), autorefresh character(1)", nil,
	},
	{
		"svv_datashares", leader, "share_name character varying(128), share_id integer, share_owner integer, source_database character varying(128), " +
			"consumer_database character varying(128), share_type character varying(8), createdate timestamp, is_publicaccessible boolean, " +
			"share_acl character varying(256), producer_account character varying(16), producer_namespace character varying(64), managed_by character varying(64)", nil,
	},
	{
		"stv_wlm_query_queue_state", superuser, "service_class integer, position integer, task integer, query integer, slot_count integer, " +
			"start_time timestamp, queue_time bigint", nil,
	},
	{
		"stl_wlm_rule_action", 0, "userid integer, query integer, service_class integer, rule character(256), action character(256), recordtime timestamp, " +
			"action_value character(256), service_class_name character(64)", nil,
	},
	{
		"svl_stored_proc_call", 0, "userid integer, session_userid integer, query integer, label character(320), xid bigint, pid integer, " +
			"database character(32), querytxt character(4000), starttime timestamp, endtime timestamp, aborted integer, from_sp_call integer", nil,
	},
	{
		"svl_udf_log", 0, "query bigint, message character(4096), created timestamp, traceback character(4096), funcname character(256), node integer, " +
			"slice integer, seq integer", nil,
	},
}
