with

flows as (
    select * from {{ ref('int_flows__united') }}
    where is_latest_edition
),

-- each measure comes from one kind of evidence only: what the news tell and what a register counts are never added
summed as (
    select
        supplier_code,
        recipient_code,
        transfer_year,
        weapon_category,
        basis,
        {{ as_count("count(case when evidence_source = 'news' then 1 end)") }} as deal_count,
        {{ as_amount("sum(case when evidence_source = 'news' then quantity end)") }} as quantity,
        {{ as_count("count(case when evidence_source = 'news' and quantity is null then 1 end)") }}
            as quantity_unknown_deal_count,
        {{ as_amount('sum(value_usd)') }} as value_usd,
        {{ as_amount('sum(value_constant_usd)') }} as value_constant_usd,
        {{ as_count("count(case when evidence_source = 'news' and value_usd is null then 1 end)") }}
            as value_unknown_deal_count,
        max(case when is_apportioned and evidence_source = 'news' then 1 else 0 end) = 1 as is_apportioned,
        {{ as_count("count(distinct case when evidence_source = 'sipri' then deal_key end)") }} as register_deal_count,
        {{ as_amount("sum(case when evidence_source = 'sipri' then quantity end)") }} as register_quantity,
        {{ as_amount("sum(case when evidence_source = 'sipri' then tiv end)") }} as tiv,
        max(case when is_apportioned and evidence_source = 'sipri' then 1 else 0 end) = 1 as register_is_apportioned
    from flows
    group by
        supplier_code,
        recipient_code,
        transfer_year,
        weapon_category,
        basis
),

final as (
    select
        {{ hash_key(['supplier_code', 'recipient_code', 'transfer_year', 'weapon_category', 'basis']) }}
            as country_year_transfer_key,
        {{ hash_key(['supplier_code']) }} as supplier_country_key,
        {{ hash_key(['recipient_code']) }} as recipient_country_key,
        {{ hash_key(['transfer_year']) }} as transfer_year_key,
        {{ hash_key(['weapon_category']) }} as weapon_category_key,
        supplier_code,
        recipient_code,
        transfer_year,
        weapon_category,
        basis,
        deal_count,
        quantity,
        quantity_unknown_deal_count,
        value_usd,
        value_constant_usd,
        value_unknown_deal_count,
        is_apportioned,
        register_deal_count,
        register_quantity,
        tiv,
        register_is_apportioned
    from summed
)

select * from final
