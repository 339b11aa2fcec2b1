"""The command line: ``fake-kfp serve``, ``conformance``, ``diff``, ``record`` and ``import``."""

from __future__ import annotations

import argparse
import json
import os
import signal
import sys
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from fake_kfp.conformance.command import add_commands
from fake_kfp.conformance.record import add_record
from fake_kfp.importer.command import add_import
from fake_kfp.options import OptionError

if TYPE_CHECKING:
    from fake_kfp import FakeKfp


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs a command; returns the exit status: 0 fine, 1 it could not be done, 2 the command line is wrong."""
    options = parser().parse_args(arguments)
    try:
        status: int = options.run(options)
        return status
    except OptionError as error:
        print(f"fake-kfp: {error}", file=sys.stderr)
        return 2
    except OSError as error:
        print(f"fake-kfp: {str(error).removeprefix('fake_kfp: ')}", file=sys.stderr)
        return 1


def parser() -> argparse.ArgumentParser:
    """Reads command lines; what it returns has the command to call as ``run``."""
    made = argparse.ArgumentParser(
        prog="fake-kfp", description="An in-memory fake of the Kubeflow Pipelines API server."
    )
    commands = made.add_subparsers(required=True, metavar="COMMAND")
    _add_serve(commands.add_parser("serve", help="run a local server until interrupted"))
    add_commands(commands)
    add_record(commands)
    add_import(commands)
    return made


def _add_serve(parser: argparse.ArgumentParser) -> None:
    """The options of ``serve``; but for the ready file they are those of ``FakeKfp``, which knows what stands for one that is not given."""
    parser.set_defaults(run=_serve)
    add = partial(parser.add_argument, default=argparse.SUPPRESS)
    add("--host", help="address to listen on (default: loopback only)")
    add("--http-port", type=_port, default=8888, help="REST port, 0 for a free one (default: 8888)")
    add("--grpc-port", type=_port, default=8887, help="gRPC port, 0 for a free one (default: 8887)")
    add("--simulation", default="clocked", help="instant, clocked or manual (default: clocked)")
    add("--speed", type=float, default=1.0, help="simulated seconds per real second (default: 1)")
    add("--step", type=float, help="seconds by which the clock moves before each call (default: 0)")
    add("--now", metavar="TIME", help="when the clock starts, e.g. 2024-01-01T00:00:00Z (default: now)")
    add("--seed", type=int, help="makes ids and name suffixes repeatable")
    add("--kfp-version", dest="version", metavar="VERSION", help="speak as 1.8, 2.0 to 2.14, 2.15 or later")
    add(
        "--env",
        dest="environment",
        action="append",
        type=_variable,
        metavar="NAME=VALUE",
        help="a variable of the API server's environment; may be repeated",
    )
    add("--multi-user", action="store_true", help="multi-user mode; nobody may do anything unless allowed")
    add(
        "--caching",
        action=argparse.BooleanOptionalAction,
        help="do not run tasks again that ran before (default: those of v2 pipelines)",
    )
    add("--strict", action="store_true", help="refuse what is not modelled; make no outputs up")
    add("--allow", type=_json, metavar="JSON", help='[{"user", "namespace", "verbs", "resources"}]')
    add("--tokens", type=_json, metavar="JSON", help='{"bearer token": "user"}')
    add("--identity-header", metavar="NAME", help="who calls (default: kubeflow-userid)")
    add("--service-account", metavar="NAME", help="of runs that name none (default: pipeline-runner)")
    add(
        "--url",
        dest="urls",
        action="append",
        type=_content,
        metavar="URL=FILE",
        help="what lies behind a URL that pipelines are made from; may be repeated",
    )
    add(
        "--fetch-from",
        action="append",
        metavar="URL",
        help="a server (https://example.com) to fetch pipelines from that are made by URL; may be repeated (default: none)",
    )
    add(
        "--allow-host",
        dest="allow_hosts",
        action="append",
        metavar="NAME",
        help="a name that the REST side answers to, besides loopback's and --host; * for any; may be repeated",
    )
    add(
        "--control-token",
        metavar="TEXT",
        help="asked for, as a bearer token, under /_fake_kfp (default: none)",
    )
    add("--max-nodes", type=int, metavar="N", help="most nodes of one run (default: 50,000)")
    add("--max-loop-items", type=int, metavar="N", help="most items of one loop (default: 50,000)")
    add("--max-body-bytes", type=int, metavar="N", help="largest REST body (default: 64 MiB)")
    add(
        "--ready-file", type=Path, metavar="PATH", help="write addresses and pid there once both sides answer"
    )


def _port(text: str) -> int:
    if not text.isdecimal() or int(text) > 65535:
        raise argparse.ArgumentTypeError(f"a port is a number from 0 to 65535, not {text!r}")
    return int(text)


def _variable(text: str) -> tuple[str, str]:
    name, equals, value = text.partition("=")
    if not name or not equals:
        raise argparse.ArgumentTypeError(f"a variable is given as NAME=VALUE, not {text!r}")
    return name, value


def _content(text: str) -> tuple[str, bytes]:
    """Reads ``URL=FILE``: a URL and what lies behind it. A URL may hold equals signs, so the last one counts."""
    url, _, path = text.rpartition("=")
    if not url:
        raise argparse.ArgumentTypeError(f"a registered URL is given as URL=FILE, not {text!r}")
    try:
        return url, Path(path).read_bytes()
    except OSError as error:
        raise argparse.ArgumentTypeError(f"{path}: {error.strerror}") from None


def _json(text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(f"this is not JSON: {error}") from None


def _serve(arguments: argparse.Namespace) -> int:
    options = vars(arguments)
    ready_file: Path | None = options.pop("ready_file", None)
    options["urls"] = dict(options.pop("urls", ()))
    options["environment"] = dict(options.pop("environment", ()))
    del options["run"]
    if ready_file:
        ready_file.unlink(missing_ok=True)
    with _stop_signal() as stop:
        from fake_kfp import FakeKfp  # takes a moment, in which the process can be stopped already

        with FakeKfp(**options) as server:
            print(f"fake-kfp: REST on {server.url}, gRPC on {server.target}; stop it with Ctrl-C", flush=True)
            if ready_file:
                _announce(ready_file, server)
            stop.wait()
    return 0


@contextmanager
def _stop_signal() -> Iterator[threading.Event]:
    """An event that SIGINT and SIGTERM set, instead of what they did before."""
    stop = threading.Event()
    before = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}
    for number in before:
        signal.signal(number, lambda *_: stop.set())
    try:
        yield stop
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _announce(path: Path, server: FakeKfp) -> None:
    """Writes the ready file in one step, so that nobody reads half of it."""
    half = path.with_name(f"{path.name}.{os.getpid()}")
    half.write_text(json.dumps({"http": server.url, "grpc": server.target, "pid": os.getpid()}))
    half.replace(path)


if __name__ == "__main__":
    sys.exit(main())
