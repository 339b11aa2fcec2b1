"""Workflows of runs that are like one that was made before: they are written without being made."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from fake_kfp.golang.json_text import Json
from fake_kfp.golang.stencils import EDGE, Stencil, mark
from fake_kfp.simulator.cluster.cluster import Birth
from fake_kfp.simulator.cluster.workflow import Workflow

RUN_ID, RUN_NAME, NAMESPACE, ACCOUNT, CONFIG = "id", "name", "namespace", "account", "config"
"""The texts that a run has of its own: those of its request, and what the driver of its root is given."""

_WORKFLOW_NAME, _UID, _CREATED_AT = "workflow", "uid", "created"
"""Those that the cluster gives it."""

_KEPT = 4


class Likeness(NamedTuple):
    """What the workflow of a run depends on, beside its template.

    ``alike`` is equal for runs whose workflows differ by their ``texts`` alone, and which the linter takes or refuses all together.
    """

    alike: tuple[object, ...]
    texts: dict[str, str]


class Prepared:
    """What the workflows of runs that are alike are written with. Where they have no ``name``, they get one that begins with ``prefix``."""

    __slots__ = ("_stencil", "account", "name", "prefix")

    def __init__(self, marked: Json) -> None:
        metadata = marked["metadata"]
        self.name: str = metadata.get("name", "")
        self.prefix: str = metadata.get("generateName", "")
        self.account: str = marked["spec"].get("serviceAccountName", "")
        metadata.update(name=mark(_WORKFLOW_NAME), uid=mark(_UID), creationTimestamp=mark(_CREATED_AT))
        workflow = Workflow.from_manifest(marked)
        self._stencil = Stencil(workflow.written(workflow.to_manifest()))

    def written(self, texts: dict[str, str], born: Birth) -> str:
        """The workflow of a run with these texts."""
        own = {_WORKFLOW_NAME: born.name, _UID: born.uid, _CREATED_AT: born.created_at}
        return self._stencil.filled(texts | own)


class Preparations:
    """What was prepared for the latest runs of a template: of runs that are alike the first one is made, and the second one prepared."""

    def __init__(self) -> None:
        self._latest: tuple[tuple[tuple[object, ...], Prepared | None], ...] = ()
        """Never changed but replaced: a template is shared by servers, and so by threads."""

    def get(self, likeness: Likeness, marked: Callable[[], Json]) -> Prepared | None:
        """What such a run is written with; None where none like it was made lately.

        ``marked`` makes a workflow with marks in place of the run's own texts.
        """
        for alike, prepared in self._latest:
            if alike == likeness.alike:
                return prepared or self._keep(alike, Prepared(marked()))
        return None

    def note(self, likeness: Likeness, text: str) -> None:
        """The workflow of such a run was made and found good, and reads so."""
        if EDGE not in text:
            self._keep(likeness.alike, None)

    def _keep(self, alike: tuple[object, ...], prepared: Prepared | None) -> Prepared | None:
        others = [other for other in self._latest if other[0] != alike]
        self._latest = ((alike, prepared), *others[: _KEPT - 1])
        return prepared
