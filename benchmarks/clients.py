"""Clients of the doors under measurement, as thin as they can be."""

from __future__ import annotations

import http.client
import json
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import grpc

from fake_kfp import FakeKfp
from fake_kfp.api import descriptors

Call = Callable[[Any], Any]


def stub(channel: grpc.Channel, method: str, package: str = "api") -> tuple[type[Any], Call]:
    """The request class and the callable of a RunService method."""
    known = descriptors.methods()[f"/{package}.RunService/{method}"]
    call = channel.unary_unary(
        known.name,
        request_serializer=known.input_class.SerializeToString,
        response_deserializer=known.output_class.FromString,
    )
    return known.input_class, call


class Rest:
    """One kept-alive connection to the REST side."""

    def __init__(self, fake: FakeKfp) -> None:
        self._connection = http.client.HTTPConnection(fake.url.removeprefix("http://"))

    def get(self, path: str) -> bytes:
        """The body of a reply."""
        self._connection.request("GET", path)
        return self._connection.getresponse().read()

    def post(self, path: str, body: Any) -> bytes:
        """The body of the reply to a JSON request."""
        self._connection.request("POST", path, json.dumps(body), {"Content-Type": "application/json"})
        return self._connection.getresponse().read()


class EmptyServer:
    """A grpcio server whose one handler does nothing: what a call costs at least, client and server in one process."""

    def __init__(self) -> None:
        handler = grpc.unary_unary_rpc_method_handler(lambda request, context: request)
        self._server = grpc.server(ThreadPoolExecutor(4))
        self._server.add_generic_rpc_handlers(
            [grpc.method_handlers_generic_handler("empty.Empty", {"Call": handler})]
        )
        port = self._server.add_insecure_port("127.0.0.1:0")
        self._server.start()
        self._channel = grpc.insecure_channel(f"127.0.0.1:{port}")
        self.call = self._channel.unary_unary("/empty.Empty/Call")

    def close(self) -> None:
        """Ends the server."""
        self._channel.close()
        self._server.stop(None).wait()
