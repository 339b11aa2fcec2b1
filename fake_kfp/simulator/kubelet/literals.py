"""What the conditions and expressions of workflows compare values with."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any

from fake_kfp.golang.errors import GoError
from fake_kfp.golang.regexp import compile_regex

Json = dict[str, Any]

_VALUE = "\x00"
_OPERAND = r"""(\{\{.*?\}\}|'[^']*'|"[^"]*"|\[[^\]]*\]|\([^()]*\)|-?\d+(?:\.\d+)?|[\w./:-]+)"""
_WORDS = r"(==|!=|=~|!~|>=|<=|>|<|\bnot in\b|\bin\b|\bcontains\b|\bstartsWith\b|\bendsWith\b|\bmatches\b)"
_RIGHT = re.compile(rf"{_VALUE}\s*{_WORDS}\s*{_OPERAND}")
_LEFT = re.compile(rf"{_OPERAND}\s*{_WORDS}\s*{_VALUE}\Z")
_WINDOW = 200
"""How far to the left of a value is looked for what it is compared with: looking back takes long in long texts."""
_MIRRORED = {">": "<", "<": ">", ">=": "<=", "<=": ">="}
_CAST = r"(?:asInt|asFloat|int|float|string|toJson|trim|lower|upper|sprig\.\w+)"
_CONSTANT = re.compile(r"""'([^']*)'|"([^"]*)"|(?<![\w.'"-])(-?\d+(?:\.\d+)?)(?![\w.])""")
_TAG = re.compile(r"\{\{(?!=)\s*([^{}]+?)\s*\}\}")
_SIMPLE_REGEX = re.compile(r"[\w \-/:=]+")
_PATH = re.compile(r"""\s*,\s*\\?['"]\$\.?([\w.-]+)""")
_ACCESS = re.compile(r"""((?:\.[A-Za-z_]\w*|\[\\?['"][\w-]+\\?['"]\])+)""")
"""A path in ``fromJson(x).a['b']``; its groups inside do not capture."""
_PLAUSIBLE_TEXTS = ("1", "a", "", "ab", "A1")

Resolve = Callable[[str], list[str]]
"""The constants that a tag may stand for."""


def literals(token: str, text: str, resolve: Resolve) -> list[str]:
    """Values worth trying for what ``token``, a pattern, stands for in a condition or expression: those it is compared with first."""
    marked = re.sub(rf"""['"]?\{{\{{=?\s*{token}\s*\}}\}}['"]?|{token}""", _VALUE, text)
    marked = re.sub(rf"{_CAST}\(\s*{_VALUE}\s*\)", _VALUE, marked)
    found: list[str] = []
    later: list[str] = []
    for operator, operand in _comparisons(marked):
        for value in _operands(operand, resolve):
            kept, others = _near(operator, value)
            found += kept
            later += others
    constants = ["".join(match) for match in _CONSTANT.findall(marked)]
    return list(dict.fromkeys([*found, *later, *constants]))


def _comparisons(marked: str) -> Iterator[tuple[str, str]]:
    for match in _RIGHT.finditer(marked):
        yield match[1], match[2]
    for place in re.finditer(_VALUE, marked):
        beside = _LEFT.search(marked[max(0, place.start() - _WINDOW) : place.end()])
        if beside is not None:
            yield _MIRRORED.get(beside[2], beside[2]), beside[1]


def _operands(operand: str, resolve: Resolve) -> list[str]:
    tag = _TAG.fullmatch(operand.strip("'\""))
    if tag:
        return resolve(tag[1])
    if operand[:1] in "[(":
        return [part.strip().strip("'\"") for part in operand[1:-1].split(",") if part.strip()]
    return [operand.strip("'\"")]


def _near(operator: str, value: str) -> tuple[list[str], list[str]]:
    """What meets a comparison, and what does not."""
    if operator in ("=~", "matches"):
        return _matching(value), []
    if operator in ("!=", "!~", "not in"):
        return [], [value]
    if operator in (">", "<", ">=", "<="):
        try:
            number = int(value)
        except ValueError:
            return [value], []
        above, at, below = str(number + 1), str(number), str(number - 1)
        return {
            ">": ([above], [at, below]),
            "<": ([below], [at, above]),
            ">=": ([at], [below]),
            "<=": ([at], [above]),
        }[operator]
    return [value], []


def _matching(pattern: str) -> list[str]:
    """Texts that match a regular expression, of those that can be guessed."""
    plain = re.sub(r"\\(.)", r"\1", re.sub(r"^\^|\$$|\.[*+]\??|\(\?i\)", "", pattern))
    guesses = [*(part.strip("()") for part in plain.split("|")), *_PLAUSIBLE_TEXTS]
    try:
        regex = compile_regex(pattern)
        return [guess for guess in guesses if regex.matches(guess)]
    except GoError:
        return []


def json_paths(token: str, text: str) -> list[list[str]]:
    """The paths along which an expression takes a value apart that it reads as JSON."""
    tag = rf"['\"]?(?:\{{\{{\s*{token}\s*\}}\}}|{token})['\"]?"
    taken = re.findall(rf"jsonpath\(\s*{tag}{_PATH.pattern}", text)
    read = re.findall(rf"[fF]rom[jJ][sS][oO][nN]\(\s*{tag}\s*\){_ACCESS.pattern}", text)
    return [re.findall(r"[A-Za-z_][\w-]*", path) for path in (*taken, *read)]


class Constants:
    """The constants that a workflow gives to inputs, by template and name."""

    def __init__(self, spec: Json) -> None:
        self._workflow = {
            each["name"]: str(each["value"]) for each in _parameters(spec.get("arguments")) if "value" in each
        }
        self._inputs: dict[tuple[str, str], list[str]] = {}
        for template in spec.get("templates") or ():
            for declared in _parameters(template.get("inputs")):
                if declared.get("value") is not None:
                    self._note(template.get("name", ""), declared)
            groups = [*(template.get("steps") or ()), (template.get("dag") or {}).get("tasks") or ()]
            for call in (each for group in groups for each in group):
                for argument in _parameters(call.get("arguments")):
                    self._note(call.get("template", ""), argument)
        self._spread()

    def behind(self, template: str, tag: str) -> list[str]:
        """What a tag of a template may stand for."""
        if tag.startswith("workflow.parameters."):
            value = self._workflow.get(tag.removeprefix("workflow.parameters."))
            return [] if value is None else [value]
        if tag.startswith("inputs.parameters."):
            values = self._inputs.get((template, tag.removeprefix("inputs.parameters.")), [])
            return [value for value in values if "{{" not in value]
        return []

    def _note(self, template: str, parameter: Json) -> None:
        if parameter.get("value") is not None:
            self._inputs.setdefault((template, parameter["name"]), []).append(str(parameter["value"]))

    def _spread(self) -> None:
        """Workflow parameters that are passed on are constants, too."""
        for values in self._inputs.values():
            for value in list(values):
                tag = _TAG.fullmatch(value)
                if tag:
                    values += self.behind("", tag[1])


def _parameters(holder: Json | None) -> list[Json]:
    return (holder or {}).get("parameters") or []
