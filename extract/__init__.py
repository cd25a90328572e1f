"""From sources to claims: fetching, page to article, article to claims, the sample corpus."""
