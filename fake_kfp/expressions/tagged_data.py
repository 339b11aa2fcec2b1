"""``{{tags}}`` in data that stand for a JSON text, replaced as in that text, but without writing and reading it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache
from operator import is_not
from typing import Any, NamedTuple

from fake_kfp.expressions.templating import END, MOST_FILLED, START, split, too_long
from fake_kfp.golang.errors import GoError

_PLAIN_TAG = re.compile(r"[^{<>&\"\\\x00-\x1f\x7f-\uffff]*\Z")
"""Tags that read the same in JSON, and have no tag inside."""
_BREAKS = re.compile(r"[\n\r\t]")
_LONG = 4_096
"""Values from this length on are counted before they are filled in."""
_SHORT = 64


class NotPlain(Exception):
    """Data whose substitution only their text shows: expressions, tags that begin in one string and end in another, ..."""


def substitute_data(data: Any, values: Mapping[str, str]) -> Any:
    """What comes of :func:`substitute` on the JSON text of ``data``, unresolved tags allowed, without writing and reading that text.

    Parts without tags are shared with ``data``, which is given back itself where nothing changes. Raises :class:`NotPlain` where the
    text has to be gone through after all.
    """
    if isinstance(data, str):
        return _substitute_string(data, values) if START in data else data
    if isinstance(data, dict):
        return _substitute_entries(data, values)
    if isinstance(data, list):
        items = [substitute_data(item, values) for item in data]
        return items if any(map(is_not, items, data)) else data
    return data


def _substitute_entries(data: dict[str, Any], values: Mapping[str, str]) -> dict[str, Any]:
    changed: dict[str, Any] = {}
    for key, value in data.items():
        if START in key:
            raise NotPlain
        if isinstance(value, str):  # as most are: no call for those without tags
            new: Any = _substitute_string(value, values) if START in value else value
        else:
            new = substitute_data(value, values)
        if new is not value:
            changed[key] = new
    return {**data, **changed} if changed else data


def _substitute_string(text: str, values: Mapping[str, str]) -> str:
    parts: list[str] = []
    position = 0
    room = MOST_FILLED
    while (start := text.find(START, position)) >= 0:
        end = text.find(END, start + 2)
        tag = text[start + 2 : end]
        if end < 0 or tag.startswith("=") or not _PLAIN_TAG.match(tag):
            raise NotPlain
        value = values.get(tag.strip())
        if value is None:
            parts.append(text[position : end + 2])
        else:
            parts += (text[position:start], _plain_value(value))
            room -= len(value)
            if room < 0:
                raise too_long()
        position = end + 2
    parts.append(text[position:])
    new = "".join(parts)
    return text if new == text else new


class Prepared:
    """Where the tags are in some data, looked for once, to be filled in many times (the templates of a workflow).

    It holds the texts that have tags, and no other data.
    """

    __slots__ = ("_members", "_names", "_plan", "_touching")

    def __init__(self, plan: _Plan, names: _Names) -> None:
        self._plan, self._names = plan, names
        self._touching = [name for name, touches in names.items() if touches]
        self._members: dict[tuple[str, ...], dict[Any, Prepared]] = {}

    @classmethod
    def of(cls, data: Any) -> Prepared:
        """Raises :class:`NotPlain` for data in which only their text shows the tags."""
        plan, names = _Plan([], [], []), _Names()
        _find_tags([data], 0, plan, names)
        return cls(plan, names)

    def values(self, first: Mapping[str, str], second: Mapping[str, str]) -> dict[str, str] | None:
        """What its tags stand for, as far as they have values; None where one of the ``first`` may bring tags.

        All of the ``second`` are among them. What they make of the data is what :func:`substitute_data` makes of them with the
        ``first``, and of that with the ``second``. No name is in both. Raises :class:`NotPlain` for a value that only a text can take,
        and GoError for what comes to too much.
        """
        of_first: dict[str, str] = {}
        for name in self._names:
            if name not in second and (value := first.get(name)) is not None:
                of_first[name] = value
        texts = {**second, **of_first}
        self._check(texts)
        return None if self._bring_tags(of_first) else texts

    def _bring_tags(self, texts: Mapping[str, str]) -> bool:
        """Whether some of these values may bring tags into the data, alone or with what stands around them."""
        return START in "\0".join(texts.values()) or self.make_tags(texts)

    def make_tags(self, texts: Mapping[str, str]) -> bool:
        """Whether some of these values, in which no tag begins, may make one with what stands around them."""
        return bool(self._touching) and any("{" in texts.get(name, "") for name in self._touching)

    def mentions(self, name: str) -> bool:
        """Whether one of its tags is this one."""
        return name in self._names

    def filled(self, data: Any, texts: Mapping[str, str]) -> Any:
        """The data, which are those that this was made for, or equal ones, with these values in their places."""
        return _filled(data, self._plan, texts) if self._names else data

    def complete(self, data: Any, known: Mapping[str, str], rest: Mapping[str, str]) -> Any:
        """Data that were filled in with the values that are ``known``, with those of the ``rest`` for what these left.

        The ``known`` ones bring no tags. Raises as :meth:`values` does.
        """
        texts: dict[str, str] = {}
        for name in self._names:
            if name not in known and (value := rest.get(name)) is not None:
                texts[name] = value
        if not texts:
            return data
        self._check(texts)
        return self.filled(data, {**known, **texts})

    def _check(self, texts: dict[str, str]) -> None:
        for name, value in texts.items():
            length = len(value)
            if length > _LONG and _places(self._plan, name) * length > MOST_FILLED:
                raise too_long()
            if not (value.isprintable() if length < _SHORT else _is_plain(value)):
                _plain_value(value)

    def members(self, *path: str) -> dict[Any, Prepared]:
        """The same for each of the maps and lists in the one at ``path``, by its key; those without tags have none."""
        if path not in self._members:
            parts = _parts(self._plan, (0, *path))
            self._members[path] = {key: Prepared(part, _names_of(part)) for key, part in parts.items()}
        return self._members[path]


class _Plan(NamedTuple):
    """What is to be copied, and what to be written into the copies.

    Copies have numbers: 0 is a list around the data, the others are as in ``copied``, from 1 on.
    """

    copied: list[tuple[int, Any]]
    """The maps and lists that have tags in them: the copy that they are in, and their key in there."""
    texts: list[tuple[int, Any, str, str, str, str]]
    """Texts with one tag: copy and key, what stands before the tag, its name, the tag in its braces, what stands behind it."""
    longer: list[tuple[int, Any, tuple[str, ...]]]
    """Texts with several tags, in pieces."""


_Names = dict[str, bool]
"""What tags mention, and whether one of those tags touches another one, or a brace."""


def _names_of(plan: _Plan) -> _Names:
    """What the tags of a part of a plan mention. It is taken for granted that they touch something."""
    names = dict.fromkeys((text[3] for text in plan.texts), True)
    for _, _, pieces in plan.longer:
        names |= dict.fromkeys(pieces[1::3], True)
    return names


def _parts(plan: _Plan, path: tuple[Any, ...]) -> dict[Any, _Plan]:
    """The plans of the maps and lists in the one at ``path``, by their keys."""
    whole: int | None = 0
    for key in path:
        whole = next((number for number, each in enumerate(plan.copied, 1) if each == (whole, key)), None)
    parts: dict[Any, _Plan] = {}
    places: dict[int, tuple[_Plan, int]] = {}
    """Which part a copy belongs to, and its number in there."""
    for number, (around, key) in enumerate(plan.copied, 1):
        if around == whole:
            parts[key] = _Plan([(0, 0)], [], [])
            places[number] = parts[key], 1
        elif around in places:
            part, around = places[around]
            part.copied.append((around, key))
            places[number] = part, len(part.copied)
    for number, *text in plan.texts:
        if number in places:
            part, number = places[number]
            part.texts.append((number, *text))
    for number, key, pieces in plan.longer:
        if number in places:
            part, number = places[number]
            part.longer.append((number, key, pieces))
    return parts


def _places(plan: _Plan, name: str) -> int:
    """How often a name is mentioned."""
    return sum(text[3] == name for text in plan.texts) + sum(
        pieces[1::3].count(name) for _, _, pieces in plan.longer
    )


def _find_tags(data: dict[str, Any] | list[Any], number: int, plan: _Plan, names: _Names) -> bool:
    """Whether there are tags in a map or list, which is copied under that number; they go into the plan, and what they mention."""
    found = False
    if isinstance(data, dict) and START in "\0".join(data):
        raise NotPlain
    for key, member in data.items() if isinstance(data, dict) else enumerate(data):
        if isinstance(member, str):
            if START in member:
                found = True
                pieces = _pieces(member, names)
                if len(pieces) == _ONE_TAG:
                    before, name, tag, behind = pieces
                    plan.texts.append((number, key, before, name, tag, behind))
                else:
                    plan.longer.append((number, key, pieces))
        elif isinstance(member, (dict, list)):
            plan.copied.append((number, key))
            if _find_tags(member, len(plan.copied), plan, names):
                found = True
            else:
                plan.copied.pop()
    return found


_ONE_TAG = 4
"""As many pieces has a text with one tag."""


def _pieces(text: str, names: _Names) -> tuple[str, ...]:
    """A text as its pieces: text, name, the tag in its braces, text, name, tag, ..., text."""
    pieces, mentioned = _pieces_of(text)
    for name, touches in mentioned:
        names[name] = names.get(name, False) or touches
    return pieces


@lru_cache(maxsize=512)
def _pieces_of(text: str) -> tuple[tuple[str, ...], tuple[tuple[str, bool], ...]]:
    """The pieces of a text, and what they add to the names: the runs of a pipeline have their tags in common."""
    try:
        texts, found = split(text)
    except GoError:
        raise NotPlain from None
    if any(tag.startswith("=") or not _PLAIN_TAG.match(tag) for tag in found):
        raise NotPlain
    pieces, mentioned = [texts[0]], []
    last = len(found) - 1
    for place, (tag, before, behind) in enumerate(zip(found, texts, texts[1:], strict=False)):
        touches = before.endswith("{") or behind.startswith("{")
        mentioned.append((tag.strip(), touches or not (before or not place) or not (behind or place == last)))
        pieces += (tag.strip(), f"{START}{tag}{END}", behind)
    return tuple(pieces), tuple(mentioned)


def _filled(data: Any, plan: _Plan, texts: Mapping[str, str]) -> Any:
    copies: list[Any] = [[data]]
    for number, key in plan.copied:
        copy = copies[number][key] = copies[number][key].copy()
        copies.append(copy)
    for number, key, before, name, tag, behind in plan.texts:
        copies[number][key] = before + texts.get(name, tag) + behind
    for number, key, pieces in plan.longer:
        parts = [pieces[0]]
        for place in range(1, len(pieces), 3):
            parts += (texts.get(pieces[place], pieces[place + 1]), pieces[place + 2])
        copies[number][key] = "".join(parts)
    return copies[0][0]


@lru_cache(maxsize=256)
def _is_plain(value: str) -> bool:
    """The same is handed on from template to template."""
    return value.isprintable()


def _plain_value(value: Any) -> str:
    """A value that reads the same in JSON as Go's quotes make of it."""
    if isinstance(value, str) and (value.isprintable() or _BREAKS.sub("", value).isprintable()):
        return value
    raise NotPlain
