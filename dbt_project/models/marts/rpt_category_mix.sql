with

flows as (
    select * from {{ ref('int_flows__windowed') }}
    where is_latest_edition
),

sides as (
    {{ both_sides('flows') }}
),

summed as (
    {{ sum_by_window('sides', ['trade_role', 'country_code', 'weapon_category'], more=['sum(quantity) as quantity']) }}
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
        {{ share_within('main_amount', window_parts() + ['trade_role', 'country_code']) }} as category_share
    from summed
)

select * from final
