"""The pages of a list, put together, are the list."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from hypothesis import strategies as st

from fake_kfp import strategies
from fake_kfp.conformance.errors import expect, expect_equal
from fake_kfp.conformance.models.lists import Listing, listings
from fake_kfp.conformance.models.predicates import admits, in_order
from fake_kfp.conformance.rules.filtering import Population, populations
from fake_kfp.conformance.rules.rule import rule
from fake_kfp.conformance.server.dialects import JOB
from fake_kfp.conformance.server.subject import Subject, Workspace
from fake_kfp.strategies import PageWalk

Json = dict[str, Any]
_MOST_PAGES = 60


def walks(
    of: tuple[Listing, ...], max_size: int, changing: bool = False
) -> st.SearchStrategy[tuple[Population, PageWalk]]:
    """Some records of one list, and a walk over its pages, meanwhile ``changing`` them or not."""
    return populations(of, max_size).flatmap(
        lambda found: st.tuples(
            st.just(found), strategies.page_walks(found.listing.fields, found.words, changing=changing)
        )
    )


@rule(lambda dialect: walks(listings(dialect), 7))
def pages_give_each_record_once(subject: Subject, example: tuple[Population, PageWalk]) -> None:
    """A walk over the pages of a list, under any order and filter, gives each record once, in order, on full pages."""
    population, walk = example
    with Workspace(subject) as own:
        facts = population.make_and_read(own)
        wanted = in_order([fact for fact in facts if admits(walk.filter, fact)], walk.sort_by)
        pages = _walk(population.listing, own, walk, lambda page: None)
        expect_equal([id for page in pages for id in page], wanted, f"the walk {walk}")
        for number, page in enumerate(pages[:-1]):
            expect_equal(
                len(page), walk.sizes[number % len(walk.sizes)], f"the size of page {number} of {walk}"
            )


@rule(lambda dialect: walks(listings(dialect), 7, changing=True))
def walks_survive_changes(subject: Subject, example: tuple[Population, PageWalk]) -> None:
    """While records come and go, a walk gives each record that lasts exactly once, in order."""
    population, walk = example
    with Workspace(subject) as own:
        ids = population.make(own)
        lasting = set(ids)

        def change(page: int) -> None:
            step = walk.changes[page] if page < len(walk.changes) else ""
            if step == "+":
                population.listing.create(own, f"new {page}", "new")
            elif step == "-" and len(lasting) > 1:
                doomed = sorted(lasting)[page % len(lasting)]
                lasting.discard(doomed)
                subject.do("Delete", population.listing.kind, doomed)

        facts = [fact for fact in population.listing.everything(own) if admits(walk.filter, fact)]
        pages = _walk(population.listing, own, walk, change)
        seen = [id for page in pages for id in page]
        expect_equal(len(seen), len(set(seen)), f"the number of records that {walk} gave, each once")
        stayed = in_order([fact for fact in facts if fact["id"] in lasting], walk.sort_by)
        expect_equal([id for id in seen if id in set(stayed)], stayed, f"what lasted of {walk}")


def _walk(
    listing: Listing, own: Workspace, walk: PageWalk, after_page: Callable[[int], None]
) -> list[list[str]]:
    """The ids on each page; ``after_page`` is called between the pages."""
    pages: list[list[str]] = []
    asked = {"sort_by": walk.sort_by, "filter": walk.filter}
    token = ""
    while True:
        request: Json = {"page_size": walk.sizes[len(pages) % len(walk.sizes)]}
        if not token:
            request |= asked
        elif walk.repeats and not _has_numbers(walk.filter):
            request |= asked | {"page_token": token}
        else:
            request |= {"page_token": token}
        reply = _page(listing, own, request)
        pages.append(listing.ids(reply))
        token = reply.next_page_token
        if not token:
            return pages
        expect(len(pages) < _MOST_PAGES, f"the walk {walk} does not end")
        after_page(len(pages) - 1)


def _page(listing: Listing, own: Workspace, request: Json) -> Any:
    if request.get("page_token") and "filter" not in request:
        return listing.next_page(own, request)
    return listing.page(own, request)


def _has_numbers(found: Json) -> bool:
    """Such a filter is never equal to the one in a page token, as numbers lose their type in there; nor is one with a list."""
    return any(not {"string_value"} & set(each) for each in found.get("predicates", ()))


@rule(lambda dialect: st.tuples(populations(listings(dialect), max_size=6), st.integers(1, 3)))
def total_size_counts_all(subject: Subject, example: tuple[Population, int]) -> None:
    """The total size counts all records that match, on every page."""
    population, size = example
    with Workspace(subject) as own:
        count = len(population.make(own))
        reply = population.listing.page(own, {"page_size": size})
        while True:
            expect_equal(reply.total_size, count, "the total size")
            if not reply.next_page_token:
                return
            reply = _page(population.listing, own, {"page_size": size, "page_token": reply.next_page_token})


_NAME_IS_X: Json = {"predicates": [{"op": "EQUALS", "key": "name", "string_value": "x"}]}
_OTHER_QUESTIONS: list[Json] = [{"sort_by": "name"}, {"sort_by": "created_at desc"}, {"filter": _NAME_IS_X}]


@rule(lambda dialect: st.tuples(st.sampled_from(listings(dialect)), st.sampled_from(_OTHER_QUESTIONS)))
def page_tokens_fit_one_question(subject: Subject, example: tuple[Listing, Json]) -> None:
    """A page token sent with another order or filter than it was given for is answered INVALID_ARGUMENT."""
    listing, other = example
    with Workspace(subject) as own:
        for number in range(2):
            listing.create(own, f"n{number}", "")
        token = listing.page(own, {"page_size": 1}).next_page_token
        expect(bool(token), "the first of two pages has no token")
        request = {"page_size": 1, "page_token": token}
        subject.refused(listing.rpc, listing.request(own, request | other), "INVALID_ARGUMENT")
        second = listing.next_page(own, request)
        expect_equal(len(listing.ids(second)), 1, "the number of records on the second page")


@rule(st.sampled_from([(0, 20), (19, 19), (20, 20), (21, 21)]))
def pages_have_the_size_asked_for(subject: Subject, example: tuple[int, int]) -> None:
    """A page holds as many records as were asked for, 20 if nothing was said."""
    asked, wanted = example
    with Workspace(subject) as own:
        for _ in range(22):
            own.new(JOB)
        expect_equal(
            len(own.listed(JOB, page_size=asked)),
            wanted,
            f"the number of recurring runs on a page of {asked}",
        )


RULES = (
    pages_give_each_record_once,
    walks_survive_changes,
    total_size_counts_all,
    page_tokens_fit_one_question,
    pages_have_the_size_asked_for,
)
