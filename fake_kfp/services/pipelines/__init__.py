"""Pipelines and their versions: made, uploaded, fetched, listed, deleted."""
