"""The adapters of the v2beta1 API, one module a proto service: messages to records and back.

Auth, Visualization and Healthz are in the interface, but the real server does not register them (``main.go: startRpcServer``).
"""

from __future__ import annotations

from fake_kfp.api.adapters import Adapter, handlers_of
from fake_kfp.api.dispatch import Handler
from fake_kfp.api.v2beta1.experiment import ExperimentService
from fake_kfp.api.v2beta1.pipeline import PipelineService
from fake_kfp.api.v2beta1.recurring_run import RecurringRunService
from fake_kfp.api.v2beta1.report import ReportService
from fake_kfp.api.v2beta1.run import RunService
from fake_kfp.services.registry import Services
from fake_kfp.versions import V2BETA1


def handlers(services: Services) -> dict[str, Handler]:
    """The handlers of all v2beta1 RPCs by gRPC path."""
    return handlers_of(V2BETA1, _adapters(services))


def _adapters(services: Services) -> list[Adapter]:
    return [
        ExperimentService(services),
        PipelineService(services),
        RecurringRunService(services),
        ReportService(services),
        RunService(services),
    ]
