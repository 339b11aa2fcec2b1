"""What a test says of the calls that were made: ``fake.calls("CreateRun*").assert_called(name="nightly")``."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from difflib import SequenceMatcher
from fnmatch import fnmatchcase
from typing import Any

from fake_kfp.control.journal import Call
from fake_kfp.control.matching import CallPattern

Source = Callable[[], list[Call]]
_NEAREST = 3
_SHOWN = 200


class Calls:
    """Calls that were made, in the order of their answers; a value, which later calls do not change.

    Assertions take fields of the request: ``name="nightly"`` fits a field ``name`` at any depth, ``run__name`` one in a field ``run``;
    texts may be shell patterns, of an object it is enough to give some fields.
    """

    def __init__(self, calls: Sequence[Call], what: str, others: Sequence[Call]) -> None:
        self._calls = tuple(calls)
        self._what = what
        self._others = others

    def __getitem__(self, place: int) -> Call:
        return self._calls[place]

    def __len__(self) -> int:
        return len(self._calls)

    def __repr__(self) -> str:
        return "\n".join(map(repr, self._calls)) or f"no call of {self._what}"

    def __iter__(self) -> Iterator[Call]:
        return iter(self._calls)

    @property
    def count(self) -> int:
        """How many there are."""
        return len(self._calls)

    @property
    def last(self) -> Call:
        """The latest one. Raises LookupError where there is none."""
        if not self._calls:
            raise LookupError(self._none())
        return self._calls[-1]

    @property
    def requests(self) -> list[Any]:
        """Their requests as JSON."""
        return [call.request for call in self._calls]

    def one(self) -> Call:
        """The only one. Raises LookupError where there is none, or more than one."""
        if not self._calls:
            raise LookupError(self._none())
        if len(self._calls) > 1:
            raise LookupError(f"{self.count} calls of {self._what}, not one:\n{self._listed(self._calls)}")
        return self._calls[0]

    def with_fields(self, /, **fields: Any) -> Calls:
        """Those whose requests have these fields."""
        fitting = [call for call in self._calls if not _misses(call, fields)]
        return Calls(fitting, f"{self._what} with {_written(fields)}" if fields else self._what, self._others)

    def assert_called(self, /, *, times: int | None = None, **fields: Any) -> Calls:
        """At least one has these fields, or exactly ``times``. Gives them; the message of a failure shows the nearest ones."""
        found = self.with_fields(**fields)
        if found.count != times and (times is not None or not found):
            raise AssertionError(self._missing(found, times, fields))
        return found

    def assert_never(self, /, **fields: Any) -> None:
        """None has these fields."""
        self.assert_at_most(0, **fields)

    def assert_at_most(self, times: int, /, **fields: Any) -> None:
        """No more than so many have these fields."""
        found = self.with_fields(**fields)
        if found.count > times:
            wanted = f"at most {times}" if times else "none"
            listed = self._listed(found._calls[:_NEAREST])
            raise AssertionError(f"{found.count} calls of {found._what}, but {wanted} expected:\n{listed}")

    def _missing(self, found: Calls, times: int | None, fields: Mapping[str, Any]) -> str:
        text = f"{found.count or 'no'} call{'s' * (found.count > 1)} of {found._what}"
        if times is not None:
            text += f", not {times}"
        if not self._calls:
            return f"{text}; {_summary(self._others)}"
        return f"{text}; the nearest of {self.count}:\n{_nearest(self._calls, fields)}" if fields else text

    def _none(self) -> str:
        return f"no call of {self._what}; {_summary(self._others)}"

    def _listed(self, calls: Sequence[Call]) -> str:
        return "\n".join(f"  {call!r}" for call in calls)


class CallLog:
    """All calls of a world: ``fake.calls("GetRun*")``."""

    def __init__(self, source: Source, clear: Callable[[], None]) -> None:
        self._source = source
        self._clear = clear

    def __call__(
        self, pattern: str = "*", *, transport: str | None = None, caller: str | None = None
    ) -> Calls:
        """The calls of RPCs or paths (see :class:`~fake_kfp.control.matching.CallPattern`), through one door, by one caller.

        Raises ValueError for a name that no RPC has.
        """
        meant = None if pattern == "*" else CallPattern(pattern)
        calls = self._source()
        found = [
            call
            for call in calls
            if (meant is None or meant.fits(call._exchange))
            and transport in (None, call.transport)
            and (caller is None or call.identity == caller)
        ]
        sides = [
            f"transport {transport}" * (transport is not None),
            f"caller {caller}" * (caller is not None),
        ]
        return Calls(found, " and ".join([repr(pattern), *filter(None, sides)]), calls)

    def assert_order(self, *patterns: str) -> None:
        """Calls that fit these patterns were made one after the other, whatever else was called between them."""
        meant = [CallPattern(pattern) for pattern in patterns]
        calls = self._source()
        left = iter(calls)
        for place, pattern in enumerate(meant):
            if not any(pattern.fits(call._exchange) for call in left):
                before = f" after {', '.join(patterns[:place])}" if place else ""
                listed = "\n".join(f"  {call!r}" for call in calls[-2 * _NEAREST :])
                raise AssertionError(f"no call of {pattern.text!r}{before}; the latest calls:\n{listed}")

    def clear(self) -> None:
        """Forgets all calls, so that what follows is looked at alone."""
        self._clear()


def _summary(calls: Sequence[Call]) -> str:
    counts = Counter(call.rpc or f"{call.verb} {call.path}" for call in calls)
    listed = ", ".join(f"{name} ({count})" for name, count in counts.most_common(20))
    return f"there were: {listed}" if listed else "nothing was called"


def _written(fields: Mapping[str, Any]) -> str:
    return ", ".join(f"{name}={value!r}" for name, value in fields.items())


def _nearest(calls: Sequence[Call], fields: Mapping[str, Any]) -> str:
    """The calls that differ least, and where."""
    missed = [(call, _misses(call, fields)) for call in calls]
    missed.sort(key=lambda pair: (len(pair[1]), -_likeness(pair[1], fields), -pair[0].number))
    return "\n".join(
        f"  {call!r}\n"
        + "\n".join(f"    {_said(name, found, fields[name])}" for name, found in misses.items())
        for call, misses in missed[:_NEAREST]
    )


def _said(name: str, found: list[Any], wanted: Any) -> str:
    shown = " and ".join(_cut(repr(each)) for each in found)
    return f"{name} is {shown}, not {wanted!r}" if found else f"it has no {name}"


def _cut(text: str) -> str:
    return text if len(text) <= _SHOWN else f"{text[:_SHOWN]}..."


def _likeness(misses: Mapping[str, list[Any]], fields: Mapping[str, Any]) -> float:
    return sum(
        max((SequenceMatcher(None, _cut(str(each)), str(fields[name])).ratio() for each in found), default=0)
        for name, found in misses.items()
    )


def _misses(call: Call, fields: Mapping[str, Any]) -> dict[str, list[Any]]:
    """The fields that the request does not have as wanted, with what it has under their names."""
    if not fields:
        return {}
    request = call.request
    found = {name: list(_under(request, name.split("__"))) for name in fields}
    return {
        name: values
        for name, values in found.items()
        if not any(_is_as_wanted(each, fields[name]) for each in values)
    }


def _under(value: Any, path: list[str]) -> Iterator[Any]:
    """What stands under a path, wherever the path begins."""
    if isinstance(value, dict):
        if path[0] in value:
            yield from _under(value[path[0]], path[1:]) if path[1:] else [value[path[0]]]
        value = list(value.values())
    for each in value if isinstance(value, list) else ():
        yield from _under(each, path)


def _is_as_wanted(value: Any, wanted: Any) -> bool:
    if isinstance(wanted, Mapping):
        return isinstance(value, dict) and all(
            key in value and _is_as_wanted(value[key], each) for key, each in wanted.items()
        )
    if isinstance(wanted, str) and isinstance(value, str):
        return value == wanted or fnmatchcase(value, wanted)
    # JSON writes 64-bit numbers as texts
    return bool(value == wanted) or (type(wanted) in (int, float) and value == str(wanted))
