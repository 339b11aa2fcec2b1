"""v2beta1 through every door."""

from __future__ import annotations

from typing import Any

import grpc
import pytest

from fake_kfp import FakeKfp
from fake_kfp.versions import V2BETA1
from tests.server.calling import call, rest

SERVICE = f"/{V2BETA1}.ExperimentService"


@pytest.fixture(scope="module")
def fake() -> Any:
    with FakeKfp() as started:
        yield started


def _rest(fake: FakeKfp) -> tuple[str, str]:
    status, made = rest(fake.url, "POST", "/apis/v2beta1/experiments", {"display_name": "over REST"})
    assert status == 200
    shown = rest(fake.url, "GET", f"/apis/v2beta1/experiments/{made['experiment_id']}")[1]
    return made["experiment_id"], shown["display_name"]


def _grpc(fake: FakeKfp) -> tuple[str, str]:
    with grpc.insecure_channel(fake.target) as channel:
        return _over(channel, "over gRPC")


def _in_process(fake: FakeKfp) -> tuple[str, str]:
    with fake.channel() as channel:
        return _over(channel, "in process")


def _over(channel: grpc.Channel, name: str) -> tuple[str, str]:
    made = call(channel, f"{SERVICE}/CreateExperiment", experiment={"display_name": name})
    shown = call(channel, f"{SERVICE}/GetExperiment", experiment_id=made.experiment_id)
    return made.experiment_id, shown.display_name


@pytest.mark.parametrize("door", [_rest, _grpc, _in_process], ids=["REST", "gRPC", "in process"])
def test_what_one_door_makes_all_show(fake: FakeKfp, door: Any) -> None:
    identifier, name = door(fake)
    with fake.channel() as channel:
        assert call(channel, f"{SERVICE}/GetExperiment", experiment_id=identifier).display_name == name
    assert rest(fake.url, "GET", f"/apis/v2beta1/experiments/{identifier}")[1]["display_name"] == name


@pytest.mark.parametrize("service", ["AuthService", "VisualizationService", "HealthzService"])
def test_what_the_real_server_does_not_register_is_unknown(fake: FakeKfp, service: str) -> None:
    with grpc.insecure_channel(fake.target) as channel:
        stub: Any = channel.unary_unary(f"/{V2BETA1}.{service}/Anything")
        with pytest.raises(grpc.RpcError) as caught:
            stub(b"", timeout=120)
    error: Any = caught.value
    assert error.code() is grpc.StatusCode.UNIMPLEMENTED
    assert error.details() == f"unknown service {V2BETA1}.{service}"


def test_health_is_told_over_http_alone(fake: FakeKfp) -> None:
    status, health = rest(fake.url, "GET", "/apis/v2beta1/healthz")
    assert status == 200
    assert health["pipeline_store"] == "database"
    assert rest(fake.url, "GET", "/apis/v2beta1/auth") == (404, {"code": 5, "message": "Not Found"})


PIPELINE = """
pipelineInfo: {name: hello}
schemaVersion: 2.1.0
root: {dag: {tasks: {say: {componentRef: {name: comp-say}}}}}
components: {comp-say: {executorLabel: exec-say}}
deploymentSpec: {executors: {exec-say: {container: {image: busybox}}}}
"""


def _upload(fake: FakeKfp, place: str, file_name: str = "p.yaml") -> tuple[int, Any]:
    disposition = f'Content-Disposition: form-data; name="uploadfile"; filename="{file_name}"'
    body = f"--B\r\n{disposition}\r\n\r\n{PIPELINE}\r\n--B--\r\n".encode()
    content_type = {"Content-Type": "multipart/form-data; boundary=B"}
    return rest(fake.url, "POST", f"/apis/v2beta1/pipelines/{place}", body, **content_type)


def test_uploads_make_pipelines_and_versions(fake: FakeKfp) -> None:
    status, made = _upload(fake, "upload?display_name=Shown")
    assert status == 200
    assert (made["name"], made["display_name"]) == ("Shown", "Shown")
    assert "default_version" not in made
    status, version = _upload(fake, f"upload_version?pipelineid={made['pipeline_id']}")
    assert status == 200
    assert (version["name"], version["pipeline_id"]) == ("p.yaml", made["pipeline_id"])
    assert version["pipeline_spec"]["pipelineInfo"] == {"name": "hello"}
    assert _upload(fake, "upload?name=Shown")[0] == 409
