"""Types with JSON methods of their own: Argo's AnyString, Item and steps; Kubernetes' quantities, times, int-or-strings."""

from __future__ import annotations

import binascii
import re
from base64 import b64decode, b64encode
from typing import Any

from fake_kfp.golang.floats import json_text, plain_text
from fake_kfp.golang.rfc3339 import ParseError, parse_rfc3339
from fake_kfp.simulator.manifests.errors import ManifestError
from fake_kfp.simulator.manifests.types.kinds import Decoding, IntKind, Kind, ListKind, StringKind
from fake_kfp.simulator.manifests.types.quantity import canonical_quantity
from fake_kfp.simulator.manifests.types.structs import StructKind

_STRING = StringKind("string")
_INT32 = IntKind("int32", (-(1 << 31), (1 << 31) - 1))


class AnyStringKind(Kind):
    """``wfv1.AnyString``: numbers and booleans become text, lists and objects nothing (anystring.go)."""

    zero = ""

    def decode(self, value: Any, at: Decoding) -> Any:
        if isinstance(value, str):
            return value
        if isinstance(value, bool):
            return "true" if value else "false"
        return plain_text(value) if isinstance(value, (int, float)) else ""


class IntOrStringKind(Kind):
    """``intstr.IntOrString``."""

    zero = 0

    def decode(self, value: Any, at: Decoding) -> Any:
        return value if isinstance(value, str) else at.nested(_INT32, value)

    def is_empty(self, value: Any) -> bool:
        return False


class QuantityKind(Kind):
    """``resource.Quantity``, kept in its canonical text."""

    zero = "0"

    def decode(self, value: Any, at: Decoding) -> Any:
        if value is None:
            return "0"
        return canonical_quantity(_token(value).strip())

    def is_empty(self, value: Any) -> bool:
        return False


class TimeKind(Kind):
    """``metav1.Time``: RFC 3339 in UTC, whole seconds; unset is null."""

    def decode(self, value: Any, at: Decoding) -> Any:
        if value is None:
            return None
        try:
            return parse_rfc3339(at.nested(_STRING, value))
        except ParseError as error:
            raise ManifestError(str(error)) from None

    def is_empty(self, value: Any) -> bool:
        return False


class BytesKind(Kind):
    """``[]byte``, kept in base64."""

    nullable = True
    _numbers = ListKind("[]uint8", IntKind("uint8", (0, 255)))

    def decode(self, value: Any, at: Decoding) -> Any:
        if not isinstance(value, str):
            numbers = self._numbers.decode(value, at)
            return None if numbers is None else b64encode(bytes(numbers)).decode()
        try:
            return b64encode(b64decode(value.replace("\n", "").replace("\r", ""), validate=True)).decode()
        except (binascii.Error, ValueError):
            raise ManifestError(f"illegal base64 data at input byte {_first_bad_byte(value)}") from None


def _first_bad_byte(text: str) -> int:
    good = re.match(r"[A-Za-z0-9+/\r\n]*={0,2}", text)
    return len(good[0]) if good else 0


class RawKind(Kind):
    """JSON that is kept as it is: ``wfv1.Item``, ``wfv1.Amount``, ``metav1.FieldsV1``."""

    def decode(self, value: Any, at: Decoding) -> Any:
        return value

    def is_empty(self, value: Any) -> bool:
        return False


class _ObjectKind(RawKind):
    def decode(self, value: Any, at: Decoding) -> Any:
        if value is not None and not isinstance(value, dict):
            at.mismatch(value, self.name)
        return value


class PluginKind(RawKind):
    """``wfv1.Plugin``: an object with exactly one key (plugin_types.go)."""

    def decode(self, value: Any, at: Decoding) -> Any:
        at.nested(_ObjectKind("map[string]interface {}"), value)
        if len(value or {}) != 1:
            raise ManifestError(f"expected exactly one key, got {len(value or {})}")
        return value


class ParallelStepsKind(Kind):
    """``wfv1.ParallelSteps``: a bare list of steps; the one place where unknown fields are an error."""

    def __init__(self, name: str, steps: Kind) -> None:
        super().__init__(name)
        assert isinstance(steps, ListKind) and isinstance(steps.item, StructKind)
        self.steps, self.step = steps, steps.item
        self._candidates = ListKind("[]map[string]interface {}", _ObjectKind("map[string]interface {}"))

    def decode(self, value: Any, at: Decoding) -> Any:
        for candidate in at.nested(self._candidates, value) or ():
            for key in sorted(candidate or ()):
                if self.step.field(key, exact=True) is None:
                    raise ManifestError(f'json: unknown field "{key}"')
        return at.nested(self.steps, value)

    def encode(self, value: Any) -> Any:
        return self.steps.encode(value)


def _token(value: Any) -> str:
    """A scalar's JSON text without its quotes; anything else is as wrong as ``{}``."""
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    return json_text(value) if isinstance(value, (int, float)) else "{}"


CUSTOM_KINDS: dict[str, type[Kind]] = {
    "intstr.IntOrString": IntOrStringKind,
    "resource.Quantity": QuantityKind,
    "v1.FieldsV1": RawKind,
    "v1.Time": TimeKind,
    "v1alpha1.Amount": RawKind,
    "v1alpha1.AnyString": AnyStringKind,
    "v1alpha1.Item": RawKind,
    "v1alpha1.Plugin": PluginKind,
}
