"""``FakeKfp``: a world and the doors into it, as one object to start and stop."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from datetime import timedelta
from pathlib import Path
from types import ModuleType, TracebackType
from typing import TYPE_CHECKING, Any, TypeVar
from urllib.parse import urlsplit

import grpc
import grpc.aio

from fake_kfp.api.dispatch import Api
from fake_kfp.api.exchange import Transport
from fake_kfp.control.calls import CallLog
from fake_kfp.control.clock import ClockView
from fake_kfp.control.desk import Desk
from fake_kfp.control.faults.faults import Faults
from fake_kfp.control.faults.script import FaultScript
from fake_kfp.control.scripting import TaskScript
from fake_kfp.control.sdk import sdk_time
from fake_kfp.control.sleeping import sleeping
from fake_kfp.control.snapshots.document import desk_of, is_snapshot, snapshot_of
from fake_kfp.control.snapshots.files import read_document, write_document
from fake_kfp.control.snapshots.seeds import Folder, planted
from fake_kfp.control.stepping import move_task, settle
from fake_kfp.control.views.runs import RunView
from fake_kfp.control.waiting import seconds_of, wait_for_run
from fake_kfp.control.world import WorldSide
from fake_kfp.deployment import Deployment
from fake_kfp.mounts import mount_points
from fake_kfp.named_worlds import MOST_WORLDS, NamedWorlds, WorldError
from fake_kfp.options import LivingOptions, Options, OptionValues
from fake_kfp.transport.addresses import authority
from fake_kfp.transport.grpc.server import GrpcServer
from fake_kfp.transport.http.client import get
from fake_kfp.transport.http.gateway.gateway import CONTROL_PREFIX, Gateway
from fake_kfp.transport.http.gateway.visitors import Visitors
from fake_kfp.transport.http.wire.message import HttpRequest
from fake_kfp.transport.http.wire.server import MAX_BODY_BYTES, HttpServer
from fake_kfp.transport.in_process.aio_channel import InProcessAioChannel
from fake_kfp.transport.in_process.channel import InProcessChannel
from fake_kfp.transport.refusing import Door, InProcessDoor, refuse_for, refusing
from fake_kfp.transport.worlds import WORLD_HEADER, WORLD_PREFIX, WorldSwitch

if TYPE_CHECKING:
    from typing_extensions import Unpack

Server = TypeVar("Server")


class FakeKfp(WorldSide):
    """An in-memory Kubeflow Pipelines API server.

    It answers in process (:meth:`channel`) from the start, and over gRPC and REST between :meth:`start` and :meth:`stop` or inside a
    ``with`` block. Ports are free ones on the loopback interface unless given; a REST request whose body is larger than
    ``max_body_bytes`` is refused, and so is one that comes by a name that is neither loopback's, nor ``host``, nor one of
    ``allow_hosts``. With a ``control_token`` the control endpoints ask for it. Beside its own it has
    ``max_worlds`` worlds at most (:meth:`world`). All other keyword arguments are those of
    :class:`~fake_kfp.options.Options`; an unknown one or a wrong value raises :class:`~fake_kfp.options.OptionError`.
    Two instances are two worlds. Every method may be called from any thread.
    """

    def __init__(
        self,
        *,
        host: str = "127.0.0.1",
        http_port: int = 0,
        grpc_port: int = 0,
        max_body_bytes: int = MAX_BODY_BYTES,
        allow_hosts: Sequence[str] = (),
        control_token: str | None = None,
        max_worlds: int = MOST_WORLDS,
        **options: Unpack[OptionValues],
    ) -> None:
        self._address = (host, http_port, grpc_port)
        self._max_body_bytes = max_body_bytes
        self._begin(Options().with_changes(options), Visitors(host, allow_hosts), control_token, max_worlds)

    def _begin(
        self, options: Options, visitors: Visitors, control_token: str | None, max_worlds: int
    ) -> None:
        """What every world has, whoever opens the doors to it."""
        self._options = options
        self._visitors = visitors
        self._control_token = control_token
        self._worlds: NamedWorlds[NamedWorld] = NamedWorlds(max_worlds)
        self._desk = Desk(options, get, self._ask)
        self._here = InProcessDoor(lambda: self._desk.deployment.api, self._world_api)
        self._rest = Gateway(
            lambda: self._desk.deployment.api,
            mount_points(self, control_token),
            identity_header=lambda: self._desk.deployment.options.identity_header,
            visitors=visitors,
        )
        self._grpc: GrpcServer | None = None
        self._http: HttpServer | None = None

    def start(self) -> FakeKfp:
        """Opens both doors; raises OSError where a port is taken. Starting twice does nothing."""
        if self._grpc is None:
            host, http_port, grpc_port = self._address
            limit = self._max_body_bytes
            rest = WorldSwitch(self._rest, lambda name: self._worlds.find(name)._rest)
            http = HttpServer(rest, host=host, port=http_port, max_body_bytes=limit)
            http.start()
            grpc_server = GrpcServer(
                lambda: self._desk.deployment.api,
                host=host,
                port=grpc_port,
                world_api=self._world_api,
            )
            try:
                grpc_server.start()
            except BaseException:
                http.stop()
                raise
            self._http, self._grpc = http, grpc_server
        return self

    def _world_api(self, name: str) -> Api:
        """The RPCs of another world. Raises WorldError, which is a KfpError."""
        return self._worlds.find(name)._desk.deployment.api

    def stop(self) -> None:
        """Closes both doors, once calls under way have ended or had a second; the world stays readable. Stopping twice does nothing."""
        grpc_server, http_server = self._grpc, self._http
        self._grpc = self._http = None
        if http_server is not None:
            http_server.stop()
        if grpc_server is not None:
            grpc_server.stop()

    def refusing(self, transport: Transport | None = None) -> AbstractContextManager[None]:
        """Inside, connections are refused, as by a server that is down: at one door, or all. Kept ones are closed."""
        return refusing(self._doors(transport))

    def refuse(self, seconds: float, transport: Transport | None = None) -> None:
        """The same from now on, for so many real seconds."""
        refuse_for(self._doors(transport), seconds)

    def _doors(self, transport: Transport | None) -> list[Door]:
        doors: dict[str, Door | None] = {"REST": self._http, "gRPC": self._grpc, "in process": self._here}
        if transport is not None and transport not in doors:
            raise ValueError(f"transport is one of {', '.join(doors)}, not {transport!r}")
        wanted = doors.values() if transport is None else [doors[transport]]
        return [door for door in wanted if door is not None]

    def _ask(self, method: str, path: str, body: Any, headers: Mapping[str, str]) -> tuple[int, bytes]:
        """A request of a fault, from within."""
        given = {"host": "localhost", **{name.lower(): value for name, value in headers.items()}}
        if self._control_token is not None and path.startswith(CONTROL_PREFIX):
            given["authorization"] = f"Bearer {self._control_token}"
        content = b"" if body is None else json.dumps(body).encode()
        reply = self._rest.handle(
            HttpRequest(method, path, {name: (value,) for name, value in given.items()}, content)
        )
        return reply.status, reply.body

    def __enter__(self) -> FakeKfp:
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    @property
    def deployment(self) -> Deployment:
        """The present world and what stands around it; reach into it within ``deployment.visit()`` only."""
        return self._desk.deployment

    @property
    def desk(self) -> Desk:
        """The present world's deployment, and its journal."""
        return self._desk

    @property
    def options(self) -> Options:
        """The options that the constructor was given, whatever a reset may have changed since."""
        return self._options

    def reset(self, /, **options: Unpack[OptionValues]) -> None:
        """Puts a new, empty world in place of the present one: the options of the constructor, changed by these (OptionError)."""
        self._desk = Desk(self._options.with_changes(options), get, self._ask)

    def change_options(self, /, **options: Unpack[LivingOptions]) -> None:
        """Changes options of the present world that may be changed while it lives; what is not named stays. Raises OptionError.

        ``allow`` are all rules that hold from the next call on, ``fetch_from`` all servers that may be asked (tokens: :meth:`grant` and
        :meth:`revoke`). A reset begins with the options of the constructor again; a snapshot keeps these.
        """
        with self._desk.deployment.visit(step=False) as deployment:
            deployment.change_options(options)

    def world(self, name: str, /, **options: Unpack[OptionValues]) -> NamedWorld:
        """The world of this name on this server; a new one, of the options of the constructor changed by these, where there is none.

        Clients reach it at its ``url``, or by the header or metadata ``x-fake-kfp-world``. Raises WorldError for a name that is none, for
        options of a world that is there, and where there are ``max_worlds`` already.
        """
        if name in self._worlds.names():
            if options:
                raise WorldError(f"there is a world {name!r} already; its reset() takes options", taken=True)
            return self._worlds.find(name)
        return self.add_world(name, **options)

    def add_world(self, name: str, /, **options: Unpack[OptionValues]) -> NamedWorld:
        """A new world of this name. Raises WorldError."""
        return self._worlds.add(name, lambda: NamedWorld(self, name, self._options.with_changes(options)))

    def drop_world(self, name: str) -> None:
        """Forgets a world. Raises WorldError where there is none of this name."""
        self._worlds.drop(name)

    def world_names(self) -> list[str]:
        """The names of all worlds but the usual one."""
        return self._worlds.names()

    def snapshot(self, *, leave_out_functions: bool = False) -> dict[str, Any]:
        """The present world as plain data, for :meth:`restore`, which no later call changes; ``json.dumps`` makes a text of it.

        Raises SnapshotError where a fault's ``when`` or ``does`` is a function, unless such faults are to be left out; ``left_out`` of the
        document then names them.
        """
        return snapshot_of(self._desk, leave_out_functions=leave_out_functions)

    def restore(self, document: Mapping[str, Any]) -> None:
        """Puts the world of a snapshot in place of the present one: all of it, or, with SnapshotError, nothing."""
        self._desk = desk_of(document, get, self._ask)

    def plant(self, seed: Mapping[str, Any], folder: Path | str | None = None) -> None:
        """Puts the world of a seed in place of the present one, or, with SnapshotError, nothing; its files lie in ``folder``."""
        files = Folder(None if folder is None else Path(folder))
        self._desk = planted(seed, self._options, files, get, self._ask)

    def load(self, path: Path | str) -> bool:
        """Puts the world of a file, a snapshot or a seed, in place of the present one; says whether it is a seed.

        Raises SnapshotError, and OSError where there is no such file.
        """
        document = read_document(Path(path))
        is_seed = not is_snapshot(document)
        if is_seed:
            self.plant(document, Path(path).parent)
        else:
            self.restore(document)
        return is_seed

    def save(self, path: Path | str, *, leave_out_functions: bool = False) -> None:
        """Writes a snapshot of the present world into a file, in one step."""
        write_document(self.snapshot(leave_out_functions=leave_out_functions), Path(path))

    @property
    def url(self) -> str:
        """Where the REST side answers, e.g. ``http://127.0.0.1:43210``: the ``host`` of a ``kfp.Client``."""
        host, port = _started(self._http).address
        return f"http://{authority(host, port)}"

    @property
    def target(self) -> str:
        """Where the gRPC side answers, e.g. ``127.0.0.1:43211``: the target of a ``grpc.insecure_channel``."""
        return _started(self._grpc).target

    def channel(self) -> grpc.Channel:
        """A channel that calls the services in this process, without sockets, for stubs made by anybody."""
        return InProcessChannel(self._here)

    def aio_channel(self) -> grpc.aio.Channel:
        """The same for asyncio: ``stub = RunServiceStub(fake.aio_channel()); await stub.GetRun(...)``."""
        return InProcessAioChannel(InProcessChannel(self._here))

    def wait(self, run: str | RunView, timeout: float | timedelta | None = None) -> RunView:
        """Lets time pass until a run, which its id names, is over, and gives it as it then is.

        ``timeout`` is in simulated seconds. Raises TimeoutError once it has passed, and at once where nothing more will happen in the run,
        with what its tasks wait for; LookupError where there is no such run.
        """
        run_id = run if isinstance(run, str) else run.id
        wait_for_run(self._desk.deployment, run_id, seconds_of(timeout))
        return self.runs.one(id=run_id)

    def sleeping(
        self, *modules: ModuleType, waits: bool = False, threads: bool = False
    ) -> AbstractContextManager[None]:
        """Inside, this thread sleeps by the fake's clock: ``time.sleep`` and ``asyncio.sleep`` jump to the next event, in their own steps.

        ``time.time`` and ``time.monotonic`` go on by as much. With ``modules``, names of ``time`` and ``datetime`` in these show the fake's
        clock, and nothing else is touched. The KFP SDK is among them either way. Other threads sleep as ever.
        ``waits``: ``Event.wait``, ``Condition.wait`` and ``queue.get`` with a timeout let just so much of the fake's time pass.
        ``threads``: so do threads that this one starts, all of which take turns.
        """
        return sleeping(lambda: self._desk.deployment, modules, waits=waits, threads=threads)

    def sdk_time(self) -> AbstractContextManager[None]:
        """Inside, a ``kfp.Client`` of this fake, whoever made it, waits for runs by the fake's clock, and so does its timeout."""
        return sdk_time(lambda: self._desk.deployment, self._is_here)

    def _is_here(self, host: str) -> bool:
        """Whether a client's host is this server's REST side."""
        place = urlsplit(host)
        names = ("localhost", "127.0.0.1", "::1", self._address[0])
        return self._http is not None and place.hostname in names and place.port == self._http.address[1]

    @property
    def clock(self) -> ClockView:
        """The world's clock: ``fake.clock.advance(minutes=5)``."""
        return ClockView(lambda: self._desk.deployment)

    @property
    def urls(self) -> dict[str, bytes]:
        """What lies behind the URLs that pipelines are made from: ``fake.urls["http://x/p.yaml"] = b"..."``."""
        return self._desk.deployment.urls

    @property
    def calls(self) -> CallLog:
        """The calls that were made: ``fake.calls("CreateRun*").assert_called(name="nightly")``."""
        return CallLog(lambda: self._desk.calls(), lambda: self._desk.journal.clear())

    @property
    def faults(self) -> Faults:
        """The faults as they stand: ``fake.faults.clear()``."""
        return self._desk.faults

    def fault(
        self,
        call: str,
        *,
        transport: Transport | None = None,
        caller: str | None = None,
        optional: bool = False,
    ) -> FaultScript:
        """Scripts what goes wrong with calls: ``fake.fault("GetRunV1").fails("UNAVAILABLE", times=2)``.

        ``call`` names them as in :attr:`calls`; ``transport`` and ``caller`` pick further. ``optional``: it may never happen.
        """
        return FaultScript(
            self._desk.faults, call=call, transport=transport, caller=caller, optional=optional
        )

    def revoke(self, token: str) -> None:
        """Takes a bearer token back: from the next call on it is nobody's. Raises LookupError where it is so already."""
        with self._desk.deployment.visit(step=False) as deployment:
            deployment.services.access.revoke(token)

    def grant(self, token: str, user: str) -> None:
        """Gives a user another bearer token. What rights he has, ``allow`` says."""
        with self._desk.deployment.visit(step=False) as deployment:
            deployment.services.access.grant(token, user)

    def unused(self) -> list[str]:
        """What was said in vain so far: scripts that fitted no task, faults that happened to no call."""
        return self._desk.unused()

    def task(
        self,
        name: str,
        *,
        run: str = "*",
        iteration: int | tuple[int, ...] | None = None,
        optional: bool = False,
    ) -> TaskScript:
        """Scripts what the tasks of this name do, in all runs or those named (both may be shell patterns).

        In a v2 pipeline the name is the task's key, at any depth (``train``), all keys down to it (``inner.train``), its display
        name or its component (``comp-train``); ``train-driver`` is its driver, which no other pattern means.
        ``optional``: there may be no such task.
        ``iteration`` picks one item of a loop, from 0; ``(1, 0)`` the first item of the inner loop in the second of the outer one.
        """
        return TaskScript(self._desk.deployment.outcomes, name, run, iteration, optional=optional)

    def settle(self, run_id: str) -> None:
        """In a manual simulation: lets the workflow engine look at a run once. Raises StepError."""
        with self._desk.deployment.visit(step=False) as deployment:
            settle(deployment, run_id)

    def move(
        self,
        run_id: str,
        task: str,
        phase: str,
        *,
        exit_code: int | None = None,
        message: str = "",
        outputs: dict[str, Any] | None = None,
    ) -> None:
        """In a manual simulation: moves a task's pod to ``phase`` (Running, Succeeded, Failed). Raises StepError."""
        with self._desk.deployment.visit(step=False) as deployment:
            move_task(deployment, run_id, task, phase, exit_code=exit_code, message=message, outputs=outputs)


class NamedWorld(FakeKfp):
    """One of several worlds on a server: all that a fake is, but for the doors, which are the server's. It ends with :meth:`stop`."""

    def __init__(self, server: FakeKfp, name: str, options: Options) -> None:
        # not through FakeKfp's own beginning, which is told of doors
        self.name = name
        self._server = server
        self._begin(options, server._visitors, server._control_token, max_worlds=0)

    def start(self) -> FakeKfp:
        """Nothing: it is there as soon as it is made."""
        return self

    def stop(self) -> None:
        """Makes room for another; what was asked of it is answered no more."""
        if self.name in self._server.world_names():
            self._server.drop_world(self.name)

    @property
    def url(self) -> str:
        """Where its REST side answers: ``http://127.0.0.1:43210/worlds/NAME``."""
        return f"{self._server.url}{WORLD_PREFIX}{self.name}"

    @property
    def target(self) -> str:
        """Where the gRPC side of its server answers; :attr:`metadata` pick this world."""
        return self._server.target

    @property
    def metadata(self) -> tuple[tuple[str, str], ...]:
        """What a call over gRPC has to bring with it, to get here."""
        return ((WORLD_HEADER, self.name),)

    def _world_api(self, name: str) -> Api:
        return self._server._world_api(name)

    def _is_here(self, host: str) -> bool:
        path = urlsplit(host).path.rstrip("/")
        return path == f"{WORLD_PREFIX}{self.name}" and self._server._is_here(host)


def _started(server: Server | None) -> Server:
    if server is None:
        raise RuntimeError("this FakeKfp is not started: use it in a with block, or call start() first")
    return server
