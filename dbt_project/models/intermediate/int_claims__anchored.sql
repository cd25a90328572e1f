with

claims as (
    select * from {{ ref('int_claims__resolved') }}
),

announced as (
    select * from {{ ref('int_orders__announced') }}
),

followed as (
    select * from {{ ref('int_orders__followed') }}
),

retold as (
    select * from {{ ref('int_orders__retold') }}
),

announcements as (
    select
        anchor_key,
        min(announced_at) as announced_at,
        max(case when is_repeat then 1 else 0 end) = 1 as is_repeat
    from announced
    group by anchor_key
),

-- an order that nobody announced lies at its first report within a year, or in the middle of its year
retellings as (
    select
        retold.anchor_key,
        coalesce(
            min(case when claims.published_year - claims.order_year <= 1 then claims.published_at end),
            {{ mid_year('min(claims.order_year)') }}
        ) as ordered_at,
        max(case when claims.is_repeat_order then 1 else 0 end) = 1 as is_repeat
    from retold
    inner join claims
        on retold.claim_id = claims.claim_id
    group by retold.anchor_key
),

anchored as (
    select
        claim_id,
        block_key,
        anchor_key,
        match_rule
    from announced
    union all
    select
        claim_id,
        block_key,
        anchor_key,
        'order_year' as match_rule
    from followed
    union all
    select
        claim_id,
        block_key,
        anchor_key,
        match_rule
    from retold
),

final as (
    select
        anchored.claim_id,
        anchored.block_key,
        anchored.anchor_key,
        anchored.match_rule,
        coalesce(announcements.announced_at, retellings.ordered_at) as ordered_at,
        coalesce(announcements.is_repeat, retellings.is_repeat) as is_repeat
    from anchored
    left join announcements
        on anchored.anchor_key = announcements.anchor_key
    left join retellings
        on anchored.anchor_key = retellings.anchor_key
)

select * from final
