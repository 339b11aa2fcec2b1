"""Recurring runs: what their service does, and when they fire."""
