{# Years that the contracts of the lake allow; dim_years holds exactly these and the unknown member. #}
{% macro first_year() %}{{ return(1945) }}{% endmacro %}

{% macro last_year() %}{{ return(2100) }}{% endmacro %}

{# Year whose prices constant US dollars are told in: the last one with a whole year's price index when it was chosen.
   It stays until a release says otherwise, so that figures move with facts and not with the calendar. #}
{% macro price_base_year() %}{{ return(2024) }}{% endmacro %}
