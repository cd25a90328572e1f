{# Whether a sentence says that an order is not the first: "another 24", "12 more", "a second contract". A delivery comes in
   batches, so only the words for the contract itself count in a sentence about one. NULL where there is no sentence. #}
{% macro tells_repeat_order(sentence, status) -%}
    {%- set numbers = '([0-9][0-9,.]*|two|three|four|five|six|seven|eight|nine|ten|twelve|a dozen|dozens)' -%}
    {%- set contracts = '(contract|order|deal|agreement|purchase)' -%}
    {%- set again = '(second|third|fourth|follow-on|follow-up|repeat)' -%}
    (
        {{ matches_pattern('lower(' ~ sentence ~ ')', "'" ~ again ~ ' ([a-z-]+ )?' ~ contracts ~ "'") }}
        or (
            {{ status }} <> 'delivered'
            and {{ matches_pattern(
                'lower(' ~ sentence ~ ')',
                "'" ~ '(another|additional|further|extra) ' ~ numbers ~ '|' ~ numbers ~ ' (more|additional|further|extra) '
                ~ '|' ~ again ~ ' ([a-z-]+ )?(batch|lot|tranche)' ~ "'",
            ) }}
        )
    )
{%- endmacro %}

{# Reports of one order that contradict each other in number appear within days; a later, different number is another
   contract. 90 days leave room for the months between announcement and signature. #}
{% macro conflict_days() %}{{ return(90) }}{% endmacro %}

{# Days after which what is told is another story. #}
{% macro silence_days() %}{{ return(730) }}{% endmacro %}

{# Claims that tell the year of an order, and that no model before this one has placed. #}
{% macro dated_claims_left(claims, placed) -%}
    select {{ claims }}.*
    from {{ claims }}
    {% for relation in placed -%}
        left join {{ relation }}
            on {{ claims }}.claim_id = {{ relation }}.claim_id
    {% endfor -%}
    where
        {% for relation in placed -%}
            {{ relation }}.claim_id is null
            and {% endfor -%}
        not {{ claims }}.is_domestic
        and {{ claims }}.order_year is not null
        and {{ claims }}.claim_status in ('ordered', 'delivered', 'cancelled')
{%- endmacro %}

{# The CTE `telling_numbered`: the claims of `telling`, of which those whose numbers overlap get one `quantity_number`; and
   `telling_per_article`: with the least and greatest of them in the same article, which tells two contracts if they differ. #}
{% macro number_quantities(columns) -%}
    {%- set grouped = columns | join(', ') -%}
    telling_flagged as (
        select
            *,
            case
                when
                    quantity_low <= max(quantity_high) over (
                        partition by {{ grouped }} order by quantity_low, quantity_high, claim_id
                        rows between unbounded preceding and 1 preceding
                    )
                    then 0
                else 1
            end as is_start
        from telling
    ),

    telling_numbered as (
        select
            *,
            sum(is_start) over (
                partition by {{ grouped }} order by quantity_low, quantity_high, claim_id
                rows between unbounded preceding and current row
            ) as quantity_number
        from telling_flagged
    ),

    telling_per_article as (
        select
            *,
            min(quantity_number) over (partition by {{ grouped }}, article_key) as least_in_article,
            max(quantity_number) over (partition by {{ grouped }}, article_key) as greatest_in_article
        from telling_numbered
    )
{%- endmacro %}

{# The CTE `contracts`: each number of `quantity_groups` with its contract. In the order given, one that an article told
   beside the one before, that is of another year, or that was reported much later, begins another contract. #}
{% macro number_contracts(columns, order_by, reported_at) -%}
    {%- set placed = 'partition by ' ~ (columns | join(', ')) ~ ' order by ' ~ (order_by | join(', ')) -%}
    quantity_groups_compared as (
        select
            *,
            lag(exact_order_year) over ({{ placed }}) as previous_exact_order_year,
            lag({{ reported_at }}) over ({{ placed }}) as previous_reported_at,
            lag(is_told_apart) over ({{ placed }}) as previous_is_told_apart
        from quantity_groups
    ),

    quantity_groups_split as (
        select
            *,
            case
                when is_told_apart = 1 and previous_is_told_apart = 1 then 1
                when exact_order_year <> previous_exact_order_year then 1
                when {{ days_between('previous_reported_at', reported_at) }} > {{ conflict_days() }} then 1
                else 0
            end as is_split
        from quantity_groups_compared
    ),

    contracts as (
        select
            *,
            1 + sum(is_split) over ({{ placed }} rows between unbounded preceding and current row) as contract_number
        from quantity_groups_split
    )
{%- endmacro %}

{# Whether a claim's range of numbers and a contract's have a number in common; NULL where either tells none. #}
{% macro quantities_overlap(claim, contract) -%}
    {{ claim }}.quantity_low <= {{ contract }}.quantity_high
    and {{ claim }}.quantity_high >= {{ contract }}.quantity_low
{%- endmacro %}

{# Whether a text holds what a regular expression describes, at any place. #}
{% macro matches_pattern(text, pattern) -%}
    {{ return(adapter.dispatch('matches_pattern', 'armsledger')(text, pattern)) }}
{%- endmacro %}

{% macro default__matches_pattern(text, pattern) -%}
    regexp_matches({{ text }}, {{ pattern }})
{%- endmacro %}

{% macro spark__matches_pattern(text, pattern) -%}
    {{ text }} rlike {{ pattern }}
{%- endmacro %}
