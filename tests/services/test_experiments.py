import pytest

from fake_kfp.deployment import Deployment
from fake_kfp.errors import Code, KfpError
from fake_kfp.services.auth.caller import Caller
from fake_kfp.services.experiments import Experiments
from fake_kfp.store.lists.listing import list_options
from fake_kfp.store.lists.schemas import EXPERIMENTS
from fake_kfp.store.records import Experiment, Job, Run, StorageState
from tests.services.conftest import MakeWorld

ALICE = Caller({"kubeflow-userid": ("alice",)})
NOBODY = Caller()


@pytest.fixture
def experiments(world: Deployment) -> Experiments:
    return world.services.experiments


def create(experiments: Experiments, name: str, namespace: str = "") -> Experiment:
    return experiments.create(name, "", namespace, ALICE)


def refusal(error: pytest.ExceptionInfo[KfpError]) -> tuple[Code, str]:
    return error.value.code, error.value.message


def test_a_world_begins_with_the_default_experiment(world: Deployment) -> None:
    (default,) = world.world.experiments.find()
    assert (default.name, default.id) == ("Default", world.world.default_experiment_id)


def test_an_experiment_is_available_and_has_the_servers_time(
    experiments: Experiments, world: Deployment
) -> None:
    made = create(experiments, "e")
    assert made.storage_state is StorageState.AVAILABLE
    assert made.created_at == world.clock.seconds()
    assert experiments.get(made.id, ALICE) is made


def test_names_are_unique_as_the_database_compares(experiments: Experiments) -> None:
    create(experiments, "Alpha")
    with pytest.raises(KfpError) as error:
        create(experiments, "älpha ")
    assert error.value.code is Code.ALREADY_EXISTS
    assert error.value.detail == (
        "Failed to create a new experiment. The name älpha  already exists. Please specify a new name"
    )


def test_a_name_that_the_database_cannot_hold_is_the_servers_fault(experiments: Experiments) -> None:
    with pytest.raises(KfpError) as error:
        create(experiments, "x" * 256)
    assert refusal(error)[0] is Code.INTERNAL
    assert "Failed to add experiment to experiment table: Error 1406" in error.value.message


def test_single_user_mode_knows_no_namespaces(experiments: Experiments) -> None:
    assert create(experiments, "e", "ns").namespace == ""


def test_an_unknown_experiment_is_not_found(experiments: Experiments) -> None:
    with pytest.raises(KfpError) as error:
        experiments.get("nope", ALICE)
    assert refusal(error) == (Code.NOT_FOUND, "ResourceNotFoundError: Experiment nope not found")


def test_the_default_experiment_cannot_be_deleted(experiments: Experiments, world: Deployment) -> None:
    with pytest.raises(KfpError) as error:
        experiments.delete(world.world.default_experiment_id, ALICE)
    assert error.value.code is Code.ABORTED


def test_deleting_an_experiment_leaves_its_runs(experiments: Experiments, world: Deployment) -> None:
    made = create(experiments, "e")
    world.world.runs.insert(Run("r", "r", experiment_id=made.id))
    experiments.delete(made.id, ALICE)
    assert world.world.experiments.get(made.id) is None
    assert world.world.runs.get("r") is not None


def test_archiving_takes_runs_along_and_disables_jobs(experiments: Experiments, world: Deployment) -> None:
    made = create(experiments, "e")
    run, job = Run("r", "r", experiment_id=made.id), Job("j", "j", experiment_id=made.id, enabled=True)
    other = Run("o", "o", experiment_id="other")
    world.world.runs.insert(run)
    world.world.runs.insert(other)
    world.world.jobs.insert(job)
    experiments.archive(made.id, ALICE)
    assert made.storage_state is run.storage_state is StorageState.ARCHIVED
    assert (job.enabled, other.storage_state) == (False, StorageState.AVAILABLE)


def test_a_job_without_its_scheduled_workflow_keeps_its_experiment_from_being_archived(
    experiments: Experiments, world: Deployment
) -> None:
    made = create(experiments, "e")
    for name in "b", "a":
        world.world.jobs.insert(
            Job(f"id-{name}", name, workflow_name="reported", schedule_name="made", experiment_id=made.id)
        )
    with pytest.raises(KfpError) as caught:
        experiments.archive(made.id, ALICE)
    assert caught.value.code is Code.INTERNAL
    assert caught.value.message == (
        f"InternalServerError: Failed to disable job id-a while archiving experiment {made.id}:"
        ' scheduledworkflows.kubeflow.org "reported" not found'
    )
    assert made.storage_state is StorageState.AVAILABLE


def test_unarchiving_brings_back_the_experiment_alone(experiments: Experiments, world: Deployment) -> None:
    made = create(experiments, "e")
    run = Run("r", "r", experiment_id=made.id)
    world.world.runs.insert(run)
    experiments.archive(made.id, ALICE)
    experiments.unarchive(made.id, ALICE)
    assert (made.storage_state, run.storage_state) == (StorageState.AVAILABLE, StorageState.ARCHIVED)


def test_archiving_what_is_not_there_is_no_error(experiments: Experiments) -> None:
    experiments.archive("nope", ALICE)
    experiments.unarchive("", ALICE)


class TestMultiUser:
    """Namespaces count, and rights are asked for."""

    @pytest.fixture
    def world(self, make_world: MakeWorld) -> Deployment:
        rule = {"user": "alice", "namespace": "alice-ns", "verbs": ["*"], "resources": ["experiments"]}
        return make_world(multi_user=True, allow=[rule])

    def test_there_is_no_default_experiment(self, world: Deployment) -> None:
        assert len(world.world.experiments) == 0

    def test_names_are_unique_within_a_namespace_only(
        self, experiments: Experiments, world: Deployment
    ) -> None:
        world.world.experiments.insert(Experiment("x", "e", namespace="bob-ns"))
        assert create(experiments, "e", "alice-ns").namespace == "alice-ns"

    @pytest.mark.parametrize("namespace", ["", "-"])
    def test_a_namespace_is_needed_before_anybody_is_asked_who_he_is(
        self, experiments: Experiments, namespace: str
    ) -> None:
        with pytest.raises(KfpError) as error:
            experiments.create("e", "", namespace, NOBODY)
        assert error.value.detail == "An experiment cannot have an empty namespace in multi-user mode"

    def test_an_unknown_id_is_told_to_anybody(self, experiments: Experiments) -> None:
        with pytest.raises(KfpError) as error:
            experiments.get("nope", NOBODY)
        assert refusal(error) == (
            Code.NOT_FOUND,
            "Failed to authorize the request: Failed to authorize with the experiment ID: "
            "ResourceNotFoundError: Experiment nope not found",
        )

    def test_a_known_id_is_for_those_with_rights(self, experiments: Experiments) -> None:
        made = create(experiments, "e", "alice-ns")
        with pytest.raises(KfpError) as nobody:
            experiments.get(made.id, NOBODY)
        with pytest.raises(KfpError) as bob:
            experiments.get(made.id, Caller({"kubeflow-userid": ("bob",)}))
        assert (nobody.value.code, bob.value.code) == (Code.UNAUTHENTICATED, Code.PERMISSION_DENIED)

    def test_a_list_shows_one_namespace(self, experiments: Experiments, world: Deployment) -> None:
        world.world.experiments.insert(Experiment("x", "theirs", namespace="bob-ns"))
        mine = create(experiments, "mine", "alice-ns")
        assert experiments.list(list_options(EXPERIMENTS), "alice-ns", ALICE).records == [mine]
