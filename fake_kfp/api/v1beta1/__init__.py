"""The adapters of the v1beta1 API, one module a proto service: messages to records and back."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Protocol

from fake_kfp.api.dispatch import Handler
from fake_kfp.services.registry import Services


class Adapter(Protocol):
    """One proto service: a method for each of its RPCs, under the RPC's own name."""

    service: str


def handlers(services: Services) -> dict[str, Handler]:
    """The handlers of all v1beta1 RPCs by gRPC path: an adapter's public methods are named as its service's RPCs."""
    return {
        f"/api.{adapter.service}/{name}": handler
        for adapter in _adapters(services)
        for name, handler in _rpcs(adapter)
    }


def _adapters(services: Services) -> list[Adapter]:
    from fake_kfp.api.v1beta1.auth import AuthService
    from fake_kfp.api.v1beta1.experiment import ExperimentService
    from fake_kfp.api.v1beta1.healthz import HealthzService
    from fake_kfp.api.v1beta1.job import JobService
    from fake_kfp.api.v1beta1.pipeline import PipelineService
    from fake_kfp.api.v1beta1.report import ReportService
    from fake_kfp.api.v1beta1.run import RunService
    from fake_kfp.api.v1beta1.task import TaskService
    from fake_kfp.api.v1beta1.visualization import VisualizationService

    return [
        AuthService(services),
        ExperimentService(services),
        HealthzService(services),
        JobService(services),
        PipelineService(services),
        ReportService(services),
        RunService(services),
        TaskService(services),
        VisualizationService(services),
    ]


def _rpcs(adapter: Adapter) -> Iterator[tuple[str, Handler]]:
    for name in vars(type(adapter)):
        if name[0].isupper():
            yield name, getattr(adapter, name)
