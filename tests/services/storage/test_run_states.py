import pytest

from fake_kfp.services.storage.run_states import condition_of, state_of


@pytest.mark.parametrize(
    ("word", "state", "condition"),
    [
        ("Succeeded", "SUCCEEDED", "Succeeded"),
        ("running", "RUNNING", "Running"),
        ("Error", "FAILED", "Failed"),
        ("Terminating", "CANCELING", "Terminating"),
        ("CANCELED", "CANCELED", "Failed"),
        ("PAUSED", "PAUSED", "Pending"),
        ("", "RUNTIME_STATE_UNSPECIFIED", "Unknown"),
        ("no such word", "RUNTIME_STATE_UNSPECIFIED", "Unknown"),
    ],
)
def test_every_word_means_a_state_and_every_state_has_a_condition(
    word: str, state: str, condition: str
) -> None:
    assert state_of(word) == state
    assert condition_of(state) == condition
