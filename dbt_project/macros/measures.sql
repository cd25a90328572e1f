{# What shares and ranks go by: TIV where a register counts it; deals in the news, since most tell no value. #}
{% macro main_measure(evidence_source, tiv, deals) -%}
    case when {{ evidence_source }} = 'news' then {{ as_amount(deals) }} else {{ as_amount(tiv) }} end
{%- endmacro %}

{# An amount to rank by. Sums of doubles differ in their last digits with the order of adding, which must part no tie;
   none comes after all. #}
{% macro rankable(amount) -%}
    round(coalesce({{ amount }}, -1), 6)
{%- endmacro %}
