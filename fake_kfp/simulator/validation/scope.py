"""Which ``{{variables}}`` can be resolved where."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from fake_kfp.expressions.templating import visit_simple_tags
from fake_kfp.golang.errors import GoError
from fake_kfp.simulator.manifests.errors import ValidationError
from fake_kfp.simulator.validation.names import contains_parameter
from fake_kfp.simulator.validation.template_types import Template, has_output, template_type

_ROOTS = ("item.", "steps.", "inputs.", "outputs.", "pod.", "workflow.", "tasks.")
"""What a variable of Argo's own starts with; other tags are somebody else's and pass."""

_ALWAYS_ALLOWED = (
    "outputs.",
    "workflow.creationTimestamp",
    "workflow.scheduledTime",
    "workflow.duration",
    "tasks.name",
    "steps.name",
    "node.name",
)
_ANY_ITEM = "item.*"
_ANY_OUTPUTS = ("workflow.outputs.parameters.", "workflow.outputs.artifacts.")
_COLLECTED_RESULT_TYPES = frozenset({"Script", "ContainerSet"})


class Scope:
    """The names that can be resolved at one place: its own, those of the scope around it, and the workflow's global ones."""

    def __init__(self, global_values: Mapping[str, str], outer: Scope | None = None) -> None:
        self._names: set[str] = set()
        self._outer = outer
        self.global_values = global_values

    def add(self, *names: str) -> None:
        self._names.update(names)

    def __contains__(self, name: str) -> bool:
        return name in self._names or (self._outer is not None and name in self._outer)

    def check(self, text: str) -> None:
        """Every variable in a JSON text must be known (``resolveAllVariables``)."""
        if "{{" not in text:
            return
        try:
            visit_simple_tags(text, self._check_tag)
        except GoError as error:
            raise ValidationError(error.text) from None

    def _check_tag(self, tag: str) -> None:
        name = tag.strip()
        if not name.startswith(_ROOTS) or name in self or name in self.global_values:
            return
        if name.startswith("item.") and _ANY_ITEM in self:
            return
        if name.startswith(_ALWAYS_ALLOWED) or any(
            name.startswith(any_) and f"{any_}*" in self for any_ in _ANY_OUTPUTS
        ):
            return
        raise ValidationError(f"failed to resolve {{{{{tag}}}}}")


def add_outputs(scope: Scope, prefix: str, template: Template | None, *, collected: bool) -> list[str]:
    """Adds what a task or step gives to others; ``collected`` if it loops (``addOutputsToScope``).

    Returns the names of the workflow's global outputs among it.
    """
    scope.add(*(f"{prefix}.{name}" for name in ("id", "startedAt", "finishedAt", "hostNodeName")))
    if template is None:
        return []
    if template.get("daemon"):
        scope.add(f"{prefix}.ip")
    if has_output(template) or (collected and template_type(template) in _COLLECTED_RESULT_TYPES):
        scope.add(f"{prefix}.outputs.result", f"{prefix}.exitCode")
    if collected:
        scope.add(f"{prefix}.outputs.parameters")
    found: list[str] = []
    for kind in ("parameters", "artifacts"):
        for output in (template.get("outputs") or {}).get(kind) or ():
            scope.add(f"{prefix}.outputs.{kind}.{output['name']}")
            found += _global_output(scope, f"workflow.outputs.{kind}.", output.get("globalName") or "")
    return found


def _global_output(scope: Scope, prefix: str, name: str) -> list[str]:
    if not name:
        return []
    if contains_parameter(name):
        scope.add(f"{prefix}*")
        return []
    scope.add(prefix + name)
    return [prefix + name]


def add_items(scope: Scope, holder: Mapping[str, Any]) -> None:
    """Adds ``item`` and its parts, as far as the loop of a task or step tells (``addItemsToScope``)."""
    items, source, sequence = holder.get("withItems"), holder.get("withParam"), holder.get("withSequence")
    if bool(items) + bool(source) + (sequence is not None) > 1:
        raise ValidationError("only one of withItems, withParam, withSequence can be specified")
    for item in items or ():
        _add_item(scope, item)
    if source:
        scope.add("item", _ANY_ITEM)
    if sequence is not None:
        if sequence.get("count") is not None and sequence.get("end") is not None:
            raise ValidationError("only one of count or end can be defined in withSequence")
        scope.add("item")


def _add_item(scope: Scope, item: Any) -> None:
    if isinstance(item, list):
        scope.add(*(f"item.[{index}]" for index in range(len(item))))
    elif isinstance(item, dict):
        scope.add(*(f"item.{key}" for key in item))
    elif item is not None:
        scope.add("item")
