"""Whatever a client sends is read in time linear in its length: twice as much takes about twice as long.

The worst inputs that are known for each reader, in two sizes; what counts is the ratio of the times, not the times.
"""

from __future__ import annotations

import gzip
import importlib
import pkgutil
import re
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

import fake_kfp
from fake_kfp.api import descriptors
from fake_kfp.deployment import Deployment
from fake_kfp.errors import KfpError
from fake_kfp.expressions import should_execute, substitute, tags
from fake_kfp.expressions.items import Item, parse_json_list
from fake_kfp.expressions.jsonpath import query
from fake_kfp.golang.archives import GzipFile, tar_entries
from fake_kfp.golang.durations import parse_duration
from fake_kfp.golang.errors import GoError
from fake_kfp.golang.fmt import sprintf
from fake_kfp.golang.json_text import SyntaxFault, dumps, loads
from fake_kfp.golang.mediatype import parse_media_type
from fake_kfp.golang.multipart import read_form
from fake_kfp.golang.regexp import compile_regex
from fake_kfp.golang.rfc3339 import parse_rfc3339
from fake_kfp.golang.strconv import parse_float, parse_int
from fake_kfp.golang.textproto import all_values
from fake_kfp.golang.url import is_request_uri, parse_query
from fake_kfp.options import Options
from fake_kfp.services.auth.caller import Caller
from fake_kfp.services.templates.macros import RunMacros
from fake_kfp.simulator.kubelet.outcomes import task_names
from fake_kfp.simulator.manifests.dependencies import invalid_task_result, task_dependencies
from fake_kfp.simulator.manifests.errors import ManifestError
from fake_kfp.simulator.manifests.types.quantity import canonical_quantity
from fake_kfp.simulator.validation.leaves import _without_expressions
from fake_kfp.store.lists import tokens
from fake_kfp.store.lists.schemas import RUNS
from fake_kfp.store.mariadb.collation import like, sort_key
from fake_kfp.store.records import Run, RunMetric
from fake_kfp.transport.http.gateway.query import fill_from_query
from fake_kfp.transport.http.wire.connection import HungUp, Refused, RequestReader
from fake_kfp.transport.http.wire.urls import split_target
from fake_kfp.transport.rpc import caller_of

SMALL, FACTOR = 4_000, 16
MOST = 4 * FACTOR
"""What is quadratic takes 256 times as long, what is linear 16 times."""

TOO_SHORT = 0.002
"""Seconds below which a ratio says nothing: what is quadratic takes far longer for the large size."""

TRIES = 10
"""So often what is measured may have been disturbed by what else the machine does."""

REFUSALS = (GoError, KfpError, ManifestError, Refused, HungUp, SyntaxFault, ValueError)


def seconds(work: Callable[[Any], object], given: Any) -> float:
    """The least time of a few."""
    times = []
    for _ in range(3):
        start = time.process_time()
        with suppress(*REFUSALS):
            work(given)
        times.append(time.process_time() - start)
        if times[-1] < TOO_SHORT / 2:
            break
    return min(times)


def assert_linear(work: Callable[[Any], object], make: Callable[[int], Any]) -> None:
    assert_grows(work, make(SMALL), make(SMALL * FACTOR), MOST)


def assert_grows(work: Callable[[Any], object], less: Any, more: Any, most: float) -> None:
    """By no more than this factor, in the best of several tries: what grows faster does so each time."""
    small = large = float("inf")
    for _ in range(TRIES):
        small, large = min(small, seconds(work, less)), min(large, seconds(work, more))
        if large < max(TOO_SHORT, most * max(small, TOO_SHORT / FACTOR)):
            return
    pytest.fail(f"{small:.4f} s, {large:.4f} s")


def read_request(data: bytes) -> object:
    pieces = iter([data])
    return RequestReader(lambda: next(pieces, b""), lambda sent: None).read()


def form(part: bytes) -> Callable[[bytes], object]:
    return lambda data: read_form(
        "multipart/form-data; boundary=B", part.replace(b"*", data), "", "uploadfile"
    )


def entries(data: bytes) -> list[object]:
    return list(tar_entries(GzipFile(data)))


def pieces(data: bytes) -> None:
    for _ in GzipFile(data).pieces():
        pass


def with_records(records: bytes) -> bytes:
    header = bytearray(512)
    header[100:148] = b"0000000\0" * 3 + b"%011o\0" % len(records) + b"00000000000\0"
    header[148:156] = b" " * 8
    header[156:157] = b"x"
    header[148:156] = b"%06o\0 " % sum(header)
    return gzip.compress(bytes(header) + records + bytes(-len(records) % 512 + 1024), 1)


def fill(text: str) -> None:
    message = descriptors.message_class("api.ListRunsRequest")()
    fill_from_query(message, parse_query(text), ())


MACROS = RunMacros("id", 0, 0, 1)

READERS: dict[str, tuple[Callable[[Any], object], Callable[[int], Any]]] = {
    "a parameter of opening brackets": (fill, lambda n: "[" * n),
    "a parameter of brackets": (fill, lambda n: "a[" * n + "]"),
    "a parameter of points": (fill, lambda n: "a." * n),
    "a parameter many times": (fill, lambda n: "filter=&" * n),
    "many parameters": (fill, lambda n: "&".join(f"a{i}=1" for i in range(n))),
    "escapes in a query": (parse_query, lambda n: "%41+" * n),
    "a target": (split_target, lambda n: "/" + "%41" * n + "%"),
    "slashes of a target": (split_target, lambda n: "a" * n + ":/" * n),
    "a URI": (is_request_uri, lambda n: "http://" + "a:" * n),
    "escaped brackets in a media type": (parse_media_type, lambda n: 'a/b; boundary="' + r"\(" * n),
    "backslashes in a media type": (parse_media_type, lambda n: 'a/b; boundary="' + "\\" * n),
    "parameters of a media type": (parse_media_type, lambda n: "a/b" + ";a=b" * n),
    "blanks in a media type": (parse_media_type, lambda n: "a/b" + " " * n + "x"),
    "pieces of a media type": (parse_media_type, lambda n: "a/b" + "".join(f";a*{i}=b" for i in range(n))),
    "lines before a form": (form(b"*"), lambda n: b"\r\n" * n),
    "false boundaries": (form(b"--B\r\n\r\n*"), lambda n: b"\r\n--BB" * n),
    "headers of a part": (form(b"--B\r\n*\r\n\r\n--B--"), lambda n: b"a: b\r\n" * n),
    "a header of a part on many lines": (form(b"--B\r\na: b\r\n*\r\n\r\n--B--"), lambda n: b" c\r\n" * n),
    "a disposition of brackets": (
        form(b'--B\r\nContent-Disposition: form-data; name="*\r\n\r\n--B--'),
        lambda n: rb"\(" * n,
    ),
    "equal headers": (read_request, lambda n: b"GET / HTTP/1.1\r\nHost: a\r\n" + b"a: b\r\n" * n + b"\r\n"),
    "a header on many lines": (
        read_request,
        lambda n: b"GET / HTTP/1.1\r\nHost: a\r\n" + b" b\r\n" * n + b"\r\n",
    ),
    "blank lines before a request": (read_request, lambda n: b"\r\n\r\n" * n),
    "tiny chunks": (
        read_request,
        lambda n: (
            b"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"
            + b"1\r\na\r\n" * n
            + b"0\r\n\r\n"
        ),
    ),
    "trailers": (
        read_request,
        lambda n: b"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n" + b"a: b\r\n" * n,
    ),
    "equal keys of metadata": (caller_of, lambda n: [("a", "b")] * n),
    "equal fields": (all_values, lambda n: [("a", "b")] * n),
    "empty members": (pieces, lambda n: gzip.compress(b"") * n),
    "records": (entries, lambda n: with_records(b"6 a=b\n" * n)),
    "a record's length": (entries, lambda n: with_records(b"9" * n)),
    "a duration": (parse_duration, lambda n: "1ns" * n),
    "zeros of a duration": (parse_duration, lambda n: "0" * n + "1h"),
    "digits that are no float": (parse_float, lambda n: "1" * n + "x"),
    "hexadecimal digits that are no float": (parse_float, lambda n: "0x" + "1" * n),
    "digits": (lambda text: parse_int(text, 64), lambda n: "1" * n),
    "a time": (parse_rfc3339, lambda n: "2026-01-01T00:00:00." + "0" * n),
    "JSON": (loads, lambda n: '["\\"' * n),
    "floats of JSON": (dumps, lambda n: [1.5e300] * n),
    "verbs": (sprintf, lambda n: "%0-+ 5.3d" * n),
    "a token": (lambda text: tokens.decode(text, RUNS, 1), lambda n: "A" * n + "="),
    "blanks of a text": (sort_key, lambda n: " " * n + "\tx" + " " * n + "x"),
    "unclosed macros": (MACROS.replace, lambda n: "[[" * n),
    "macros": (MACROS.replace, lambda n: "[[Index]]" * n),
    "macros behind an unclosed one": (MACROS.replace, lambda n: "{{$." + "[[x]]" * n),
    "expressions of blanks": (_without_expressions, lambda n: "{{=" + " " * n),
    "unclosed expressions": (_without_expressions, lambda n: "{{=" * n),
    "expressions on two lines": (_without_expressions, lambda n: "{{=\na\n" * n + "}}"),
    "zeros of a quantity": (canonical_quantity, lambda n: "0" * n + "x"),
    "digits of a quantity": (canonical_quantity, lambda n: "1" * n + "e1"),
    "parentheses of a name": (lambda text: task_names(text, "", ""), lambda n: "()" * n + "x"),
    "tries of a name": (lambda text: task_names(text, "", ""), lambda n: "a" + "(0)" * n),
    "a dependency": (lambda text: invalid_task_result({"depends": text}), lambda n: "a-" * n),
    "dependencies": (lambda text: task_dependencies({"depends": text}, {}), lambda n: "a-" * n + "."),
    "a condition": (should_execute, lambda n: "'" + "a" * n),
    "tags": (tags, lambda n: "{{" * n),
    "substitution": (lambda text: substitute(text, {}, allow_unresolved=True), lambda n: "{{" * n + "}}"),
    "a path of JSON": (lambda text: query(text, {}), lambda n: "$" + ".a" * n),
    "a list of items": (parse_json_list, lambda n: "[" + "1," * n + "1]"),
    "an item": (lambda text: Item(text).compact, lambda n: '"' + '\\"' * n + '"'),
}


@pytest.mark.parametrize("name", READERS)
def test_reading_takes_linear_time(name: str) -> None:
    assert_linear(*READERS[name])


PATTERNS = {
    "^(train|tr|ain|-)*$": "train",
    "(a|a)*$": "a",
    "(a+)+$": "a",
    "(a*)*b": "a",
    "(.*)-(.*)-(.*)-(\\d+)$": "x-",
    "(x+x+)+y": "x",
    "^(([a-z])+.)+[A-Z]([a-z])+$": "a",
    "\\b(\\w+)\\s*=\\s*(\\w+)\\b": "a ",
    "(?i)(k|K)*\u017f": "K",
}


@pytest.mark.parametrize("pattern", PATTERNS)
def test_patterns_match_in_linear_time(pattern: str) -> None:
    """Those that others' matchers go mad about."""
    regex = compile_regex(pattern)
    assert_linear(regex.matches, lambda n: PATTERNS[pattern] * (n // 4) + "!")
    assert_linear(regex.find, lambda n: PATTERNS[pattern] * (n // 4) + "!")


@pytest.mark.parametrize("number", [10, 20, 30])
def test_patterns_may_be_as_ambiguous_as_they_are_long(number: int) -> None:
    text = "a" * number
    assert compile_regex("a?" * number + "a" * number).matches(text)
    assert compile_regex(f"(a{{0,{number}}}){{0,{number}}}$").matches(text)
    assert not compile_regex(f"^(a{{0,{number}}}){{0,{number}}}$").matches(text + "b")


def test_replacing_and_splitting_take_linear_time() -> None:
    regex = compile_regex("([a-z]+)-")
    assert_linear(lambda text: "".join(regex.replaced(text, "<$1>")), lambda n: "abc-" * (n // 8))
    assert_linear(regex.split, lambda n: "abc-" * (n // 8))


@pytest.mark.parametrize("pattern", ["a", "", "a.*b|a", "(a*)*b|a", "(?:a|aa)+b|a"])
def test_many_matches_take_linear_time_or_are_refused(pattern: str) -> None:
    regex = compile_regex(pattern)
    for work in (
        lambda text: list(regex.find_all(text)),
        lambda text: "".join(regex.replaced(text, "$0")),
        regex.split,
    ):
        assert_linear(work, lambda n: "a" * n)


def test_any_characters_in_filters_take_linear_time_or_are_refused() -> None:
    def search(pattern: str) -> None:
        assert_linear(
            lambda n: like(pattern.format("a_" * (n // 4) + "b", "_" * (n // 8)))("a" * n), lambda n: n
        )

    for pattern in ("%{}%", "{}%b", "%{}%{}%"):
        search(pattern)


def test_metrics_of_a_report_take_linear_time() -> None:
    def report(number: int) -> None:
        world = Deployment(Options())
        world.world.runs.insert(Run(id="r", name="r"))
        metrics = [RunMetric("r", f"n{each}", "m", 1.0) for each in range(number)]
        world.services.metrics.report("r", metrics, Caller())

    assert_linear(report, lambda n: n // 8)


BOUNDED = {"fake_kfp.simulator.kubelet.literals._LEFT"}
"""Patterns that go back and forth, but only in a few characters at a time."""

SEARCHES = {"search", "sub", "finditer", "findall", "split"}
PUMPED = 3000
SUSPICIOUS = 0.01


def own_patterns() -> Iterator[tuple[str, re.Pattern[Any], bool]]:
    """Every pattern that a module of ours keeps under a name, and whether it is searched for, rather than matched."""
    seen: set[int] = set()
    for module in pkgutil.walk_packages(fake_kfp.__path__, "fake_kfp."):
        if module.name.startswith("fake_kfp.conformance") or module.name.endswith("__main__"):
            continue  # a client's side: it reads what a server says
        found = importlib.import_module(module.name)
        source = Path(str(found.__file__)).read_text(encoding="utf-8")
        for name, value in vars(found).items():
            if (
                isinstance(value, re.Pattern)
                and id(value) not in seen
                and re.search(rf"^{name}\b", source, re.M)
            ):
                seen.add(id(value))
                uses = set(re.findall(rf"\b{name}\.(\w+)\(", source))
                yield f"{module.name}.{name}", value, bool(uses & SEARCHES)


def pumped(pattern: re.Pattern[Any]) -> Iterator[Any]:
    """Long texts that begin as the pattern wants it, and go wrong at their end."""
    binary = isinstance(pattern.pattern, bytes)
    source = pattern.pattern.decode("latin1") if binary else pattern.pattern
    letters = [*sorted(set(source) - set("*+?^$|\\")), " ", "a", "1"]
    words = re.findall(r"[a-z]{3,}", source)[:3]
    for start in ("", "{{=", '"', "-", *letters[:4], *words):
        for letter in [*letters[:20], *words, "()", "a-", "[["]:
            for end in ("\0", "!"):
                text = start + letter * (PUMPED // len(letter)) + end
                yield text.encode("utf-8") if binary else text


def test_no_pattern_of_ours_goes_back_and_forth() -> None:
    for name, pattern, searched in own_patterns():
        if name in BOUNDED:
            continue
        work = pattern.search if searched else pattern.match
        for text in pumped(pattern):
            if seconds(work, text) > SUSPICIOUS:
                print(f"{name} on {text[:20]!r}...")
                assert_grows(work, text, text[:-1] * 4 + text[-1:], 8)
