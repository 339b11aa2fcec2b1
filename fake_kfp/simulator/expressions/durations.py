"""Go durations: parsing them as Argo does, and the words Argo shows for them."""

from __future__ import annotations


def parse_duration(text: str) -> float:
    """Seconds meant by ``text``: plain digits are seconds, else Go's ``1h30m``.

    ``pkg/apis/workflow/v1alpha1/utils.go: ParseStringToDuration``.
    """
    raise NotImplementedError


def humanize_duration(seconds: float) -> str:
    """Up to two units, e.g. ``1 minute 30 seconds`` (argoproj/pkg ``humanize.Duration``)."""
    raise NotImplementedError
