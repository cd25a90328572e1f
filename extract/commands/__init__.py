"""The commands of ``python -m extract``, by what they are about."""
