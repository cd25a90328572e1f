-- Deals whose prices one article tells as one sum are in one package: else the sum would be counted once in each.
with

claims as (
    select * from {{ ref('fct_transfer_claims') }}
),

deals as (
    select * from {{ ref('fct_deals') }}
),

final as (
    select
        claims.article_group_key,
        claims.supplier_code,
        claims.recipient_code,
        claims.value_currency,
        claims.value_max,
        count(distinct deals.package_key) as package_count
    from claims
    inner join deals
        on claims.deal_key = deals.deal_key
    where
        claims.value_type = 'package_share'
        and deals.value_type = 'package_share'
    group by
        claims.article_group_key,
        claims.supplier_code,
        claims.recipient_code,
        claims.value_currency,
        claims.value_max
    having count(distinct deals.package_key) > 1
)

select * from final
