-- Did trade grow, or only the news read? Articles, claims and new deals by source and month.
select
    source_id,
    date_trunc('month', week_start_date) as month_start_date,
    sum(article_count) as article_count,
    sum(reprint_count) as reprint_count,
    sum(claim_count) as claim_count,
    sum(new_deal_count) as new_deal_count
from {{ ref('rpt_source_coverage') }}
group by source_id, date_trunc('month', week_start_date)
order by month_start_date desc, source_id
