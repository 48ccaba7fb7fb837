{{ config(materialized='table', contract={'enforced': true}) }}
select id::int as id, name::varchar(20) as name from {{ ref('customers') }}
