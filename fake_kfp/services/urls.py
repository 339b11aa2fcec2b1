"""Pipelines by URL: which URLs the real server takes, and the contents that a test's author put behind them.

Nothing is ever fetched from a network.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from fake_kfp.errors import internal_error, not_modelled

_CONTROL = re.compile(r"[\x00-\x1f\x7f]")
_SCHEME = re.compile(r"([a-zA-Z][a-zA-Z0-9+.-]*):(.*)\Z", re.DOTALL)
_BAD_ESCAPE = re.compile(r"%(?![0-9a-fA-F]{2})")
_HOST_ESCAPE = re.compile(r"%(?![0-9a-fA-F]{2})|%(?!25)[0-7]")
_HOST = re.compile(r"""[A-Za-z0-9\-_.~!$&'()*+,;=:\[\]<>"%\u0080-\U0010ffff]*\Z""")
_PORT = re.compile(r":[0-9]*\Z")
_USER = re.compile(r"[A-Za-z0-9\-._:~!$&'()*+,;=%@]*\Z")
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


def is_request_uri(url: str) -> bool:
    """Whether Go's ``url.ParseRequestURI`` takes the text: an absolute URI or an absolute path."""
    if not url or _CONTROL.search(url):
        return False
    if url == "*":
        return True
    scheme = _SCHEME.match(url)
    if scheme is None and url.startswith(":"):
        return False
    rest = (scheme[2] if scheme else url).split("?")[0]
    if not rest.startswith("/"):
        return scheme is not None
    if scheme is not None and rest.startswith("//"):
        authority, slash, path = rest[2:].partition("/")
        return _is_authority(authority) and not _BAD_ESCAPE.search(slash + path)
    return not _BAD_ESCAPE.search(rest)


def _is_authority(authority: str) -> bool:
    user, at, host = authority.rpartition("@")
    if at and (not _USER.match(user) or _BAD_ESCAPE.search(user)):
        return False
    if host.startswith("["):
        bracket = host.rfind("]")
        return bracket > 0 and (host[bracket + 1 :] == "" or bool(_PORT.match(host[bracket + 1 :])))
    _, colon, port = host.rpartition(":")
    if colon and not _PORT.match(colon + port):
        return False
    return bool(_HOST.match(host)) and not _HOST_ESCAPE.search(host)


def _unfetchable(url: str) -> str:
    """Why Go's HTTP client does not even try; empty where it does."""
    match = _SCHEME.match(url)
    scheme = match[1].lower() if match else ""
    if scheme not in _FETCHED_SCHEMES:
        return f'unsupported protocol scheme "{scheme}"'
    rest = match[2] if match else ""
    host = re.split(r"[/?#]", rest[2:])[0] if rest.startswith("//") else ""
    return "" if host else "http: no Host in request URL"


def base_name(url: str) -> str:
    """Go's ``path.Base``: what comes after the last slash."""
    if not url:
        return "."
    return url.rstrip("/").rpartition("/")[2] or "/"
