"""What the executor of a simulated pod reports when it ends: outputs with plausible values, artifacts in the store."""

from __future__ import annotations

import gzip
import io
import json
import re
import tarfile
from collections.abc import Iterator, Mapping
from functools import cached_property
from typing import TypeVar

from fake_kfp.golang.json_text import Json
from fake_kfp.simulator.outcomes import Outcome
from fake_kfp.simulator.workflow import Pod, Workflow
from fake_kfp.store.objects import Objects

T = TypeVar("T")

PLAUSIBLE = "1"
"""What an output parameter holds unless scripted: it counts, compares and prints as a number."""

_ITEM_FIELD = re.compile(r"\{\{\s*item\.([\w.-]+)\s*\}\}")
_LIST_LENGTH = 2


class Executor:
    """The executors of one workflow's pods."""

    def __init__(self, workflow: Workflow, objects: Objects) -> None:
        self._workflow = workflow
        self._objects = objects

    def outputs(self, pod: Pod, outcome: Outcome) -> Json | None:
        """The Argo outputs of a pod that ended; artifacts are put into the store. None where it has none."""
        declared = pod.template.get("outputs") or {}
        lists = {
            "parameters": [self._parameter(pod, each, outcome) for each in declared.get("parameters") or ()],
            "artifacts": [self._artifact(pod, each, outcome) for each in _written(declared, outcome)],
        }
        outputs: Json = {key: value for key, value in lists.items() if value}
        result = outcome.parameters.get("result", PLAUSIBLE if pod.template.get("script") else None)
        if result is not None:
            outputs["result"] = result
        return outputs or None

    def _parameter(self, pod: Pod, declared: Json, outcome: Outcome) -> Json:
        value = _scripted(pod, declared["name"], outcome.parameters)
        return {**declared, "value": self._plausible(pod, declared["name"]) if value is None else value}

    def _plausible(self, pod: Pod, name: str) -> str:
        """A value that a consumer in the same workflow can work with: a list where somebody loops over it."""
        tasks = rf"(tasks|steps)\.{re.escape(pod.display_name.split('(')[0])}\.outputs\.parameters"
        tag = re.compile(rf"({tasks}|inputs\.parameters)\.{re.escape(name)}\b")
        looped = next((task for task in self._loops if tag.search(task["withParam"])), None)
        return PLAUSIBLE if looped is None else _plausible_list(looped)

    @cached_property
    def _loops(self) -> list[Json]:
        return list(_loops(self._workflow.spec))

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


def _written(declared: Json, outcome: Outcome) -> list[Json]:
    """The declared artifacts; optional ones only where a script wrote them."""
    every = declared.get("artifacts") or ()
    return [each for each in every if not each.get("optional") or each["name"] in outcome.artifacts]


def _loops(spec: Json) -> Iterator[Json]:
    """The tasks and steps of a workflow that loop over a parameter."""
    for template in spec.get("templates") or ():
        tasks = list((template.get("dag") or {}).get("tasks") or ())
        for group in template.get("steps") or ():
            tasks.extend(group)
        yield from (task for task in tasks if task.get("withParam"))


def _plausible_list(looped: Json) -> str:
    """A list of items with all the fields that the loop's arguments ask for."""
    fields = sorted(set(_ITEM_FIELD.findall(json.dumps(looped.get("arguments") or {}))))
    numbers = [str(number) for number in range(1, _LIST_LENGTH + 1)]
    return json.dumps([dict.fromkeys(fields, number) if fields else number for number in numbers])


def _archived(name: str, content: bytes) -> bytes:
    """``content`` as Argo archives an artifact by default: one file in a gzipped tar. It tells no time: same content, same bytes."""
    buffer = io.BytesIO()
    zipped = gzip.GzipFile(fileobj=buffer, mode="wb", compresslevel=1, mtime=0)
    with zipped, tarfile.open(fileobj=zipped, mode="w") as tar:
        entry = tarfile.TarInfo(name)
        entry.size = len(content)
        tar.addfile(entry, io.BytesIO(content))
    return buffer.getvalue()
