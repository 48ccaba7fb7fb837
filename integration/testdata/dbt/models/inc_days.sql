{{ config(materialized='incremental', incremental_strategy='microbatch', event_time='at', batch_size='day', begin='2024-01-01') }}
select order_id, customer_id, amount, at from {{ ref('stg_orders') }}
