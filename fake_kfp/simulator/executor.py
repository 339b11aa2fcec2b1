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
_RESULT = re.compile(r"""(?:tasks|steps)(?:\.([\w-]+)|\[\\?['"]([\w-]+)\\?['"]\])\.outputs\.result\b""")
_ITEM_OF_LOOP = re.compile(r"\([0-9]+:")
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
        result = outcome.parameters.get("result")
        if result is None and (pod.template.get("script") or _task_of(pod) in self._asked_results):
            result = self._plausible(pod, rf"{_tag_of(pod)}\.result\b")
        if result is not None:
            outputs["result"] = result
        return outputs or None

    def _parameter(self, pod: Pod, declared: Json, outcome: Outcome) -> Json:
        value = _scripted(pod, declared["name"], outcome.parameters)
        if value is None:
            name = re.escape(declared["name"])
            value = self._plausible(pod, rf"({_tag_of(pod)}\.parameters|inputs\.parameters)\.{name}\b")
        return {**declared, "value": value}

    def _plausible(self, pod: Pod, tag: str) -> str:
        """A value that who mentions ``tag``, a pattern, can work with: where somebody loops over it a list, or one item of it."""
        looped = next((task for task in self._loops if re.search(tag, task["withParam"])), None)
        if looped is None:
            return PLAUSIBLE
        items = _plausible_items(looped)
        if not _ITEM_OF_LOOP.search(pod.display_name):
            return json.dumps(items)
        return items[0] if isinstance(items[0], str) else json.dumps(items[0])

    @cached_property
    def _loops(self) -> list[Json]:
        return list(_loops(self._workflow.spec))

    @cached_property
    def _asked_results(self) -> set[str]:
        """The tasks and steps whose ``result``, what they print, somebody mentions."""
        found = _RESULT.findall(json.dumps(self._workflow.spec))
        return {plain or quoted for plain, quoted in found}

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


def _task_of(pod: Pod) -> str:
    """The task or step that runs in a pod, without the numbers of its item and its try."""
    return pod.display_name.partition("(")[0]


def _tag_of(pod: Pod) -> str:
    return rf"(tasks|steps)\.{re.escape(_task_of(pod))}\.outputs"


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


def _plausible_items(looped: Json) -> list[str] | list[Json]:
    """Items with all the fields that the task or step which loops over them asks for."""
    fields = sorted(set(_ITEM_FIELD.findall(json.dumps(looped))))
    numbers = [str(number) for number in range(1, _LIST_LENGTH + 1)]
    return [dict.fromkeys(fields, number) for number in numbers] if fields else numbers


def _archived(name: str, content: bytes) -> bytes:
    """``content`` as Argo archives an artifact by default: one file in a gzipped tar. It tells no time: same content, same bytes."""
    buffer = io.BytesIO()
    zipped = gzip.GzipFile(fileobj=buffer, mode="wb", compresslevel=1, mtime=0)
    with zipped, tarfile.open(fileobj=zipped, mode="w") as tar:
        entry = tarfile.TarInfo(name)
        entry.size = len(content)
        tar.addfile(entry, io.BytesIO(content))
    return buffer.getvalue()
