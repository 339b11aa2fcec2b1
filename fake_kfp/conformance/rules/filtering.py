"""A filter gives what its predicates say."""

from __future__ import annotations

import json
import operator
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from hypothesis import strategies as st

from fake_kfp import strategies
from fake_kfp.conformance.errors import expect_equal
from fake_kfp.conformance.models.lists import Listing, listings
from fake_kfp.conformance.models.predicates import admits
from fake_kfp.conformance.rules.rule import rule
from fake_kfp.conformance.server.dialects import RUN, Dialect, Facts
from fake_kfp.conformance.server.subject import Subject, Workspace
from fake_kfp.strategies.texts import LETTERS

Json = dict[str, Any]


@dataclass(frozen=True)
class Population:
    """Records to be made: their names and descriptions, which of them are archived, and whether a second passes between them."""

    listing: Listing
    texts: list[tuple[str, str]]
    archived: set[int]
    apart: bool

    def make(self, own: Workspace) -> list[str]:
        """Makes the records; gives their ids."""
        ids = []
        for number, (name, text) in enumerate(self.texts):
            ids.append(self.listing.create(own, name, text))
            if self.listing.can_archive and number in self.archived:
                own.subject.do("Archive", self.listing.kind, ids[-1])
            if self.apart:
                own.subject.second()
        return ids

    def make_and_read(self, own: Workspace) -> list[Facts]:
        """Makes the records; gives what a list says of them, which must be all of them."""
        ids = self.make(own)
        facts = self.listing.everything(own)
        expect_equal(
            sorted(fact["id"] for fact in facts), sorted(ids), f"the records that {self.listing.rpc} gives"
        )
        return facts

    @property
    def words(self) -> list[str]:
        """The texts that the records have."""
        return [text for pair in self.texts for text in pair if text]


def populations(of: tuple[Listing, ...], max_size: int = 6) -> st.SearchStrategy[Population]:
    """Some records of one list, whose texts are often alike."""
    text = st.text(LETTERS, max_size=4)
    return st.builds(
        Population,
        st.sampled_from(of),
        st.lists(st.tuples(text.filter(bool), text), max_size=max_size),
        st.sets(st.integers(0, max_size)),
        st.booleans(),
    )


_COMPARISONS = (
    "EQUALS",
    "NOT_EQUALS",
    "GREATER_THAN",
    "GREATER_THAN_EQUALS",
    "LESS_THAN",
    "LESS_THAN_EQUALS",
)


@dataclass(frozen=True)
class Comparison:
    """A predicate about the id or a time that the n-th record got from the server; ``off`` are seconds beside that time."""

    operation: str
    key: str
    number: int
    off: int

    def predicate(self, facts: list[Facts]) -> Json:
        """The predicate, now that the records are there."""
        value = facts[self.number % len(facts)][self.key]
        if isinstance(value, str):
            return {
                "op": self.operation,
                "key": self.key,
                "string_value": value.upper() if self.off else value,
            }
        return {"op": self.operation, "key": self.key, "long_value": str(max(0, value + self.off))}


_GIVEN = frozenset({"id", "run_id", "created_at", "scheduled_at"})
"""The fields that the server fills in."""


def filters_on(fields: Mapping[str, str], words: Sequence[str]) -> st.SearchStrategy[list[Json]]:
    """Filters on these fields, some of one predicate: of several one may hide what another does."""
    alone = strategies.predicates(fields, words).map(lambda each: {"predicates": [each]})
    return st.builds(
        operator.add,
        st.lists(strategies.filters(fields, words), min_size=1, max_size=3),
        st.lists(alone, min_size=1, max_size=5),
    )


def _filtered(dialect: Dialect) -> st.SearchStrategy[tuple[Population, list[Json], list[Comparison]]]:
    return populations(listings(dialect)).flatmap(
        lambda found: st.tuples(
            st.just(found),
            filters_on(found.listing.fields, found.words),
            st.lists(
                st.builds(
                    Comparison,
                    st.sampled_from(_COMPARISONS),
                    st.sampled_from(sorted(_GIVEN & set(found.listing.fields))),
                    st.integers(0, 5),
                    st.integers(-1, 1),
                ),
                max_size=3,
            ),
        )
    )


@rule(_filtered)
def filters_give_what_they_say(
    subject: Subject, example: tuple[Population, list[Json], list[Comparison]]
) -> None:
    """A list under a filter holds exactly the records for which all its predicates hold, and counts them."""
    population, filters, comparisons = example
    with Workspace(subject) as own:
        facts = population.make_and_read(own)
        more = [{"predicates": [each.predicate(facts)]} for each in comparisons if facts]
        for found in [*filters, *more]:
            reply = population.listing.page(own, {"page_size": 200, "filter": found})
            wanted = {fact["id"] for fact in facts if admits(found, fact)}
            expect_equal(
                sorted(population.listing.ids(reply)),
                sorted(wanted),
                f"{population.listing.rpc} under {json.dumps(found)}",
            )
            expect_equal(reply.total_size, len(wanted), f"the total size under {json.dumps(found)}")


def _two_of_runs(dialect: Dialect) -> st.SearchStrategy[tuple[Population, Population]]:
    runs = populations((Listing(dialect, RUN),), 3)
    return st.tuples(runs, runs)


@rule(_two_of_runs)
def lists_keep_to_their_experiment(subject: Subject, example: tuple[Population, Population]) -> None:
    """The runs of an experiment are listed under it, and no others."""
    with Workspace(subject) as one, Workspace(subject) as other:
        for own, population in zip((one, other), example, strict=True):
            ids = population.make(own)
            expect_equal(sorted(own.listed_ids()), sorted(ids), "the runs of an experiment")


RULES = (filters_give_what_they_say, lists_keep_to_their_experiment)
