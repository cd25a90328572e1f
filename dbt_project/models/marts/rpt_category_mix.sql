with

flows as (
    select * from {{ ref('int_flows__windowed') }}
    where is_latest_edition
),

sides as (
    select
        'supplier' as trade_role,
        supplier_code as country_code,
        flows.*
    from flows
    union all
    select
        'recipient' as trade_role,
        recipient_code as country_code,
        flows.*
    from flows
),

summed as (
    select
        trade_role,
        evidence_source,
        edition,
        basis,
        window_years,
        end_year,
        is_full_window,
        country_code,
        weapon_category,
        sum(deal_count) as deal_count,
        sum(quantity) as quantity,
        sum(value_constant_usd) as value_constant_usd,
        sum(tiv) as tiv,
        {{ main_measure('evidence_source', 'sum(tiv)', 'sum(deal_count)') }} as main_amount
    from sides
    group by
        trade_role,
        evidence_source,
        edition,
        basis,
        window_years,
        end_year,
        is_full_window,
        country_code,
        weapon_category
),

final as (
    select
        {{ hash_key([
            'trade_role', 'evidence_source', 'edition', 'basis', 'window_years', 'end_year', 'country_code',
            'weapon_category',
        ]) }} as category_mix_key,
        {{ hash_key(['country_code']) }} as country_key,
        {{ hash_key(['weapon_category']) }} as weapon_category_key,
        {{ hash_key(['end_year']) }} as end_year_key,
        trade_role,
        evidence_source,
        edition,
        basis,
        window_years,
        end_year,
        is_full_window,
        country_code,
        weapon_category,
        {{ as_count('deal_count') }} as deal_count,
        {{ as_amount('quantity') }} as quantity,
        {{ as_amount('value_constant_usd') }} as value_constant_usd,
        {{ as_amount('tiv') }} as tiv,
        main_amount / nullif(
            sum(main_amount) over (
                partition by trade_role, evidence_source, edition, basis, window_years, end_year, country_code
            ),
            0
        ) as category_share
    from summed
)

select * from final
