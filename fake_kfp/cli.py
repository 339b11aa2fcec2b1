"""The command line: ``fake-kfp serve``, ``conformance``, ``diff``, ``record``, ``import`` and ``schema``."""

from __future__ import annotations

import argparse
import json
import os
import signal
import sys
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from fake_kfp.conformance.command import add_commands
from fake_kfp.conformance.record import add_record
from fake_kfp.importer.command import add_import
from fake_kfp.options import OptionError
from fake_kfp.upstream.access import add_access, installation

if TYPE_CHECKING:
    from fake_kfp import FakeKfp
    from fake_kfp.cassettes.doors import Doors


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
    schema = commands.add_parser("schema", help="print how a seed file is written, as JSON Schema")
    schema.add_argument(
        "-o", "--output", type=Path, metavar="FILE", help="where to write it (default: to the terminal)"
    )
    schema.set_defaults(run=_schema)
    return made


def _add_serve(parser: argparse.ArgumentParser) -> None:
    """The options of ``serve``; but for the ready file they are those of ``FakeKfp``, which knows what stands for one that is not given."""
    parser.set_defaults(run=_serve)
    add = partial(parser.add_argument, default=argparse.SUPPRESS)
    add("--host", help="address to listen on (default: loopback only)")
    add("--http-port", type=_port, default=8888, help="REST port, 0 for a free one (default: 8888)")
    add("--grpc-port", type=_port, default=8887, help="gRPC port, 0 for a free one (default: 8887)")
    add("--simulation", help="instant, clocked or manual (default: clocked)")
    add("--speed", type=float, help="simulated seconds per real second (default: 1)")
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
    add(
        "--runs-per-look",
        type=int,
        metavar="N",
        help="most runs of recurring runs that one call makes (default: 100,000)",
    )
    add(
        "--slice-steps",
        type=int,
        metavar="N",
        help="steps of large work after which others are let in (default: 1,000)",
    )
    add("--max-body-bytes", type=int, metavar="N", help="largest REST body (default: 64 MiB)")
    add("--max-worlds", type=int, metavar="N", help="most worlds beside the usual one (default: 100)")
    add("--load", type=Path, metavar="FILE", help="begin with the world of a snapshot or seed file")
    add(
        "--save-on-exit",
        nargs="?",
        type=Path,
        const=None,
        metavar="FILE",
        help="write a snapshot there when the server is stopped (default: the file of --load)",
    )
    add(
        "--ready-file", type=Path, metavar="PATH", help="write addresses and pid there once both sides answer"
    )

    _add_cassettes(parser)


_CASSETTE = ("record", "replay", "upstream", "upstream_grpc", "exact_times")
_ACCESS = ("token", "token_file", "headers", "ca_file", "insecure")
_ADDRESS = ("host", "http_port", "grpc_port")


def _add_cassettes(parser: argparse.ArgumentParser) -> None:
    group = parser.add_argument_group(
        "instead of a fake", "a proxy of a real server, or what one has recorded"
    )
    either = group.add_mutually_exclusive_group()
    either.add_argument(
        "--record", type=Path, metavar="CASSETTE", help="pass calls on to --upstream and write them down"
    )
    either.add_argument("--replay", type=Path, metavar="CASSETTE", help="answer from what was written down")
    group.add_argument("--upstream", metavar="URL", help="REST side of the server that is recorded")
    group.add_argument(
        "--upstream-grpc",
        metavar="HOST:PORT",
        help="its gRPC side (https://HOST:PORT with TLS; default: none)",
    )
    group.add_argument(
        "--exact-times", action="store_true", help="replay times as they were, and not as much later as it is"
    )
    add_access(group, "--upstream-")


def _doors(options: dict[str, Any]) -> Doors | None:
    """The doors of a cassette, if there is one. Raises OptionError. Takes its options out."""
    said = argparse.Namespace(**{name: options.pop(name) for name in (*_CASSETTE, *_ACCESS)})
    if said.record is None and said.replay is None:
        _refuse(
            {name: getattr(said, name) for name in (*_CASSETTE, *_ACCESS)}, "goes with --record or --replay"
        )
        return None
    from fake_kfp.cassettes import Recorder, Replayer
    from fake_kfp.cassettes.tape import BadCassette
    from fake_kfp.upstream.installation import BadUpstream

    _refuse(
        {name: options[name] for name in options if name not in _ADDRESS}, "is for a fake, not for a cassette"
    )
    ports = {name: options[name] for name in _ADDRESS if name in options}
    try:
        if said.replay is not None:
            return Replayer(said.replay, exact_times=said.exact_times, **ports)
        if said.upstream is None:
            raise OptionError("--record asks for --upstream: whom to pass calls on to")
        return Recorder(said.record, installation(said.upstream, said), said.upstream_grpc, **ports)
    except (BadCassette, BadUpstream) as error:
        raise OptionError(str(error).removeprefix("fake_kfp: ")) from None


def _refuse(options: Mapping[str, Any], why: str) -> None:
    """Raises OptionError for the first one that was given."""
    for name, value in options.items():
        if value not in (None, False, [], {}):
            flag = f"upstream-{name}" if name in _ACCESS else name
            raise OptionError(f"--{flag.replace('_', '-')} {why}")


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


def _schema(arguments: argparse.Namespace) -> int:
    from fake_kfp.control.endpoints.seeds import seed_schema

    text = json.dumps(seed_schema(), indent=1)
    if arguments.output is None:
        print(text)
    else:
        arguments.output.write_text(f"{text}\n", encoding="utf-8")
    return 0


def _serve(arguments: argparse.Namespace) -> int:
    options = vars(arguments)
    ready_file: Path | None = options.pop("ready_file", None)
    del options["run"]
    if ready_file:
        ready_file.unlink(missing_ok=True)
    with _stop_signal() as stop, _doors(options) or _kept_fake(options) as server:
        grpc_side = f", gRPC on {server.target}" if server.target else ""
        print(f"fake-kfp: REST on {server.url}{grpc_side}; stop it with Ctrl-C", flush=True)
        if ready_file:
            _announce(ready_file, server)
        stop.wait()
    return 0


@contextmanager
def _kept_fake(options: dict[str, Any]) -> Iterator[FakeKfp]:
    """A fake whose world is loaded first, and saved last, where that is wanted. Raises OptionError."""
    from fake_kfp.control.snapshots.document import SnapshotError

    loaded, saves = options.pop("load", None), "save_on_exit" in options
    saved: Path | None = options.pop("save_on_exit", None) or (loaded if saves else None)
    if saves and saved is None:
        raise OptionError("--save-on-exit asks for a file, its own or that of --load")
    fake = _fake(options)
    try:
        if loaded is not None and (loaded.exists() or not saves):
            is_seed = fake.load(loaded)
            if is_seed and saved == loaded:
                raise OptionError(f"--save-on-exit would write over the seed {loaded}: name another file")
    except SnapshotError as error:
        raise OptionError(str(error).removeprefix("fake_kfp: ")) from None
    with fake:
        yield fake
    if saved is not None:
        fake.save(saved)


def _fake(options: dict[str, Any]) -> FakeKfp:
    from fake_kfp import FakeKfp  # takes a moment, in which the process can be stopped already

    usual = {"simulation": "clocked", "speed": 1.0}
    pairs = {name: dict(options.get(name, ())) for name in ("urls", "environment")}
    return FakeKfp(**{**usual, **options, **pairs})


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


def _announce(path: Path, server: FakeKfp | Doors) -> None:
    """Writes the ready file in one step, so that nobody reads half of it."""
    half = path.with_name(f"{path.name}.{os.getpid()}")
    half.write_text(json.dumps({"http": server.url, "grpc": server.target, "pid": os.getpid()}))
    half.replace(path)


if __name__ == "__main__":
    sys.exit(main())
