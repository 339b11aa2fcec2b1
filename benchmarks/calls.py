"""What a call costs through each door, beside a grpcio handler that does nothing."""

from __future__ import annotations

from itertools import count
from typing import Any

import grpc

from benchmarks.clients import EmptyServer, Rest, stub
from benchmarks.manifests import SINGLE
from benchmarks.timing import Table, measure
from fake_kfp import FakeKfp

RUNS = "/apis/v1beta1/runs"


def populate(fake: FakeKfp, size: int) -> list[str]:
    """Creates runs and gives their ids."""
    request_class, create = stub(fake.channel(), "CreateRunV1")
    return [create(run_request(request_class, f"run {number}")).run.id for number in range(size)]


def run_request(request_class: type[Any], name: str, manifest: str = SINGLE) -> Any:
    """A CreateRunRequest."""
    request = request_class()
    request.run.name = name
    request.run.pipeline_spec.workflow_manifest = manifest
    return request


def measure_calls(size: int) -> None:
    """Prints a table for a world with so many runs, which stay pending: what they do is measured elsewhere."""
    empty = EmptyServer()
    with FakeKfp(simulation="manual") as fake, grpc.insecure_channel(fake.target) as channel:
        ids = populate(fake, size)
        table = Table(f"Calls at {size:,} runs")
        table.add(measure("an empty grpcio handler", lambda: empty.call(b"")))
        _measure_channel(table, "gRPC", channel, ids)
        _measure_channel(table, "in process", fake.channel(), ids)
        _measure_rest(table, Rest(fake), ids)
    empty.close()


def _measure_channel(table: Table, door: str, channel: grpc.Channel, ids: list[str]) -> None:
    get_class, get = stub(channel, "GetRunV1")
    list_class, listing = stub(channel, "ListRunsV1")
    create_class, create = stub(channel, "CreateRunV1")
    number = count()
    middle = ids[len(ids) // 2]
    table.add(measure(f"{door}: GetRunV1", lambda: get(get_class(run_id=middle))))
    table.add(
        measure(f"{door}: ListRunsV1, 20 of them", lambda: listing(list_class(page_size=20)), calls=100)
    )
    table.add(
        measure(f"{door}: ListRunsV1, 200 of them", lambda: listing(list_class(page_size=200)), calls=20)
    )
    by_name = list_class(page_size=20, sort_by="name desc")
    table.add(measure(f"{door}: ListRunsV1, 20 sorted by name", lambda: listing(by_name), calls=100))
    table.add(
        measure(f"{door}: CreateRunV1", lambda: create(run_request(create_class, f"new {next(number)}")))
    )


def _measure_rest(table: Table, rest: Rest, ids: list[str]) -> None:
    number = count()
    body = {"pipeline_spec": {"workflow_manifest": SINGLE}}
    table.add(measure("REST: GetRunV1", lambda: rest.get(f"{RUNS}/{ids[len(ids) // 2]}")))
    table.add(measure("REST: ListRunsV1, 20 of them", lambda: rest.get(f"{RUNS}?page_size=20"), calls=100))
    table.add(measure("REST: ListRunsV1, 200 of them", lambda: rest.get(f"{RUNS}?page_size=200"), calls=20))
    table.add(measure("REST: CreateRunV1", lambda: rest.post(RUNS, {"name": f"rest {next(number)}", **body})))
