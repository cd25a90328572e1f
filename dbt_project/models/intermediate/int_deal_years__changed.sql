with

deal_years as (
    select * from {{ ref('int_deals__spread') }}
),

deals as (
    select * from {{ ref('int_deals__assembled') }}
),

changes as (
    select * from {{ ref('stg_history__deal_years') }}
),

ranked as (
    select
        *,
        row_number() over (partition by deal_year_key order by release_id desc) as recency
    from changes
),

known as (
    select *
    from ranked
    where
        recency = 1
        and change <> 'removed'
),

present as (
    select
        deal_years.deal_year_key,
        deal_years.deal_key,
        {{ hash_key([
            'deals.supplier_code', 'deals.recipient_code', 'deal_years.transfer_year', 'deals.weapon_category',
            'deal_years.basis',
        ]) }} as country_year_transfer_key,
        deal_years.quantity,
        deal_years.value_usd
    from deal_years
    inner join deals
        on deal_years.deal_key = deals.deal_key
),

compared as (
    select
        coalesce(present.deal_year_key, known.deal_year_key) as deal_year_key,
        coalesce(present.deal_key, known.deal_key) as deal_key,
        present.country_year_transfer_key,
        known.country_year_transfer_key as previous_country_year_transfer_key,
        present.quantity,
        present.value_usd,
        case
            when known.deal_year_key is null then 'added'
            when present.deal_year_key is null then 'removed'
            when present.country_year_transfer_key <> known.country_year_transfer_key then 'changed'
            when {{ is_other_amount('present.quantity', 'known.quantity') }} then 'changed'
            when {{ is_other_amount('present.value_usd', 'known.value_usd') }} then 'changed'
        end as change
    from present
    full outer join known
        on present.deal_year_key = known.deal_year_key
),

final as (
    select
        {{ this_release() }} as release_id,
        deal_year_key,
        deal_key,
        country_year_transfer_key,
        previous_country_year_transfer_key,
        quantity,
        value_usd,
        change
    from compared
    where change is not null
)

select * from final
