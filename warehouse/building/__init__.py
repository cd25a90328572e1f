"""Parts of a build: what goes in, the candidate that comes out, and dbt in between."""
