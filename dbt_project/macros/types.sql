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

{# A double as text, the same on every engine, so that hashes over it are. #}
{% macro amount_as_text(column) -%}
    {{ return(adapter.dispatch('amount_as_text', 'armsledger')(column)) }}
{%- endmacro %}

{% macro default__amount_as_text(column) -%}
    cast({{ column }} as {{ dbt.type_string() }})
{%- endmacro %}

{# Spark writes doubles from ten million on with an exponent, DuckDB from ten quadrillion on. #}
{% macro spark__amount_as_text(column) -%}
    case
        when abs({{ column }}) < 1e7 or abs({{ column }}) >= 1e16 then cast({{ column }} as string)
        when {{ column }} = floor({{ column }}) then concat(cast(cast({{ column }} as bigint) as string), '.0')
        else regexp_replace(cast(cast({{ column }} as decimal(38, 6)) as string), '0+$', '')
    end
{%- endmacro %}
