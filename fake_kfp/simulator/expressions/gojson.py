"""Go's encoding/json: its output and its error texts."""

from __future__ import annotations


def marshal(value: object) -> str:
    """``json.Marshal``: compact, keys sorted, ``<``, ``>`` and ``&`` escaped."""
    raise NotImplementedError


def parse_json_list(text: str) -> list[object]:
    """A ``withParam`` text as items; integers stay ``int``. Raises with Go's text, e.g. ``unexpected end of JSON input``.

    The caller puts ``withParam value could not be parsed as a JSON list: ...`` around it.
    """
    raise NotImplementedError
