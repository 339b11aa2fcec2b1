"""What both versions call the same."""

from __future__ import annotations

import pytest

from fake_kfp.conformance.models.lists import Listing, listings
from fake_kfp.conformance.server.dialects import DIALECTS, JOB, RUN, V1BETA1, V2BETA1, VERSION, Dialect
from fake_kfp.conformance.server.namespaces import placed
from fake_kfp.conformance.server.subject import rpc
from fake_kfp.conformance.suite import Plan


@pytest.mark.parametrize("dialect", DIALECTS, ids=str)
@pytest.mark.parametrize("verb", ["Create", "Get", "List", "Delete"])
def test_every_kind_has_its_rpcs(dialect: Dialect, verb: str) -> None:
    for kind in dialect.kinds:
        fields = rpc(dialect.rpc(verb, kind)).input_class.DESCRIPTOR.fields_by_name
        if verb in ("Get", "Delete"):
            assert set(dialect.about(verb, kind, "x")) <= set(fields)


def test_names_of_rpcs() -> None:
    assert [each.rpc("List", JOB) for each in DIALECTS] == ["ListJobs", "ListRecurringRuns"]
    assert [each.rpc("Get", RUN) for each in DIALECTS] == ["GetRunV1", "GetRun"]
    assert V1BETA1.about("Terminate", RUN, "x") == {"run_id": "x"} == V2BETA1.about("Terminate", RUN, "x")
    assert V2BETA1.about("Get", VERSION, "x") == {"pipeline_id": "any", "pipeline_version_id": "x"}


def test_filters_are_written_in_the_words_of_a_version() -> None:
    found = {"predicates": [{"op": "EQUALS", "key": "name", "string_value": "x"}]}
    assert V1BETA1.filter(found) == found
    assert V2BETA1.filter(found)["predicates"] == [
        {"operation": "EQUALS", "key": "name", "string_value": "x"}
    ]


def test_a_pattern_without_a_version_fits_the_rules_of_both() -> None:
    plan = Plan(patterns=("pages-*",))
    assert plan.picks("pages-x") and plan.picks("v2/pages-x") and not plan.picks("recorded/pages-x")
    assert not Plan(patterns=("v2/*",)).picks("pages-x")


def test_requests_of_version_2_name_their_namespace_once() -> None:
    assert placed("ListRuns", {}, "mine") == {"namespace": "mine"}
    assert placed("ListRuns", {"experiment_id": "e"}, "mine") == {"experiment_id": "e"}
    asked = placed("CreatePipeline", {"pipeline": {"name": "p"}}, "mine")
    assert asked == {"pipeline": {"name": "p", "namespace": "mine"}}


def test_lists_are_known_by_their_rpc() -> None:
    assert [str(each) for each in listings(V2BETA1)] == [
        "ListRuns",
        "ListExperiments",
        "ListRecurringRuns",
        "ListPipelines",
    ]
    assert Listing(V1BETA1, RUN).can_archive and not Listing(V1BETA1, JOB).can_archive
