"""The dbt semantic layer's metrics as SQL over their models, to try them without a metrics server."""

from __future__ import annotations

import re
from typing import Any

_DIMENSION = re.compile(r"\{\{\s*Dimension\('(\w+)__(\w+)'\)\s*\}\}")
_AGGREGATES = {"sum": "sum({})", "count_distinct": "count(distinct {})"}


def metric_sql(manifest: dict[str, Any], name: str) -> str:
    """Return a query with one number: a simple metric's measure over its model under its filter, or a ratio of two."""
    metric = _find(manifest["metrics"], name)
    if metric["type"] == "ratio":
        told = metric["type_params"]
        above, below = (metric_sql(manifest, told[part]["name"]) for part in ("numerator", "denominator"))
        return f"select ({above}) / nullif(({below}), 0)::double as value"
    model, expression, where = _read_metric(manifest, metric)
    return f"select {expression} as value from {_relation(model)} as own{where}"


def grouped_metric_sql(manifest: dict[str, Any], name: str, dimension: tuple[str, str]) -> str:
    """Return a query with one number for each value of a dimension, which may be that of a joined model.

    Args:
        manifest: semantic manifest.
        name: simple metric.
        dimension: semantic model and its dimension, as `list_dimensions` gives them.
    """
    model, expression, where = _read_metric(manifest, _find(manifest["metrics"], name))
    other = _find(manifest["semantic_models"], dimension[0])
    grouped = _expression(_find(other["dimensions"], dimension[1]))
    join = ""
    if other is not model:
        near, far = _link(model, other)
        join = f" left join {_relation(other)} as other on own.{_expression(near)} = other.{_expression(far)}"
        grouped = f"other.{grouped}"
    return f"select {grouped}, {expression} as value from {_relation(model)} as own{join}{where} group by 1"


def list_dimensions(manifest: dict[str, Any], name: str) -> list[tuple[str, str]]:
    """Return what a simple metric may be grouped by: a semantic model, its own or a joined one, and its dimension."""
    model, _, _ = _read_metric(manifest, _find(manifest["metrics"], name))
    joined = [other for other in manifest["semantic_models"] if other is not model and _link(model, other)]
    return [(one["name"], dimension["name"]) for one in (model, *joined) for dimension in one["dimensions"]]


def dimension_sql(model: dict[str, Any]) -> str:
    """Return a query that reads every dimension and entity of a semantic model."""
    parts = [_expression(one) for one in (*model["dimensions"], *model["entities"])]
    return f"select {', '.join(parts)} from {_relation(model)}"


def _read_metric(manifest: dict[str, Any], metric: dict[str, Any]) -> tuple[dict[str, Any], str, str]:
    """Return a simple metric's model, its aggregate, and the where clause of its filter."""
    wanted = metric["type_params"]["measure"]["name"]
    model, measure = next(
        (model, one) for model in manifest["semantic_models"] for one in model["measures"] if one["name"] == wanted
    )
    expression = measure["expr"] or f"own.{measure['name']}"
    filters = (metric["filter"] or {}).get("where_filters", [])
    told = {dimension["name"]: _expression(dimension) for dimension in model["dimensions"]}
    where = [_DIMENSION.sub(lambda found: f"own.{told[found[2]]}", one["where_sql_template"]) for one in filters]
    return model, _AGGREGATES[measure["agg"]].format(expression), f" where {' and '.join(where)}" if where else ""


def _link(model: dict[str, Any], other: dict[str, Any]) -> tuple[dict[str, Any], dict[str, Any]] | None:
    """Return a foreign entity of a model and the primary one of another that bears its name, or None."""
    primary = {one["name"]: one for one in other["entities"] if one["type"] == "primary"}
    return next(
        (
            (one, primary[one["name"]])
            for one in model["entities"]
            if one["type"] == "foreign" and one["name"] in primary
        ),
        None,
    )


def _find(listed: list[dict[str, Any]], name: str) -> dict[str, Any]:
    return next(one for one in listed if one["name"] == name)


def _expression(element: dict[str, Any]) -> str:
    return str(element["expr"] or element["name"])


def _relation(model: dict[str, Any]) -> str:
    return f"{model['node_relation']['schema_name']}.{model['node_relation']['alias']}"
