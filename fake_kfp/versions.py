"""Which releases of Kubeflow Pipelines the fake can speak as, and all that is modelled of their differences.

The rules and texts are those of 2.14 everywhere; what changes is which RPCs and paths there are.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

V2BETA1 = "kubeflow.pipelines.backend.api.v2beta1"

_READ_ARTIFACT = frozenset({"/api.RunService/ReadArtifactV1", f"/{V2BETA1}.RunService/ReadArtifact"})


@dataclass(frozen=True, slots=True)
class Dialect:
    """What a release serves.

    ``suffixed``: v1beta1 RPCs under their names since 2.0 (``CreateRunV1``); ``plain``: under those before (``CreateRun``).
    ``v2beta1``: that API at all. ``absent``: RPCs, by the present gRPC path, that are not there over gRPC nor as a route of the
    gateway. ``artifacts_over_http``: a plain HTTP handler reads artifacts.
    """

    suffixed: bool = True
    plain: bool = False
    v2beta1: bool = True
    absent: frozenset[str] = frozenset()
    artifacts_over_http: bool = False

    def has(self, path: str) -> bool:
        """Whether the release has the RPC with this present gRPC path (``/api.RunService/GetRunV1``), under whatever name."""
        return path not in self.absent and (self.v2beta1 or not path.startswith(f"/{V2BETA1}."))


# Since which release; the last one that is not newer holds.
_SINCE: tuple[tuple[tuple[int, int], Dialect], ...] = (
    (
        (1, 8),
        Dialect(
            suffixed=False,
            plain=True,
            v2beta1=False,
            absent=frozenset({"/api.PipelineService/GetPipelineByNameV1"}),
        ),
    ),
    ((2, 0), Dialect()),
    ((2, 15), Dialect(absent=_READ_ARTIFACT, artifacts_over_http=True)),
)

UNNAMED = Dialect(plain=True)
"""Version 2.14 that understands the names before 2.0, too: what the fake speaks as long as no version is named."""

_VERSION = re.compile(r"v?([0-9]{1,3})\.([0-9]{1,3})(\.[0-9A-Za-z.-]+)?")


def dialect_of(version: str | None) -> Dialect:
    """The dialect of a release such as ``2.14`` or ``1.8.22``. Raises ValueError for one that never was."""
    if version is None:
        return UNNAMED
    found = _VERSION.fullmatch(version) if isinstance(version, str) else None
    number = (int(found[1]), int(found[2])) if found else (0, 0)
    if number != (1, 8) and number[0] != 2:
        raise ValueError(f'version is a text such as "1.8", "2.14" or "2.15", not {version!r}')
    return [dialect for since, dialect in _SINCE if since <= number][-1]
