"""The commands ``fake-kfp conformance`` and ``fake-kfp diff``."""

from __future__ import annotations

import argparse
import sys
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Any

from fake_kfp.conformance.errors import ContractError
from fake_kfp.conformance.server.address import Address, header

# The commands import what they need when they run: fake-kfp --help and serve need neither hypothesis nor the suite.
if TYPE_CHECKING:
    from fake_kfp.conformance.server.doors import Door
    from fake_kfp.conformance.server.subject import Subject
    from fake_kfp.conformance.server.targets import Target
    from fake_kfp.conformance.suite import Outcome


def add_commands(commands: Any) -> None:
    """Adds both commands to a parser; hypothesis is imported only when one of them runs."""
    _add_conformance(
        commands.add_parser(
            "conformance", help="check a server against the contract of KFP's API, of both versions"
        )
    )
    _add_diff(commands.add_parser("diff", help="show the first difference between two servers"))


def _add_conformance(parser: argparse.ArgumentParser) -> None:
    parser.set_defaults(run=_needing_hypothesis(_conformance))
    parser.add_argument(
        "--http", metavar="URL", help="REST side of the server (neither side: a fake is started for the run)"
    )
    parser.add_argument("--grpc", metavar="HOST:PORT", help="gRPC side of the server")
    _add_identity(parser)
    parser.add_argument(
        "--disposable",
        action="store_true",
        help="the server is yours alone and may be EMPTIED: recordings are played, and a fake's pods and clock are moved",
    )
    parser.add_argument(
        "--kfp-version",
        choices=("2.14", "2.15", "2.16", "2.17"),
        help="the release by which the server is judged (default: found out; a fake of our own speaks 2.14)",
    )
    parser.add_argument(
        "--profile",
        default="normal",
        choices=("short", "normal", "long"),
        help="25, 200 or 10,000 examples a rule",
    )
    parser.add_argument("--examples", type=int, metavar="N", help="so many examples a rule instead")
    parser.add_argument(
        "--rule",
        action="append",
        default=[],
        metavar="PATTERN",
        help="only rules whose name fits (may be repeated)",
    )
    parser.add_argument("--seed", type=int, help="the same examples every time")
    parser.add_argument("--junit", type=Path, metavar="FILE", help="write a JUnit report")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write a JSON report")


def _add_diff(parser: argparse.ArgumentParser) -> None:
    parser.set_defaults(run=_needing_hypothesis(_diff))
    parser.add_argument("--left", required=True, metavar="URL", help="REST side of one server")
    parser.add_argument("--right", required=True, metavar="URL", help="REST side of the other")
    _add_identity(parser)
    parser.add_argument(
        "--sessions", type=int, default=200, metavar="N", help="how many sessions to play (default: 200)"
    )
    parser.add_argument("--words", action="store_true", help="compare the texts of errors, too")
    parser.add_argument("--seed", type=int, help="the same sessions every time")


def _add_identity(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--header",
        type=_header,
        action="append",
        default=[],
        metavar="'NAME: VALUE'",
        help="sent with every request, over gRPC as metadata, e.g. 'kubeflow-userid: me@x' (may be repeated)",
    )
    parser.add_argument(
        "--namespace", default="", metavar="NS", help="a multi-user server: do everything in this namespace"
    )


def _header(line: str) -> tuple[str, str]:
    try:
        return header(line)
    except ValueError as error:
        raise argparse.ArgumentTypeError(str(error)) from None


def _address(options: argparse.Namespace, http: str | None, grpc: str | None = None) -> Address:
    return Address(http, grpc, dict(options.header), options.namespace)


def _needing_hypothesis(run: Any) -> Any:
    def checked(options: argparse.Namespace) -> int:
        try:
            import hypothesis  # noqa: F401 - whether it is there is all that is asked
        except ImportError:
            print("fake-kfp: this needs hypothesis: pip install 'fake-kfp[conformance]'", file=sys.stderr)
            return 2
        status: int = run(options)
        return status

    return checked


def _conformance(options: argparse.Namespace) -> int:
    from fake_kfp.conformance import report, suite
    from fake_kfp.conformance.server.namespaces import mistaken

    address = _address(options, options.http, options.grpc)
    plan = suite.Plan(
        examples=options.examples or suite.PROFILES[options.profile],
        patterns=tuple(options.rule),
        recordings=options.disposable or not address.is_given,
        seed=options.seed,
    )
    with ExitStack() as stack:
        outcomes = []
        subjects, target = opened(address, options.disposable, stack, options.kfp_version)
        any_door = next(iter(subjects.values()))
        if told := mistaken(any_door.rest, any_door.namespace):
            print(f"fake-kfp: {told}", file=sys.stderr)
            return 2
        print(f"judged as KFP {any_door.release}", flush=True)
        left_out = suite.left_out(subjects, plan, target)
        for outcome in suite.run(subjects, plan, target):
            print(_line(outcome), flush=True)
            outcomes.append(outcome)
    if not outcomes and not left_out:
        print("fake-kfp: no rule has such a name", file=sys.stderr)
        return 2
    print("\n" + report.table(outcomes, left_out))
    report.write(outcomes, options.json, options.junit, left_out)
    return 0 if all(outcome.result == suite.PASSED for outcome in outcomes) else 1


def opened(
    address: Address, disposable: bool, stack: ExitStack, release: str | None = None
) -> tuple[dict[str, Subject], Target | None]:
    """The doors of a server (of a fake of our own, if none is named), and what plays recordings there, if they may be.

    ``release``: the one that the server is said to speak; it is found out where nothing is said. All is closed with ``stack``.
    """
    from fake_kfp.conformance import suite
    from fake_kfp.conformance.server.emptied import EmptiedTarget
    from fake_kfp.conformance.server.release import spoken
    from fake_kfp.conformance.server.subject import Subject

    more: dict[str, Door] = {}
    if not address.is_given:
        address, more = _own_fake(stack, release)
    doors = {**more, **suite.socket_doors(address)}
    for door in doors.values():
        stack.callback(door.close)
    alone = disposable or bool(more)
    control = stack.enter_context(suite.control_of(address)) if alone else None
    target = control
    if alone and not control and address.http and address.grpc:
        target = EmptiedTarget(address.http, address.grpc, address.headers)
        stack.callback(target.close)
    subjects = {name: Subject(door, doors, control, address.namespace) for name, door in doors.items()}
    any_door = next(iter(subjects.values()))
    release = release or spoken(any_door) or any_door.release
    for subject in subjects.values():
        subject.release = release
    return subjects, None if address.namespace else target  # recorded was a single-user server


def _own_fake(stack: ExitStack, release: str | None) -> tuple[Address, dict[str, Door]]:
    """A fake for this run, and its in-process door."""
    from fake_kfp import FakeKfp
    from fake_kfp.conformance.server.doors import GrpcDoor

    fake = stack.enter_context(
        FakeKfp(version=None if release == "2.14" else release)
    )  # under the old names, too
    return Address(fake.url, fake.target), {"in-process": GrpcDoor(fake.channel(), "in-process")}


def _line(outcome: Outcome) -> str:
    mark = {"passed": "ok    "}.get(outcome.result, outcome.result.upper())
    text = f"{mark} {outcome.door:<11}{outcome.rule} ({outcome.seconds:.1f} s)"
    return f"{text}\n    {outcome.about}\n{_indented(outcome.text)}" if outcome.text else text


def _indented(text: str) -> str:
    return "\n".join("    " + line for line in text.split("\n"))


def _diff(options: argparse.Namespace) -> int:
    from fake_kfp.conformance import diff
    from fake_kfp.conformance.server.doors import RestDoor
    from fake_kfp.conformance.server.release import spoken
    from fake_kfp.conformance.server.subject import Subject

    headers = dict(options.header)
    left, right = RestDoor(options.left, headers), RestDoor(options.right, headers)
    one, other = Subject(left, namespace=options.namespace), Subject(right, namespace=options.namespace)
    try:
        releases = [spoken(one), spoken(other)]
        if len(set(releases)) > 1:
            print("left speaks KFP {}, right speaks KFP {}".format(*releases), flush=True)
        found = diff.compare(one, other, options.sessions, words=options.words, seed=options.seed)
    except (OSError, ContractError) as error:
        print(f"fake-kfp: {error}", file=sys.stderr)
        return 2
    finally:
        left.close()
        right.close()
    print(found or f"no difference in {options.sessions} sessions")
    return 1 if found else 0
