"""Pipelines by URL: which URLs are accepted, and what lies behind them."""

from __future__ import annotations

import pytest

from fake_kfp import FakeKfp
from fake_kfp.errors import Code, KfpError
from fake_kfp.options import OptionError
from fake_kfp.services.urls import Urls


@pytest.mark.parametrize(
    ("url", "reason"),
    [
        ("gs://bucket/p.yaml", 'unsupported protocol scheme "gs"'),
        ("/a/path", 'unsupported protocol scheme ""'),
        ("http:///p.yaml", "http: no Host in request URL"),
    ],
)
def test_what_no_http_client_would_ask_for_fails_as_in_go(url: str, reason: str) -> None:
    with pytest.raises(KfpError) as caught:
        Urls({}).download(url, "downloading failed")
    assert caught.value.code is Code.INTERNAL
    assert caught.value.message == f'InternalServerError: downloading failed: Get "{url}": {reason}'


def test_registered_contents_are_found_and_nothing_else_is_fetched() -> None:
    contents = {"http://host/p.yaml": b"text"}
    urls = Urls(contents)
    assert urls.download("http://host/p.yaml", "failed") == b"text"
    with pytest.raises(
        KfpError, match=r"fake_kfp: fetching http://host/q.yaml is not modelled.*urls"
    ) as caught:
        urls.download("http://host/q.yaml", "failed")
    assert caught.value.code is Code.UNIMPLEMENTED
    contents["http://host/q.yaml"] = b"later"
    assert urls.download("http://host/q.yaml", "failed") == b"later"


def test_contents_are_registered_with_the_server_or_later() -> None:
    fake = FakeKfp(urls={"http://host/p.yaml": "text"})
    fake.urls["http://host/q.yaml"] = b"more"
    assert fake.urls == {"http://host/p.yaml": b"text", "http://host/q.yaml": b"more"}
    fake.reset()
    assert fake.urls == {"http://host/p.yaml": b"text"}
    with pytest.raises(OptionError):
        fake.reset(urls=3)
