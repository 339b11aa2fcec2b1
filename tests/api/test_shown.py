"""Records that are shown as they were before: never out of date, and never too many."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from fake_kfp.api import shown
from fake_kfp.api.descriptors import message_class
from fake_kfp.api.protojson import encode
from fake_kfp.api.replies import json_of
from fake_kfp.api.shown import Shown
from fake_kfp.store.records import Experiment
from fake_kfp.versions import V2BETA1

MESSAGE = f"{V2BETA1}.Experiment"
LIST = f"{V2BETA1}.ListExperimentsResponse"


class Filling:
    """Writes experiments into messages, and knows how often."""

    def __init__(self) -> None:
        self.times = 0

    def __call__(self, message: Any, experiment: Experiment) -> None:
        self.times += 1
        message.experiment_id = experiment.id
        message.description = experiment.description


def experiments(filling: Filling, **more: Any) -> Shown[Experiment]:
    return Shown(Experiment, MESSAGE, filling, (LIST, "experiments"), **more)


def test_a_record_is_shown_anew_when_any_attribute_is_another() -> None:
    filling = Filling()
    look = experiments(filling)
    record = Experiment("1", "x", "before")
    assert look.reply(record).message() == look.reply(record).message()
    assert filling.times == 1
    record.description = "after"
    found: Any = look.reply(record).message()
    assert (found.description, filling.times) == ("after", 2)
    record.created_at = 7
    look.reply(record)
    assert filling.times == 3


def test_another_record_of_the_same_id_is_shown_as_it_is() -> None:
    look = experiments(Filling())
    record = Experiment("1", "x", "before")
    look.reply(record)
    found: Any = look.reply(replace(record, description="after")).message()
    assert found.description == "after"


def test_what_is_shown_beside_counts_by_what_it_is_not_by_what_it_holds() -> None:
    filling = Filling()
    beside: list[list[int]] = [[]]
    look = experiments(filling, beside=lambda record: beside[0])
    record = Experiment("1", "x")
    for _ in range(2):
        look.reply(record)
    assert filling.times == 1
    beside[0] = []
    look.reply(record)
    assert filling.times == 2


@pytest.mark.parametrize("length", [0, 1, 100, 127, 128, 20_000, 3_000_000])
def test_a_list_is_what_its_message_would_be(length: int) -> None:
    filling = Filling()
    records = [Experiment(str(number), "x", "d" * length) for number in range(3)]
    reply = message_class(LIST)(total_size=3, next_page_token="t")
    whole = message_class(LIST)(total_size=3, next_page_token="t")
    for record in records:
        filling(whole.experiments.add(), record)
    look = experiments(filling)
    assert look.page(reply, records).SerializeToString() == whole.SerializeToString()
    assert look.page(reply, records).message() == whole
    for _ in range(2):
        assert json_of(look.page(reply, records)) == encode(whole)
        assert json_of(look.reply(records[0])) == encode(whole.experiments[0])


def test_a_list_of_nothing_is_nothing_in_json() -> None:
    look = experiments(Filling())
    assert json_of(look.page(message_class(LIST)(), [])) == b"{}"
    one = json_of(look.page(message_class(LIST)(), [Experiment("1", "x")]))
    assert one == b'{"experiments":[{"experiment_id":"1"}]}'


def test_little_is_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    filling = Filling()
    look = experiments(filling)
    first, second = Experiment("1", "x"), Experiment("2", "y", "z" * 5000)
    monkeypatch.setattr(shown, "MAX_BYTES", 8_000)
    look.reply(first)
    look.reply(second)
    assert filling.times == 2
    look.reply(first)
    assert filling.times == 3
    look.reply(first)
    assert filling.times == 3
