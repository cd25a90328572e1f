{#- Signatures hold 16 MinHash values. Bands of 2 pick candidate pairs: two texts that agree in 50 % of the values share
    one of 8 bands with probability 0.90, at 70 % with 0.995. The agreement of the whole signatures then decides.
    The graph is star-shaped, so that labels settle within a few rounds. -#}
{%- set band_size = 2 -%}
{%- set max_bands = 8 -%}
{%- set least_agreement = 0.5 -%}
{%- set rounds = 4 -%}
{%- set band_start = '(bands.generated_number - 1) * ' ~ band_size ~ ' + 1' -%}

with

articles as (
    select
        article_id,
        article_key,
        source_key,
        text_hash,
        text_signature,
        row_number() over (order by published_at, article_id) as position
    from {{ ref('stg_lake__articles') }}
),

-- the earliest article of each text stands for all that repeat it word by word
texts as (
    select
        *,
        min(position) over (partition by text_hash) as text_position
    from articles
),

originals as (
    select
        position,
        text_signature
    from texts
    where position = text_position
),

bands as (
    {{ dbt.generate_series(max_bands) }}
),

-- number of the band belongs to its value: equal values in different bands mean nothing
banded as (
    select
        originals.position,
        originals.text_signature,
        bands.generated_number as band,
        {{ list_slice_text('originals.text_signature', band_start, band_size) }} as band_value
    from originals
    cross join bands
),

neighbours as (
    select
        position,
        min(position) over (partition by band, band_value) as first_position,
        lag(position) over (partition by band, band_value order by position) as previous_position
    from banded
    where band_value is not null
),

candidate_pairs as (
    select
        position as later_position,
        first_position as earlier_position
    from neighbours
    where position > first_position
    union
    select
        position as later_position,
        previous_position as earlier_position
    from neighbours
    where previous_position is not null
),

edges as (
    select
        candidate_pairs.later_position,
        candidate_pairs.earlier_position
    from candidate_pairs
    inner join originals as later
        on candidate_pairs.later_position = later.position
    inner join originals as earlier
        on candidate_pairs.earlier_position = earlier.position
    where {{ list_agreement('later.text_signature', 'earlier.text_signature') }} >= {{ least_agreement }}
),

links as (
    select
        later_position as position,
        earlier_position as linked_position
    from edges
    union all
    select
        earlier_position as position,
        later_position as linked_position
    from edges
),

labels_0 as (
    select
        position,
        position as label
    from originals
),

{% for round in range(1, rounds + 1) -%}
    labels_{{ round }} as (
        select
            own.position,
            least(own.label, coalesce(min(linked.label), own.label)) as label
        from labels_{{ round - 1 }} as own
        left join links
            on own.position = links.position
        left join labels_{{ round - 1 }} as linked
            on links.linked_position = linked.position
        group by own.position, own.label
    ),

{% endfor -%}
grouped as (
    select
        texts.article_id,
        texts.article_key,
        texts.position,
        labels.label as group_position
    from texts
    inner join labels_{{ rounds }} as labels
        on texts.text_position = labels.position
),

final as (
    select
        grouped.article_id,
        grouped.article_key,
        leaders.article_key as article_group_key,
        leaders.source_key as original_source_key,
        grouped.position <> grouped.group_position as is_reprint
    from grouped
    inner join articles as leaders
        on grouped.group_position = leaders.position
)

select * from final
