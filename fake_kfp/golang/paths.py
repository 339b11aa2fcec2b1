"""Paths as Go's ``path`` takes them apart."""

from __future__ import annotations


def base(path: str) -> str:
    """``path.Base``: what comes after the last slash, slashes at the end aside; ``.`` for no path, ``/`` for nothing but slashes."""
    if not path:
        return "."
    return path.rstrip("/").rpartition("/")[2] or "/"
