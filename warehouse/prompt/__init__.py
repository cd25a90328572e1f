"""The SQL prompt of ``make sql``: history, completion, and ready queries by name."""
