"""What the executor of a simulated pod reports when it ends: outputs with plausible values, artifacts and logs in the store.

``cmd/argoexec/commands/wait.go``, ``workflow/executor/executor.go``, ``cmd/argoexec/commands/emissary.go``: whatever becomes of main, its
result, parameters, artifacts and logs are saved, in this order, as far as it has written them.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cached_property
from posixpath import normpath
from typing import NamedTuple, Protocol, TypeVar

from fake_kfp.golang.json_text import Json
from fake_kfp.simulator.cluster.workflow import Pod, Workflow
from fake_kfp.simulator.kubelet.archives import packed
from fake_kfp.simulator.kubelet.consumers import Consumers
from fake_kfp.simulator.kubelet.outcomes import Outcome, log_of
from fake_kfp.simulator.kubelet.resources import Resource
from fake_kfp.simulator.manifests import normalise
from fake_kfp.store.objects import Objects

T = TypeVar("T")

RESULT = "result"
"""What main prints, as an output."""

_MAIN = "main"
_OUTPUTS, _MOUNTED = "/var/run/argo/outputs", "/mainctrfs"
_NO_SUCH_FILE = "no such file or directory"
_LOCATIONS = ("s3", "gcs", "oss", "azure", "hdfs", "http", "git", "raw", "artifactory")
_LONGEST_RESULT = 256 * 1024


class Report(NamedTuple):
    """Argo's outputs of a pod, None where it has none, and the first thing that the executor could not do; empty if it could all."""

    outputs: Json | None
    error: str = ""


class Values(Protocol):
    """Knows values for outputs that nobody scripted."""

    def of(self, pod: Pod, output: str) -> str:
        """A value for an output parameter of a pod, or its ``result``."""


class Executor:
    """The executors of one workflow's pods."""

    def __init__(self, workflow: Workflow, objects: Objects, values: Values) -> None:
        self._workflow = workflow
        self._objects = objects
        self._values = values
        self._consumers = Consumers(workflow)

    def report(self, pod: Pod, outcome: Outcome) -> Report:
        """What is reported of a pod that ended, by what its template is, in Go's form; artifacts are put into the store."""
        outputs, error = self._found(pod, outcome)
        if outputs is not None and pod.template.get("outputs"):
            outputs = normalise(outputs, "v1alpha1.Outputs")
        return Report(outputs, error)

    def _found(self, pod: Pod, outcome: Outcome) -> Report:
        if outcome.saved == "nothing":
            return Report(None)
        succeeded = _main_was_well(outcome)
        for kind, report in _OTHERS.items():
            if pod.template.get(kind):
                return Report(report(self, pod, outcome) if succeeded else None)
        return self._saved(pod, outcome)

    def _saved(self, pod: Pod, outcome: Outcome) -> Report:
        """What the wait container saves of containers and scripts."""
        declared = pod.template.get("outputs") or {}
        parameters, error = self._parameters(pod, declared.get("parameters") or [], outcome)
        artifacts, missing = self._artifacts(pod, declared.get("artifacts") or [], outcome)
        lists = {"parameters": parameters, "artifacts": artifacts + self._logs(pod, outcome)}
        outputs: Json = {key: value for key, value in lists.items() if value}
        result = self._result(pod, outcome)
        if result is not None:
            outputs["result"] = result
        return Report(outputs or None, error or missing)

    # ------------------------------------------------------------ what containers leave

    def _result(self, pod: Pod, outcome: Outcome) -> str | None:
        """What main printed, if its parent's template asks for it, or a script says so."""
        said = outcome.parameters.get("result")
        if said is None and not self._consumers.take_result(pod):
            return None
        if said is None:
            said = self._values.of(pod, RESULT) if _main_was_well(outcome) else ""
        return said.removesuffix("\n")[-_LONGEST_RESULT:]

    def _parameters(self, pod: Pod, declared: list[Json], outcome: Outcome) -> tuple[list[Json], str]:
        """The declared parameters, those that are read from files with their values; the first that can't be read is the last looked at."""
        saved, error = [], ""
        for each in declared:
            source = each.get("valueFrom") or {}
            if error or not source.get("path"):
                saved.append(each)
                continue
            value = self._written_parameter(pod, each["name"], outcome)
            if value is None:
                value = source.get("default")
            if value is None:
                error = _missing(pod, source["path"], "parameters", "")
                saved.append(each)
            else:
                saved.append({**each, "value": str(value).removesuffix("\n")})
        return saved, error

    def _written_parameter(self, pod: Pod, name: str, outcome: Outcome) -> str | None:
        if outcome.saved != "outputs" or _names(pod, name, outcome.omitted):
            return None
        value = _scripted(pod, name, outcome.parameters)
        if value is None and _main_was_well(outcome):
            value = self._values.of(pod, name)
        return value

    def _artifacts(self, pod: Pod, declared: list[Json], outcome: Outcome) -> tuple[list[Json], str]:
        saved, errors = [], ""
        for each in declared:
            content = self._written_artifact(pod, each, outcome)
            if content is not None:
                saved.append(self._store(pod, each, content))
            elif not each.get("optional"):
                errors += _missing(pod, each.get("path", ""), "artifacts", ".tgz") + "; "
        return saved, errors

    def _written_artifact(self, pod: Pod, declared: Json, outcome: Outcome) -> bytes | None:
        """The content of an artifact; optional ones have one only where a script wrote it, or where somebody takes them."""
        name = declared["name"]
        if outcome.saved != "outputs" or _names(pod, name, outcome.omitted):
            return None
        content = _scripted(pod, name, outcome.artifacts)
        made_up = not declared.get("optional") or self._consumers.take_artifact(name)
        if content is None and made_up and _main_was_well(outcome):
            content = f"{name} of {pod.name}\n".encode()
        return content

    def _store(self, pod: Pod, declared: Json, content: bytes) -> Json:
        """Puts an artifact where it belongs: to its own key, or to the pod's place in the repository."""
        file_name, packed_content = packed(declared, content)
        location = next((kind for kind in _LOCATIONS if (declared.get(kind) or {}).get("key")), None)
        saved = declared
        if location is None:
            saved = {**declared, "s3": {"key": f"{self._place(pod)}/{file_name}"}}
        self._objects.put(saved[location or "s3"]["key"], packed_content)
        return saved

    def _logs(self, pod: Pod, outcome: Outcome) -> list[Json]:
        """The logs, which the standard installation archives (``archiveLogs``), container by container."""
        location = pod.template.get("archiveLocation") or {}
        if location and any(location.get(kind) for kind in _LOCATIONS) and not location.get("archiveLogs"):
            return []
        text = log_of(outcome, pod.display_name, pod.name).encode()
        logs = []
        for container in _main_containers(pod.template):
            key = f"{self._place(pod)}/{container}.log"
            self._objects.put(key, text)
            logs.append({"name": f"{container}-logs", "s3": {"key": key}})
        return logs

    def _place(self, pod: Pod) -> str:
        own: str = ((pod.template.get("archiveLocation") or {}).get("s3") or {}).get("key", "")
        return own.rstrip("/") or f"{self._usual_place}/{pod.name}"

    @cached_property
    def _usual_place(self) -> str:
        day = str(self._workflow.metadata.get("creationTimestamp", ""))[:10].replace("-", "/")
        return f"artifacts/{self._workflow.name}/{day}"

    # ------------------------------------------------------------ templates without a wait container

    def _resource(self, pod: Pod, outcome: Outcome) -> Json | None:
        """Parameters of a resource template, read from what it created (``resource.go: SaveResourceParameters``)."""
        declared = (pod.template.get("outputs") or {}).get("parameters") or ()
        if pod.template["resource"].get("action") == "delete" or not declared:
            return None
        resource = Resource(pod.template["resource"], self._workflow, pod)
        return {"parameters": [self._resource_parameter(pod, each, resource, outcome) for each in declared]}

    def _resource_parameter(self, pod: Pod, declared: Json, resource: Resource, outcome: Outcome) -> Json:
        source = declared.get("valueFrom") or {}
        if not source.get("jsonPath") and not source.get("jqFilter"):
            return declared
        value = _scripted(pod, declared["name"], outcome.parameters)
        if value is None:
            value = resource.read(source)
        if value is None:
            value = self._values.of(pod, declared["name"])
        return {**declared, "value": value}

    def _data(self, pod: Pod, outcome: Outcome) -> Json:
        """The list that a data template found (``data.go``)."""
        said = outcome.parameters.get("result")
        return {
            **(pod.template.get("outputs") or {}),
            "result": said or _as_list(self._values.of(pod, RESULT)),
        }

    def _reply(self, pod: Pod, outcome: Outcome) -> Json:
        """The body of the reply that a request got (``agent.go: executeHTTPTemplate``)."""
        said = outcome.parameters.get("result")
        return {"result": self._values.of(pod, RESULT) if said is None else said}

    def _plugged(self, pod: Pod, outcome: Outcome) -> Json | None:
        """Whatever a plugin puts out: what the template says that it does."""
        declared = (pod.template.get("outputs") or {}).get("parameters") or ()
        made = []
        for each in declared:
            said = _scripted(pod, each["name"], outcome.parameters)
            if said is None:
                said = each.get("value")
            if said is None:
                said = self._values.of(pod, each["name"])
            made.append({**each, "value": said})
        outputs: Json = {"parameters": made} if made else {}
        if self._consumers.take_result(pod):
            said = outcome.parameters.get("result")
            outputs["result"] = self._values.of(pod, RESULT) if said is None else said
        return outputs or None


_OTHERS = {
    "resource": Executor._resource,
    "data": Executor._data,
    "http": Executor._reply,
    "plugin": Executor._plugged,
}


def _main_was_well(outcome: Outcome) -> bool:
    """Whether main did all that it was to do, whatever else went wrong in its pod."""
    return outcome.phase == "Succeeded" or outcome.exit_code == 0


def _scripted(pod: Pod, name: str, values: Mapping[str, T]) -> T | None:
    """The scripted value of an output; kfp 1.8 puts the template's name in front of the names a user knows."""
    value = values.get(name)
    return values.get(name.removeprefix(f"{pod.template_name}-")) if value is None else value


def _as_list(value: str) -> str:
    return value if value.startswith("[") else json.dumps([value])


def _names(pod: Pod, name: str, names: tuple[str, ...]) -> bool:
    return name in names or name.removeprefix(f"{pod.template_name}-") in names


def _main_containers(template: Json) -> list[str]:
    """The containers that do a template's work (``GetMainContainerNames``)."""
    listed = (template.get("containerSet") or {}).get("containers")
    return [each["name"] for each in listed] if listed else [_MAIN]


def _missing(pod: Pod, path: str, kind: str, suffix: str) -> str:
    """What the executor says of a file that nobody has written."""
    if _is_mounted(pod.template, path):
        return f"open {normpath(_MOUNTED + '/' + path)}: {_NO_SUCH_FILE}"
    kept = f"{_OUTPUTS}/{kind}/{path.rstrip('/')}"
    return f"open {normpath(kept)}{suffix}: {_NO_SUCH_FILE}"


def _is_mounted(template: Json, path: str) -> bool:
    """Whether a file lies on a volume that the wait container sees, too (``isBaseImagePath``)."""
    main: Json = template.get("container") or template.get("script") or template.get("containerSet") or {}
    mounts = [mount.get("mountPath", "") for mount in main.get("volumeMounts") or ()]
    inputs = (template.get("inputs") or {}).get("artifacts") or ()
    mounts += [each["path"] for each in inputs if each.get("path") and not each.get("optional")]
    return any(path == mount or path.startswith(mount.rstrip("/") + "/") for mount in mounts if mount)
