with

flows as (
    select * from {{ ref('int_flows__windowed') }}
    where is_latest_edition
),

pairs as (
    {{ sum_by_window('flows', ['supplier_code', 'recipient_code'], more=['count(*) as category_count']) }}
),

shares as (
    select
        *,
        {{ share_within('main_amount', window_parts() + ['recipient_code']) }} as recipient_import_share,
        {{ share_within('main_amount', window_parts() + ['supplier_code']) }} as supplier_export_share,
        rank() over (
            partition by {{ (window_parts() + ['recipient_code']) | join(', ') }}
            order by {{ rankable('main_amount') }} desc
        ) as supplier_rank
    from pairs
),

final as (
    select
        {{ hash_key([
            'evidence_source', 'edition', 'basis', 'window_years', 'end_year', 'supplier_code', 'recipient_code',
        ]) }} as supplier_recipient_key,
        {{ hash_key(['supplier_code']) }} as supplier_country_key,
        {{ hash_key(['recipient_code']) }} as recipient_country_key,
        {{ hash_key(['end_year']) }} as end_year_key,
        evidence_source,
        edition,
        basis,
        window_years,
        end_year,
        is_full_window,
        supplier_code,
        recipient_code,
        {{ as_count('deal_count') }} as deal_count,
        {{ as_amount('value_constant_usd') }} as value_constant_usd,
        {{ as_amount('tiv') }} as tiv,
        {{ as_count('category_count') }} as category_count,
        recipient_import_share,
        supplier_export_share,
        {{ as_count('supplier_rank') }} as supplier_rank
    from shares
)

select * from final
