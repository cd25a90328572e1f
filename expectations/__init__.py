"""Great Expectations: the gates between stages, and their reports."""

from expectations import sparkless

sparkless.install()
