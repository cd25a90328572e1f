with

figures as (
    select * from {{ ref('int_country_years__logged') }}
),

claims as (
    select * from {{ ref('bridge_restatements_claims') }}
),

-- what the first release says is no restatement of anything
restated as (
    select
        *,
        {{ hash_key(['previous_release_id', 'country_year_transfer_key']) }} as restatement_key
    from figures
    where previous_release_id is not null
),

counted as (
    select
        restatement_key,
        count(*) as claim_count
    from claims
    group by restatement_key
),

final as (
    select
        restated.restatement_key,
        restated.release_id,
        restated.previous_release_id,
        {{ hash_key(['restated.supplier_code']) }} as supplier_country_key,
        {{ hash_key(['restated.recipient_code']) }} as recipient_country_key,
        {{ hash_key(['restated.transfer_year']) }} as transfer_year_key,
        {{ hash_key(['restated.weapon_category']) }} as weapon_category_key,
        restated.supplier_code,
        restated.recipient_code,
        restated.transfer_year,
        restated.weapon_category,
        restated.basis,
        restated.change,
        restated.previous_deal_count,
        restated.deal_count,
        restated.previous_quantity,
        restated.quantity,
        restated.previous_value_usd,
        restated.value_usd,
        restated.previous_tiv,
        restated.tiv,
        {{ as_count('coalesce(counted.claim_count, 0)') }} as changed_claim_count,
        case
            when counted.claim_count > 0 then 'claims'
            when {{ is_other_amount('restated.tiv', 'restated.previous_tiv') }} then 'register'
            else 'method'
        end as reason
    from restated
    left join counted
        on restated.restatement_key = counted.restatement_key
)

select * from final
