with

claims as (
    select * from {{ ref('int_claims__resolved') }}
),

weapons as (
    select * from {{ ref('int_weapons__listed') }}
),

keyed as (
    select * from {{ ref('int_deals__keyed') }}
),

reported as (
    select
        keyed.deal_key,
        claims.article_group_key,
        claims.weapon_key,
        claims.weapon_designation,
        claims.weapon_family,
        claims.weapon_category,
        claims.weapon_category_key,
        claims.weapon_condition,
        claims.deal_type
    from keyed
    inner join claims
        on keyed.claim_id = claims.claim_id
),

-- a named weapon before a generic type, then what most independent reports call it
weapon_reports as (
    select distinct
        deal_key,
        weapon_designation,
        weapon_key,
        weapon_family,
        weapon_category,
        weapon_category_key,
        article_group_key
    from reported
),

weapon_supports as (
    select
        deal_key,
        weapon_designation,
        weapon_key,
        weapon_family,
        weapon_category,
        weapon_category_key,
        count(*) as support
    from weapon_reports
    group by
        deal_key,
        weapon_designation,
        weapon_key,
        weapon_family,
        weapon_category,
        weapon_category_key
),

weapons_ranked as (
    select
        weapon_supports.*,
        row_number() over (
            partition by weapon_supports.deal_key
            order by
                case when weapons.is_generic then 1 else 0 end,
                weapon_supports.support desc,
                weapon_supports.weapon_designation,
                weapon_supports.weapon_family
        ) as choice
    from weapon_supports
    inner join weapons
        on weapon_supports.weapon_key = weapons.weapon_key
),

{% for trait in ['weapon_condition', 'deal_type'] -%}
    {{ trait }}_reports as (
        select distinct
            deal_key,
            {{ trait }},
            article_group_key
        from reported
        where {{ trait }} is not null
    ),

    {{ trait }}s_ranked as (
        select
            deal_key,
            {{ trait }},
            row_number() over (
                partition by deal_key
                order by count(*) desc, {{ trait }}
            ) as choice
        from {{ trait }}_reports
        group by deal_key, {{ trait }}
    ),

{% endfor -%}

final as (
    select
        weapons_ranked.deal_key,
        weapons_ranked.weapon_key,
        weapons_ranked.weapon_designation,
        weapons_ranked.weapon_family,
        weapons_ranked.weapon_category,
        weapons_ranked.weapon_category_key,
        weapon_conditions_ranked.weapon_condition,
        deal_types_ranked.deal_type
    from weapons_ranked
    left join weapon_conditions_ranked
        on
            weapons_ranked.deal_key = weapon_conditions_ranked.deal_key
            and weapon_conditions_ranked.choice = 1
    left join deal_types_ranked
        on
            weapons_ranked.deal_key = deal_types_ranked.deal_key
            and deal_types_ranked.choice = 1
    where weapons_ranked.choice = 1
)

select * from final
