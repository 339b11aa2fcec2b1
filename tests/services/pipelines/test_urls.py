"""Pipelines by URL: which URLs are accepted, and what lies behind them."""

from __future__ import annotations

import pytest

from fake_kfp import FakeKfp
from fake_kfp.errors import Code, KfpError
from fake_kfp.options import OptionError
from fake_kfp.services.pipelines.urls import MOST_REDIRECTS, Answer, Origin, Unreachable, Urls


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
        Urls({}).download(url, "downloading failed", "refused")
    assert caught.value.code is Code.INTERNAL
    assert caught.value.message == f'InternalServerError: downloading failed: Get "{url}": {reason}'


def test_registered_contents_are_found_and_nothing_else_is_fetched() -> None:
    contents = {"http://host/p.yaml": b"text"}
    urls = Urls(contents)
    assert urls.download("http://host/p.yaml", "failed", "refused") == b"text"
    with pytest.raises(
        KfpError, match=r"fake_kfp: fetching http://host/q.yaml is not modelled.*urls"
    ) as caught:
        urls.download("http://host/q.yaml", "failed", "refused")
    assert caught.value.code is Code.UNIMPLEMENTED
    contents["http://host/q.yaml"] = b"later"
    assert urls.download("http://host/q.yaml", "failed", "refused") == b"later"


@pytest.mark.parametrize(
    ("allowed", "url", "covered"),
    [
        ("http://host", "http://host/p.yaml", True),
        ("http://host", "http://HOST:8080/p.yaml", True),
        ("http://host/", "https://host/p.yaml", False),
        ("http://host", "http://host.example.com/p.yaml", False),
        ("http://host", "http://host@elsewhere/p.yaml", False),
        ("http://host:80", "http://host/p.yaml", True),
        ("http://host:8080", "http://host/p.yaml", False),
        ("https://host", "https://host:x/p.yaml", False),
        ("http://[::1]", "http://[::1]:90/p.yaml", True),
    ],
)
def test_an_origin_is_a_scheme_and_a_host_and_a_port_if_it_names_one(
    allowed: str, url: str, covered: bool
) -> None:
    assert Origin.of(allowed).covers(url) is covered


class Web:
    """Servers that answer by a table, and note what they were asked for."""

    def __init__(self, answers: dict[str, Answer]) -> None:
        self.answers = answers
        self.asked: list[str] = []

    def get(self, url: str) -> Answer:
        self.asked.append(url)
        if url not in self.answers:
            raise Unreachable("EOF")
        return self.answers[url]

    def download(self, url: str, *allowed: str) -> bytes:
        origins = [Origin.of(each) for each in allowed]
        return Urls({}, origins, self.get).download(url, "downloading failed", "it returned")


def moved(location: str) -> Answer:
    return Answer(302, "Found", location, b"")


def test_redirects_are_followed_from_where_they_stand() -> None:
    web = Web(
        {
            "http://host/a/p.yaml": moved("../b/p.yaml"),
            "http://host/b/p.yaml": moved("https://other/p.yaml"),
            "https://other/p.yaml": Answer(200, "OK", "", b"text"),
        }
    )
    assert web.download("http://host/a/p.yaml", "http://host", "https://other") == b"text"


def test_a_redirect_to_a_server_that_was_not_allowed_is_not_followed() -> None:
    web = Web({"http://host/p.yaml": moved("http://other/p.yaml")})
    with pytest.raises(KfpError, match=r"fetching http://other/p.yaml is not modelled"):
        web.download("http://host/p.yaml", "http://host")
    assert web.asked == ["http://host/p.yaml"]


def test_redirects_in_a_circle_are_given_up_as_in_go() -> None:
    web = Web({"http://host/p.yaml": moved("/p.yaml")})
    with pytest.raises(KfpError, match=r'downloading failed: Get "/p.yaml": stopped after 10 redirects$'):
        web.download("http://host/p.yaml", "http://host")
    assert len(web.asked) == MOST_REDIRECTS


def test_an_answer_other_than_ok_is_told_with_its_status() -> None:
    web = Web({"http://host/p.yaml": Answer(304, "Not Modified", "", b"")})
    with pytest.raises(KfpError) as caught:
        web.download("http://host/p.yaml", "http://host")
    assert caught.value.code is Code.INVALID_ARGUMENT
    assert caught.value.message == "Invalid input error: it returned 304 Not Modified"


def test_no_answer_is_an_internal_error() -> None:
    with pytest.raises(KfpError) as caught:
        Web({}).download("http://host/p.yaml", "http://host")
    assert caught.value.code is Code.INTERNAL
    assert caught.value.message == 'InternalServerError: downloading failed: Get "http://host/p.yaml": EOF'


def test_contents_are_registered_with_the_server_or_later() -> None:
    fake = FakeKfp(urls={"http://host/p.yaml": "text"})
    fake.urls["http://host/q.yaml"] = b"more"
    assert fake.urls == {"http://host/p.yaml": b"text", "http://host/q.yaml": b"more"}
    fake.reset()
    assert fake.urls == {"http://host/p.yaml": b"text"}
    with pytest.raises(OptionError):
        fake.reset(urls=3)  # type: ignore[arg-type]
