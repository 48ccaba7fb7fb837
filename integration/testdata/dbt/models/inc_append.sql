{{ config(materialized='incremental', incremental_strategy='append', on_schema_change='append_new_columns') }}
select order_id, customer_id, amount, at{% if var('extra', false) %}, 'x' as extra{% endif %} from {{ ref('stg_orders') }}
{% if is_incremental() %} where at >= (select max(at) from {{ this }}) {% endif %}
