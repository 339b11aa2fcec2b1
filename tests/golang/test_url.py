from __future__ import annotations

import pytest

from fake_kfp.golang.url import InvalidEscape, is_request_uri, query_unescape


@pytest.mark.parametrize(
    "url",
    [
        "http://host/p.yaml",
        "https://user:pw@host:8080/a/b%20c.yaml?x=1",
        "HTTP://host",
        "gs://bucket/p.yaml",
        "http:///p.yaml",
        "http:opaque",
        "http://[::1]:80/p",
        "/only/a/path.yaml",
        "/path?%zz",
        "//host/path",
        "*",
        "http://host:",
    ],
)
def test_absolute_uris_and_paths_are_accepted(url: str) -> None:
    assert is_request_uri(url)


@pytest.mark.parametrize(
    "url",
    [
        "",
        "%",
        "p.yaml",
        "relative/path.yaml",
        "not a url",
        ":no-scheme",
        "1http://host/",
        "http://host/%zz",
        "http://host:port/",
        "http://ho st/",
        "http://[::1/",
        "http://us er@host/",
        "http://host/\n",
        "/bad%2",
    ],
)
def test_anything_else_is_refused(url: str) -> None:
    assert not is_request_uri(url)


def test_a_query_holds_blanks_as_plus_signs_and_bytes_as_escapes() -> None:
    assert query_unescape("a+b%2Bc") == "a b+c"
    assert query_unescape("%ff") == "\udcff"


@pytest.mark.parametrize(("text", "quoted"), [("%zz", "%zz"), ("%2", "%2"), ("100%", "%")])
def test_a_percent_sign_wants_two_digits(text: str, quoted: str) -> None:
    with pytest.raises(InvalidEscape, match=f'^invalid URL escape "{quoted}"$'):
        query_unescape(text)
