-- What kinds of weapons has one country bought in the last five years? Choose it: set variable country = 'IND';
with

mix as (
    select * from {{ ref('rpt_category_mix') }}
    where
        window_years = 5
        and trade_role = 'recipient'
        and country_code = coalesce(getvariable('country'), 'IND')
),

last_years as (
    select
        evidence_source,
        basis,
        max(end_year) as end_year
    from mix
    where end_year <= extract(year from current_date)
    group by evidence_source, basis
)

select
    mix.evidence_source,
    mix.basis,
    mix.end_year,
    categories.category_name,
    round(100 * mix.category_share, 1) as category_percent,
    mix.deal_count,
    mix.quantity,
    round(mix.tiv, 2) as tiv
from mix
inner join last_years
    on
        mix.evidence_source = last_years.evidence_source
        and mix.basis = last_years.basis
        and mix.end_year = last_years.end_year
inner join {{ ref('dim_weapon_categories') }} as categories
    on mix.weapon_category_key = categories.weapon_category_key
order by mix.evidence_source desc, mix.basis, mix.category_share desc nulls last, categories.category_name
