"""What a workflow owes to its server and to the server's release."""

from __future__ import annotations

from typing import Any

import pytest

from fake_kfp.ir.compiler.settings import CompilerSettings
from fake_kfp.versions.compiled import CompiledDialect as Dialect
from fake_kfp.versions.compiled import PodDialect
from tests.ir.compiling import Compiled, Json, dag, given, pipeline, run_by, task

IMPORTER = {"exec-import": {"importer": {"artifactUri": {"constant": "gs://b"}}}}
DRIVERS = ("system-container-driver", "system-dag-driver")


def compiled(dialect: Dialect | None = None, **settings: Any) -> Compiled:
    components = {"comp-import": run_by("exec-import"), "comp-sub": dag(b=task("comp-a", retryPolicy={}))}
    tasks = {"a": task("comp-a"), "i": task("comp-import"), "s": task("comp-sub")}
    return Compiled(
        pipeline(tasks, components, IMPORTER), CompilerSettings(dialect=dialect or Dialect(), **settings)
    )


def containers(workflow: Compiled) -> dict[str, Json]:
    """The containers that are KFP's own, by template."""
    return {
        name: template["initContainers"][0] if "initContainers" in template else template["container"]
        for name, template in workflow.templates.items()
        if "container" in template
    }


@pytest.mark.parametrize(
    ("settings", "arguments"),
    [
        ({"cache_disabled": True}, ["--cache_disabled"]),
        ({"log_level": "3"}, ["--log_level", "3"]),
        ({"log_level": ""}, ["--log_level", ""]),
        ({"publish_logs": "true", "cache_disabled": True}, ["--cache_disabled", "--publish_logs", "true"]),
    ],
)
def test_settings_are_told_to_every_container_last(settings: Json, arguments: list[str]) -> None:
    told = containers(compiled(**settings))
    assert set(told) == {*DRIVERS, "system-importer", "system-container-impl", "retry-system-container-impl"}
    for container in told.values():
        assert container["args"][-len(arguments) :] == arguments


def test_proxies_are_told_to_drivers_and_their_libraries() -> None:
    told = containers(compiled(http_proxy="p", no_proxy="n"))
    for name in DRIVERS:
        assert told[name]["args"][-6:] == ["--http_proxy", "p", "--https_proxy", "", "--no_proxy", "n"]
        names = [variable["name"] for variable in told[name]["env"]]
        assert names == ["http_proxy", "HTTP_PROXY", "no_proxy", "NO_PROXY"]
    assert "--http_proxy" not in told["system-importer"]["args"]


def test_images_and_commands_are_the_servers() -> None:
    images: Json = {
        "driver_image": "d",
        "driver_command": ("x", "y"),
        "launcher_image": "l",
        "launcher_command": ("z",),
    }
    told = containers(compiled(**images))
    assert {told[name]["image"] for name in DRIVERS} == {"d"}
    assert told["system-dag-driver"]["command"] == ["x", "y"]
    assert {told[name]["image"] for name in ("system-importer", "system-container-impl")} == {"l"}


def test_pods_may_run_as_a_user() -> None:
    assert compiled(run_as_user=7).spec["securityContext"] == {"runAsUser": 7}
    assert "securityContext" not in compiled().spec
    dialect = Dialect(workflow={"securityContext": {"runAsNonRoot": True}})
    assert compiled(dialect, run_as_user=7).spec["securityContext"] == {"runAsUser": 7, "runAsNonRoot": True}


def test_a_release_may_give_more_to_each_kind_of_pod() -> None:
    def more(kind: str) -> PodDialect:
        context = {"runAsNonRoot": True}
        return PodDialect(
            {"metadata": {"annotations": {"role": kind}}},
            {"securityContext": context},
            {"imagePullPolicy": kind},
        )

    dialect = Dialect(driver=more("driver"), importer=more("importer"), executor=more("executor"))
    templates = compiled(dialect).templates
    roles = {
        name: template["metadata"]["annotations"]["role"]
        for name, template in templates.items()
        if template.get("metadata")
    }
    assert roles == {
        **dict.fromkeys(DRIVERS, "driver"),
        "system-importer": "importer",
        "system-container-impl": "executor",
        "retry-system-container-impl": "executor",
    }
    assert all("securityContext" in templates[name]["container"] for name in roles)
    assert templates["system-container-impl"]["initContainers"][0]["imagePullPolicy"] == "executor"


def test_what_a_release_gives_to_pods_is_stronger_than_a_pipelines_own_metadata() -> None:
    annotation = "{{inputs.parameters.pod-metadata-annotation-key}}"
    dialect = Dialect(executor=PodDialect({"metadata": {"annotations": {annotation: "ours", "b": "c"}}}))
    kubernetes = {"deploymentSpec": {"executors": {"exec-a": {"podMetadata": {"annotations": {"x": "y"}}}}}}
    ir = pipeline({"a": task("comp-a")}, kubernetes=kubernetes)
    template = Compiled(ir, CompilerSettings(dialect=dialect)).templates["metadata-1-0-system-container-impl"]
    assert template["metadata"]["annotations"] == {annotation: "ours", "b": "c"}
    assert dialect.executor.template["metadata"]["annotations"] == {annotation: "ours", "b": "c"}


def test_a_release_may_tell_drivers_more() -> None:
    dialect = Dialect(
        run_arguments=("--created", "now"),
        server_arguments=("--server", "s"),
        metadata_arguments=("--store", "m"),
        container_driver_environment=({"name": "POD", "value": "p"},),
        retry_environment=({"name": "TRY", "value": "{{retries}}"},),
        launcher_memory="256Mi",
    )
    workflow = compiled(dialect)
    told = containers(workflow)
    for name in DRIVERS:
        arguments = told[name]["args"]
        assert arguments[arguments.index("--run_display_name") + 2 :][:2] == ["--created", "now"]
        assert arguments[-2:] == ["--server", "s"]
    assert told["system-importer"]["args"][-2:] == ["--store", "m"]
    assert [variable["name"] for variable in told["system-container-driver"]["env"]] == ["POD"]
    assert "env" not in told["system-dag-driver"]
    assert told["system-container-impl"]["resources"]["limits"]["memory"] == "256Mi"
    environments = {
        name: [variable["name"] for variable in workflow.templates[name]["container"]["env"]]
        for name in ("system-container-impl", "retry-system-container-impl")
    }
    assert [names[2:] for names in environments.values()] == [[], ["TRY"]]


@pytest.mark.parametrize("body", ["comp-a", "comp-sub"])
def test_a_release_may_tell_a_loops_drivers_whose_they_are(body: str) -> None:
    items = {"parameterIterator": {"items": {"raw": "[1]"}, "itemInput": "i"}}
    ir = pipeline({"each": task(body, **items)}, {"comp-sub": dag(b=task("comp-a"))})
    workflow = Compiled(ir, CompilerSettings(dialect=Dialect(loops_named=True)))
    (driver, _) = workflow.calls(f"{body}-each-iterator").values()
    (item_driver, _) = workflow.calls(f"{body}-iteration").values()
    assert given(driver)["task-name"] == given(item_driver)["task-name"] == "each"
