"""Tags of pipelines, which releases since 2.17 have."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

from fake_kfp.conformance.errors import expect_equal
from fake_kfp.conformance.rules.rule import TAGS, rule
from fake_kfp.conformance.server.dialects import PIPELINE_KIND, V2BETA1
from fake_kfp.conformance.server.subject import Subject, Workspace, filter_text

Json = dict[str, Any]
Tags = dict[str, str]

_TAGS = st.dictionaries(st.sampled_from(["team", "stage", "a b", "%41"]), st.sampled_from("xyö"), max_size=3)
_LIVES = st.lists(st.tuples(_TAGS, _TAGS), min_size=1, max_size=4)


@rule(_LIVES, needs=(TAGS,), versions=(V2BETA1,))
def tags_find_their_pipelines(subject: Subject, example: list[tuple[Tags, Tags]]) -> None:
    """A pipeline has the tags that it was made with, or those that an update put in their place; lists are filtered by them."""
    with Workspace(subject) as own:
        made = [_make(own, number, given, later) for number, (given, later) in enumerate(example)]
        tags = {id: later or given for id, (given, later) in zip(made, example, strict=True)}
        for id, each in tags.items():
            expect_equal(dict(subject.get(PIPELINE_KIND, id).tags), each, "the tags of a pipeline")
        for key, value in sorted({pair for each in tags.values() for pair in each.items()}):
            wanted = sorted(id for id, each in tags.items() if each.get(key) == value)
            expect_equal(_found(own, key, value), wanted, f"the pipelines that are tagged {key}={value}")


def _make(own: Workspace, number: int, given: Tags, later: Tags) -> str:
    """A pipeline with tags; no new ones leave those that it has."""
    record = {**own.subject.dialect.named(f"{own.tag}-{number}"), "tags": given}
    id = own.subject.dialect.id_of(PIPELINE_KIND, own.create(PIPELINE_KIND, record))
    own.subject.must("UpdatePipeline", {"pipeline": {"pipeline_id": id, "tags": later}})
    return id


def _found(own: Workspace, key: str, value: str) -> list[str]:
    dialect = own.subject.dialect
    asked = [("IS_SUBSTRING", "display_name", own.tag), ("EQUALS", f"tags.{key}", value)]
    found = {"predicates": [{"op": op, "key": name, "string_value": text} for op, name, text in asked]}
    reply = own.subject.must("ListPipelines", {"page_size": 100, "filter": filter_text(found, dialect)})
    return sorted(dialect.id_of(PIPELINE_KIND, each) for each in dialect.listed(PIPELINE_KIND, reply))


RULES = (tags_find_their_pipelines,)
