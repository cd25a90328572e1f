"""The dbt semantic layer's metrics as SQL over their model, to try them without a metrics server."""

from __future__ import annotations

import re
from typing import Any

_DIMENSION = re.compile(r"\{\{\s*Dimension\('(\w+)__(\w+)'\)\s*\}\}")
_AGGREGATES = {"sum": "sum({})", "count_distinct": "count(distinct {})"}


def metric_sql(manifest: dict[str, Any], name: str) -> str:
    """Return a query with one number for a simple metric: its measure over its model, under its filter."""
    metric = next(one for one in manifest["metrics"] if one["name"] == name)
    measure_name = metric["type_params"]["measure"]["name"]
    model, measure = next(
        (model, measure)
        for model in manifest["semantic_models"]
        for measure in model["measures"]
        if measure["name"] == measure_name
    )
    expression = _AGGREGATES[measure["agg"]].format(measure["expr"] or measure["name"])
    filters = (metric["filter"] or {}).get("where_filters", [])
    expressions = {dimension["name"]: dimension["expr"] or dimension["name"] for dimension in model["dimensions"]}
    where = [_DIMENSION.sub(lambda found: expressions[found[2]], one["where_sql_template"]) for one in filters]
    relation = f"{model['node_relation']['schema_name']}.{model['node_relation']['alias']}"
    return f"select {expression} as value from {relation}" + (f" where {' and '.join(where)}" if where else "")


def dimension_sql(model: dict[str, Any]) -> str:
    """Return a query that reads every dimension and entity of a semantic model."""
    parts = [one["expr"] or one["name"] for one in (*model["dimensions"], *model["entities"])]
    relation = f"{model['node_relation']['schema_name']}.{model['node_relation']['alias']}"
    return f"select {', '.join(parts)} from {relation}"
