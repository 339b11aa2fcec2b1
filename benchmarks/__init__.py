"""Measurements, printed side by side; nothing here asserts a time."""
