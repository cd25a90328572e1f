{# Rank of a lifecycle status: the further a deal is, the higher. Cancelled has no rank among the positive ones. #}
{% macro status_rank(column) -%}
    case {{ column }}
        when 'proposed' then 1
        when 'approved' then 2
        when 'ordered' then 3
        when 'delivered' then 4
        when 'cancelled' then 0
    end
{%- endmacro %}
