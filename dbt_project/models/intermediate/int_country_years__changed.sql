with

flows as (
    select *
    from {{ ref('int_flows__united') }}
    where is_latest_edition
),

changes as (
    select * from {{ ref('stg_history__country_years') }}
),

newest as (
    select max(release_id) as release_id
    from changes
),

ranked as (
    select
        *,
        row_number() over (partition by country_year_transfer_key order by release_id desc) as recency
    from changes
),

known as (
    select *
    from ranked
    where
        recency = 1
        and change <> 'removed'
),

summed as (
    select
        supplier_code,
        recipient_code,
        transfer_year,
        weapon_category,
        basis,
        {{ as_count("count(case when evidence_source = 'news' then 1 end)") }} as deal_count,
        {{ as_amount("sum(case when evidence_source = 'news' then quantity end)") }} as quantity,
        {{ as_amount("sum(value_usd)") }} as value_usd,
        {{ as_amount("sum(case when evidence_source = 'sipri' then tiv end)") }} as tiv
    from flows
    group by
        supplier_code,
        recipient_code,
        transfer_year,
        weapon_category,
        basis
),

present as (
    select
        {{ hash_key(['supplier_code', 'recipient_code', 'transfer_year', 'weapon_category', 'basis']) }}
            as country_year_transfer_key,
        *
    from summed
),

compared as (
    select
        coalesce(present.country_year_transfer_key, known.country_year_transfer_key) as country_year_transfer_key,
        coalesce(present.supplier_code, known.supplier_code) as supplier_code,
        coalesce(present.recipient_code, known.recipient_code) as recipient_code,
        coalesce(present.transfer_year, known.transfer_year) as transfer_year,
        coalesce(present.weapon_category, known.weapon_category) as weapon_category,
        coalesce(present.basis, known.basis) as basis,
        present.deal_count,
        present.quantity,
        present.value_usd,
        present.tiv,
        known.deal_count as previous_deal_count,
        known.quantity as previous_quantity,
        known.value_usd as previous_value_usd,
        known.tiv as previous_tiv,
        case
            when known.country_year_transfer_key is null then 'added'
            when present.country_year_transfer_key is null then 'removed'
            when present.deal_count <> known.deal_count then 'changed'
            when {{ is_other_amount('present.quantity', 'known.quantity') }} then 'changed'
            when {{ is_other_amount('present.value_usd', 'known.value_usd') }} then 'changed'
            when {{ is_other_amount('present.tiv', 'known.tiv') }} then 'changed'
        end as change
    from present
    full outer join known
        on present.country_year_transfer_key = known.country_year_transfer_key
),

final as (
    select
        {{ this_release() }} as release_id,
        newest.release_id as previous_release_id,
        compared.country_year_transfer_key,
        compared.supplier_code,
        compared.recipient_code,
        compared.transfer_year,
        compared.weapon_category,
        compared.basis,
        compared.deal_count,
        compared.quantity,
        compared.value_usd,
        compared.tiv,
        compared.previous_deal_count,
        compared.previous_quantity,
        compared.previous_value_usd,
        compared.previous_tiv,
        compared.change
    from compared
    cross join newest
    where compared.change is not null
)

select * from final
