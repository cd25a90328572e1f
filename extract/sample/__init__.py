"""The sample publishers, and the server that stands for the web."""
