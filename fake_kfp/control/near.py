"""What there is, for whoever asked for what there isn't."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches

SHOWN = 10
_COMPARED = 5_000
"""So many names are compared with the one that was asked for: that costs, and only an error needs it."""


def with_article(noun: str) -> str:
    """``a run``, ``an experiment``."""
    return f"{'an' if noun[0] in 'aeiou' else 'a'} {noun}"


def there_are(names: Iterable[str], asked: str = "", *, most: int = SHOWN) -> str:
    """``there are: nightly, weekly``: the names, those that are like the one asked for first, and no more than anybody would read."""
    known = list(dict.fromkeys(names))
    if not known:
        return "there are none"
    near = get_close_matches(asked, known[:_COMPARED], SHOWN) if asked else []
    shown = list(dict.fromkeys([*near, *known[:most]]))[:most]
    rest = len(known) - len(shown)
    return f"there are: {', '.join(shown)}" + (f" and {rest} more" if rest else "")
