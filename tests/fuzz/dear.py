"""Requests of good form whose work is many times their length: recursion, loops, expressions, patterns, much time, large texts."""

from __future__ import annotations

import gzip
import json
from collections import Counter
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import quote

from tests.fuzz.doors import Doors
from tests.fuzz.server import FuzzedServer
from tests.fuzz.spoiling import Spoiler
from tests.server.calling import container, workflow

Json = dict[str, Any]

_WORK = container("work", inputs={"parameters": [{"name": "p", "value": "x"}]})
_MANY = "9" * 400


def _steps(**of_task: Any) -> str:
    return workflow({"name": "main", "steps": [[{"name": "a", "template": "work", **of_task}]]}, _WORK)


def _dag(**of_task: Any) -> str:
    return workflow({"name": "main", "dag": {"tasks": [{"name": "a", "template": "work", **of_task}]}}, _WORK)


def _value(value: str) -> str:
    return _dag(arguments={"parameters": [{"name": "p", "value": value}]})


def _branches(kind: str, width: int) -> str:
    tasks = [{"name": f"a{number}", "template": "main"} for number in range(width)]
    return workflow({"name": "main", **({"dag": {"tasks": tasks}} if kind == "dag" else {"steps": [tasks]})})


MANIFESTS: dict[str, Callable[[int], str]] = {
    "recursion in steps": lambda n: _branches("steps", 2 + n % 3),
    "recursion in a dag": lambda n: _branches("dag", 2 + n % 3),
    "recursion without branches": lambda n: _branches("steps", 1),
    "a sequence": lambda n: _steps(withSequence={"count": str(n)}),
    "a sequence without end": lambda n: _dag(withSequence={"end": _MANY[: n % 400 + 1]}),
    "a wide sequence": lambda n: _steps(withSequence={"count": str(n), "format": f"%0{n}d"}),
    "items": lambda n: _dag(withParam=json.dumps(list(range(n)))),
    "deep items": lambda n: _dag(withParam="[" * n),
    "sums": lambda n: _value("{{=" + "sum(map(1..999, " * (n % 9 + 1) + "#" + "))" * (n % 9 + 1) + "}}"),
    "predicates": lambda n: _value("{{=" + "all(1..900, " * (n % 9 + 1) + "# > 0" + ")" * (n % 9 + 1) + "}}"),
    "groups": lambda n: _value(f"{{{{=groupBy(1..{n}, # % 7)}}}}"),
    "a sort": lambda n: _value(f"{{{{=sort(map(1..{n}, string(#)))}}}}"),
    "repetition": lambda n: _value(f"{{{{=sprig.repeat({n}, sprig.repeat({n}, 'a'))}}}}"),
    "indents": lambda n: _value(f"{{{{=sprig.indent({n}, sprig.repeat(999, '\\n'))}}}}"),
    "a pattern that overlaps": lambda n: _value(f"{{{{='{'a' * n}!' matches '^(a|aa|a*)*$'}}}}"),
    "a pattern of bounds": lambda n: _value(f"{{{{='{'a' * n}' matches '^(a{{0,30}}){{0,30}}$'}}}}"),
    "replacements": lambda n: _value(f"{{{{=sprig.regexReplaceAll('', '{'a' * n}', '{'b' * (n % 1000)}')}}}}"),
    "a path": lambda n: _value("{{=jsonpath('" + json.dumps({"a": list(range(n))}).replace('"', '\\"') + "', '$..*..*..*')}}"),
    "a long text": lambda n: _value("x" * n),
    "tags": lambda n: _value("{{" * n),
    "open macros": lambda n: _value("[[" * n),
    "many tasks": lambda n: workflow(
        {"name": "main", "dag": {"tasks": [{"name": f"a{i}", "template": "work"} for i in range(n % 2000)]}}, _WORK
    ),
    "a chain": lambda n: workflow(
        {
            "name": "main",
            "dag": {"tasks": [{"name": f"a{i}", "template": "work", "depends": f"a{i - 1}" if i else ""} for i in range(n % 500)]},
        },
        _WORK,
    ),
    "retries": lambda n: workflow(container("main", retryStrategy={"limit": str(n), "expression": "true"})),
    "a time without end": lambda n: workflow(container("main"), activeDeadlineSeconds=2**63 - 1 - n),
    "a rest without end": lambda n: workflow({"name": "main", "suspend": {"duration": _MANY[: n % 30 + 1]}}),
    "anchors": lambda n: _laughs(n % 9 + 1) + "a: b\n",
    "dense YAML": lambda n: "a:\n" + "- {b: [c, d]}\n" * n,
    "deep YAML": lambda n: "[" * n,
    "deep JSON": lambda n: '{"a":' * n,
}  # fmt: skip
"""Manifests of runs, by what is dear about them; the number says how much of it."""

WORLDS: tuple[Json, ...] = (
    {"max_nodes": 20_000},
    {"max_nodes": 20_000, "simulation": "clocked", "speed": 1000},
)
"""To write a run of 50,000 nodes down takes a second in one piece where the machine is crowded."""

SIZES = (10, 300, 3_000, 30_000)


def _laughs(depth: int) -> str:
    lines = [
        f"a{number}: &a{number} [{', '.join([f'*a{number - 1}'] * 9)}]" for number in range(1, depth + 1)
    ]
    return "\n".join(["a0: &a0 [x, x, x, x, x, x, x, x, x]", *lines, ""])


def _filter(value: str) -> str:
    predicate = {"key": "name", "op": "IS_SUBSTRING", "string_value": value}
    return quote(json.dumps({"predicates": [predicate]}))


def _predicates(count: int) -> str:
    return quote(json.dumps({"predicates": [{"key": "name", "op": "EQUALS", "string_value": "a"}] * count}))


def _metrics(count: int) -> bytes:
    metrics = [{"name": f"m{number}", "node_id": "n", "number_value": number} for number in range(count)]
    return json.dumps({"metrics": metrics}).encode()


PATHS: dict[str, Callable[[int], str]] = {
    "a filter": lambda n: f"runs?filter={_filter('_%' * (n % 3000))}",
    "many predicates": lambda n: f"runs?filter={_predicates(n % 900)}",
    "a query of brackets": lambda n: f"runs?{'[' * n}",
    "parameters": lambda n: "runs?" + "a=b&" * n,
    "a token": lambda n: f"runs?page_token={'A' * n}",
    "a page": lambda n: f"runs?page_size={_MANY[: n % 400 + 1]}",
    "an order": lambda n: "runs?sort_by=" + "name%20" * n,
}  # fmt: skip

BODIES: dict[str, Callable[[int], tuple[str, bytes]]] = {
    "metrics": lambda n: ("runs/r:reportMetrics", _metrics(n)),
    "equal keys": lambda n: ("runs", ("{" + ",".join(['"name":"x"'] * n) + "}").encode()),
    "a nest": lambda n: ("runs", b'{"a":' * n + b"1" + b"}" * n),
    "digits": lambda n: ("jobs", b'{"max_concurrency":' + b"9" * n + b"}"),
    "members": lambda n: ("pipelines/upload?name=g", _file("f.tar.gz", gzip.compress(b"") * n)),
    "zeros": lambda n: ("pipelines/upload?name=z", _file("f.tar.gz", gzip.compress(bytes(n * 2_000)))),
    "parts": lambda n: ("pipelines/upload?name=p", b"--b\r\nContent-Disposition: form-data; name=x\r\n\r\na\r\n" * n + b"--b--\r\n"),
    "headers of a part": lambda n: ("pipelines/upload?name=h", b"--b\r\n" + b"a: b\r\n" * n + b"\r\n\r\n--b--\r\n"),
}  # fmt: skip


def _file(name: str, content: bytes) -> bytes:
    head = f'--b\r\nContent-Disposition: form-data; name="uploadfile"; filename="{name}"\r\n\r\n'
    return head.encode() + content + b"\r\n--b--\r\n"


def fuzz_dear(server: FuzzedServer, spoiler: Spoiler, inputs: int, batch: int) -> Iterator[Counter[str]]:
    """Sends so many requests, each batch to a new world; gives the number of each HTTP status so far."""
    kinds = [*MANIFESTS.items(), *PATHS.items(), *BODIES.items()]
    with Doors(server) as doors:
        while (left := inputs - doors.answers.total()) > 0:
            server.reset(**spoiler.one_of(WORLDS))
            end = doors.answers.total() + min(batch, left)
            while doors.answers.total() < end:
                kind, make = spoiler.one_of(kinds)
                _send(doors, spoiler, kind, make(spoiler.one_of(SIZES) + spoiler.one_of(range(10))))
            yield doors.answers


def _send(doors: Doors, spoiler: Spoiler, kind: str, made: Any) -> None:
    root = "/apis/v1beta1"
    if kind in PATHS:
        doors.request("GET", f"{root}/{made}")
    elif kind in BODIES:
        form = "upload" in made[0]
        headers = {"Content-Type": "multipart/form-data; boundary=b"} if form else None
        doors.request("POST", f"{root}/{made[0]}", made[1], headers)
    else:
        run = {"name": kind, "pipeline_spec": {"workflow_manifest": made}}
        doors.request("POST", f"{root}/runs", json.dumps(run).encode())
        doors.request("GET", f"{root}/runs?sort_by=status&page_size=2")
        doors.request(
            "POST",
            "/_fake_kfp/clock/advance",
            json.dumps({"seconds": spoiler.one_of((1, 60, 10**6, 10**12))}).encode(),
        )
