"""The functions that Argo adds to an expression's environment."""

from __future__ import annotations

from collections.abc import Mapping


def function_env(values: Mapping[str, object]) -> dict[str, object]:
    """``values`` with dotted names expanded into maps, and asInt, asFloat, string, jsonpath, toJson and sprig.

    ``util/expr/env/env.go: GetFuncMap``.
    """
    raise NotImplementedError
