package system

// queue is a service class of workload management.
type queue struct {
	id        int64
	name      string
	tasks     int64 // concurrency; -1 = automatic workload management decides
	condition string
}

// queues are those of a cluster with automatic workload management that nobody has configured.
// https://docs.aws.amazon.com/redshift/latest/dg/cm-c-wlm-system-tables-and-views.html#wlm-service-class-ids
var queues = []queue{
	{1, "Service class for system user (Health Check)", 1, "(system user) and (query group: health)"},
	{2, "Service class for system user (Metrics)", 1, "(system user) and (query group: metrics)"},
	{3, "Service class for system user (CMSTATS)", 1, "(system user) and (query group: cmstats)"},
	{4, "Service class for system user (Operations)", 1, "(system user)"},
	{5, "Service class for super user", 1, "(super user) and (query group: superuser)"},
	{14, "Short query queue", -1, ""},
	{15, "Vacuum/Analyze", -1, ""},
	{serviceClass, serviceName, -1, "(querytype: any)"},
}

// wlmTables are workload management as it is set up, and at work. No query waits here, and no rule is set.
var wlmTables = []table{
	// https://docs.aws.amazon.com/redshift/latest/dg/r_STV_WLM_SERVICE_CLASS_CONFIG.html
	{
		"stv_wlm_service_class_config", superuser, "service_class integer, queueing_strategy character(32), num_query_tasks integer, " +
			"target_num_query_tasks integer, evictable character(8), eviction_threshold bigint, query_working_mem integer, target_query_working_mem integer, " +
			"min_step_mem integer, name character(64), max_execution_time bigint, user_group_wild_card boolean, query_group_wild_card boolean, " +
			"concurrency_scaling character(20), query_priority character(20), user_role_wild_card boolean",
		func(_ *Env, r *row) {
			for i := range queues {
				q := &queues[i]
				r.int(q.id)
				r.text("FIFO")
				r.int(q.tasks, q.tasks)
				r.text("false")
				r.int(0, -1, -1, 0)
				r.text(q.name)
				r.int(0)
				r.bool(false, false)
				r.text("off", "Normal")
				r.bool(false)
				r.send()
			}
		},
	},
	// https://docs.aws.amazon.com/redshift/latest/dg/r_STV_WLM_CLASSIFICATION_CONFIG.html
	{
		"stv_wlm_classification_config", superuser, "id integer, condition character(128), action_seq integer, action character(64), action_service_class integer",
		func(_ *Env, r *row) {
			n := int64(0)
			for i := range queues {
				if q := &queues[i]; q.condition != "" {
					n++
					r.int(n)
					r.text(q.condition)
					r.int(0)
					r.text("assign")
					r.int(q.id)
					r.send()
				}
			}
		},
	},
	// https://docs.aws.amazon.com/redshift/latest/dg/r_STV_WLM_SERVICE_CLASS_STATE.html
	{
		"stv_wlm_service_class_state", superuser, "service_class integer, num_queued_queries integer, num_executing_queries integer, " +
			"num_serviced_queries integer, num_executed_queries integer, num_evicted_queries integer, num_concurrency_scaling_queries integer",
		func(e *Env, r *row) {
			running, done := int64(0), int64(0)
			for _, s := range e.sessions() {
				if s.Running != nil && s.Running.Query.Load() > 0 {
					running++
				}
			}
			e.queries(func(*Record) bool { done++; return true })
			for i := range queues {
				r.int(queues[i].id, 0)
				if queues[i].id == serviceClass {
					r.int(running, running+done, done)
				} else {
					r.int(0, 0, 0)
				}
				r.int(0, 0)
				r.send()
			}
		},
	},
	// https://docs.aws.amazon.com/redshift/latest/dg/r_STV_WLM_QUERY_TASK_STATE.html
	{
		"stv_wlm_query_task_state", superuser, "service_class integer, task integer, query integer, level integer, start_time timestamp, exec_time bigint",
		func(e *Env, r *row) {
			for _, s := range e.sessions() {
				if q := s.Running; q != nil && q.Query.Load() > 0 {
					r.int(serviceClass, q.Query.Load(), q.Query.Load(), 1)
					r.time(q.Start)
					r.int(micros(q.Start, e.Now))
					r.send()
				}
			}
		},
	},
	// https://docs.aws.amazon.com/redshift/latest/dg/r_SVV_QUERY_INFLIGHT.html
	{
		"svv_query_inflight", 0, "userid integer, slice integer, query integer, pid integer, starttime timestamp, suspended integer, text character(200), " +
			"sequence integer",
		func(e *Env, r *row) {
			for _, s := range e.sessions() {
				q := s.Running
				if q == nil || q.Query.Load() == 0 {
					continue
				}
				pieces(q.Text, 200, func(i int, text string) {
					r.int(int64(s.UserID), inflightSlice, q.Query.Load(), int64(s.PID))
					r.time(q.Start)
					r.int(0)
					r.text(text)
					r.int(int64(i))
					r.send()
				})
			}
		},
	},
	// https://docs.aws.amazon.com/redshift/latest/dg/r_STV_CURSOR_CONFIGURATION.html
	{
		"stv_cursor_configuration", superuser, "current_cursor_count integer, max_diskspace_usable integer, current_diskspace_used integer",
		func(e *Env, r *row) {
			n, bytes := int64(0), int64(0)
			for _, s := range e.sessions() {
				if s.Cursor != nil {
					n, bytes = n+1, bytes+s.Cursor.Bytes
				}
			}
			r.int(n, e.cursorSpace(), bytes>>20)
			r.send()
		},
	},
	// https://docs.aws.amazon.com/redshift/latest/dg/r_STV_PARTITIONS.html
	{
		"stv_partitions", superuser, "owner integer, host integer, diskno integer, part_begin bigint, part_end bigint, used integer, tossed integer, " +
			"capacity integer, reads bigint, writes bigint, seek_forward integer, seek_back integer, is_san integer, failed integer, mbps integer, " +
			"mount character(256)",
		func(e *Env, r *row) {
			for n, used := range e.usedBlocks() { // a disk a node
				r.int(int64(n), int64(n), 0, 0, nodeBlocks<<20, used, 0, nodeBlocks)
				r.null(4)
				r.int(0, 0)
				r.null(1)
				r.text("/dev/xvdb")
				r.send()
			}
		},
	},
}
