"""Defects of the doors: codes, details, what one door loses, bytes that are no request; and races between clients."""

from __future__ import annotations

import json
import threading
from time import sleep as pause  # noqa: TID251 - a race needs a moment in which it can happen
from typing import Any

from fake_kfp.api import status
from fake_kfp.api.dispatch import Api
from fake_kfp.errors import Code, KfpError
from fake_kfp.services.experiments import Experiments
from fake_kfp.services.runs import metrics
from fake_kfp.services.runs.metrics import Metrics
from fake_kfp.transport import rpc
from fake_kfp.transport.http.gateway import gateway
from fake_kfp.transport.http.places import uploads
from fake_kfp.transport.http.wire import connection
from fake_kfp.transport.in_process.channel import InProcessChannel
from tests.power.catalogue import Patches, defect

DOORS = ("doors-*",)
BYTES = ("any-bytes-*",)
RACES = ("concurrent-*",)
_A_MOMENT = 0.002


@defect(*DOORS, "unknown-*")
def unknown_records_are_bad_requests(patches: Patches) -> None:
    """NOT_FOUND is HTTP 400."""
    patches.set(status, "_HTTP_STATUS", {**status._HTTP_STATUS, Code.NOT_FOUND: 400})


@defect(*DOORS, "experiment-names-*")
def conflicts_are_bad_requests(patches: Patches) -> None:
    """ALREADY_EXISTS is HTTP 400."""
    patches.set(status, "_HTTP_STATUS", {**status._HTTP_STATUS, Code.ALREADY_EXISTS: 400})


@defect(*DOORS)
def rest_errors_have_no_details(patches: Patches) -> None:
    """Errors over REST have no details."""
    patches.wrap(
        gateway,
        "error_body",
        lambda body: lambda error: {key: value for key, value in body(error).items() if key != "details"},
    )


@defect(*DOORS)
def grpc_errors_have_no_details(patches: Patches) -> None:
    """Errors over gRPC have no details."""
    patches.set(rpc, "status_details", lambda error: None)


@defect("doors-answer-sessions-alike")
def rest_errors_are_short(patches: Patches) -> None:
    """Errors over REST say the short text only."""
    patches.wrap(
        gateway,
        "error_body",
        lambda body: lambda error: body(error) | {"message": error.detail or error.message},
    )


@defect(*DOORS)
def rest_loses_the_query(patches: Patches) -> None:
    """REST ignores the parameters in a query."""
    patches.set(gateway, "fill_from_query", lambda message, values, *rest: None)


@defect("doors-answer-reads-alike")
def rest_loses_totals(patches: Patches) -> None:
    """REST does not show the total size of lists."""
    _without_over_rest(patches, "total_size")


@defect("v2/doors-answer-reads-alike")
def rest_loses_display_names(patches: Patches) -> None:
    """REST does not show what the records of v2beta1 are called."""
    _without_over_rest(patches, "display_name")


def _without_over_rest(patches: Patches, name: str) -> None:
    """Replies over REST lack a field, at any depth."""

    def without(content: Any) -> Any:
        if isinstance(content, dict):
            return {key: without(value) for key, value in content.items() if key != name}
        return [*map(without, content)] if isinstance(content, list) else content

    def writing(json_of: Any) -> Any:
        return lambda reply: json.dumps(without(json.loads(json_of(reply)))).encode()

    patches.wrap(gateway, "json_of", writing)


@defect(*DOORS)
def the_in_process_door_says_unknown(patches: Patches) -> None:
    """In process every refusal is UNKNOWN."""

    def exchanging(exchange: Any) -> Any:
        def exchanged(*call: Any) -> bytes:
            try:
                return bytes(exchange(*call))
            except KfpError as error:
                raise KfpError(Code.UNKNOWN, error.message, error.detail) from None

        return exchanged

    patches.wrap(InProcessChannel, "exchange", exchanging)


@defect(*BYTES)
def bytes_that_are_no_message_are_an_empty_one(patches: Patches) -> None:
    """Bytes that are no message are taken for an empty one."""

    def answer(api: Any, method: Any, request: bytes, caller: Any) -> bytes:
        message = method.input_class()
        try:
            message.ParseFromString(request)
        except Exception:
            message.Clear()
        return bytes(api.call(method, message, caller).SerializeToString())

    patches.set(rpc, "answer", answer)


@defect(*BYTES)
def odd_bytes_crash_the_handler(patches: Patches) -> None:
    """A request with text outside ASCII makes the handler stumble."""

    def calling(call: Any) -> Any:
        def called(self: Any, method: Any, request: Any, caller: Any) -> Any:
            if any(byte > 0x7F for byte in request.SerializeToString()):
                raise KfpError(Code.INTERNAL, "fake_kfp: it failed inside the fake itself", None)
            return call(self, method, request, caller)

        return called

    patches.wrap(Api, "call", calling)


@defect(*BYTES)
def refused_bytes_archive_something(patches: Patches) -> None:
    """Whenever a request is refused, some run is archived."""

    def calling(call: Any) -> Any:
        def called(self: Any, method: Any, request: Any, caller: Any) -> Any:
            try:
                return call(self, method, request, caller)
            except KfpError:
                _archive_all(self, caller)
                raise

        return called

    def _archive_all(api: Any, caller: Any) -> None:
        listed = api.methods["/api.RunService/ListRunsV1"]
        archive = api.methods["/api.RunService/ArchiveRunV1"]
        reply: Any = original(api, listed, listed.input_class(), caller)
        for run in reply.runs[:1]:
            original(api, archive, archive.input_class(id=run.id), caller)

    original = Api.call
    patches.wrap(Api, "call", calling)


@defect("any-shape-*")
def quoted_boundaries_crash_the_upload(patches: Patches) -> None:
    """A form whose boundary holds a quotation mark makes the upload stumble."""

    def reading(read: Any) -> Any:
        def form(content_type: str, *rest: Any) -> Any:
            if '"' in content_type:
                raise RuntimeError(content_type)
            return read(content_type, *rest)

        return form

    patches.wrap(uploads, "read_form", reading)


@defect("any-shape-*")
def brackets_in_a_query_are_read_by_recursion(patches: Patches) -> None:
    """A parameter of a query is read by a function that calls itself for each bracket in its name, and may not go as deep as that."""

    def filling(fill: Any) -> Any:
        def filled(message: Any, values: Any, *rest: Any) -> None:
            if any(name.count("[") > 400 for name in values):
                raise RecursionError("maximum recursion depth exceeded")
            fill(message, values, *rest)

        return filled

    patches.wrap(gateway, "fill_from_query", filling)


@defect("any-body-*")
def brackets_in_a_body_are_read_by_recursion(patches: Patches) -> None:
    """A body is read by a function that calls itself for each bracket, and may not go as deep as that."""

    def filling(fill: Any) -> Any:
        def filled(message: Any, field: str, body: bytes, *rest: Any) -> None:
            if body.count(b"[") > 400:
                raise RecursionError("maximum recursion depth exceeded")
            fill(message, field, body, *rest)

        return filled

    patches.wrap(gateway, "fill_from_body", filling)


@defect("any-shape-*")
def long_headers_close_the_connection(patches: Patches) -> None:
    """Whoever sends a header of more than two hundred characters is answered by nobody."""

    def reading(read: Any) -> Any:
        def fields(text: str) -> Any:
            if any(len(line) > 200 for line in text.split("\r\n")):
                raise OSError("too long")
            return read(text)

        return fields

    patches.wrap(connection, "_header_fields", reading)


@defect("phases-*")
def runs_are_read_from_a_cache(patches: Patches) -> None:
    """A run that was read once is always read so."""
    replies: dict[str, Any] = {}

    def calling(call: Any) -> Any:
        def called(self: Any, method: Any, request: Any, caller: Any) -> Any:
            if not method.name.endswith("/GetRunV1"):
                return call(self, method, request, caller)
            if request.run_id not in replies:
                replies[request.run_id] = call(self, method, request, caller)
            return replies[request.run_id]

        return called

    patches.wrap(Api, "call", calling)


def _without_lock(patches: Patches, name: str) -> None:
    """Calls of one RPC are not kept apart from others."""

    def calling(call: Any) -> Any:
        def called(self: Any, method: Any, request: Any, caller: Any) -> Any:
            if not method.name.endswith(name):
                return call(self, method, request, caller)
            try:
                return self._handlers[method.name](request, caller)
            except KfpError as error:
                raise error.as_seen() from None

        return called

    patches.wrap(Api, "call", calling)


@defect(*RACES)
def a_race_loses_metrics(patches: Patches) -> None:
    """Of two metrics reported at the same time one is lost."""
    _without_lock(patches, "/ReportRunMetricsV1")

    def storing(store: Any) -> Any:
        def stored(self: Any, run: Any, reported: Any) -> Any:
            before = list(run.metrics)
            pause(_A_MOMENT)
            run.metrics = before
            return store(self, run, reported)

        return stored

    patches.wrap(Metrics, "store", storing)
    assert metrics.Metrics is Metrics


@defect(*RACES)
def a_race_makes_names_meet(patches: Patches) -> None:
    """Two experiments of one name can be made at the same time."""
    _without_lock(patches, "/CreateExperimentV1")

    def inserting(insert: Any) -> Any:
        def inserted(self: Any, experiment: Any) -> None:
            taken = [each for each in self._world.experiments.find() if each.name == experiment.name]
            pause(_A_MOMENT)
            if not taken:
                self._world.experiments._claim = lambda key, claims: None
            insert(self, experiment)

        return inserted

    patches.wrap(Experiments, "_insert", inserting)


@defect(*RACES)
def reads_are_a_moment_old(patches: Patches) -> None:
    """A run is read as it was at the last read of this client but one millisecond ago."""
    seen = threading.local()

    def calling(call: Any) -> Any:
        def called(self: Any, method: Any, request: Any, caller: Any) -> Any:
            reply = call(self, method, request, caller)
            if not method.name.endswith("/GetRunV1"):
                return reply
            old, seen.reply = getattr(seen, "reply", reply), reply
            return old if old.run.id == reply.run.id else reply

        return called

    patches.wrap(Api, "call", calling)
