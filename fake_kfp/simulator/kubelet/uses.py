"""What becomes of outputs in a workflow: which values its conditions, loops and expressions could work with.

An output is followed wherever it goes: into conditions, loops and their items, through arguments into the templates that are called, and
through a template's own outputs to whoever called it.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from fake_kfp.simulator.kubelet.literals import Constants, json_paths, literals

Json = dict[str, Any]
Key = tuple[str, str, str]
"""An output: the template that calls, the task or step, and the parameter's name, or ``result``."""

PLAUSIBLE = ("1", "2")
"""What outputs hold of which nothing special is asked: it counts, compares and prints as a number."""
RESULT = "result"

_MENTION = re.compile(
    r"""(?:tasks|steps)(?:\.([\w-]+)|\[\\*['"]([\w-]+)\\*['"]\])\.outputs|inputs\.parameters(?:\.([\w-]+)|\[\\*['"]([\w-]+)\\*['"]\])"""
)
_FIELD = re.compile(r"\bitem\.([\w-]+)|\bitem\[\\*['\"]([\w-]+)\\*['\"]\]")
_LOOPS = ("withItems", "withParam", "withSequence")
_DEEPEST = 30


@dataclass
class Want:
    """What is asked of a value: texts it is compared with, and what its items or fields are to be, where it is taken apart."""

    texts: list[str] = field(default_factory=list)
    element: Want | None = None
    fields: dict[str, Want] = field(default_factory=dict)

    def __bool__(self) -> bool:
        return bool(self.texts or self.fields or self.element is not None)

    def add(self, other: Want) -> None:
        """Asks for all that another asks for, too."""
        self.texts += other.texts
        if other.element is not None:
            self.item().add(other.element)
        for name, want in other.fields.items():
            self.of(name).add(want)

    def item(self) -> Want:
        """What is asked of its items."""
        if self.element is None:
            self.element = Want()
        return self.element

    def of(self, name: str) -> Want:
        """What is asked of one of its fields."""
        return self.fields.setdefault(name, Want())

    def values(self) -> list[Any]:
        """Values that could do, the likeliest first; there are two at least."""
        if self.element is not None:
            items = self.element.values()
            return [items[:2], *([item, item] for item in items)]
        if self.fields:
            columns = {name: want.values() for name, want in sorted(self.fields.items())}
            longest = max(map(len, columns.values()))
            return [
                {name: values[number % len(values)] for name, values in columns.items()}
                for number in range(longest)
            ]
        return list(dict.fromkeys((*self.texts, *PLAUSIBLE)))


def text_of(value: Any) -> str:
    """A value as a task would print it."""
    return value if isinstance(value, str) else json.dumps(value)


class Uses:
    """The uses of all outputs of one workflow's spec."""

    def __init__(self, spec: Json) -> None:
        self._templates: dict[str, Json] = {
            each["name"]: each for each in spec.get("templates") or () if each.get("name")
        }
        self._constants = Constants(spec)
        self._mentions = {name: _mentions(template) for name, template in self._templates.items()}
        self._callers: dict[str, list[tuple[str, Json]]] = {}
        for name, template in self._templates.items():
            for call in calls_of(template):
                self._callers.setdefault(call.get("template", ""), []).append((name, call))
        self._seen: set[tuple[str, str, int]] = set()

    def wants(self) -> dict[Key, Want]:
        """What is asked of the outputs of everything that runs."""
        found = {}
        for name, template in self._templates.items():
            for call in calls_of(template):
                for output in self._outputs_of(call):
                    self._seen = set()
                    found[name, call["name"], output] = self._of_output(name, call, output)
        return found

    def _outputs_of(self, call: Json) -> Iterator[str]:
        called = self._templates.get(call.get("template", "")) or call.get("inline") or {}
        if called.get("dag") or called.get("steps"):
            return
        yield RESULT
        for parameter in (called.get("outputs") or {}).get("parameters") or ():
            yield parameter["name"]

    def _of_output(self, template: str, call: Json, output: str) -> Want:
        """What is asked of an output of a call; what a loop gives is asked for as a list, of one or of all parameters."""
        kind = "tasks" if self._templates[template].get("dag") else "steps"
        name = re.escape(call["name"])
        place = rf"{kind}(?:\.{name}|\[['\"]{name}['\"]\])\.outputs"
        users = self._users(template, call["name"])
        one = rf"{place}\.result\b" if output == RESULT else rf"{place}\.parameters{_at(output)}"
        want = self._of_token(template, one, users)
        if not any(call.get(loop) for loop in _LOOPS):
            return want
        collected = want.element or Want()
        if output != RESULT:
            rows = self._of_token(template, rf"{place}\.parameters(?![.\w\[])", users)
            if rows.element is not None:
                collected.add(rows.element.fields.get(output, Want()))
        return collected

    def _users(self, template: str, name: str) -> list[Json]:
        return self._mentions[template].get(name, [])

    def _of_input(self, template: Json | None, name: str) -> Want:
        if template is None:
            return Want()
        known = template.get("name", "")
        users = self._users(known, f"inputs.{name}") if known in self._mentions else list(calls_of(template))
        return self._of_token(known, rf"inputs\.parameters{_at(name)}", users)

    def _of_token(self, template: str, token: str, users: Iterable[Json]) -> Want:
        """What is asked of what ``token``, a pattern, stands for in a template, by these of its calls and by its outputs."""
        want = Want()
        for call in users:
            mark = (template, token, id(call))
            if mark not in self._seen and len(self._seen) < 100 * _DEEPEST:
                self._seen.add(mark)
                want.add(self._of_call(template, token, call))
        want.add(self._of_outputs(template, token))
        return want

    def _of_call(self, template: str, token: str, call: Json) -> Want:
        want = Want()
        self._ask(want, template, token, str(call.get("when") or ""))
        if re.search(token, str(call.get("withParam") or "")):
            want.item().add(self._of_items(template, call))
        for argument in (call.get("arguments") or {}).get("parameters") or ():
            text = str(argument.get("value", ""))
            if _is_whole(token, text):
                called = call.get("inline") or self._templates.get(call.get("template", ""))
                want.add(self._of_input(called, argument["name"]))
            elif "{{=" in text:
                self._ask(want, template, token, text)
        for hook in (call.get("hooks") or {}).values():
            self._ask(want, template, token, str(hook.get("expression") or ""))
            want.add(self._of_call(template, token, hook))
        return want

    def _of_items(self, template: str, call: Json) -> Want:
        """What is asked of the items of a loop."""
        want = self._of_token(template, r"(?<![\w.])item(?![.\w\[])", [call])
        body = {key: value for key, value in call.items() if key not in _LOOPS}
        for plain, quoted in _FIELD.findall(json.dumps(body)):
            name = plain or quoted
            want.of(name).add(self._of_token(template, rf"(?<![\w.])item{_at(name)}", [call]))
        return want

    def _of_outputs(self, template: str, token: str) -> Want:
        """What is asked through the outputs of the template itself."""
        want = Want()
        outputs = (self._templates.get(template, {}).get("outputs") or {}).get("parameters") or ()
        for output in outputs:
            source = output.get("valueFrom") or {}
            self._ask(want, template, token, str(source.get("expression") or ""))
            if not _is_whole(token, str(source.get("parameter") or "")):
                continue
            for caller, call in self._callers.get(template, ()):
                mark = (caller, f"{call['name']}>{output['name']}", id(call))
                if mark not in self._seen:
                    self._seen.add(mark)
                    want.add(self._of_output(caller, call, output["name"]))
        for artifact in (self._templates.get(template, {}).get("outputs") or {}).get("artifacts") or ():
            self._ask(want, template, token, str(artifact.get("fromExpression") or ""))
        return want

    def _ask(self, want: Want, template: str, token: str, text: str) -> None:
        """Adds what a condition or an expression asks."""
        if not text or not re.search(token, text):
            return
        texts = literals(token, text, lambda tag: self._constants.behind(template, tag))
        paths = json_paths(token, text)
        for path in paths:
            inner = want
            for name in path:
                inner = inner.of(name)
            inner.texts += [text for text in texts if not text.startswith("$")]
        if not paths:
            want.texts += texts


def calls_of(template: Json) -> Iterator[Json]:
    """The tasks or steps of a template."""
    yield from (template.get("dag") or {}).get("tasks") or ()
    for group in template.get("steps") or ():
        yield from group


def _mentions(template: Json) -> dict[str, list[Json]]:
    """The calls of a template by the tasks, steps and inputs that they mention."""
    found: dict[str, list[Json]] = {}
    for call in calls_of(template):
        names = {
            plain or quoted or f"inputs.{of_input or of_quoted_input}"
            for plain, quoted, of_input, of_quoted_input in _MENTION.findall(json.dumps(call))
        }
        for name in sorted(names):
            found.setdefault(name, []).append(call)
    return found


def _at(name: str) -> str:
    """The pattern of a field's name behind a dot or in brackets."""
    escaped = re.escape(name)
    return rf"(?:\.{escaped}(?![\w-])|\[['\"]{escaped}['\"]\])"


def _is_whole(token: str, text: str) -> bool:
    """Whether a text is the token's tag and nothing else."""
    return re.fullmatch(rf"\s*\{{\{{=?\s*{token}\s*\}}\}}\s*", text) is not None
