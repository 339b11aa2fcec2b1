"""Defects of lists: pages, orders, filters."""

from __future__ import annotations

import operator
from dataclasses import replace
from typing import Any

from fake_kfp.api import filters as filter_texts
from fake_kfp.services.runs.service import Runs
from fake_kfp.store import table
from fake_kfp.store.lists import filters, listing, tokens
from fake_kfp.store.lists.options import ListOptions
from fake_kfp.store.rows import conditions
from fake_kfp.store.table import Page, Table
from tests.power.catalogue import Patches, defect

PAGING = ("pages-*", "walks-*", "total-*")
FILTERING = ("filters-give-*",)


def _page(patches: Patches, change: Any) -> None:
    """Changes the pages that tables give: ``change(page, options)``."""
    patches.wrap(
        Table,
        "page",
        lambda page: lambda self, options, where=None: change(page(self, options, where), options),
    )


@defect(*PAGING)
def a_page_holds_one_more(patches: Patches) -> None:
    """A page holds one record more than was asked for."""
    patches.wrap(listing, "_page_size", lambda size: lambda asked: size(asked) + 1)


@defect("pages-give-*")
def a_page_loses_its_last_record(patches: Patches) -> None:
    """The last record of a page that has a next one is lost."""
    _page(
        patches,
        lambda page, options: replace(page, records=page.records[:-1]) if page.next_page_token else page,
    )


@defect(*PAGING)
def the_next_page_repeats_a_record(patches: Patches) -> None:
    """The next page begins with the last record of this one."""

    def repeat(page: Page[Any], options: ListOptions[Any]) -> Page[Any]:
        if not page.next_page_token or len(page.records) < 2:
            return page
        return replace(page, next_page_token=tokens.encode(options.starting_at(page.records[-1])))

    _page(patches, repeat)


@defect(*PAGING)
def there_is_no_second_page(patches: Patches) -> None:
    """No page has a token for the next."""
    _page(patches, lambda page, options: replace(page, next_page_token=""))


@defect(*PAGING)
def the_last_page_has_a_token(patches: Patches) -> None:
    """The last page has a token, too."""

    def more(page: Page[Any], options: ListOptions[Any]) -> Page[Any]:
        if page.next_page_token or not page.records:
            return page
        return replace(page, next_page_token=tokens.encode(options.starting_at(page.records[-1])))

    _page(patches, more)


@defect("walks-*", "v2/walks-*")
def pages_are_counted_off(patches: Patches) -> None:
    """A page begins after so many records, whatever came or went before it meanwhile."""
    before: dict[tuple[Any, ...], int] = {}

    def place(options: ListOptions[Any]) -> tuple[Any, ...]:
        return options.sort_field, options.descending, options.key_value

    def counting(page: Any) -> Any:
        def counted(self: Any, options: ListOptions[Any], where: Any = None) -> Page[Any]:
            all_ = page(self, replace(options, page_size=10**6, sort_value=None, key_value=None), where)
            begin = before.get(place(options), 0) if options.start else 0
            end = begin + options.page_size
            token = ""
            if end < len(all_.records):
                following = options.starting_at(all_.records[end])
                before[place(following)] = end
                token = tokens.encode(following)
            return Page(all_.records[begin:end], token, all_.total_size)

        return counted

    patches.wrap(Table, "page", counting)


@defect("page-tokens-*")
def a_stale_token_is_accepted(patches: Patches) -> None:
    """A page token is accepted with another order or filter."""
    patches.set(ListOptions, "matches", lambda self, other: True)


@defect("bad-list-*")
def a_broken_token_is_the_first_page(patches: Patches) -> None:
    """A page token that is none is taken for the first page's."""

    def forgiving(decode: Any) -> Any:
        def decoded(text: str, schema: Any, page_size: int) -> ListOptions[Any]:
            try:
                return decode(text, schema, page_size)
            except Exception:
                return ListOptions(schema, page_size, sort_field="UUID")

        return decoded

    patches.wrap(tokens, "decode", forgiving)


@defect("bad-list-*")
def a_broken_token_is_a_crash(patches: Patches) -> None:
    """A page token that is none is an internal error."""

    def crash(text: str, *rest: Any) -> Any:
        raise ZeroDivisionError(text)

    patches.set(tokens, "decode", crash)


@defect("total-*")
def the_total_counts_the_page(patches: Patches) -> None:
    """The total size counts the records of the page only."""
    _page(patches, lambda page, options: replace(page, total_size=len(page.records)))


@defect("total-*")
def the_total_is_one_less(patches: Patches) -> None:
    """The total size is one less where there is more than one page."""
    _page(
        patches, lambda page, options: replace(page, total_size=page.total_size - bool(page.next_page_token))
    )


@defect("pages-have-*")
def pages_hold_ten_by_default(patches: Patches) -> None:
    """Without a page size pages hold 10 records instead of 20."""
    patches.set(listing, "DEFAULT_PAGE_SIZE", 10)


@defect("bad-list-*")
def negative_page_sizes_are_taken(patches: Patches) -> None:
    """A negative page size counts as none."""
    patches.wrap(listing, "_page_size", lambda size: lambda asked: size(max(0, asked)))


@defect("recorded/runs")
def pages_have_no_bound(patches: Patches) -> None:
    """More than 200 records fit on a page."""
    patches.set(listing, "MAX_PAGE_SIZE", 2**31)


@defect(*PAGING)
def descending_is_ignored(patches: Patches) -> None:
    """A list always goes up."""
    patches.wrap(listing, "_order", lambda order: lambda schema, sort_by: (order(schema, sort_by)[0], False))


@defect(*PAGING)
def lists_are_sorted_by_name(patches: Patches) -> None:
    """Without an order lists are sorted by name."""

    def by_name(order: Any) -> Any:
        return lambda schema, sort_by: order(schema, sort_by if sort_by.split() else "name")

    patches.wrap(listing, "_order", by_name)


@defect("bad-list-requests-are-refused")
def unknown_orders_are_ignored(patches: Patches) -> None:
    """A list sorted by something unknown is sorted by creation."""

    def forgiving(order: Any) -> Any:
        def found(schema: Any, sort_by: str) -> Any:
            try:
                return order(schema, sort_by)
            except Exception:
                return order(schema, "")

        return found

    patches.wrap(listing, "_order", forgiving)


@defect(*PAGING)
def orders_are_case_sensitive(patches: Patches) -> None:
    """sort_by knows fields in lower case only."""

    def strict(order: Any) -> Any:
        return lambda schema, sort_by: order(schema, sort_by if sort_by == sort_by.lower() else "created_at")

    patches.wrap(listing, "_order", strict)


@defect("lists-keep-*")
def lists_hold_every_experiment(patches: Patches) -> None:
    """The runs of an experiment are listed with those of all others."""
    patches.wrap(Runs, "_up_to_date_page", lambda page: lambda self, options, where: page(self, options, {}))


@defect(*FILTERING)
def filters_count_letter_case(patches: Patches) -> None:
    """A filter on text counts the letter case."""
    patches.set(conditions, "sort_key", lambda text: text)


@defect(*FILTERING)
def greater_is_greater_or_equal(patches: Patches) -> None:
    """GREATER_THAN admits what is equal."""
    patches.set(conditions, "_COMPARE", {**conditions._COMPARE, "GT": operator.ge})
    patches.set(conditions, "_ranges", lambda field, key: None)


@defect(*FILTERING)
def less_or_equal_is_less(patches: Patches) -> None:
    """LESS_THAN_EQUALS does not admit what is equal."""
    patches.set(conditions, "_COMPARE", {**conditions._COMPARE, "LTE": operator.lt})
    patches.set(conditions, "_ranges", lambda field, key: None)


@defect(*FILTERING)
def not_equals_is_equals(patches: Patches) -> None:
    """NOT_EQUALS gives what is equal."""
    patches.set(filters, "_FIELDS", {**filters._FIELDS, "NOT_EQUALS": "EQ"})


@defect(*FILTERING)
def substrings_have_no_wildcards(patches: Patches) -> None:
    """IS_SUBSTRING takes % and _ as they are."""

    def literal(like: Any) -> Any:
        escaped = str.maketrans({sign: "\\" + sign for sign in "\\%_"})
        return lambda pattern: like(f"%{pattern[1:-1].translate(escaped)}%")

    patches.wrap(conditions, "like", literal)


@defect(*FILTERING)
def substrings_are_prefixes(patches: Patches) -> None:
    """IS_SUBSTRING finds a text at the beginning only."""
    patches.wrap(conditions, "like", lambda like: lambda pattern: like(pattern.removeprefix("%")))


@defect(*FILTERING)
def an_empty_in_list_admits_all(patches: Patches) -> None:
    """IN with an empty list admits everything."""
    everything = {**conditions._COMPARE, "IN": lambda key, keys: not keys or key in keys}
    patches.set(conditions, "_COMPARE", everything)
    patches.set(conditions, "_ranges", lambda field, key: None)


@defect(*FILTERING)
def one_predicate_is_enough(patches: Patches) -> None:
    """Of several predicates only the first counts."""
    patches.wrap(ListOptions, "conditions", lambda found: lambda self: found(self)[:1])


@defect("bad-list-*")
def unknown_keys_are_ignored(patches: Patches) -> None:
    """A predicate on an unknown field is taken for one on the id."""

    def forgiving(name: Any) -> Any:
        return lambda schema, key: name(schema, key if key in schema.fields else "id")

    patches.wrap(filters, "_column_name", forgiving)


@defect(*FILTERING)
def filters_are_decoded_once(patches: Patches) -> None:
    """The text of a filter is not URL-decoded a second time."""
    patches.set(filter_texts, "query_unescape", lambda text: text)


@defect(*FILTERING)
def timestamps_are_rounded_up(patches: Patches) -> None:
    """A comparison with a whole time is off by a second."""

    def later(value: Any) -> Any:
        def shifted(message: Any, field: str | None) -> Any:
            found = value(message, field)
            return found + 1 if field in ("timestamp_value", "long_value") else found

        return shifted

    patches.wrap(filter_texts, "_value", later)


@defect("lists-are-sorted-*", "recorded/lifecycle")
def metric_orders_are_ignored(patches: Patches) -> None:
    """A list sorted by a metric goes by whatever metric there is."""
    patches.wrap(table, "metric", lambda metric: lambda name: metric("other"))
