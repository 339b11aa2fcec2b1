"""Certificates are verified: an import, and a recording proxy, ask nobody whom they have no reason to trust."""

from __future__ import annotations

import shutil
import socket
import ssl
import subprocess
import threading
from collections.abc import Iterator
from contextlib import closing, suppress
from pathlib import Path

import pytest

from fake_kfp import FakeKfp
from fake_kfp.cassettes import Recorder
from fake_kfp.upstream.installation import Installation
from fake_kfp.upstream.reading import Reader, ReadError
from tests.server.calling import rest

pytestmark = pytest.mark.skipif(shutil.which("openssl") is None, reason="openssl makes the certificate")


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """A certificate of localhost that no authority knows, and its key."""
    place = tmp_path_factory.mktemp("tls")
    made = ["-keyout", str(place / "key.pem"), "-out", str(place / "cert.pem")]
    names = ["-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1"]
    kind = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-x509", "-days", "2"]
    subprocess.run(["openssl", "req", *kind, *names, *made], check=True, capture_output=True)
    return place / "cert.pem", place / "key.pem"


@pytest.fixture
def secure(fake_kfp: FakeKfp, certificate: tuple[Path, Path]) -> Iterator[str]:
    """The fake behind TLS, as an ingress would have it."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(*certificate)
    host, port = fake_kfp.url.removeprefix("http://").split(":")
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def serve() -> None:
            with suppress(OSError):
                while True:
                    _pass_on(context, listener.accept()[0], (host, int(port)))

        threading.Thread(target=serve, daemon=True).start()
        yield f"https://localhost:{listener.getsockname()[1]}"
        listener.shutdown(socket.SHUT_RDWR)


def _pass_on(context: ssl.SSLContext, accepted: socket.socket, to: tuple[str, int]) -> None:
    """One request and its answer."""
    with suppress(ssl.SSLError, OSError), context.wrap_socket(accepted, server_side=True) as client:
        request = client.recv(1 << 16).replace(b"Connection: keep-alive", b"")
        with socket.create_connection(to) as server:
            server.sendall(request.replace(b"\r\n\r\n", b"\r\nConnection: close\r\n\r\n", 1))
            while part := server.recv(1 << 16):
                client.sendall(part)


def test_an_unknown_certificate_is_not_trusted(secure: str) -> None:
    with (
        closing(Reader(Installation(secure), lambda seconds: pytest.fail("it waited"))) as reader,
        pytest.raises(ReadError, match=r"its certificate is not trusted: .*self.signed"),
    ):
        reader.get("/apis/v1beta1/healthz")


@pytest.mark.parametrize("way", ["authority", "insecure"])
def test_it_is_if_somebody_says_so(secure: str, certificate: tuple[Path, Path], way: str) -> None:
    authority = str(certificate[0]) if way == "authority" else None
    source = Installation(secure, ca_file=authority, verify=way != "insecure")
    with closing(Reader(source)) as reader:
        assert reader.get("/apis/v1beta1/healthz")["multi_user"] is False


def test_a_proxy_does_not_trust_it_either(
    secure: str, certificate: tuple[Path, Path], tmp_path: Path
) -> None:
    with Recorder(tmp_path / "no.jsonl", secure) as proxy:
        status, reply = rest(proxy.url, "GET", "/apis/v1beta1/healthz")
    assert (status, "its certificate is not trusted" in reply["message"]) == (503, True)
    with Recorder(tmp_path / "yes.jsonl", Installation(secure, ca_file=str(certificate[0]))) as proxy:
        assert rest(proxy.url, "GET", "/apis/v1beta1/healthz")[0] == 200
