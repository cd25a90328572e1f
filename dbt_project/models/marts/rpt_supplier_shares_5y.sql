with

ranked as (
    select * from {{ ref('int_flows__ranked') }}
    where
        trade_role = 'supplier'
        and window_years = 5
),

final as (
    select
        {{ hash_key(['now.evidence_source', 'now.edition', 'now.basis', 'now.end_year', 'now.country_code']) }}
            as supplier_share_key,
        {{ hash_key(['now.country_code']) }} as supplier_country_key,
        {{ hash_key(['now.end_year']) }} as end_year_key,
        now.evidence_source,
        now.edition,
        now.is_latest_edition,
        now.basis,
        now.end_year - 4 as start_year,
        now.end_year,
        now.is_full_window,
        now.country_code as supplier_code,
        now.deal_count,
        now.deal_share,
        case when now.is_full_window then {{ as_amount('now.deal_count') }} / 5 end as deal_count_moving_average,
        earlier.deal_count as deal_count_previous_5y,
        now.value_constant_usd,
        now.value_share,
        case when now.is_full_window then now.value_constant_usd / 5 end as value_moving_average_constant_usd,
        earlier.value_constant_usd as value_previous_5y_constant_usd,
        now.tiv,
        now.tiv_share,
        case when now.is_full_window then now.tiv / 5 end as tiv_moving_average,
        earlier.tiv as tiv_previous_5y,
        now.market_share,
        now.share_rank
    from ranked as now
    left join ranked as earlier
        on
            now.evidence_source = earlier.evidence_source
            and coalesce(now.edition, '') = coalesce(earlier.edition, '')
            and now.basis = earlier.basis
            and now.country_code = earlier.country_code
            and now.end_year - 5 = earlier.end_year
)

select * from final
