{# Values of a list from a position (counted from 1) on, as one text; NULL where the list is shorter. #}
{% macro list_slice_text(column, start, length) -%}
    {{ return(adapter.dispatch('list_slice_text', 'armsledger')(column, start, length)) }}
{%- endmacro %}

{% macro default__list_slice_text(column, start, length) -%}
    case
        when len({{ column }}) >= {{ start }} + {{ length }} - 1
            then array_to_string(list_slice({{ column }}, {{ start }}, {{ start }} + {{ length }} - 1), '-')
    end
{%- endmacro %}

{% macro spark__list_slice_text(column, start, length) -%}
    case
        when size({{ column }}) >= {{ start }} + {{ length }} - 1
            then array_join(transform(slice({{ column }}, {{ start }}, {{ length }}), x -> string(x)), '-')
    end
{%- endmacro %}

{# Share of the positions at which two lists of one length hold the same value, 0 to 1: estimates the Jaccard index of two MinHash signatures. #}
{% macro list_agreement(left_list, right_list) -%}
    {{ return(adapter.dispatch('list_agreement', 'armsledger')(left_list, right_list)) }}
{%- endmacro %}

{% macro default__list_agreement(left_list, right_list) -%}
    len(list_filter(list_zip({{ left_list }}, {{ right_list }}), lambda pair: pair[1] = pair[2]))
    / cast(greatest(len({{ left_list }}), 1) as double)
{%- endmacro %}

{% macro spark__list_agreement(left_list, right_list) -%}
    size(filter(zip_with({{ left_list }}, {{ right_list }}, (x, y) -> x = y), same -> same))
    / cast(greatest(size({{ left_list }}), 1) as double)
{%- endmacro %}
