"""Web archives of any size to articles: everything is read, a gate on the text lets through what may hold a claim."""
