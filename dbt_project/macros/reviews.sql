{# A claim's value, or what a reviewer put in its place; the word null stands for none. #}
{% macro corrected(field, column, type) -%}
    case
        when corrections.{{ field }} = 'null' then cast(null as {{ type }})
        else coalesce(cast(nullif(corrections.{{ field }}, 'null') as {{ type }}), {{ column }})
    end
{%- endmacro %}

{# What a reviewer put in the place of one field, among the corrections of a claim. #}
{% macro correction_of(field) -%}
    max(case when corrected_field = '{{ field }}' then corrected_value end)
{%- endmacro %}
