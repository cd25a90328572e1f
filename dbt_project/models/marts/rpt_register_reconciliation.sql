with

deals as (
    select
        *,
        cast(extract(year from first_reported_at) as {{ dbt.type_int() }}) as reported_year
    from {{ ref('int_deals__assembled') }}
),

register_deals as (
    select * from {{ ref('int_registers__summed') }}
),

pairs as (
    select * from {{ ref('int_registers__matched') }}
),

scope as (
    select
        min(order_year) as first_order_year,
        max(order_year) as last_order_year,
        count(*) as register_deal_count
    from register_deals
),

news_scope as (
    select min(coalesce(order_year, reported_year)) as first_year
    from deals
    where deal_status in ('ordered', 'delivered')
),

register_partners as (
    select distinct
        supplier_code,
        recipient_code
    from register_deals
),

register_weapons as (
    select distinct
        supplier_code,
        recipient_code,
        weapon_family
    from register_deals
    where weapon_family is not null
),

news_partners as (
    select distinct
        supplier_code,
        recipient_code
    from deals
    where deal_status in ('ordered', 'delivered')
),

news_weapons as (
    select distinct
        supplier_code,
        recipient_code,
        weapon_family
    from deals
    where deal_status in ('ordered', 'delivered')
),

from_news as (
    select
        deals.deal_key,
        pairs.register_deal_key,
        case
            when pairs.deal_key is not null then 'matched'
            when scope.register_deal_count = 0 then 'no_register'
            when deals.deal_status not in ('ordered', 'delivered') then 'not_ordered'
            when deals.supplier_code = 'unknown' or deals.recipient_code = 'unknown' then 'party_unknown'
            when deals.weapon_category = 'small_arms' then 'weapon_not_in_scope'
            when coalesce(deals.order_year, deals.reported_year) > scope.last_order_year then 'after_edition'
            when register_partners.supplier_code is null then 'parties_absent'
            when register_weapons.weapon_family is null then 'weapon_absent'
            else 'other_year_or_deal'
        end as reason
    from deals
    cross join scope
    left join pairs
        on deals.deal_key = pairs.deal_key
    left join register_partners
        on
            deals.supplier_code = register_partners.supplier_code
            and deals.recipient_code = register_partners.recipient_code
    left join register_weapons
        on
            deals.supplier_code = register_weapons.supplier_code
            and deals.recipient_code = register_weapons.recipient_code
            and deals.weapon_family = register_weapons.weapon_family
),

from_register as (
    select
        cast(null as {{ dbt.type_string() }}) as deal_key,
        register_deals.register_deal_key,
        case
            when register_deals.supplier_code = 'unknown' or register_deals.recipient_code = 'unknown'
                then 'party_unknown'
            when register_deals.order_year < news_scope.first_year or news_scope.first_year is null
                then 'before_news'
            when news_partners.supplier_code is null then 'parties_absent'
            when register_deals.weapon_family is null then 'weapon_not_listed'
            when news_weapons.weapon_family is null then 'weapon_absent'
            else 'other_year_or_deal'
        end as reason
    from register_deals
    cross join news_scope
    left join pairs
        on register_deals.register_deal_key = pairs.register_deal_key
    left join news_partners
        on
            register_deals.supplier_code = news_partners.supplier_code
            and register_deals.recipient_code = news_partners.recipient_code
    left join news_weapons
        on
            register_deals.supplier_code = news_weapons.supplier_code
            and register_deals.recipient_code = news_weapons.recipient_code
            and register_deals.weapon_family = news_weapons.weapon_family
    where pairs.register_deal_key is null
),

united as (
    select * from from_news
    union all
    select * from from_register
),

final as (
    select
        {{ hash_key(['united.deal_key', 'united.register_deal_key']) }} as reconciliation_key,
        united.deal_key,
        united.register_deal_key,
        {{ hash_key(['coalesce(deals.supplier_code, register_deals.supplier_code)']) }} as supplier_country_key,
        {{ hash_key(['coalesce(deals.recipient_code, register_deals.recipient_code)']) }} as recipient_country_key,
        case
            when united.reason = 'matched' then 'matched'
            when united.deal_key is not null then 'only_in_news'
            else 'only_in_register'
        end as reconciliation_status,
        united.reason as reconciliation_reason,
        coalesce(deals.supplier_code, register_deals.supplier_code) as supplier_code,
        coalesce(deals.recipient_code, register_deals.recipient_code) as recipient_code,
        coalesce(deals.weapon_family, register_deals.weapon_family) as weapon_family,
        deals.weapon_designation as news_weapon_designation,
        register_deals.weapon_designation as register_weapon_designation,
        deals.deal_status,
        deals.order_year as news_order_year,
        register_deals.order_year as register_order_year,
        {{ as_amount('deals.quantity_ordered') }} as news_quantity,
        coalesce(register_deals.quantity_ordered, register_deals.quantity_delivered) as register_quantity,
        {{ as_amount('deals.quantity_ordered') }}
        - coalesce(register_deals.quantity_ordered, register_deals.quantity_delivered) as quantity_difference,
        register_deals.tiv_delivered as tiv,
        register_deals.register_id,
        register_deals.edition
    from united
    left join deals
        on united.deal_key = deals.deal_key
    left join register_deals
        on united.register_deal_key = register_deals.register_deal_key
)

select * from final
