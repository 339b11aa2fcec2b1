"""Which runs of a recurring run come out alike: all that differs between them are their ids, their names and their times.

Such a run takes as long as those before it, whoever looks at it, and whenever. Where that is not certain the answer is no.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

from fake_kfp.expressions.templating import tags
from fake_kfp.golang.errors import GoError
from fake_kfp.services.templates.template import Template, TemplateKind
from fake_kfp.simulator.kubelet.outcomes import Effect, Outcomes
from fake_kfp.store.records import PipelineSpec

_ALIKE = re.compile(r"(?:inputs|outputs|tasks|steps|workflow\.parameters)\.[^{}=]*|item(?:\.[^{}=]*)?")
"""What tags may ask for: no name, id or time of the run, and nothing worked out."""

_OTHERS = frozenset(
    "memoize synchronization resource http plugin data configMapKeyRef workflowTemplateRef templateRef ttlStrategy"
    " artifactGC archiveLocation raw s3 gcs oss hdfs git azure artifactory".split()
)
"""What other runs have a say in, or what lies at a place that is not the run's own."""

_WORKED_OUT = frozenset(["expression"])
"""Languages that may ask for anything."""

_DECIDING = frozenset(
    "when withParam withSequence suspend timeout retryStrategy activeDeadlineSeconds parallelism daemon".split()
)
"""Where the value of a parameter may decide how long a run takes."""


def alike(template: Template, spec: PipelineSpec) -> bool:
    """Whether all runs made of this template with the parameters of a recurring run come out alike.

    Pipelines of v2 do not: their executions are numbered, and cached, in the order in which runs are walked.
    """
    if template.kind is not TemplateKind.V1:
        return False
    text = template.stored_text()
    macros = "[[" in spec.parameters or "{{" in spec.parameters
    try:
        asked = tags(text)
    except GoError:  # one is never closed
        return False
    if not all(_ALIKE.fullmatch(tag.strip()) for tag in asked):
        return False
    excluded = _OTHERS | _WORKED_OUT | (_DECIDING if macros else frozenset())
    return not any(key in excluded and value for key, value in _entries(json.loads(text)))


def _entries(value: Any) -> Iterator[tuple[str, Any]]:
    """All entries of all objects in some JSON."""
    waiting = [value]
    while waiting:
        each = waiting.pop()
        if isinstance(each, dict):
            yield from each.items()
            waiting += each.values()
        elif isinstance(each, list):
            waiting += each


def said_alike(said: Outcomes, workflow_name: str) -> bool:
    """Whether all that was said of tasks says the same of each run of a recurring run whose workflows have names that begin so."""
    return all(_says_alike(effect, workflow_name) for effect in said)


def _says_alike(effect: Effect, workflow_name: str) -> bool:
    names_all = effect.task == "*" or not (set("*?[") & set(effect.task) or workflow_name in effect.task)
    return names_all and effect.run == "*" and effect.times in (None, 0)
