with

validations as (
    select * from {{ source('ops', 'validations') }}
),

final as (
    select
        validation_id,
        load_id,
        table_name,
        source_id,
        verdict,
        circumstance,
        rows_in,
        rows_out,
        rows_quarantined,
        rows_waived,
        checks,
        failures,
        warnings,
        seconds,
        report_path,
        {{ utc_timestamp('occurred_at') }} as occurred_at,
        run_id,
        task
    from validations
)

select * from final
