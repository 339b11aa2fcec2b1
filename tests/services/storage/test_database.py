import pytest

from fake_kfp.services.storage.database import DatabaseError, check_row, check_text
from fake_kfp.store.lists.schemas import PIPELINE_VERSIONS, RUNS
from fake_kfp.store.records import PipelineSpec, PipelineVersion, Run


def test_a_column_holds_255_characters_however_many_bytes() -> None:
    check_row(RUNS, Run(id="1", name="ä" * 255))
    with pytest.raises(
        DatabaseError, match=r"Error 1406 \(22001\): Data too long for column 'DisplayName' at row 1"
    ):
        check_row(RUNS, Run(id="1", name="a" * 256))


def test_long_columns_hold_more() -> None:
    manifest = "a" * 1000
    check_row(RUNS, Run(id="1", name="r", spec=PipelineSpec(workflow_manifest=manifest, parameters=manifest)))
    check_row(PIPELINE_VERSIONS, PipelineVersion("1", "p", "v", description=manifest, manifest=manifest))
    check_text("runs", "Manifest", manifest, long=True)
    with pytest.raises(DatabaseError, match="'PipelineName'"):
        check_row(RUNS, Run(id="1", name="r", spec=PipelineSpec(pipeline_name=manifest)))


def test_characters_beyond_the_basic_plane_are_refused_with_up_to_six_of_their_bytes() -> None:
    with pytest.raises(DatabaseError) as short:
        check_text("runs", "Name", "hi 👍")
    with pytest.raises(DatabaseError) as long:
        check_row(RUNS, Run(id="1", name="r", spec=PipelineSpec(workflow_manifest="👍 and more")))
    assert r"value: '\xF0\x9F\x91\x8D' for column `mlpipeline`.`runs`.`Name`" in str(short.value)
    assert (
        r"value: '\xF0\x9F\x91\x8D a...' for column `mlpipeline`.`run_details`.`WorkflowSpecManifest`"
        in str(long.value)
    )


def test_the_first_column_by_name_is_named() -> None:
    with pytest.raises(DatabaseError, match="'Description'"):
        check_row(RUNS, Run(id="1", name="x" * 300, description="x" * 300, workflow_name="x" * 300))
