"""The cache server of v1 pipelines: a step that is the same as one before is not run again (``backend/src/cache/server``).

It mutates pods as they are created, and remembers those that succeeded. Pods of TFX and of v2 pipelines it leaves alone.
"""

from __future__ import annotations

import copy
import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from fake_kfp.golang.json_text import Json
from fake_kfp.golang.json_values import marshal
from fake_kfp.simulator.cluster.labels import CACHE_LABEL
from fake_kfp.simulator.cluster.workflow import Pod
from fake_kfp.simulator.kubelet.outcomes import Outcome
from fake_kfp.simulator.kubelet.players import Ending, Notes, Player
from fake_kfp.store.changes import UNNOTED, Changes

STALENESS_ANNOTATION = "pipelines.kubeflow.org/max_cache_staleness"
"""How old what is reused may be, as an ISO duration (``P30D``); the SDK's ``max_cache_staleness``."""
REUSED_LOG = "This step output is taken from cache.\n"
"""What the container prints that is put in place of a step's own."""

_SDK_LABEL = "pipelines.kubeflow.org/pipeline-sdk-type"
_V2_ANNOTATION = "pipelines.kubeflow.org/v2_component"
_TFX_ENTRYPOINT = "tfx/orchestration/kubeflow/container_entrypoint.py"
_OF_THE_TEMPLATE = ("inputs", "outputs", "volumes", "initContainers", "sidecars")
_OF_THE_CONTAINER = ("image", "command", "args", "env", "volumeMounts")
_DURATION = re.compile(
    r"P(?:(\d+)Y)?(?:(\d+)M)?(?:(\d+)W)?(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:(\d+(?:\.\d+)?)S)?)?"
)
_SECONDS = (31_536_000, 2_592_000, 604_800, 86_400, 3_600, 60, 1)
_ANY_AGE = -1


@dataclass(frozen=True, slots=True)
class Step:
    """A step that succeeded: its outputs, when it was run, and how old it may get."""

    outputs: Json | None
    at: datetime
    staleness: int


class StepCache:
    """What steps of all runs of a world gave, by what they were. The first of its kind stays, whatever becomes of it."""

    def __init__(self, changes: Changes | None = None) -> None:
        self._changes = changes or UNNOTED
        self._entries: dict[str, Step] = {}

    def state(self) -> dict[str, Step]:
        """All that it holds."""
        return self._entries

    def restore(self, state: Mapping[str, Step]) -> None:
        """It holds this and nothing else."""
        self._entries = dict(state)

    def find(self, key: str, staleness: int, now: datetime) -> Step | None:
        """An entry that is fresh enough for itself and for who asks; 0 asks for none."""
        entry = self._entries.get(key)
        if entry is None or staleness == 0:
            return None
        age = int(now.timestamp()) - int(entry.at.timestamp())
        return entry if all(limit < 0 or age <= limit for limit in (entry.staleness, staleness)) else None

    def add(self, key: str, outputs: Json | None, staleness: int, now: datetime) -> None:
        """Keeps what a step gave, unless one like it is known."""
        self._changes.note_entry(self._entries, key)
        self._entries.setdefault(key, Step(copy.deepcopy(outputs), now, staleness))


class CachedSteps:
    """Plays the pods of one workflow whose steps the cache knows; all others are left to ``others``."""

    def __init__(self, cache: StepCache, others: Player, notes: Notes) -> None:
        self._cache = cache
        self._others = others
        self._reused = notes.reused

    def begin(self, pod: Pod) -> Outcome:
        """A step that is taken from the cache does next to nothing, whatever was scripted for it."""
        key = _key_of(pod)
        if key is None or pod.created_at is None:
            return self._others.begin(pod)
        entry = self._cache.find(key, _staleness_of(pod), pod.created_at)
        if entry is None:
            return self._others.begin(pod)
        self._reused[pod.node_id] = entry.outputs
        return Outcome(log=REUSED_LOG)

    def end(self, pod: Pod, outcome: Outcome) -> Ending:
        """With the outputs in the cache, or those of its own, which go there."""
        if pod.node_id in self._reused and outcome.phase == "Succeeded":
            return Ending("Succeeded", outputs=copy.deepcopy(self._reused[pod.node_id]))
        ending = self._others.end(pod, outcome)
        key = _key_of(pod) if ending.phase == "Succeeded" else None
        if key is not None and pod.created_at is not None:
            self._cache.add(key, ending.outputs, _staleness_of(pod), pod.created_at)
        return ending


def _key_of(pod: Pod) -> str | None:
    """What a step is known by; None where it is none of the cache's business (``generateCacheKeyFromTemplate``)."""
    template = pod.template
    metadata = template.get("metadata") or {}
    labels, annotations = metadata.get("labels") or {}, metadata.get("annotations") or {}
    main = template.get("container") or template.get("script")
    if labels.get(CACHE_LABEL) != "true" or annotations.get(_V2_ANNOTATION) == "true" or not main:
        return None
    if "tfx" in labels.get(_SDK_LABEL, "") or str((main.get("command") or [""])[-1]).endswith(
        _TFX_ENTRYPOINT
    ):
        return None
    part: Json = {name: template[name] for name in _OF_THE_TEMPLATE if name in template}
    if template.get("container"):
        part["container"] = {name: main[name] for name in _OF_THE_CONTAINER if name in main}
    return hashlib.sha256(marshal(part).encode()).hexdigest()


def _staleness_of(pod: Pod) -> int:
    """Seconds, or -1 for any age; what can't be read is any age."""
    annotations = (pod.template.get("metadata") or {}).get("annotations") or {}
    match = _DURATION.fullmatch(annotations.get(STALENESS_ANNOTATION) or "")
    if match is None or not any(match.groups()):
        return _ANY_AGE
    return int(sum(float(number or 0) * unit for number, unit in zip(match.groups(), _SECONDS, strict=True)))
