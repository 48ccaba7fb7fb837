{{ config(materialized='view', bind=false) }}
select * from {{ ref('stg_orders') }} where at > '2024-01-02'
