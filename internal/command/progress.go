package command

import (
	"fmt"
)

// moved says how far a COPY or UNLOAD is, as another session of the cluster sees it; "" = it is another statement, or nothing is known.
// https://docs.aws.amazon.com/redshift/latest/dg/r_STV_LOAD_STATE.html
// https://docs.aws.amazon.com/redshift/latest/dg/SYS_UNLOAD_HISTORY.html
func (s *shell) moved(text string) string {
	switch firstWord(text) {
	case "COPY":
		var lines, files, done, percent *int64
		err := s.db.QueryRowContext(s.ctx, "SELECT sum(lines), sum(num_files), sum(num_files_complete), sum(pct_complete * num_files) / nullif(sum(num_files), 0) FROM stv_load_state WHERE session = $1", s.pid).
			Scan(&lines, &files, &done, &percent)
		if err == nil && percent != nil {
			return fmt.Sprintf(", %d %%: %d lines, %d of %d files", *percent, *lines, *done, *files)
		}
	case "UNLOAD":
		var rows, files int64
		err := s.db.QueryRowContext(s.ctx, "SELECT unloaded_rows, unloaded_files_count FROM sys_unload_history WHERE status = 'running' AND session_id = $1", s.pid).Scan(&rows, &files)
		if err == nil {
			return fmt.Sprintf(", %d rows, %d files written", rows, files)
		}
	}
	return ""
}
