{{ config(materialized='table', dist='customer_id', sort=['customer_id', 'total'], grants={'select': ['reporter']}) }}
select customer_id, sum(amount) as total, count(*) as n from {{ ref('stg_orders') }} group by 1
