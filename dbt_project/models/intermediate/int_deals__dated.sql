with

claims as (
    select * from {{ ref('int_claims__resolved') }}
),

keyed as (
    select * from {{ ref('int_deals__keyed') }}
),

order_years as (
    select
        keyed.deal_key,
        claims.order_year,
        max(case when claims.order_year_is_estimate then 0 else 1 end) as is_exact,
        count(distinct claims.article_group_key) as support
    from keyed
    inner join claims
        on keyed.claim_id = claims.claim_id
    where
        claims.order_year is not null
        and claims.claim_status in ('ordered', 'delivered', 'cancelled')
    group by keyed.deal_key, claims.order_year
),

-- a year that is told beats one that follows from the date of the report
ranked as (
    select
        *,
        sum(is_exact) over (partition by deal_key) as exact_year_count,
        row_number() over (
            partition by deal_key
            order by is_exact desc, support desc, order_year
        ) as choice
    from order_years
),

final as (
    select
        deal_key,
        order_year,
        is_exact = 0 as order_year_is_estimate,
        exact_year_count > 1 as has_order_year_conflict
    from ranked
    where choice = 1
)

select * from final
