"""Path prefixes under which a client may reach the server: an ingress's, or the Kubernetes API server's service proxy."""

from __future__ import annotations

import re
from collections.abc import Iterable

DEFAULT_PREFIXES = ("/pipeline",)

_SERVICE_PROXY = re.compile(r"/api/v1/namespaces/[^/]+/services/[^/]+/proxy(?=/|\Z)")


def split_prefix(path: str, prefixes: Iterable[str]) -> tuple[str, str]:
    """The prefix of a path, empty if there is none, and the path as the server knows it."""
    proxied = _SERVICE_PROXY.match(path)
    if proxied:
        return proxied[0], path[proxied.end() :] or "/"
    for prefix in prefixes:
        if path.startswith(prefix) and path[len(prefix) : len(prefix) + 1] in ("", "/"):
            return prefix, path[len(prefix) :] or "/"
    return "", path
