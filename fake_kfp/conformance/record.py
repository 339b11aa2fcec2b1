"""The command ``fake-kfp record``."""

from __future__ import annotations

import argparse
import sys
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Any

from fake_kfp.conformance.server.address import Address, header

# The commands import what they need when they run: fake-kfp --help and serve need neither hypothesis nor the suite.
if TYPE_CHECKING:
    from fake_kfp.conformance.recorded.scenarios import Scenario
    from fake_kfp.conformance.server.targets import Target


def add_record(commands: Any) -> None:
    """Adds the command to a parser; grpc and the rest are imported only when it runs."""
    parser = commands.add_parser("record", help="play scenarios on a server and write down its answers")
    parser.set_defaults(run=_record)
    add = parser.add_argument
    add("--http", required=True, metavar="URL", help="REST side of the server")
    add("--grpc", required=True, metavar="HOST:PORT", help="gRPC side of the server")
    add(
        "--header",
        type=header,
        action="append",
        default=[],
        metavar="'NAME: VALUE'",
        help="sent with every request, over gRPC as metadata (may be repeated)",
    )
    add(
        "--disposable",
        action="store_true",
        help="the server is yours alone and may be EMPTIED, before each scenario: needed for all that are no fakes",
    )
    add(
        "--server",
        metavar="TEXT",
        help="what answers, noted with each scenario (default: the release that is found out, e.g. 'kfp 2.17')",
    )
    add("scenarios", type=Path, metavar="SCENARIOS", help="a file of scenarios, with or without replies")
    add("-o", "--output", type=Path, required=True, metavar="FILE", help="where the recording goes")


def _record(options: argparse.Namespace) -> int:
    from fake_kfp.conformance.recorded.recording import record_all
    from fake_kfp.conformance.recorded.scenarios import parse
    from fake_kfp.conformance.server.emptied import NotEmptied
    from fake_kfp.conformance.server.targets import ControlRefused

    try:
        scenarios = list(parse(options.scenarios.read_bytes()))
    except (ValueError, LookupError) as error:
        print(f"fake-kfp: {options.scenarios} holds no scenarios: {error!r}", file=sys.stderr)
        return 2
    address = Address(options.http, options.grpc, dict(options.header))
    target = _target(address, options.disposable)
    if target is None:
        print(
            "fake-kfp: this is no fake; a server that may be emptied is given with --disposable",
            file=sys.stderr,
        )
        return 2
    server = _spoken(address) if options.server is None else options.server
    with closing(target), options.output.open("w", encoding="utf-8") as output:
        played = [each for each in scenarios if _can_be_played(each, target)]
        try:
            count = record_all(played, target, output, server)
        except (ControlRefused, NotEmptied) as error:
            print(f"fake-kfp: {error}", file=sys.stderr)
            return 1
    print(f"recorded {count} scenarios in {options.output}")
    return 0


def _target(address: Address, disposable: bool) -> Target | None:
    """The server as the scenarios need it; None for one that is no fake and may not be emptied."""
    from fake_kfp.conformance.server.emptied import EmptiedTarget
    from fake_kfp.conformance.server.targets import Target

    target = Target(address.http or "", address.grpc or "", address.headers)
    status, _, _ = target.http("GET", "/_fake_kfp/clock")
    if status == 200:
        return target
    target.close()
    return EmptiedTarget(address.http or "", address.grpc or "", address.headers) if disposable else None


def _spoken(address: Address) -> str:
    """What answers, as far as it can be told."""
    from fake_kfp.conformance import suite
    from fake_kfp.conformance.server.release import spoken
    from fake_kfp.conformance.server.subject import Subject

    doors = suite.socket_doors(address)
    try:
        release = spoken(Subject(doors["rest"], doors))
    finally:
        for door in doors.values():
            door.close()
    return f"kfp {release}" if release else ""


def _can_be_played(scenario: Scenario, target: Target) -> bool:
    """Whether the server has what the scenario needs; says so where it has not."""
    from fake_kfp.conformance.server.emptied import EmptiedTarget

    if isinstance(target, EmptiedTarget) and scenario.needs_fake:
        print(f"left out, since only a fake can be moved by hand: {scenario.name}", file=sys.stderr)
        return False
    return True
