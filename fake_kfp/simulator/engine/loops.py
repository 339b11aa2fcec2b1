"""Loops: one task or step becomes many (``dag.go: expandTask``, ``steps.go: expandStep``, ``operator.go: processItem``)."""

from __future__ import annotations

import json
from collections.abc import Callable

from fake_kfp.expressions import Item, Template, parse_json_list, should_execute
from fake_kfp.expressions.items import LIST, MAP, parse_item
from fake_kfp.golang.errors import GoError
from fake_kfp.golang.fmt import sprintf
from fake_kfp.golang.json_text import Json
from fake_kfp.golang.strconv import NumError, atoi
from fake_kfp.simulator.engine.stops import TemplateError
from fake_kfp.simulator.engine.templates import to_text

_LOOP_FIELDS = ("withItems", "withParam", "withSequence")
_TOO_LONG = 10_000_000


def is_loop(caller: Json) -> bool:
    """Whether a task or step says what to loop over, be it nothing (``ShouldExpand``)."""
    return bool(caller.get("withItems") or caller.get("withParam") or caller.get("withSequence") is not None)


def expand(
    caller: Json, *, in_dag: bool = False, most: int = 50_000, step: Callable[[], None] = lambda: None
) -> list[Json]:
    """One task or step for every item, ``{{item}}`` filled in and named after it; each is a ``step`` of work. Raises
    TemplateError, GoError, also for more than ``most`` items.

    In a dag, tags in what is looped over have to be resolvable, too.
    """
    items = _items(caller, most)
    _check_count(len(items), most)
    single = {key: value for key, value in caller.items() if key not in _LOOP_FIELDS}
    template = _template(caller, single) if in_dag else Template(to_text(single))
    unresolved_is_fine = _never_runs(caller)
    expanded = []
    room = _TOO_LONG
    for index, item in enumerate(items):
        step()
        name, values = _item_name_and_values(caller["name"], index, item)
        filled = template.replace(values, allow_unresolved=unresolved_is_fine) if template.tags else None
        room -= len(filled or "")
        if room < 0:
            raise TemplateError(
                f"fake_kfp: the tasks of a loop are limited to {_TOO_LONG} characters; hand over less to each"
            )
        one: Json = dict(single) if filled is None else json.loads(filled)
        for field in _LOOP_FIELDS:
            one.pop(field, None)
        one["name"] = name
        if "template" in caller:
            one["template"] = caller["template"]
        expanded.append(one)
    return expanded


def _template(caller: Json, single: Json) -> Template:
    """The text to fill in; the whole of it, long lists and all, only where tags stand in the lists or reach into them."""
    try:
        template = Template(to_text(single))
        lists = to_text({key: caller[key] for key in _LOOP_FIELDS if key in caller})
        if "{{" not in lists and not any('"' in tag for tag in template.tags):
            return template
    except GoError:
        pass
    return Template(to_text(caller))


def _items(caller: Json, most: int) -> list[Item]:
    """The items; a list that cannot be read is no error where ``when`` says that nothing shall run."""
    if caller.get("withItems"):
        return [Item.of(value) for value in caller["withItems"]]
    try:
        if caller.get("withParam"):
            return _parse_param(caller["withParam"])
        return _sequence(caller["withSequence"], most)
    except (TemplateError, GoError):
        if _never_runs(caller):
            return []
        raise


def _never_runs(caller: Json) -> bool:
    try:
        return not should_execute(caller.get("when", ""))
    except GoError:
        return False


def _parse_param(text: str) -> list[Item]:
    try:
        return parse_json_list(text)
    except GoError as error:
        raise TemplateError(
            f"withParam value could not be parsed as a JSON list: {text.strip()}: {error.text}"
        ) from None


def _sequence(sequence: Json, most: int) -> list[Item]:
    """``expandSequence``: from start to end, upwards or downwards, or ``count`` numbers from start."""
    start = _integer(sequence["start"]) if sequence.get("start") is not None else 0
    if sequence.get("end") is not None:
        end = _integer(sequence["end"])
    elif sequence.get("count") is not None:
        count = _integer(sequence["count"])
        if count == 0:
            return []
        end = start + count - 1
    else:
        raise TemplateError("neither end nor count was specified in withSequence")
    _check_count(abs(end - start) + 1, most)
    layout = sequence.get("format") or "%d"
    numbers = range(start, end + 1) if start <= end else range(start, end - 1, -1)
    items: list[Item] = []
    length = 0
    for number in numbers:
        items.append(Item(f'"{number}"') if layout == "%d" else parse_item(f'"{sprintf(layout, number)}"'))
        length += len(items[-1].raw)
        if length > _TOO_LONG:
            raise TemplateError(
                f"fake_kfp: the items of a withSequence are limited to {_TOO_LONG} characters; use a shorter format"
            )
    return items


def _check_count(count: int, most: int) -> None:
    if count > most:
        raise TemplateError(
            f"fake_kfp: loops of more than {most} items are not walked; loop over fewer, or raise max_loop_items"
            " (--max-loop-items)"
        )


def _integer(value: object) -> int:
    try:
        return atoi(str(value))
    except NumError as error:
        raise TemplateError(error.text) from None


def _item_name_and_values(name: str, index: int, item: Item) -> tuple[str, dict[str, object]]:
    if item.kind == MAP:
        entries = item.map_items()
        values: dict[str, object] = {f"item.{key}": str(value) for key, value in entries.items()}
        values["item"] = item.json
        shown = ",".join(sorted(f"{key}:{value}" for key, value in entries.items()))
    elif item.kind == LIST:
        values = {"item": item.json}
        shown = f"[{' '.join(str(element) for element in item.list_items())}]"
    else:
        shown = str(item)
        values = {"item": shown}
    return f"{name}({index}:{shown.replace('(', '').replace(')', '')})", values
