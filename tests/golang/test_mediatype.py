"""Media types with parameters in all the ways in which they can be written."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fake_kfp.golang.mediatype import BadMediaType, parse_media_type


def parameters(text: str) -> dict[str, str]:
    return parse_media_type(f"form-data;{text}")[1]


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("name=a", "a"),
        ('name="a b"', "a b"),
        (r'name="a\"b"', 'a"b'),
        (r'name="C:\dev\foo.txt"', r"C:\dev\foo.txt"),
        (r'name="a\\b"', r"a\b"),
        ("NAME = a ;", "a"),
        ("name=a; name=a", "a"),
        ('name=""', ""),
    ],
)
def test_a_value_is_a_word_or_stands_in_quotes(text: str, value: str) -> None:
    assert parameters(text) == {"name": value}


@pytest.mark.parametrize(
    "text",
    [
        "name",
        "name=",
        "=a",
        'name="a',
        r'name="a\"',
        'name="a\nb"',
        "name=a name=b",
        "name=a; name=b",
        "name=a;;",
    ],
)
def test_parameters_that_are_none(text: str) -> None:
    with pytest.raises(BadMediaType):
        parameters(text)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("name*=utf-8''f%C3%BCnf", "fünf"),
        ("name*=UTF-8'de'f%C3%BCnf", "fünf"),
        ("name*=us-ascii'en-us'five", "five"),
        ("name*0=a; name*1=b; name*2=c", "abc"),
        ("name*1=b; name*0=a", "ab"),
        ("name*0=a; name*2=c", "a"),
        ("name*0*=utf-8''f%C3%BC; name*1=n%66; name*2*=%66", "fün%66f"),
        ("name*0=a; name*1*=%zz; name*2=c", "ac"),
        ("name*0*=latin1''a; name*1=b", "b"),
        ("name*0*=utf-8'a; name*1=b", "b"),
        ("name=plain; name*=utf-8''pieces", "pieces"),
        ("name=plain; name*0=pieces", "pieces"),
        ("name*=utf-8''whole; name*0=pieces", "whole"),
    ],
)
def test_a_value_may_come_in_pieces_and_with_a_character_set(text: str, value: str) -> None:
    assert parameters(text) == {"name": value}


@pytest.mark.parametrize(
    "text", ["name*=latin1''a", "name*=''a", "name*=utf-8'a", "name*=utf-8''%zz", "name*1=b", "name*01=b"]
)
def test_pieces_that_make_no_value(text: str) -> None:
    assert parameters(text) == {}


def test_a_bad_whole_leaves_the_plain_value() -> None:
    assert parameters("name=plain; name*=latin1''x") == {"name": "plain"}


@given(st.text(max_size=20).filter(lambda text: not set("\r\n") & set(text)))
def test_whatever_is_quoted_comes_back(text: str) -> None:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    assert parameters(f'name="{escaped}"') == {"name": text}
