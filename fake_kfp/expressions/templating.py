"""``{{tags}}`` in the JSON text of a template: util/template of Argo."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from functools import lru_cache
from operator import is_not
from typing import Any, NamedTuple

from fake_kfp.expressions.expr import Program, compile_expression
from fake_kfp.expressions.expr.lexer import IDENTIFIER, Token, lex
from fake_kfp.expressions.functions import expand, function_env
from fake_kfp.golang.errors import GoError
from fake_kfp.golang.json_values import marshal, unmarshal
from fake_kfp.golang.quoting import escape, quote

_START, _END = "{{", "}}"
_PLAIN_TAG = re.compile(r"[^{<>&\"\\\x00-\x1f\x7f-\uffff]*\Z")
"""Tags that read the same in JSON, and have no tag inside."""
_BREAKS = re.compile(r"[\n\r\t]")
MOST_FILLED = 4 << 20
"""Characters that one text, or one value at all places where it is mentioned, may come to: texts that hold others twice grow quickly."""
_LONG = 4_096
"""Values from this length on are counted before they are filled in."""
_SHORT = 64
_HTML_ESCAPES = (("\\u003c", "<"), ("\\u003e", ">"), ("\\u0026", "&"))
# strconv.Quote has escapes that JSON lacks: a value with a bell or an astral non-printable makes invalid JSON.
_NO_JSON_ESCAPE = re.compile(r"\\[xavU]")


class Template:
    """A parsed JSON text, for substituting many times (the items of a loop)."""

    __slots__ = ("_tags", "_text", "_texts")

    def __init__(self, text: str) -> None:
        """Raises ``GoError`` for a tag that is never closed."""
        self._text = text
        self._texts, self._tags = _split(text) if _START in text else ((), ())

    @property
    def tags(self) -> tuple[str, ...]:
        """The tags in order, without their braces, the ``=`` of expression tags included."""
        return self._tags

    def replace(self, values: Mapping[str, object], *, allow_unresolved: bool) -> str:
        """The text with its tags replaced; values are escaped for the JSON string they stand in.

        Raises ``failed to resolve {{x}}`` unless ``allow_unresolved``, which leaves unknown tags as they are.
        """
        if not self._tags:
            return self._text
        parts: list[str] = []
        room = MOST_FILLED
        for text, tag in zip(self._texts, self._tags, strict=False):
            parts.append(text)
            if tag.startswith("="):
                parts.append(_replace_expression(_unescape_html(tag[1:]), values, allow_unresolved))
            else:
                parts.append(_replace_simple(tag, values, allow_unresolved))
            room -= len(parts[-1])
            if room < 0:
                raise _too_long()
        parts.append(self._texts[-1])
        return "".join(parts)


def _too_long() -> GoError:
    return GoError(f"fake_kfp: what is filled in comes to more than {MOST_FILLED} characters; hand over less")


def substitute(text: str, values: Mapping[str, str], *, allow_unresolved: bool) -> str:
    """``template.Replace``: ``text`` is valid JSON (not checked), and so is the result (checked)."""
    if _START not in text:
        return text
    result = Template(text).replace(values, allow_unresolved=allow_unresolved)
    if result != text and _NO_JSON_ESCAPE.search(result) and not _is_json(result):
        raise GoError("cannot finish template replacement because the result was invalid JSON")
    return result


class NotPlain(Exception):
    """Data whose substitution only their text shows: expressions, tags that begin in one string and end in another, ..."""


def substitute_data(data: Any, values: Mapping[str, str]) -> Any:
    """What comes of :func:`substitute` on the JSON text of ``data``, unresolved tags allowed, without writing and reading that text.

    Parts without tags are shared with ``data``, which is given back itself where nothing changes. Raises :class:`NotPlain` where the
    text has to be gone through after all.
    """
    if isinstance(data, str):
        return _substitute_string(data, values) if _START in data else data
    if isinstance(data, dict):
        return _substitute_entries(data, values)
    if isinstance(data, list):
        items = [substitute_data(item, values) for item in data]
        return items if any(map(is_not, items, data)) else data
    return data


def _substitute_entries(data: dict[str, Any], values: Mapping[str, str]) -> dict[str, Any]:
    changed: dict[str, Any] = {}
    for key, value in data.items():
        if _START in key:
            raise NotPlain
        if isinstance(value, str):  # as most are: no call for those without tags
            new: Any = _substitute_string(value, values) if _START in value else value
        else:
            new = substitute_data(value, values)
        if new is not value:
            changed[key] = new
    return {**data, **changed} if changed else data


def _substitute_string(text: str, values: Mapping[str, str]) -> str:
    parts: list[str] = []
    position = 0
    room = MOST_FILLED
    while (start := text.find(_START, position)) >= 0:
        end = text.find(_END, start + 2)
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
                raise _too_long()
        position = end + 2
    parts.append(text[position:])
    new = "".join(parts)
    return text if new == text else new


class Prepared:
    """Where the tags are in some data, looked for once, to be filled in many times (the templates of a workflow).

    It holds the texts that have tags, and no other data.
    """

    __slots__ = ("_names", "_plan")

    def __init__(self, data: Any) -> None:
        """Raises :class:`NotPlain` for data in which only their text shows the tags."""
        self._names: _Names = {}
        self._plan = _plan_of([data], self._names)

    def fill(self, data: Any, first: Mapping[str, str], second: Mapping[str, str]) -> Any:
        """What :func:`substitute_data` makes of the data with the ``first`` values, and of that with the ``second``.

        ``data`` are those that this was made for, or equal ones. No name is in both of the values.
        """
        texts = self.values(first, second)
        if texts is None:
            return substitute_data(substitute_data(data, first), second)
        return self.filled(data, texts)

    def values(self, first: Mapping[str, str], second: Mapping[str, str]) -> dict[str, str] | None:
        """What its tags stand for, as far as they have values; None where one of the ``first`` may bring tags for the ``second``.

        Raises :class:`NotPlain` for a value that only a text can take, and GoError for what comes to too much.
        """
        texts: dict[str, str] = {}
        brought = False
        for name, touches in self._names.items():
            value = second.get(name)
            if value is None:
                value = first.get(name)
                if value is None:
                    continue
                brought = brought or ("{" if touches else _START) in value
            texts[name] = value
        self._check(texts)
        return None if brought and second else texts

    def mentions(self, name: str) -> bool:
        """Whether one of its tags is this one."""
        return name in self._names

    def filled(self, data: Any, texts: Mapping[str, str]) -> Any:
        """The data with these values in their places."""
        return data if self._plan is _NO_TAGS else _filled([data], self._plan, texts)[0]

    def complete(self, data: Any, known: Mapping[str, str], rest: Mapping[str, str]) -> Any:
        """Data that were filled in with the values that are ``known``, with those of the ``rest`` for what these left.

        Raises as :meth:`values` does.
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
            if len(value) > _LONG and _places(self._plan, name) * len(value) > MOST_FILLED:
                raise _too_long()
            if not (value.isprintable() if len(value) < _SHORT else _is_plain(value)):
                _plain_value(value)

    def members(self, *path: str) -> dict[Any, Prepared]:
        """The same for each of the maps and lists in the one at ``path``, by its key; those without tags have none."""
        plan = self._plan
        for key in (0, *path):
            plan = dict(plan.below).get(key, _NO_TAGS)
        return {key: _of_plan(its_plan) for key, its_plan in plan.below}


class _Plan(NamedTuple):
    """The members of a map or list that have tags, by their keys."""

    texts: list[tuple[Any, str, str, str, str]]
    """Texts with one tag: what stands before it, its name, the tag in its braces, what stands behind it."""
    longer: list[tuple[Any, tuple[str, ...]]]
    """Texts with several tags, in pieces."""
    below: list[tuple[Any, _Plan]]
    """Maps and lists."""


_NO_TAGS = _Plan([], [], [])
_Names = dict[str, bool]
"""What tags mention, and whether one of those tags touches another one, or a brace."""


def _of_plan(plan: _Plan) -> Prepared:
    prepared = Prepared(None)
    prepared._plan, prepared._names = _Plan([], [], [(0, plan)]), _names_of(plan)
    return prepared


def _names_of(plan: _Plan) -> _Names:
    """What the tags of a part of a plan mention. It is taken for granted that they touch something."""
    names = dict.fromkeys((text[2] for text in plan.texts), True)
    for _, pieces in plan.longer:
        names |= dict.fromkeys(pieces[1::3], True)
    for _, below in plan.below:
        names |= _names_of(below)
    return names


def _places(plan: _Plan, name: str) -> int:
    """How often a name is mentioned."""
    return (
        sum(text[2] == name for text in plan.texts)
        + sum(pieces[1::3].count(name) for _, pieces in plan.longer)
        + sum(_places(below, name) for _, below in plan.below)
    )


def _plan_of(data: dict[str, Any] | list[Any], names: _Names) -> _Plan:
    """The plan of a map or list; ``names`` takes up what its tags mention."""
    plan: _Plan | None = None
    for key, member in data.items() if isinstance(data, dict) else enumerate(data):
        if isinstance(key, str) and _START in key:
            raise NotPlain
        if isinstance(member, str):
            if _START in member:
                plan = plan or _Plan([], [], [])
                pieces = _pieces(member, names)
                if len(pieces) == _ONE_TAG:
                    before, name, tag, behind = pieces
                    plan.texts.append((key, before, name, tag, behind))
                else:
                    plan.longer.append((key, pieces))
        elif isinstance(member, (dict, list)):
            below = _plan_of(member, names)
            if below is not _NO_TAGS:
                plan = plan or _Plan([], [], [])
                plan.below.append((key, below))
    return plan or _NO_TAGS


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
        texts, found = _split(text)
    except GoError:
        raise NotPlain from None
    if any(tag.startswith("=") or not _PLAIN_TAG.match(tag) for tag in found):
        raise NotPlain
    pieces, mentioned = [texts[0]], []
    last = len(found) - 1
    for place, (tag, before, behind) in enumerate(zip(found, texts, texts[1:], strict=False)):
        touches = before.endswith("{") or behind.startswith("{")
        mentioned.append((tag.strip(), touches or not (before or not place) or not (behind or place == last)))
        pieces += (tag.strip(), f"{_START}{tag}{_END}", behind)
    return tuple(pieces), tuple(mentioned)


def _filled(data: Any, plan: _Plan, texts: Mapping[str, str]) -> Any:
    members = data.copy()
    for key, before, name, tag, behind in plan.texts:
        members[key] = before + texts.get(name, tag) + behind
    for key, pieces in plan.longer:
        parts = [pieces[0]]
        for place in range(1, len(pieces), 3):
            parts += (texts.get(pieces[place], pieces[place + 1]), pieces[place + 2])
        members[key] = "".join(parts)
    for key, below in plan.below:
        members[key] = _filled(data[key], below, texts)
    return members


@lru_cache(maxsize=256)
def _is_plain(value: str) -> bool:
    """The same is handed on from template to template."""
    return value.isprintable()


def _plain_value(value: Any) -> str:
    """A value that reads the same in JSON as Go's quotes make of it."""
    if isinstance(value, str) and (value.isprintable() or _BREAKS.sub("", value).isprintable()):
        return value
    raise NotPlain


def tags(text: str) -> list[str]:
    """The tags of ``text`` in order, without their braces, the ``=`` of expression tags included."""
    return list(Template(text).tags)


def visit_simple_tags(text: str, visit: Callable[[str], None]) -> None:
    """Hands every tag that is no expression to ``visit`` (``template.Validate``)."""
    for tag in Template(text).tags:
        if not tag.startswith("="):
            visit(tag)


def resolve_variable(reference: str, values: Mapping[str, object]) -> object:
    """The value a whole ``{{reference}}`` means (``resolve_var.go: ResolveVar``)."""
    tag = reference.removeprefix(_START).removesuffix(_END).strip()
    if not tag.startswith("="):
        if tag not in values:
            raise GoError(f"Unable to resolve: {quote(tag)}")
        return values[tag]
    expression = _unescape_html(tag[1:])
    try:
        program = compile_expression(expression, values)
    except GoError:
        raise GoError(f"Unable to compile: {quote(expression)}") from None
    try:
        result = program.run(values)
    except GoError:
        raise GoError(f"Invalid expression: {quote(expression)}") from None
    if result is None:
        raise GoError(f"Unable to resolve: {quote(tag)}")
    return result


def _split(text: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Texts and tags in turn (fasttemplate's ``Template.Reset``)."""
    texts: list[str] = []
    found: list[str] = []
    position = 0
    while (start := text.find(_START, position)) >= 0:
        texts.append(text[position:start])
        position = text.find(_END, start + 2)
        if position < 0:
            raise GoError(
                f"Cannot find end tag={quote(_END)} in the template={quote(text)} starting from {quote(text[start + 2 :])}"
            )
        found.append(text[start + 2 : position])
        position += 2
    texts.append(text[position:])
    return tuple(texts), tuple(found)


def _replace_simple(tag: str, values: Mapping[str, object], allow_unresolved: bool) -> str:
    """``simple_template.go: simpleReplace``."""
    value = values.get(tag.strip())
    if isinstance(value, str):
        return escape(value)
    if value is not None:
        raise GoError(f"failed to resolve {{{{{tag}}}}} to string")
    nested = tag.rfind(_START)
    if nested > 0:
        inner = values.get(tag[nested + 2 :])
        if isinstance(inner, str):
            return _START + tag[:nested] + escape(inner)
    if allow_unresolved:
        return f"{{{{{tag}}}}}"
    raise GoError(f"failed to resolve {{{{{tag}}}}}")


def _replace_expression(tag: str, values: Mapping[str, object], allow_unresolved: bool) -> str:
    """``expression_template.go: expressionReplace``: what cannot be evaluated (yet) may stay."""
    try:
        expression = _unquote_json(tag)
        if allow_unresolved and _must_wait(expression, values):
            return f"{{{{={tag}}}}}"
        return _evaluate_tag(tag, expression, values)
    except GoError:
        if allow_unresolved:
            return f"{{{{={tag}}}}}"
        raise


def _evaluate_tag(tag: str, expression: str, values: Mapping[str, object]) -> str:
    env = function_env(values)
    try:
        program: Program = compile_expression(expression, env)
        result = program.run(env)
    except GoError as error:
        raise GoError(f"failed to evaluate expression: {error.text}") from None
    if result is None:
        raise GoError(f"failed to evaluate expression {quote(tag)}")
    try:
        text = marshal(result)
    except GoError as error:
        raise GoError(f"failed to marshal evaluated expression: {error.text}") from None
    # The value stands inside a JSON string already.
    return text[1:-1] if isinstance(result, str) else escape(text)


def _unquote_json(tag: str) -> str:
    try:
        value = unmarshal(f'"{tag}"')
    except GoError as error:
        raise GoError(f"failed to unmarshall JSON expression: {error.text}") from None
    return str(value)


def _must_wait(expression: str, values: Mapping[str, object]) -> bool:
    """Whether the expression names something that exists later: evaluated now it would see nil."""
    names_retries, names_status, names_failures = _late_names(expression)
    return (
        (names_retries and "retries" not in expand(values))
        or (names_status and "workflow.status" not in values)
        or (names_failures and "workflow.failures" not in values)
    )


@lru_cache(maxsize=1024)
def _late_names(expression: str) -> tuple[bool, bool, bool]:
    """Whether ``retries``, ``workflow.status`` and ``workflow.failures`` occur as names."""
    try:
        tokens = lex(expression)
    except GoError:
        return False, False, False
    return (
        any(token.kind == IDENTIFIER and token.value == "retries" for token in tokens),
        _mentions(expression, tokens, "workflow.status"),
        _mentions(expression, tokens, "workflow.failures"),
    )


def _mentions(expression: str, tokens: list[Token], name: str) -> bool:
    if name not in expression:
        return False
    values = [token.value for token in tokens]
    return any("".join(values[start : start + 3]) == name for start in range(len(values) - 2))


def _unescape_html(text: str) -> str:
    for escaped, plain in _HTML_ESCAPES:
        text = text.replace(escaped, plain)
    return text


def _is_json(text: str) -> bool:
    try:
        json.loads(text)
    except ValueError:
        return False
    return True
