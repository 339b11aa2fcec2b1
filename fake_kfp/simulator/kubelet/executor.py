"""What the executor of a simulated pod reports when it ends: outputs with plausible values, artifacts in the store."""

from __future__ import annotations

import gzip
import io
import tarfile
from collections.abc import Mapping
from typing import TypeVar

from fake_kfp.golang.json_text import Json
from fake_kfp.simulator.cluster.workflow import Pod, Workflow
from fake_kfp.simulator.kubelet.consumers import Consumers
from fake_kfp.simulator.kubelet.outcomes import Outcome
from fake_kfp.store.objects import Objects

T = TypeVar("T")


class Executor:
    """The executors of one workflow's pods."""

    def __init__(self, workflow: Workflow, objects: Objects) -> None:
        self._workflow = workflow
        self._objects = objects
        self._consumers = Consumers(workflow)

    def outputs(self, pod: Pod, outcome: Outcome) -> Json | None:
        """The Argo outputs of a pod that ended; artifacts are put into the store. None where it has none."""
        declared = pod.template.get("outputs") or {}
        lists = {
            "parameters": [self._parameter(pod, each, outcome) for each in declared.get("parameters") or ()],
            "artifacts": [self._artifact(pod, each, outcome) for each in self._written(declared, outcome)],
        }
        outputs: Json = {key: value for key, value in lists.items() if value}
        result = outcome.parameters.get("result")
        if result is None and (pod.template.get("script") or self._consumers.take_result(pod)):
            result = self._consumers.plausible_result(pod)
        if result is not None:
            outputs["result"] = result
        return outputs or None

    def _parameter(self, pod: Pod, declared: Json, outcome: Outcome) -> Json:
        value = _scripted(pod, declared["name"], outcome.parameters)
        if value is None:
            value = self._consumers.plausible_parameter(pod, declared["name"])
        return {**declared, "value": value}

    def _written(self, declared: Json, outcome: Outcome) -> list[Json]:
        """The declared artifacts; optional ones only where a script wrote them, or where somebody takes them."""

        def is_written(artifact: Json) -> bool:
            name = artifact["name"]
            return name in outcome.artifacts or self._consumers.take_artifact(name)

        every = declared.get("artifacts") or ()
        return [each for each in every if not each.get("optional") or is_written(each)]

    def _artifact(self, pod: Pod, declared: Json, outcome: Outcome) -> Json:
        content = _scripted(pod, declared["name"], outcome.artifacts)
        if content is None:
            content = f"{declared['name']} of {pod.name}\n".encode()
        plain = "none" in (declared.get("archive") or {})
        location = dict(declared.get("s3") or {})
        location.setdefault("key", self._key(pod, declared["name"], plain))
        self._objects.put(location["key"], content if plain else _archived(declared["name"], content))
        return {**declared, "s3": location}

    def _key(self, pod: Pod, name: str, plain: bool) -> str:
        day = str(self._workflow.metadata.get("creationTimestamp", ""))[:10].replace("-", "/")
        return f"artifacts/{self._workflow.name}/{day}/{pod.name}/{name}" + ("" if plain else ".tgz")


def _scripted(pod: Pod, name: str, values: Mapping[str, T]) -> T | None:
    """The scripted value of an output; kfp 1.8 puts the template's name in front of the names a user knows."""
    value = values.get(name)
    return values.get(name.removeprefix(f"{pod.template_name}-")) if value is None else value


def _archived(name: str, content: bytes) -> bytes:
    """``content`` as Argo archives an artifact by default: one file in a gzipped tar. It tells no time: same content, same bytes."""
    buffer = io.BytesIO()
    zipped = gzip.GzipFile(fileobj=buffer, mode="wb", compresslevel=1, mtime=0)
    with zipped, tarfile.open(fileobj=zipped, mode="w") as tar:
        entry = tarfile.TarInfo(name)
        entry.size = len(content)
        tar.addfile(entry, io.BytesIO(content))
    return buffer.getvalue()
