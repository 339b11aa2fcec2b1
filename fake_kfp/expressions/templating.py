"""``{{tags}}`` in the JSON text of a template: util/template of Argo."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from functools import lru_cache

from fake_kfp.expressions.expr import Program, compile_expression
from fake_kfp.expressions.expr.lexer import IDENTIFIER, Token, lex
from fake_kfp.expressions.functions import expand, function_env
from fake_kfp.golang.errors import GoError
from fake_kfp.golang.json_values import marshal, unmarshal
from fake_kfp.golang.quoting import escape, quote

START, END = "{{", "}}"
MOST_FILLED = 4 << 20
"""Characters that one text, or one value at all places where it is mentioned, may come to: texts that hold others twice grow quickly."""
_HTML_ESCAPES = (("\\u003c", "<"), ("\\u003e", ">"), ("\\u0026", "&"))
# strconv.Quote has escapes that JSON lacks: a value with a bell or an astral non-printable makes invalid JSON.
_NO_JSON_ESCAPE = re.compile(r"\\[xavU]")


class Template:
    """A parsed JSON text, for substituting many times (the items of a loop)."""

    __slots__ = ("_tags", "_text", "_texts")

    def __init__(self, text: str) -> None:
        """Raises ``GoError`` for a tag that is never closed."""
        self._text = text
        self._texts, self._tags = split(text) if START in text else ((), ())

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
                raise too_long()
        parts.append(self._texts[-1])
        return "".join(parts)


def too_long() -> GoError:
    """What is said where more than ``MOST_FILLED`` is filled in."""
    return GoError(f"fake_kfp: what is filled in comes to more than {MOST_FILLED} characters; hand over less")


def substitute(text: str, values: Mapping[str, str], *, allow_unresolved: bool) -> str:
    """``template.Replace``: ``text`` is valid JSON (not checked), and so is the result (checked)."""
    if START not in text:
        return text
    result = Template(text).replace(values, allow_unresolved=allow_unresolved)
    if result != text and _NO_JSON_ESCAPE.search(result) and not _is_json(result):
        raise GoError("cannot finish template replacement because the result was invalid JSON")
    return result


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
    tag = reference.removeprefix(START).removesuffix(END).strip()
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


def split(text: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Texts and tags in turn (fasttemplate's ``Template.Reset``)."""
    texts: list[str] = []
    found: list[str] = []
    position = 0
    while (start := text.find(START, position)) >= 0:
        texts.append(text[position:start])
        position = text.find(END, start + 2)
        if position < 0:
            raise GoError(
                f"Cannot find end tag={quote(END)} in the template={quote(text)} starting from {quote(text[start + 2 :])}"
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
    nested = tag.rfind(START)
    if nested > 0:
        inner = values.get(tag[nested + 2 :])
        if isinstance(inner, str):
            return START + tag[:nested] + escape(inner)
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
