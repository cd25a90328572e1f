{# Rows in which a value that must be the smaller one is the greater; NULL on either side passes. #}
{% test not_greater(model, smaller, greater) %}

select *
from {{ model }}
where {{ smaller }} > {{ greater }}

{% endtest %}
