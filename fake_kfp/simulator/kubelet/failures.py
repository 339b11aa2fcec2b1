"""How a pod's end shows where one of its containers failed: ``operator.go: inferFailedReason, assessNodeStatus``."""

from __future__ import annotations

import logging
from dataclasses import replace

from fake_kfp.golang.json_text import Json
from fake_kfp.simulator.cluster.workflow import ContainerEnd, Pod
from fake_kfp.simulator.kubelet.outcomes import Outcome

_log = logging.getLogger("fake_kfp")

_BLOCKED = 64
"""How a container of a set ends that would have followed one that failed (``emissary.go``)."""
_KILLED = (137, 143)
"""Exit codes that are taken for a sidecar's regular end, since Argo kills sidecars."""


def _image(template: Json) -> str:
    """The image that a pod's main container runs, or the first of several."""
    several = (template.get("containerSet") or {}).get("containers") or [{}]
    main = template.get("container") or template.get("script") or several[0]
    return str(main.get("image", ""))


def waiting_message(pod: Pod, outcome: Outcome) -> str:
    """Why a pod does not begin (``getPendingReason``)."""
    return outcome.message or f'ImagePullBackOff: Back-off pulling image "{_image(pod.template)}"'


def judged(pod: Pod, outcome: Outcome) -> tuple[Outcome, dict[str, ContainerEnd]]:
    """What an outcome comes to in which one container fails, and how each container of a set ended."""
    failing = outcome.failing
    if failing is None:
        return outcome, {}
    name, end = failing
    failed = replace(outcome, phase="Failed", message=end.text, container=name)
    listed: list[Json] = (pod.template.get("containerSet") or {}).get("containers") or []
    if any(each["name"] == name for each in listed):
        ends = _ends_of_set(listed, name, end)
        first = next(each for each in sorted(ends) if ends[each].exit_code)
        main = ends["main"].exit_code if "main" in ends else None
        return replace(failed, exit_code=main, message=ends[first].text, container=first), ends
    if name == "main":
        return replace(failed, exit_code=end.exit_code), {}
    if any(each["name"] == name for each in pod.template.get("initContainers") or ()):
        return replace(failed, exit_code=None, saved="nothing"), {}
    if any(each["name"] == name for each in pod.template.get("sidecars") or ()):
        return (outcome if end.exit_code in _KILLED else failed), {}
    _log.warning("fake_kfp: the pod of %s has no container %r that could fail", pod.node_name, name)
    return outcome, {}


def _ends_of_set(listed: list[Json], failing: str, end: ContainerEnd) -> dict[str, ContainerEnd]:
    """How the containers of a set end: those that would follow the failing one never begin."""
    ends = {failing: end}
    waiting = [each for each in listed if each["name"] != failing]
    while waiting:
        ready = [each for each in waiting if all(name in ends for name in each.get("dependencies") or ())]
        for each in ready:
            blocking = next((name for name in each.get("dependencies") or () if ends[name].exit_code), None)
            ends[each["name"]] = ContainerEnd(0) if blocking is None else _blocked(blocking, ends[blocking])
        waiting = [each for each in waiting if each["name"] not in ends]
        if not ready:
            break
    return ends


def _blocked(name: str, end: ContainerEnd) -> ContainerEnd:
    return ContainerEnd(_BLOCKED, f'dependency "{name}" exited with non-zero code: {end.exit_code}')
