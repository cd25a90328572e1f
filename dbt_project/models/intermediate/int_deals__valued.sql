{#- Values of one deal that differ by more than a tenth after conversion are a conflict, not rounding. -#}
{%- set conflict_ratio = 1.1 -%}
{%- set rounds = 3 -%}

with

claims as (
    select * from {{ ref('int_claims__resolved') }}
),

clustered as (
    select * from {{ ref('int_deals__clustered') }}
),

statuses as (
    select * from {{ ref('int_deals__statused') }}
),

priced as (
    select
        clustered.deal_key,
        clustered.report_number,
        claims.*,
        case claims.value_type
            when 'contract' then 1
            when 'aid' then 2
            when 'package_share' then 3
            when 'ceiling' then 4
            else 1
        end as type_order
    from clustered
    inner join claims
        on clustered.claim_id = claims.claim_id
    where
        claims.value_amount is not null
        and claims.value_currency is not null
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
        supports.support,
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

conflicts as (
    select
        deal_key,
        max(value_usd) > {{ conflict_ratio }} * min(value_usd) as has_value_conflict
    from priced
    where type_order <= 2
    group by deal_key
),

best as (
    select *
    from ranked
    where choice = 1
),

-- deals that one article names as parts of one sum are one package, and so are packages that share a deal
shares as (
    select distinct
        deal_key,
        {{ hash_key(['article_group_key', 'supplier_code', 'recipient_code', 'value_currency', 'value_amount']) }}
            as share_key
    from priced
    where value_type = 'package_share'
),

labels_0 as (
    select
        deal_key,
        share_key,
        deal_key as label
    from shares
),

{% for round in range(1, rounds + 1) -%}
    articles_{{ round }} as (
        select
            deal_key,
            share_key,
            min(label) over (partition by share_key) as label
        from labels_{{ round - 1 }}
    ),

    labels_{{ round }} as (
        select
            deal_key,
            share_key,
            min(label) over (partition by deal_key) as label
        from articles_{{ round }}
    ),

{% endfor -%}
packages as (
    select distinct
        deal_key,
        label as package_label
    from labels_{{ rounds }}
),

package_deals as (
    select
        packages.deal_key,
        packages.package_label,
        coalesce(best.type_order <= 2, false) as has_own_value,
        case when statuses.deal_status in ('ordered', 'delivered') then 0 else 1 end as status_order
    from packages
    inner join statuses
        on packages.deal_key = statuses.deal_key
    left join best
        on packages.deal_key = best.deal_key
),

-- the sum stands once, on the lead; where an item has a price of its own, the sum would count that again
package_leads as (
    select
        deal_key,
        package_label,
        max(case when has_own_value then 1 else 0 end) over (partition by package_label) as is_itemised,
        count(*) over (partition by package_label) as deal_count,
        row_number() over (partition by package_label order by status_order, deal_key) as lead_rank
    from package_deals
),

-- all deals of a package tell one sum: the best supported share of any of them
package_values as (
    select
        package_deals.package_label,
        ranked.claim_key,
        ranked.value_min,
        ranked.value_max,
        ranked.value_amount,
        ranked.value_currency,
        ranked.value_usd,
        ranked.value_rate_year,
        row_number() over (
            partition by package_deals.package_label
            order by
                case when ranked.is_background then 1 else 0 end,
                case when ranked.value_usd is null then 1 else 0 end,
                ranked.support desc,
                ranked.published_at desc,
                ranked.claim_id
        ) as choice
    from package_deals
    inner join ranked
        on package_deals.deal_key = ranked.deal_key
    where ranked.value_type = 'package_share'
),

deals as (
    select
        best.deal_key,
        best.type_order,
        case when package_leads.deal_key is not null then {{ hash_key(['package_leads.package_label']) }} end
            as package_key,
        coalesce(package_leads.lead_rank = 1, false) as is_package_lead,
        coalesce(package_leads.is_itemised, 0) as is_itemised,
        package_leads.package_label
    from best
    left join package_leads
        on best.deal_key = package_leads.deal_key
),

final as (
    select
        deals.deal_key,
        coalesce(package_values.claim_key, best.claim_key) as value_claim_key,
        case when package_values.package_label is null then best.value_min else package_values.value_min end
            as value_min,
        case when package_values.package_label is null then best.value_max else package_values.value_max end
            as value_max,
        coalesce(package_values.value_amount, best.value_amount) as value_amount,
        coalesce(package_values.value_currency, best.value_currency) as value_currency,
        best.value_type,
        case when package_values.package_label is null then best.value_rate_year else package_values.value_rate_year end
            as value_rate_year,
        case
            when deals.type_order <= 2 then best.value_usd
            when deals.type_order = 3 and deals.is_package_lead and deals.is_itemised = 0
                then package_values.value_usd
        end as value_usd,
        case when deals.type_order = 4 then best.value_usd end as value_ceiling_usd,
        deals.package_key,
        deals.is_package_lead,
        coalesce(conflicts.has_value_conflict, false) as has_value_conflict
    from deals
    inner join best
        on deals.deal_key = best.deal_key
    left join package_values
        on
            deals.package_label = package_values.package_label
            and deals.type_order = 3
            and package_values.choice = 1
    left join conflicts
        on deals.deal_key = conflicts.deal_key
)

select * from final
