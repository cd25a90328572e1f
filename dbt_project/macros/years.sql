{# Years that the contracts of the lake allow; dim_years holds exactly these and the unknown member. #}
{% macro first_year() %}{{ return(1945) }}{% endmacro %}

{% macro last_year() %}{{ return(2100) }}{% endmacro %}
