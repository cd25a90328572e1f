with

flows as (
    select * from {{ ref('int_flows__united') }}
    where transfer_year is not null
),

-- one year, and the five years by which this field speaks of trends
offsets as (
    select
        1 as window_years,
        0 as years_later
    union all
    select
        5 as window_years,
        generated_number - 1 as years_later
    from ({{ dbt.generate_series(5) }}) as numbers
),

spans as (
    select
        evidence_source,
        coalesce(edition, '') as edition_or_blank,
        basis,
        min(transfer_year) as first_year,
        max(transfer_year) as last_year
    from flows
    group by evidence_source, coalesce(edition, ''), basis
),

-- each year counts in the windows that end with it or up to four years later, but for ends without data
placed as (
    select
        flows.*,
        offsets.window_years,
        flows.transfer_year + offsets.years_later as end_year,
        flows.transfer_year + offsets.years_later - offsets.window_years + 1 >= spans.first_year as is_full_window
    from flows
    inner join spans
        on
            flows.evidence_source = spans.evidence_source
            and coalesce(flows.edition, '') = spans.edition_or_blank
            and flows.basis = spans.basis
    cross join offsets
    where flows.transfer_year + offsets.years_later <= spans.last_year
),

final as (
    select
        evidence_source,
        edition,
        is_latest_edition,
        basis,
        cast(window_years as {{ dbt.type_int() }}) as window_years,
        cast(end_year as {{ dbt.type_int() }}) as end_year,
        is_full_window,
        supplier_code,
        recipient_code,
        weapon_category,
        {{ as_count('count(distinct deal_key)') }} as deal_count,
        {{ as_amount('sum(quantity)') }} as quantity,
        {{ as_amount('sum(value_usd)') }} as value_usd,
        {{ as_amount('sum(value_constant_usd)') }} as value_constant_usd,
        {{ as_amount('sum(tiv)') }} as tiv
    from placed
    group by
        evidence_source,
        edition,
        is_latest_edition,
        basis,
        window_years,
        end_year,
        is_full_window,
        supplier_code,
        recipient_code,
        weapon_category
)

select * from final
