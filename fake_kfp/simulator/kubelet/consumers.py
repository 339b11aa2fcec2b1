"""What the tasks of a workflow take of each other's results and artifacts: only that is captured, or worth making up."""

from __future__ import annotations

import json
import re
from functools import cached_property

from fake_kfp.golang.json_text import Json
from fake_kfp.simulator.cluster.workflow import Pod, Workflow
from fake_kfp.simulator.manifests import mentions

_RESULT = re.compile(r"""(?:tasks|steps)(?:\.([\w-]+)|\['([\w-]+)'\])\.outputs\.result""")
"""As Argo's own pattern: a name in double quotes is none, since the text that it is looked for in is JSON."""
_SOME_RESULT = ".outputs.result"
"""What few templates mention: the text of the others need not be looked through."""
_ARTIFACT = re.compile(r"\boutputs\.artifacts\.([\w-]+)")
_OPENINGS = {")": "(", "]": "["}


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
        taken = self._results.get(parent.template_name)
        if taken is None:
            template = self._templates.get(parent.template_name, self._workflow.spec)
            text = json.dumps(template) if mentions(template, _SOME_RESULT) else ""
            taken = self._results[parent.template_name] = {a or b for a, b in _RESULT.findall(text)}
        return called(pod) in taken

    def take_artifact(self, name: str) -> bool:
        """Whether somebody mentions an output artifact of this name."""
        return name in self._artifacts

    @cached_property
    def _text(self) -> str:
        return json.dumps(self._workflow.spec)

    @cached_property
    def _templates(self) -> dict[str, Json]:
        templates = self._workflow.spec.get("templates") or ()
        return {each["name"]: each for each in templates if each.get("name")}

    @cached_property
    def _artifacts(self) -> set[str]:
        return set(_ARTIFACT.findall(self._text))


def called(pod: Pod) -> str:
    """The task or step by the pod's full name (``getStepOrDAGTaskName``)."""
    name, end = pod.node_name, len(pod.node_name)
    while end and name[end - 1] in _OPENINGS:  # what tries, items of loops and step groups put behind it
        start = name.rfind(_OPENINGS[name[end - 1]], 0, end)
        if start < 0:
            break
        end = start
    return name[:end].rpartition(".")[2]
