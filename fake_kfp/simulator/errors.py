"""The simulator's own refusal: a manifest that cannot be read, or that Argo would not accept."""

from __future__ import annotations


class ManifestError(Exception):
    """``text`` is what the Go error's ``Error()`` says; limits of the fake itself start with ``fake_kfp:``."""

    def __init__(self, text: str) -> None:
        super().__init__(text)
        self.text = text
