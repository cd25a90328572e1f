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

weapons as (
    select * from {{ ref('int_weapons__listed') }}
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

reported as (
    select
        keyed.deal_key,
        keyed.report_number,
        claims.*
    from keyed
    inner join claims
        on keyed.claim_id = claims.claim_id
),

first_reports as (
    select *
    from reported
    where report_number = 1
),

summarised as (
    select
        deal_key,
        min(case when supplier_code <> 'unknown' then supplier_code end) as supplier_code,
        min(case when claim_status = 'delivered' then delivery_year_first end) as delivered_year_first,
        max(case when claim_status = 'delivered' then delivery_year_last end) as delivered_year_last,
        min(case when claim_status <> 'delivered' then delivery_year_first end) as planned_year_first,
        max(case when claim_status <> 'delivered' then delivery_year_last end) as planned_year_last,
        min(case when claim_status = 'delivered' and not delivery_year_is_estimate then 0 else 1 end)
            as delivered_year_is_estimate,
        min(case when claim_status <> 'delivered' and not delivery_year_is_estimate then 0 else 1 end)
            as planned_year_is_estimate,
        min(case when is_background then 1 else 0 end) as is_background,
        min(case when supplier_is_inferred then 1 else 0 end) as supplier_is_inferred,
        max(confidence) as confidence,
        min(published_at) as first_reported_at,
        max(published_at) as last_reported_at,
        count(*) as claim_count,
        count(distinct article_key) as article_count,
        count(distinct article_group_key) as independent_report_count,
        count(distinct source_key) as source_count,
        count(distinct original_source_key) as independent_source_count
    from reported
    group by deal_key
),

-- a named weapon before a generic type, then what most independent reports call it
weapons_ranked as (
    select
        reported.deal_key,
        reported.weapon_designation,
        reported.weapon_key,
        reported.weapon_family,
        reported.weapon_category,
        reported.weapon_category_key,
        row_number() over (
            partition by reported.deal_key
            order by
                min(case when weapons.is_generic then 1 else 0 end),
                count(distinct reported.article_group_key) desc,
                reported.weapon_designation,
                reported.weapon_family
        ) as choice
    from reported
    inner join weapons
        on reported.weapon_key = weapons.weapon_key
    group by
        reported.deal_key,
        reported.weapon_designation,
        reported.weapon_key,
        reported.weapon_family,
        reported.weapon_category,
        reported.weapon_category_key
),

conditions_ranked as (
    select
        deal_key,
        weapon_condition,
        row_number() over (
            partition by deal_key
            order by count(distinct article_group_key) desc, weapon_condition
        ) as choice
    from reported
    where weapon_condition is not null
    group by deal_key, weapon_condition
),

deal_types_ranked as (
    select
        deal_key,
        deal_type,
        row_number() over (
            partition by deal_key
            order by count(distinct article_group_key) desc, deal_type
        ) as choice
    from reported
    where deal_type is not null
    group by deal_key, deal_type
),

final as (
    select
        summarised.deal_key,
        first_reports.claim_key as first_claim_key,
        coalesce(summarised.supplier_code, 'unknown') as supplier_code,
        first_reports.recipient_code,
        weapons_ranked.weapon_key,
        weapons_ranked.weapon_family,
        weapons_ranked.weapon_category,
        weapons_ranked.weapon_category_key,
        weapons_ranked.weapon_designation,
        statuses.deal_status,
        conditions_ranked.weapon_condition,
        deal_types_ranked.deal_type,
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
        summarised.claim_count,
        summarised.article_count,
        summarised.independent_report_count,
        summarised.source_count,
        summarised.independent_source_count,
        coalesce(quantities.has_quantity_conflict, false) as has_quantity_conflict,
        coalesce(money.has_value_conflict, false) as has_value_conflict,
        coalesce(dates.has_order_year_conflict, false) as has_order_year_conflict,
        statuses.has_status_conflict
    from summarised
    inner join first_reports
        on summarised.deal_key = first_reports.deal_key
    inner join statuses
        on summarised.deal_key = statuses.deal_key
    inner join weapons_ranked
        on
            summarised.deal_key = weapons_ranked.deal_key
            and weapons_ranked.choice = 1
    left join conditions_ranked
        on
            summarised.deal_key = conditions_ranked.deal_key
            and conditions_ranked.choice = 1
    left join deal_types_ranked
        on
            summarised.deal_key = deal_types_ranked.deal_key
            and deal_types_ranked.choice = 1
    left join dates
        on summarised.deal_key = dates.deal_key
    left join quantities
        on summarised.deal_key = quantities.deal_key
    left join money
        on summarised.deal_key = money.deal_key
)

select * from final
