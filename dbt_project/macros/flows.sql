{# What the same deals are counted by: source, edition, basis, and the years of the window. Shares are of one such world. #}
{% macro window_parts() -%}
    {{ return(['evidence_source', 'edition', 'basis', 'window_years', 'end_year']) }}
{%- endmacro %}

{# Each flow twice: once as its supplier's and once as its recipient's. #}
{% macro both_sides(flows) -%}
    select
        'supplier' as trade_role,
        supplier_code as country_code,
        recipient_code as partner_code,
        {{ flows }}.*
    from {{ flows }}
    union all
    select
        'recipient' as trade_role,
        recipient_code as country_code,
        supplier_code as partner_code,
        {{ flows }}.*
    from {{ flows }}
{%- endmacro %}

{# Measures of flows by window and by further columns; `main_amount` is what shares and ranks go by. #}
{% macro sum_by_window(flows, columns, more=[]) -%}
    {%- set parts = window_parts() + ['is_latest_edition', 'is_full_window'] + columns -%}
    select
        {{ parts | join(',\n        ') }},
        sum(deal_count) as deal_count,
        sum(value_constant_usd) as value_constant_usd,
        sum(tiv) as tiv,
        {% for measure in more -%}
            {{ measure }},
        {% endfor -%}
        {{ main_measure('evidence_source', 'sum(tiv)', 'sum(deal_count)') }} as main_amount
    from {{ flows }}
    group by
        {{ parts | join(',\n        ') }}
{%- endmacro %}

{# An amount as a part of the sum over all rows that are equal in these columns; NULL where that sum is none. #}
{% macro share_within(amount, columns) -%}
    {{ amount }} / nullif(sum({{ amount }}) over (partition by {{ columns | join(', ') }}), 0)
{%- endmacro %}

{# Shares of suppliers, or of recipients, in the five years that end with each year, beside the five years before. #}
{% macro compare_five_years(ranked, trade_role) -%}
    select
        {{ hash_key(['now.evidence_source', 'now.edition', 'now.basis', 'now.end_year', 'now.country_code']) }}
            as {{ trade_role }}_share_key,
        {{ hash_key(['now.country_code']) }} as {{ trade_role }}_country_key,
        {{ hash_key(['now.end_year']) }} as end_year_key,
        now.evidence_source,
        now.edition,
        now.is_latest_edition,
        now.basis,
        now.end_year - 4 as start_year,
        now.end_year,
        now.is_full_window,
        now.country_code as {{ trade_role }}_code,
        now.deal_count,
        now.deal_share,
        case when now.is_full_window then {{ as_amount('now.deal_count') }} / 5 end as deal_count_moving_average,
        earlier.deal_count as deal_count_previous_5y,
        now.value_constant_usd,
        now.value_share,
        case when now.is_full_window then now.value_constant_usd / 5 end as value_moving_average_constant_usd,
        earlier.value_constant_usd as value_previous_5y_constant_usd,
        now.tiv,
        now.tiv_share,
        case when now.is_full_window then now.tiv / 5 end as tiv_moving_average,
        earlier.tiv as tiv_previous_5y,
        now.market_share,
        now.share_rank
    from {{ ranked }} as now
    left join {{ ranked }} as earlier
        on
            now.evidence_source = earlier.evidence_source
            and coalesce(now.edition, '') = coalesce(earlier.edition, '')
            and now.basis = earlier.basis
            and now.country_code = earlier.country_code
            and now.end_year - 5 = earlier.end_year
{%- endmacro %}
