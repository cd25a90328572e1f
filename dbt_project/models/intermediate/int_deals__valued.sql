{#- Values of one deal that differ by more than a tenth after conversion are a conflict, not rounding. -#}
{%- set conflict_ratio = 1.1 -%}
{#- Each round, all deals of one label take the least label beside any of them, and then the label of that label: chains
    of packages settle in about as many rounds as their length has binary digits. -#}
{%- set rounds = 5 -%}

with

claims as (
    select *
    from {{ ref('int_claims__resolved') }}
    where
        value_amount is not null
        and value_currency is not null
),

keyed as (
    select * from {{ ref('int_deals__keyed') }}
),

statuses as (
    select * from {{ ref('int_deals__statused') }}
),

dates as (
    select * from {{ ref('int_deals__dated') }}
),

exchange_rates as (
    select * from {{ ref('int_exchange_rates__filled') }}
),

deflators as (
    select * from {{ ref('int_prices__deflated') }}
),

-- all prices of a deal are of the year of its order; a plan has the year of its report
dated as (
    select
        keyed.deal_key,
        claims.claim_id,
        claims.claim_key,
        claims.article_group_key,
        claims.published_at,
        claims.is_background,
        claims.value_min,
        claims.value_max,
        claims.value_amount,
        claims.value_currency,
        claims.value_type,
        coalesce(dates.order_year, claims.order_year, claims.published_year) as price_year,
        case when claims.value_type = 'ceiling' then 'ceiling' else 'price' end as sum_kind,
        -- the sum that the article tells: one price of a contract per sentence, one of other kinds per article
        {{ hash_key([
            'claims.article_group_key',
            'claims.supplier_code',
            'claims.recipient_code',
            'claims.value_currency',
            'claims.value_amount',
            "case when claims.value_type = 'ceiling' then 'ceiling' else 'price' end",
            "case when coalesce(claims.value_type, 'contract') = 'contract' then claims.article_key end",
            "case when coalesce(claims.value_type, 'contract') = 'contract' then claims.evidence_field end",
            "case when coalesce(claims.value_type, 'contract') = 'contract' then claims.evidence_start end",
        ]) }} as sum_key
    from keyed
    inner join claims
        on keyed.claim_id = claims.claim_id
    left join dates
        on keyed.deal_key = dates.deal_key
),

converted as (
    select
        dated.*,
        exchange_rates.rate_year,
        exchange_rates.currency_per_usd,
        deflators.constant_per_current_usd,
        case
            when dated.value_currency = 'USD' then dated.value_amount
            else dated.value_amount / exchange_rates.currency_per_usd
        end as value_usd,
        min(dated.deal_key) over (partition by dated.sum_key)
        < max(dated.deal_key) over (partition by dated.sum_key) as is_told_of_several
    from dated
    left join exchange_rates
        on
            dated.value_currency = exchange_rates.currency_code
            and dated.price_year = exchange_rates.year
    left join deflators
        on dated.price_year = deflators.year
),

-- deals that one article names as parts of one sum are one package, and so are packages that share a deal
shares as (
    select distinct
        deal_key,
        sum_kind,
        sum_key
    from converted
    where
        value_type = 'package_share'
        or is_told_of_several
),

labels_0 as (
    select
        deal_key,
        sum_kind,
        sum_key,
        deal_key as label
    from shares
),

{% for round in range(1, rounds + 1) -%}
    sums_{{ round }} as (
        select
            *,
            min(label) over (partition by sum_kind, sum_key) as least_label
        from labels_{{ round - 1 }}
    ),

    deals_{{ round }} as (
        select
            deal_key,
            sum_kind,
            label,
            min(least_label) as least_label
        from sums_{{ round }}
        group by deal_key, sum_kind, label
    ),

    hooked_{{ round }} as (
        select
            deal_key,
            sum_kind,
            min(least_label) over (partition by sum_kind, label) as label
        from deals_{{ round }}
    ),

    labels_{{ round }} as (
        select
            sums_{{ round }}.deal_key,
            sums_{{ round }}.sum_kind,
            sums_{{ round }}.sum_key,
            followed.label
        from sums_{{ round }}
        inner join hooked_{{ round }} as own
            on
                sums_{{ round }}.deal_key = own.deal_key
                and sums_{{ round }}.sum_kind = own.sum_kind
        inner join hooked_{{ round }} as followed
            on
                own.label = followed.deal_key
                and own.sum_kind = followed.sum_kind
    ),

{% endfor -%}
packages as (
    select distinct
        deal_key,
        sum_kind,
        label as package_label
    from labels_{{ rounds }}
),

package_told as (
    select
        packages.package_label,
        converted.*
    from packages
    inner join converted
        on
            packages.deal_key = converted.deal_key
            and packages.sum_kind = converted.sum_kind
    where
        converted.value_type = 'package_share'
        or converted.is_told_of_several
),

package_supports as (
    select
        package_label,
        sum_kind,
        value_currency,
        value_amount,
        count(distinct article_group_key) as support
    from package_told
    group by package_label, sum_kind, value_currency, value_amount
),

-- all deals of a package tell one sum: news before background, convertible before not, told by more reports, the latest
package_sums as (
    select
        package_told.package_label,
        package_told.sum_kind,
        package_told.claim_key,
        package_told.value_min,
        package_told.value_max,
        package_told.value_amount,
        package_told.value_currency,
        package_told.value_usd,
        package_told.price_year,
        package_told.rate_year,
        package_told.currency_per_usd,
        package_told.constant_per_current_usd,
        row_number() over (
            partition by package_told.package_label, package_told.sum_kind
            order by
                case when package_told.is_background then 1 else 0 end,
                case when package_told.value_usd is null then 1 else 0 end,
                package_supports.support desc,
                package_told.published_at desc,
                package_told.claim_id
        ) as choice
    from package_told
    inner join package_supports
        on
            package_told.package_label = package_supports.package_label
            and package_told.sum_kind = package_supports.sum_kind
            and package_told.value_currency = package_supports.value_currency
            and package_told.value_amount = package_supports.value_amount
),

-- a price that equals the sum of its package is that sum, whatever the article calls it
priced as (
    select
        converted.*,
        packages.package_label,
        case
            when converted.sum_kind = 'ceiling' then 4
            when converted.value_type = 'package_share' or converted.is_told_of_several then 3
            when
                converted.value_usd <= {{ conflict_ratio }} * package_sums.value_usd
                and package_sums.value_usd <= {{ conflict_ratio }} * converted.value_usd
                then 3
            when converted.value_type = 'aid' then 2
            else 1
        end as type_order
    from converted
    left join packages
        on
            converted.deal_key = packages.deal_key
            and converted.sum_kind = packages.sum_kind
    left join package_sums
        on
            packages.package_label = package_sums.package_label
            and packages.sum_kind = package_sums.sum_kind
            and package_sums.choice = 1
),

supports as (
    select
        deal_key,
        type_order,
        value_currency,
        value_amount,
        count(distinct article_group_key) as support
    from priced
    group by deal_key, type_order, value_currency, value_amount
),

-- news of the deal before background, convertible before not, more independent reports, the latest, lowest id
ranked as (
    select
        priced.*,
        row_number() over (
            partition by priced.deal_key
            order by
                priced.type_order,
                case when priced.is_background then 1 else 0 end,
                case when priced.value_usd is null then 1 else 0 end,
                supports.support desc,
                priced.published_at desc,
                priced.claim_id
        ) as choice
    from priced
    inner join supports
        on
            priced.deal_key = supports.deal_key
            and priced.type_order = supports.type_order
            and priced.value_currency = supports.value_currency
            and priced.value_amount = supports.value_amount
),

-- ranges that overlap don't contradict each other
conflicts as (
    select
        deal_key,
        max(value_usd * coalesce(value_min, value_max) / value_amount) > {{ conflict_ratio }} * min(value_usd)
            as has_value_conflict
    from priced
    where
        type_order <= 2
        and value_amount > 0
    group by deal_key
),

best as (
    select *
    from ranked
    where choice = 1
),

-- the sum stands once, on the lead; where an item has a price of its own, the sum would count that again
package_deals as (
    select
        best.deal_key,
        packages.sum_kind,
        packages.package_label,
        max(case when best.type_order <= 2 then 1 else 0 end) over (
            partition by packages.package_label, packages.sum_kind
        ) as is_itemised,
        row_number() over (
            partition by packages.package_label, packages.sum_kind
            order by case when statuses.deal_status in ('ordered', 'delivered') then 0 else 1 end, best.deal_key
        ) as lead_rank
    from best
    inner join statuses
        on best.deal_key = statuses.deal_key
    inner join packages
        on
            best.deal_key = packages.deal_key
            and best.sum_kind = packages.sum_kind
),

chosen as (
    select
        best.deal_key,
        best.type_order,
        best.value_type,
        package_deals.package_label,
        best.sum_kind,
        coalesce(package_deals.lead_rank = 1, false) as is_package_lead,
        case
            when best.type_order <= 2 then true
            when package_deals.package_label is null then true
            else package_deals.lead_rank = 1 and package_deals.is_itemised = 0
        end as is_counted,
        coalesce(package_sums.claim_key, best.claim_key) as value_claim_key,
        case when package_sums.choice = 1 then package_sums.value_min else best.value_min end as value_min,
        case when package_sums.choice = 1 then package_sums.value_max else best.value_max end as value_max,
        case when package_sums.choice = 1 then package_sums.value_amount else best.value_amount end as value_amount,
        case when package_sums.choice = 1 then package_sums.value_currency else best.value_currency end
            as value_currency,
        case when package_sums.choice = 1 then package_sums.value_usd else best.value_usd end as value_usd,
        case when package_sums.choice = 1 then package_sums.price_year else best.price_year end as price_year,
        case when package_sums.choice = 1 then package_sums.rate_year else best.rate_year end as rate_year,
        case when package_sums.choice = 1 then package_sums.currency_per_usd else best.currency_per_usd end
            as currency_per_usd,
        case
            when package_sums.choice = 1 then package_sums.constant_per_current_usd
            else best.constant_per_current_usd
        end as constant_per_current_usd
    from best
    left join package_deals
        on best.deal_key = package_deals.deal_key
    left join package_sums
        on
            package_deals.package_label = package_sums.package_label
            and package_deals.sum_kind = package_sums.sum_kind
            and package_sums.choice = 1
            and best.type_order >= 3
),

final as (
    select
        chosen.deal_key,
        chosen.value_claim_key,
        chosen.value_min,
        chosen.value_max,
        chosen.value_amount,
        chosen.value_currency,
        case when chosen.type_order = 3 then 'package_share' else chosen.value_type end as value_type,
        chosen.price_year as value_price_year,
        chosen.rate_year as value_rate_year,
        case when chosen.type_order <= 3 and chosen.is_counted then chosen.value_usd end as value_usd,
        case
            when chosen.type_order <= 3 and chosen.is_counted
                then chosen.value_min / case when chosen.value_currency = 'USD' then 1 else chosen.currency_per_usd end
        end as value_min_usd,
        case
            when chosen.type_order <= 3 and chosen.is_counted
                then chosen.value_max / case when chosen.value_currency = 'USD' then 1 else chosen.currency_per_usd end
        end as value_max_usd,
        case
            when chosen.type_order <= 3 and chosen.is_counted
                then chosen.value_usd * chosen.constant_per_current_usd
        end as value_constant_usd,
        case when chosen.type_order = 4 and chosen.is_counted then chosen.value_usd end as value_ceiling_usd,
        case
            when chosen.package_label is not null then {{ hash_key(['chosen.package_label', 'chosen.sum_kind']) }}
        end as package_key,
        chosen.is_package_lead,
        coalesce(conflicts.has_value_conflict, false) as has_value_conflict
    from chosen
    left join conflicts
        on chosen.deal_key = conflicts.deal_key
)

select * from final
