"""The guard: in multi-user mode no RPC answers before somebody has decided on the caller's rights."""

from __future__ import annotations

from typing import Any

import pytest

from fake_kfp.api.descriptors import message_class, methods
from fake_kfp.api.guard import EXEMPT, NobodyAskedError, guarded
from fake_kfp.deployment import Deployment
from fake_kfp.errors import KfpError
from fake_kfp.options import Options
from fake_kfp.services.auth.access import Access
from fake_kfp.services.auth.caller import Caller

NAME = "/api.RunService/GetRunV1"
EMPTY = message_class("google.protobuf.Empty")
V1_METHODS = [name for name in methods() if name.startswith("/api.") and "DummyFilterService" not in name]


def forgetful(request: Any, caller: Caller) -> Any:
    return EMPTY()


def test_a_handler_that_asks_nobody_is_a_fault_in_multi_user_mode() -> None:
    handler = guarded({NAME: forgetful}, Access(multi_user=True))[NAME]
    with pytest.raises(NobodyAskedError, match="GetRunV1"):
        handler(EMPTY(), Caller())


def test_an_earlier_call_s_asking_does_not_count() -> None:
    handler = guarded({NAME: forgetful}, Access(multi_user=True))[NAME]
    with pytest.raises(NobodyAskedError):
        handler(EMPTY(), Caller(asked=True))


def test_a_handler_may_say_that_no_right_is_needed() -> None:
    access = Access(multi_user=True)

    def sharing(request: Any, caller: Caller) -> Any:
        access.waive(caller)
        return EMPTY()

    assert guarded({NAME: sharing}, access)[NAME](EMPTY(), Caller()) == EMPTY()


def test_in_single_user_mode_nothing_is_watched() -> None:
    assert guarded({NAME: forgetful}, Access())[NAME](EMPTY(), Caller()) == EMPTY()


def test_the_exempt_are_rpcs_and_they_may_be_called_by_anybody() -> None:
    assert set(methods()) >= EXEMPT
    for name in EXEMPT:
        assert guarded({name: forgetful}, Access(multi_user=True))[name](EMPTY(), Caller()) == EMPTY()


@pytest.mark.parametrize("name", V1_METHODS)
def test_every_rpc_of_v1beta1_asks_or_says_that_nobody_needs_to(name: str) -> None:
    api = Deployment(Options(multi_user=True)).api
    method = api.methods[name]
    try:
        api.call(method, method.input_class(), Caller())
    except KfpError as error:
        # some refuse and some answer: only what it is that refuses counts
        assert not error.message.startswith("fake_kfp:")  # noqa: PT017
