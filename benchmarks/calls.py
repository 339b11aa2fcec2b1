"""What a call costs through each door, in each version of the API, beside a grpcio handler that does nothing."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import count

import grpc

from benchmarks.clients import EmptyServer, Rest
from benchmarks.timing import Figure, Table, measure
from benchmarks.versions import V1, WITH_PIPELINES, WITH_WORKFLOWS, Version
from fake_kfp import FakeKfp


def populate(fake: FakeKfp, size: int, version: Version = V1) -> list[str]:
    """Creates runs and gives their ids."""
    create = version.creation(fake.channel())
    return [create(f"run {number}") for number in range(size)]


def measure_calls(size: int) -> None:
    """Prints a table for each version and kind of manifest, of a world with so many runs. They stay pending: what they do is
    measured elsewhere."""
    empty = EmptyServer()
    nothing = measure("an empty grpcio handler", lambda: empty.call(b""))
    for what, versions in (("Argo workflows", WITH_WORKFLOWS), ("pipelines", WITH_PIPELINES)):
        of_v1: dict[str, Figure] = {}
        for version in versions:
            table = Table(f"Calls of {version.name} at {size:,} runs of {what}", nothing, of_v1)
            table.add(nothing)
            for figure in _figures(size, version):
                table.add(figure)
                of_v1.setdefault(figure.name, figure)
    empty.close()


def _figures(size: int, version: Version) -> Iterator[Figure]:
    with FakeKfp(simulation="manual") as fake, grpc.insecure_channel(fake.target) as channel:
        ids = populate(fake, size, version)
        middle = ids[len(ids) // 2]
        yield from _of_channel("gRPC", channel, version, middle)
        yield from _of_channel("in process", fake.channel(), version, middle)
        yield from _of_rest(Rest(fake), version, middle)


def _of_channel(door: str, channel: grpc.Channel, version: Version, run_id: str) -> Iterator[Figure]:
    get_class, get = version.stub(channel, "GetRun")
    list_class, listing = version.stub(channel, "ListRuns")
    create = version.creation(channel)
    number = count()
    by_name = list_class(page_size=20, sort_by=f"{version.title} desc")
    yield measure(f"{door}: GetRun", lambda: get(get_class(run_id=run_id)))
    yield measure(f"{door}: ListRuns, 20 of them", lambda: listing(list_class(page_size=20)), calls=100)
    yield measure(f"{door}: ListRuns, 200 of them", lambda: listing(list_class(page_size=200)), calls=20)
    yield measure(f"{door}: ListRuns, 20 sorted by name", lambda: listing(by_name), calls=100)
    yield measure(f"{door}: CreateRun", lambda: create(f"new {next(number)}"))


def _of_rest(rest: Rest, version: Version, run_id: str) -> Iterator[Figure]:
    number = count()
    runs = version.runs
    yield measure("REST: GetRun", lambda: rest.get(f"{runs}/{run_id}"))
    yield measure("REST: ListRuns, 20 of them", lambda: rest.get(f"{runs}?page_size=20"), calls=100)
    yield measure("REST: ListRuns, 200 of them", lambda: rest.get(f"{runs}?page_size=200"), calls=20)
    yield measure("REST: CreateRun", lambda: rest.post(runs, version.run(f"rest {next(number)}")))
