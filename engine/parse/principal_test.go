package parse

import "testing"

// TestGrant parses GRANT, REVOKE and ALTER DEFAULT PRIVILEGES.
// https://docs.aws.amazon.com/redshift/latest/dg/r_GRANT.html
func TestGrant(t *testing.T) {
	check(t, [][2]string{
		{
			"grant select (a, b), update(c) on s.t to bob with grant option, group g, role r, public",
			"Grant{Privileges=[Privilege{Name=SELECT Columns=[a b]} Privilege{Name=UPDATE Columns=[c]}] On=GrantObject{Kind=table Names=[s.t]} " +
				"To=[Principal{Kind=user Name=bob Option} Principal{Kind=group Name=g} Principal{Kind=role Name=r} Principal{Kind=public}]}",
		},
		{"grant all privileges on table a, b to u", "Grant{Privileges=[Privilege{Name=ALL}] On=GrantObject{Kind=table Named Names=[a b]} To=[Principal{Kind=user Name=u}]}"},
		{"grant all on all tables in schema s, p to u", "Grant{Privileges=[Privilege{Name=ALL}] On=GrantObject{Kind=\"tables in schema\" Names=[s p]} To=[Principal{Kind=user Name=u}]}"},
		{"grant temp, usage on database d to iam:bob", "Grant{Privileges=[Privilege{Name=TEMPORARY} Privilege{Name=USAGE}] On=GrantObject{Kind=database Names=[d]} To=[Principal{Kind=user Name=iam:bob}]}"},
		{
			"grant execute on function f(a float, varchar(20)), s.g() to group u",
			"Grant{Privileges=[Privilege{Name=EXECUTE}] On=GrantObject{Kind=function Routines=[Routine{Name=f Args=[RoutineArg{Name=a Type=double precision} " +
				"RoutineArg{Type=character varying(20)}] HasArgs} Routine{Name=s.g HasArgs}]} To=[Principal{Kind=group Name=u}]}",
		},
		{"revoke usage on language sql from public", "Grant{Revoke Privileges=[Privilege{Name=USAGE}] On=GrantObject{Kind=language Names=[sql]} To=[Principal{Kind=public}]}"},
		{"revoke grant option for all on schema s from a cascade", "Grant{Revoke OptionOnly Privileges=[Privilege{Name=ALL}] On=GrantObject{Kind=schema Names=[s]} To=[Principal{Kind=user Name=a}] Cascade}"},
		{"grant role sys:secadmin, r to bob with admin option", "Grant{Roles=[Principal{Kind=role Name=sys:secadmin} Principal{Kind=role Name=r}] To=[Principal{Kind=user Name=bob Option}]}"},
		{"grant sample_role1 to user1", "Grant{Roles=[Principal{Kind=role Name=sample_role1}] To=[Principal{Kind=user Name=user1}]}"},
		{"revoke admin option for r from u", "Grant{Revoke OptionOnly Roles=[Principal{Kind=role Name=r}] To=[Principal{Kind=user Name=u}]}"},
		{"grant create user, access system table to role r", "Grant{Privileges=[Privilege{Name=\"CREATE USER\"} Privilege{Name=\"ACCESS SYSTEM TABLE\"}] To=[Principal{Kind=role Name=r}]}"},
		{"grant explain rls to role r", "Grant{Privileges=[Privilege{Name=\"EXPLAIN RLS\"}] To=[Principal{Kind=role Name=r}]}"},
		{
			"grant select for tables in schema s database d to u",
			"Grant{Privileges=[Privilege{Name=SELECT}] In=GrantScope{Of=tables Schema=s Database=d} To=[Principal{Kind=user Name=u}]}",
		},
		{"grant create for copy jobs in database d to role r", "Grant{Privileges=[Privilege{Name=CREATE}] In=GrantScope{Of=\"copy jobs\" Database=d} To=[Principal{Kind=role Name=r}]}"},
		{
			"grant assumerole on 'a', 'b' to u for copy, external function",
			"Grant{Privileges=[Privilege{Name=ASSUMEROLE}] On=GrantObject{Kind=\"iam role\" ARNs=[a b]} To=[Principal{Kind=user Name=u}] For=[COPY \"EXTERNAL FUNCTION\"]}",
		},
		{"revoke assumerole on all from public for all", "Grant{Revoke Privileges=[Privilege{Name=ASSUMEROLE}] On=GrantObject{Kind=\"iam role\" ARNs=[all]} To=[Principal{Kind=public}] For=[ALL]}"},
		{"grant usage on datashare d to account '1' via data catalog", "Grant{Privileges=[Privilege{Name=USAGE}] On=GrantObject{Kind=datashare Names=[d]} To=[Principal{Kind=account Name=1 Catalog}]}"},
		{"grant select on table t to masking policy p", "Grant{Privileges=[Privilege{Name=SELECT}] On=GrantObject{Kind=table Named Names=[t]} To=[Principal{Kind=\"masking policy\" Name=p}]}"},
		{"grant select on model to u", "Grant{Privileges=[Privilege{Name=SELECT}] On=GrantObject{Kind=table Names=[model]} To=[Principal{Kind=user Name=u}]}"},
		{
			"alter default privileges for user a, b in schema s, p grant insert on tables to group g",
			"DefaultPrivileges{ForUsers=[Principal{Kind=user Name=a} Principal{Kind=user Name=b}] Schemas=[s p] " +
				"Grant=Grant{Privileges=[Privilege{Name=INSERT}] On=GrantObject{Kind=tables} To=[Principal{Kind=group Name=g}]}}",
		},
		{
			"alter default privileges revoke execute on functions from public restrict",
			"DefaultPrivileges{Grant=Grant{Revoke Privileges=[Privilege{Name=EXECUTE}] On=GrantObject{Kind=functions} To=[Principal{Kind=public}]}}",
		},
	})
}

// TestPrincipals parses users, groups, roles, databases and schemas.
func TestPrincipals(t *testing.T) {
	check(t, [][2]string{
		{
			"create user dbuser with password 'abcD1234' createdb connection limit 30 in group g, h valid until '2017-06-10' syslog access restricted",
			"User{User=Principal{Kind=user Name=dbuser} Options=[Option{Name=PASSWORD Value=abcD1234 HasVal} Option{Name=CREATEDB} Option{Name=\"CONNECTION LIMIT\" Value=30 HasVal} " +
				"Option{Name=\"IN GROUP\" Names=[g h]} Option{Name=\"VALID UNTIL\" Value=2017-06-10 HasVal} Option{Name=\"SYSLOG ACCESS\" Value=RESTRICTED HasVal}]}",
		},
		{"create user myco_aad:bob externalid \"ABC123\" password disable", "User{User=Principal{Kind=user Name=myco_aad:bob} Options=[Option{Name=EXTERNALID Value=ABC123 HasVal} Option{Name=PASSWORD}]}"},
		{"alter user u session timeout 60, nocreateuser", "User{Alter User=Principal{Kind=user Name=u} Options=[Option{Name=\"SESSION TIMEOUT\" Value=60 HasVal} Option{Name=NOCREATEUSER}]}"},
		{"alter user u reset session timeout", "User{Alter User=Principal{Kind=user Name=u} Options=[Option{Name=\"RESET SESSION TIMEOUT\"}]}"},
		{"alter user u rename to v", "User{Alter User=Principal{Kind=user Name=u} RenameTo=v}"},
		{"alter user u set search_path to a, b", "User{Alter User=Principal{Kind=user Name=u} Set=Set{Name=search_path Value=\"a, b\"}}"},
		{"alter user u reset timezone", "User{Alter User=Principal{Kind=user Name=u} Reset=timezone}"},
		{"alter user u login password 'x'", "User{Alter User=Principal{Kind=user Name=u} Options=[Option{Name=LOGIN} Option{Name=PASSWORD Value=x HasVal}]}"},
		{"create group g with user a, b", "Group{Group=Principal{Kind=group Name=g} Users=[Principal{Kind=user Name=a} Principal{Kind=user Name=b}]}"},
		{"alter group g drop user a", "Group{Alter Group=Principal{Kind=group Name=g} Drop Users=[Principal{Kind=user Name=a}]}"},
		{"alter group g rename to h", "Group{Alter Group=Principal{Kind=group Name=g} RenameTo=h}"},
		{"create role r externalid \"A b\"", "Role{Role=Principal{Kind=role Name=r} ExternalID=\"A b\"}"},
		{"alter role r with owner to u", "Role{Alter Role=Principal{Kind=role Name=r} Owner=Principal{Kind=user Name=u}}"},
		{"alter role r externalid to 'x'", "Role{Alter Role=Principal{Kind=role Name=r} ExternalID=x}"},
		{"drop role r force", "DropPrincipal{Kind=role Principals=[Principal{Kind=role Name=r}] Force}"},
		{"drop user if exists a, b", "DropPrincipal{Kind=user IfExists Principals=[Principal{Kind=user Name=a} Principal{Kind=user Name=b}]}"},
		{"drop group g", "DropPrincipal{Kind=group Principals=[Principal{Kind=group Name=g}]}"},
		{"set session authorization 'dwuser'", "SessionAuthorization{User=Principal{Kind=user Name=dwuser}}"},
		{"set local session authorization default", "SessionAuthorization{Local Default}"},
		{"reset session authorization", "SessionAuthorization{Default}"},
		{
			"create database d with owner = o connection limit unlimited collate ci isolation level snapshot",
			"Database{Name=d Options=[Option{Name=OWNER Value=o HasVal} Option{Name=\"CONNECTION LIMIT\" Value=UNLIMITED HasVal} Option{Name=COLLATE Value=CI HasVal} Option{Name=\"ISOLATION LEVEL\" Value=SNAPSHOT HasVal}]}",
		},
		{"create database d from datashare s of namespace 'n'", "Database{Name=d Options=[Option{Name=\"FROM DATASHARE\" Value=s HasVal} Option{Name=NAMESPACE Value=n HasVal}]}"},
		{"alter database d rename to e", "Database{Alter Name=d RenameTo=e}"},
		{"alter database d owner to o", "Database{Alter Name=d Options=[Option{Name=OWNER Value=o HasVal}]}"},
		{"alter schema s owner to o", "AlterSchema{Name=s Owner=Principal{Kind=user Name=o}}"},
		{"alter schema s quota 2 tb", "AlterSchema{Name=s Quota=Quota{MB=2097152}}"},
		{"alter schema s quota unlimited", "AlterSchema{Name=s Quota=Quota{Unlimited}}"},
	})
}
