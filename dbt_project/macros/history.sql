{# Stands for the release that a candidate is about to become; publishing puts the release's own id in its place. Ids of
   releases start with a year, so that this one sorts after all of them. #}
{% macro this_release() -%}
    'candidate'
{%- endmacro %}

{# Whether two amounts differ by more than the order of adding doubles explains; NULL equals NULL. #}
{% macro is_other_amount(left_amount, right_amount) -%}
    (
        ({{ left_amount }} is null) <> ({{ right_amount }} is null)
        or abs({{ left_amount }} - {{ right_amount }}) > 0.000000001 * abs({{ right_amount }})
    )
{%- endmacro %}
