"""What other HTTP clients do: Go's uploads in chunks, kept connections, prefixes, forms of their own."""

from __future__ import annotations

import http.client
import json
import socket
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

import pytest

from fake_kfp import FakeKfp
from tests.server.calling import rest, workflow

PROXY = "/api/v1/namespaces/kubeflow/services/http:ml-pipeline:8888/proxy"


@pytest.fixture
def connection(fake_kfp: FakeKfp) -> Iterator[http.client.HTTPConnection]:
    place = urlsplit(fake_kfp.url)
    opened = http.client.HTTPConnection(place.hostname or "", place.port, timeout=120)
    yield opened
    opened.close()


def ask(
    connection: http.client.HTTPConnection, method: str, path: str, body: Any = None, **headers: str
) -> Any:
    connection.request(method, path, body, headers)
    response = connection.getresponse()
    received = response.read()
    assert response.status == 200, received
    return json.loads(received or b"{}")


def chunks_of_a_form(manifest: str, size: int) -> Iterator[bytes]:
    """A multipart form with one file, piece by piece, as Go's ``mime/multipart`` writes it into a pipe."""
    head = 'Content-Disposition: form-data; name="uploadfile"; filename="flow.yaml"\r\nContent-Type: application/octet-stream'
    form = f"--b\r\n{head}\r\n\r\n{manifest}\r\n--b--\r\n".encode()
    for at in range(0, len(form), size):
        yield form[at : at + size]


@pytest.mark.parametrize("size", [1, 100, 1 << 20])
def test_an_upload_in_chunks(connection: http.client.HTTPConnection, size: int) -> None:
    """Go clients know no length when they begin to send."""
    path, form = "/apis/v1beta1/pipelines/upload?name=flow", chunks_of_a_form(workflow(), size)
    kind = {"Content-Type": "multipart/form-data; boundary=b"}
    reply = ask(connection, "POST", path, form, **kind)
    assert reply["name"] == "flow"


def test_a_connection_is_kept_whatever_is_asked(connection: http.client.HTTPConnection) -> None:
    kept: list[socket.socket | None] = []
    for number in range(20):
        body = json.dumps({"name": str(number)})
        ask(connection, "POST", "/apis/v1beta1/experiments", body)
        connection.request("GET", "/apis/v1beta1/experiments/nobody")
        assert connection.getresponse().read()
        kept.append(connection.sock)
    assert kept[0] is not None
    assert len(set(kept)) == 1


def test_no_packet_waits_for_another(fake_kfp: FakeKfp) -> None:
    """A reply that is written in pieces, or held back for an acknowledgement, takes 40 ms longer."""
    place = urlsplit(fake_kfp.url)
    with socket.create_connection((place.hostname or "", place.port or 0), timeout=120) as connection:
        connection.sendall(b"GET /apis/v1beta1/healthz HTTP/1.1\r\nHost: localhost\r\n\r\n")
        whole = connection.recv(1 << 16)
    head, _, body = whole.partition(b"\r\n\r\n")
    assert f"content-length: {len(body)}".encode() in head.lower()


def test_posts_without_a_body_need_no_content_type(connection: http.client.HTTPConnection) -> None:
    run = {"name": "r", "pipeline_spec": {"workflow_manifest": workflow()}}
    run_id = ask(connection, "POST", "/apis/v1beta1/runs", json.dumps(run))["run"]["id"]
    ask(connection, "POST", f"/apis/v1beta1/runs/{run_id}:archive")
    ask(connection, "POST", f"/apis/v1beta1/runs/{run_id}:unarchive", **{"Accept-Encoding": "gzip"})


@pytest.mark.parametrize(
    "prefix", ["", "/pipeline", PROXY, "/api/v1/namespaces/ns/services/ml-pipeline/proxy"]
)
def test_every_place_is_behind_every_prefix(fake_kfp: FakeKfp, prefix: str) -> None:
    url = fake_kfp.url + prefix
    assert rest(url, "GET", "/apis/v1beta1/healthz")[0] == 200
    assert rest(url, "GET", "/apis/v2beta1/healthz")[0] == 200
    assert rest(url, "GET", "/apis/v1beta1/runs") == (200, {})
    assert rest(url, "GET", "/apis/v1beta1/runs/nobody")[0] == 404
    assert rest(url, "POST", "/apis/v1beta1/pipelines/upload?name=x")[0] == 400
    assert rest(url, "GET", "/_fake_kfp/clock")[0] == 200
    assert rest(url, "GET", "/apis/v1alpha1/runs/r/nodes/n/log")[0] == 200


@pytest.mark.parametrize("prefix", ["/pipelines", "/api/v1/namespaces/ns/services", "/other"])
def test_what_is_no_prefix_is_no_place(fake_kfp: FakeKfp, prefix: str) -> None:
    assert rest(fake_kfp.url + prefix, "GET", "/apis/v1beta1/runs")[0] == 404


def test_a_body_beyond_the_limit_is_refused_in_so_many_words(fake_kfp_factory: Any) -> None:
    fake = fake_kfp_factory(max_body_bytes=1000)
    key = "/_fake_kfp/objects/x"
    assert rest(fake.url, "PUT", key, b"x" * 1000)[0] == 200
    status, text = rest(fake.url, "PUT", key, b"x" * 1001)
    assert status == 413
    assert b"fake_kfp: bodies of more than 1000 bytes are not taken. Raise max_body_bytes." in text
    assert rest(fake.url, "GET", key) == (200, b"x" * 1000)
