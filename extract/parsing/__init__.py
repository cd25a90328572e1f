"""Feeds, sitemaps and pages to articles. Pure functions of bytes: no network, no files, no clock."""
