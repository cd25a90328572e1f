with

claims as (
    select * from {{ ref('int_claims__resolved') }}
),

keyed as (
    select * from {{ ref('int_deals__keyed') }}
),

statuses as (
    select * from {{ ref('int_deals__statused') }}
),

counts as (
    select * from {{ ref('int_deals__counted') }}
),

descriptions as (
    select * from {{ ref('int_deals__described') }}
),

quantities as (
    select * from {{ ref('int_deals__quantified') }}
),

dates as (
    select * from {{ ref('int_deals__dated') }}
),

money as (
    select * from {{ ref('int_deals__valued') }}
),

first_reports as (
    select
        keyed.deal_key,
        claims.claim_key,
        claims.recipient_code
    from keyed
    inner join claims
        on keyed.claim_id = claims.claim_id
    where keyed.report_number = 1
),

summarised as (
    select
        keyed.deal_key,
        min(case when claims.supplier_code <> 'unknown' then claims.supplier_code end) as supplier_code,
        min(case when claims.claim_status = 'delivered' then claims.delivery_year_first end) as delivered_year_first,
        max(case when claims.claim_status = 'delivered' then claims.delivery_year_last end) as delivered_year_last,
        min(case when claims.claim_status <> 'delivered' then claims.delivery_year_first end) as planned_year_first,
        max(case when claims.claim_status <> 'delivered' then claims.delivery_year_last end) as planned_year_last,
        min(case when claims.claim_status = 'delivered' and not claims.delivery_year_is_estimate then 0 else 1 end)
            as delivered_year_is_estimate,
        min(case when claims.claim_status <> 'delivered' and not claims.delivery_year_is_estimate then 0 else 1 end)
            as planned_year_is_estimate,
        min(case when claims.is_background then 1 else 0 end) as is_background,
        min(case when claims.supplier_is_inferred then 1 else 0 end) as supplier_is_inferred,
        max(claims.confidence) as confidence,
        min(claims.published_at) as first_reported_at,
        max(claims.published_at) as last_reported_at
    from keyed
    inner join claims
        on keyed.claim_id = claims.claim_id
    group by keyed.deal_key
),

final as (
    select
        summarised.deal_key,
        first_reports.claim_key as first_claim_key,
        coalesce(summarised.supplier_code, 'unknown') as supplier_code,
        first_reports.recipient_code,
        descriptions.weapon_key,
        descriptions.weapon_family,
        descriptions.weapon_category,
        descriptions.weapon_category_key,
        descriptions.weapon_designation,
        statuses.deal_status,
        descriptions.weapon_condition,
        descriptions.deal_type,
        dates.order_year,
        dates.order_year_is_estimate,
        coalesce(summarised.delivered_year_first, summarised.planned_year_first) as delivery_year_first,
        case
            when summarised.delivered_year_first is not null then summarised.delivered_year_last
            else summarised.planned_year_last
        end as delivery_year_last,
        case
            when summarised.delivered_year_first is not null then summarised.delivered_year_is_estimate = 1
            when summarised.planned_year_first is not null then summarised.planned_year_is_estimate = 1
        end as delivery_year_is_estimate,
        quantities.quantity_min,
        quantities.quantity_max,
        quantities.quantity as quantity_ordered,
        quantities.quantity_is_approximate,
        quantities.quantity_claim_key,
        case
            when statuses.deal_status = 'delivered'
                then coalesce(quantities.quantity_told_delivered, quantities.quantity)
        end as quantity_delivered,
        case
            when statuses.deal_status = 'delivered' and quantities.quantity is not null
                then quantities.quantity_told_delivered is null
        end as quantity_delivered_is_assumed,
        money.value_min,
        money.value_max,
        money.value_amount,
        money.value_currency,
        money.value_type,
        money.value_price_year,
        money.value_rate_year,
        money.value_usd,
        money.value_min_usd,
        money.value_max_usd,
        money.value_constant_usd,
        money.value_ceiling_usd,
        money.value_claim_key,
        money.package_key,
        coalesce(money.is_package_lead, false) as is_package_lead,
        summarised.is_background = 1 as is_background,
        summarised.supplier_is_inferred = 1 as supplier_is_inferred,
        summarised.confidence,
        summarised.first_reported_at,
        summarised.last_reported_at,
        counts.claim_count,
        counts.article_count,
        counts.independent_report_count,
        counts.source_count,
        counts.independent_source_count,
        coalesce(quantities.has_quantity_conflict, false) as has_quantity_conflict,
        coalesce(money.has_value_conflict, false) as has_value_conflict,
        coalesce(dates.has_order_year_conflict, false) as has_order_year_conflict,
        statuses.has_status_conflict
    from summarised
    inner join first_reports
        on summarised.deal_key = first_reports.deal_key
    inner join counts
        on summarised.deal_key = counts.deal_key
    inner join descriptions
        on summarised.deal_key = descriptions.deal_key
    inner join statuses
        on summarised.deal_key = statuses.deal_key
    left join dates
        on summarised.deal_key = dates.deal_key
    left join quantities
        on summarised.deal_key = quantities.deal_key
    left join money
        on summarised.deal_key = money.deal_key
)

select * from final
