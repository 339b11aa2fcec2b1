"""Both versions of the API show one world: what one of them makes the other one reads, changes, lists and pages through."""

from __future__ import annotations

import json
from itertools import product
from typing import Any

from hypothesis import strategies as st

from fake_kfp.conformance.errors import expect, expect_equal
from fake_kfp.conformance.models.lists import Listing, listings
from fake_kfp.conformance.models.predicates import admits, in_order
from fake_kfp.conformance.rules.filtering import Population, filters_on, populations
from fake_kfp.conformance.rules.paging import walks
from fake_kfp.conformance.rules.rule import rule
from fake_kfp.conformance.server.dialects import (
    DIALECTS,
    EXPERIMENT,
    JOB,
    RUN,
    V1BETA1,
    V2BETA1,
    Dialect,
    Facts,
)
from fake_kfp.conformance.server.subject import Subject, Workspace
from fake_kfp.strategies import PageWalk

Json = dict[str, Any]
_CHANGES = {
    RUN: ("Archive", "Unarchive", "Terminate"),
    EXPERIMENT: ("Archive", "Unarchive"),
    JOB: ("Enable", "Disable"),
}
Script = tuple[str, list[str]]


def _scripts(dialect: Dialect) -> st.SearchStrategy[Script]:
    return st.sampled_from(sorted(_CHANGES)).flatmap(
        lambda kind: st.tuples(
            st.just(kind), st.lists(st.sampled_from(_CHANGES[kind]), max_size=3, unique=True)
        )
    )


def _other(dialect: Dialect) -> Dialect:
    return V1BETA1 if dialect is V2BETA1 else V2BETA1


@rule(_scripts)
def versions_show_one_world(subject: Subject, example: Script) -> None:
    """What one version of the API makes, the other one shows, changes and deletes, and both see what became of it."""
    kind, verbs = example
    other = subject.speaking(_other(subject.dialect))
    with Workspace(subject) as own:
        id = own.new(kind, name=f"{own.tag} a", description="b")
        _check_alike(subject, other, kind, id)
        for number, verb in enumerate(verbs):
            if verb == "Terminate" and not subject.control:
                continue  # a run that moves on by itself may be over by now
            (other if number % 2 == 0 else subject).do(verb, kind, id)
            _check_alike(subject, other, kind, id)
        other.do("Delete", kind, id)
        for each in (subject, other):
            each.refuses("Get", kind, id, "NOT_FOUND")


def _check_alike(one: Subject, other: Subject, kind: str, id: str) -> None:
    # runs that move on by themselves are in another state when they are looked at again
    shown = [_lasting(each, kind, id) for each in (one, other)]
    expect_equal(shown[1], shown[0], f"what {other.dialect} shows of a record, compared with {one.dialect}")


def _lasting(subject: Subject, kind: str, id: str) -> Json:
    record = subject.get(kind, id)
    facts = dict(subject.dialect.facts(kind, record))
    if kind == JOB:
        facts["enabled"] = subject.dialect.is_enabled(record)
    moving = () if subject.control else ("state", "finished_at")
    return {name: value for name, value in facts.items() if name not in (*moving, "updated_at")}


def _shared(dialect: Dialect) -> tuple[Listing, ...]:
    """The lists that either version has."""
    return tuple(listing for listing in listings(dialect) if listing.kind in (RUN, EXPERIMENT, JOB))


def _both(dialect: Dialect) -> st.SearchStrategy[tuple[Population, list[Json]]]:
    """Records that one version makes, and filters on fields that either has a name for."""
    return populations(_shared(dialect)).flatmap(
        lambda found: st.tuples(
            st.just(found), filters_on(Listing(V2BETA1, found.listing.kind).fields, found.words)
        )
    )


@rule(_both)
def filters_mean_the_same_in_both_versions(subject: Subject, example: tuple[Population, list[Json]]) -> None:
    """A filter, by the names of either version, admits the same records through both."""
    population, filters = example
    with Workspace(subject) as own:
        facts = population.make_and_read(own)
        for found, dialect in product(filters, DIALECTS):
            wanted = sorted(fact["id"] for fact in facts if admits(found, fact))
            listing = Listing(dialect, population.listing.kind)
            reply = listing.page(own, {"page_size": 200, "filter": found})
            expect_equal(sorted(listing.ids(reply)), wanted, f"{listing.rpc} under {json.dumps(found)}")
            expect_equal(
                reply.total_size, len(wanted), f"the total size of {listing.rpc} under {json.dumps(found)}"
            )


@rule(lambda dialect: walks(_shared(dialect), 6))
def tokens_cross_over(subject: Subject, example: tuple[Population, PageWalk]) -> None:
    """A walk whose pages are asked for through one version and the other in turn gives each record once, in order."""
    population, walk = example
    with Workspace(subject) as own:
        facts: list[Facts] = [fact for fact in population.make_and_read(own) if admits(walk.filter, fact)]
        dialects = (subject.dialect, _other(subject.dialect))
        seen: list[str] = []
        request: Json = {"sort_by": walk.sort_by, "filter": walk.filter}
        for page in range(len(facts) + 1):
            listing = Listing(dialects[page % 2], population.listing.kind)
            size = {"page_size": walk.sizes[page % len(walk.sizes)]}
            reply = listing.next_page(own, request | size) if page else listing.page(own, request | size)
            seen += listing.ids(reply)
            request = {"page_token": reply.next_page_token}
            if not reply.next_page_token:
                break
        expect(not request["page_token"], f"the walk {walk} does not end")
        expect_equal(seen, in_order(facts, walk.sort_by), f"the walk {walk} through both versions")


RULES = (versions_show_one_world, filters_mean_the_same_in_both_versions, tokens_cross_over)
