"""The recorded scenarios that the fake does not answer as recorded; each has its reason in docs/differences.md."""

IN_SUBSTANCE: frozenset[str] = frozenset()
"""Codes, fields or values differ."""

IN_WORDS: frozenset[str] = frozenset()
"""Only the words of error messages differ."""
