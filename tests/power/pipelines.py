"""Defects of pipelines in KFP's own language: what is taken, compiled, driven, cached."""

from __future__ import annotations

from copy import copy
from dataclasses import replace
from typing import Any

from fake_kfp.ir.cache import ExecutionCache
from fake_kfp.ir.compiler import dags, executors, loops, tasks
from fake_kfp.ir.drivers import driver
from fake_kfp.ir.drivers.options import Options
from fake_kfp.services.templates import template
from tests.power.catalogue import Patches, defect

FLOW = ("v2/pipelines-go-*",)
LIVES = ("v2/runs-live-*",)
REFUSALS = ("v2/bad-records-*",)


@defect(*REFUSALS)
def parameters_are_not_checked(patches: Patches) -> None:
    """A run may be given anything."""
    patches.set(template, "check_inputs", lambda declared, given: None)


@defect(*REFUSALS)
def unknown_parameters_are_taken(patches: Patches) -> None:
    """A run may be given what its pipeline does not take."""
    patches.wrap(
        template,
        "check_inputs",
        lambda check: (
            lambda declared, given: check(
                declared, {name: value for name, value in given.items() if name in declared}
            )
        ),
    )


@defect("v2/bad-pipelines-*")
def unknown_producers_are_taken(patches: Patches) -> None:
    """A task may take what nobody gives."""
    patches.set(dags, "_depend_on_producers", lambda tasks: None)


@defect(*FLOW)
def conditions_always_hold(patches: Patches) -> None:
    """Every condition holds."""
    patches.set(driver, "is_triggered", lambda *asked: True)


@defect(*FLOW)
def conditions_never_hold(patches: Patches) -> None:
    """No condition holds."""
    patches.set(driver, "is_triggered", lambda *asked: False)


@defect(*FLOW)
def conditions_are_reversed(patches: Patches) -> None:
    """A task runs where its condition does not hold."""
    patches.wrap(driver, "is_triggered", lambda holds: lambda *asked: not holds(*asked))


@defect(*FLOW)
def conditions_see_no_parameters(patches: Patches) -> None:
    """Conditions are evaluated without the task's parameters."""
    patches.wrap(driver, "is_triggered", lambda holds: lambda asked, given, files: holds(asked, {}, files))


@defect(*FLOW)
def conditions_are_not_compiled(patches: Patches) -> None:
    """A container task's condition is evaluated, and not looked at."""
    patches.set(executors, "unless_false", lambda condition: {})


@defect(*FLOW)
def loops_run_once(patches: Patches) -> None:
    """A loop goes over its first item only."""
    patches.wrap(driver, "_count_items", lambda count: lambda *asked: min(1, count(*asked)))


@defect(*FLOW)
def loops_lose_their_last_item(patches: Patches) -> None:
    """A loop leaves out its last item."""
    patches.wrap(driver, "_count_items", lambda count: lambda *asked: max(0, count(*asked) - 1))


@defect(*FLOW)
def empty_loops_run_once(patches: Patches) -> None:
    """A loop over nothing has one item."""
    patches.wrap(driver, "_count_items", lambda count: lambda *asked: count(*asked) or 1)


@defect(*FLOW)
def raw_items_are_lost(patches: Patches) -> None:
    """Items that stand in the pipeline are not there."""
    patches.set(driver, "_raw_items", lambda text: [])


@defect(*FLOW)
def loops_have_no_items(patches: Patches) -> None:
    """A loop is compiled to its driver alone."""

    def calling(call: Any) -> Any:
        def called(draft: Any, task: Any, item_calls: Any) -> Any:
            return call(draft, task, item_calls) | {"withSequence": {"count": "0"}}

        return called

    patches.wrap(loops, "iterations_call", calling)


@defect(*FLOW)
def items_are_done_twice(patches: Patches) -> None:
    """Each item of a loop is done twice."""
    patches.wrap(driver, "_count_items", lambda count: lambda *asked: 2 * count(*asked))


@defect(*FLOW)
def the_cache_is_never_hit(patches: Patches) -> None:
    """Nothing is found in the cache."""
    patches.set(ExecutionCache, "find", lambda self, *asked: 0)


@defect(*FLOW)
def the_cache_is_not_filled(patches: Patches) -> None:
    """No success is remembered."""
    patches.set(ExecutionCache, "add", lambda self, *done: None)


@defect(*FLOW)
def caching_is_not_asked_for(patches: Patches) -> None:
    """Every task is cached, whether it wants to be or not."""
    patches.wrap(
        driver, "_fingerprint", lambda of: lambda options, given: of(_asking_for_cache(options), given)
    )


def _asking_for_cache(options: Options) -> Options:
    spec = copy(options.spec)
    spec.caching = True
    return replace(options, spec=spec)


@defect(*FLOW)
def the_cache_forgets_the_container(patches: Patches) -> None:
    """Tasks are known in the cache by all but what they run."""
    patches.wrap(driver, "fingerprint_of", lambda of: lambda *said: of(*said[:-1], {}))


@defect(*FLOW)
def cached_tasks_run_all_the_same(patches: Patches) -> None:
    """An executor runs though its result is in the cache."""

    def making(make: Any) -> Any:
        def made(*asked: Any, **more: Any) -> Any:
            found = make(*asked, **more)
            for task in found["dag"]["tasks"]:
                task.pop("when", None)
            return found

        return made

    patches.wrap(executors, "_executor", making)


@defect(*FLOW)
def exit_tasks_never_run(patches: Patches) -> None:
    """Nobody calls the task that is to run whatever the end."""
    patches.set(executors, "exit_hook", lambda template, parent: {})


@defect(*LIVES)
def dependencies_are_lost(patches: Patches) -> None:
    """Tasks wait for nobody."""
    patches.set(tasks, "_waits", lambda task, place: {})


@defect(*LIVES)
def roots_do_not_wait_for_their_driver(patches: Patches) -> None:
    """The root begins before its driver has ended."""
    patches.set(dags, "depends", lambda waited: {})
