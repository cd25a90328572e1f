{#- What a claim says, as far as figures and deals follow from it. -#}
{%- set content = [
    'claims.supplier_code', 'claims.recipient_code', 'claims.weapon_family', 'claims.weapon_designation',
    'claims.quantity_min', 'claims.quantity_max', 'claims.quantity_is_approximate',
    amount_as_text('claims.value_min'), amount_as_text('claims.value_max'), 'claims.value_currency',
    'claims.value_type', 'claims.claim_status', 'claims.order_year',
    'claims.order_year_is_estimate', 'claims.delivery_year_first', 'claims.delivery_year_last',
    'claims.delivery_year_is_estimate', 'claims.is_background', 'claims.published_at',
] -%}

with

claims as (
    select * from {{ ref('int_claims__resolved') }}
),

keyed as (
    select * from {{ ref('int_deals__keyed') }}
),

known as (
    select * from {{ ref('int_claims__known') }}
),

present as (
    select
        keyed.claim_key,
        keyed.deal_key,
        claims.claim_status,
        {{ hash_key(content) }} as content_hash
    from keyed
    inner join claims
        on keyed.claim_id = claims.claim_id
),

compared as (
    select
        coalesce(present.claim_key, known.claim_key) as claim_key,
        present.deal_key,
        known.deal_key as previous_deal_key,
        present.claim_status,
        present.content_hash,
        case
            when known.claim_key is null then 'added'
            when present.claim_key is null then 'removed'
            when present.deal_key <> known.deal_key then 'moved'
            when present.content_hash <> known.content_hash then 'changed'
        end as change
    from present
    full outer join known
        on present.claim_key = known.claim_key
),

final as (
    select
        {{ this_release() }} as release_id,
        claim_key,
        deal_key,
        previous_deal_key,
        claim_status,
        content_hash,
        change
    from compared
    where change is not null
)

select * from final
