-- What the history of releases says last of each country-year figure is the figure.
with

figures as (
    select * from {{ ref('fct_country_year_transfers') }}
),

logged as (
    select
        *,
        row_number() over (partition by country_year_transfer_key order by release_id desc) as recency
    from {{ ref('int_country_years__logged') }}
),

last_told as (
    select *
    from logged
    where
        recency = 1
        and change <> 'removed'
),

final as (
    select
        coalesce(figures.country_year_transfer_key, last_told.country_year_transfer_key) as country_year_transfer_key,
        figures.deal_count,
        last_told.deal_count as told_deal_count
    from figures
    full outer join last_told
        on figures.country_year_transfer_key = last_told.country_year_transfer_key
    where
        figures.country_year_transfer_key is null
        or last_told.country_year_transfer_key is null
        or figures.deal_count <> last_told.deal_count
        or {{ is_other_amount('figures.quantity', 'last_told.quantity') }}
        or {{ is_other_amount('figures.value_usd', 'last_told.value_usd') }}
        or {{ is_other_amount('figures.tiv', 'last_told.tiv') }}
)

select * from final
