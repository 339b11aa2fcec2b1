"""What a world of very many runs costs: memory, and a page of a list in every order."""

from __future__ import annotations

import resource
from collections.abc import Callable
from itertools import count

from benchmarks.calls import populate
from benchmarks.timing import Table, measure, once
from benchmarks.versions import V1
from fake_kfp import FakeKfp
from fake_kfp.store.lists.schemas import RUNS

_SORT_FIELDS = {
    column: field for field, column in RUNS.fields.items() if RUNS.columns[column].pageable
}.values()


def measure_population(size: int) -> None:
    """Prints a table for a world with so many runs that nobody has looked at, after one that was populated by itself."""
    _measure_populate(size)
    fake = FakeKfp(simulation="manual")
    before = _peak_kilobytes()
    table = Table(f"A population of {size:,} runs (in process; ratios are to one creation)")
    whole = once("all created", lambda: populate(fake, size))
    table.add(whole.divided("one created", size))
    table.add(whole)
    print(f"{'memory for each (peak)':52} {(_peak_kilobytes() - before) / size:>12.2f} kB", flush=True)
    for field in _SORT_FIELDS:
        table.add(once(f"first page of 20 by {field}", _page(fake, sort_by=field)))
        table.add(measure(f"a page of 20 by {field}", _page(fake, sort_by=field), calls=20))
    number = count()
    table.add(
        measure(
            "the first page of a new filter on name: is a substring",
            lambda: _page(fake, filter=_name_filter("IS_SUBSTRING", f"{next(number)}7"))(),
            calls=1,
            samples=3,
        )
    )
    again = _page(fake, filter=_name_filter("IS_SUBSTRING", "77"))
    table.add(measure("the same filter again", again, calls=20))
    equal = (_page(fake, filter=_name_filter("EQUALS", f"run {each}")) for each in count())
    table.add(measure("a new filter on name: equals", lambda: next(equal)(), calls=20))


def _measure_populate(size: int) -> None:
    fake = FakeKfp(now="2024-06-01T00:00:00Z")
    table = Table(f"A population of {size:,} runs, as fake.populate() makes it")
    made = once("all populated", lambda: fake.populate(runs=size))
    table.add(made.divided("one populated", size))
    table.add(made)


def _page(fake: FakeKfp, **fields: str) -> Callable[[], object]:
    list_class, listing = V1.stub(fake.channel(), "ListRuns")
    request = list_class(page_size=20, **fields)
    return lambda: listing(request)


def _name_filter(operation: str, value: str) -> str:
    return f'{{"predicates":[{{"op":"{operation}","key":"name","stringValue":"{value}"}}]}}'


def _peak_kilobytes() -> int:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
