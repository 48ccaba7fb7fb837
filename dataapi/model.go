package dataapi

// What goes over the wire, member for member as the service's model has it.
// https://docs.aws.amazon.com/redshift-data/latest/APIReference/API_Operations.html

// sqlParameter is SqlParameter.
type sqlParameter struct {
	Name  *string `json:"name"`
	Value *string `json:"value"`
}

// connection is what operations say of where to connect, and as whom.
type connection struct {
	ClusterIdentifier *string
	WorkgroupName     *string
	Database          *string
	DbUser            *string
	SecretArn         *string
}

// submission is what ExecuteStatement and BatchExecuteStatement have in common.
type submission struct {
	connection
	Parameters              []sqlParameter
	StatementName           *string
	WithEvent               *bool
	ClientToken             *string
	ResultFormat            *string
	SessionID               *string `json:"SessionId"`
	SessionKeepAliveSeconds *int64
	WaitTimeSeconds         *int64
}

// executeInput is ExecuteStatementInput.
type executeInput struct {
	submission
	SQL *string `json:"Sql"`
}

// batchInput is BatchExecuteStatementInput.
type batchInput struct {
	submission
	SQLs          []string `json:"Sqls"`
	ExecutionMode *string
}

// submitted is ExecuteStatementOutput and BatchExecuteStatementOutput. The last three are there after WaitTimeSeconds.
type submitted struct {
	ID                string `json:"Id"`
	CreatedAt         stamp
	ClusterIdentifier string `json:",omitempty"`
	WorkgroupName     string `json:",omitempty"`
	Database          string `json:",omitempty"`
	DbUser            string `json:",omitempty"`
	SecretArn         string `json:",omitempty"`
	SessionID         string `json:"SessionId,omitempty"`
	Status            status `json:",omitempty"`
	RedshiftPid       *int64 `json:",omitempty"`
	HasResultSet      *bool  `json:",omitempty"`
}

// ofStatement is the input of the operations on a statement.
type ofStatement struct {
	ID              *string `json:"Id"`
	NextToken       *string
	WaitTimeSeconds *int64
}

// described is DescribeStatementResponse.
type described struct {
	ID                string `json:"Id"`
	ClusterIdentifier string `json:",omitempty"`
	WorkgroupName     string `json:",omitempty"`
	Database          string `json:",omitempty"`
	DbUser            string `json:",omitempty"`
	SecretArn         string `json:",omitempty"`
	SessionID         string `json:"SessionId,omitempty"`
	CreatedAt         stamp
	UpdatedAt         stamp
	Duration          int64
	Error             string `json:",omitempty"`
	Status            status
	RedshiftPid       int64
	RedshiftQueryID   int64 `json:"RedshiftQueryId"`
	HasResultSet      bool
	QueryString       string `json:",omitempty"`
	ResultRows        int64
	ResultSize        int64
	ResultFormat      string
	QueryParameters   []sqlParameter     `json:",omitempty"`
	SubStatements     []subStatementData `json:",omitempty"`
}

// subStatementData is SubStatementData.
type subStatementData struct {
	ID              string `json:"Id"`
	CreatedAt       stamp
	UpdatedAt       stamp
	Duration        int64
	Error           string `json:",omitempty"`
	Status          status
	HasResultSet    bool
	QueryString     string
	RedshiftQueryID int64 `json:"RedshiftQueryId"`
	ResultRows      int64
	ResultSize      int64
}

// columnMetadata is ColumnMetadata.
type columnMetadata struct {
	ColumnDefault   string `json:"columnDefault,omitempty"`
	IsCaseSensitive bool   `json:"isCaseSensitive"`
	IsCurrency      bool   `json:"isCurrency"`
	IsSigned        bool   `json:"isSigned"`
	Label           string `json:"label,omitempty"`
	Length          int32  `json:"length"`
	Name            string `json:"name"`
	Nullable        int32  `json:"nullable"`
	Precision       int32  `json:"precision"`
	Scale           int32  `json:"scale"`
	SchemaName      string `json:"schemaName"`
	TableName       string `json:"tableName"`
	TypeName        string `json:"typeName"`
}

// listInput is ListStatementsRequest and ListSessionsRequest.
type listInput struct {
	ClusterIdentifier *string
	WorkgroupName     *string
	Database          *string
	Status            *string
	RoleLevel         *bool
	MaxResults        *int64
	NextToken         *string
}

type listStatementsInput struct {
	listInput
	StatementName *string
}

type listSessionsInput struct {
	listInput
	SessionID *string `json:"SessionId"`
}

// statementData is StatementData.
type statementData struct {
	ID               string `json:"Id"`
	CreatedAt        stamp
	UpdatedAt        stamp
	Status           status
	IsBatchStatement bool
	QueryString      string         `json:",omitempty"`
	QueryStrings     []string       `json:",omitempty"`
	QueryParameters  []sqlParameter `json:",omitempty"`
	ResultFormat     string
	SecretArn        string `json:",omitempty"`
	SessionID        string `json:"SessionId,omitempty"`
	StatementName    string `json:",omitempty"`
}

// sessionData is SessionData.
type sessionData struct {
	SessionID           string `json:"SessionId"`
	Status              string
	CreatedAt           stamp
	UpdatedAt           stamp
	ClusterIdentifier   string `json:",omitempty"`
	WorkgroupName       string `json:",omitempty"`
	Database            string
	DbUser              string `json:",omitempty"`
	SessionAliveSeconds int64
	SessionTTL          stamp  `json:"SessionTtl"`
	CurrentStatementID  string `json:"CurrentStatementId,omitempty"`
}

// relationsInput is what ListDatabases, ListSchemas, ListTables and DescribeTable have in common.
type relationsInput struct {
	connection
	MaxResults *int64
	NextToken  *string
}

type listSchemasInput struct {
	relationsInput
	ConnectedDatabase *string
	SchemaPattern     *string
}

type listTablesInput struct {
	listSchemasInput
	TablePattern *string
}

type describeTableInput struct {
	relationsInput
	ConnectedDatabase *string
	Schema            *string
	Table             *string
}

// tableMember is TableMember.
type tableMember struct {
	Name   string `json:"name"`
	Schema string `json:"schema"`
	Type   string `json:"type"`
}
