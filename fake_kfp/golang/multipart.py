"""Forms with files (Go's ``mime/multipart``, ``http.Request.FormFile``)."""

from __future__ import annotations

import quopri
import re
from collections.abc import Iterator
from dataclasses import dataclass

from fake_kfp.golang import paths
from fake_kfp.golang.errors import GoError
from fake_kfp.golang.mediatype import BadMediaType, parse_media_type
from fake_kfp.golang.quoting import quote
from fake_kfp.golang.textproto import CONTROL, TOKEN_CHARACTERS, first_values
from fake_kfp.golang.url import BadQuery, QueryValues, parse_query

_MAX_PARTS = 1000
_HEADER_NAME = re.compile(f"[{TOKEN_CHARACTERS} ]+")


class FormError(GoError):
    """A form that can't be read, or without the file; the message is Go's."""


@dataclass(frozen=True, slots=True)
class FormFile:
    """A file of a form; ``name`` is the last part of the path that was sent."""

    name: str
    content: bytes


@dataclass(frozen=True, slots=True)
class Form:
    """What an upload brings: a file and the parameters of the query."""

    file: FormFile
    query: QueryValues


def read_form(content_type: str, body: bytes, query: str, field_name: str) -> Form:
    """The first file under ``field_name``, and the query of the URL. Raises :class:`FormError`.

    A bad query is told after what is wrong with the form, and before that the file is missing.
    """
    files = list(_files(body, _boundary(content_type), field_name))
    try:
        values = parse_query(query)
    except BadQuery as error:
        raise FormError(str(error)) from None
    if not files:
        raise FormError("http: no such file")
    return Form(files[0], values)


def _files(body: bytes, boundary: bytes, field_name: str) -> Iterator[FormFile]:
    reader = _Reader(body, boundary)
    for _ in range(_MAX_PARTS):
        headers = reader.next_part()
        if headers is None:
            return
        name, file_name = _names(headers)
        content = reader.content(needed=bool(name))
        if file_name and name == field_name:
            quoted = headers.get("content-transfer-encoding", "").lower() == "quoted-printable"
            yield FormFile(paths.base(file_name), quopri.decodestring(content) if quoted else content)
    raise FormError("multipart: message too large")


def _names(headers: dict[str, str]) -> tuple[str, str]:
    """The name of a part's field and that of its file, empty where there is none."""
    try:
        disposition, parameters = parse_media_type(headers.get("content-disposition", ""))
    except BadMediaType:
        return "", ""
    name = parameters.get("name", "") if disposition == "form-data" else ""
    return name, parameters.get("filename", "")


def _boundary(content_type: str) -> bytes:
    try:
        media_type, parameters = parse_media_type(content_type)
    except BadMediaType:
        media_type, parameters = "", {}
    if media_type != "multipart/form-data":
        raise FormError("request Content-Type isn't multipart/form-data")
    if "boundary" not in parameters:
        raise FormError("no multipart boundary param in Content-Type")
    if not parameters["boundary"]:
        raise FormError("multipart: boundary is empty")
    return parameters["boundary"].encode("utf-8", "surrogateescape")


class _Reader:
    """Walks through the body of a form (``multipart.go``). Lines may end in LF alone if the first boundary line does."""

    def __init__(self, body: bytes, boundary: bytes) -> None:
        self._body = body
        self._delimiter = b"--" + boundary
        self._line_end = b"\r\n"
        self._position = 0
        self._parts_read = 0

    def next_part(self) -> dict[str, str] | None:
        """Goes to the next part's content and returns its header; None after the last part."""
        after_separator = False
        while True:
            line = self._line()
            if self._is_delimiter(line):
                self._parts_read += 1
                return self._headers()
            if self._is_final(line):
                return None
            if not line.endswith(b"\n"):
                raise FormError("multipart: NextPart: EOF")
            if after_separator:
                raise FormError(f"multipart: expecting a new Part; got line {_quoted(line)}")
            if self._parts_read and line != self._line_end:
                raise FormError(f"multipart: unexpected line in Next(): {_quoted(line)}")
            after_separator = self._parts_read > 0

    def content(self, needed: bool) -> bytes:
        """What stands before the next boundary. Raises if there is no boundary and the content is needed."""
        start = self._position
        if self._boundary_at(start, self._delimiter):
            return b""
        mark = self._line_end + self._delimiter
        found = self._body.find(mark, start)
        while found >= 0 and not self._boundary_at(found, mark):
            found = self._body.find(mark, found + 1)
        if found < 0 and needed:
            raise FormError("unexpected EOF")
        self._position = found if found >= 0 else len(self._body)
        return self._body[start : self._position]

    def _boundary_at(self, position: int, mark: bytes) -> bool:
        """Whether a boundary is there and ends there (``matchAfterPrefix``)."""
        if not self._body.startswith(mark, position):
            return False
        following = self._body[position + len(mark) : position + len(mark) + 2]
        return not following or following[:1] in (b" ", b"\t", b"\r", b"\n") or following == b"--"

    def _line(self) -> bytes:
        end = self._body.find(b"\n", self._position) + 1 or len(self._body)
        line = self._body[self._position : end]
        self._position = end
        return line

    def _is_delimiter(self, line: bytes) -> bool:
        if not line.startswith(self._delimiter):
            return False
        rest = line[len(self._delimiter) :].lstrip(b" \t")
        if not self._parts_read and rest == b"\n":
            self._line_end = b"\n"
        return rest == self._line_end

    def _is_final(self, line: bytes) -> bool:
        if not line.startswith(self._delimiter + b"--"):
            return False
        return line[len(self._delimiter) + 2 :].lstrip(b" \t") in (b"", self._line_end)

    def _headers(self) -> dict[str, str] | None:
        """The part's header up to the blank line (``textproto/reader.go: readMIMEHeader``); None if the form ends before."""
        if self._continues():
            line = self._line().rstrip(b"\r\n")[:80]
            raise FormError(f"malformed MIME header initial line: {_quoted(line)}")
        fields: list[tuple[str, str]] = []
        while self._position < len(self._body):
            line = self._header_line()
            if not line:
                return first_values(fields)
            name, colon, value = line.decode("utf-8", "surrogateescape").partition(":")
            if not colon:
                raise FormError(f"malformed MIME header: missing colon: {_quoted(line)}")
            if not _HEADER_NAME.fullmatch(name) or CONTROL.search(value):
                raise FormError(f"malformed MIME header line: {_quoted(line)}")
            fields.append((name, value.lstrip(" \t")))
        return None

    def _header_line(self) -> bytes:
        """A line with those that continue it, without blanks around."""
        pieces = [_trimmed(self._line())]
        while pieces[0] and self._continues():
            pieces.append(_trimmed(self._line()))
        return b" ".join(pieces)

    def _continues(self) -> bool:
        return self._body[self._position : self._position + 1] in (b" ", b"\t")


def _trimmed(line: bytes) -> bytes:
    """Without its end and blanks around; a second carriage return stays."""
    return line.removesuffix(b"\n").removesuffix(b"\r").strip(b" \t")


def _quoted(line: bytes) -> str:
    return quote(line.decode("utf-8", "replace"))
