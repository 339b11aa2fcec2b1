"""The workflow as far as it has been compiled, and what every part of the compiler builds on."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from fake_kfp.golang.json_text import Json
from fake_kfp.golang.quoting import quote
from fake_kfp.ir.compiler.errors import CompileError
from fake_kfp.ir.compiler.pipeline import Pipeline
from fake_kfp.ir.compiler.protojson import stable_json
from fake_kfp.ir.compiler.settings import CompilerSettings
from fake_kfp.ir.compiler.values import workflow_parameter


@dataclass(frozen=True, slots=True)
class Draft:
    """Arguments and templates in the order in which they came up, each by its name."""

    pipeline: Pipeline
    settings: CompilerSettings
    arguments: dict[str, str] = field(default_factory=dict)
    templates: dict[str, Json] = field(default_factory=dict)

    def save(self, name: str, message: Json) -> None:
        """Makes a message an argument of the workflow, unless there is one of that name."""
        if name not in self.arguments:
            self.arguments[name] = stable_json(message)

    def saved(self, name: str) -> str:
        """The tag that stands for an argument. Raises CompileError where there is none."""
        if name not in self.arguments:
            raise CompileError(f"using component spec: failed to find workflow parameter {quote(name)}")
        return workflow_parameter(name)

    def component(self, name: str) -> str:
        """The tag of a component's spec."""
        return self.saved(component_argument(self.pipeline, name))

    def implementation(self, name: str) -> str:
        """The tag of what a component's executor runs."""
        return self.saved(implementation_argument(self.pipeline, name))

    def add(self, template: Json) -> str:
        """Adds a template, and tells its name. Raises CompileError where there is one of that name."""
        name: str = template["name"]
        if name in self.templates:
            raise CompileError(f"template name={quote(name)}: template already exists")
        self.templates[name] = template
        return name

    def use(self, name: str, make: Callable[[Draft], Json]) -> str:
        """One of the templates that all tasks of a kind share, made when it is first asked for."""
        if name not in self.templates:
            self.templates[name] = {"name": name, **make(self)}
        return name


def component_argument(pipeline: Pipeline, component: str) -> str:
    return f"components-{pipeline.key_of(component)}"


def implementation_argument(pipeline: Pipeline, component: str) -> str:
    return f"implementations-{pipeline.key_of(component)}"


def kubernetes_argument(component: str) -> str:
    return f"kubernetes-{component}"
