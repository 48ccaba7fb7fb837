{{ config(materialized='view') }}
select id as order_id, customer_id, amount, at from {{ ref('orders') }}
