"""Who is let in: by which names the REST side is reached, and whose pages may change something."""

from __future__ import annotations

import http.client
import json
import socket
from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest

from fake_kfp import FakeKfp
from fake_kfp.errors import KfpError
from fake_kfp.transport.http.gateway.visitors import Visitors
from fake_kfp.transport.http.wire.message import HttpRequest
from tests.server.calling import rest

LOOPBACK = [
    "localhost",
    "LOCALHOST.",
    "localhost:8888",
    "a.localhost:1",
    "127.0.0.1:8888",
    "127.9.9.9",
    "[::1]:80",
]
FOREIGN = ["evil.example", "evil.example:8888", "localhost.evil.example", "127.0.0.1.evil.example", "127.0.0.1@evil",
           "10.0.0.7:8888", "[::1", "::1", "a:b:c", "[fe80::1]", "[]", "127.1", "2130706433"]  # fmt: skip
PLACES = [
    "/apis/v1beta1/runs",
    "/apis/v2beta1/healthz",
    "/_fake_kfp/clock",
    "/nothing",
    "/pipeline/apis/v1beta1/runs",
]


def let_in(visitors: Visitors, method: str = "GET", target: str = "/", **headers: str) -> bool:
    try:
        visitors.check(HttpRequest(method, target, {name: (value,) for name, value in headers.items()}))
    except KfpError:
        return False
    return True


@pytest.mark.parametrize("host", LOOPBACK)
def test_names_of_this_machine_are_known(host: str) -> None:
    assert let_in(Visitors(), host=host)
    assert let_in(Visitors(), "POST", host=host, origin=f"http://{host}")


@pytest.mark.parametrize("host", FOREIGN)
def test_other_names_are_not(host: str) -> None:
    assert not let_in(Visitors(), host=host)
    assert not let_in(Visitors(), "POST", host="localhost", origin=f"http://{host}")


@pytest.mark.parametrize("allowed", ["kfp.test", "KFP.Test.", "*"])
def test_a_name_that_is_allowed_is_known_on_any_port(allowed: str) -> None:
    visitors = Visitors(allowed=[allowed])
    assert let_in(visitors, "PUT", host="kfp.TEST:1234", origin="https://kfp.test")
    assert let_in(visitors, host="other.test") is (allowed == "*")


def test_the_address_listened_on_is_known() -> None:
    assert let_in(Visitors("10.0.0.7"), host="10.0.0.7:8888")
    assert let_in(Visitors("2001:db8::7"), host="[2001:db8::7]:8888")
    assert not let_in(Visitors("10.0.0.7"), host="10.0.0.8")


@pytest.mark.parametrize("everywhere", ["0.0.0.0", "::", ""])
def test_who_listens_everywhere_answers_to_addresses_and_to_no_names(everywhere: str) -> None:
    assert let_in(Visitors(everywhere), host="10.0.0.8:1")
    assert not let_in(Visitors(everywhere), host="evil.example")


def test_a_request_without_host_is_no_browsers() -> None:
    assert let_in(Visitors())


def test_an_absolute_target_says_the_host() -> None:
    assert not let_in(Visitors(), target="http://evil.example/apis", host="localhost")
    assert let_in(Visitors(), target="http://localhost:1/apis", host="evil.example")


@pytest.mark.parametrize(
    "origin", ["null", "http://evil.example", "file://", "http://[", "localhost", "chrome-extension://abc"]
)
def test_foreign_pages_read_and_change_nothing(origin: str) -> None:
    assert let_in(
        Visitors(), "GET", host="localhost", origin=origin
    )  # and no CORS header lets them see what came
    for method in ("POST", "PUT", "DELETE", "PATCH", "ODD"):
        assert not let_in(Visitors(), method, host="localhost", origin=origin)


@pytest.fixture(scope="module")
def fake() -> Iterator[FakeKfp]:
    with FakeKfp(allow_hosts=["kfp.test"], fetch_from=["http://127.0.0.1:9", "https://a.test"]) as started:
        yield started


@pytest.mark.parametrize("place", PLACES)
def test_every_place_is_guarded(fake: FakeKfp, place: str) -> None:
    address = urlsplit(fake.url)
    for host, expected in (("evil.example", True), ("kfp.test", False)):
        connection = http.client.HTTPConnection(address.hostname or "", address.port, timeout=60)
        connection.request("GET", place, headers={"Host": host})
        answer = connection.getresponse()
        text = answer.read()
        assert ((answer.status, b"fake_kfp: " in text) == (403, True)) is expected
        assert not [name for name in answer.headers if name.lower().startswith("access-control")]
        connection.close()


@pytest.mark.parametrize(
    "path", ["/_fake_kfp/reset", "/apis/v1beta1/experiments", "/apis/v1beta1/pipelines/upload"]
)
def test_a_page_that_a_developer_visits_cannot_post(fake: FakeKfp, path: str) -> None:
    rest(fake.url, "POST", "/apis/v1beta1/experiments", {"name": "mine"})
    before = rest(fake.url, "GET", "/apis/v1beta1/experiments")
    headers = {"Origin": "http://evil.example", "Content-Type": "text/plain"}
    assert rest(fake.url, "POST", path, {"name": "theirs"}, **headers)[0] == 403
    assert rest(fake.url, "GET", "/apis/v1beta1/experiments") == before


def test_a_page_of_its_own_and_the_web_interfaces_server_can(fake: FakeKfp) -> None:
    for number, origin in enumerate([fake.url, "http://localhost:3000", "https://kfp.test"]):
        body = {"name": f"from a page {number}"}
        assert rest(fake.url, "POST", "/apis/v1beta1/experiments", body, Origin=origin)[0] == 200


def test_fetching_is_not_opened_wider_over_http(fake: FakeKfp) -> None:
    def reset(*origins: str) -> tuple[int, str]:
        status, reply = rest(fake.url, "POST", "/_fake_kfp/reset", {"fetch_from": list(origins)})
        return status, json.dumps(reply)

    for wider in ("http://127.0.0.1", "http://127.0.0.1:10", "http://a.test", "http://evil.example"):
        status, text = reset("https://a.test", wider)
        assert status == 403
        assert f"{wider} is not among" in text
    assert reset("https://a.test:444")[0] == 200
    assert (
        reset("http://127.0.0.1:9", "https://a.test")[0] == 200
    )  # what it was started with, though it was narrowed meanwhile
    assert reset()[0] == 200


def test_a_control_token_closes_the_control_side_and_nothing_else() -> None:
    with FakeKfp(control_token="sésame") as fake:
        for header in (
            {},
            {"Authorization": "Bearer sesame"},
            {"Authorization": "Basic sésame".encode().decode("latin-1")},
        ):
            for method, path in (
                ("POST", "reset"),
                ("GET", "clock"),
                ("PUT", "objects/a"),
                ("GET", "nothing"),
            ):
                status, reply = rest(fake.url, method, f"/_fake_kfp/{path}", None, **header)
                assert (status, list(reply)) == (401, ["error"])
        right = {"Authorization": "bearer sésame".encode().decode("latin-1")}
        assert rest(fake.url, "GET", "/_fake_kfp/clock", None, **right)[0] == 200
        assert rest(fake.url, "GET", "/apis/v1beta1/runs")[0] == 200


@pytest.mark.parametrize(
    ("request_line", "host", "expected"),
    [
        ("GET /", "a b", "400 Bad Request: malformed Host header"),
        ("GET /", "a/b", "400 Bad Request: malformed Host header"),
        ("GET /", 'a"b', "400 Bad Request: malformed Host header"),
        ("OPTIONS *", "localhost", "200 OK"),
        ("GET *", "localhost", "400 Bad Request"),
    ],
)
def test_odd_hosts_and_targets_are_answered_as_by_go(
    fake: FakeKfp, request_line: str, host: str, expected: str
) -> None:
    place = urlsplit(fake.url)
    with socket.create_connection((place.hostname or "", place.port or 0), timeout=60) as connection:
        connection.sendall(f"{request_line} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n".encode())
        answer = b"".join(iter(lambda: connection.recv(1 << 16), b"")).decode()
    assert expected in answer


def test_what_is_no_reset_is_refused_in_the_form_agreed_upon(fake: FakeKfp) -> None:
    for body in (b"[" * 100_000, b'{"a":' * 100_000, b'{"self": 1}', b'{"step": 1' + b"0" * 5000 + b"}"):
        status, reply = rest(fake.url, "POST", "/_fake_kfp/reset", body)
        assert (status, list(reply)) == (400, ["error"])
