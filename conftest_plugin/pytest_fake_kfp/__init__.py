"""The pytest plugin: an in-memory Kubeflow Pipelines API server as a fixture.

Loaded in every pytest run of every project that has fake_kfp installed, so it imports nothing but pytest and the standard library;
the server itself is imported inside the fixtures.
"""

from __future__ import annotations

import re
import warnings
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

_LINE = 300
_NAME = 200
"""Characters of a file's name: most file systems take 255 bytes."""

if TYPE_CHECKING:
    from typing_extensions import Unpack

    from fake_kfp import FakeKfp
    from fake_kfp.options import ServerOptions


class FakeKfpFactory:
    """Starts further fakes, which stop with the test."""

    def __init__(self, stack: ExitStack) -> None:
        self._stack = stack
        self.made: list[FakeKfp] = []
        """Those that it has started, in order."""

    def __call__(self, **options: Unpack[ServerOptions]) -> FakeKfp:
        """A running fake, of the options of :class:`fake_kfp.FakeKfp`. Raises OptionError."""
        from fake_kfp import FakeKfp

        fake = self._stack.enter_context(FakeKfp(**options))
        self.made.append(fake)
        return fake


def pytest_addoption(parser: pytest.Parser) -> None:
    """Adds the ini options."""
    parser.addini(
        "fake_kfp_journal",
        "how many of its latest calls the report of a failed test shows (0: none)",
        default="20",
    )
    parser.addini(
        "fake_kfp_allow_unused",
        "let tests pass whose scripts fitted no task, or whose faults no call",
        type="bool",
        default=False,
    )
    parser.addini("fake_kfp_snapshots", "where the worlds of failed tests are kept (default: nowhere)")
    parser.getgroup("fake_kfp").addoption(
        "--fake-kfp-snapshots", metavar="DIR", help="keep the worlds of failed tests there, as snapshots"
    )


def pytest_configure(config: pytest.Config) -> None:
    """Adds the mark."""
    config.addinivalue_line("markers", "fake_kfp(**options): options of the fake_kfp fixture's world")


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo[None]) -> Iterator[None]:
    """Fails a test that said something in vain; ends the report of a failed one with what the server saw."""
    outcome: Any = yield
    report: pytest.TestReport = outcome.get_result()
    values = getattr(item, "funcargs", {})
    fake, factory = values.get("fake_kfp"), values.get("fake_kfp_factory")
    if report.when == "call" and report.passed and not hasattr(report, "wasxfail"):
        _check_unused(item, [*([fake] if fake else []), *(factory.made if factory else [])], report)
    if fake is not None and report.failed:
        _keep_world(item, fake, report)
        _show_calls(item, fake, report)


def _show_calls(item: pytest.Item, fake: FakeKfp, report: pytest.TestReport) -> None:
    shown = int(item.config.getini("fake_kfp_journal"))
    if not shown:
        return
    calls = fake.calls()
    lines = [_cut(repr(each)) for each in list(calls)[-shown:]]
    if calls.count > shown:
        lines.insert(0, f"... {calls.count - shown} earlier calls; fake_kfp_journal = N shows more")
    report.sections.append(("calls that fake_kfp saw", "\n".join(lines) or "none"))


def _keep_world(item: pytest.Item, fake: FakeKfp, report: pytest.TestReport) -> None:
    """Writes the world of a failed test into a file named after it, where that is asked for."""
    folder = item.config.getoption("--fake-kfp-snapshots") or item.config.getini("fake_kfp_snapshots")
    if not folder:
        return
    kept = Path(folder) if Path(folder).is_absolute() else item.config.rootpath / folder
    name = re.sub(r"[^\w.\[\]-]+", "-", item.nodeid)[-_NAME:]
    kept.mkdir(parents=True, exist_ok=True)
    fake.save(kept / f"{name}.json", leave_out_functions=True)
    lines = [f"fake-kfp serve --load {kept / name}.json"]
    lines += [f"without {fault}, which is no data" for fault in fake.faults.with_functions()]
    report.sections.append(("world that fake_kfp kept", "\n".join(lines)))


def _check_unused(item: pytest.Item, fakes: list[FakeKfp], report: pytest.TestReport) -> None:
    allowed = item.config.getini("fake_kfp_allow_unused")
    unused = [] if allowed else [said for fake in fakes for said in fake.unused()]
    if unused:
        report.outcome = "failed"
        said = "\n".join(unused)
        report.longrepr = (
            f"fake_kfp: this test said something in vain:\n{said}\n"
            "Where that may be: optional=True, or fake_kfp_allow_unused = true among pytest's ini options."
        )


def _cut(text: str) -> str:
    line = text.replace("\n", " ")
    return line if len(line) <= _LINE else f"{line[:_LINE]}..."


@pytest.fixture
def fake_kfp_options() -> dict[str, Any]:
    """The options of the ``fake_kfp`` fixture's world; override it in a test module or conftest.py to change them."""
    return {}


@pytest.fixture(scope="session")
def _fake_kfp_server() -> Iterator[FakeKfp]:
    """One server a process (so one per xdist worker), on free ports of the loopback interface."""
    from fake_kfp import FakeKfp

    with FakeKfp() as server:
        yield server


@pytest.fixture
def fake_kfp(
    request: pytest.FixtureRequest, _fake_kfp_server: FakeKfp, fake_kfp_options: dict[str, Any]
) -> FakeKfp:
    """A running fake with a fresh world for this test, of the options of ``@pytest.mark.fake_kfp(...)``, the nearest mark's first."""
    marks = list(request.node.iter_markers("fake_kfp"))
    if any(mark.args for mark in marks):
        raise pytest.UsageError("the mark fake_kfp takes options by name: @pytest.mark.fake_kfp(seed=1)")
    options = {
        **fake_kfp_options,
        **{name: mark.kwargs[name] for mark in marks[::-1] for name in mark.kwargs},
    }
    _fake_kfp_server.start()  # a test before may have stopped it
    _fake_kfp_server.reset(**options)
    return _fake_kfp_server


@pytest.fixture
def fake_kfp_factory() -> Iterator[FakeKfpFactory]:
    """Starts further fakes, each a world of its own: ``fake_kfp_factory(simulation="manual")``. They stop with the test."""
    with ExitStack() as stack:
        yield FakeKfpFactory(stack)


@pytest.fixture
def fake_kfp_endpoint(fake_kfp: FakeKfp, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """Points ``KF_PIPELINES_ENDPOINT`` at the fake, so that code which builds its own ``kfp.Client()`` talks to it; gives the URL.

    As long as the test runs, such clients wait for runs by the fake's clock (:meth:`fake_kfp.FakeKfp.sdk_time`).
    """
    monkeypatch.setenv("KF_PIPELINES_ENDPOINT", fake_kfp.url)
    with fake_kfp.sdk_time():
        yield fake_kfp.url


@pytest.fixture
def fake_kfp_client(fake_kfp: FakeKfp) -> Iterator[Any]:
    """A ``kfp.Client`` of the fake, of the SDK that is installed.

    As long as the test runs, the fake's clients wait for runs by its clock, where the SDK would sleep (:meth:`fake_kfp.FakeKfp.sdk_time`).
    """
    import kfp

    with fake_kfp.sdk_time():
        with warnings.catch_warnings():
            # kfp 2 warns of servers before 2.0, whichever it talks to
            warnings.simplefilter("ignore", FutureWarning)
            client = kfp.Client(host=fake_kfp.url)
        yield client
