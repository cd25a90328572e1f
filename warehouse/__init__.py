"""The floor of Armsledger: contracts, the Parquet lake, facts about runs, the DuckDB build and its releases.

Imports none of the other packages; they all import this one.
"""
