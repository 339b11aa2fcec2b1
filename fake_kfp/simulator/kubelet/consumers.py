"""What the tasks of a workflow ask of each other: so that what nobody scripted can be such that its consumers can run."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from functools import cached_property

from fake_kfp.golang.json_text import Json
from fake_kfp.simulator.cluster.workflow import Pod, Workflow

_PLAUSIBLE = "1"
"""What an output holds of which nothing special is asked: it counts, compares and prints as a number."""

_RESULT = re.compile(r"""(?:tasks|steps)(?:\.([\w-]+)|\['([\w-]+)'\])\.outputs\.result""")
"""As Argo's own pattern: a name in double quotes is none, since the text that it is looked for in is JSON."""
_ARTIFACT = re.compile(r"\boutputs\.artifacts\.([\w-]+)")
_ITEM_FIELD = re.compile(r"\{\{\s*item\.([\w.-]+)\s*\}\}")
_ITEM_OF_LOOP = re.compile(r"\([0-9]+:")
_REPEATED = re.compile(r"(\([^(]*\)|\[[^\[]*\])+$")
_LIST_LENGTH = 2


class Consumers:
    """All tasks and steps of one workflow as takers of outputs."""

    def __init__(self, workflow: Workflow) -> None:
        self._workflow = workflow
        self._results: dict[str, set[str]] = {}
        """By template, the tasks and steps whose results it mentions."""

    def take_result(self, pod: Pod) -> bool:
        """Whether the template that called a pod's asks what it prints (``operator.go: includeScriptOutput``)."""
        node = self._workflow.status.nodes.get(pod.node_id)
        parent = self._workflow.status.nodes.get(node.boundary_id) if node is not None else None
        if parent is None:
            return False
        mentions = self._results.get(parent.template_name)
        if mentions is None:
            text = self._template_texts.get(parent.template_name, self._text)
            mentions = self._results[parent.template_name] = {a or b for a, b in _RESULT.findall(text)}
        return _called(pod) in mentions

    def plausible_list(self, pod: Pod) -> str:
        """A list that its consumers can work with, as what it prints."""
        value = self.plausible_result(pod)
        return value if value.startswith("[") else json.dumps([value])

    def take_artifact(self, name: str) -> bool:
        """Whether somebody mentions an output artifact of this name."""
        return name in self._artifacts

    def plausible_result(self, pod: Pod) -> str:
        """A result that its consumers can work with."""
        return self._plausible(pod, rf"{_tag_of(pod)}\.result\b")

    def plausible_parameter(self, pod: Pod, name: str) -> str:
        """A value of an output parameter that its consumers can work with."""
        return self._plausible(pod, rf"({_tag_of(pod)}\.parameters|inputs\.parameters)\.{re.escape(name)}\b")

    def _plausible(self, pod: Pod, tag: str) -> str:
        """Where somebody loops over what ``tag``, a pattern, stands for: a list, or one item if the pod is one of several itself."""
        looped = next((task for task in self._loops if re.search(tag, task["withParam"])), None)
        if looped is None:
            return _PLAUSIBLE
        items = _items_for(looped)
        if not _ITEM_OF_LOOP.search(pod.display_name):
            return json.dumps(items)
        return items[0] if isinstance(items[0], str) else json.dumps(items[0])

    @cached_property
    def _text(self) -> str:
        return json.dumps(self._workflow.spec)

    @cached_property
    def _template_texts(self) -> dict[str, str]:
        return {
            each["name"]: json.dumps(each)
            for each in self._workflow.spec.get("templates") or ()
            if each.get("name")
        }

    @cached_property
    def _artifacts(self) -> set[str]:
        return set(_ARTIFACT.findall(self._text))

    @cached_property
    def _loops(self) -> list[Json]:
        """The tasks and steps that loop over an output."""
        return [task for task in _tasks(self._workflow.spec) if task.get("withParam")]


def _tasks(spec: Json) -> Iterator[Json]:
    for template in spec.get("templates") or ():
        yield from (template.get("dag") or {}).get("tasks") or ()
        for group in template.get("steps") or ():
            yield from group


def _task_of(pod: Pod) -> str:
    """The task or step that runs in a pod, without the numbers of its item and its try."""
    return pod.display_name.partition("(")[0]


def _called(pod: Pod) -> str:
    """The task or step by the pod's full name (``getStepOrDAGTaskName``)."""
    return _REPEATED.sub("", pod.node_name).rpartition(".")[2]


def _tag_of(pod: Pod) -> str:
    return rf"(tasks|steps)\.{re.escape(_task_of(pod))}\.outputs"


def _items_for(looped: Json) -> list[str] | list[Json]:
    """Items with all the fields that the task or step which loops over them asks for."""
    fields = sorted(set(_ITEM_FIELD.findall(json.dumps(looped))))
    numbers = [str(number) for number in range(1, _LIST_LENGTH + 1)]
    return [dict.fromkeys(fields, number) for number in numbers] if fields else numbers
