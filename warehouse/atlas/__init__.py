"""The atlas: a static site of one release, for people who would rather look than read.

It reads the published database in bulk, writes finished pages, and asks no other host for anything; it also works
when a page is opened as a file. ``site.build_atlas`` is the way in.
"""
