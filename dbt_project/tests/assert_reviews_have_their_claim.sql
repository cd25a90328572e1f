-- Decisions whose claim or deal is gone: nothing applies them, and somebody should know.
{{ config(severity='warn') }}

with

final as (
    select * from {{ ref('orphan_reviews') }}
)

select * from final
