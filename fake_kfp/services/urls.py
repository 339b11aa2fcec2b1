"""Pipelines by URL: which URLs the real server takes, and the contents that a test's author put behind them.

Nothing is ever fetched from a network.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from fake_kfp.errors import internal_error, not_modelled

_SCHEME = re.compile(r"([a-zA-Z][a-zA-Z0-9+.-]*):(.*)\Z", re.DOTALL)
_FETCHED_SCHEMES = ("http", "https")


class Urls:
    """The registered contents by URL, compared as text. ``contents`` may change at any time."""

    def __init__(self, contents: Mapping[str, bytes]) -> None:
        self._contents = contents

    def download(self, url: str, failure: str) -> bytes:
        """What lies behind an accepted URL.

        Raises INTERNAL with ``failure`` in front where the real server could not ask either, and UNIMPLEMENTED where nothing is
        registered.
        """
        contents = self._contents.get(url)
        if contents is not None:
            return contents
        reason = _unfetchable(url)
        if reason:
            raise internal_error(f'Get "{url}": {reason}', failure)
        raise not_modelled(
            f"fetching {url}",
            "Register what lies behind it: FakeKfp(urls={...}), or fake_kfp.urls[...] = b'...'.",
        )


def _unfetchable(url: str) -> str:
    """Why Go's HTTP client does not even try; empty where it does."""
    match = _SCHEME.match(url)
    scheme = match[1].lower() if match else ""
    if scheme not in _FETCHED_SCHEMES:
        return f'unsupported protocol scheme "{scheme}"'
    rest = match[2] if match else ""
    host = re.split(r"[/?#]", rest[2:])[0] if rest.startswith("//") else ""
    return "" if host else "http: no Host in request URL"
