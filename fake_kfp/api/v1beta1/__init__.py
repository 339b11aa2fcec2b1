"""The adapters of the v1beta1 API, one module a proto service: messages to records and back."""

from __future__ import annotations

from fake_kfp.api.adapters import Adapter, handlers_of
from fake_kfp.api.dispatch import Handler
from fake_kfp.api.v1beta1.auth import AuthService
from fake_kfp.api.v1beta1.experiment import ExperimentService
from fake_kfp.api.v1beta1.healthz import HealthzService
from fake_kfp.api.v1beta1.job import JobService
from fake_kfp.api.v1beta1.pipeline import PipelineService
from fake_kfp.api.v1beta1.report import ReportService
from fake_kfp.api.v1beta1.run import RunService
from fake_kfp.api.v1beta1.task import TaskService
from fake_kfp.api.v1beta1.visualization import VisualizationService
from fake_kfp.services.registry import Services


def handlers(services: Services) -> dict[str, Handler]:
    """The handlers of all v1beta1 RPCs by gRPC path."""
    return handlers_of("api", _adapters(services))


def _adapters(services: Services) -> list[Adapter]:
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
