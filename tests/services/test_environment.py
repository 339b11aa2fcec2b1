"""The server's environment: which variables a release reads, and what becomes of them."""

from __future__ import annotations

import json
import urllib.error
import urllib.request
from typing import Any

import pytest

from fake_kfp import FakeKfp, cli
from fake_kfp.conformance.server.plainest import PIPELINE
from fake_kfp.options import OptionError
from fake_kfp.services.environment import read_environment
from fake_kfp.versions import RELEASES, dialect_of

Json = dict[str, Any]
IR = json.dumps(PIPELINE)
V1 = {
    "apiVersion": "argoproj.io/v1alpha1",
    "kind": "Workflow",
    "metadata": {"generateName": "v1-"},
    "spec": {
        "entrypoint": "main",
        "templates": [{"name": "main", "container": {"image": "busybox", "command": ["true"]}}],
    },
}


def call(fake: FakeKfp, verb: str, path: str, body: Any = None, user: str = "") -> tuple[int, Json]:
    headers = {"Content-Type": "application/json", **({"kubeflow-userid": user} if user else {})}
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(fake.url + path, data, headers, method=verb)
    try:
        with urllib.request.urlopen(request) as reply:
            return reply.status, json.loads(reply.read())
    except urllib.error.HTTPError as error:
        return error.code, json.loads(error.read())


def workflow_of(version: str, **environment: str) -> Json:
    """The workflow of a run of a pipeline with one task."""
    with FakeKfp(version=version, environment=environment, seed=1) as fake:
        status, run = call(
            fake, "POST", "/apis/v2beta1/runs", {"display_name": "r", "pipeline_spec": json.loads(IR)}
        )
        assert status == 200, run
        shown = call(fake, "GET", f"/apis/v1beta1/runs/{run['run_id']}")[1]["pipeline_runtime"]
        found: Json = json.loads(shown.get("workflow_manifest") or shown["pipeline_manifest"])
        return found


def templates_of(version: str, **environment: str) -> dict[str, Json]:
    return {each["name"]: each for each in workflow_of(version, **environment)["spec"]["templates"]}


def flag(template: Json, name: str) -> str | None:
    arguments = template["container"]["args"]
    return arguments[arguments.index(name) + 1] if name in arguments else None


def test_drivers_and_launchers_are_those_of_the_deployment() -> None:
    made = templates_of(
        "2.17",
        V2_DRIVER_IMAGE="mine/driver",
        V2_DRIVER_COMMAND="driver --x",
        V2_LAUNCHER_IMAGE="mine/launcher",
        PIPELINE_LOG_LEVEL="3",
        CLUSTER_DOMAIN="cluster.test",
        ML_PIPELINE_SERVICE_NAME="kfp",
        POD_NAMESPACE="ours",
        METADATA_TLS_ENABLED="true",
    )
    driver = made["system-container-driver"]
    assert (driver["container"]["image"], driver["container"]["command"]) == (
        "mine/driver",
        ["driver", "--x"],
    )
    assert flag(driver, "--log_level") == "3"
    assert flag(driver, "--ml_pipeline_server_address") == "kfp.ours.svc.cluster.test"
    assert flag(driver, "--mlmd_server_address") == "metadata-grpc-service.ours.svc.cluster.test"
    assert "--metadata_tls_enabled" in driver["container"]["args"]
    (launcher,) = made["system-container-impl"]["initContainers"]
    assert launcher["image"] == "mine/launcher"
    assert "--metadata_tls_enabled" not in launcher["args"]


def test_a_proxy_comes_with_the_places_that_need_none() -> None:
    driver = templates_of("2.16", HTTP_PROXY="http://proxy", CLUSTER_DOMAIN="cluster.test")[
        "system-dag-driver"
    ]
    assert flag(driver, "--http_proxy") == "http://proxy"
    assert str(flag(driver, "--no_proxy")).startswith("localhost,127.0.0.1,.svc.cluster.test,")
    assert flag(templates_of("2.16", HTTP_PROXY="p", NO_PROXY="")["system-dag-driver"], "--no_proxy") == ""


@pytest.mark.parametrize(
    ("version", "environment", "volume", "mount", "flagged"),
    [
        (
            "2.17",
            {"CABUNDLE_CONFIGMAP_NAME": "trust", "CABUNDLE_KEY_NAME": "k"},
            {"name": "custom-ca", "configMap": {"name": "trust", "items": [{"key": "k", "path": "ca.crt"}]}},
            {"name": "custom-ca", "mountPath": "/kfp/certs"},
            True,
        ),
        (
            "2.16",
            {"CABUNDLE_SECRET_NAME": "s", "CABUNDLE_CONFIGMAP_NAME": "trust"},
            {
                "name": "custom-ca",
                "secret": {"secretName": "s", "items": [{"key": "ca.crt", "path": "ca.crt"}]},
            },
            {"name": "custom-ca", "mountPath": "/kfp/certs"},
            True,
        ),
        (
            "2.15",
            {"CABUNDLE_SECRET_NAME": "s", "METADATA_TLS_ENABLED": "1"},
            {"name": "ca-secret", "secret": {"secretName": "s"}},
            {"name": "ca-secret", "mountPath": "/kfp/certs"},
            True,
        ),
        (
            "2.14",
            {
                "EXECUTOR_CABUNDLE_CONFIGMAP_NAME": "trust",
                "EXECUTOR_CABUNDLE_CONFIGMAP_KEY": "k.pem",
                "EXECUTOR_CABUNDLE_MOUNTPATH": "/certs",
            },
            {"name": "ca-bundle", "configMap": {"name": "trust"}},
            {"name": "ca-bundle", "mountPath": "/certs/k.pem", "subPath": "k.pem"},
            False,
        ),
    ],
)
def test_certificates_are_given_as_the_release_does(
    version: str, environment: dict[str, str], volume: Json, mount: Json, flagged: bool
) -> None:
    made = templates_of(version, **environment)
    executor, driver = made["system-container-impl"], made["system-dag-driver"]
    assert executor["volumes"][-1] == volume
    assert executor["container"]["volumeMounts"][-1] == mount
    assert (flag(driver, "--ca_cert_path") == "/kfp/certs/ca.crt") == flagged
    assert (driver.get("volumes", []) == [volume]) == flagged
    names = [variable["name"] for variable in executor["container"]["env"]]
    assert ("REQUESTS_CA_BUNDLE" in names) == (not flagged)


def test_a_release_reads_only_what_it_knows() -> None:
    plain = templates_of("2.14")
    assert templates_of("2.14", CABUNDLE_SECRET_NAME="s", CLUSTER_DOMAIN="x") == plain
    secret = {"CABUNDLE_SECRET_NAME": "s"}
    assert read_environment(secret, dialect_of("2.15")).compiler.certificates is None  # nothing is encrypted


def test_the_environment_is_empty_unless_told() -> None:
    for release in RELEASES:
        dialect = dialect_of(release)
        assert read_environment({}, dialect).pod_namespace == "kubeflow"


@pytest.mark.parametrize(("version", "status"), [("2.14", 200), ("2.15", 400), ("2.17", 400)])
def test_namespaces_of_pipelines_may_be_required(version: str, status: int) -> None:
    rules = [{"user": "ann", "namespace": "*", "verbs": ["*"], "resources": ["*"]}]
    environment = {"REQUIRE_NAMESPACE_FOR_PIPELINES": "true"}
    with FakeKfp(version=version, multi_user=True, allow=rules, environment=environment) as fake:
        for verb, path, body in [
            ("GET", "/apis/v2beta1/pipelines", None),
            ("GET", "/apis/v1beta1/pipelines", None),
            ("POST", "/apis/v2beta1/pipelines", {"display_name": "p", "name": "p"}),
        ]:
            got, reply = call(fake, verb, path, body, "ann")
            assert got == status, reply
            assert ("Namespace is required for pipeline operations" in json.dumps(reply)) == (status == 400)
        assert call(fake, "GET", "/apis/v2beta1/pipelines?namespace=ns", user="ann")[0] == 200
        upload = urllib.request.Request(
            f"{fake.url}/apis/v2beta1/pipelines/upload?name=u",
            b'--b\r\nContent-Disposition: form-data; name="uploadfile"; filename="p.yaml"\r\n\r\n'
            + IR.encode()
            + b"\r\n--b--\r\n",
            {"Content-Type": "multipart/form-data; boundary=b", "kubeflow-userid": "ann"},
        )
        if status == 200:
            urllib.request.urlopen(upload).close()
            return
        with pytest.raises(urllib.error.HTTPError) as refused:
            urllib.request.urlopen(upload)
        assert refused.value.read() == b"Invalid input error: Namespace is required for pipeline operations\n"


def test_reading_may_be_everybodys() -> None:
    with FakeKfp(multi_user=True, environment={"MULTIUSER_SHARED_READ": "true"}) as fake:
        assert call(fake, "GET", "/apis/v2beta1/experiments?namespace=ns")[0] == 200
        made = {"display_name": "e", "namespace": "ns"}
        assert call(fake, "POST", "/apis/v2beta1/experiments", made, "ann")[0] == 403


@pytest.mark.parametrize(
    ("version", "allowed", "status"), [("2.16", "", 200), ("2.17", "", 400), ("2.17", "other, Kubeflow", 200)]
)
def test_runs_of_version_1_may_be_blocked(version: str, allowed: str, status: int) -> None:
    environment = {"BLOCK_V1_PIPELINES": "true", "V1_ALLOWED_NAMESPACES": allowed}
    with FakeKfp(version=version, environment=environment) as fake:
        source = {"pipeline_spec": {"workflow_manifest": json.dumps(V1)}, "name": "x"}
        schedule = {"max_concurrency": "1", "trigger": {"periodic_schedule": {"interval_second": "9"}}}
        for kind, record in (("runs", source), ("jobs", source | schedule)):
            got, reply = call(fake, "POST", f"/apis/v1beta1/{kind}", record)
            assert got == status, reply
            text = "Namespace kubeflow is not allowed to run v1 pipelines"
            assert (text in json.dumps(reply)) == (status == 400)
        run = {"display_name": "r", "pipeline_spec": json.loads(IR)}
        assert call(fake, "POST", "/apis/v2beta1/runs", run)[0] == 200


def test_what_plugins_are_told_is_limited() -> None:
    with FakeKfp(version="2.17", environment={"PLUGIN_MAX_KEYS": "1"}) as fake:
        run = {"display_name": "r", "pipeline_spec": json.loads(IR), "plugins_input": {"a": {}, "b": {}}}
        status, reply = call(fake, "POST", "/apis/v2beta1/runs", run)
        assert (status, "exceeds maximum 1" in reply["message"]) == (400, True)


def test_health_endpoints_tell_the_build() -> None:
    with FakeKfp(environment={"TAG_NAME": "2.14.3", "COMMIT_SHA": "abc"}) as fake:
        told = call(fake, "GET", "/apis/v2beta1/healthz")[1]
    assert (told["tag_name"], told["commit_sha"]) == ("2.14.3", "abc")


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        ("NOPE", "1", "'NOPE' is not modelled; there are: "),
        ("BLOCK_V1_PIPELINES", "yes", "BLOCK_V1_PIPELINES is true or false, not 'yes'"),
        ("PLUGIN_MAX_KEYS", "0", "PLUGIN_MAX_KEYS is a whole number, 1 or more"),
        ("PLUGIN_MAX_PAYLOAD_BYTES", "999999", "PLUGIN_MAX_TOTAL_PAYLOAD_BYTES is at least"),
    ],
)
def test_what_can_not_be_is_refused(name: str, value: str, words: str) -> None:
    with pytest.raises(OptionError, match=words):
        FakeKfp(environment={name: value})


def test_the_command_line_takes_one_variable_at_a_time() -> None:
    arguments = ["serve", "--env", "TAG_NAME=a=b", "--env", "POD_NAMESPACE=x"]
    assert cli.parser().parse_args(arguments).environment == [("TAG_NAME", "a=b"), ("POD_NAMESPACE", "x")]
    with pytest.raises(SystemExit):
        cli.parser().parse_args(["serve", "--env", "TAG_NAME"])
