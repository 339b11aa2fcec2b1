"""The contract suite as tests: ``pytest --pyargs fake_kfp.conformance --kfp-http URL --kfp-grpc HOST:PORT``.

Without a server it starts a fake and checks that through all its doors.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass

import pytest

from fake_kfp.conformance import command
from fake_kfp.conformance.recorded.recorded import rules_of_recordings
from fake_kfp.conformance.rules import RULES
from fake_kfp.conformance.rules.rule import Profile, Rule
from fake_kfp.conformance.server.address import Address, header
from fake_kfp.conformance.server.namespaces import mistaken
from fake_kfp.conformance.server.subject import Subject
from fake_kfp.conformance.server.targets import Target


@dataclass
class Server:
    """The server under test: a subject for each of its doors, and what plays recordings, if they may be."""

    subjects: dict[str, Subject]
    target: Target | None


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Which areas were recorded of the server's release is known once it was asked."""
    if "area" in metafunc.fixturenames:
        metafunc.parametrize(
            "area", [pytest.param(each.area, id=each.name) for each in rules_of_recordings()]
        )


@pytest.fixture(scope="session")
def server(pytestconfig: pytest.Config) -> Iterator[Server]:
    """The server named on the command line, or a fake of our own."""
    option = pytestconfig.getoption
    try:
        headers = dict(map(header, option("--kfp-header")))
    except ValueError as error:
        pytest.fail(str(error), pytrace=False)
    address = Address(option("--kfp-http"), option("--kfp-grpc"), headers, option("--kfp-namespace"))
    with ExitStack() as stack:
        opened = Server(*command.opened(address, option("--kfp-disposable"), stack, option("--kfp-version")))
        any_door = next(iter(opened.subjects.values()))
        if told := mistaken(any_door.rest, any_door.namespace):
            pytest.fail(told.replace("--", "--kfp-"), pytrace=False)
        yield opened


@pytest.mark.parametrize("door", ["grpc", "rest", "in-process"])
@pytest.mark.parametrize("rule", [pytest.param(rule, id=rule.name) for rule in RULES])
def test_rule_holds(server: Server, door: str, rule: Rule, pytestconfig: pytest.Config) -> None:
    """A rule of the contract, through one door."""
    subject = server.subjects.get(door)
    if subject is None or not rule.applies_to(subject):
        pytest.skip(f"this server does not offer what {rule.name} needs through {door}")
    if subject.control:
        subject.control.reset({})
    rule.check(subject, Profile(pytestconfig.getoption("--kfp-examples")))


def test_recorded_exchanges_are_answered_alike(server: Server, area: str) -> None:
    """The recorded exchanges of an area, on a server that is the suite's alone."""
    if server.target is None:
        pytest.skip("recordings need an empty single-user server: say --kfp-disposable if it may be emptied")
    subject = next(iter(server.subjects.values()))
    recorded = next((each for each in rules_of_recordings(subject.release) if each.area == area), None)
    if recorded is None:
        pytest.skip(f"nothing of this was recorded of KFP {subject.release}")
    if not recorded.scenarios(subject):
        pytest.skip("these recordings need a fake of your own")
    recorded.check(subject, server.target)
