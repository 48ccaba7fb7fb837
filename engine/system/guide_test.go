package system

// guideColumns are the columns of the tables as the AWS guide lists them, and for pg_ tables as PostgreSQL 8.0 and Redshift have them: a table, a colon, its
// columns; lines that begin with a tab go on.
// https://docs.aws.amazon.com/redshift/latest/dg/cm_chap_system-tables.html
const guideColumns = `
information_schema.columns: table_catalog character varying(128), table_schema character varying(128), table_name character varying(128), column_name
	character varying(128), ordinal_position integer, column_default character varying(4000), is_nullable character varying(3), data_type character
	varying(128), character_maximum_length integer, character_octet_length integer, numeric_precision integer, numeric_precision_radix integer,
	numeric_scale integer, datetime_precision integer, interval_type character varying(128), interval_precision character varying(128),
	character_set_catalog character varying(128), character_set_schema character varying(128), character_set_name character varying(128),
	collation_catalog character varying(128), collation_schema character varying(128), collation_name character varying(128), domain_catalog character
	varying(128), domain_schema character varying(128), domain_name character varying(128), udt_catalog character varying(128), udt_schema character
	varying(128), udt_name character varying(128), scope_catalog character varying(128), scope_schema character varying(128), scope_name character
	varying(128), maximum_cardinality integer, dtd_identifier character varying(128), is_self_referencing character varying(3)
information_schema.constraint_column_usage: table_catalog character varying(128), table_schema character varying(128), table_name character
	varying(128), column_name character varying(128), constraint_catalog character varying(128), constraint_schema character varying(128), constraint_name
	character varying(128)
information_schema.key_column_usage: constraint_catalog character varying(128), constraint_schema character varying(128), constraint_name character
	varying(128), table_catalog character varying(128), table_schema character varying(128), table_name character varying(128), column_name character
	varying(128), ordinal_position integer
information_schema.referential_constraints: constraint_catalog character varying(128), constraint_schema character varying(128), constraint_name
	character varying(128), unique_constraint_catalog character varying(128), unique_constraint_schema character varying(128), unique_constraint_name
	character varying(128), match_option character varying(128), update_rule character varying(128), delete_rule character varying(128)
information_schema.routines: specific_catalog character varying(128), specific_schema character varying(128), specific_name character varying(128),
	routine_catalog character varying(128), routine_schema character varying(128), routine_name character varying(128), routine_type character
	varying(128), module_catalog character varying(128), module_schema character varying(128), module_name character varying(128), udt_catalog character
	varying(128), udt_schema character varying(128), udt_name character varying(128), data_type character varying(128), character_maximum_length integer,
	character_octet_length integer, character_set_catalog character varying(128), character_set_schema character varying(128), character_set_name
	character varying(128), collation_catalog character varying(128), collation_schema character varying(128), collation_name character varying(128),
	numeric_precision integer, numeric_precision_radix integer, numeric_scale integer, datetime_precision integer, interval_type character varying(128),
	interval_precision character varying(128), type_udt_catalog character varying(128), type_udt_schema character varying(128), type_udt_name character
	varying(128), scope_catalog character varying(128), scope_schema character varying(128), scope_name character varying(128), maximum_cardinality
	integer, dtd_identifier character varying(128), routine_body character varying(128), routine_definition character varying(65535), external_name
	character varying(128), external_language character varying(128), parameter_style character varying(128), is_deterministic character varying(128),
	sql_data_access character varying(128), is_null_call character varying(128), sql_path character varying(128), schema_level_routine character
	varying(128), max_dynamic_result_sets integer, is_user_defined_cast character varying(128), is_implicitly_invocable character varying(128),
	security_type character varying(128), to_sql_specific_catalog character varying(128), to_sql_specific_schema character varying(128),
	to_sql_specific_name character varying(128)
information_schema.table_privileges: grantor character varying(128), grantee character varying(128), table_catalog character varying(128),
	table_schema character varying(128), table_name character varying(128), privilege_type character varying(128), is_grantable character varying(3),
	with_hierarchy character varying(3)
information_schema.schemata: catalog_name character varying(128), schema_name character varying(128), schema_owner character varying(128),
	default_character_set_catalog character varying(128), default_character_set_schema character varying(128), default_character_set_name character
	varying(128), sql_path character varying(128)
information_schema.table_constraints: constraint_catalog character varying(128), constraint_schema character varying(128), constraint_name character
	varying(128), table_catalog character varying(128), table_schema character varying(128), table_name character varying(128), constraint_type character
	varying(128), is_deferrable character varying(3), initially_deferred character varying(3)
information_schema.tables: table_catalog character varying(128), table_schema character varying(128), table_name character varying(128), table_type
	character varying(128), self_referencing_column_name character varying(128), reference_generation character varying(128), user_defined_type_catalog
	character varying(128), user_defined_type_schema character varying(128), user_defined_name character varying(128)
information_schema.views: table_catalog character varying(128), table_schema character varying(128), table_name character varying(128),
	view_definition text, check_option character varying(128), is_updatable character varying(3), is_insertable_into character varying(3)
pg_attrdef: adrelid oid, adnum integer, adbin text, adsrc text
pg_attribute: attrelid oid, attname name, atttypid oid, attstattarget integer, attlen integer, attnum integer, attndims integer, attcacheoff integer,
	atttypmod integer, attbyval boolean, attstorage character(1), attalign character(1), attnotnull boolean, atthasdef boolean, attisdropped boolean,
	attislocal boolean, attinhcount integer, attisdistkey boolean, attispreloaded boolean, attsortkeyord integer, attencodingtype integer, attencrypttype
	integer
pg_class: relname name, relnamespace oid, reltype oid, relowner integer, relam oid, relfilenode oid, reltablespace oid, relpages integer, reltuples
	double precision, reltoastrelid oid, reltoastidxid oid, relhasindex boolean, relisshared boolean, relkind character(1), relnatts integer, relexternid
	oid, relisreplicated boolean, relispinned boolean, reldiststyle integer, relprojbaseid oid, relchecks integer, reltriggers integer, relukeys integer,
	relfkeys integer, relrefs integer, relhasoids boolean, relhaspkey boolean, relhasrules boolean, relhassubclass boolean, relacl aclitem[]
pg_language: lanname name, lanispl boolean, lanpltrusted boolean, lanplcallfoid oid, lanvalidator oid, lanacl aclitem[]
pg_constraint: conname name, connamespace oid, contype character(1), condeferrable boolean, condeferred boolean, conrelid oid, contypid oid, confrelid
	oid, confupdtype character(1), confdeltype character(1), confmatchtype character(1), conkey smallint[], confkey smallint[], conbin text, consrc text
pg_database: datname name, datdba integer, encoding integer, datistemplate boolean, datallowconn boolean, datlastsysoid oid, datvacuumxid text,
	datfrozenxid text, dattablespace oid, datconfig text[], datacl aclitem[]
pg_default_acl: defacluser integer, defaclnamespace oid, defaclobjtype character(1), defaclacl aclitem[]
pg_depend: classid oid, objid oid, objsubid integer, refclassid oid, refobjid oid, refobjsubid integer, deptype character(1)
pg_description: objoid oid, classoid oid, objsubid integer, description text
pg_external_schema: esoid oid, eskind integer, esdbname text, esoptions text
pg_group: groname name, grosysid integer, grolist integer[]
pg_index: indexrelid oid, indrelid oid, indkey int2vector, indclass oidvector, indnatts smallint, indisunique boolean, indisprimary boolean,
	indisclustered boolean, indexprs text, indpred text
pg_indexes: schemaname name, tablename name, indexname name, tablespace name, indexdef text
pg_library: name name, language_oid oid, file_store_id integer, owner integer
pg_namespace: nspname name, nspowner integer, nspacl aclitem[]
pg_rewrite: rulename name, ev_class oid, ev_attr smallint, ev_type "char", is_instead boolean, ev_qual text, ev_action text
pg_settings: name text, setting text, category text, short_desc text, extra_desc text, context text, vartype text, source text, min_val text, max_val
	text
pg_stat_activity: datid oid, datname name, procpid integer, usesysid integer, usename name, current_query text, query_start timestamp
pg_statistic: starelid oid, staattnum smallint, stanullfrac real, stawidth integer, stadistinct real, stakind1 smallint, stakind2 smallint, stakind3
	smallint, stakind4 smallint, staop1 oid, staop2 oid, staop3 oid, staop4 oid, stanumbers1 real[], stanumbers2 real[], stanumbers3 real[], stanumbers4
	real[], stavalues1 anyarray, stavalues2 anyarray, stavalues3 anyarray, stavalues4 anyarray
pg_statistic_indicator: stairelid oid, stairows double precision, staiins double precision, staidels double precision
pg_stats: schemaname name, tablename name, attname name, null_frac real, avg_width integer, n_distinct real, most_common_vals anyarray,
	most_common_freqs real[], histogram_bounds anyarray, correlation real
pg_table_def: schemaname name, tablename name, column name, type text, encoding text, distkey boolean, sortkey integer, notnull boolean
pg_tables: schemaname name, tablename name, tableowner name, tablespace name, hasindexes boolean, hasrules boolean, hastriggers boolean
pg_trigger: tgrelid oid, tgname name, tgfoid oid, tgtype smallint, tgenabled boolean, tgisconstraint boolean, tgconstrname name, tgconstrrelid oid,
	tgdeferrable boolean, tginitdeferred boolean, tgnargs smallint, tgattr int2vector, tgargs bytea
pg_type: typname name, typnamespace oid, typowner integer, typlen integer, typbyval boolean, typtype character(1), typisdefined boolean, typdelim
	character(1), typrelid oid, typelem oid, typinput regproc, typoutput regproc, typreceive regproc, typsend regproc, typanalyze regproc, typalign character(1),
	typstorage character(1), typnotnull boolean, typbasetype oid, typtypmod integer, typndims integer, typdefaultbin text, typdefault text
pg_user: usename name, usesysid integer, usecreatedb boolean, usesuper boolean, usecatupd boolean, passwd text, valuntil timestamp, useconfig text[]
pg_user_info: usename name, usesysid integer, usecreatedb boolean, usesuper boolean, usecatupd boolean, passwd text, valuntil abstime, useconfig
	text[], useconnlimit text
pg_views: schemaname name, viewname name, viewowner name, definition text
stl_aggr: userid integer, query integer, slice integer, segment integer, step integer, starttime timestamp, endtime timestamp, tasknum integer, rows
	bigint, bytes bigint, slots integer, occupied integer, maxlength integer, tbl integer, is_diskbased character(1), workmem bigint, type character(6),
	resizes integer, flushable integer
stl_alert_event_log: userid integer, query integer, slice integer, segment integer, step integer, pid integer, xid bigint, event character(1024),
	solution character(1024), event_time timestamp
stl_bcast: userid integer, query integer, slice integer, segment integer, step integer, starttime timestamp, endtime timestamp, tasknum integer, rows
	bigint, bytes bigint, packets integer
stl_ddltext: userid integer, xid bigint, pid integer, label character(320), starttime timestamp, endtime timestamp, sequence integer, text
	character(200)
stl_delete: userid integer, query integer, slice integer, segment integer, step integer, starttime timestamp, endtime timestamp, tasknum integer, rows
	bigint, tbl integer
stl_dist: userid integer, query integer, slice integer, segment integer, step integer, starttime timestamp, endtime timestamp, tasknum integer, rows
	bigint, bytes bigint, packets integer
stl_explain: userid integer, query integer, nodeid integer, parentid integer, plannode character(400), info character(400)
stl_file_scan: userid integer, query integer, slice integer, name character(90), lines bigint, bytes bigint, loadtime bigint, curtime timestamp,
	is_partial integer, start_offset bigint
stl_hash: userid integer, query integer, slice integer, segment integer, step integer, starttime timestamp, endtime timestamp, tasknum integer, rows
	bigint, bytes bigint, slots integer, occupied integer, maxlength integer, tbl integer, is_diskbased character(1), workmem bigint, num_parts integer,
	est_rows bigint, num_blocks_permitted integer, resizes integer, checksum bigint, runtime_filter_size integer, max_runtime_filter_size integer
stl_hashjoin: userid integer, query integer, slice integer, segment integer, step integer, starttime timestamp, endtime timestamp, tasknum integer,
	rows bigint, tbl integer, num_parts integer, join_type integer, hash_looped character(1), switched_parts character(1), used_prefetching character(1),
	hash_segment integer, hash_step integer, checksum bigint, distribution integer
stl_insert: userid integer, query integer, slice integer, segment integer, step integer, starttime timestamp, endtime timestamp, tasknum integer, rows
	bigint, tbl integer, inserted_mega_value character(1)
stl_replacements: userid integer, query integer, slice integer, tbl integer, starttime timestamp, session integer, filename character(256), line_number
	bigint, colname character(127), raw_line character(1024), user_query_id bigint
stl_s3client: userid integer, query integer, slice integer, recordtime timestamp, pid integer, http_method character(64), bucket character(64), key
	character(256), transfer_size bigint, data_size bigint, start_time bigint, end_time bigint, transfer_time bigint, compression_time bigint,
	connect_time bigint, app_connect_time bigint, retries bigint, request_id character(32), extended_request_id character(128), ip_address
	character(64), is_partial integer, start_offset bigint, query_uuid character(36)
stv_load_state: userid integer, session integer, query integer, slice integer, pid integer, recordtime timestamp, bytes_to_load bigint, bytes_loaded
	bigint, bytes_to_load_compressed bigint, bytes_loaded_compressed bigint, lines integer, num_files integer, num_files_complete integer, current_file
	character(256), pct_complete integer
svl_spatial_simplify: query integer, line_number integer, maximum_tolerance double precision, initial_size integer, simplified character(1), final_size
	integer, final_tolerance double precision
sys_spatial_simplify: query_id bigint, line_number bigint, maximum_tolerance double precision, initial_size bigint, simplified character(1), final_size
	bigint, final_tolerance double precision
sys_copy_replacements: user_id integer, query_id bigint, table_id integer, file_name character(256), column_name character(127), line_number bigint,
	raw_line character(1024)
stl_limit: userid integer, query integer, slice integer, segment integer, step integer, starttime timestamp, endtime timestamp, tasknum integer, rows
	bigint, checksum bigint
stl_load_commits: userid integer, query integer, slice integer, name character(256), filename character(256), byte_offset integer, lines_scanned
	integer, errors integer, curtime timestamp, status integer, file_format character(16), is_partial integer, start_offset bigint, copy_job_id bigint
stl_load_errors: userid integer, slice integer, tbl integer, starttime timestamp, session integer, query integer, filename character(256), line_number
	bigint, colname character(127), type character(10), col_length character(10), position integer, raw_line character(1024), raw_field_value
	character(1024), err_code integer, err_reason character(100), is_partial integer, start_offset bigint, copy_job_id bigint
stl_loaderror_detail: userid integer, slice integer, session integer, query integer, filename character(256), line_number bigint, field integer,
	colname character(1024), value character(1024), is_null integer, type character(10), col_length character(10)
stl_merge: userid integer, query integer, slice integer, segment integer, step integer, starttime timestamp, endtime timestamp, tasknum integer, rows
	bigint
stl_mergejoin: userid integer, query integer, slice integer, segment integer, step integer, starttime timestamp, endtime timestamp, tasknum integer,
	rows bigint, tbl integer, checksum bigint
stl_nestloop: userid integer, query integer, slice integer, segment integer, step integer, starttime timestamp, endtime timestamp, tasknum integer,
	rows bigint, tbl integer, checksum bigint
stl_parse: userid integer, query integer, slice integer, segment integer, step integer, starttime timestamp, endtime timestamp, tasknum integer, rows
	bigint
stl_plan_info: userid integer, query integer, nodeid integer, segment integer, step integer, locus integer, plannode integer, startupcost double
	precision, totalcost double precision, rows bigint, bytes bigint
stl_project: userid integer, query integer, slice integer, segment integer, step integer, starttime timestamp, endtime timestamp, tasknum integer,
	rows bigint, checksum bigint
stl_query: userid integer, query integer, label character(320), xid bigint, pid integer, database character(32), querytxt character(4000), starttime
	timestamp, endtime timestamp, aborted integer, insert_pristine integer, concurrency_scaling_status integer
stl_querytext: userid integer, xid bigint, pid integer, query integer, sequence integer, text character(200)
stl_return: userid integer, query integer, slice integer, segment integer, step integer, starttime timestamp, endtime timestamp, tasknum integer, rows
	bigint, bytes bigint, packets integer, checksum bigint
stl_scan: userid integer, query integer, slice integer, segment integer, step integer, starttime timestamp, endtime timestamp, tasknum integer, rows
	bigint, bytes bigint, fetches bigint, type integer, tbl integer, is_rrscan character(1), is_delayed_scan character(1), rows_pre_filter bigint,
	rows_pre_user_filter bigint, perm_table_name character(136), is_rlf_scan character(1), is_rlf_scan_reason integer, num_em_blocks integer, checksum
	bigint, runtime_filtering character(1), scan_region integer, num_sortkey_as_predicate integer, row_fetcher_state integer, consumed_scan_ranges
	bigint, work_stealing_reason bigint, is_vectorized_scan character(1), is_vectorized_scan_reason integer, row_fetcher_reason bigint,
	topology_signature bigint, use_tpm_partition character(1), is_rrscan_expr character(1), scanned_mega_value character(1)
stl_save: userid integer, query integer, slice integer, segment integer, step integer, starttime timestamp, endtime timestamp, tasknum integer, rows
	bigint, bytes bigint, tbl integer, is_diskbased character(1), workmem bigint
stl_sort: userid integer, query integer, slice integer, segment integer, step integer, starttime timestamp, endtime timestamp, tasknum integer, rows
	bigint, bytes bigint, tbl integer, is_diskbased character(1), workmem bigint, checksum bigint
stl_stream_segs: userid integer, query integer, stream integer, segment integer
stl_tr_conflict: xact_id bigint, process_id bigint, xact_start_ts timestamp, abort_time timestamp, table_id bigint
stl_unique: userid integer, query integer, slice integer, segment integer, step integer, starttime timestamp, endtime timestamp, tasknum integer, rows
	bigint, type character(6), is_diskbased character(1), slots integer, workmem bigint, max_buffers_used bigint, resizes integer, occupied integer,
	flushable integer, used_unique_prefetching character(1), bytes bigint
stl_unload_log: userid integer, query integer, slice integer, pid integer, path character(1280), start_time timestamp, end_time timestamp, line_count
	bigint, transfer_size bigint, file_format character(10), user_query_id bigint, transaction_id bigint
stl_userlog: userid integer, username character(50), oldusername character(50), action character(10), usecreatedb integer, usesuper integer, usecatupd
	integer, valuntil timestamp, pid integer, xid bigint, recordtime timestamp
stl_utilitytext: userid integer, xid bigint, pid integer, label character(320), starttime timestamp, endtime timestamp, sequence integer, text
	character(200)
stl_window: userid integer, query integer, slice integer, segment integer, step integer, starttime timestamp, endtime timestamp, tasknum integer, rows
	bigint, is_diskbased character(1), workmem bigint
stl_wlm_query: userid integer, xid integer, task integer, query integer, service_class integer, slot_count integer, service_class_start_time
	timestamp, queue_start_time timestamp, queue_end_time timestamp, total_queue_time bigint, exec_start_time timestamp, exec_end_time timestamp,
	total_exec_time bigint, service_class_end_time timestamp, final_state character(16), est_peak_mem bigint, query_priority character(20),
	service_class_name character(64)
stl_wlm_rule_action: userid integer, query integer, service_class integer, rule character(256), action character(256), recordtime timestamp,
	action_value character(256), service_class_name character(64)
stv_active_cursors: userid integer, name character varying(256), xid bigint, pid integer, starttime timestamp, row_count bigint, byte_count bigint,
	fetched_rows bigint
stv_blocklist: slice integer, col integer, tbl integer, blocknum integer, num_values integer, extended_limits integer, minvalue bigint, maxvalue
	bigint, sb_pos integer, pinned integer, on_disk integer, modified integer, hdr_modified integer, unsorted integer, tombstone integer,
	preferred_diskno integer, temporary integer, newblock integer, num_readers integer, flags integer
stv_db_isolation_level: db_name character(128), isolation_level character(20)
stv_inflight: userid integer, slice integer, query integer, label character(320), xid bigint, pid integer, starttime timestamp, text character(100),
	suspended integer, insert_pristine integer, concurrency_scaling_status integer
stv_locks: table_id bigint, last_commit timestamp, last_update timestamp, lock_owner bigint, lock_owner_pid bigint, lock_owner_start_ts timestamp,
	lock_owner_end_ts timestamp, lock_status character(22)
stv_mv_deps: db_name character(128), schema character(128), name character(128), ref_schema character(128), ref_name character(128),
	ref_database_name character(128)
stv_mv_info: db_name character(128), schema character(128), name character(128), updated_upto_xid bigint, is_stale character(1), owner_user_name
	character(128), state integer, autorewrite character(1), autorefresh character(1)
stv_node_storage_capacity: node integer, used integer, capacity integer
stv_recents: userid integer, status character(20), starttime timestamp, duration integer, user_name character(50), db_name character(50), query
	character(600), pid integer
stv_sessions: starttime timestamp, process integer, user_name character(50), db_name character(50), timeout_sec integer
stv_slices: node integer, slice integer, localslice integer, type character(1)
stv_tbl_perm: slice integer, id integer, name character(72), rows bigint, sorted_rows bigint, temp integer, db_id integer, insert_pristine integer,
	delete_pristine integer, backup integer, dist_style integer, block_count integer
stv_wlm_query_state: xid integer, task integer, query integer, service_class integer, slot_count integer, wlm_start_time timestamp, state
	character(16), queue_time bigint, exec_time bigint, query_priority character(20)
stv_wlm_query_queue_state: service_class integer, position integer, task integer, query integer, slot_count integer, start_time timestamp, queue_time
	bigint
svl_qlog: userid integer, query integer, xid bigint, pid integer, starttime timestamp, endtime timestamp, elapsed bigint, aborted integer, label
	character(320), substring character(60), source_query integer, concurrency_scaling_status_txt text, from_sp_call integer
svl_query_report: userid integer, query integer, slice integer, segment integer, step integer, start_time timestamp, end_time timestamp, elapsed_time
	bigint, rows bigint, bytes bigint, label character(256), is_diskbased character(1), workmem bigint, is_rrscan character(1), is_delayed_scan
	character(1), rows_pre_filter bigint
svl_query_summary: userid integer, query integer, stm integer, seg integer, step integer, maxtime bigint, avgtime bigint, rows bigint, bytes bigint,
	rate_row double precision, rate_byte double precision, label text, is_diskbased character(1), workmem bigint, is_rrscan character(1), is_delayed_scan
	character(1), rows_pre_filter bigint
svl_statementtext: userid integer, xid bigint, pid integer, label character(320), starttime timestamp, endtime timestamp, sequence integer, type
	character varying(10), text character(200)
svl_stored_proc_call: userid integer, session_userid integer, query integer, label character(320), xid bigint, pid integer, database character(32),
	querytxt character(4000), starttime timestamp, endtime timestamp, aborted integer, from_sp_call integer
svl_stored_proc_messages: userid integer, session_userid integer, pid integer, xid bigint, query integer, recordtime timestamp, loglevel integer,
	loglevel_text character(10), message character(1024), linenum integer, querytext character(500), label character(320), aborted integer, message_xid bigint
svl_udf_log: query bigint, message character(4096), created timestamp, traceback character(4096), funcname character(256), node integer, slice
	integer, seq integer
svl_user_info: usename text, usesysid integer, usecreatedb boolean, usesuper boolean, usecatupd boolean, useconnlimit text, syslogaccess text,
	last_ddl_ts timestamp, sessiontimeout integer, external_id text
svcs_alert_event_log: userid integer, query integer, segment integer, step integer, pid integer, xid bigint, event character(1024), solution
	character(1024), event_time timestamp
svcs_compile: userid integer, xid bigint, pid integer, query integer, segment integer, locus integer, starttime timestamp, endtime timestamp, compile
	integer
svcs_concurrency_scaling_usage: start_time timestamp, end_time timestamp, queries bigint, usage_in_seconds numeric(27,0)
svcs_explain: userid integer, query integer, nodeid integer, parentid integer, plannode character(400), info character(400)
svcs_plan_info: userid integer, query integer, nodeid integer, segment integer, step integer, locus integer, plannode integer, startupcost double
	precision, totalcost double precision, rows bigint, bytes bigint
svcs_query_summary: userid integer, query integer, stm integer, seg integer, step integer, maxtime bigint, avgtime bigint, rows bigint, bytes bigint,
	rate_row double precision, rate_byte double precision, label text, is_diskbased character(1), workmem bigint, is_rrscan character(1), is_delayed_scan
	character(1), rows_pre_filter bigint
svcs_s3list: query integer, segment integer, node integer, eventtime timestamp, bucket character(256), prefix character(256), recursive character(1),
	retrieved_files integer, max_file_size bigint, avg_file_size double precision, generated_splits integer, avg_split_length double precision, duration
	bigint
svcs_s3log: pid integer, query integer, segment integer, step integer, node integer, eventtime timestamp, message character(512)
svcs_s3partition_summary: query integer, segment integer, assignment character(1), min_starttime timestamp, max_endtime timestamp, min_duration bigint,
	max_duration bigint, avg_duration bigint, total_partitions integer, qualified_partitions integer, min_assigned_partitions integer,
	max_assigned_partitions integer, avg_assigned_partitions bigint
svcs_s3query_summary: userid integer, query integer, xid bigint, pid integer, segment integer, step integer, starttime timestamp, endtime timestamp,
	elapsed integer, aborted integer, external_table_name character(136), file_format character(16), is_partitioned character(1), is_rrscan character(1),
	is_nested character varying(1), s3_scanned_rows bigint, s3_scanned_bytes bigint, s3query_returned_rows bigint, s3query_returned_bytes bigint, files
	integer, files_max integer, files_avg integer, splits bigint, splits_max integer, splits_avg bigint, total_split_size bigint, max_split_size bigint,
	avg_split_size bigint, total_retries bigint, max_retries integer, max_request_duration bigint, avg_request_duration bigint,
	max_request_parallelism integer, avg_request_parallelism double precision, total_slowdown_count bigint, max_slowdown_count integer
svcs_stream_segs: userid integer, query integer, stream integer, segment integer
svcs_unload_log: userid integer, query integer, pid integer, path character(1280), start_time timestamp, end_time timestamp, line_count bigint,
	transfer_size bigint, file_format character(10)
svl_terminate: pid integer, eventtime timestamp, userid integer, type character varying(9)
svl_multi_statement_violations: userid integer, database character(32), cmdname character(20), xid bigint, pid integer, label character(320), starttime
	timestamp, endtime timestamp, sequence integer, type character varying(10), text character(200)
svv_active_cursors: user_id integer, cursor_name character varying(128), transaction_id bigint, session_id integer, declare_time timestamp, total_bytes
	bigint, total_rows bigint, fetched_rows bigint, cursor_storage_limit_used_percent integer
svv_datashare_privileges: datashare_name text, privilege_type text, identity_id integer, identity_name text, identity_type text, admin_option boolean
svv_geometry_columns: f_table_catalog character varying(128), f_table_schema character varying(128), f_table_name character varying(128),
	f_geometry_column character varying(128), coord_dimension integer, srid integer, type character varying(128)
svv_geography_columns: f_table_catalog character varying(128), f_table_schema character varying(128), f_table_name character varying(128),
	f_geography_column character varying(128), coord_dimension integer, srid integer, type character varying(128)
svv_redshift_schema_quota: database_name character(128), schema_name character(128), schema_owner integer, quota integer, disk_usage integer
stl_restarted_sessions: currenttime timestamp, dbname character(50), newpid integer, oldpid integer, username character(50), remotehost character(45),
	remoteport character(32), parkedtime timestamp, session_vars character(2000)
stl_wlm_error: userid integer, recordtime timestamp, pid integer, error_string character(256)
svl_federated_query: userid integer, xid bigint, pid integer, query integer, sourcetype character(32), recordtime timestamp, querytext character(4000),
	num_rows bigint, num_bytes bigint, duration bigint
sys_serverless_usage: start_time timestamp, end_time timestamp, compute_seconds double precision, compute_capacity double precision, data_storage bigint,
	cross_region_transferred_data bigint, charged_seconds bigint, charged_extra_compute_for_automatic_optimization_seconds bigint
svv_all_columns: database_name character varying(128), schema_name character varying(128), table_name character varying(128), column_name character
	varying(128), ordinal_position integer, column_default character varying(4000), is_nullable character varying(3), data_type character varying(128),
	character_maximum_length integer, numeric_precision integer, numeric_scale integer, remarks character varying(256)
svv_all_schemas: database_name character varying(128), schema_name character varying(128), schema_owner integer, schema_type character varying(128),
	schema_acl character varying(128), source_database character varying(128), schema_option character varying(256)
svv_all_tables: database_name character varying(128), schema_name character varying(128), table_name character varying(128), table_acl character
	varying(128), table_type character varying(128), remarks character varying(128)
svv_alter_table_recommendations: type character(30), database character(128), table_id integer, group_id integer, ddl character(1024), auto_eligible
	character(1)
svv_columns: table_catalog text, table_schema text, table_name text, column_name text, ordinal_position integer, column_default text, is_nullable
	text, data_type text, character_maximum_length integer, numeric_precision integer, numeric_precision_radix integer, numeric_scale integer,
	datetime_precision integer, interval_type text, interval_precision text, character_set_catalog text, character_set_schema text, character_set_name
	text, collation_catalog text, collation_schema text, collation_name text, domain_name text, remarks text
svv_system_privileges: system_privilege text, identity_id integer, identity_name text, identity_type text
svv_schema_quota_state: schema_id integer, schema_name character(128), schema_owner integer, quota integer, disk_usage integer, disk_usage_pct double precision
svv_schema_privileges: namespace_name text, privilege_type text, identity_id integer, identity_name text, identity_type text, admin_option boolean, privilege_scope text
svv_rls_policy: poldb text, polname text, polalias text, polatts text, polqual text, polenabled boolean, polmodifiedby text, polmodifiedtime timestamp
svv_rls_attached_policy: relschema text, relname text, relkind text, polname text, grantor text, grantee text, granteekind text, is_pol_on boolean,
	is_rls_on boolean, rls_conjunction_type character(3)
svv_rls_relation: datname text, relschema text, relname text, relkind text, is_rls_on boolean, is_rls_datashare_on boolean, rls_conjunction_type
	character(3), rls_datashare_conjunction_type character(3)
svv_rls_applied_policy: username text, query integer, xid bigint, pid integer, recordtime timestamp, command character(1), datname text, relschema text,
	relname text, polname text, poldefault character(1)
svv_masking_policy: policy_database text, policy_name text, input_columns text, policy_expression text, policy_modified_by text, policy_modified_time
	timestamp
svv_attached_masking_policy: policy_name text, schema_name text, table_name text, table_type text, grantor text, grantee text, grantee_type text, priority
	integer, input_columns text, output_columns text, is_masking_datashare_on boolean
sys_applied_masking_policy_log: policy_name text, user_id text, record_time timestamp, session_id integer, transaction_id bigint, query_id integer,
	database_name text, relation_name text, schema_name text, attachment_id bigint, relation_kind text, query_uuid character(36)
svv_relation_privileges: namespace_name text, relation_name text, privilege_type text, identity_id integer, identity_name text, identity_type text, admin_option boolean
svv_function_privileges: namespace_name text, function_name text, argument_types text, privilege_type text, identity_id integer, identity_name text,
	identity_type text, admin_option boolean
svv_identity_providers: uid integer, name text, type text, instanceid text, namespc text, params text, enabled boolean
svv_language_privileges: language_name text, privilege_type text, identity_id integer, identity_name text, identity_type text, admin_option boolean
svv_default_privileges: schema_name text, object_type text, owner_id integer, owner_name text, owner_type text, privilege_type text, grantee_id
	integer, grantee_name text, grantee_type text, admin_option boolean
svv_database_privileges: database_name text, privilege_type text, identity_id integer, identity_name text, identity_type text, admin_option boolean, privilege_scope text
svv_column_privileges: namespace_name text, relation_name text, column_name text, privilege_type text, identity_id integer, identity_name text, identity_type text
svv_datashares: share_name character varying(128), share_id integer, share_owner integer, source_database character varying(128), consumer_database
	character varying(128), share_type character varying(8), createdate timestamp, is_publicaccessible boolean, share_acl character varying(256),
	producer_account character varying(16), producer_namespace character varying(64), managed_by character varying(64)
svv_diskusage: db_id integer, name character(72), slice integer, col integer, tbl integer, blocknum integer, num_values integer, minvalue bigint,
	maxvalue bigint, sb_pos integer, pinned integer, on_disk integer, modified integer, hdr_modified integer, unsorted integer, tombstone integer,
	preferred_diskno integer, temporary integer, newblock integer
svv_external_columns: redshift_database_name text, schemaname text, tablename text, columnname text, external_type text, columnnum integer, part_key
	integer, is_nullable text
svl_s3list: query integer, segment integer, node integer, slice integer, eventtime timestamp, bucket text, prefix text, recursive character(1),
	retrieved_files integer, max_file_size bigint, avg_file_size double precision, generated_splits integer, avg_split_length double precision, duration
	bigint
svl_s3partition_summary: query integer, segment integer, assignment character(1), min_starttime timestamp, max_endtime timestamp, min_duration bigint,
	max_duration bigint, avg_duration bigint, total_partitions integer, qualified_partitions integer, min_assigned_partitions integer,
	max_assigned_partitions integer, avg_assigned_partitions bigint
svl_s3query_summary: userid integer, query integer, xid bigint, pid integer, segment integer, step integer, starttime timestamp, endtime timestamp,
	elapsed integer, aborted integer, external_table_name character(136), file_format character(16), is_partitioned character(1), is_rrscan character(1),
	is_nested character(1), s3_scanned_rows bigint, s3_scanned_bytes bigint, s3query_returned_rows bigint, s3query_returned_bytes bigint, files integer,
	files_max integer, files_avg integer, splits integer, splits_max integer, splits_avg integer, total_split_size bigint, max_split_size bigint,
	avg_split_size bigint, total_retries integer, max_retries integer, max_request_duration integer, avg_request_duration double precision,
	max_request_parallelism integer, avg_request_parallelism double precision, total_slowdown_count bigint, max_slowdown_count integer
svl_s3log: pid integer, query integer, segment integer, step integer, node integer, slice integer, eventtime timestamp, message text
svl_s3partition: query integer, segment integer, node integer, slice integer, starttime timestamp, endtime timestamp, duration bigint, total_partitions
	integer, qualified_partitions integer, assigned_partitions integer, assignment character(1)
svl_s3query: userid integer, query integer, segment integer, step integer, node integer, slice integer, starttime timestamp, endtime timestamp, elapsed
	integer, external_table_name character(136), is_partitioned character(1), is_rrscan character(1), s3_scanned_rows bigint, s3_scanned_bytes bigint,
	s3query_returned_rows bigint, s3query_returned_bytes bigint, files integer, splits integer, total_split_size bigint, max_split_size bigint,
	total_retries integer, max_retries integer, max_request_duration integer, avg_request_duration double precision, max_request_parallelism integer,
	avg_request_parallelism double precision
svl_spectrum_scan_error: userid integer, query integer, location character(128), rowid character(128), colname character(128), original_value
	character(128), modified_value character(128), trigger character(128), action character(128), action_value character(128), error_code integer
sys_external_query_detail: user_id integer, query_id bigint, transaction_id bigint, child_query_sequence integer, segment_id integer, source_type
	character(32), start_time timestamp, end_time timestamp, duration bigint, total_partitions integer, qualified_partitions integer, scanned_files bigint,
	returned_rows bigint, returned_bytes bigint, file_format text, file_location text, external_query_text text, warning_message character(4000),
	table_name character(136), is_recursive character(1), is_nested character(1), s3list_time bigint, get_partition_time bigint, query_uuid character(36)
sys_external_query_error: user_id integer, query_id bigint, file_location character(256), rowid character(2100), column_name character(127),
	original_value character(1024), modified_value character(1024), trigger character(128), action character(128), action_value character(128), error_code
	integer, query_uuid character(36)
svv_external_databases: eskind integer, esoptions text, databasename text, location text, parameters text
svv_external_partitions: schemaname text, tablename text, values text, location text, input_format text, output_format text, serialization_lib text,
	serde_parameters text, compressed integer, parameters text
svv_external_schemas: esoid oid, eskind integer, schemaname name, esowner integer, databasename text, esoptions text
svv_external_tables: redshift_database_name text, schemaname text, tablename text, tabletype text, location text, input_format text, output_format
	text, serialization_lib text, serde_parameters text, compressed integer, parameters text
svv_mv_dependency: database_name character(128), schema_name character(128), name character(128), dependent_database_name character(128),
	dependent_schema_name character(128), dependent_name character(128)
svv_mv_info: database_name character(128), schema_name character(128), user_name character(128), name character(128), is_stale character(1), state
	integer, autorefresh character(1), autorewrite character(1)
svv_redshift_columns: database_name character varying(128), schema_name character varying(128), table_name character varying(128), column_name
	character varying(128), ordinal_position integer, data_type character varying(32), column_default character varying(4000), is_nullable character
	varying(3), encoding character varying(128), distkey boolean, sortkey integer, column_acl character varying(128), remarks character varying(256)
svv_redshift_databases: database_name character varying(128), database_owner integer, database_type character varying(32), database_acl character
	varying(128), database_options character varying(128), database_isolation_level character varying(128)
svv_redshift_functions: database_name character varying(128), schema_name character varying(128), function_name character varying(128), function_type
	character varying(128), argument_type character varying(512), result_type character varying(128)
svv_redshift_schemas: database_name character varying(128), schema_name character varying(128), schema_owner integer, schema_type character
	varying(16), schema_acl character varying(128), schema_option character varying(128)
svv_redshift_tables: database_name character varying(128), schema_name character varying(128), table_name character varying(128), table_type character
	varying(128), table_acl character varying(128), remarks character varying(128), table_owner character varying(128)
svv_role_grants: role_id integer, role_name text, granted_role_id integer, granted_role_name text
svv_roles: role_id integer, role_name text, role_owner text, external_id text
svv_table_info: database text, schema text, table_id oid, table text, encoded text, diststyle text, sortkey1 text, max_varchar integer, sortkey1_enc
	character(32), sortkey_num integer, size bigint, pct_used numeric(10,4), empty bigint, unsorted numeric(5,2), stats_off numeric(5,2), tbl_rows
	numeric(38,0), skew_sortkey1 numeric(19,2), skew_rows numeric(19,2), estimated_visible_rows numeric(38,0), risk_event text, vacuum_sort_benefit
	numeric(12,2), create_time timestamp
svv_tables: table_catalog text, table_schema text, table_name text, table_type text, remarks text
svv_transactions: txn_owner text, txn_db text, xid bigint, pid integer, txn_start timestamp, lock_mode text, lockable_object_type text, relation
	integer, granted boolean
svv_user_grants: user_id integer, user_name text, role_id integer, role_name text, admin_option boolean
svv_user_info: user_name text, user_id integer, createdb boolean, superuser boolean, catalog_update boolean, connection_limit text, syslog_access
	text, last_ddl_timestamp timestamp, session_timeout integer, external_user_id text
stl_vacuum: userid integer, xid bigint, table_id integer, status character(30), rows bigint, sortedrows integer, blocks integer, max_merge_partitions
	integer, eventtime timestamp, reclaimable_rows bigint, reclaimable_space_mb bigint, cutoff_xid bigint, is_recluster integer
stl_analyze: userid integer, xid bigint, database character(30), table_id integer, status character(15), rows double precision, modified_rows double
	precision, threshold_percent integer, is_auto character(1), starttime timestamp, endtime timestamp, prevtime timestamp, num_predicate_cols integer,
	num_new_predicate_cols integer, is_background character(1), auto_analyze_phase character(100), schema_name character(128), table_name
	character(136)
stl_analyze_compression: userid integer, start_time timestamp, xid bigint, tbl integer, tablename character(128), col integer, old_encoding
	character(15), new_encoding character(15), mode character(14), best_compression_encoding character(15), recommended_bytes character(15),
	best_compression_bytes character(15), ndv bigint
svl_auto_worker_action: table_id integer, type character(32), status character(128), eventtime timestamp, sequence integer, previous_state character(200)
sys_auto_table_optimization: transaction_id bigint, session_id integer, table_id integer, alter_table_type character(32), status character(128), event_time
	timestamp, alter_from character(200)
stl_schema_quota_violations: ownerid integer, xid bigint, pid integer, userid integer, schema_id integer, schema_name character(128), quota integer, disk_usage
	integer, disk_usage_pct double precision, timestamp timestamp
sys_schema_quota_violations: owner_id integer, user_id integer, transaction_id bigint, session_id integer, schema_id integer, schema_name character(128), quota
	integer, disk_usage integer, record_time timestamp
svl_vacuum_percentage: xid bigint, table_id integer, percentage bigint
svv_interleaved_columns: tbl integer, col integer, interleaved_skew numeric(19,2), last_reindex timestamp
svv_vacuum_progress: table_name text, status text, time_remaining_estimate text
svv_vacuum_summary: table_name text, xid bigint, sort_partitions bigint, merge_increments bigint, elapsed_time bigint, row_delta bigint, sortedrow_delta
	bigint, block_delta integer, max_merge_partitions integer
sys_analyze_compression_history: user_id integer, start_time timestamp, transaction_id bigint, table_id integer, table_name character(128),
	column_position integer, old_encoding character(15), new_encoding character(15), mode character(14)
sys_analyze_history: user_id integer, transaction_id bigint, database_name character(30), schema_name character(128), table_name character(30),
	table_id integer, is_automatic character(1), status character(15), start_time timestamp, end_time timestamp, rows double precision, modified_rows
	double precision, analyze_threshold_percent integer, last_analyze_time timestamp
sys_vacuum_history: user_id integer, transaction_id bigint, query_id bigint, database_name text, schema_name text, table_name text, table_id integer,
	vacuum_type character varying(32), is_automatic boolean, status character varying(32), start_time timestamp, end_time timestamp, record_time
	timestamp, duration integer, rows_before_vacuum bigint, size_before_vacuum integer, reclaimable_rows bigint, reclaimed_rows bigint,
	reclaimed_blocks bigint, sortedrows_before_vacuum integer, sortedrows_after_vacuum integer
sys_userlog: user_id integer, user_name character(50), original_user_name character(50), action character(10), has_create_db_privs integer,
	is_superuser integer, has_update_catalog_privs integer, password_expiration timestamp, session_id integer, transaction_id bigint, record_time timestamp
sys_load_detail: user_id integer, query_id integer, file_name character(256), bytes_scanned integer, lines_scanned integer, splits_scanned integer,
	record_time timestamp, start_time timestamp, end_time timestamp, file_etag character(256), file_last_modified timestamp
sys_load_error_detail: user_id integer, query_id bigint, transaction_id bigint, session_id integer, database_name character(64), table_id integer,
	start_time timestamp, file_name character(256), line_number bigint, column_name character(127), column_type character(10), column_length
	character(10), position integer, error_code integer, error_message character(512)
sys_load_history: user_id integer, query_id bigint, transaction_id bigint, session_id integer, database_name text, status text, table_name text,
	start_time timestamp, end_time timestamp, duration bigint, data_source text, file_format text, loaded_rows bigint, loaded_bytes bigint,
	source_file_count integer, source_file_bytes bigint, file_count_scanned integer, file_bytes_scanned bigint, error_count bigint, copy_job_id bigint
sys_query_detail: user_id integer, query_id bigint, child_query_sequence integer, stream_id integer, segment_id integer, step_id integer, step_name
	text, table_id integer, table_name character(136), is_rrscan character(1), start_time timestamp, end_time timestamp, duration bigint, alert text,
	input_bytes bigint, input_rows bigint, output_bytes bigint, output_rows bigint, blocks_read bigint, blocks_write bigint, local_read_io bigint,
	remote_read_io bigint, source text, data_skewness integer, time_skewness integer, is_active character(1), spilled_block_local_disk bigint,
	spilled_block_remote_disk bigint, step_attribute character(64), metrics_level character(64), plan_parent_id integer, plan_node_id integer
sys_query_explain: userid integer, query_id bigint, child_query_sequence integer, plan_node_id integer, plan_parent_id integer, plan_node
	character(400), plan_info character(400), query_uuid character(36)
sys_query_history: user_id integer, query_id bigint, query_label character(320), transaction_id bigint, session_id integer, database_name
	character(128), query_type character(32), status character(10), result_cache_hit boolean, start_time timestamp, end_time timestamp, elapsed_time
	bigint, queue_time bigint, execution_time bigint, error_message character(512), returned_rows bigint, returned_bytes bigint, query_text
	character(4000), redshift_version character(256), usage_limit character(150), compute_type character varying(32), compile_time bigint, planning_time
	bigint, lock_wait_time bigint, service_class_id integer, service_class_name character(64), query_priority character(20), short_query_accelerated
	character(10), user_query_hash character(40), generic_query_hash character(40), query_hash_version integer, result_cache_query_id integer, username
	character(128)
sys_copy_job: job_id bigint, job_name character(128), iam_role character(128), job_text character(256), is_auto integer, on_error_suspend integer
sys_copy_job_detail: user_id integer, database_name text, job_id integer, job_name text, file_location text, file_name text, file_size bigint, file_etag
	text, job_text character(256), modification_time timestamp, enqueue_time timestamp, status character(1)
sys_copy_job_info: job_id bigint, job_name character(128), database_name character(128), record_time timestamp, message character(512)
svv_copy_job_integrations: job_owner integer, channel_arn name, bucket text, channel_state name, db_name name, job_name text, job_state integer
sys_redshift_template: database_name character(128), schema_name character(128), template_name character(128), template_type integer, create_time
	timestamp, last_modified_time timestamp, owner_id integer, last_modified_by integer, template_parameters text
sys_child_query_text: user_id integer, query_id bigint, child_query_sequence integer, sequence integer, text character(200), query_uuid character(36)
sys_query_text: user_id integer, query_id bigint, transaction_id bigint, session_id integer, start_time timestamp, sequence integer, text
	character(4000), query_uuid character(36)
sys_unload_detail: user_id integer, query_id integer, session_id integer, transaction_id bigint, file_name character(1280), start_time timestamp, end_time
	timestamp, line_count bigint, transfer_size bigint, file_format character(10)
sys_unload_history: user_id integer, query_id bigint, transaction_id bigint, session_id integer, database_name text, status text, start_time
	timestamp, end_time timestamp, duration bigint, file_format text, compression_type text, unloaded_location text, unloaded_rows bigint,
	unloaded_files_count bigint, unloaded_files_size bigint, error_message text
pg_am: amname name, amowner integer, amstrategies smallint, amsupport smallint, amorderstrategy smallint, amcanunique boolean, amcanmulticol boolean,
	amindexnulls boolean, amconcurrent boolean
pg_cast: castsource oid, casttarget oid, castfunc oid, castcontext "char"
pg_database_info: datid oid, datname name, datdba integer, encoding integer, datistemplate boolean, datallowconn boolean, datlastsysoid oid,
	datvacuumxid text, datfrozenxid text, dattablespace oid, datconfig text[], datacl aclitem[], datconnlimit text
pg_locks: locktype text, relation oid, database oid, transaction text, pid integer, mode text, granted boolean
pg_conversion: conname name, connamespace oid, conowner integer, conforencoding integer, contoencoding integer, conproc regproc, condefault boolean
pg_opclass: opcamid oid, opcname name, opcnamespace oid, opcowner integer, opcintype oid, opcdefault boolean, opckeytype oid
pg_operator: oprname name, oprnamespace oid, oprowner integer, oprkind "char", oprcanhash boolean, oprleft oid, oprright oid, oprresult oid, oprcom
	oid, oprnegate oid, oprlsortop oid, oprrsortop oid, oprltcmpop oid, oprgtcmpop oid, oprcode regproc, oprrest regproc, oprjoin regproc
pg_proc: proname name, pronamespace oid, proowner integer, prolang oid, proisagg boolean, prosecdef boolean, proisstrict boolean, proretset boolean,
	provolatile "char", pronargs smallint, prorettype oid, proargtypes oidvector, proargnames text[], prosrc text, probin bytea, proacl aclitem[]
pg_proc_info: prooid oid, proname name, pronamespace oid, proowner integer, prolang oid, proisagg boolean, prosecdef boolean, proisstrict boolean,
	proretset boolean, provolatile "char", pronargs smallint, prorettype oid, proargtypes oidvector, proargnames text[], prosrc text, probin bytea, proacl
	aclitem[], prokind "char", proargmodes "char"[], proallargtypes oid[]
stl_commit_stats: xid bigint, node integer, startqueue timestamp, startwork timestamp, endflush timestamp, endstage timestamp, endlocal timestamp,
	startglobal timestamp, endtime timestamp, queuelen bigint, permblocks bigint, newblocks bigint, dirtyblocks bigint, headers bigint, numxids integer,
	oldestxid bigint, extwritelatency bigint, metadatawritten integer, tombstonedblocks bigint, tossedblocks bigint, batched_by bigint
stl_connection_log: event character(50), recordtime timestamp, remotehost character(45), remoteport character(32), pid integer, dbname character(50),
	username character(50), authmethod character(32), duration integer, sslversion character(50), sslcipher character(128), mtu integer, sslcompression
	character(64), sslexpansion character(64), iamauthguid character(36), application_name character(250), os_version character(64), driver_version
	character(64), plugin_name character(32), protocol_version integer, sessionid character(36), compression character(16)
stl_error: userid integer, process character(12), recordtime timestamp, pid integer, errcode integer, file character(90), linenum integer, context
	character(100), error character(512)
stl_query_metrics: userid integer, service_class integer, query integer, segment integer, step_type integer, starttime timestamp, slices integer,
	max_rows bigint, rows bigint, max_cpu_time bigint, cpu_time bigint, max_blocks_read integer, blocks_read bigint, max_run_time bigint, run_time bigint,
	max_blocks_to_disk bigint, blocks_to_disk bigint, step integer, max_query_scan_size bigint, query_scan_size bigint, query_priority integer,
	query_queue_time bigint, service_class_name character(64)
stl_sessions: userid integer, starttime timestamp, endtime timestamp, process integer, user_name character(50), db_name character(50), timeout_sec
	integer, timed_out integer
stl_undone: userid integer, xact_id bigint, xact_id_undone bigint, undo_start_ts timestamp, undo_end_ts timestamp, table_id bigint
stv_cursor_configuration: current_cursor_count integer, max_diskspace_usable integer, current_diskspace_used integer
stv_exec_state: userid integer, query integer, slice integer, segment integer, step integer, starttime timestamp, currenttime timestamp, tasknum
	integer, rows bigint, bytes bigint, label character(256), is_diskbased character(1), workmem bigint, num_parts integer, is_rrscan character(1),
	is_delayed_scan character(1), query_uuid character(36)
stv_partitions: owner integer, host integer, diskno integer, part_begin bigint, part_end bigint, used integer, tossed integer, capacity integer, reads
	bigint, writes bigint, seek_forward integer, seek_back integer, is_san integer, failed integer, mbps integer, mount character(256)
stv_query_metrics: userid integer, service_class integer, query integer, starttime timestamp, slices integer, segment integer, step_type integer, rows
	bigint, max_rows bigint, cpu_time bigint, max_cpu_time bigint, blocks_read bigint, max_blocks_read bigint, run_time bigint, max_run_time bigint,
	max_blocks_to_disk bigint, blocks_to_disk bigint, step integer, max_query_scan_size bigint, query_scan_size bigint, query_priority integer,
	query_queue_time bigint
stv_tbl_trans: slice integer, id integer, rows bigint, size bigint, query_id bigint, ref_cnt integer, from_suspended integer, prep_swap integer
stv_wlm_classification_config: id integer, condition character(128), action_seq integer, action character(64), action_service_class integer
stv_wlm_qmr_config: service_class integer, rule_name character(256), action character(256), metric_name character(256), metric_operator
	character(256), metric_value double precision, action_value character(256)
stv_wlm_query_task_state: service_class integer, task integer, query integer, level integer, start_time timestamp, exec_time bigint
stv_wlm_service_class_config: service_class integer, queueing_strategy character(32), num_query_tasks integer, target_num_query_tasks integer,
	evictable character(8), eviction_threshold bigint, query_working_mem integer, target_query_working_mem integer, min_step_mem integer, name
	character(64), max_execution_time bigint, user_group_wild_card boolean, query_group_wild_card boolean, concurrency_scaling character(20),
	query_priority character(20), user_role_wild_card boolean
stv_wlm_service_class_state: service_class integer, num_queued_queries integer, num_executing_queries integer, num_serviced_queries integer,
	num_executed_queries integer, num_evicted_queries integer, num_concurrency_scaling_queries integer
svl_compile: userid integer, xid bigint, pid integer, query integer, segment integer, locus integer, starttime timestamp, endtime timestamp, compile
	integer
svl_mv_refresh_status: db_name character(128), userid bigint, schema_name character(128), mv_name character(128), xid bigint, starttime timestamp,
	endtime timestamp, status text, refresh_type character(32), consumer_account character(12), consumer_region character(32), consumer_namespace
	character(36)
svl_query_metrics: userid integer, query integer, service_class integer, dimension character varying(24), segment integer, step integer, step_label
	character varying(30), query_cpu_time bigint, query_blocks_read bigint, query_execution_time bigint, query_cpu_usage_percent bigint,
	query_temp_blocks_to_disk bigint, segment_execution_time bigint, cpu_skew numeric(38,2), io_skew numeric(38,2), scan_row_count bigint, join_row_count
	bigint, nested_loop_join_row_count bigint, return_row_count bigint, spectrum_scan_row_count bigint, spectrum_scan_size_mb bigint, query_queue_time
	bigint
svl_query_metrics_summary: userid integer, query integer, service_class integer, query_cpu_time bigint, query_blocks_read bigint, query_execution_time
	bigint, query_cpu_usage_percent numeric(38,2), query_temp_blocks_to_disk bigint, segment_execution_time bigint, cpu_skew numeric(38,2), io_skew
	numeric(38,2), scan_row_count bigint, join_row_count bigint, nested_loop_join_row_count bigint, return_row_count bigint, spectrum_scan_row_count
	bigint, spectrum_scan_size_mb bigint, query_queue_time bigint
svl_query_queue_info: database text, query integer, xid bigint, userid integer, querytxt text, queue_start_time timestamp, exec_start_time timestamp,
	service_class integer, slots integer, queue_elapsed bigint, exec_elapsed bigint, wlm_total_elapsed bigint, commit_queue_elapsed bigint,
	commit_exec_time bigint, service_class_name character(64)
svv_datashare_consumers: share_name character varying(128), consumer_account character varying(16), consumer_namespace character varying(64),
	share_date timestamp
svv_datashare_objects: share_type character varying(8), share_name character varying(128), object_type character varying(64), object_name character
	varying(512), producer_account character varying(16), producer_namespace character varying(64), include_new boolean
svv_query_inflight: userid integer, slice integer, query integer, pid integer, starttime timestamp, suspended integer, text character(200), sequence
	integer
svv_query_state: userid integer, query integer, seg integer, step integer, maxtime bigint, avgtime bigint, rows bigint, bytes bigint, cpu bigint,
	memory bigint, rate_row double precision, rate_byte double precision, label character(25), is_diskbased character(1), workmem bigint, num_parts
	integer, is_rrscan character(1), is_delayed_scan character(1)
sys_connection_log: event character(50), record_time timestamp, remote_host character(45), remote_port character(32), session_id integer,
	database_name character(50), user_name character(50), auth_method character(32), duration integer, ssl_version character(50), ssl_cipher
	character(128), mtu integer, ssl_compression character(64), ssl_expansion character(64), iam_auth_guid character(36), application_name character(250),
	driver_version character(64), os_version character(64), plugin_name character(32), protocol_version integer, global_session_id character(36)
sys_mv_state: user_id bigint, transaction_id bigint, database_name character(128), event_desc character(500), start_time timestamp,
	base_table_database_name character(128), base_table_schema character(128), base_table_name character(128), mv_schema character(128), mv_name
	character(128), state character(32)
stl_mv_state: userid bigint, starttime timestamp, xid bigint, event_desc character(500), db_name character(128), base_table_schema character(128),
	base_table_name character(128), mv_schema character(128), mv_name character(128), state character(32)
sys_mv_refresh_history: user_id integer, session_id integer, transaction_id bigint, database_name character(128), schema_name character(128), mv_id
	bigint, mv_name character(128), refresh_type character(32), status text, start_time timestamp, end_time timestamp, duration bigint, consumer_account
	character(12), consumer_region character(32), consumer_namespace character(36)
sys_procedure_call: session_user_id integer, security_user_id integer, query_id integer, query_text character(4000), start_time timestamp, end_time
	timestamp, status character(10), caller_procedure_query_id integer, query_uuid character(36)
sys_procedure_messages: transaction_id bigint, query_id integer, record_time timestamp, log_level character(10), message character(1024), line_number
	integer, query_uuid character(36)
sys_session_history: user_id character(50), session_id integer, database_name character(50), status character(20), session_timeout integer, start_time
	timestamp, end_time timestamp
sys_transaction_history: user_id integer, transaction_id bigint, isolation_level text, status text, transaction_start_time timestamp,
	commit_start_time timestamp, commit_end_time timestamp, blocks_committed bigint, undo_transaction_id bigint
sys_udf_log: query_id bigint, function_name text, record_time timestamp, sequence integer, message text, query_uuid character(36)
pg_conf: key text, value text
pg_inherits: inhrelid oid, inhparent oid, inhseqno integer
pg_tablespace: spcname name, spcowner integer, spclocation text, spcacl aclitem[]
`
