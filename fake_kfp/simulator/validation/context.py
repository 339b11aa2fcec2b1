"""One run of the linter: the workflow, its variables, and the way from a task or step to the template it calls."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from fake_kfp.golang.json_text import Json, dumps
from fake_kfp.simulator.manifests.errors import ValidationError
from fake_kfp.simulator.validation.scope import Scope, add_outputs
from fake_kfp.simulator.validation.supply import Placeholders, Supplier
from fake_kfp.simulator.validation.template_types import Template, template_type
from fake_kfp.versions import UNNAMED, Dialect

Holder = Mapping[str, Any]
"""What refers to a template: a task or a step."""

_RETRY_POLICIES = frozenset({"", "Always", "OnFailure", "OnError", "OnTransientError"})
_MAX_DEPTH = 150
_TOO_DEEP = f"fake_kfp: templates that call each other more than {_MAX_DEPTH} levels deep are not modelled"
NO_REFERENCES = (
    "fake_kfp: {} is not modelled, since there are no WorkflowTemplates here; "
    "put the templates it refers to into the workflow's own spec.templates"
)


class Context:
    """What is known of the workflow while its templates are looked at (``templateValidationCtx``)."""

    def __init__(
        self,
        workflow: Json,
        validate: Callable[[Context, Template, Supplier], None],
        dialect: Dialect = UNNAMED,
    ) -> None:
        """``validate`` is what to do with a template once it is found."""
        self.dialect = dialect
        self.spec: Json = workflow.get("spec") or {}
        self.placeholders = Placeholders()
        self.global_values: dict[str, str] = {}
        """The workflow's variables by name; more come as global outputs are found."""
        self.begun: set[str] = set()
        """Names of the templates whose body has been validated, or is about to be."""
        self.declared: set[int] = set()
        """Ids of the templates whose type and inputs have been found well."""
        self._depth = 0
        self._validate = validate
        self._templates = _templates_by_name(workflow)

    def add_global(self, name: str, value: str | None = None) -> None:
        """Makes a variable of the workflow known, with some value or other unless one is given."""
        self.global_values[name] = self.placeholders.value() if value is None else value

    def add_outputs(self, scope: Scope, prefix: str, template: Template | None, *, collected: bool) -> None:
        """Adds what a task or step gives to ``scope``, and its global outputs to the workflow's variables."""
        for name in add_outputs(scope, prefix, template, collected=collected):
            self.add_global(name)

    def validate_holder(self, holder: Holder, supplier: Supplier | None = None) -> Template | None:
        """Validates the template that a task or step calls, given these arguments, or any
        (``validateTemplateHolder``).

        None if the reference itself holds variables, so that nothing can be said of it yet.
        """
        template = self._resolve(holder)
        if template is None:
            return None
        if not template_type(template):
            raise ValidationError(f"template '{template.get('name', '')}' type is unknown")
        policy = (template.get("retryStrategy") or {}).get("retryPolicy") or ""
        if policy not in _RETRY_POLICIES:
            raise ValidationError(f"{policy} is not a valid RetryPolicy")
        if self._depth >= _MAX_DEPTH:
            raise ValidationError(_TOO_DEEP)
        self._depth += 1
        self._validate(self, template, self.placeholders if supplier is None else supplier)
        self._depth -= 1
        return template

    def _resolve(self, holder: Holder) -> Template | None:
        name = holder.get("template") or ""
        if holder.get("templateRef") is not None:
            _check_reference(holder["templateRef"], name)
            return None
        if name and name not in self._templates:
            raise ValidationError(f"template name '{name}' undefined")
        if holder.get("inline") is not None:
            inline: Template = holder["inline"]
            return inline
        if not name:
            raise ValidationError("failed to get a template")
        return self._templates[name]


def _check_reference(reference: Mapping[str, Any], name: str) -> None:
    if name:
        raise ValidationError("template name cannot be specified with templateRef.")
    if not reference.get("name"):
        raise ValidationError("resource name is required")
    if not reference.get("template"):
        raise ValidationError("template name is required")
    if "{{" not in dumps(reference):
        raise ValidationError(NO_REFERENCES.format("templateRef"))


def _templates_by_name(workflow: Json) -> dict[str, Template]:
    """The first template of a name counts; those the status has stored come last (``Workflow.GetTemplateByName``)."""
    status = workflow.get("status") or {}
    templates = [
        *((workflow.get("spec") or {}).get("templates") or ()),
        *((status.get("storedWorkflowTemplateSpec") or {}).get("templates") or ()),
        *(status.get("storedTemplates") or {}).values(),
    ]
    return {template.get("name") or "": template for template in reversed(templates)}
