"""Great Expectations: the gates between stages, and their reports."""
