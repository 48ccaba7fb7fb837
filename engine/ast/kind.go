package ast

import "strings"

// TagOf is the command tag of a statement that counts no rows: what PostgreSQL's protocol, and psql, say when it has run.
// https://www.postgresql.org/docs/8.0/protocol-message-formats.html
func TagOf(st Statement) string {
	switch st.(type) {
	case *ShowObjects:
		return "SHOW"
	case *DeclareCursor:
		return "DECLARE CURSOR"
	case *CloseCursor:
		return "CLOSE CURSOR"
	case *Lock:
		return "LOCK TABLE"
	case *Truncate:
		return "TRUNCATE TABLE"
	case *SessionAuthorization:
		return "SET"
	case *AnalyzeCompression:
		return "ANALYZE"
	}
	kind := KindOf(st)
	if strings.HasPrefix(kind, "ALTER TABLE ") {
		return "ALTER TABLE"
	}
	return kind
}

// KindOf names a statement by its leading words, upper case: "CREATE TABLE AS", "DROP SCHEMA". It is the statement's row in the support matrix.
func KindOf(st Statement) string {
	switch st := st.(type) {
	case *Select:
		return "SELECT"
	case *Insert:
		return "INSERT"
	case *Update:
		return "UPDATE"
	case *Delete:
		return "DELETE"
	case *Explain:
		return "EXPLAIN"
	case *CreateTable:
		if st.Query != nil {
			return "CREATE TABLE AS"
		}
		return "CREATE TABLE"
	case *CreateView:
		return "CREATE VIEW"
	case *CreateSchema:
		return "CREATE SCHEMA"
	case *Drop:
		return "DROP " + strings.ToUpper(st.Kind)
	case *AlterTable:
		if st.View {
			return "ALTER MATERIALIZED VIEW"
		}
		return "ALTER TABLE"
	case *Truncate:
		return "TRUNCATE"
	case *Lock:
		return "LOCK"
	case *Analyze:
		return "ANALYZE"
	case *AnalyzeCompression:
		return "ANALYZE COMPRESSION"
	case *Vacuum:
		return "VACUUM"
	case *Copy:
		return "COPY"
	case *Unload:
		return "UNLOAD"
	case *Set:
		return "SET"
	case *Reset:
		return "RESET"
	case *AlterSystem:
		return "ALTER SYSTEM"
	case *Show:
		return "SHOW"
	case *Prepare:
		return "PREPARE"
	case *Execute:
		return "EXECUTE"
	case *Deallocate:
		return "DEALLOCATE"
	case *Comment:
		return "COMMENT"
	case *Other:
		return st.Kind
	case *CreateExternalSchema:
		return "CREATE EXTERNAL SCHEMA"
	case *AlterExternalSchema:
		return "ALTER EXTERNAL SCHEMA"
	case *CreateExternalTable:
		return "CREATE EXTERNAL TABLE"
	case *ExternalView:
		return created(st.Alter) + " EXTERNAL VIEW"
	case *Datashare:
		return strings.ToUpper(st.Action) + " DATASHARE"
	case *DropExternalView:
		return "DROP EXTERNAL VIEW"
	case *AppendTable:
		return "ALTER TABLE APPEND"
	case *AlterSecurity:
		kind := "ALTER TABLE"
		if st.View {
			kind = "ALTER MATERIALIZED VIEW"
		}
		if st.Masking {
			return kind + " MASKING"
		}
		return kind + " ROW LEVEL SECURITY"
	case *CopyJob:
		return "COPY JOB"
	case *Template:
		return strings.ToUpper(st.Verb) + " TEMPLATE"
	case *Policy:
		return strings.ToUpper(st.Action) + " " + policy(st.Masking)
	case *AttachPolicy:
		if st.Detach {
			return "DETACH " + policy(st.Masking)
		}
		return "ATTACH " + policy(st.Masking)
	case *AlterExternalTable:
		return "ALTER TABLE " + strings.ToUpper(st.Action)
	case *ShowObjects:
		return "SHOW " + st.Kind
	case *Use:
		return "USE"
	case *Cancel:
		return "CANCEL"
	case *TransactionMode:
		if st.Session {
			return "SET SESSION CHARACTERISTICS"
		}
		return "SET TRANSACTION"
	case *CreateRoutine:
		if st.External {
			return "CREATE EXTERNAL FUNCTION"
		}
		return "CREATE " + routine(st.Procedure)
	case *AlterRoutine:
		return "ALTER " + routine(st.Procedure)
	case *DropRoutine:
		return "DROP " + routine(st.Procedure)
	case *Merge:
		return "MERGE"
	case *DeclareCursor:
		return "DECLARE"
	case *Fetch:
		return "FETCH"
	case *CloseCursor:
		return "CLOSE"
	case *Call:
		return "CALL"
	case *CreateMaterializedView:
		return "CREATE MATERIALIZED VIEW"
	case *AlterMaterializedView:
		return "ALTER MATERIALIZED VIEW"
	case *RefreshMaterializedView:
		return "REFRESH MATERIALIZED VIEW"
	case *Grant:
		if st.Revoke {
			return "REVOKE"
		}
		return "GRANT"
	case *DefaultPrivileges:
		return "ALTER DEFAULT PRIVILEGES"
	case *User:
		return created(st.Alter) + " USER"
	case *Group:
		return created(st.Alter) + " GROUP"
	case *Role:
		return created(st.Alter) + " ROLE"
	case *Database:
		return created(st.Alter) + " DATABASE"
	case *IdentityProvider:
		return strings.ToUpper(st.Action) + " IDENTITY PROVIDER"
	case *DropPrincipal:
		return "DROP " + strings.ToUpper(st.Kind)
	case *SessionAuthorization:
		return "SET SESSION AUTHORIZATION"
	case *AlterSchema:
		return "ALTER SCHEMA"
	}
	return "this statement"
}

// created is the verb of a statement that either makes or changes.
func created(alter bool) string {
	if alter {
		return "ALTER"
	}
	return "CREATE"
}

// policy is the words for a policy.
func policy(masking bool) string {
	if masking {
		return "MASKING POLICY"
	}
	return "RLS POLICY"
}

// routine is the word for a function or a procedure.
func routine(procedure bool) string {
	if procedure {
		return "PROCEDURE"
	}
	return "FUNCTION"
}
