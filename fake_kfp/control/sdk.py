"""The SDKs of kfp 1.8 and 2.x wait by the fake's clock: its clients' loops, and nothing else of them, see another time."""

from __future__ import annotations

import functools
import importlib.machinery
import inspect
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, ExitStack, contextmanager
from datetime import timedelta
from importlib.abc import Loader, MetaPathFinder
from types import ModuleType
from typing import Any

from fake_kfp.control.sleeping import SDK_MODULES, FakeTime, Source, loaded_sdk
from fake_kfp.control.thread_time import shown
from fake_kfp.control.waiting import RunSleep, advance

Around = Callable[[Source, ModuleType, Mapping[str, Any]], AbstractContextManager[None]]
"""What is put around a client's method: of this fake, in this module, called with these arguments."""


@contextmanager
def sdk_time(source: Source, is_ours: Callable[[str], bool]) -> Iterator[None]:
    """Inside, clients whose host ``is_ours`` wait by the fake's clock, whoever made them, in all threads.

    The SDK may be imported inside.
    """
    with ExitStack() as undone:

        def patch(module: ModuleType) -> None:
            for name, around in _METHODS.items():
                undone.callback(_wrap(module, name, functools.partial(around, source, module), is_ours))

        for module in loaded_sdk():
            patch(module)
        finder = _OnImport(patch)
        sys.meta_path.insert(0, finder)
        undone.callback(sys.meta_path.remove, finder)
        yield


def _wrap(
    module: ModuleType,
    name: str,
    around: Callable[[Mapping[str, Any]], AbstractContextManager[None]],
    is_ours: Callable[[str], bool],
) -> Callable[[], None]:
    """Wraps a method of the module's client class; gives what puts it back."""
    client: Any = vars(module).get("Client")
    original: Any = vars(client).get(name)

    @functools.wraps(original)
    def wrapper(self: Any, *arguments: Any, **named: Any) -> Any:
        if not is_ours(_host(self)):
            return original(self, *arguments, **named)
        given = inspect.signature(original).bind(self, *arguments, **named).arguments
        with around(given):
            return original(self, *arguments, **named)

    def restore() -> None:
        if vars(client).get(name) is wrapper:  # else somebody else has put something there
            setattr(client, name, original)

    setattr(client, name, wrapper)
    return restore


def _host(client: Any) -> str:
    try:
        return str(client._run_api.api_client.configuration.host)
    except AttributeError:
        return ""


@contextmanager
def _waiting_for_run(source: Source, module: ModuleType, given: Mapping[str, Any]) -> Iterator[None]:
    timeout = given["timeout"]
    seconds = timeout.total_seconds() if isinstance(timeout, timedelta) else timeout
    sleep = RunSleep(source(), given["run_id"], seconds)
    with sleep, shown([module], FakeTime(source, sleep)):
        try:
            yield
        except TimeoutError as error:
            text = sleep.described()
            if text not in str(error) and hasattr(error, "add_note"):  # there is none before Python 3.11
                error.add_note(text)
            raise


@contextmanager
def _waiting_a_little(source: Source, module: ModuleType, given: Mapping[str, Any]) -> Iterator[None]:
    with shown([module], FakeTime(source, lambda seconds: advance(source(), seconds))):
        yield


_METHODS: Mapping[str, Around] = {
    "wait_for_run_completion": _waiting_for_run,
    "get_kfp_healthz": _waiting_a_little,
}


class _OnImport(MetaPathFinder):
    """Does something to the SDK's modules once they are imported."""

    def __init__(self, then: Callable[[ModuleType], None]) -> None:
        self._then = then

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> importlib.machinery.ModuleSpec | None:
        """The spec that others find, with a loader that calls back."""
        if fullname not in SDK_MODULES:
            return None
        spec = importlib.machinery.PathFinder.find_spec(fullname, path)
        if spec is not None and spec.loader is not None:
            spec.loader = _Loader(spec.loader, self._then)
        return spec


class _Loader(Loader):
    def __init__(self, loader: Loader, then: Callable[[ModuleType], None]) -> None:
        self._loader = loader
        self._then = then

    def create_module(self, spec: importlib.machinery.ModuleSpec) -> ModuleType | None:
        return self._loader.create_module(spec)

    def exec_module(self, module: ModuleType) -> None:
        module.__loader__ = self._loader  # whom others ask for the source
        if module.__spec__ is not None:
            module.__spec__.loader = self._loader
        self._loader.exec_module(module)
        self._then(module)
