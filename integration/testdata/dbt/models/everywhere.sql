{{ config(materialized='table', dist='all', sort_type='interleaved', sort=['customer_id', 'order_id'], backup=false) }}
select * from {{ ref('priced') }}
