"""Exit handlers and lifecycle hooks of tasks and steps: ``exit_handler.go``, ``hooks.go``."""

from __future__ import annotations

import json
from typing import NamedTuple

from fake_kfp.expressions import evaluate_bool, function_env, substitute
from fake_kfp.golang.json_text import Json
from fake_kfp.simulator.cluster.status import Node
from fake_kfp.simulator.engine.calls import Call, Owner
from fake_kfp.simulator.engine.context import Context
from fake_kfp.simulator.engine.retries import last_try
from fake_kfp.simulator.engine.stops import TROUBLE, Blocked, TemplateError
from fake_kfp.simulator.engine.templates import to_text
from fake_kfp.simulator.engine.tree.names import exit_node_name, hook_node_name
from fake_kfp.simulator.engine.variables.scope import Layers, Scope, Variables, resolve_artifacts


class Place(NamedTuple):
    """Where hooks run: inside which dag or steps, and who has to be told when they move."""

    boundary: Call
    boundary_id: str
    owner: Owner
    position: int
    prefix: str
    """``tasks.a`` or ``steps.a``: the task or step they belong to."""


class Hooks:
    """The hooks of one task or step; remembers their calls."""

    def __init__(self) -> None:
        self._calls: dict[str, Call] = {}

    def run_lifecycle(self, context: Context, place: Place, hooks: Json, parent: Node, scope: Scope) -> bool:
        """Starts the hooks whose expression is true, and says whether none is still going on (``executeTmplLifeCycleHook``)."""
        started: list[Node | None] = []
        for name, hook in lifecycle_hooks(hooks):
            node_name = hook_node_name(parent.name, name)
            if not hook.get("expression"):
                raise TemplateError(f"Expression required for hook {node_name}")
            wanted = evaluate_bool(hook["expression"], function_env(Layers(scope, context.globals)))
            if wanted or context.tree.find(node_name) is not None:
                outputs = _outputs_of(context, parent)
                arguments = hook.get("arguments") or {}
                if outputs is not None:
                    arguments = _resolve(context, place, arguments, outputs, scope)
                started.append(self._execute(context, place, node_name, hook, arguments, parent))
        return all(node is not None and node.fulfilled for node in started)

    def run_exit(self, context: Context, place: Place, hook: Json | None, parent: Node, scope: Scope) -> bool:
        """Starts the exit handler of a node that completed; whether there is nothing (more) to wait for (``runOnExitNode``)."""
        if hook is None or not context.may_run(on_exit=True):
            return True
        expression = hook.get("expression")
        if expression and not evaluate_bool(expression, function_env(Layers(scope, context.globals))):
            return True
        arguments = _resolve(context, place, hook.get("arguments") or {}, _outputs_of(context, parent), scope)
        name = exit_node_name(parent.name)
        node = self._execute(context, place, name, hook, arguments, parent, on_exit=True)
        return node is not None and node.fulfilled

    def _execute(
        self,
        context: Context,
        place: Place,
        name: str,
        hook: Json,
        arguments: Json,
        parent: Node,
        *,
        on_exit: bool = False,
    ) -> Node | None:
        caller = {key: hook[key] for key in ("template", "templateRef") if hook.get(key) is not None}
        caller["arguments"] = arguments
        call = self._calls.get(name)
        if call is None:
            call = self._calls[name] = Call(
                name,
                caller,
                boundary=place.boundary,
                boundary_id=place.boundary_id,
                on_exit=on_exit,
                flag={"hooked": True},
                owner=place.owner,
                position=place.position,
            )
        elif call.node is None or not call.node.fulfilled:
            call.renew(caller)
        try:
            context.execute(call)
        except Blocked:
            context.visit_again(place.owner, place.position)
            raise
        finally:
            if on_exit:
                context.tree.add_child(parent, name)
        if call.node is not None:
            context.tree.add_child(parent, name)
        return call.node


def lifecycle_hooks(hooks: Json | None) -> list[tuple[str, Json]]:
    """The hooks that are no exit handlers, by name."""
    if not hooks:  # every visit of every task asks, and hardly any has hooks
        return []
    return [(name, hook) for name, hook in sorted(hooks.items()) if name != "exit"]


def exit_hook(caller: Json, workflow_arguments: Json) -> Json | None:
    """The exit handler of a task, a step or a workflow's spec (``GetExitHook``)."""
    if caller.get("onExit"):
        return {"template": caller["onExit"], "arguments": workflow_arguments}
    hook = (caller.get("hooks") or {}).get("exit")
    if hook is None:
        return None
    own = hook.get("arguments") or {}
    has_own = own.get("parameters") or own.get("artifacts")
    return {**hook, "arguments": own if has_own else workflow_arguments}


def hooks_fulfilled(context: Context, node: Node) -> bool:
    """Whether all hooks among a node's children are over (``CheckAllHooksFullfilled``)."""
    children = map(context.tree.nodes.get, node.children)
    return all(child is None or not child.hooked or child.fulfilled for child in children)


def _outputs_of(context: Context, parent: Node) -> Json | None:
    tried = last_try(context, parent)
    return tried.outputs if tried is not None else parent.outputs


def _resolve(context: Context, place: Place, arguments: Json, outputs: Json | None, scope: Scope) -> Json:
    """A hook's arguments with its parent's outputs filled in (``resolveExitTmplArgument``)."""
    if not arguments.get("parameters") and not arguments.get("artifacts"):
        return arguments
    scope.add(_handed_over(place.prefix, outputs or {}))
    text = substitute(to_text(arguments), Layers(scope, context.globals), allow_unresolved=True)
    try:
        return resolve_artifacts(json.loads(text), scope, in_dag=False)
    except TROUBLE as error:
        raise TemplateError(f"unable to resolve references: {error.text}") from None


def _handed_over(prefix: str, outputs: Json) -> Variables:
    """What a hook may mention of its parent's outputs: parameters, those without a value too, and artifacts."""
    parameters = {
        f"{prefix}.outputs.parameters.{each['name']}": each.get("value") or ""
        for each in outputs.get("parameters") or ()
    }
    artifacts = {
        f"{prefix}.outputs.artifacts.{each['name']}": each for each in outputs.get("artifacts") or ()
    }
    return parameters | artifacts
