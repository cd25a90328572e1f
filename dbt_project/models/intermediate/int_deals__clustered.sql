{#- Longest waits, from order-to-delivery lags in public registers: median 1 year, 90th percentile 4 years; a series may
    be delivered for longer. Proposals rarely wait more than five years for a contract. -#}
{%- set delivery_years = 12 -%}
{%- set proposal_years = 5 -%}
{%- set year_days = 366 -%}
{%- set late_report_days = 90 -%}

with

-- only what is compared: whatever a claim carries besides would be sorted and joined with it
claims as (
    select
        claim_id,
        block_key,
        supplier_code,
        recipient_code,
        weapon_key,
        claim_status,
        published_at,
        published_year,
        order_year,
        delivery_year_first,
        quantity,
        quantity_low,
        quantity_high,
        quantity_is_approximate,
        is_background,
        is_repeat_order
    from {{ ref('int_claims__resolved') }}
    where not is_domestic
),

anchored as (
    select * from {{ ref('int_claims__anchored') }}
),

weapons as (
    select * from {{ ref('int_weapons__listed') }}
),

anchored_quantities as (
    select
        anchored.anchor_key,
        claims.claim_status,
        claims.quantity,
        claims.quantity_low,
        claims.quantity_high,
        claims.quantity_is_approximate
    from anchored
    inner join claims
        on anchored.claim_id = claims.claim_id
    where claims.quantity is not null
),

-- the number of an anchor is the one that reports of the order tell, exact before rounded, by most of them
anchor_quantities as (
    select
        anchor_key,
        quantity,
        min(quantity_low) as quantity_low,
        max(quantity_high) as quantity_high,
        row_number() over (
            partition by anchor_key
            order by
                max(case when claim_status = 'ordered' then 1 else 0 end) desc,
                min(case when quantity_is_approximate then 1 else 0 end),
                count(*) desc,
                quantity desc
        ) as choice
    from anchored_quantities
    group by anchor_key, quantity
),

anchor_dates as (
    select
        anchor_key,
        min(block_key) as block_key,
        min(ordered_at) as event_at,
        max(case when is_repeat then 1 else 0 end) = 1 as is_repeat
    from anchored
    group by anchor_key
),

anchors as (
    select
        anchor_dates.block_key,
        anchor_dates.anchor_key,
        anchor_dates.event_at,
        anchor_dates.is_repeat,
        anchor_quantities.quantity,
        anchor_quantities.quantity_low,
        anchor_quantities.quantity_high
    from anchor_dates
    left join anchor_quantities
        on
            anchor_dates.anchor_key = anchor_quantities.anchor_key
            and anchor_quantities.choice = 1
),

loose as (
    select
        claims.*,
        case
            when claims.claim_status = 'delivered' and claims.delivery_year_first <> claims.published_year
                then {{ mid_year('claims.delivery_year_first') }}
            when claims.order_year <> claims.published_year then {{ mid_year('claims.order_year') }}
            else claims.published_at
        end as told_at
    from claims
    left join anchored
        on claims.claim_id = anchored.claim_id
    where anchored.claim_id is null
),

-- a delivery follows its order by a year or more: the order of last month is rarely the one that is delivered
placed as (
    select
        *,
        case
            when claim_status = 'delivered' then {{ dbt.dateadd('day', -year_days, 'told_at') }}
            else told_at
        end as event_at
    from loose
),

-- one time line per block, sorted once: every loose claim sees the anchors just before and after it
time_line as (
    select
        block_key,
        event_at,
        quantity,
        is_repeat,
        anchor_key,
        cast(null as {{ dbt.type_string() }}) as claim_id
    from anchors
    union all
    select
        block_key,
        event_at,
        quantity,
        false as is_repeat,
        cast(null as {{ dbt.type_string() }}) as anchor_key,
        claim_id
    from placed
),

positioned as (
    select
        *,
        row_number() over (partition by block_key order by event_at, anchor_key nulls last, claim_id) as position
    from time_line
),

surrounded as (
    select
        *,
        max(case when anchor_key is not null then position end) over (
            partition by block_key order by position rows between unbounded preceding and current row
        ) as earlier_position,
        min(case when anchor_key is not null then position end) over (
            partition by block_key order by position rows between current row and unbounded following
        ) as later_position,
        max(case when is_repeat then position end) over (
            partition by block_key order by position rows between unbounded preceding and current row
        ) as earlier_repeat_position,
        max(case when anchor_key is not null then position end) over (
            partition by block_key, quantity order by position rows between unbounded preceding and current row
        ) as earlier_same_position,
        min(case when anchor_key is not null then position end) over (
            partition by block_key, quantity order by position rows between current row and unbounded following
        ) as later_same_position
    from positioned
),

placed_anchors as (
    select
        anchors.*,
        positioned.position
    from anchors
    inner join positioned
        on anchors.anchor_key = positioned.anchor_key
),

compared as (
    select
        placed.claim_id,
        placed.block_key,
        placed.claim_status,
        placed.is_background,
        placed.told_at,
        surrounded.earlier_position,
        earlier.anchor_key as earlier_key,
        {{ days_between('earlier.event_at', 'placed.event_at') }} as earlier_days,
        coalesce(placed.quantity_low > earlier.quantity_high, false) as is_more_than_earlier,
        coalesce(placed.quantity_high < earlier.quantity_low, false) as is_less_than_earlier,
        later.anchor_key as later_key,
        {{ days_between('placed.event_at', 'later.event_at') }} as later_days,
        coalesce(placed.quantity_low > later.quantity_high, false) as is_more_than_later,
        coalesce(placed.quantity_high < later.quantity_low, false) as is_less_than_later,
        -- plans shrink and grow on their way to a contract, but not beyond half and double
        coalesce(
            placed.quantity_low > 2 * later.quantity_high or 2 * placed.quantity_high < later.quantity_low, false
        ) as is_other_plan,
        earlier_repeat.anchor_key as earlier_repeat_key,
        earlier_same.anchor_key as earlier_same_key,
        {{ days_between('earlier_same.event_at', 'placed.event_at') }} as earlier_same_days,
        later_same.anchor_key as later_same_key,
        {{ days_between('placed.event_at', 'later_same.event_at') }} as later_same_days
    from placed
    inner join surrounded
        on placed.claim_id = surrounded.claim_id
    left join placed_anchors as earlier
        on
            surrounded.block_key = earlier.block_key
            and surrounded.earlier_position = earlier.position
    left join placed_anchors as later
        on
            surrounded.block_key = later.block_key
            and surrounded.later_position = later.position
    left join placed_anchors as earlier_repeat
        on
            placed.is_repeat_order
            and surrounded.block_key = earlier_repeat.block_key
            and surrounded.earlier_repeat_position = earlier_repeat.position
    left join placed_anchors as earlier_same
        on
            placed.quantity is not null
            and surrounded.block_key = earlier_same.block_key
            and surrounded.earlier_same_position = earlier_same.position
    left join placed_anchors as later_same
        on
            placed.quantity is not null
            and surrounded.block_key = later_same.block_key
            and surrounded.later_same_position = later_same.position
),

attached as (
    select
        *,
        case claim_status
            when 'delivered'
                then
                    case
                        when earlier_repeat_key is not null then earlier_repeat_key
                        when earlier_same_days <= {{ delivery_years * year_days }} then earlier_same_key
                        when later_same_days <= {{ year_days }} then later_same_key
                        when
                            earlier_days <= {{ delivery_years * year_days }} and not is_more_than_earlier
                            then earlier_key
                        when later_same_days <= {{ 2 * year_days }} then later_same_key
                        when later_days <= {{ 2 * year_days }} and not is_more_than_later then later_key
                    end
            when 'ordered'
                then
                    coalesce(
                        earlier_same_key,
                        later_same_key,
                        case when not is_more_than_earlier and not is_less_than_earlier then earlier_key end,
                        case when not is_more_than_later and not is_less_than_later then later_key end
                    )
            when 'cancelled'
                then
                    case
                        when earlier_same_key is not null then earlier_same_key
                        when earlier_days <= {{ delivery_years * year_days }} then earlier_key
                        when later_days <= {{ year_days }} then later_key
                    end
            else case
                when earlier_same_days <= {{ late_report_days }} then earlier_same_key
                when
                    later_same_days <= {{ proposal_years * year_days }} and is_less_than_earlier
                    then later_same_key
                when earlier_days <= {{ late_report_days }} and not is_more_than_earlier then earlier_key
                when later_same_days <= {{ proposal_years * year_days }} then later_same_key
                when later_days <= {{ proposal_years * year_days }} and not is_other_plan then later_key
                when is_background and not is_more_than_earlier then earlier_key
            end
        end as anchor_key
    from compared
),

-- what no order explains: one deal per stretch of reports without a long silence; an equal number bridges a longer one
unattached as (
    select
        attached.claim_id,
        attached.block_key,
        coalesce(attached.earlier_position, 0) as after_position,
        attached.told_at,
        loose.quantity
    from attached
    inner join loose
        on attached.claim_id = loose.claim_id
    where attached.anchor_key is null
),

unattached_compared as (
    select
        *,
        lag(told_at) over (partition by block_key, after_position order by told_at, claim_id) as previous_told_at,
        lag(quantity) over (partition by block_key, after_position order by told_at, claim_id) as previous_quantity
    from unattached
),

unattached_flagged as (
    select
        *,
        case
            when {{ days_between('previous_told_at', 'told_at') }} <= {{ silence_days() }} then 0
            when
                {{ days_between('previous_told_at', 'told_at') }} <= {{ proposal_years * year_days }}
                and quantity = previous_quantity
                then 0
            else 1
        end as is_start
    from unattached_compared
),

unattached_numbered as (
    select
        *,
        sum(is_start) over (
            partition by block_key, after_position order by told_at, claim_id
            rows between unbounded preceding and current row
        ) as stretch_number
    from unattached_flagged
),

clustered as (
    select
        claim_id,
        anchor_key as cluster_key,
        match_rule
    from anchored
    union all
    select
        claim_id,
        anchor_key as cluster_key,
        'neighbouring_order' as match_rule
    from attached
    where anchor_key is not null
    union all
    select
        claim_id,
        {{ hash_key(['block_key', "'without_order'", 'after_position', 'stretch_number']) }} as cluster_key,
        'reports_without_order' as match_rule
    from unattached_numbered
),

clusters as (
    select
        clustered.cluster_key,
        min(claims.supplier_code) as supplier_code,
        min(claims.recipient_code) as recipient_code,
        min(claims.weapon_key) as weapon_key,
        min(claims.order_year) as order_year,
        min(claims.quantity_low) as quantity_low,
        max(claims.quantity_high) as quantity_high,
        min(claims.published_at) as first_reported_at,
        max(claims.published_at) as last_reported_at
    from clustered
    inner join claims
        on clustered.claim_id = claims.claim_id
    group by clustered.cluster_key
),

only_suppliers as (
    select
        recipient_code,
        weapon_key,
        min(cluster_key) as cluster_key,
        min(order_year) as order_year
    from clusters
    where
        supplier_code <> 'unknown'
        and recipient_code <> 'unknown'
    group by recipient_code, weapon_key
    having count(*) = 1
),

-- a deal without a supplier is the only deal of that recipient and weapon with one, unless their years differ
supplied as (
    select
        clusters.cluster_key,
        only_suppliers.cluster_key as merged_key
    from clusters
    inner join only_suppliers
        on
            clusters.recipient_code = only_suppliers.recipient_code
            and clusters.weapon_key = only_suppliers.weapon_key
    where
        clusters.supplier_code = 'unknown'
        and coalesce(abs(clusters.order_year - only_suppliers.order_year), 0) <= 1
),

described as (
    select
        clusters.*,
        weapons.weapon_family,
        weapons.weapon_type,
        weapons.weapon_category,
        weapons.is_generic
    from clusters
    inner join weapons
        on clusters.weapon_key = weapons.weapon_key
    where
        clusters.supplier_code <> 'unknown'
        and clusters.recipient_code <> 'unknown'
),

-- "eight submarines" is the named class of that type, or of that category in the same number, if only one fits
named_candidates as (
    select
        generic.cluster_key,
        named.cluster_key as merged_key,
        count(*) over (partition by generic.cluster_key) as candidate_count
    from described as generic
    inner join described as named
        on
            generic.supplier_code = named.supplier_code
            and generic.recipient_code = named.recipient_code
            and generic.weapon_category = named.weapon_category
    where
        generic.is_generic
        and not named.is_generic
        and coalesce(abs(generic.order_year - named.order_year), 0) <= 1
        and coalesce(generic.quantity_low <= named.quantity_high, true)
        and coalesce(generic.quantity_high >= named.quantity_low, true)
        and {{ days_between('named.last_reported_at', 'generic.first_reported_at') }} <= {{ silence_days() }}
        and {{ days_between('generic.last_reported_at', 'named.first_reported_at') }} <= {{ silence_days() }}
        and (named.weapon_type = generic.weapon_family or generic.quantity_low = named.quantity_low)
),

named as (
    select
        cluster_key,
        merged_key
    from named_candidates
    where candidate_count = 1
),

settled as (
    select
        clustered.claim_id,
        coalesce(named.merged_key, supplied.merged_key, clustered.cluster_key) as cluster_key,
        case
            when named.merged_key is not null then 'only_named_weapon'
            when supplied.merged_key is not null then 'only_known_supplier'
            else clustered.match_rule
        end as match_rule
    from clustered
    left join supplied
        on clustered.cluster_key = supplied.cluster_key
    left join named
        on coalesce(supplied.merged_key, clustered.cluster_key) = named.cluster_key
),

ranked as (
    select
        settled.claim_id,
        settled.match_rule,
        row_number() over (
            partition by settled.cluster_key order by claims.published_at, claims.claim_id
        ) as report_number,
        first_value(settled.claim_id) over (
            partition by settled.cluster_key order by claims.published_at, claims.claim_id
        ) as first_claim_id
    from settled
    inner join claims
        on settled.claim_id = claims.claim_id
),

final as (
    select
        claim_id,
        {{ hash_key(['claim_id']) }} as claim_key,
        {{ hash_key(['first_claim_id']) }} as cluster_key,
        match_rule,
        report_number
    from ranked
)

select * from final
