with

ranked as (
    select * from {{ ref('int_flows__ranked') }}
    where is_latest_edition
),

-- whoever stands behind the unknown member is no single party, so it is in the world's total, but in no index
final as (
    select
        {{ hash_key(['trade_role', 'evidence_source', 'edition', 'basis', 'window_years', 'end_year']) }}
            as market_concentration_key,
        {{ hash_key(['end_year']) }} as end_year_key,
        trade_role,
        evidence_source,
        edition,
        basis,
        window_years,
        end_year,
        is_full_window,
        {{ as_count("sum(case when country_code <> 'unknown' then 1 else 0 end)") }} as party_count,
        {{ as_count('sum(deal_count)') }} as deal_count,
        {{ as_amount('sum(value_constant_usd)') }} as value_constant_usd,
        {{ as_amount('sum(tiv)') }} as tiv,
        {{ as_amount("sum(case when country_code <> 'unknown' then market_share * market_share end)") }}
            as herfindahl_index,
        {{ as_amount("max(case when country_code <> 'unknown' then market_share end)") }} as top_party_share,
        {{ as_amount("sum(case when country_code = 'unknown' then market_share end)") }} as unknown_party_share
    from ranked
    group by
        trade_role,
        evidence_source,
        edition,
        basis,
        window_years,
        end_year,
        is_full_window
)

select * from final
