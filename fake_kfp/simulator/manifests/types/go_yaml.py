"""YAML as sigs.k8s.io/yaml reads it: go-yaml version 2, with the scalars of YAML 1.1.

Rules: goyaml.v2 ``resolve.go``, ``decode.go``. Only the first document of a text counts. JSON texts, which
most manifests are, take a short way through :mod:`json`.
"""

from __future__ import annotations

import json
import math
import re
from typing import Any

from fake_kfp.simulator.manifests.errors import ManifestError
from fake_kfp.simulator.manifests.types.limits import MAX_DEPTH, TOO_DEEP

_SURROGATE = re.compile(r"\\u[dD][89a-fA-F]")


def read_yaml(text: str) -> Any:
    """The value of ``text``: dicts (with keys of any scalar type), lists and scalars.

    What an alias names is shared. Raises ManifestError with go-yaml's text.
    """
    try:
        if text.lstrip()[:1] == "{" and _SURROGATE.search(text) is None:
            return _read_json(text)
    except ValueError:
        pass  # YAML then, or nothing
    except RecursionError:
        raise ManifestError(TOO_DEEP) from None
    # the parser takes its time to load, and JSON does without it
    from fake_kfp.simulator.manifests.types.yaml_reader import YamlReader

    return YamlReader(text).document()


def _read_json(text: str) -> Any:
    value = json.loads(text, parse_int=_integer_or_float, parse_float=_finite, parse_constant=_no_constant)
    level = [value]
    for _ in range(MAX_DEPTH):
        level = [
            item
            for container in level
            for item in (container.values() if isinstance(container, dict) else container)
            if isinstance(item, (dict, list))
        ]
        if not level:
            return value
    raise ManifestError(TOO_DEEP)


def _no_constant(text: str) -> Any:
    raise ValueError(text)  # NaN and Infinity are no JSON, but plain YAML strings


def _finite(text: str) -> float:
    value = float(text)
    if math.isinf(value):
        raise ValueError(text)  # too big for a number, but not for a plain YAML string
    return value


def _integer_or_float(text: str) -> int | float:
    value = int(text) if len(text) < 25 else math.inf
    return int(value) if -(1 << 63) <= value < 1 << 64 else float(text)
