import pytest

from fake_kfp.deployment import Deployment
from fake_kfp.errors import Code, KfpError
from tests.api.v1beta1.conftest import Call

NAMESPACE = {"key": {"type": "NAMESPACE"}, "relationship": "OWNER"}


def test_a_new_experiment_as_it_is_shown(call: Call) -> None:
    made = call("ExperimentService.CreateExperimentV1", experiment={"name": "e", "description": "d"})
    assert made == {
        "id": made["id"],
        "name": "e",
        "description": "d",
        "created_at": "2024-01-01T00:00:00Z",
        "resource_references": [NAMESPACE],
        "storage_state": "STORAGESTATE_AVAILABLE",
    }
    assert call("ExperimentService.GetExperimentV1", id=made["id"]) == made


def test_a_name_is_needed(call: Call) -> None:
    with pytest.raises(KfpError) as caught:
        call("ExperimentService.CreateExperimentV1")
    assert caught.value.code is Code.INTERNAL
    assert caught.value.message == (
        "[ExperimentServer]: Failed to create a v1beta1 experiment due to conversion error: InternalServerError: Failed to "
        "convert API experiment to model experiment: Invalid input error: Experiment must have a non-empty name"
    )


def test_archiving_shows(call: Call, world: Deployment) -> None:
    id = world.world.default_experiment_id
    assert call("ExperimentService.ArchiveExperimentV1", id=id) == {}
    assert call("ExperimentService.GetExperimentV1", id=id)["storage_state"] == "STORAGESTATE_ARCHIVED"
    assert call("ExperimentService.UnarchiveExperimentV1", id=id) == {}
    assert call("ExperimentService.GetExperimentV1", id=id)["storage_state"] == "STORAGESTATE_AVAILABLE"


def test_a_list_starts_with_the_default(call: Call) -> None:
    call("ExperimentService.CreateExperimentV1", experiment={"name": "A"})
    reply = call("ExperimentService.ListExperimentsV1", sort_by="name desc", page_size=1)
    assert [each["name"] for each in reply["experiments"]] == ["Default"]
    assert reply["total_size"] == 2
    rest = call("ExperimentService.ListExperimentsV1", page_token=reply["next_page_token"])
    assert [each["name"] for each in rest["experiments"]] == ["A"]


def test_only_namespaces_are_keys_of_experiments(call: Call) -> None:
    assert call(
        "ExperimentService.ListExperimentsV1", resource_reference_key={"type": "NAMESPACE", "id": "x"}
    )
    with pytest.raises(KfpError) as caught:
        call("ExperimentService.ListExperimentsV1", resource_reference_key={"type": "JOB", "id": "x"})
    assert caught.value.detail == (
        "Failed to list v1beta1 experiment due to invalid resource reference key. It must be of type 'Namespace' and "
        "contain an existing or empty namespace, but you provided x of type Job"
    )


def test_deleting_an_unknown_experiment_is_not_found(call: Call) -> None:
    with pytest.raises(KfpError) as caught:
        call("ExperimentService.DeleteExperimentV1", id="nope")
    assert caught.value.message == (
        "Failed to delete v1beta1 experiment: Failed to delete experiment nope due to error fetching it: "
        "ResourceNotFoundError: Experiment nope not found"
    )
