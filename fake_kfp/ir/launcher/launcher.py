"""The launcher of a container: publishes what the task's code gave, as it was scripted (``component/launcher_v2.go``)."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import Any

from fake_kfp.errors import KfpError
from fake_kfp.golang.json_text import Json, dumps_sorted, loads
from fake_kfp.ir.cache import ExecutionCache
from fake_kfp.ir.drivers.errors import DriverError, within
from fake_kfp.ir.drivers.options import read_flags
from fake_kfp.ir.drivers.outputs import LOGS, Launch
from fake_kfp.ir.launcher.publishing import publish, tell_dag
from fake_kfp.ir.metadata import Artifact, Execution, Metadata
from fake_kfp.ir.values import parsed, value_of
from fake_kfp.simulator.kubelet.outcomes import Outcome
from fake_kfp.simulator.kubelet.strict import UnscriptedError
from fake_kfp.store.objects import Objects

METRICS = "system.Metrics"


def read_launch(pod_spec_patch: str) -> Launch | None:
    """The command line in an executor's patched pod; None where the patch does not call the launcher."""
    try:
        patch = loads(pod_spec_patch)
        command: list[str] = patch["containers"][0]["command"]
        flags = read_flags(command[1 : command.index("--")])
        return Launch(
            flags["pipeline_name"],
            flags["run_id"],
            int(flags["execution_id"]),
            loads(flags["executor_input"]).get("outputs") or {},
            parsed(flags["component_spec"]),
            patch["containers"][0].get("args") or [],
        )
    except (ValueError, KeyError, IndexError, TypeError):
        return None


class Launcher:
    """Runs the launchers of one world. ``upwards``: they tell all dags around a task of its end, not only its own."""

    def __init__(
        self, metadata: Metadata, cache: ExecutionCache, objects: Objects, *, upwards: bool = False
    ) -> None:
        self._metadata = metadata
        self._cache = cache
        self._objects = objects
        self._upwards = upwards

    def fail(self, launch: Launch) -> None:
        """The task's code failed: nothing but that is published."""
        run = self._metadata.run(launch.run_id)
        execution = run.executions.get(launch.execution_id)
        if execution is not None:
            publish(execution, "FAILED", None, {})
            tell_dag(run, execution, upwards=self._upwards)

    def succeed(
        self,
        launch: Launch,
        outcome: Outcome,
        plausible: Callable[[Execution, str, str], Any],
        namespace: str,
        seconds: int,
    ) -> None:
        """The task's code succeeded. ``plausible`` gives values of what nobody scripted. Raises DriverError."""
        run = self._metadata.run(launch.run_id)
        with within("failed to execute component"):
            execution = run.executions.get(launch.execution_id)
            if execution is None:
                raise DriverError(
                    "failed to pre-publish Pod info to ML Metadata: execution"
                    f" ID={launch.execution_id} not found"
                )
            try:
                outputs = self._parameters(launch, execution, outcome, plausible)
                artifacts = self._artifacts(launch, outcome)
            except (DriverError, UnscriptedError):
                self.fail(launch)
                raise
            publish(execution, "COMPLETE", outputs, artifacts)
            tell_dag(run, execution, upwards=self._upwards)
            self._remember(launch, execution, namespace, seconds)

    def _parameters(
        self,
        launch: Launch,
        execution: Execution,
        outcome: Outcome,
        plausible: Callable[[Execution, str, str], Any],
    ) -> Json:
        declared = (launch.component.get("outputDefinitions") or {}).get("parameters") or {}
        values: Json = {}
        for name, place in (launch.outputs.get("parameters") or {}).items():
            kind = (declared.get(name) or {}).get("parameterType", "")
            path = place["outputFile"]
            with within(f'failed to read output parameter name="{name}" type="{kind}" path="{path}"'):
                if name in outcome.omitted:
                    raise DriverError(f"open {path}: no such file or directory")
                if name in outcome.parameters:
                    values[name] = value_of(outcome.parameters[name], kind)
                else:
                    values[name] = plausible(execution, name, kind)
        return values

    def _artifacts(self, launch: Launch, outcome: Outcome) -> dict[str, Artifact]:
        artifacts = {}
        for name, places in (launch.outputs.get("artifacts") or {}).items():
            place = places["artifacts"][0]
            kind = _title(name, place.get("type") or {})
            content = _content(name, outcome)
            if content is not None:
                self._objects.put(key_of(place["uri"]), content)
            about = {
                **(place.get("metadata") or {}),
                **(outcome.metrics if kind == METRICS else {}),
                "display_name": name,
                "store_session_info": session_info(place["uri"].partition("://")[0]),
            }
            artifacts[name] = self._metadata.new_artifact(kind, place["uri"], about)
        return artifacts

    def _remember(self, launch: Launch, execution: Execution, namespace: str, seconds: int) -> None:
        if not execution.fingerprint:
            return
        try:
            self._cache.add(
                execution.fingerprint,
                launch.pipeline_name,
                namespace,
                launch.run_id,
                execution.id,
                seconds,
            )
        except KfpError as error:
            raise DriverError(
                f"failed to create task: rpc error: code = {error.code.name} desc = {error.message}"
            ) from None


def key_of(uri: str) -> str:
    """The key of an object in its bucket (``objectstore/config.go: KeyFromURI``)."""
    return uri.partition("://")[2].partition("/")[2]


@lru_cache(maxsize=16)
def session_info(provider: str) -> str:
    """How to get at a store, as the metadata of its artifacts tell (``config/env.go: getDefaultMinioSessionInfo``)."""
    if provider != "minio":
        return dumps_sorted({"Provider": provider, "Params": {"fromEnv": "true"}})
    parameters = {
        "accessKeyKey": "accesskey",
        "disableSSL": "true",
        "endpoint": "minio-service.kubeflow:9000",
        "fromEnv": "false",
        "region": "minio",
        "secretKeyKey": "secretkey",
        "secretName": "mlpipeline-minio-artifact",
    }
    return dumps_sorted({"Provider": provider, "Params": parameters})


def _title(name: str, schema: Json) -> str:
    if "schemaTitle" in schema:
        title: str = schema["schemaTitle"]
        return title
    if "instanceSchema" in schema:
        first, _, rest = str(schema["instanceSchema"]).partition("title:")
        return rest.strip().splitlines()[0].strip() if rest.strip() else first
    raise DriverError(
        f'failed to determine schema for output "{name}": unknown type <nil> in ArtifactTypeSchema <nil>'
    )


def _content(name: str, outcome: Outcome) -> bytes | None:
    """What lies in the store: as scripted; a few words where nothing was; a log only where there was one. Tasks may write nothing."""
    if name in outcome.omitted:
        return None
    if name in outcome.artifacts:
        return outcome.artifacts[name]
    if name == LOGS:
        return None if outcome.log is None else outcome.log.encode()
    return f"fake_kfp: {name}\n".encode()
