import pytest

from fake_kfp.errors import Code, KfpError
from tests.api.v2beta1.conftest import Call


def test_a_new_experiment_as_it_is_shown(call: Call) -> None:
    made = call("ExperimentService.CreateExperiment", experiment={"display_name": "e", "description": "d"})
    assert made == {
        "experiment_id": made["experiment_id"],
        "display_name": "e",
        "description": "d",
        "created_at": "2024-01-01T00:00:00Z",
        "last_run_created_at": "1970-01-01T00:00:00Z",
        "storage_state": "AVAILABLE",
    }
    assert call("ExperimentService.GetExperiment", experiment_id=made["experiment_id"]) == made


def test_a_name_is_needed(call: Call) -> None:
    with pytest.raises(KfpError, match=r"^\[ExperimentServer\]: Failed to create a experiment") as caught:
        call("ExperimentService.CreateExperiment", experiment={"description": "d"})
    assert caught.value.code is Code.INTERNAL


def test_both_versions_see_an_archived_one(call: Call, call_v1: Call) -> None:
    made = call_v1("ExperimentService.CreateExperimentV1", experiment={"name": "e"})
    call("ExperimentService.ArchiveExperiment", experiment_id=made["id"])
    shown = call_v1("ExperimentService.GetExperimentV1", id=made["id"])
    assert shown["storage_state"] == "STORAGESTATE_ARCHIVED"
    (archived,) = call("ExperimentService.ListExperiments", filter=_filter("storage_state", "ARCHIVED"))[
        "experiments"
    ]
    assert (archived["experiment_id"], archived["storage_state"]) == (made["id"], "ARCHIVED")
    call("ExperimentService.UnarchiveExperiment", experiment_id=made["id"])
    assert "experiments" not in call(
        "ExperimentService.ListExperiments", filter=_filter("storage_state", "ARCHIVED")
    )


def test_a_deleted_one_is_gone(call: Call) -> None:
    made = call("ExperimentService.CreateExperiment", experiment={"display_name": "e"})
    call("ExperimentService.DeleteExperiment", experiment_id=made["experiment_id"])
    with pytest.raises(KfpError, match=r"^Failed to fetch experiment: .* not found") as caught:
        call("ExperimentService.GetExperiment", experiment_id=made["experiment_id"])
    assert caught.value.code is Code.NOT_FOUND


def test_page_tokens_go_from_one_version_to_the_other(call: Call, call_v1: Call) -> None:
    for name in "abc":
        call("ExperimentService.CreateExperiment", experiment={"display_name": name})
    first = call("ExperimentService.ListExperiments", page_size=2, sort_by="display_name")
    rest = call_v1("ExperimentService.ListExperimentsV1", page_token=first["next_page_token"], page_size=9)
    names = [each["display_name"] for each in first["experiments"]] + [
        each["name"] for each in rest["experiments"]
    ]
    assert names == ["a", "b", "c", "Default"]


def _filter(key: str, value: str) -> str:
    return f'{{"predicates": [{{"operation": "EQUALS", "key": "{key}", "string_value": "{value}"}}]}}'
