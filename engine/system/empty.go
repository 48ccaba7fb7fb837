package system

// emptyTables show what a cluster of this engine never has: indexes, waiting queries, S3 event integrations. That they have no rows is the truth;
// tools that ask for them find none.
var emptyTables = []table{
	{
		"pg_index", leader, "indexrelid oid, indrelid oid, indkey int2vector, indclass oidvector, indnatts smallint, indisunique boolean, indisprimary boolean, " +
			"indisclustered boolean, indexprs text, indpred text", nil,
	},
	{"pg_inherits", leader, "inhrelid oid, inhparent oid, inhseqno integer", nil},
	{
		"pg_am", leader, "amname name, amowner integer, amstrategies smallint, amsupport smallint, amorderstrategy smallint, amcanunique boolean, " +
			"amcanmulticol boolean, amindexnulls boolean, amconcurrent boolean, oid oid hidden", nil,
	},
	{
		"pg_opclass", leader, "opcamid oid, opcname name, opcnamespace oid, opcowner integer, opcintype oid, opcdefault boolean, opckeytype oid, oid oid hidden", nil,
	},
	{
		"pg_operator", leader, "oprname name, oprnamespace oid, oprowner integer, oprkind character(1), oprcanhash boolean, oprleft oid, oprright oid, " +
			"oprresult oid, oprcom oid, oprnegate oid, oprlsortop oid, oprrsortop oid, oprltcmpop oid, oprgtcmpop oid, oprcode oid, oprrest oid, oprjoin oid, " +
			"oid oid hidden", nil,
	},
	{
		"pg_conversion", leader, "conname name, connamespace oid, conowner integer, conforencoding integer, contoencoding integer, conproc oid, " +
			"condefault boolean, oid oid hidden", nil,
	},
	{"pg_indexes", leader, "schemaname name, tablename name, indexname name, tablespace name, indexdef text", nil},
	{
		"pg_trigger", leader, "tgrelid oid, tgname name, tgfoid oid, tgtype smallint, tgenabled boolean, tgisconstraint boolean, tgconstrname name, " +
			"tgconstrrelid oid, tgdeferrable boolean, tginitdeferred boolean, tgnargs smallint, tgattr int2vector, tgargs text, oid oid hidden", nil,
	},
	// A bucket has no events here, so there is no integration that brings them: a copy job looks for files by itself.
	// https://docs.aws.amazon.com/redshift/latest/dg/SVV_COPY_JOB_INTEGRATIONS.html
	{
		"svv_copy_job_integrations", leader, "job_owner integer, channel_arn name, bucket text, channel_state name, db_name name, job_name text, job_state integer", nil,
	},
	{"pg_library", leader, "name name, language_oid oid, file_store_id integer, owner integer", nil},
	{
		"stv_wlm_query_queue_state", superuser, "service_class integer, position integer, task integer, query integer, slot_count integer, " +
			"start_time timestamp, queue_time bigint", nil,
	},
	{
		"stl_wlm_rule_action", 0, "userid integer, query integer, service_class integer, rule character(256), action character(256), recordtime timestamp, " +
			"action_value character(256), service_class_name character(64)", nil,
	},
	// Sessions are never restarted, no other database is asked, users come from no identity provider, and the cluster is provisioned.
	{
		"stl_restarted_sessions", 0, "currenttime timestamp, dbname character(50), newpid integer, oldpid integer, username character(50), " +
			"remotehost character(45), remoteport character(32), parkedtime timestamp, session_vars character(2000)", nil,
	},
	{"stl_wlm_error", 0, "userid integer, recordtime timestamp, pid integer, error_string character(256)", nil},
	{
		"svl_federated_query", 0, "userid integer, xid bigint, pid integer, query integer, sourcetype character(32), recordtime timestamp, " +
			"querytext character(4000), num_rows bigint, num_bytes bigint, duration bigint", nil,
	},
	{
		"sys_serverless_usage", superuser, "start_time timestamp, end_time timestamp, compute_seconds double precision, compute_capacity double precision, " +
			"data_storage bigint, cross_region_transferred_data bigint, charged_seconds bigint, charged_extra_compute_for_automatic_optimization_seconds bigint", nil,
	},
	// What running queries have done so far is not counted before they end.
	{
		"stv_exec_state", 0, "userid integer, query integer, slice integer, segment integer, step integer, starttime timestamp, currenttime timestamp, " +
			"tasknum integer, rows bigint, bytes bigint, label character(256), is_diskbased character(1), workmem bigint, num_parts integer, " +
			"is_rrscan character(1), is_delayed_scan character(1), query_uuid character(36)", nil,
	},
	{
		"svv_query_state", 0, "userid integer, query integer, seg integer, step integer, maxtime bigint, avgtime bigint, rows bigint, bytes bigint, cpu bigint, " +
			"memory bigint, rate_row double precision, rate_byte double precision, label character(25), is_diskbased character(1), workmem bigint, " +
			"num_parts integer, is_rrscan character(1), is_delayed_scan character(1)", nil,
	},
	{
		"stv_query_metrics", 0, "userid integer, service_class integer, query integer, starttime timestamp, slices integer, segment integer, step_type integer, " +
			"rows bigint, max_rows bigint, cpu_time bigint, max_cpu_time bigint, blocks_read bigint, max_blocks_read bigint, run_time bigint, " +
			"max_run_time bigint, max_blocks_to_disk bigint, blocks_to_disk bigint, step integer, max_query_scan_size bigint, query_scan_size bigint, " +
			"query_priority integer, query_queue_time bigint", nil,
	},
	{
		"stv_tbl_trans", superuser, "slice integer, id integer, rows bigint, size bigint, query_id bigint, ref_cnt integer, from_suspended integer, " +
			"prep_swap integer", nil,
	},
	{
		"stv_wlm_qmr_config", superuser, "service_class integer, rule_name character(256), action character(256), metric_name character(256), " +
			"metric_operator character(256), metric_value double precision, action_value character(256)", nil,
	},
}
