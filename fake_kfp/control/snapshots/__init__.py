"""Whole worlds as one JSON document, and back."""
