"""Visualizations (``server/visualization_server.go``): checked as the real server does, drawn as a plain page."""

from __future__ import annotations

from html import escape

from fake_kfp.errors import ForeignError, invalid_input, not_modelled, wrapping
from fake_kfp.golang.json_text import SyntaxFault, loads
from fake_kfp.services.auth.access import Access
from fake_kfp.services.auth.caller import Caller

CUSTOM = "CUSTOM"
NO_ARGUMENTS = "{}"

# Where the recorded server looked for its drawing service, in vain.
_ADDRESS = "http://127.0.0.1:9"


class Visualizations:
    """The rules of VisualizationService.

    The drawing service is a server of its own beside the API server. ``drawn`` says whether there is one; where everything but
    the API server is moved by hand, there is none. A ``strict`` one draws nothing, since what it draws is no real picture.
    """

    def __init__(self, access: Access, drawn: bool = True, strict: bool = False) -> None:
        self._access = access
        self._strict = strict
        self._drawn = drawn

    def create(self, kind: str, source: str, arguments: str, namespace: str, caller: Caller) -> str:
        """The page for a visualization; ``kind`` is the enum's name, ``arguments`` JSON text.

        Only a page in a namespace needs a right, and only in multi-user mode.
        """
        _check(kind, source, arguments)
        if namespace:
            with wrapping("Failed to authorize on namespace"):
                self._access.require(caller, "create", "visualizations", namespace)
        else:
            self._access.waive(caller)
        if self._strict:
            raise not_modelled(
                "drawing a visualization", "This server was told to be strict: be less so for a plain page."
            )
        if not self._drawn:
            raise _service_down()
        return _page(kind, source, arguments)


def _check(kind: str, source: str, arguments: str) -> None:
    if kind != CUSTOM and not source:
        raise invalid_input(f"A visualization requires a Source to be provided. Received {source}")
    try:
        loads(arguments)
    except SyntaxFault:
        raise invalid_input(
            f"A visualization requires valid JSON to be provided as Arguments. Received {arguments}"
        ) from None


def _service_down() -> ForeignError:
    refused = f'Get "{_ADDRESS}": dial tcp 127.0.0.1:9: connect: connection refused'
    contexts = (
        f"Unable to verify visualization service aliveness by sending request to {_ADDRESS}",
        "Cannot generate visualization",
    )
    return ForeignError(refused, contexts)


def _page(kind: str, source: str, arguments: str) -> str:
    title = f"{kind.lower()} of {source}" if source else kind.lower()
    return (
        f"<!DOCTYPE html>\n<html><head><title>{escape(title)}</title></head>\n"
        f"<body><h1>{escape(title)}</h1><p>Here a real server would show a drawing.</p>"
        f"<pre>{escape(arguments)}</pre></body></html>\n"
    )
