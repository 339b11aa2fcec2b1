"""Any bytes at all are answered, and leave the world as it was unless they mean something."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from http.client import HTTPException
from typing import Any
from urllib.parse import quote

from google.protobuf.message import DecodeError
from hypothesis import strategies as st

from fake_kfp import strategies
from fake_kfp.conformance.errors import ContractError, expect, expect_equal
from fake_kfp.conformance.rules.rule import REST, rule
from fake_kfp.conformance.server.dialects import (
    EXPERIMENT,
    JOB,
    PIPELINE_KIND,
    RUN,
    V1BETA1,
    V2BETA1,
    VERSION,
    Dialect,
)
from fake_kfp.conformance.server.doors import GrpcDoor, Reply, as_json
from fake_kfp.conformance.server.subject import Subject, Workspace, rpc
from fake_kfp.strategies import v2beta1

Json = dict[str, Any]

_STATUSES = (200, 400, 401, 403, 404, 409, 500, 501)
_OWN_FAULT = "failed inside the fake itself"
_POSTS: dict[Dialect, dict[str, str]] = {
    V1BETA1: {
        "experiments": EXPERIMENT,
        "runs": RUN,
        "jobs": JOB,
        "pipelines": PIPELINE_KIND,
        "pipeline_versions": VERSION,
        "workflows": "",
        "scheduledworkflows": "",
        "visualizations/n": "",
        "runs/unknown:reportMetrics": "",
    },
    V2BETA1: {
        "experiments": EXPERIMENT,
        "runs": RUN,
        "recurringruns": JOB,
        "pipelines": PIPELINE_KIND,
        "pipelines/create": PIPELINE_KIND,
        "pipelines/unknown/versions": VERSION,
        "workflows": "",
        "scheduledworkflows": "",
    },
}
"""Where a version takes bodies, and what comes of a good one."""
_RPCS = {V1BETA1: strategies.RPCS, V2BETA1: v2beta1.RPCS}


def bytes_for(name: str) -> st.SearchStrategy[bytes]:
    """Bytes for an RPC: random ones, messages of its type that are mostly nonsense, and those with a part cut or changed."""
    sent = strategies.messages(rpc(name).input_class.DESCRIPTOR.full_name)
    return st.binary(max_size=40) | sent | st.builds(_spoilt, sent, st.integers(0, 40), st.binary(max_size=3))


def _spoilt(data: bytes, at: int, patch: bytes) -> bytes:
    return data[:at] + patch + data[at + 1 :]


def _sent(dialect: Dialect) -> st.SearchStrategy[tuple[str, bytes]]:
    return st.sampled_from(_RPCS[dialect]).flatmap(lambda name: st.tuples(st.just(name), bytes_for(name)))


@rule(_sent, share=2)
def any_bytes_are_answered(subject: Subject, example: tuple[str, bytes]) -> None:
    """Bytes that are no request are refused; any bytes are answered, and unless they create something the world stays as it was."""
    name, data = example
    doors = [door for door in subject.doors.values() if isinstance(door, GrpcDoor)]
    if not doors:
        return
    door = subject.door if isinstance(subject.door, GrpcDoor) else doors[0]
    with Workspace(subject) as own:
        run = own.new(RUN)
        before = _world(own, run)
        subject.calls[name] += 1
        reply = door.send_bytes(rpc(name), data)
        expect(_is_message(name, data) or not reply.ok, f"{name} took bytes that are no message")
        expect(_OWN_FAULT not in reply.message, f"{name}: {reply.message}")
        _tidy(own, name, reply)
        expect_equal(_world(own, run), before, f"the world after {name} {data!r}")


def _is_message(name: str, data: bytes) -> bool:
    try:
        rpc(name).parse(data)
    except DecodeError:
        return False
    return True


def _tidy(own: Workspace, name: str, reply: Reply) -> None:
    """Random bytes may be a good request: what it made is deleted in the end."""
    dialect = own.subject.dialect
    for kind in (EXPERIMENT, RUN, JOB, PIPELINE_KIND):
        if reply.ok and name == dialect.rpc("Create", kind):
            own.made(kind, dialect.id_of(kind, dialect.inner(kind, reply.body)))


def _world(own: Workspace, run: str) -> list[Any]:
    """All that this workspace holds, as JSON."""
    subject, dialect = own.subject, own.subject.dialect
    shown = [as_json(subject.get(EXPERIMENT, own.experiment))]
    shown += [as_json(subject.get(RUN, run))] if subject.control else []
    return [*shown, *map(as_json, own.listed(JOB)), own.listed_ids(), dialect.version]


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-9, 9) | st.text(max_size=4) | st.floats(allow_nan=False),
    lambda inner: (
        st.lists(inner, max_size=2)
        | st.dictionaries(
            st.sampled_from(
                ["id", "name", "display_name", "pipeline_spec", "metrics", "trigger", "x", "key"]
            ),
            inner,
            max_size=3,
        )
    ),
    max_leaves=6,
)
_MANY = st.sampled_from([1, 40, 500])
"""How often a piece comes in shapes that cost a careless reader more than their length."""
_SHAPES = st.builds(
    lambda make, many: make(many).encode(),
    st.sampled_from(
        [
            lambda many: "[" * many,
            lambda many: '{"a":' * many + "1" + "}" * many,
            lambda many: '{"pipeline_spec":{"parameters":' + "[" * many + "]" * many + "}}",
            lambda many: "{" + ",".join(['"x":1'] * many) + "}",
            lambda many: '{"max_concurrency":' + "9" * many * 10 + "}",
            lambda many: '{"trigger":{"periodic_schedule":{"interval_second":"' + "9" * many * 10 + '"}}}',
        ]
    ),
    _MANY,
)
_BODIES = st.binary(max_size=30) | _JSON.map(lambda value: json.dumps(value).encode()) | _SHAPES


def _posted(dialect: Dialect) -> st.SearchStrategy[tuple[str, bytes]]:
    return st.tuples(st.sampled_from(sorted(_POSTS[dialect])), _BODIES)


@rule(_posted, needs=(REST,), share=2)
def any_body_is_answered(subject: Subject, example: tuple[str, bytes]) -> None:
    """Any body at all is answered in JSON with a status that fits, and unless it creates something the world stays as it was."""
    place, body = example
    with Workspace(subject) as own:
        run = own.new(RUN)
        before = _world(own, run)
        path = f"{subject.dialect.path}/{place}"
        sent = f"POST {path} {body!r}"
        status, reply = _answer(subject, sent, "POST", path, body, {}, _STATUSES)
        content = _content(sent, reply)
        if status == 200 and (kind := _POSTS[subject.dialect][place]):
            made = content.get("run", content)
            id = made.get(subject.dialect.kinds[kind].id)
            if id:
                own.made(kind, id)
        expect_equal(_world(own, run), before, f"the world after {sent}")


def _answer(
    subject: Subject,
    sent: str,
    verb: str,
    path: str,
    body: bytes | None,
    headers: Mapping[str, str],
    statuses: Collection[int],
) -> tuple[int, bytes]:
    """The status, one that fits, and the body of a reply over REST. A connection that ends without one is a breach of the contract."""
    rest = subject.rest
    assert rest is not None, "the rule needs REST"
    subject.calls[f"{verb} {path.partition('?')[0]}"] += 1
    try:
        status, reply = rest.exchange(verb, path, body, headers)
    except (ConnectionRefusedError, TimeoutError):
        raise  # no server, or a slow one: that says nothing of what was sent
    except (HTTPException, OSError) as error:
        raise ContractError(f"{sent} was not answered: {type(error).__name__}: {error}") from None
    expect(status in statuses, f"{sent}: HTTP {status}")
    expect(_OWN_FAULT.encode() not in reply, f"{sent}: {reply!r}")
    return status, reply


def _content(sent: str, reply: bytes) -> Json:
    """The JSON of a reply."""
    try:
        content: Json = json.loads(reply)
    except ValueError:
        raise ContractError(f"{sent} was answered without JSON: {reply[:200]!r}") from None
    return content


_PATTERNS = ["[", "(a|a)*", "a?", "(a{0,30})", "((", "%5B", "\\(", "9"]
_BOUNDARIES = ['"', '"\\(', "'", "=", ";a=b", ';boundary="b"', "((", "--"]
_LONG = {"X-Long": "a", "Accept": "a/b;", "Cookie": "a=b;", "Accept-Language": "(en|en)*"}


def _places_of(piece: str) -> list[str]:
    return [f"runs?{piece}", *(f"runs?{name}={quote(piece)}" for name in ("filter", "sort_by", "page_token"))]


_SENT: st.SearchStrategy[tuple[str, str, dict[str, str]]] = (
    st.builds(lambda piece, many: _places_of(piece * many), st.sampled_from(_PATTERNS), _MANY)
    .flatmap(st.sampled_from)
    .map(lambda place: ("GET", place, {}))
    | st.builds(
        lambda name, many: ("GET", "experiments", {name: _LONG[name] * many}),
        st.sampled_from(sorted(_LONG)),
        _MANY,
    )
    | st.builds(
        lambda piece, many: (
            "POST",
            "pipelines/upload",
            {"Content-Type": f"multipart/form-data; boundary={piece * many}"},
        ),
        st.sampled_from(_BOUNDARIES),
        _MANY,
    )
)
_ODD_STATUSES = (*_STATUSES, 413, 414, 431)
"""What is too long may be refused as that."""


@rule(_SENT, needs=(REST,))
def any_shape_is_answered(subject: Subject, example: tuple[str, str, dict[str, str]]) -> None:
    """Queries, headers and forms that cost a careless reader dearly are answered, the next call is, too, and the world stays as it was."""
    verb, place, headers = example
    with Workspace(subject) as own:
        run = own.new(RUN)
        before = _world(own, run)
        path = f"{subject.dialect.path}/{place}"
        sent = f"{verb} {path} {headers}"
        form = b"--b\r\n\r\n" if verb == "POST" else None
        _answer(subject, sent, verb, path, form, headers, _ODD_STATUSES)
        expect_equal(_world(own, run), before, f"the world after {sent}")


RULES = (any_bytes_are_answered, any_body_is_answered, any_shape_is_answered)
