{#- Each party's part of the world in each window, as supplier and as recipient. -#}
{%- set world = (window_parts() + ['trade_role']) | join(', ') -%}
{%- set party = window_parts() + ['trade_role', 'country_code'] -%}

with

flows as (
    select * from {{ ref('int_flows__windowed') }}
),

sides as (
    {{ both_sides('flows') }}
),

partners as (
    {{ sum_by_window('sides', ['trade_role', 'country_code', 'partner_code']) }}
),

partner_shares as (
    select
        *,
        {{ share_within('main_amount', party) }} as partner_share
    from partners
),

countries as (
    select
        {{ (party + ['is_latest_edition', 'is_full_window']) | join(',\n        ') }},
        sum(deal_count) as deal_count,
        sum(value_constant_usd) as value_constant_usd,
        sum(tiv) as tiv,
        sum(main_amount) as main_amount,
        count(*) as partner_count,
        sum(partner_share * partner_share) as partner_herfindahl_index
    from partner_shares
    group by
        {{ (party + ['is_latest_edition', 'is_full_window']) | join(',\n        ') }}
),

worlds as (
    select
        *,
        sum(deal_count) over (partition by {{ world }}) as world_deal_count,
        sum(value_constant_usd) over (partition by {{ world }}) as world_value_constant_usd,
        sum(tiv) over (partition by {{ world }}) as world_tiv,
        rank() over (partition by {{ world }} order by {{ rankable('main_amount') }} desc) as share_rank
    from countries
),

final as (
    select
        {{ hash_key([
            'trade_role', 'evidence_source', 'edition', 'basis', 'window_years', 'end_year', 'country_code',
        ]) }} as market_share_key,
        trade_role,
        evidence_source,
        edition,
        is_latest_edition,
        basis,
        window_years,
        end_year,
        is_full_window,
        country_code,
        {{ as_count('deal_count') }} as deal_count,
        {{ as_amount('deal_count') }} / world_deal_count as deal_share,
        {{ as_amount('value_constant_usd') }} as value_constant_usd,
        {{ as_amount('value_constant_usd') }} / nullif(world_value_constant_usd, 0) as value_share,
        {{ as_amount('tiv') }} as tiv,
        {{ as_amount('tiv') }} / nullif(world_tiv, 0) as tiv_share,
        {{ main_measure(
            'evidence_source',
            as_amount('tiv') ~ ' / nullif(world_tiv, 0)',
            as_amount('deal_count') ~ ' / world_deal_count',
        ) }} as market_share,
        {{ as_count('share_rank') }} as share_rank,
        {{ as_count('partner_count') }} as partner_count,
        {{ as_amount('partner_herfindahl_index') }} as partner_herfindahl_index
    from worlds
)

select * from final
