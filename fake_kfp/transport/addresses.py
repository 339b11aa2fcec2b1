"""Where the doors listen: hosts, ports, and what to say where they can't."""

from __future__ import annotations

import os
import socket


def authority(host: str, port: int) -> str:
    """Host and port as URLs and gRPC targets have them: an IPv6 address in brackets."""
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"


def listen(host: str, port: int, what: str, *, backlog: int = 128) -> socket.socket:
    """A listening socket. Raises OSError that says in one line for ``what``, where and why there can be none."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        return socket.create_server((host, port), family=family, backlog=backlog)
    except OverflowError:
        raise cannot_listen(host, port, what, "a port is a number from 0 to 65535") from None
    except OSError as error:
        why = os.strerror(error.errno) if error.errno and error.errno > 0 else "there is no such host"
        raise cannot_listen(host, port, what, why) from error


def hold(host: str, port: int) -> socket.socket:
    """A socket that has a port, so that nobody else takes it, and lets nobody in: connections are refused. Others may listen beside it."""
    held = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET)
    try:
        held.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        held.bind((host, port))
    except BaseException:
        held.close()
        raise
    return held


def cannot_listen(host: str, port: int, what: str, why: str) -> OSError:
    """The error of a door that could not be opened."""
    hint = "" if port == 0 else " Port 0 picks a free one."
    return OSError(f"fake_kfp: cannot listen on {authority(host, port)} for {what}: {why}.{hint}")
