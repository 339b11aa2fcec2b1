"""Which request reaches which RPC, and what is said to the others."""

from __future__ import annotations

import json
from typing import Any

import pytest

from fake_kfp.api import descriptors

NOT_FOUND = (404, 5, "Not Found")
NOT_ALLOWED = (501, 12, "Method Not Allowed")


@pytest.mark.parametrize(
    ("method", "target", "rpc", "fields"),
    [
        ("GET", "/apis/v1beta1/experiments", "ListExperimentsV1", {}),
        ("GET", "/apis/v1beta1/experiments/a", "GetExperimentV1", {"id": "a"}),
        ("GET", "/apis/v1beta1/experiments/", "GetExperimentV1", {"id": ""}),
        ("DELETE", "/apis/v1beta1/experiments/a:archive", "DeleteExperimentV1", {"id": "a:archive"}),
        ("GET", "/apis/v1beta1/experiments/a:archive", "GetExperimentV1", {"id": "a:archive"}),
        ("POST", "/apis/v1beta1/experiments/a:archive", "ArchiveExperimentV1", {"id": "a"}),
        ("POST", "/apis/v1beta1/experiments/a%3Aarchive", "ArchiveExperimentV1", {"id": "a"}),
        (
            "POST",
            "/apis/v1beta1/experiments/a:unarchive:archive",
            "ArchiveExperimentV1",
            {"id": "a:unarchive"},
        ),
        ("GET", "/apis/v1beta1/pipelines/a%2Ftemplates", "GetTemplate", {"id": "a"}),
        ("GET", "/apis/v1beta1/experiments/a%20b+c%2Bd%25e;f", "GetExperimentV1", {"id": "a b+c+d%e;f"}),
        ("GET", "/apis/v1beta1/experiments/%E4%BD%A0?x=1", "GetExperimentV1", {"id": "你"}),
        ("GET", "/apis/v1beta1/experiments/%00", "GetExperimentV1", {"id": "\0"}),
        (
            "GET",
            "/apis/v1beta1/namespaces/n/pipelines/p",
            "GetPipelineByNameV1",
            {"namespace": "n", "name": "p"},
        ),
        (
            "GET",
            "/apis/v1beta1/runs/r/nodes/n/artifacts/a:read",
            "ReadArtifactV1",
            {"run_id": "r", "node_id": "n", "artifact_name": "a"},
        ),
        ("GET", "/apis/v2beta1/pipelines/names/versions", "ListPipelineVersions", {"pipeline_id": "names"}),
        ("GET", "http://somewhere/apis/v1beta1/runs/r", "GetRunV1", {"run_id": "r"}),
    ],
)
def test_a_path_leads_to_its_rpc(
    door: Any, method: str, target: str, rpc: str, fields: dict[str, str]
) -> None:
    name, request = door.asked(method, target)
    assert name == rpc
    assert {field.name: value for field, value in request.ListFields()} == {
        k: v for k, v in fields.items() if v
    }


@pytest.mark.parametrize(
    ("method", "target"),
    [
        ("GET", "/apis/"),
        ("GET", "/apis/v1beta1"),
        ("GET", "/apis/v1beta1/nope"),
        ("GET", "/apis/v1beta1/Experiments"),
        ("GET", "/apis/v1beta1/healthz/"),
        ("GET", "/apis/v1beta1/tasks"),
        ("GET", "/apis/v2beta1/auth"),
        ("GET", "/apis/v1beta1/experiments/a%2Fb"),
        ("GET", "/apis/v1beta1/runs/a/nodes"),
        ("GET", "/apis/v1beta1/runs/r/nodes/n/artifacts/a"),
        ("GET", "/apis/v1beta1/runs/r/nodes/n/artifacts/:read"),
        ("POST", "/apis/v1beta1/experiments/:archive"),
        ("POST", "/apis/v1beta1/experiments:archive"),
        ("POST", "/apis/v1beta1/experiments/a/:archive"),
    ],
)
def test_under_apis_an_unknown_path_is_not_found(door: Any, method: str, target: str) -> None:
    assert door.refusal(method, target) == NOT_FOUND


@pytest.mark.parametrize("target", ["/", "/nope", "/apis", "/_fake_kfp"])
def test_elsewhere_there_is_no_page(door: Any, target: str) -> None:
    response = door.send("GET", target)
    assert (response.status, response.body) == (404, b"404 page not found\n")
    assert response.content_type == "text/plain; charset=utf-8"


@pytest.mark.parametrize(
    ("method", "target"),
    [
        ("PUT", "/apis/v1beta1/experiments"),
        ("HEAD", "/apis/v1beta1/experiments"),
        ("get", "/apis/v1beta1/experiments"),
        ("FOO", "/apis/v1beta1/experiments"),
        ("POST", "/apis/v1beta1/experiments/"),
        ("POST", "/apis/v1beta1/experiments/a"),
        ("POST", "/apis/v1beta1/experiments/a:foo"),
        ("POST", "/apis/v1beta1/experiments/a:ARCHIVE"),
        ("GET", "/apis/v1beta1/jobs/a/enable"),
    ],
)
def test_a_known_path_takes_only_its_methods(door: Any, method: str, target: str) -> None:
    assert door.refusal(method, target) == NOT_ALLOWED


@pytest.mark.parametrize(
    ("target", "location"),
    [
        ("//", "/"),
        ("/apis//v1beta1/runs", "/apis/v1beta1/runs"),
        ("/apis/v1beta1/./runs?x=1", "/apis/v1beta1/runs?x=1"),
        ("/apis/v1beta1/jobs/../runs/", "/apis/v1beta1/runs/"),
        ("/apis/v1beta1/runs//", "/apis/v1beta1/runs/"),
        ("/apis/v1beta1/runs/a%2F%2Fb", "/apis/v1beta1/runs/a/b"),
        ("/apis/v1beta1/runs/..%2Fx%20y", "/apis/v1beta1/x%20y"),
        ("/pipeline/apis//v1beta1/runs", "/pipeline/apis/v1beta1/runs"),
    ],
)
def test_an_unclean_path_is_sent_elsewhere(door: Any, target: str, location: str) -> None:
    response = door.send("POST", target, b"{}")
    assert (response.status, response.body, response.content_type) == (301, b"", "")
    assert response.headers == (("Location", location),)


@pytest.mark.parametrize("target", ["/apis/v1beta1/runs/%zz", "/apis/%", "apis", "", "/a\x7fb", "*"])
def test_a_target_that_is_none_is_a_bad_request(door: Any, target: str) -> None:
    response = door.send("GET", target)
    assert (response.status, response.body) == (400, b"400 Bad Request")
    assert response.content_type == "text/plain; charset=utf-8"


@pytest.mark.parametrize(
    "prefix",
    [
        "/pipeline",
        "/api/v1/namespaces/kubeflow/services/ml-pipeline:8888/proxy",
        "/api/v1/namespaces/kubeflow/services/http:ml-pipeline:http/proxy",
    ],
)
def test_a_prefix_does_not_matter(door: Any, prefix: str) -> None:
    assert door.asked("GET", prefix + "/apis/v1beta1/runs/r")[0] == "GetRunV1"
    assert door.send("GET", prefix + "/apis/v1beta1/healthz").status == 200
    assert door.send("GET", prefix).status == 404


def test_no_prefix_is_taken_for_another_word(door: Any) -> None:
    assert door.send("GET", "/pipelines/apis/v1beta1/runs").status == 404


@pytest.mark.parametrize("method", ["GET", "POST", "DELETE", "HEAD"])
def test_health_answers_every_method(door: Any, method: str) -> None:
    response = door.send(method, "/apis/v1beta1/healthz?x=1", b"junk")
    assert json.loads(response.body) == {"commit_sha": "unknown", "tag_name": "unknown", "multi_user": False}
    second = door.send(method, "/apis/v2beta1/healthz")
    assert json.loads(second.body)["pipeline_store"] == "database"


def test_mounts_get_the_variable_parts(door: Any) -> None:
    log = door.send("GET", "/apis/v1alpha1/runs/r%20x/nodes/n/log")
    assert json.loads(log.body) == {"run": "r x", "node": "n"}
    assert door.refusal("GET", "/apis/v1alpha1/runs/r/nodes/n/m/log") == NOT_FOUND


def test_control_calls_are_passed_on_as_they_are(door: Any) -> None:
    response = door.send("PUT", "/_fake_kfp/objects/a%2Fb//c?x")
    assert json.loads(response.body) == {"call": "objects/a%2Fb//c"}


def test_every_binding_of_the_served_services_can_be_reached(door: Any) -> None:
    unserved = ("HealthzService", "v2beta1.AuthService", "v2beta1.VisualizationService")
    for name, method in descriptors.methods().items():
        if any(service in name for service in unserved):
            continue
        for rule in method.rules:
            path = rule.path.replace("{", "x-").replace("}", "")
            assert (
                door.asked(rule.verb, path, b"" if "workflows" in path else b"{}")[0]
                == name.rpartition("/")[2]
            )
