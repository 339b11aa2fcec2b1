"""What it costs to walk workflows to their ends."""

from __future__ import annotations

from collections.abc import Callable
from itertools import count

from benchmarks.calls import populate, run_request
from benchmarks.clients import stub
from benchmarks.manifests import SINGLE, chain, layers, loop
from benchmarks.timing import Table, measure, once
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
    _measure_population(table, population)


def _to_its_end(manifest: str) -> Callable[[], None]:
    fake = FakeKfp()
    create_class, create = stub(fake.channel(), "CreateRunV1")
    get_class, get = stub(fake.channel(), "GetRunV1")

    def run() -> None:
        created = create(run_request(create_class, "run", manifest))
        status = get(get_class(run_id=created.run.id)).run.status
        if status != "Succeeded":
            raise RuntimeError(f"the run ended as {status}")

    return run


def _retry() -> Callable[[], None]:
    fake = FakeKfp()
    create_class, create = stub(fake.channel(), "CreateRunV1")
    get_class, get = stub(fake.channel(), "GetRunV1")
    retry_class, retry = stub(fake.channel(), "RetryRunV1")
    fake.task("t4").fails()
    run_id = create(run_request(create_class, "run", chain(5))).run.id
    get(get_class(run_id=run_id))

    def again() -> None:
        retry(retry_class(run_id=run_id))
        get(get_class(run_id=run_id))

    return again


def _measure_population(table: Table, size: int) -> None:
    fake = FakeKfp()
    fake.task("leaf", run="*1").fails()
    fake.task("leaf", run="*2").hangs()
    list_class, listing = stub(fake.channel(), "ListRunsV1")
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
