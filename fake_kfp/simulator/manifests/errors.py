"""The simulator's own refusals: of a manifest that cannot be read, and of one that Argo would not accept."""

from __future__ import annotations


class ManifestError(Exception):
    """``text`` is what the Go error's ``Error()`` says; limits of the fake itself start with ``fake_kfp:``."""

    def __init__(self, text: str) -> None:
        super().__init__(text)
        self.text = text


class ValidationError(ManifestError):
    """What the linter says of a manifest that could be read."""
