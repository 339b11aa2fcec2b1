"""Go's ``strings`` package where Python's methods differ."""

from __future__ import annotations

_SPACES = "\t\n\v\f\r \x85\xa0\u1680\u2028\u2029\u202f\u205f\u3000" + "".join(map(chr, range(0x2000, 0x200B)))


def trim_space(text: str) -> str:
    """``strings.TrimSpace``."""
    return text.strip(_SPACES)


def trim(text: str, cutset: str) -> str:
    """``strings.Trim``; an empty set cuts nothing."""
    return text.strip(cutset) if cutset else text


def split(text: str, separator: str, limit: int = -1) -> list[str]:
    """``strings.SplitN``: at most ``limit`` pieces, all for a negative one; an empty separator splits characters."""
    if limit == 0:
        return []
    if separator:
        return text.split(separator, limit - 1) if limit > 0 else text.split(separator)
    characters = list(text)
    if limit < 0 or len(characters) <= limit:
        return characters
    return [*characters[: limit - 1], "".join(characters[limit - 1 :])]


def split_after(text: str, separator: str, limit: int = -1) -> list[str]:
    """``strings.SplitAfterN``: as ``split``, every piece with the separator that ends it."""
    pieces = split(text, separator, limit)
    return [piece + separator for piece in pieces[:-1]] + pieces[-1:]


def replace(text: str, old: str, new: str, count: int = -1) -> str:
    """``strings.Replace``."""
    return text.replace(old, new, count) if count != 0 else text


def index_of(text: str, part: str) -> int:
    """``strings.Index``, counted in bytes."""
    position = text.find(part)
    return position if position < 0 or text.isascii() else len(text[:position].encode("utf-8", "replace"))


def last_index_of(text: str, part: str) -> int:
    """``strings.LastIndex``, counted in bytes."""
    position = text.rfind(part)
    return position if position < 0 or text.isascii() else len(text[:position].encode("utf-8", "replace"))
