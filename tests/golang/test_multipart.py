"""Forms with files, and what Go says of those that are none."""

from __future__ import annotations

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fake_kfp.golang.multipart import Form, FormError, read_form

FILE = 'Content-Disposition: form-data; name="uploadfile"; filename="a.yaml"\r\n'


def read(body: str | bytes, content_type: str = "multipart/form-data; boundary=B", query: str = "") -> Form:
    content = body.encode() if isinstance(body, str) else body
    return read_form(content_type, content, query, "uploadfile")


def refusal(body: str | bytes, content_type: str = "multipart/form-data; boundary=B", query: str = "") -> str:
    with pytest.raises(FormError) as caught:
        read(body, content_type, query)
    return str(caught.value)


@pytest.mark.parametrize(
    ("body", "name", "content"),
    [
        (f"--B\r\n{FILE}\r\nhi\r\n--B--\r\n", "a.yaml", b"hi"),
        (f"preamble\r\n--B  \r\n{FILE}\r\nhi\r\n--B--", "a.yaml", b"hi"),
        (f"--B\r\n{FILE}\r\nhi\r\n--B", None, b""),
        (f"--B\r\n{FILE}\r\n--B--", "a.yaml", b""),
        (f"--B\r\n{FILE}\r\na\r\n--Bx\r\n\r\n--B--", "a.yaml", b"a\r\n--Bx\r\n"),
        (f"--B\r\n{FILE}\r\nfirst\r\n--B\r\n{FILE}\r\nsecond\r\n--B--", "a.yaml", b"first"),
        (
            f'--B\r\nContent-Disposition: form-data; name="x"\r\n\r\n1\r\n--B\r\n{FILE}\r\nhi\r\n--B--',
            "a.yaml",
            b"hi",
        ),
        (FILE.join(["--B\n", "\nhi\n--B--\n"]).replace("\r", ""), "a.yaml", b"hi"),
        (
            '--B\r\ncontent-disposition: form-data;\r\n name=uploadfile; filename="d/e.yml"\r\n\r\n--B--',
            "e.yml",
            b"",
        ),
        ('--B\r\nContent-Disposition: form-data; name=uploadfile; filename="fünf"\r\n\r\n--B--', "fünf", b""),
        (
            "--B\r\nContent-Disposition: form-data; name=uploadfile; filename*=utf-8''f%C3%BCnf\r\n\r\n--B--",
            "fünf",
            b"",
        ),
        (
            f"--B\r\n{FILE}Content-Transfer-Encoding: Quoted-Printable\r\n\r\nh=41=\r\ni\r\n--B--",
            "a.yaml",
            b"hAi",
        ),
    ],
)
def test_the_first_file_of_the_field_counts(body: str, name: str | None, content: bytes) -> None:
    if name is None:
        assert refusal(body) == "multipart: NextPart: EOF"
    else:
        assert (read(body).file.name, read(body).file.content) == (name, content)


@pytest.mark.parametrize(
    ("content_type", "message"),
    [
        ("", "request Content-Type isn't multipart/form-data"),
        ("text/yaml", "request Content-Type isn't multipart/form-data"),
        ("multipart/mixed; boundary=B", "request Content-Type isn't multipart/form-data"),
        ("multipart/form-data; boundary=B; boundary=C", "request Content-Type isn't multipart/form-data"),
        ("multipart/form-data; boundary=", "request Content-Type isn't multipart/form-data"),
        ("multipart/form-data", "no multipart boundary param in Content-Type"),
        ('multipart/form-data; boundary=""', "multipart: boundary is empty"),
        ("Multipart/Form-Data ; BOUNDARY=B", "multipart: NextPart: EOF"),
    ],
)
def test_the_content_type_must_say_where_parts_begin(content_type: str, message: str) -> None:
    assert refusal("garbage", content_type) == message


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ("", "multipart: NextPart: EOF"),
        ("--B--", "http: no such file"),
        (f"--B\r\n{FILE}\r\nhi", "unexpected EOF"),
        (f"--B\r\n{FILE}", "http: no such file"),
        ("--B\r\nnope\r\n\r\nx\r\n--B--", 'malformed MIME header: missing colon: "nope"'),
        ("--B\r\n nope\r\n\r\nx\r\n--B--", 'malformed MIME header initial line: " nope"'),
        ("--B\r\nA(b: c\r\n\r\nx\r\n--B--", 'malformed MIME header line: "A(b: c"'),
        ("--B\r\nA: c\r\r\n\r\nx\r\n--B--", 'malformed MIME header line: "A: c\\r"'),
        (
            f"--B\r\n{FILE}\r\nhi\r\n--B junk\r\n",
            'multipart: expecting a new Part; got line "--B junk\\r\\n"',
        ),
        (FILE.replace("uploadfile", "UploadFile").join(["--B\r\n", "\r\nhi\r\n--B--"]), "http: no such file"),
        (FILE.replace("a.yaml", "").join(["--B\r\n", "\r\nhi\r\n--B--"]), "http: no such file"),
        (FILE.replace("form-data", "attachment").join(["--B\r\n", "\r\nhi\r\n--B--"]), "http: no such file"),
    ],
)
def test_what_is_wrong_with_a_form_is_told_in_gos_words(body: str, message: str) -> None:
    assert refusal(body) == message


def test_a_bad_query_is_told_after_the_form_and_before_the_missing_file() -> None:
    assert refusal("--B--", query="name=%zz") == 'invalid URL escape "%zz"'
    assert refusal("", query="name=%zz") == "multipart: NextPart: EOF"


def test_the_query_comes_along() -> None:
    assert read(f"--B\r\n{FILE}\r\nhi\r\n--B--", query="name=a&name=b+c").query == {"name": ["a", "b c"]}


@given(st.binary(max_size=200).filter(lambda content: b"--B" not in content))
def test_any_content_comes_through_as_it_is(content: bytes) -> None:
    assert read(b"--B\r\n" + FILE.encode() + b"\r\n" + content + b"\r\n--B--\r\n").file.content == content


PIECES = [
    "--B",
    "--",
    "\r\n",
    "\n",
    "Content-Disposition: form-data",
    "; name=uploadfile",
    '; filename="a"',
    " ",
    ":",
    "x",
]


@given(st.lists(st.sampled_from(PIECES), max_size=25).map("".join))
def test_whatever_comes_is_read_or_refused(body: str) -> None:
    with contextlib.suppress(FormError):
        assert read(body).file.name == "a"
