"""Retries of container tasks: their policy as inputs of the templates that run them (``container.go``)."""

from __future__ import annotations

from fake_kfp.golang.fmt import format_value
from fake_kfp.golang.json_text import Json
from fake_kfp.ir.compiler.values import input_value, parameter

_COUNT, _DURATION, _FACTOR, _MAX_DURATION = NAMES = (
    "retry-max-count",
    "retry-backoff-duration",
    "retry-backoff-factor",
    "retry-backoff-max-duration",
)
"""The inputs that hold a policy."""

STRATEGY: Json = {
    "limit": input_value(_COUNT),
    "backoff": {
        "duration": input_value(_DURATION),
        "factor": input_value(_FACTOR),
        "maxDuration": input_value(_MAX_DURATION),
    },
}
"""Argo's strategy for a template with those inputs."""


def values(policy: Json) -> list[Json]:
    """A task's retry policy as arguments; of durations whole seconds, without a unit."""
    arguments = [parameter(_COUNT, str(policy.get("maxRetryCount", 0)))]
    if "backoffDuration" in policy:
        arguments.append(parameter(_DURATION, _seconds(policy["backoffDuration"])))
    arguments.append(parameter(_FACTOR, format_value(float(policy.get("backoffFactor", 0)))))
    if "backoffMaxDuration" in policy:
        arguments.append(parameter(_MAX_DURATION, _seconds(policy["backoffMaxDuration"])))
    return arguments


def _seconds(duration: str) -> str:
    return str(int(duration.rstrip("s").partition(".")[0]))
