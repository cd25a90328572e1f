-- How many deals do news and register share, and why do the others have no partner?
select
    reconciliation_status,
    reconciliation_reason,
    count(*) as deal_count,
    round(sum(tiv), 2) as tiv,
    count(case when quantity_difference <> 0 then 1 end) as with_other_quantity
from {{ ref('rpt_register_reconciliation') }}
group by reconciliation_status, reconciliation_reason
order by reconciliation_status, deal_count desc, reconciliation_reason
