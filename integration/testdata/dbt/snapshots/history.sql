{% snapshot customers_history %}
{{ config(target_schema='shop', unique_key='id', strategy='check', check_cols=['name', 'city']) }}
select * from {{ ref('customers') }}
{% endsnapshot %}
{% snapshot orders_history %}
{{ config(target_schema='shop', unique_key='id', strategy='timestamp', updated_at='at', hard_deletes='invalidate') }}
select * from {{ ref('orders') }}
{% endsnapshot %}
