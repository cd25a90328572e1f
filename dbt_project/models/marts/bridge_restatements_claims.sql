with

figures as (
    select * from {{ ref('int_country_years__logged') }}
),

deal_years as (
    select * from {{ ref('int_deal_years__logged') }}
),

claims as (
    select * from {{ ref('int_claims__logged') }}
),

restated as (
    select
        release_id,
        country_year_transfer_key,
        {{ hash_key(['previous_release_id', 'country_year_transfer_key']) }} as restatement_key
    from figures
    where previous_release_id is not null
),

-- deals that counted otherwise in a figure before the release than since
moved_deals as (
    select
        release_id,
        deal_key,
        country_year_transfer_key
    from deal_years
    union
    select
        release_id,
        deal_key,
        previous_country_year_transfer_key as country_year_transfer_key
    from deal_years
),

restated_deals as (
    select
        restated.restatement_key,
        restated.release_id,
        moved_deals.deal_key
    from restated
    inner join moved_deals
        on
            restated.release_id = moved_deals.release_id
            and restated.country_year_transfer_key = moved_deals.country_year_transfer_key
),

claims_of_deals as (
    select
        release_id,
        claim_key,
        change,
        deal_key
    from claims
    where deal_key is not null
    union
    select
        release_id,
        claim_key,
        change,
        previous_deal_key as deal_key
    from claims
    where previous_deal_key is not null
),

paired as (
    select distinct
        restated_deals.restatement_key,
        restated_deals.release_id,
        claims_of_deals.claim_key,
        claims_of_deals.change
    from restated_deals
    inner join claims_of_deals
        on
            restated_deals.release_id = claims_of_deals.release_id
            and restated_deals.deal_key = claims_of_deals.deal_key
),

final as (
    select
        {{ hash_key(['restatement_key', 'claim_key']) }} as restatement_claim_key,
        restatement_key,
        claim_key,
        release_id,
        change
    from paired
)

select * from final
