"""Settings of a task that its component passes on to what it starts, instead of its own pod (``driver.go: getTaskConfigOptions``)."""

from __future__ import annotations

from fake_kfp.golang.json_text import Json
from fake_kfp.ir.drivers.options import Options

ENV = "ENV"
RESOURCES = "RESOURCES"
VOLUMES = "KUBERNETES_VOLUMES"
NODE_SELECTOR = "KUBERNETES_NODE_SELECTOR"
TOLERATIONS = "KUBERNETES_TOLERATIONS"
AFFINITY = "KUBERNETES_AFFINITY"
"""The kinds of settings, as ``TaskConfigPassthroughType`` calls them."""

TASK_CONFIG = "TASK_CONFIG"
"""The type of inputs that are given all of it."""

_FIELDS = ("affinity", "env", "nodeSelector", "resources", "tolerations", "volumeMounts", "volumes")


class TaskConfig:
    """What is passed on, as it grows. Where ``passing`` is off, which releases before 2.15 are, all is for the pod."""

    def __init__(self, options: Options, *, passing: bool) -> None:
        listed = options.spec.component.get("taskConfigPassthroughs") or () if passing else ()
        self._applied = {each.get("field", "NONE"): bool(each.get("applyToTask")) for each in listed}
        declared = options.spec.declared if passing else {}
        self.inputs = [name for name, spec in declared.items() if spec.get("parameterType") == TASK_CONFIG]
        """The inputs that are given it."""
        self.fields: Json = {**dict.fromkeys(_FIELDS), "resources": {}}

    def is_for_pod(self, kind: str) -> bool:
        """Whether the task's own pod has settings of this kind: unless they are only passed on."""
        return self._applied.get(kind, True)

    def set(self, kind: str, name: str, value: Json) -> None:
        """Notes a setting, if it is of a kind that is passed on."""
        if kind in self._applied:
            self.fields[name] = value

    def add(self, kind: str, name: str, value: Json) -> None:
        """Notes one of several."""
        if kind in self._applied:
            self.fields[name] = [*(self.fields[name] or ()), value]
