"""What client and server said to each other, as values and as lines of a cassette."""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from google.protobuf.message import DecodeError as NoMessage
from google.protobuf.message import Message

from fake_kfp.api.descriptors import methods, old_names
from fake_kfp.api.dispatch import Method
from fake_kfp.api.protojson import DecodeError, EncodeError, decode, encode_text
from fake_kfp.errors import Code

Json = Any
KEPT_HEADERS = ("Location", "Retry-After")
"""Headers of replies that clients act on, and that hold no secrets."""


class BadLine(ValueError):
    """A line that is none of a cassette's."""


@dataclass(frozen=True, slots=True)
class Request:
    """A call through either door. ``verb`` is empty over gRPC, where ``path`` is the RPC's; ``type`` is the body's content type."""

    verb: str
    path: str
    body: bytes = b""
    type: str = ""

    @property
    def method(self) -> Method | None:
        """The RPC that is called over gRPC, where it is one of Kubeflow Pipelines'."""
        return None if self.verb else methods().get(old_names().get(self.path, self.path))

    @property
    def shown(self) -> str:
        """What is called, for people."""
        return f"{self.verb} {self.path}" if self.verb else self.path


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer. Over gRPC ``status`` is the code, ``body`` the message, ``details`` the text of a refusal and ``trailer`` its details."""

    status: int
    body: bytes = b""
    type: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)
    details: str = ""
    trailer: bytes = b""


@dataclass(frozen=True, slots=True)
class Exchange:
    """One line of a cassette. ``at`` is when it was answered, in seconds since 1970."""

    number: int
    at: float
    request: Request
    reply: Reply

    def line(self) -> dict[str, Json]:
        """As it is written down."""
        said = _http(self) if self.request.verb else _grpc(self)
        return {"number": self.number, "at": round(self.at, 3), **said}


def exchange_of(line: Mapping[str, Json]) -> Exchange:
    """What a line says. Raises BadLine."""
    try:
        request, reply = _of_http(line) if "http" in line else _of_grpc(line)
        return Exchange(int(line["number"]), float(line["at"]), request, reply)
    except (KeyError, TypeError, ValueError, AttributeError, DecodeError) as error:
        raise BadLine(f"no exchange is written like this: {error!r}") from None


def text_of(method: Method | None, body: bytes, *, is_reply: bool = False) -> str | None:
    """A message as JSON, if nothing is lost by that."""
    if method is None:
        return None
    kind = method.output_class if is_reply else method.input_class
    try:
        message: Message = kind.FromString(body)
        text = encode_text(message)
        same = decode(kind, text).SerializeToString(deterministic=True)
        return text if same == message.SerializeToString(deterministic=True) else None
    except (NoMessage, UnicodeDecodeError, EncodeError, DecodeError, ValueError):
        return None


def bytes_of(method: Method, text: str, *, is_reply: bool = False) -> bytes:
    """A message from its JSON. Raises DecodeError."""
    return decode(method.output_class if is_reply else method.input_class, text).SerializeToString()


# ---------------------------------------------------------------- REST


def _http(exchange: Exchange) -> dict[str, Json]:
    request, reply = exchange.request, exchange.reply
    asked = {"method": request.verb, "path": request.path, **_typed(request.type), **_content(request.body)}
    headers = {"headers": dict(reply.headers)} if reply.headers else {}
    return {
        "http": asked,
        "reply": {"status": reply.status, **_typed(reply.type), **headers, **_content(reply.body)},
    }


def _of_http(line: Mapping[str, Json]) -> tuple[Request, Reply]:
    asked, said = line["http"], line["reply"]
    request = Request(asked["method"], asked["path"], _bytes(asked), asked.get("type", ""))
    return request, Reply(
        int(said["status"]), _bytes(said), said.get("type", ""), dict(said.get("headers", {}))
    )


def _typed(type: str) -> dict[str, str]:
    return {"type": type} if type else {}


def _content(body: bytes) -> dict[str, Json]:
    """A body: ``body`` if it is JSON that is written as Python does, ``raw`` if it is another text, ``raw64`` else."""
    if not body:
        return {}
    try:
        text = body.decode()
    except UnicodeDecodeError:
        return {"raw64": base64.b64encode(body).decode()}
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        return {"raw": text}
    return (
        {"body": value}
        if text in (_compact(value), json.dumps(value), json.dumps(value, ensure_ascii=False))
        else {"raw": text}
    )


def _bytes(said: Mapping[str, Json]) -> bytes:
    if "raw64" in said:
        try:
            return base64.b64decode(said["raw64"], validate=True)
        except binascii.Error as error:
            raise ValueError(f"raw64 is no Base64: {error}") from None
    if "raw" in said:
        return str(said["raw"]).encode()
    return _compact(said["body"]).encode() if "body" in said else b""


def _compact(value: Json) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


# ---------------------------------------------------------------- gRPC


def _grpc(exchange: Exchange) -> dict[str, Json]:
    request, reply = exchange.request, exchange.reply
    asked = {"method": request.path, **_message("request", request.method, request.body)}
    said: dict[str, Json] = {"code": Code(reply.status).name}
    if reply.status == Code.OK:
        said |= _message("message", request.method, reply.body, is_reply=True)
    if reply.details:
        said["details"] = reply.details
    if reply.trailer:
        said["trailer64"] = base64.b64encode(reply.trailer).decode()
    return {"grpc": asked, "reply": said}


def _of_grpc(line: Mapping[str, Json]) -> tuple[Request, Reply]:
    asked, said = line["grpc"], line["reply"]
    request = Request("", asked["method"])
    method = request.method
    request = Request("", asked["method"], _message_bytes("request", method, asked))
    body = _message_bytes("message", method, said, is_reply=True)
    trailer = base64.b64decode(said.get("trailer64", ""))
    return request, Reply(Code[said["code"]], body, details=said.get("details", ""), trailer=trailer)


def _message(name: str, method: Method | None, body: bytes, *, is_reply: bool = False) -> dict[str, Json]:
    text = text_of(method, body, is_reply=is_reply)
    return {f"{name}64": base64.b64encode(body).decode()} if text is None else {name: json.loads(text)}


def _message_bytes(
    name: str, method: Method | None, said: Mapping[str, Json], *, is_reply: bool = False
) -> bytes:
    if f"{name}64" in said:
        return base64.b64decode(said[f"{name}64"])
    if name not in said:
        return b""
    if method is None:
        raise ValueError(f"no RPC of Kubeflow Pipelines is called so; its {name} stands in {name}64")
    return bytes_of(method, json.dumps(said[name]), is_reply=is_reply)
