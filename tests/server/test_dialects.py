"""Speaking as one release or another."""

from __future__ import annotations

import base64
import io
import tarfile
from collections.abc import Callable, Iterator
from typing import Any

import grpc
import pytest

from fake_kfp import FakeKfp, OptionError
from fake_kfp.api import descriptors
from tests.server.calling import call, container, create_run, refusal, rest, workflow

LIST = "/api.RunService/ListRunsV1"
OLD_LIST = "/api.RunService/ListRuns"
READ = "/api.RunService/ReadArtifactV1"
V2_LIST = "/kubeflow.pipelines.backend.api.v2beta1.RunService/ListRuns"
WRITER = workflow(container("main", outputs={"artifacts": [{"name": "model", "path": "/model"}]}))

Connect = Callable[[FakeKfp], grpc.Channel]


@pytest.fixture(params=["socket", "in-process"])
def connect(request: pytest.FixtureRequest) -> Iterator[Connect]:
    """Opens a channel to a fake through either door."""
    channels: list[grpc.Channel] = []

    def connected(fake: FakeKfp) -> grpc.Channel:
        channels.append(
            fake.channel() if request.param == "in-process" else grpc.insecure_channel(fake.target)
        )
        return channels[-1]

    yield connected
    for channel in channels:
        channel.close()


def names_served(channel: grpc.Channel) -> set[str]:
    """The names under which ListRunsV1 is answered."""
    return {path for path in (LIST, OLD_LIST) if is_answered(channel, path)}


def is_answered(channel: grpc.Channel, path: str) -> bool:
    try:
        call(channel, path, like=LIST)
    except grpc.RpcError:
        return False
    return True


@pytest.mark.parametrize(
    ("version", "names"),
    [
        (None, {LIST, OLD_LIST}),
        ("1.8", {OLD_LIST}),
        ("1.8.22", {OLD_LIST}),
        ("2.0", {LIST}),
        ("2.5.0", {LIST}),
        ("2.14", {LIST}),
        ("2.15", {LIST}),
        ("2.17.0", {LIST}),
    ],
)
def test_a_named_release_has_the_names_of_its_days(
    fake_kfp: FakeKfp, connect: Connect, version: str | None, names: set[str]
) -> None:
    fake_kfp.reset(version=version)
    assert names_served(connect(fake_kfp)) == names


def test_a_name_of_another_release_is_an_unknown_method(fake_kfp: FakeKfp, connect: Connect) -> None:
    fake_kfp.reset(version="2.14")
    text = "unknown method ListRuns for service api.RunService"
    assert refusal(connect(fake_kfp), OLD_LIST, like=LIST) == ("UNIMPLEMENTED", text)


def test_rpcs_that_never_had_a_suffix_are_served_by_all(fake_kfp: FakeKfp, connect: Connect) -> None:
    channel = connect(fake_kfp)
    for version in ("1.8", "2.14", "2.15"):
        fake_kfp.reset(version=version)
        assert call(channel, "/api.JobService/ListJobs").total_size == 0


def test_1_8_knows_nothing_of_v2beta1(fake_kfp: FakeKfp, connect: Connect) -> None:
    fake_kfp.reset(version="1.8")
    code, text = refusal(connect(fake_kfp), V2_LIST)
    assert (code, text) == (
        "UNIMPLEMENTED",
        "unknown service kubeflow.pipelines.backend.api.v2beta1.RunService",
    )
    assert rest(fake_kfp.url, "GET", "/apis/v2beta1/healthz")[0] == 404
    assert rest(fake_kfp.url, "GET", "/apis/v2beta1/runs")[0] == 404
    assert rest(fake_kfp.url, "GET", "/apis/v1beta1/runs")[0] == 200


def test_reflection_shows_the_names_that_are_served(fake_kfp: FakeKfp) -> None:
    for version, name in (("1.8", "ListRuns"), ("2.15", "ListRunsV1")):
        fake_kfp.reset(version=version)
        methods = reflected_methods(fake_kfp, "api.RunService")
        assert name in methods
        assert len(methods) == (10 if version == "1.8" else 9)


def reflected_methods(fake: FakeKfp, service: str) -> list[str]:
    """The RPCs that a service has by reflection."""
    package = "grpc.reflection.v1"
    request = descriptors.message_class(f"{package}.ServerReflectionRequest")
    reply = descriptors.message_class(f"{package}.ServerReflectionResponse")
    file_class = descriptors.message_class("google.protobuf.FileDescriptorProto")
    with grpc.insecure_channel(fake.target) as channel:
        ask: Any = channel.stream_stream(
            f"/{package}.ServerReflection/ServerReflectionInfo", request.SerializeToString, reply.FromString
        )
        (answer,) = ask(iter([request(file_containing_symbol=service)]), timeout=120)
    file = file_class.FromString(answer.file_descriptor_response.file_descriptor_proto[0])
    found = [each for each in file.service if f"{file.package}.{each.name}" == service]
    return [method.name for method in found[0].method]


def written(fake: FakeKfp) -> tuple[str, str]:
    """A run that wrote an artifact: its id and its node's."""
    fake.task("main").writes(model=b"weights")
    run_id = create_run(fake, WRITER)
    return run_id, fake.runs.one().nodes[0].id


def content(archive: bytes) -> bytes:
    with tarfile.open(fileobj=io.BytesIO(archive), mode="r:gz") as tar:
        member = tar.extractfile(tar.getmembers()[0])
        assert member is not None
        return member.read()


def test_artifacts_are_read_by_rpc_until_2_14(fake_kfp: FakeKfp, connect: Connect) -> None:
    fake_kfp.reset(version="2.14")
    run_id, node_id = written(fake_kfp)
    reply = call(connect(fake_kfp), READ, run_id=run_id, node_id=node_id, artifact_name="model")
    assert content(reply.data) == b"weights"
    assert rest(fake_kfp.url, "POST", artifact_path(run_id, node_id))[0] == 501


def artifact_path(run_id: str, node_id: str, name: str = "model") -> str:
    return f"/apis/v1beta1/runs/{run_id}/nodes/{node_id}/artifacts/{name}:read"


@pytest.mark.parametrize("version", ["2.14", "2.15"])
def test_artifacts_are_read_over_rest_in_every_release(fake_kfp: FakeKfp, version: str) -> None:
    fake_kfp.reset(version=version)
    status, reply = rest(fake_kfp.url, "GET", artifact_path(*written(fake_kfp)))
    assert status == 200
    assert content(base64.b64decode(reply["data"])) == b"weights"


def test_from_2_15_on_no_rpc_reads_artifacts(fake_kfp: FakeKfp, connect: Connect) -> None:
    fake_kfp.reset(version="2.15")
    text = "unknown method ReadArtifactV1 for service api.RunService"
    assert refusal(connect(fake_kfp), READ) == ("UNIMPLEMENTED", text)
    assert rest(fake_kfp.url, "POST", artifact_path("r", "n"))[0] == 404


def test_from_2_15_on_what_is_not_there_is_told_in_the_handlers_own_form(fake_kfp: FakeKfp) -> None:
    fake_kfp.reset(version="2.15")
    run_id, node_id = written(fake_kfp)
    body = {"error_message": "artifact not found: <nil>", "error_details": "artifact not found: <nil>"}
    for path in (artifact_path("nobody", node_id), artifact_path(run_id, node_id, "report")):
        assert rest(fake_kfp.url, "GET", path) == (404, body)


def test_from_2_15_on_the_handler_knows_no_user(fake_kfp: FakeKfp) -> None:
    allow = [{"user": "ann", "namespace": "ns", "verbs": ["*"], "resources": ["*"]}]
    fake_kfp.reset(version="2.15", multi_user=True, allow=allow)
    headers = {"kubeflow-userid": "ann"}
    reference = {"key": {"type": "NAMESPACE", "id": "ns"}, "relationship": "OWNER"}
    experiment = {"name": "e", "resource_references": [reference]}
    _, made = rest(fake_kfp.url, "POST", "/apis/v1beta1/experiments", experiment, **headers)
    run = {
        "name": "r",
        "pipeline_spec": {"workflow_manifest": WRITER},
        "resource_references": [{"key": {"type": "EXPERIMENT", "id": made["id"]}, "relationship": "OWNER"}],
    }
    _, created = rest(fake_kfp.url, "POST", "/apis/v1beta1/runs", run, **headers)
    status, reply = rest(fake_kfp.url, "GET", artifact_path(created["run"]["id"], "n"), **headers)
    assert status == 403
    assert reply["error_message"].startswith("Failed to authorize the request: Failed to access run")


@pytest.mark.parametrize("version", ["1.7", "1.9", "3.0", "two", "", 2.14, True, "2"])
def test_a_release_that_never_was_is_refused(fake_kfp: FakeKfp, version: Any) -> None:
    with pytest.raises(OptionError, match="version is a text such as"):
        fake_kfp.reset(version=version)
