"""The command line: ``fake-kfp serve``, ``conformance`` and ``diff``."""

from __future__ import annotations

import argparse
import json
import os
import signal
import sys
import threading
from collections.abc import Sequence
from pathlib import Path

from fake_kfp.conformance.command import add_commands
from fake_kfp.options import OptionError
from fake_kfp.server import FakeKfp


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs a command; returns the exit status: 0 fine, 1 it could not be done, 2 the command line is wrong."""
    options = _parser().parse_args(arguments)
    try:
        status: int = options.run(options)
        return status
    except OptionError as error:
        print(f"fake-kfp: {error}", file=sys.stderr)
        return 2
    except OSError as error:
        print(f"fake-kfp: {error}", file=sys.stderr)
        return 1


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="fake-kfp", description="An in-memory fake of the Kubeflow Pipelines API server."
    )
    commands = parser.add_subparsers(required=True)
    serve = commands.add_parser("serve", help="run a local server until interrupted")
    serve.set_defaults(run=_serve)
    serve.add_argument("--host", default="127.0.0.1", help="address to listen on (default: loopback only)")
    serve.add_argument(
        "--http-port", type=int, default=8888, help="REST port, 0 for a free one (default: 8888)"
    )
    serve.add_argument(
        "--grpc-port", type=int, default=8887, help="gRPC port, 0 for a free one (default: 8887)"
    )
    serve.add_argument(
        "--simulation", default="clocked", help="instant, clocked or manual (default: clocked)"
    )
    serve.add_argument(
        "--speed", type=float, default=1.0, help="simulated seconds per real second (default: 1)"
    )
    serve.add_argument(
        "--kfp-version", metavar="VERSION", help="the release to speak as: 1.8, 2.0 to 2.14, 2.15 or later"
    )
    serve.add_argument("--seed", type=int, help="makes ids and name suffixes repeatable")
    serve.add_argument(
        "--multi-user", action="store_true", help="multi-user mode; nobody may do anything unless allowed"
    )
    serve.add_argument(
        "--allow",
        type=json.loads,
        default=[],
        metavar="JSON",
        help='[{"user", "namespace", "verbs", "resources"}]',
    )
    serve.add_argument(
        "--tokens", type=json.loads, default={}, metavar="JSON", help='{"bearer token": "user"}'
    )
    serve.add_argument(
        "--ready-file",
        type=Path,
        metavar="PATH",
        help="write both addresses and the pid there once both answer",
    )
    add_commands(commands)
    return parser


def _serve(options: argparse.Namespace) -> int:
    stop = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stop.set())
    server = FakeKfp(
        host=options.host,
        http_port=options.http_port,
        grpc_port=options.grpc_port,
        simulation=options.simulation,
        speed=options.speed,
        seed=options.seed,
        version=options.kfp_version,
        multi_user=options.multi_user,
        allow=options.allow,
        tokens=options.tokens,
    )
    with server:
        print(f"fake-kfp: REST on {server.url}, gRPC on {server.target}; stop it with Ctrl-C", flush=True)
        if options.ready_file:
            _announce(options.ready_file, server)
        stop.wait()
    return 0


def _announce(path: Path, server: FakeKfp) -> None:
    """Writes the ready file in one step, so that nobody reads half of it."""
    half = path.with_name(f"{path.name}.{os.getpid()}")
    half.write_text(json.dumps({"http": server.url, "grpc": server.target, "pid": os.getpid()}))
    half.replace(path)


if __name__ == "__main__":
    sys.exit(main())
