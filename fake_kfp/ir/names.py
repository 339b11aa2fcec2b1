"""The tasks of a pipeline as their users know them, found in the names of the workflow's nodes.

A container task ``train`` of a nested pipeline ``inner`` runs in ``W.root.inner.train.executor``, its driver in
``W.root.inner.train-driver``; loops put ``iteration-iterations(0:0).iteration-item`` between, exit tasks hang below what they wait
for (``W.root.guard.onExit.notify``).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

from fake_kfp.golang.json_text import Json
from fake_kfp.simulator.kubelet.outcomes import DRIVER

ROOT = "root"

_ITEM = re.compile(r"iteration-iterations\((\d+):\d+\)")
_TRY = re.compile(r"executor(\(\d+\))?")
_HIDDEN = frozenset({"iteration-iterations", "iteration-item"})
_LOOP_DRIVERS = frozenset({"iteration-driver", "iteration-item-driver"})


@dataclass(frozen=True, slots=True)
class TaskPath:
    """Where a task stands: the keys of the dags around it from below the root, and its own; the items of the loops around it."""

    keys: tuple[str, ...]
    iteration: tuple[int, ...]


def task_path(node_name: str, workflow_name: str, is_driver: bool) -> TaskPath:
    """The task to which a node belongs. That of the root, and of the workflow itself, has no keys."""
    return _path_below(node_name.removeprefix(workflow_name), is_driver)


@lru_cache(maxsize=4096)
def _path_below(name: str, is_driver: bool) -> TaskPath:
    """The same by what a node's name has beyond its workflow's, which the runs of a pipeline have in common."""
    keys: list[str] = []
    iteration: list[int] = []
    segments = name.split(".")[1:]
    for segment in segments:
        item = _ITEM.fullmatch(segment)
        if item is not None:
            iteration.append(int(item[1]))
        elif segment == "onExit" and keys:
            keys.pop()
        elif segment not in _HIDDEN:
            keys.append(segment)
    if len(keys) > 1 and not is_driver and _TRY.fullmatch(keys[-1]):
        keys.pop()
    if is_driver and keys:
        last = keys.pop()
        if last not in _LOOP_DRIVERS:
            keys.append(last.removesuffix(DRIVER))
    return TaskPath(tuple(keys[1:]), tuple(iteration))


def task_names(path: TaskPath, components: dict[str, Json]) -> tuple[str, ...]:
    """What a user may call a task; ``components`` holds the dags."""
    if not path.keys:
        return (ROOT,)
    dag = ROOT
    task: Json = {}
    for key in path.keys:
        task = ((components.get(dag, {}).get("dag") or {}).get("tasks") or {}).get(key) or {}
        dag = (task.get("componentRef") or {}).get("name", "")
    title = (task.get("taskInfo") or {}).get("name", "")
    return names_of(path.keys, title, dag)


def names_of(keys: tuple[str, ...], title: str = "", component: str = "") -> tuple[str, ...]:
    """A task by its key, as Python has it too (``clean_up``), by all keys down to it, its title, its component; the root as root."""
    if not keys:
        return (ROOT,)
    names = (keys[-1], keys[-1].replace("-", "_"), ".".join(keys), title, component)
    return tuple(dict.fromkeys(name for name in names if name))
