"""A client of every service, whatever names this release of ``kfp-server-api`` gives their methods."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from typing import Any

import kfp_server_api
import pytest

from fake_kfp import FakeKfp


class Service:
    """One generated class. Since 2.1 ``create_run`` is called ``run_service_create_run``."""

    def __init__(self, name: str, client: kfp_server_api.ApiClient) -> None:
        self._api = getattr(kfp_server_api, f"{name}ServiceApi")(client)
        self._prefix = re.sub(r"(?<=[a-z])(?=[A-Z])", "_", name).lower() + "_service_"

    def __getattr__(self, method: str) -> Callable[..., Any]:
        long_name = self._prefix + method
        return getattr(self._api, long_name if hasattr(self._api, long_name) else method)

    def refused(self, method: str, *arguments: Any, **options: Any) -> tuple[int, int]:
        """HTTP status and code of a refusal; the code is 0 where the body has none, as for uploads and unknown paths."""
        with pytest.raises(kfp_server_api.ApiException) as caught:
            getattr(self, method)(*arguments, **options)
        try:
            return caught.value.status, json.loads(caught.value.body).get("code", 0)
        except ValueError:
            return caught.value.status, 0


class Services:
    """The generated classes, by the first word of their name."""

    def __init__(self, client: kfp_server_api.ApiClient) -> None:
        self._client = client

    def __getattr__(self, name: str) -> Service:
        return Service(name, self._client)


@pytest.fixture(params=["", "/pipeline", "/api/v1/namespaces/kubeflow/services/ml-pipeline:8888/proxy"])
def services(request: pytest.FixtureRequest, fake_kfp: FakeKfp) -> Iterator[Services]:
    """At the plain address, behind an ingress, and behind Kubernetes' service proxy."""
    with kfp_server_api.ApiClient(kfp_server_api.Configuration(host=fake_kfp.url + request.param)) as made:
        yield Services(made)
