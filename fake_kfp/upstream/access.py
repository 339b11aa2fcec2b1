"""Options of commands that ask an installation: who asks, and whom to trust."""

from __future__ import annotations

import argparse
import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

# what knows TLS is imported by the commands that run, and not by --help
if TYPE_CHECKING:
    from fake_kfp.upstream.installation import Installation

TOKEN_VARIABLE = "FAKE_KFP_TOKEN"


def add_access(parser: argparse._ActionsContainer, prefix: str = "--") -> None:
    """Adds the options that say who asks, and whom to trust."""

    def add(name: str, **options: Any) -> None:
        parser.add_argument(
            name.replace("--", prefix), dest=options.pop("dest", name[2:].replace("-", "_")), **options
        )

    add("--token-file", type=Path, metavar="FILE", help="holds the bearer token")
    add("--token", metavar="TEXT", help=f"the bearer token; better in a file, or in {TOKEN_VARIABLE}")
    add(
        "--header",
        dest="headers",
        type=_header,
        action="append",
        default=[],
        metavar="'NAME: VALUE'",
        help="sent with every request, such as a cookie; may be repeated",
    )
    add(
        "--ca-file",
        metavar="FILE",
        help="certificates of the authority that is trusted (default: the system's)",
    )
    add("--insecure", action="store_true", help="do not verify certificates")


def installation(url: str, options: argparse.Namespace) -> Installation:
    """The installation at a URL, as the options of :func:`add_access` say. Raises BadUpstream."""
    from fake_kfp.upstream.installation import Installation

    headers = dict(options.headers)
    token = _token(options)
    if token:
        headers["Authorization"] = f"Bearer {token}"
    return Installation(url, headers, options.ca_file, verify=not options.insecure)


def _token(options: argparse.Namespace) -> str:
    if options.token is not None:
        return str(options.token)
    if options.token_file is None:
        return os.environ.get(TOKEN_VARIABLE, "")
    try:
        return Path(options.token_file).read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        from fake_kfp.upstream.installation import BadUpstream

        raise BadUpstream(f"the token can't be read from {options.token_file}: {error}") from None


def _header(line: str) -> tuple[str, str]:
    name, colon, value = line.partition(":")
    if not colon or not name.strip():
        raise argparse.ArgumentTypeError("a header is written NAME: VALUE")
    return name.strip(), value.strip()
