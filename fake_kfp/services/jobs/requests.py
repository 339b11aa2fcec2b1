"""What a new recurring run is asked to be, whichever API version asks."""

from __future__ import annotations

from typing import NamedTuple

from fake_kfp.store.records import PipelineSpec, Trigger


class NewJob(NamedTuple):
    """A request for a recurring run: what both API versions let a client say of it (``api_converter.go: toModelJob``).

    What is empty is left to the server. Whoever reads one from a message asks ``creation.check_schedule`` as well.
    """

    name: str
    spec: PipelineSpec
    description: str = ""
    namespace: str = ""
    experiment_id: str = ""
    service_account: str = ""
    enabled: bool = False
    no_catchup: bool = False
    max_concurrency: int = 1
    trigger: Trigger = Trigger()
    plugins_input: str = ""
