"""What it costs to walk workflows to their ends."""

from __future__ import annotations

from collections.abc import Callable
from itertools import count
from typing import Any

from benchmarks.calls import populate
from benchmarks.manifests import SINGLE, chain, layers, loop, pipeline_chain, pipeline_loop
from benchmarks.timing import Table, measure, once
from benchmarks.versions import V1, V2
from fake_kfp import FakeKfp

STATES = ("Succeeded", "Failed", "Running")


def measure_workflows(population: int) -> None:
    """Prints a table; the population is one of runs in mixed states."""
    table = Table("Workflows, created and looked at until they are over (in process)")
    table.add(measure("1 task", _to_its_end(SINGLE), calls=50))
    table.add(measure("5 tasks", _to_its_end(chain(5)), calls=20))
    table.add(measure("1,000 tasks in 10 layers", _to_its_end(layers(10, 100)), calls=1, samples=3))
    table.add(measure("1,000 tasks one after the other", _to_its_end(chain(1_000)), calls=1, samples=3))
    table.add(once("10,000 tasks in 100 layers", _to_its_end(layers(100, 100))))
    table.add(once("10,000 tasks one after the other", _to_its_end(chain(10_000))))
    table.add(once("10,000 items of a loop", _to_its_end(loop(10_000))))
    table.add(measure("a retry of 5 tasks, to its end", _retry(), calls=20))
    table.add(measure("IR: 1 task", _pipeline_to_its_end(pipeline_chain(1)), calls=50))
    table.add(measure("IR: 5 tasks", _pipeline_to_its_end(pipeline_chain(5)), calls=20))
    table.add(measure("IR: 100 items of a loop", _pipeline_to_its_end(pipeline_loop(100)), calls=2))
    table.add(once("IR: 1,000 items of a loop", _pipeline_to_its_end(pipeline_loop(1_000))))
    _measure_population(table, population)


def _to_its_end(manifest: str) -> Callable[[], None]:
    fake = FakeKfp()
    create = V1.creation(fake.channel(), {"workflow_manifest": manifest})
    get_class, get = V1.stub(fake.channel(), "GetRun")

    def run() -> None:
        status = get(get_class(run_id=create("run"))).run.status
        if status != "Succeeded":
            raise RuntimeError(f"the run ended as {status}")

    return run


def _pipeline_to_its_end(spec: dict[str, Any]) -> Callable[[], None]:
    fake = FakeKfp()
    create = V2.creation(fake.channel(), spec)
    get_class, get = V2.stub(fake.channel(), "GetRun")

    def run() -> None:
        shown = get(get_class(run_id=create("run")))
        state = shown.DESCRIPTOR.fields_by_name["state"].enum_type.values_by_number[shown.state].name
        if state != "SUCCEEDED":
            raise RuntimeError(f"the run ended as {state}")

    return run


def _retry() -> Callable[[], None]:
    fake = FakeKfp()
    get_class, get = V1.stub(fake.channel(), "GetRun")
    retry_class, retry = V1.stub(fake.channel(), "RetryRun")
    fake.task("t4").fails()
    run_id = V1.creation(fake.channel(), {"workflow_manifest": chain(5)})("run")
    get(get_class(run_id=run_id))

    def again() -> None:
        retry(retry_class(run_id=run_id))
        get(get_class(run_id=run_id))

    return again


def _measure_population(table: Table, size: int) -> None:
    fake = FakeKfp()
    fake.task("leaf", run="*1").fails()
    fake.task("leaf", run="*2").hangs()
    list_class, listing = V1.stub(fake.channel(), "ListRuns")
    table.add(once(f"{size:,} runs created", lambda: populate(fake, size)))
    by_status = list_class(page_size=20, sort_by="status desc")
    table.add(once("all of them walked by a first list by status", lambda: listing(by_status)))
    table.add(measure("a page of 20 of them by status", lambda: listing(by_status), calls=20))
    number = count()
    filters = [
        f'{{"predicates":[{{"op":"EQUALS","key":"status","stringValue":"{state}"}}]}}' for state in STATES
    ]
    table.add(
        measure(
            "a page of 20 with a filter on status",
            lambda: listing(list_class(page_size=20, filter=filters[next(number) % len(filters)])),
            calls=30,
        )
    )
