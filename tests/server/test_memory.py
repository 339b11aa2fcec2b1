"""What the worst single requests take: sizes are looked at before memory is taken."""

from __future__ import annotations

import io
import json
import tracemalloc
import zipfile
import zlib
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from fake_kfp.deployment import Deployment
from fake_kfp.errors import KfpError
from fake_kfp.options import Options
from fake_kfp.services.auth.caller import Caller
from fake_kfp.services.pipelines.uploads import Upload, UploadRefused
from tests.server.calling import container, workflow

MOST = 64 << 20
"""Bytes above what a request brings and its reply takes away."""

V1 = "/api."
MEGABYTE = bytes(1 << 20)


def run_of(manifest: str) -> Callable[[Deployment], int]:
    """Makes a run of this and looks at it; gives how many bytes were sent and received."""

    def go(deployment: Deployment) -> int:
        size = len(manifest)
        try:
            run = {"name": "r", "pipeline_spec": {"workflow_manifest": manifest}}
            made = call(deployment, V1 + "RunService/CreateRunV1", run=run)
            found = call(deployment, V1 + "RunService/GetRunV1", run_id=made.run.id)
        except KfpError as error:
            return size + 3 * len(error.message)
        text = found.pipeline_runtime.workflow_manifest
        assert json.loads(text)["status"]["phase"] in ("Error", "Failed", "Succeeded")
        return size + 4 * len(text)  # as text and as bytes, with the run and on its way

    return go


def call(deployment: Deployment, rpc: str, **request: Any) -> Any:
    method = deployment.api.methods[rpc]
    return deployment.api.call(method, method.input_class(**request), Caller())


def upload_of(name: str, contents: bytes) -> Callable[[Deployment], int]:
    def go(deployment: Deployment) -> int:
        upload = Upload(name, contents, name="p")
        with pytest.raises(UploadRefused):
            deployment.visit().call(lambda inside: inside.services.uploads.pipeline(upload, Caller()))
        return len(contents)

    return go


def gzipped(pieces: Iterator[bytes]) -> bytes:
    packer = zlib.compressobj(1, wbits=31)
    return b"".join([*map(packer.compress, pieces), packer.flush()])


def zipped(pieces: Iterator[bytes]) -> bytes:
    made = io.BytesIO()
    with (
        zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive,
        archive.open("pipeline.yaml", "w", force_zip64=True) as file,
    ):
        for piece in pieces:
            file.write(piece)
    return made.getvalue()


def with_value(value: str) -> str:
    """A workflow in which this stands as the argument of a task."""
    arguments = {"parameters": [{"name": "p", "value": value}]}
    task = {"name": "a", "template": "work", "arguments": arguments}
    work = container("work", inputs={"parameters": [{"name": "p"}]})
    return workflow({"name": "main", "dag": {"tasks": [task]}}, work)


def doubling() -> str:
    """A template that calls itself with twice of what it was given."""
    twice = {"parameters": [{"name": "p", "value": "{{inputs.parameters.p}}{{inputs.parameters.p}}"}]}
    main = {
        "name": "main",
        "inputs": {"parameters": [{"name": "p"}]},
        "steps": [[{"name": "a", "template": "main", "arguments": twice}]],
    }
    return workflow(main, arguments={"parameters": [{"name": "p", "value": "x" * 1000}]})


def many_of_a_large_one() -> str:
    """A loop that hands the same long text to each of its tasks."""
    parameters = [{"name": "p", "value": "x" * 300_000}, {"name": "i", "value": "{{item}}"}]
    task = {
        "name": "a",
        "template": "work",
        "withSequence": {"count": "1000"},
        "arguments": {"parameters": parameters},
    }
    work = container("work", inputs={"parameters": [{"name": "p"}, {"name": "i"}]})
    return workflow({"name": "main", "dag": {"tasks": [task]}}, work)


def deep_items() -> str:
    task = {"name": "a", "template": "work", "withParam": "[" * 100_000}
    return workflow({"name": "main", "steps": [[task]]}, container("work"))


def wide_sequence() -> str:
    task = {"name": "a", "template": "work", "withSequence": {"count": "1000", "format": "%999999d"}}
    return workflow({"name": "main", "steps": [[task]]}, container("work"))


def doubled(start: str, step: str, times: int, end: str) -> str:
    lets = "".join(f"let a{n} = {step.format(f'a{n - 1}')}; " for n in range(1, times + 1))
    return f"{{{{={f'let a0 = {start}; ' + lets + end.format(f'a{times}')}}}}}"


LAUGHS = "a0: &a0 [x, x, x, x, x, x, x, x, x]\n" + "".join(
    f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]\n" for n in range(1, 10)
)
REPEATED = "sprig.repeat(999999, '\\n')"

WORST: dict[str, Callable[[], Callable[[Deployment], int]]] = {
    "a gzip member of 256 MiB": lambda: upload_of("p.tar.gz", gzipped(MEGABYTE for _ in range(256))),
    "a tarball of headers": lambda: upload_of("p.tar.gz", gzipped(b"x" * 512 for _ in range(100_000))),
    "a zip of 256 MiB": lambda: upload_of("p.zip", zipped(MEGABYTE for _ in range(256))),
    "aliases of aliases": lambda: run_of(LAUGHS),
    "deep YAML": lambda: run_of("[" * 100_000),
    "deep JSON": lambda: run_of('{"a":' * 100_000),
    "deep items": lambda: run_of(deep_items()),
    "arguments that double": lambda: run_of(doubling()),
    "a large argument for each of many": lambda: run_of(many_of_a_large_one()),
    "a wide sequence": lambda: run_of(wide_sequence()),
    "texts that double": lambda: run_of(with_value(doubled("repeat('x', 99999)", "{0} + {0}", 20, "{0}"))),
    "lists that double": lambda: run_of(with_value(doubled("[1, 2]", "[{0}, {0}]", 30, "toJSON({0})"))),
    "sprig.indent": lambda: run_of(with_value(f"{{{{=sprig.indent(999999, {REPEATED})}}}}")),
}


@pytest.mark.parametrize("name", WORST)
def test_the_worst_request_takes_little_memory(name: str) -> None:
    go = WORST[name]()
    deployment = Deployment(Options().with_changes({"now": "2024-01-01T00:00:00Z"}))
    tracemalloc.start()
    try:
        before, _ = tracemalloc.get_traced_memory()
        allowed = go(deployment) + MOST
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert (peak - before) >> 20 < allowed >> 20, "MiB"
