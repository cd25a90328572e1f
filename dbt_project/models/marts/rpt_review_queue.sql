{#- Weights are own judgement: a doubtful claim first, then one that others contradict, then a large one. -#}
{%- set weight_doubt = 0.5 -%}
{%- set weight_conflict = 0.3 -%}
{%- set weight_size = 0.2 -%}

with

claims as (
    select * from {{ ref('fct_transfer_claims') }}
),

deals as (
    select * from {{ ref('fct_deals') }}
),

-- what a reviewer has decided on needs no second look, and a reprint's claim is that of its first print
open_claims as (
    select
        claims.*,
        deals.has_quantity_conflict,
        deals.has_value_conflict,
        deals.has_order_year_conflict,
        deals.has_status_conflict,
        coalesce(
            deals.has_quantity_conflict
            or deals.has_value_conflict
            or deals.has_order_year_conflict
            or deals.has_status_conflict,
            false
        ) as has_conflict,
        percent_rank() over (order by coalesce(claims.value_usd, 0)) as size_rank
    from claims
    left join deals
        on claims.deal_key = deals.deal_key
    where
        claims.review_verdict is null
        and not claims.is_domestic
        and not claims.is_reprint
),

scored as (
    select
        *,
        {{ weight_doubt }} * (1 - confidence)
        + {{ weight_conflict }} * case when has_conflict then 1 else 0 end
        + {{ weight_size }} * size_rank as priority
    from open_claims
),

final as (
    select
        claim_key,
        claim_id,
        deal_key,
        {{ as_count('row_number() over (order by priority desc, claim_id)') }} as queue_position,
        {{ as_amount('priority') }} as priority,
        confidence,
        has_conflict,
        coalesce(has_quantity_conflict, false) as has_quantity_conflict,
        coalesce(has_value_conflict, false) as has_value_conflict,
        coalesce(has_order_year_conflict, false) as has_order_year_conflict,
        coalesce(has_status_conflict, false) as has_status_conflict,
        value_usd,
        supplier_code,
        recipient_code,
        weapon_designation,
        claim_status,
        evidence_text
    from scored
)

select * from final
