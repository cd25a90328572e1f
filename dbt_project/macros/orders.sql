{# Whether a sentence says that an order is not the first: "another 24", "12 more", "a second contract". A delivery comes in
   batches, so only the words for the contract itself count in a sentence about one. NULL where there is no sentence. #}
{% macro tells_repeat_order(sentence, status) -%}
    {%- set numbers = '([0-9][0-9,.]*|two|three|four|five|six|seven|eight|nine|ten|twelve|a dozen|dozens)' -%}
    {%- set contracts = '(contract|order|deal|agreement|purchase)' -%}
    {%- set again = '(second|third|fourth|follow-on|follow-up|repeat)' -%}
    (
        {{ matches_pattern('lower(' ~ sentence ~ ')', "'" ~ again ~ ' ([a-z-]+ )?' ~ contracts ~ "'") }}
        or (
            {{ status }} <> 'delivered'
            and {{ matches_pattern(
                'lower(' ~ sentence ~ ')',
                "'" ~ '(another|additional|further|extra) ' ~ numbers ~ '|' ~ numbers ~ ' (more|additional|further|extra) '
                ~ '|' ~ again ~ ' ([a-z-]+ )?(batch|lot|tranche)' ~ "'",
            ) }}
        )
    )
{%- endmacro %}

{# Whether a text holds what a regular expression describes, at any place. #}
{% macro matches_pattern(text, pattern) -%}
    {{ return(adapter.dispatch('matches_pattern', 'armsledger')(text, pattern)) }}
{%- endmacro %}

{% macro default__matches_pattern(text, pattern) -%}
    regexp_matches({{ text }}, {{ pattern }})
{%- endmacro %}

{% macro spark__matches_pattern(text, pattern) -%}
    {{ text }} rlike {{ pattern }}
{%- endmacro %}
