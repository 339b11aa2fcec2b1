"""The recorded scenarios, by release, that the fake does not answer as recorded; each has its reason here or in docs/differences.md."""

from __future__ import annotations

from collections.abc import Mapping

IN_SUBSTANCE: Mapping[str, frozenset[str]] = {}
"""Codes, fields or values differ."""

IN_WORDS: Mapping[str, frozenset[str]] = {
    # MariaDB names its database, which was called kfp217 where this was recorded; a deployed one is called mlpipeline.
    "2.17": frozenset({"experiments/create/non-bmp-character"}),
}
"""Only the words of error messages differ."""
