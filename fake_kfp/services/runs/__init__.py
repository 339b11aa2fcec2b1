"""Runs: made, shown, changed, and what is said of their nodes."""
