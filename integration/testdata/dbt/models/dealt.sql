{{ config(materialized='table', dist='even') }}
select * from {{ ref('priced') }}
