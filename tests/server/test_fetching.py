"""Pipelines by URL, fetched from a web server that the test's author allowed."""

from __future__ import annotations

import http.server
import io
import socket
import threading
import zipfile
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from fake_kfp import FakeKfp
from fake_kfp.services.pipelines.files import MAX_FILE_BYTES
from tests.server.calling import rest, workflow

Reply = tuple[int, dict[str, str], bytes]
Serve = Callable[[Callable[[str], Reply]], str]


@pytest.fixture
def serve() -> Iterator[Serve]:
    """Starts web servers that answer each path as a function says; gives their URLs."""
    servers: list[http.server.ThreadingHTTPServer] = []

    def started(answer: Callable[[str], Reply]) -> str:
        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                status, headers, body = answer(self.path)
                self.send_response(status)
                for name, value in {"Content-Length": str(len(body)), **headers}.items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_: Any) -> None:
                pass

        server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        servers.append(server)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        return f"http://127.0.0.1:{server.server_address[1]}"

    yield started
    for server in servers:
        server.shutdown()
        server.server_close()


def create_pipeline(fake: FakeKfp, url: str, name: str = "") -> tuple[int, Any]:
    body = {"name": name, "url": {"pipeline_url": url}}
    return rest(fake.url, "POST", "/apis/v1beta1/pipelines", body)


def create_version(fake: FakeKfp, url: str, pipeline: str) -> tuple[int, Any]:
    reference = {"key": {"type": "PIPELINE", "id": pipeline}, "relationship": "OWNER"}
    body = {"name": "v2", "package_url": {"pipeline_url": url}, "resource_references": [reference]}
    return rest(fake.url, "POST", "/apis/v1beta1/pipeline_versions", body)


def test_pipelines_and_versions_are_made_of_what_an_allowed_server_gives(serve: Serve) -> None:
    asked = []

    def answer(path: str) -> Reply:
        asked.append(path)
        return 200, {}, workflow().encode()

    url = serve(answer)
    with FakeKfp(fetch_from=["http://127.0.0.1"]) as fake:
        status, pipeline = create_pipeline(fake, f"{url}/a%20b/my.yaml", "mine")
        assert (status, pipeline["name"]) == (200, "mine"), pipeline
        status, version = create_version(fake, f"{url}/my.yaml", pipeline["id"])
        assert status == 200, version
    assert asked == ["/a%20b/my.yaml", "/my.yaml"]


def test_archives_may_have_any_name_and_query(serve: Serve) -> None:
    asked = []

    def answer(path: str) -> Reply:
        asked.append(path)
        packed = io.BytesIO()
        with zipfile.ZipFile(packed, "w") as archive:
            archive.writestr("pipeline.yaml", workflow())
        return 200, {}, packed.getvalue()

    with FakeKfp(fetch_from=["http://127.0.0.1"]) as fake:
        status, pipeline = create_pipeline(fake, serve(answer) + "/get?file=a&raw=1")
    assert (status, pipeline["name"]) == (200, "get?file=a&raw=1"), pipeline
    assert asked == ["/get?file=a&raw=1"]


def test_nobody_is_asked_unless_allowed(serve: Serve) -> None:
    asked = []

    def answer(path: str) -> Reply:
        asked.append(path)
        return 200, {}, workflow().encode()

    url = serve(answer)
    with FakeKfp(fetch_from=["http://127.0.0.1:1", "https://127.0.0.1"]) as fake:
        status, error = create_pipeline(fake, f"{url}/my.yaml")
        assert status == 501
        assert f"fake_kfp: fetching {url}/my.yaml is not modelled" in error["message"]
        assert "fetch_from" in error["message"]
    assert asked == []


def test_what_is_registered_is_not_fetched() -> None:
    url = "http://127.0.0.1:1/my.yaml"
    with FakeKfp(urls={url: workflow()}, fetch_from=["http://127.0.0.1"]) as fake:
        assert create_pipeline(fake, url)[0] == 200


def test_a_refusal_of_the_server_is_told_in_the_real_servers_words(serve: Serve) -> None:
    url = serve(lambda path: (404, {}, b""))
    fake = FakeKfp(fetch_from=[url], urls={"http://host/first.yaml": workflow()})
    with fake:
        _, pipeline = create_pipeline(fake, "http://host/first.yaml")
        status, error = create_pipeline(fake, f"{url}/my.yaml")
        assert status == 400
        assert error["message"] == (
            "Failed to create a pipeline (v1beta1): Invalid input error: error fetching pipeline spec from "
            f"{url}/my.yaml - request returned 404 Not Found"
        )
        status, error = create_version(fake, f"{url}/my.yaml", pipeline["id"])
        assert status == 400
        wanted = f"Failed to fetch pipeline spec with url: {url}/my.yaml. Request returned 404 Not Found"
        assert error["message"].endswith(f"Invalid input error: {wanted}")


def test_a_server_that_does_not_answer_is_an_internal_error() -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        address = f"127.0.0.1:{free.getsockname()[1]}"
        with FakeKfp(fetch_from=["http://127.0.0.1"]) as fake:
            url = f"http://{address}/my.yaml"
            status, error = create_pipeline(fake, url)
    assert status == 500
    assert f'Get "{url}": dial tcp {address}: connect: connection refused' in error["message"]


def test_a_server_that_hangs_up_or_speaks_something_else_is_an_internal_error() -> None:
    for said, reason in ((b"", "EOF"), (b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nx", "unexpected EOF")):
        with socket.create_server(("127.0.0.1", 0)) as server:
            url = f"http://127.0.0.1:{server.getsockname()[1]}/my.yaml"

            def answer(server: socket.socket = server, said: bytes = said) -> None:
                connection, _ = server.accept()
                with connection:
                    connection.recv(1 << 16)
                    connection.sendall(said)

            thread = threading.Thread(target=answer)
            thread.start()
            with FakeKfp(fetch_from=["http://127.0.0.1"]) as fake:
                status, error = create_pipeline(fake, url)
            thread.join()
        assert status == 500
        assert f'Get "{url}": {reason}' in error["message"]


def test_no_more_is_read_than_a_pipeline_may_have(serve: Serve) -> None:
    url = serve(lambda path: (200, {"Content-Length": str(1 << 40)}, b"#" * (MAX_FILE_BYTES + 1)))
    with FakeKfp(fetch_from=[url]) as fake:
        status, error = create_pipeline(fake, f"{url}/my.yaml")
    assert status == 400
    assert "File size too large. Maximum supported size: 33554432" in error["message"]


def test_other_calls_go_on_while_a_pipeline_is_fetched(serve: Serve) -> None:
    fake = FakeKfp(fetch_from=["http://127.0.0.1"])

    def answer(path: str) -> Reply:
        _, listed = rest(fake.url, "GET", "/apis/v1beta1/pipelines")
        assert listed == {}
        return 200, {}, workflow().encode()

    with fake:
        status, pipeline = create_pipeline(fake, serve(answer) + "/my.yaml")
        assert status == 200, pipeline


@pytest.mark.parametrize(
    "value", ["http://host", ["host"], ["ftp://host"], ["http://"], [3], 3, ["http://h:x"]]
)
def test_what_is_no_list_of_servers_is_refused(value: Any) -> None:
    with pytest.raises(ValueError, match="fetch_from is a list of schemes and hosts such as"):
        FakeKfp(fetch_from=value)
