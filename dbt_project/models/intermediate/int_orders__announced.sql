{#- What is reported as another order may be known some days before the first report that calls it so. -#}
{%- set lead_days = 7 -%}
{%- set story = ['block_key', 'episode', 'is_repeat'] -%}

with

claims as (
    select * from {{ ref('int_claims__resolved') }}
),

-- told as news: undated, or dated by the year of its report
announcements as (
    select
        claim_id,
        block_key,
        article_key,
        published_at,
        case when not order_year_is_estimate then order_year end as exact_order_year,
        is_repeat_order,
        quantity,
        quantity_low,
        quantity_high,
        quantity_is_approximate,
        lag(published_at) over (partition by block_key order by published_at, claim_id) as previous_published_at
    from claims
    where
        not is_domestic
        and not is_background
        and claim_status = 'ordered'
        and (order_year is null or order_year_is_estimate or order_year = published_year)
),

episodes as (
    select
        *,
        sum(
            case
                when {{ days_between('previous_published_at', 'published_at') }} <= {{ silence_days() }} then 0
                else 1
            end
        ) over (
            partition by block_key order by published_at, claim_id
            rows between unbounded preceding and current row
        ) as episode
    from announcements
),

repeats as (
    select
        block_key,
        episode,
        min(published_at) as repeated_at,
        min(quantity_low) as quantity_low,
        max(quantity_high) as quantity_high
    from episodes
    where is_repeat_order
    group by block_key, episode
),

-- who reports within days, or in the same months and no other number, means the other order too
told_apart as (
    select
        episodes.*,
        case
            when episodes.is_repeat_order then 1
            when
                {{ days_between('repeats.repeated_at', 'episodes.published_at') }}
                between -{{ lead_days }} and {{ lead_days }}
                then 1
            when
                {{ days_between('repeats.repeated_at', 'episodes.published_at') }}
                between {{ lead_days }} and {{ conflict_days() }}
                and coalesce(episodes.quantity_low <= repeats.quantity_high, true)
                and coalesce(episodes.quantity_high >= repeats.quantity_low, true)
                then 1
            else 0
        end as is_repeat
    from episodes
    left join repeats
        on
            episodes.block_key = repeats.block_key
            and episodes.episode = repeats.episode
),

-- a rounded number tells orders apart only where no exact one does
marked as (
    select
        *,
        quantity is not null
        and (
            not quantity_is_approximate
            or max(case when quantity is not null and not quantity_is_approximate then 1 else 0 end) over (
                partition by block_key, episode
            ) = 0
        ) as is_telling
    from told_apart
),

telling as (
    select *
    from marked
    where is_telling
),

-- an article that tells two numbers in two claims tells two contracts
{{ number_quantities(story) }},

quantity_groups as (
    select
        block_key,
        episode,
        is_repeat,
        quantity_number,
        min(quantity_low) as quantity_low,
        max(quantity_high) as quantity_high,
        min(exact_order_year) as exact_order_year,
        min(published_at) as announced_at,
        max(case when greatest_in_article > least_in_article then 1 else 0 end) as is_told_apart
    from telling_per_article
    group by block_key, episode, is_repeat, quantity_number
),

{{ number_contracts(story, order_by=['announced_at', 'quantity_number'], reported_at='announced_at') }},

told as (
    select
        telling_numbered.*,
        contracts.contract_number,
        'order_quantity' as match_rule
    from telling_numbered
    inner join contracts
        on
            telling_numbered.block_key = contracts.block_key
            and telling_numbered.episode = contracts.episode
            and telling_numbered.is_repeat = contracts.is_repeat
            and telling_numbered.quantity_number = contracts.quantity_number
),

-- the others belong to the contract of their number and year, else to the one that was announced next to them in time
rest_ranked as (
    select
        marked.claim_id,
        coalesce(contracts.is_repeat, 0) as is_repeat,
        coalesce(contracts.contract_number, 1) as contract_number,
        row_number() over (
            partition by marked.claim_id
            order by
                case
                    when {{ quantities_overlap('marked', 'contracts') }} then 0
                    else 1
                end,
                case
                    when marked.is_repeat > contracts.is_repeat then 1
                    when marked.exact_order_year <> extract(year from contracts.announced_at) then 1
                    else 0
                end,
                abs({{ days_between('contracts.announced_at', 'marked.published_at') }}),
                contracts.is_repeat desc,
                contracts.contract_number desc
        ) as choice
    from marked
    left join contracts
        on
            marked.block_key = contracts.block_key
            and marked.episode = contracts.episode
    where not marked.is_telling
),

rest as (
    select
        marked.claim_id,
        marked.block_key,
        marked.published_at,
        marked.exact_order_year,
        marked.quantity_low,
        marked.quantity_high,
        marked.episode,
        rest_ranked.is_repeat,
        rest_ranked.contract_number,
        marked.is_telling
    from marked
    inner join rest_ranked
        on marked.claim_id = rest_ranked.claim_id
    where rest_ranked.choice = 1
),

assigned as (
    select
        claim_id,
        block_key,
        published_at,
        exact_order_year,
        quantity_low,
        quantity_high,
        episode,
        is_repeat,
        contract_number,
        is_telling,
        match_rule
    from told
    union all
    select
        claim_id,
        block_key,
        published_at,
        exact_order_year,
        quantity_low,
        quantity_high,
        episode,
        is_repeat,
        contract_number,
        is_telling,
        'order_year' as match_rule
    from rest
),

final as (
    select
        claim_id,
        block_key,
        {{ hash_key(['block_key', "'news'", 'episode', 'is_repeat', 'contract_number']) }} as anchor_key,
        is_repeat = 1 as is_repeat,
        match_rule,
        min(published_at) over (partition by block_key, episode, is_repeat, contract_number) as announced_at,
        min(exact_order_year) over (partition by block_key, episode, is_repeat, contract_number) as exact_order_year,
        min(case when is_telling then quantity_low end) over (
            partition by block_key, episode, is_repeat, contract_number
        ) as quantity_low,
        max(case when is_telling then quantity_high end) over (
            partition by block_key, episode, is_repeat, contract_number
        ) as quantity_high
    from assigned
)

select * from final
