"""What is no RPC: uploads of texts and archives, and the control endpoints, each good and spoilt."""

from __future__ import annotations

import gzip
import io
import json
import tarfile
import zipfile
from collections import Counter
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple
from urllib.parse import quote

from fake_kfp import strategies
from fake_kfp.conformance.server.plainest import MANIFEST, PIPELINE
from fake_kfp.strategies.requests import Known
from tests.fuzz.doors import Doors
from tests.fuzz.inputs import drawn
from tests.fuzz.server import FuzzedServer
from tests.fuzz.spoiling import Spoiler

SPOILT = 9
"""How many inputs are made of one that was drawn."""

_BOUNDARY = "b"
_FORM = {"Content-Type": f"multipart/form-data; boundary={_BOUNDARY}"}


class Place(NamedTuple):
    """A request to a place, and which key of its body is never spoilt: what would keep the second client from its answers."""

    verb: str
    path: str
    body: Any
    kept: str = ""


_RUN = {
    "name": "r",
    "manifest": MANIFEST,
    "parameters": {"a": "b"},
    "state": "RUNNING",
    "nodes": {"main": {"phase": "Running"}},
}
_TASK = {
    "task": "main*",
    "run": "r*",
    "fails": {"exit_code": 1, "message": "m"},
    "times": 2,
    "takes": {"minutes": 5},
}
_FAULT = {
    "call": "ArchiveRun*",
    "fails": "UNAVAILABLE",
    "message": "m",
    "details": "d",
    "times": 2,
    "when": {"run": "r*", "state": "RUNNING"},
}
_SEED = {
    "fake_kfp": 1,
    "now": "2024-01-01T00:00:00Z",
    "experiments": [{"name": "e"}],
    "pipelines": [{"name": "p", "manifest": PIPELINE}],
    "jobs": [{"name": "j", "pipeline": "p", "every": 3600, "enabled": False}],
    "runs": [{"name": "r", "pipeline": "p", "state": "SUCCEEDED"}],
    "scripts": [_TASK],
}  # fmt: skip
_CONTROL = (
    Place("POST", "reset", {"simulation": "clocked", "now": "2024-01-01T00:00:00Z", "speed": 60, "step": 1, "seed": 1}),
    Place("POST", "worlds", {"name": "w", "simulation": "manual"}),
    Place("DELETE", "worlds/w", {}),
    Place("PUT", "seed", _SEED),
    Place("GET", "snapshot", None),
    Place("POST", "clock/advance", {"hours": 1, "minutes": 3}),
    Place("POST", "clock/sleep", {"seconds": 60}),
    Place("POST", "clock/run_until", {"moment": "2099-01-01T00:00:00Z", "run": "r*", "state": "RUNNING", "timeout": 60}),
    Place("POST", "experiments", {"name": "x", "created": "2024-01-01T00:00:00Z"}),
    Place("POST", "pipelines", {"name": "y", "manifest": PIPELINE, "tags": {"a": "b"}}),
    Place("POST", "jobs", {"name": "z", "manifest": MANIFEST, "cron": "0 0 * * * *", "max_concurrency": 2, "enabled": False}, "enabled"),
    Place("POST", "runs", _RUN),
    Place("GET", "runs?name=r&state=RUNNING&limit=5", None),
    Place("GET", "runs/r/tree", None),
    Place("GET", "runs/r/svg", None),
    Place("POST", "tasks", _TASK),
    Place("POST", "runs/r/tasks/main", {"phase": "Succeeded", "outputs": {"parameters": [{"name": "a", "value": "b"}]}}),
    Place("POST", "runs/r/settle", {}),
    Place("POST", "runs/r/wait", {"timeout": 60}),
    Place("POST", "faults", _FAULT, "call"),
    Place("GET", "journal/GetRun*?transport=REST", None),
    Place("POST", "journal/assert", {"call": "GetRun*", "with": {"run_id": "a"}, "times": 1}),
    Place("POST", "journal/assert_order", {"calls": ["GetRun*", "/apis/*/runs"]}),
    Place("PUT", "objects/a/b", {"any": "bytes"}),
    Place("GET", "objects/a/b", None),
    Place("PUT", "urls/http%3A%2F%2Fx%2Fy.yaml", {"any": "bytes"}),
)  # fmt: skip


def fuzz_places(server: FuzzedServer, spoiler: Spoiler, inputs: int, batch: int) -> Iterator[Counter[str]]:
    """Sends so many uploads and control calls in turn, each batch to a new world; gives the number of each HTTP status so far."""
    texts = strategies.manifests(2) | strategies.bad_manifests() | strategies.pipeline_texts(2, 1)
    with Doors(server) as doors:
        while (left := inputs - doors.answers.total()) > 0:
            known = server.furnish()
            for text in drawn(texts, min(batch, left) // (2 * SPOILT + 2) or 1):
                _upload(doors, spoiler, known, text.encode())
                place = spoiler.one_of(_CONTROL)
                if place.path.startswith("clock"):  # ages go by, and recurring runs would make a run an hour
                    server.reset()
                _control(doors, spoiler, place)
            yield doors.answers


def _upload(doors: Doors, spoiler: Spoiler, known: Known, text: bytes) -> None:
    """One good upload; then the text, what it is packed in, the form or the query are spoilt."""
    name, pack = spoiler.one_of(_PACKED)
    for turn in range(SPOILT + 1):
        content = pack(spoiler.data(text) if turn % 3 == 1 else text)
        form = _form(name, spoiler.data(content) if turn % 3 == 2 else content)
        if turn and turn % 3 == 0:
            form = spoiler.data(form)
        version = spoiler.one_of(("v1beta1", "v2beta1"))
        call, query = spoiler.one_of(
            (("upload", "name=n"), ("upload_version", f"name=n&pipelineid={known.pipeline}"))
        )
        query = spoiler.text(query) if turn % 2 else query
        doors.request("POST", f"/apis/{version}/pipelines/{call}?{query}", form, _FORM)


def _form(name: str, content: bytes) -> bytes:
    head = f'--{_BOUNDARY}\r\nContent-Disposition: form-data; name="uploadfile"; filename="{name}"\r\n\r\n'
    return head.encode() + content + f"\r\n--{_BOUNDARY}--\r\n".encode()


def _zipped(content: bytes) -> bytes:
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as file:
        file.writestr("pipeline.yaml", content)
    return archive.getvalue()


def _tarred(content: bytes) -> bytes:
    archive = io.BytesIO()
    with tarfile.open(fileobj=archive, mode="w:gz") as file:
        member = tarfile.TarInfo("pipeline.yaml")
        member.size = len(content)
        file.addfile(member, io.BytesIO(content))
    return archive.getvalue()


_PACKED: tuple[tuple[str, Callable[[bytes], bytes]], ...] = (
    ("f.yaml", bytes),
    ("f.json", bytes),
    ("f.zip", _zipped),
    ("f.tar.gz", _tarred),
    ("f.tar.gz", gzip.compress),
)


def _control(doors: Doors, spoiler: Spoiler, place: Place) -> None:
    """One good call, then its body or its path spoilt. What it said of faults is taken back at once."""
    for turn in range(SPOILT + 1):
        path, body = place.path, place.body
        if turn and (body is None or turn % 3 == 0):
            path = quote(spoiler.text(path), safe="/?=&%*")
        elif turn:
            body = spoiler.value(body)
            if place.kept and isinstance(body, dict):
                body = {**body, place.kept: place.body[place.kept]}
        content = None if body is None else json.dumps(body).encode()
        doors.request(place.verb, f"/_fake_kfp/{path}", content)
    doors.request("DELETE", "/_fake_kfp/faults")
