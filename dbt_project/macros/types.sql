{# Types by the same name on every engine; sum() and count() widen differently, so each aggregate is cast. #}
{% macro as_count(expression) -%}
    cast({{ expression }} as {{ dbt.type_bigint() }})
{%- endmacro %}

{% macro as_amount(expression) -%}
    cast({{ expression }} as double)
{%- endmacro %}

{# A UTC moment without a zone, so that no reader's session zone moves it to another day. #}
{% macro utc_timestamp(column) -%}
    {{ return(adapter.dispatch('utc_timestamp', 'armsledger')(column)) }}
{%- endmacro %}

{% macro default__utc_timestamp(column) -%}
    cast({{ column }} at time zone 'UTC' as timestamp)
{%- endmacro %}

{# Spark shows moments in the session zone, which the project sets to UTC. #}
{% macro spark__utc_timestamp(column) -%}
    cast({{ column }} as timestamp)
{%- endmacro %}

{# Whole days from one timestamp to a later one. #}
{% macro days_between(earlier, later) -%}
    {{ dbt.datediff(earlier, later, 'day') }}
{%- endmacro %}

{# Middle of a year: where only the year of an event is told. #}
{% macro mid_year(year) -%}
    cast({{ dbt.concat(["cast(" ~ year ~ " as " ~ dbt.type_string() ~ ")", "'-07-01'"]) }} as timestamp)
{%- endmacro %}
