"""Tasks that create and delete volume claims: their drivers do it all by themselves (``driver/k8s.go: kubernetesPlatformOps``)."""

from __future__ import annotations

from collections.abc import Callable

from fake_kfp.golang.json_text import Json
from fake_kfp.ir.drivers.errors import DriverError, within
from fake_kfp.ir.drivers.options import Options
from fake_kfp.ir.metadata import Execution

CREATE, DELETE = "argostub/createpvc", "argostub/deletepvc"
VOLUME_IMAGES = {CREATE: "create PVC", DELETE: "delete PVC"}


def change_volume(
    options: Options, execution: Execution, triggered: bool, new_uuid: Callable[[], str]
) -> None:
    """Creates or deletes a claim, as far as the metadata tells of it. Raises DriverError, the execution then having failed."""
    image = options.spec.container.get("image", "")
    execution.state = "FAILED"
    with within(f"failed to {VOLUME_IMAGES[image]} and publish execution {options.spec.title}"):
        if image == CREATE:
            name = _created_claim(execution.inputs, new_uuid)
            execution.outputs = {"name": name if triggered else ""}
        elif "pvc_name" not in execution.inputs:
            raise DriverError("failed to delete pvc: required parameter pvc_name not provided")
    execution.state = "COMPLETE"


def _created_claim(inputs: Json, new_uuid: Callable[[], str]) -> str:
    """The name of the new claim: as asked for, or made up, with or without a suffix that was asked for."""
    if inputs.get("access_modes") is None:
        raise DriverError("failed to create pvc: parameter access_modes not provided")
    name, suffix = inputs.get("pvc_name") or "", inputs.get("pvc_name_suffix") or ""
    if name and suffix:
        raise DriverError(
            "failed to create pvc: at most one of pvc_name and pvc_name_suffix can be non-empty"
        )
    if not inputs.get("size"):
        raise DriverError("failed to create pvc: parameter volumeSize not provided")
    return str(name) or new_uuid() + str(suffix)
