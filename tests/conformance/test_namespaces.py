"""The suite on a multi-user server: it says who it is, and keeps to one namespace."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from fake_kfp import FakeKfp, cli
from fake_kfp.conformance.rules import RULES
from fake_kfp.conformance.rules.rule import CONTROL, TAGS, Profile, Rule
from fake_kfp.conformance.server.address import header
from fake_kfp.conformance.server.connections import metadata
from fake_kfp.conformance.server.doors import GrpcDoor, RestDoor
from fake_kfp.conformance.server.namespaces import placed
from fake_kfp.conformance.server.subject import Subject

ME = {"Kubeflow-Userid": "me@x"}
NAMESPACE = "mine"
ALLOW = [{"user": "me@x", "namespace": NAMESPACE, "verbs": ["*"], "resources": ["*"]}]
_ANYWHERE = [pytest.param(rule, id=rule.name) for rule in RULES if not rule.needs & {CONTROL, TAGS}]


@pytest.fixture(scope="module")
def server() -> Iterator[FakeKfp]:
    with FakeKfp(multi_user=True, allow=ALLOW) as fake:
        yield fake


@pytest.fixture(scope="module")
def subject(server: FakeKfp) -> Iterator[Subject]:
    grpc, rest = GrpcDoor(server.channel(), headers=ME), RestDoor(server.url, ME)
    yield Subject(grpc, {"grpc": grpc, "rest": rest}, namespace=NAMESPACE)
    rest.close()


@pytest.mark.parametrize("rule", _ANYWHERE)
def test_rule_holds_on_a_multi_user_server(rule: Rule, subject: Subject) -> None:
    rule.check(subject, Profile(5))
    assert not subject.must("ListExperimentsV1").experiments
    assert not subject.must("ListPipelinesV1").pipelines


def _conformance(server: FakeKfp, *arguments: str) -> int:
    both = [
        "--http",
        server.url,
        "--grpc",
        server.target,
        "--examples",
        "3",
        "--rule",
        "created-experiments-*",
    ]
    return cli.main(["conformance", *both, *arguments])


def test_the_command_says_who_asks_and_where(server: FakeKfp, capsys: pytest.CaptureFixture[str]) -> None:
    assert _conformance(server, "--header", "kubeflow-userid: me@x", "--namespace", NAMESPACE) == 0
    assert "4 passed, 0 failed" in capsys.readouterr().out


def test_somebody_without_rights_fails(server: FakeKfp, capsys: pytest.CaptureFixture[str]) -> None:
    assert _conformance(server, "--header", "kubeflow-userid: you@x", "--namespace", NAMESPACE) == 1
    assert "User 'you@x' is not authorized" in capsys.readouterr().out


def test_a_multi_user_server_is_not_taken_for_another(
    server: FakeKfp, capsys: pytest.CaptureFixture[str]
) -> None:
    assert _conformance(server) == 2
    assert "this server has many users: say --namespace" in capsys.readouterr().err


def test_a_single_user_server_is_not_taken_for_another(capsys: pytest.CaptureFixture[str]) -> None:
    with FakeKfp() as single:
        assert _conformance(single, "--namespace", NAMESPACE) == 2
    assert "leave out --namespace" in capsys.readouterr().err


def test_two_multi_user_fakes_do_not_differ(server: FakeKfp, capsys: pytest.CaptureFixture[str]) -> None:
    identity = ["--header", "kubeflow-userid: me@x", "--namespace", NAMESPACE]
    sides = ["--left", server.url, "--right", server.url, "--sessions", "5"]
    assert cli.main(["diff", *sides, "--words", *identity]) == 0
    assert "no difference in 5 sessions" in capsys.readouterr().out


def test_what_is_no_header_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        cli.main(["conformance", "--header", "me@x"])
    assert "a header is written NAME: VALUE, not 'me@x'" in capsys.readouterr().err


def test_a_header_may_hold_colons() -> None:
    assert header("authorization: Bearer a:b ") == ("authorization", "Bearer a:b")


def test_metadata_has_no_capital_letters_and_the_last_value_of_a_name() -> None:
    assert metadata({"A": "1", "b": "2"}, None, {"a": "3"}) == (("a", "3"), ("b", "2"))


def test_requests_that_name_a_namespace_keep_it() -> None:
    key = {"type": "NAMESPACE", "id": "other"}
    assert placed("ListRunsV1", {"resource_reference_key": key}, "mine") == {"resource_reference_key": key}
    owner = [{"key": {"type": "NAMESPACE", "id": "mine"}, "relationship": "OWNER"}]
    asked = {"experiment": {"name": "e"}}
    assert placed("CreateExperimentV1", asked, "mine")["experiment"] == {
        "name": "e",
        "resource_references": owner,
    }
    assert placed("GetRunV1", {"run_id": "r"}, "mine") == {"run_id": "r"}
